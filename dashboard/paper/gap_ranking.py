"""The areas of the gap report: those that are most short of places, and all of them, ranked."""

from __future__ import annotations

from dashboard.components.gap_table import (
    Column,
    cell_text,
    column_title,
    column_unit,
    gap_columns,
    gap_order,
    order_title,
)
from dashboard.filters import Kept
from dashboard.flags import MARKS, flags_of
from dashboard.pages import View
from dashboard.paper.parts import Part, is_known

#: So many rows of the ranking are printed: more belongs in a file.
MOST_ROWS = 160
#: The columns that paper is wide enough for, and those that stand for nothing else there.
_COLUMNS = (
    *("need", "effective", "within_reach", "out_of_reach", "unmet", "gap", "interval"),
    *("p_gap", "nearest_minutes"),
)
#: So many areas are shown on the first page.
_FIRST = 10


def most_short(view: View, found: Kept) -> Part | None:
    """The areas that are most short of places, the most first; None where none is."""
    words = view.words
    short = found.rows[found.rows["unmet"] > 0].sort_values(
        ["unmet", "name"], ascending=[False, True]
    )
    if len(short) < 2:
        return None
    top, most = short.head(_FIRST), float(short["unmet"].max())
    unit = f"{words('gap_column.unmet')} ({words('gap_unit.unmet')})"
    return {
        "title": words("paper.first_title"),
        "heads": ["", words("gap_column.name"), "", unit],
        "rows": [
            {
                "rank": words.number(place),
                "name": str(row["name"]),
                "share": float(row["unmet"]) / most,
                "value": words.number(row["unmet"], 1),
            }
            for place, row in enumerate(top.to_dict("records"), start=1)
        ],
    }


def chosen_areas(view: View) -> list[str]:
    """The ids of the areas that the selection names, the selected one first."""
    area = view.selection.area
    return [*([area.area_id] if area else []), *view.selection.compared]


def paper_columns(view: View) -> tuple[Column, ...]:
    """The columns of the screen's table that are printed; that of the order is one of them."""
    ordered = gap_order(view).name
    return tuple(
        column for column in gap_columns(view) if column.name in _COLUMNS or column.name == ordered
    )


def ranking(view: View, found: Kept, level: str, period: str) -> Part:
    """The ranking of the page, as far as paper goes: heads, rows, what is left out."""
    words, order, columns = view.words, gap_order(view), paper_columns(view)
    way = words("gaps.descending" if order.descending else "gaps.ascending")
    column = order_title(words, order.name)
    lowered = column[:1].lower() + column[1:]
    rows, chosen = found.rows.head(MOST_ROWS), chosen_areas(view)
    cut = len(found.rows) - len(rows)
    marked = sorted({_star(int(flags)) for flags in rows["flags"]} - {""})
    notes = [words("paper.fragile")] if marked else []
    notes += [words("paper.cut", shown=len(rows), cut=cut)] if cut else []
    return {
        "title": words("paper.table_title"),
        "caption": words("gaps.caption", level=level, column=lowered, way=way, period=period),
        "names": [column.name for column in columns],
        "heads": [
            {"title": words("gap_column.rank"), "unit": ""},
            {"title": column_title(words, "name"), "unit": ""},
            *(
                {"title": column_title(words, c.name), "unit": column_unit(words, c.name)}
                for c in columns
            ),
        ],
        "rows": [
            {
                "is_chosen": str(row["area_id"]) in chosen,
                "cells": [
                    words.number(row["rank"]) if is_known(row["rank"]) else "",
                    f"{row['name']}{_star(int(row['flags']))}",
                    *(cell_text(words, c, row) for c in columns),
                ],
            }
            for row in rows.to_dict("records")
        ],
        "notes": notes,
    }


def _star(flags: int) -> str:
    """The mark of a row whose figures few people shake."""
    return "*" if any(MARKS[flag] == "fragile" for flag in flags_of(flags)) else ""
