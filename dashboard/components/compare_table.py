"""The values behind a figure as a table: each name selects its area, by pointer or keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.components.drawn import Drawn, drawing
from dashboard.components.tables import listed_rows
from dashboard.pages import View
from dashboard.worth import interval_words
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey


@dataclass(frozen=True, eq=False)
class Told:
    """A column: its title, the indicator, and its rows by the id of the area."""

    title: str
    indicator: Indicator
    rows: pd.DataFrame


def compare_table(
    view: View, frame: pd.DataFrame, columns: list[Told], *, has_standing: bool
) -> Component:
    """The areas from the highest value of the first column down, in a closed fold.

    ``frame``: as `level_values` gives it.
    """
    words = view.words
    listed, note = listed_rows(view, compared_rows(frame))
    heads = [html.Th(words("table.area"), scope="col")]
    heads += [html.Th(column.title, scope="col", className="number") for column in columns]
    if has_standing:
        heads.append(html.Th(words("compare.standing"), scope="col"))
    rows = [_row(view, row, columns, has_standing) for row in listed.to_dict("records")]
    caption = words("compare.table_caption")
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(html.Tr(heads)),
            html.Tbody(rows),
        ],
        className="data-table",
    )
    scroll = html.Div(
        Drawn(content=drawing([table])),
        className="scroll compare-rows",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
    summary = html.Summary(words("compare.table", count=words.number(len(frame))))
    return html.Details(
        [summary, scroll, *([note] if note else [])], className="compare-table fold"
    )


def compared_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table in its order: from the highest value down, those without one last."""
    return frame.sort_values(["value", "name"], ascending=[False, True], na_position="last")


def _row(view: View, row: dict[Any, Any], columns: list[Told], has_standing: bool) -> Component:
    words = view.words
    cells = [html.Th(area_link(view, str(row["area_id"]), str(row["name"])), scope="row")]
    cells += [_cell(view, column, str(row["area_id"])) for column in columns]
    if has_standing:
        standing = row["standing"]
        is_told = isinstance(standing, str)
        said = words(f"standing_short.{standing}") if is_told else words("compare.not_tested")
        cells.append(html.Td(said))
    return html.Tr(cells, className="selected" if row["is_selected"] else None)


def _cell(view: View, column: Told, area_id: str) -> Component:
    words, decimals = view.words, column.indicator.decimals
    if area_id not in column.rows.index:
        return html.Td(words("silence.missing"), className="number")
    row: dict[Any, Any] = column.rows.loc[area_id].to_dict()
    value = words.value(float(row["value"]), str(row["status"]), decimals)
    interval = interval_words(words, row, decimals)
    unit = [html.Span(interval, className="unit")] if interval else []
    return html.Td([value, *unit], className="number")


def area_link(view: View, area_id: str, name: str) -> Component:
    """The name of an area, which selects it."""
    key = AreaKey(view.selection.level, area_id)
    is_shown = view.selection.area == key
    return html.A(
        name,
        href=view.selection.changed(area=key).url(),
        id=f"compare-{area_id}",
        className="in-page area-link selected" if is_shown else "in-page area-link",
        **({"aria-current": "true"} if is_shown else {}),
    )
