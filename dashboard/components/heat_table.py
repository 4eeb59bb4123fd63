"""The heat table: areas by the indicators of a theme, each cell told by number, tint and bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.compare_table import area_link
from dashboard.components.drawn import Drawn, drawing
from dashboard.components.invented import invented_mark
from dashboard.level_values import heat_indicators, indicator_of, level_values
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.methods.ranking import ranks
from geodata.model import Direction

#: The most areas that the table lists.
LISTED = 500
_FIFTHS = 5


def heat_part(view: View) -> list[Component]:
    """The table of the theme of the selected indicator, sorted by it."""
    words, indicators = view.words, heat_indicators(view)
    chosen, level = indicator_of(view), view.selection.level
    periods = heat_periods(view, indicators)
    found = data.values_at(view.principal, view.release, tuple(periods.items()), (level,))
    columns = {one.id: _column(found, one) for one in indicators}
    areas = heat_rows(level_values(view), chosen)
    listed = areas.head(LISTED)
    if (areas["is_selected"] & ~areas.index.isin(listed.index)).any():
        listed = pd.concat([listed, areas[areas["is_selected"]]])
    caption = words(
        "compare.heat_caption", theme=words.of(view.catalogue.themes[chosen.theme].name)
    )
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(html.Tr(_heads(view, indicators, periods))),
            html.Tbody([_row(view, row, columns, indicators) for row in listed.to_dict("records")]),
        ],
        className="data-table heat",
    )
    scroll = html.Div(
        Drawn(content=drawing([table])),
        className="scroll heat-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
    cut = words("table.cut", listed=words.number(len(listed)), count=words.number(len(areas)))
    return [
        html.P(words("compare.heat_sorted", name=words.of(chosen.short))),
        _key(view),
        scroll,
        *([html.P(cut, className="quiet")] if len(listed) < len(areas) else []),
        html.P(words("compare.heat_how"), className="quiet"),
    ]


def heat_periods(view: View, indicators: list[Indicator]) -> dict[str, str]:
    """The period of each: the latest of the level, and the selected one for the selected one."""
    chosen = view.selection
    known = view.offer.indicators
    latest = {one.id: known[one.id][chosen.level][-1] for one in indicators}
    return latest | {chosen.indicator: chosen.period}


def _column(found: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The values of an indicator by area, each with its place from 0 (lowest) to 1 (highest)."""
    rows = found[found["indicator"] == indicator.id].set_index("area_id")
    made = ranks(rows["value"].to_numpy(dtype="float64"), higher_first=False)
    return rows.assign(place=_middles(made.rank, made.ranked))


def _middles(rank: np.ndarray[Any, Any], ranked: int) -> np.ndarray[Any, Any]:
    """The middle of the places that equals share, as a part of all; NaN without a rank."""
    at = pd.Series(rank)
    equals = at.groupby(at).transform("size")
    return np.asarray((at - 1 + equals / 2) / max(ranked, 1))


def heat_rows(areas: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The least favourable value first; where no side is, the highest."""
    is_low_first = indicator.direction == Direction.BETTER
    return areas.sort_values(
        ["value", "name"], ascending=[is_low_first, True], na_position="last"
    ).reset_index(drop=True)


def _heads(view: View, indicators: list[Indicator], periods: dict[str, str]) -> list[Component]:
    words, chosen = view.words, view.selection
    heads = [html.Th(words("table.area"), scope="col")]
    for one in indicators:
        href = chosen.changed(indicator=one.id, period=periods[one.id]).url()
        is_sorted = one.id == chosen.indicator
        way = "ascending" if one.direction == Direction.BETTER else "descending"
        name = html.A(
            words.of(one.short), href=href, id=f"heat-{one.id}", className="in-page sort-link"
        )
        unit = html.Span(f"{words.of(one.unit)}, {periods[one.id]}", className="unit")
        parts = [name, unit, *invented_mark(view, one.id)]
        sort = {"aria-sort": way} if is_sorted else {}
        heads.append(html.Th(parts, scope="col", className="number", **sort))
    return heads


def _row(
    view: View,
    row: dict[Any, Any],
    columns: dict[str, pd.DataFrame],
    indicators: list[Indicator],
) -> Component:
    area_id = str(row["area_id"])
    cells = [html.Th(area_link(view, area_id, str(row["name"])), scope="row")]
    cells += [_cell(view, one, columns[one.id], area_id) for one in indicators]
    return html.Tr(cells, className="selected" if row["is_selected"] else None)


def _cell(view: View, indicator: Indicator, column: pd.DataFrame, area_id: str) -> Component:
    words = view.words
    if area_id not in column.index:
        return html.Td(words("silence.missing"), className="number heat-silent")
    row: dict[Any, Any] = column.loc[area_id].to_dict()
    text = words.value(float(row["value"]), str(row["status"]), indicator.decimals)
    if np.isnan(row["place"]):
        return html.Td(text, className="number heat-silent")
    fifth = _fifth(indicator, float(row["place"]))
    side = "plain" if indicator.direction == Direction.NEUTRAL else "sided"
    said = html.Span(words(f"compare.fifth_{side}_{fifth}"), className="hidden")
    bar = html.Span(
        className="heat-bar",
        style={"width": f"{100 * float(row['place']):.0f}%"},
        **{"aria-hidden": "true"},
    )
    return html.Td([text, " ", said, bar], className=f"number heat-{side}-{fifth}")


def _fifth(indicator: Indicator, place: float) -> int:
    """Which fifth of the level, 5 the least favourable (the highest, where no side is)."""
    at = 1 - place if indicator.direction == Direction.BETTER else place
    return min(int(at * _FIFTHS), _FIFTHS - 1) + 1


def _key(view: View) -> Component:
    words = view.words
    items = [
        html.Li([html.Span(className=f"heat-swatch heat-{side}-{fifth}"), text])
        for side, fifth, text in (
            ("sided", 5, words("compare.fifth_sided_5")),
            ("sided", 4, words("compare.fifth_sided_4")),
            ("sided", 3, words("compare.fifth_sided_3")),
            ("sided", 2, words("compare.fifth_sided_2")),
            ("sided", 1, words("compare.fifth_sided_1")),
            ("plain", 5, words("compare.fifth_plain_5")),
        )
    ]
    return html.Ul(items, className="chain-key")
