"""The value of one area in words: what it is made of, its rank, and what stands in for none."""

from __future__ import annotations

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.reading import Reading, chosen_indicator
from dashboard.components.tables import area_url
from dashboard.pages import View
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
    made_of = _made_of(view, here)
    return [*lines, html.P(made_of)] if made_of else lines


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
                line += [" ", dcc.Link(words("panel.see", name=other.name), href=href)]
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
