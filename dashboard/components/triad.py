"""The key figures of the gap and the triad of the need, in words and as bars."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.components.chart import chart
from dashboard.components.gap_table import TRIAD
from dashboard.components.gap_words import chosen_standard, standard_name, unmet_indicator
from dashboard.figures.triad import triad_figure
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator

#: How many of the areas that are most short of places are added up.
_FIRST = 10
FIGURES = ("demand", "need", "effective", "unmet", "gap")


def key_figures(view: View, whole: pd.Series, period: str) -> list[Component]:
    """Five cards for the whole territory; each has its unit and its date."""
    words = view.words
    cards = []
    for name in FIGURES:
        write = words.signed if name == "gap" else words.number
        decimals = 0 if name == "demand" else 1
        is_known = pd.notna(whole[name])
        text = (
            write(whole[name], decimals)
            if is_known
            else words.value(whole[name], str(whole["status"]), decimals)
        )
        cards.append(
            html.Div(
                [
                    html.Span(words(f"gap_column.{name}"), className="figure-label"),
                    html.Strong(text, className="figure-value" if is_known else "figure-silence"),
                    html.Span([words(f"gap_unit.{name}"), ", ", period], className="figure-where"),
                ],
                className="card figure",
            )
        )
    return cards


def _read(view: View) -> list[Indicator]:
    """The indicators of the service that is shown."""
    every, service = view.catalogue.indicators.values(), view.selection.service
    return [one for one in every if one.coverage is not None and one.coverage.service == service]


def triad(
    view: View,
    whole: pd.Series,
    areas: pd.DataFrame,
    kept: tuple[str, pd.Series] | None = None,
) -> list[Component]:
    """The need of the territory, and of the selected area, in its three parts.

    ``whole`` is the territory's row; ``areas`` are the rows of the selected level that filters
    keep, ``kept`` the name and the sum of them where there is a filter.
    """
    key = view.selection.area
    found = areas[areas["area_id"] == key.area_id] if key else areas.iloc[:0]
    selected = found.iloc[0] if len(found) else None
    words = view.words
    territory = words.of(view.catalogue.territory.name)
    shown = [(territory, whole)] if pd.notna(whole["need"]) else []
    if kept is not None and pd.notna(kept[1]["need"]):
        shown.append(kept)
    if selected is not None and selected["need"] > 0:
        shown.append((str(selected["name"]), selected))
    if not shown:
        facts = html.Ul([html.Li(fact) for fact in gap_facts(view, areas)])
        return [
            html.H2(words("gaps.triad_title")),
            html.P(why_silent(view, areas), className="note"),
            html.H3(words("gaps.facts")),
            facts,
            _pick_or_back(view, territory),
        ]
    rows = [
        {
            "name": name,
            **{part: float(row[part]) for part in TRIAD},
            **{f"text_{part}": _said(view, row, part) for part in TRIAD},
        }
        for name, row in shown
    ]
    names = {part: words(f"gap_column.{part}") for part in TRIAD}
    service = words.of(view.catalogue.services[view.selection.service].name)
    kind = view.catalogue.period_kind(unmet_indicator(view))
    period = words.period(kind, view.selection.period)
    title = words("chart.list").join([words("gaps.triad_title"), service, territory, period])
    standard = words(
        "format.labelled",
        label=words("gaps.standard"),
        value=standard_name(view, chosen_standard(view)),
    )
    figure = triad_figure(pd.DataFrame(rows), names, words("format.separators"))
    return [
        html.H2(words("gaps.triad_title")),
        chart(
            view, figure, words("gaps.triad_label"), "triad-figure", title, _read(view), standard
        ),
        _triad_table(view, shown),
        html.P(
            unmet_and_net(view, whole) if pd.notna(whole["need"]) else why_silent(view, areas),
            className="note",
        ),
        html.H3(words("gaps.facts")),
        html.Ul([html.Li(fact) for fact in gap_facts(view, areas)]),
        _pick_or_back(view, territory),
    ]


def why_silent(view: View, areas: pd.DataFrame) -> str:
    """Why the whole has no need: some of its parts are not known, and no sum is made of others."""
    words = view.words
    silent = areas.loc[areas["need"].isna(), "name"].tolist()
    names = ", ".join(silent[:_FIRST]) + (" …" if len(silent) > _FIRST else "")
    return words("gaps.whole_silent", count=words.number(len(silent)), names=names)


def gap_facts(view: View, areas: pd.DataFrame) -> list[str]:
    """How many areas are short of places, which one most, and how concentrated that is."""
    words = view.words
    if areas.empty:
        return [words("filter.facts_none")]
    short = areas[areas["unmet"] > 0].sort_values("unmet", ascending=False)
    if short.empty:
        return [words("gaps.fact_none")]
    first = short.iloc[0]
    facts = [
        _how_many(view, areas, len(short)),
        words(
            "gaps.fact_first",
            name=first["name"],
            unmet=words.number(first["unmet"], 1),
            need=words.number(first["need"], 1),
        ),
    ]
    if len(short) > 2 * _FIRST:
        share = 100 * short["unmet"].head(_FIRST).sum() / short["unmet"].sum()
        facts.append(words("gaps.fact_share", first=_FIRST, share=words.number(share)))
    return facts


def _how_many(view: View, areas: pd.DataFrame, short: int) -> str:
    """How many areas are short: above the finest, of a part of theirs, and which as a whole."""
    words, level = view.words, view.catalogue.territory.level(view.selection.level)
    many = words(f"areas.{level.id}")
    parts = {
        "short": words.number(short),
        "kind": words.of(level.one) if short == 1 else many,
        "areas": words.number(len(areas)),
    }
    if level.id == view.catalogue.territory.finest_level:
        return words("gaps.fact_short", **parts)
    count = int((areas["gap"] > 0).sum())
    net = "none" if count == 0 else "one" if count == 1 else "many"
    return words(
        "gaps.fact_above",
        some=words("gaps.fact_some_one" if short == 1 else "gaps.fact_some_many", **parts),
        net=words(f"gaps.fact_net_{net}", net=words.number(count)),
    )


def _pick_or_back(view: View, territory: str) -> Component:
    """How to see an area here, or how to let go of the one that is shown."""
    words = view.words
    if view.selection.area is None:
        return html.P(words("gaps.fact_pick"), className="quiet screen-only")
    href = view.selection.changed(area=None).url()
    back = words("gaps.back", territory=territory)
    return html.A(back, href=href, className="in-page back screen-only", id="gaps-back")


def _triad_table(view: View, shown: list[tuple[str, pd.Series]]) -> Component:
    """The numbers of the bars; their colour marks are the bars' legend."""
    words = view.words
    unit = html.Td(words("gaps.triad_unit"), className="quiet")
    heads = [unit, *(html.Th(name, scope="col", className="number") for name, _ in shown)]
    lines = []
    for part in TRIAD:
        mark = html.Span(className=f"triad-mark triad-{part.replace('_', '-')}")
        title = html.Th([mark, words(f"gap_column.{part}")], scope="row")
        cells = [html.Td(part_words(view, row, part), className="number") for _, row in shown]
        lines.append(html.Tr([title, *cells]))
    return html.Table(
        [
            html.Caption(words("gaps.triad_caption"), className="hidden"),
            html.Thead(html.Tr(heads)),
            html.Tbody(lines),
        ],
        className="triad-table",
    )


def _said(view: View, row: pd.Series, part: str) -> str:
    """A part as the pointer reads it."""
    words = view.words
    name = words(f"gap_column.{part}")
    return words("format.labelled", label=name, value=part_words(view, row, part))


def part_words(view: View, row: pd.Series, part: str) -> str:
    """A part in places and in per cent of the need."""
    words = view.words
    places = words.number(row[part], 1)
    if not row["need"] > 0:
        return places
    return words("gaps.part", places=places, share=words.number(100 * row[part] / row["need"], 1))


def unmet_and_net(view: View, whole: pd.Series) -> str:
    """Why the sum of what is missing is not the net gap."""
    words = view.words
    key = "gaps.net_surplus" if whole["gap"] < 0 else "gaps.net_shortage"
    return words(key, unmet=words.number(whole["unmet"], 1), net=words.number(abs(whole["gap"]), 1))
