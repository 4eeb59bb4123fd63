"""The value of one area in words: what it is made of, its rank, and what stands in for none."""

from __future__ import annotations

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.reading import Reading, chosen_indicator
from dashboard.components.tables import area_url
from dashboard.flags import MARKS, flag_why, flags_of
from dashboard.pages import View
from dashboard.worth import (
    cluster_sentence,
    inequality_sentence,
    interval_sentence,
    smoothed_sentence,
    standing_sentence,
)
from geodata.methods.ranking import ranks


def value_lines(view: View, here: Reading, period: str) -> list[Component]:
    """The value with its unit and status, or why there is none; ``period`` in words."""
    words, indicator = view.words, chosen_indicator(view)
    if pd.isna(here.value):
        why = words(f"why.{here.status}") if here.known else words("panel.no_value_at_level")
        mark = words.value(here.value, here.status, indicator.decimals)
        return [
            html.P(mark, className="silent-value"),
            html.P([why, " ", html.Span(f"({period})", className="quiet")]),
        ]
    lines: list[Component] = [
        html.P(
            [
                html.Strong(words.number(here.value, indicator.decimals), className="big-value"),
                html.Span(words.of(indicator.unit), className="big-unit"),
            ],
            className="value-line",
        ),
        html.P(f"{period} · {words.status(here.status)}", className="quiet"),
    ]
    made_of, interval = _made_of(view, here), interval_sentence(words, here, indicator)
    lines += [html.P(made_of)] if made_of else []
    lines += [html.P(interval, className="interval")] if interval else []
    return [*lines, *_flag_lines(view, here)]


def _flag_lines(view: View, here: Reading) -> list[Component]:
    """What weakens the value: the mark of each flag, as on the map, and a sentence."""
    rows = [
        html.Li(
            [
                html.Span(className=f"swatch swatch-mark swatch-mark-{MARKS[flag]}"),
                html.Span(flag_why(view.words, flag)),
            ]
        )
        for flag in flags_of(here.flags)
    ]
    return [html.Ul(rows, className="flag-lines")] if rows else []


def worth(view: View, here: Reading) -> list[Component]:
    """What the value is worth among others: its standing, its smoothed value, its surroundings."""
    words, indicator, territory = view.words, chosen_indicator(view), view.catalogue.territory
    level = here.key.level
    clusters = data.clusters(view.principal, view.release, indicator.id, level)
    middle = words.of(territory.level(territory.middle_level).one)
    named = words.known(f"areas.{level}", words.of(territory.level(level).name))
    is_finest = level == territory.finest_level
    peers = words("worth.peers_middle", one=middle) if is_finest else named
    said = [
        standing_sentence(words, here, territory),
        smoothed_sentence(words, here, indicator, peers),
        cluster_sentence(words, clusters, here.key, view.selection.period),
    ]
    if view.selection.area is None:
        shown = view.selection.level
        frame = data.inequalities(view.principal, view.release, indicator.id, shown)
        them = words.known(f"areas.{shown}", words.of(territory.level(shown).name))
        period = view.selection.period
        said.append(inequality_sentence(words, frame, indicator, them, period))
    lines = [html.Li(sentence) for sentence in said if sentence]
    return [html.H3(words("worth.title")), html.Ul(lines, className="worth")] if lines else []


def _made_of(view: View, here: Reading) -> str:
    """What the value is made of, such as "4 721 places pour 5 910 enfants"."""
    words, indicator, variables = view.words, chosen_indicator(view), view.catalogue.variables
    if pd.isna(here.numerator) or pd.isna(here.denominator):
        return ""
    if indicator.coverage is not None:
        service = view.catalogue.services[indicator.coverage.service]
        counted = words(f"measure.{indicator.coverage.measure}")
        among = words.of(variables[service.demand or ""].unit)
    elif indicator.numerator and indicator.denominator:
        counted = words.of(indicator.counted or variables[indicator.numerator[0]].unit)
        among = words.of(indicator.out_of or variables[indicator.denominator[0]].unit)
    else:
        return ""
    return words(
        "panel.made_of" if indicator.out_of is None else "panel.share_of",
        numerator=words.count(round(here.numerator, 1)),
        counted=counted,
        denominator=words.count(round(here.denominator, 1)),
        among=among,
    )


def offered_value(view: View, here: Reading, others: list[Reading]) -> list[Component]:
    """In place of a silence, the value of the area's middle level, or of the whole."""
    if not pd.isna(here.value):
        return []
    words, indicator = view.words, chosen_indicator(view)
    levels = view.offer.indicators[indicator.id]
    for level in (view.catalogue.territory.middle_level, view.catalogue.territory.area.level):
        for other in others:
            if other.key.level != level or pd.isna(other.value):
                continue
            amount = words.amount(other.value, indicator.decimals, words.of(indicator.unit))
            text = words("panel.offered", name=other.name, amount=amount)
            line: list[Component | str] = [text]
            if view.selection.period in levels.get(level, ()):
                href = area_url(view, level, other.key.area_id)
                line += [
                    " ",
                    dcc.Link(
                        words("panel.see", name=other.name), href=href, className="screen-only"
                    ),
                ]
            return [html.P(line, className="note")]
    return []


def rank_line(view: View, here: Reading, frame: pd.DataFrame) -> list[Component]:
    """The area's place among its peers that have a value, the highest first."""
    words = view.words
    level, selection = here.key.level, view.selection
    if level != selection.level:
        frame = data.area_values(
            view.principal, view.release, selection.indicator, level, selection.period
        )
    peers = frame[frame["role"] != "edge"]
    ranking = ranks(peers["value"].to_numpy(dtype="float64"), higher_first=True)
    place = ranking.rank[(peers["area_id"] == here.key.area_id).to_numpy()]
    if pd.isna(here.value) or ranking.ranked < 2 or not len(place):
        return []
    peer_name = words.of(view.catalogue.territory.level(level).name)
    sentence = words("panel.rank", rank=int(place[0]), ranked=ranking.ranked, peers=peer_name)
    return [html.P(sentence)]
