"""The values of a level as a table: the map's other reading, for eyes, ears and paper."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from urllib.parse import quote_plus

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.components.drawn import Drawn, Element, drawing, element
from dashboard.components.record_table import column_names
from dashboard.flags import MARKS, flag_words, flags_of
from dashboard.pages import View
from geodata.methods.ranking import ranks
from geodata.model import AreaKey

#: Tables of so many rows or fewer are open from the start.
OPEN_ROWS = 20
#: What stands for an area's id in an address before it is known.
_ANY = quote_plus("\0")
#: The most rows that a page lists whole: the communes of any département.
LISTED = 1000
#: The rows that it lists of more: a browser draws a country's finest areas on a map, and whoever
#: wants them all in a table takes the file.
FIRST = 200


def value_table(view: View, frame: pd.DataFrame, caption: str) -> list[Component]:
    """The areas of a level with their value, its status and flags in words, and their rank.

    From the highest value down; areas without a value follow by name. Neighbours drawn for
    orientation are left out. A name leads to the area's panel.
    """
    words = view.words
    shown = value_rows(frame)
    is_mixed = shown["role"].nunique() > 1
    listed, note = listed_rows(view, shown)
    link = _link(view)
    rows = [_row(view, row, is_mixed, link) for row in listed.to_dict("records")]
    heads = ("rank", "area", "value", "status", "flags")
    table = html.Table(
        [
            html.Caption(caption),
            html.Thead(
                html.Tr(
                    [
                        html.Th(
                            words(f"table.{head}"),
                            scope="col",
                            className="number" if head in ("rank", "value") else None,
                        )
                        for head in heads
                    ]
                )
            ),
            html.Tbody(rows),
        ],
        className="data-table labelled",
        style=column_names([words(f"table.{head}") for head in heads]),
    )
    scroll = html.Div(
        [table, note], className="scroll", tabIndex=0, role="region", **{"aria-label": caption}
    )
    if len(rows) <= OPEN_ROWS:
        return [Drawn(content=drawing([scroll]))]
    summary = html.Summary(words("table.open", rows=words.number(len(rows))))
    return [Drawn(content=drawing([html.Details([summary, scroll], className="fold")]))]


def value_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table, in its order: those of `data.area_values` but the edges, and rank."""
    shown = frame[frame["role"] != "edge"].copy()
    shown["rank"] = ranks(shown["value"].to_numpy(), higher_first=True).rank
    return shown.sort_values(["rank", "name"], na_position="last")


def listed_rows(view: View, rows: pd.DataFrame) -> tuple[pd.DataFrame, Component | None]:
    """The rows that a page lists, in their order, and what it says of those it leaves out.

    Of too many the first ones, and the selected area wherever it stands.
    """
    if len(rows) <= LISTED:
        return rows, None
    area = view.selection.area
    is_listed = np.arange(len(rows)) < FIRST
    if area is not None:
        is_listed |= (rows["area_id"] == area.area_id).to_numpy()
    words = view.words
    said = words("table.cut", listed=words.number(FIRST), count=words.number(len(rows)))
    return rows[is_listed], html.P(said, className="quiet")


def _row(view: View, row: dict[Hashable, Any], is_mixed: bool, link: str) -> Element:
    """One area; ours stand out where others are among them."""
    words = view.words
    decimals = view.catalogue.indicators[view.selection.indicator].decimals
    rank = "" if pd.isna(row["rank"]) else words.number(row["rank"])
    value = words.value(row["value"], row["status"], decimals)
    return element(
        "tr",
        element("td", rank, className="number"),
        element("th", _name(view, row, link), scope="row"),
        element("td", value, className="number"),
        element("td", words.status(row["status"])),
        element("td", *_flags(view, int(row["flags"])), className="flags"),
        className="own" if is_mixed and row["role"] == "territory" else None,
    )


def _flags(view: View, flags: int) -> list[Element | str]:
    """The marks of the flags of a value, each kind once, and their words."""
    kinds = dict.fromkeys(MARKS[flag] for flag in flags_of(flags))
    marks = [element("span", className=f"swatch swatch-mark swatch-mark-{kind}") for kind in kinds]
    return [*marks, flag_words(view.words, flags)]


def _name(view: View, row: dict[Hashable, Any], link: str) -> Element:
    area = view.selection.area
    is_shown = area is not None and area.area_id == row["area_id"]
    return element(
        "a",
        str(row["name"]),
        href=link.replace(_ANY, quote_plus(str(row["area_id"]))),
        id=f"map-row-{row['area_id']}",
        className="in-page area-link selected" if is_shown else "in-page area-link",
    )


def _link(view: View) -> str:
    """The address of any area of the level, :data:`_ANY` in the place of its id."""
    return area_url(view, view.selection.level, "\0")


def area_url(view: View, level: str, area_id: str) -> str:
    """The address that opens the panel of an area."""
    return view.selection.changed(level=level, area=AreaKey(level, area_id)).url()
