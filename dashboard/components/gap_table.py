"""The ranked table of gaps: one description of rows and columns for the screen and the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.certainty import interval_words, silence, verdict, verdict_words
from dashboard.components.drawn import Drawn, drawing
from dashboard.components.record_table import column_names
from dashboard.components.tables import listed_rows
from dashboard.pages import View
from dashboard.wording import Words, collation
from geodata.methods.ranking import ranks
from geodata.model import AreaKey, Status

#: Figures closer than this share a rank: what is left of arithmetic is no difference.
_RANK_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of the table: its name in the table ``coverage`` and how it is written.

    One that the screen says in words (``parts``) is written in the file as the numbers it says.
    """

    name: str
    decimals: int
    is_signed: bool = False
    parts: tuple[Column, ...] = ()
    title: str = ""

    @property
    def heading(self) -> str:
        """The key of its heading and unit."""
        return self.title or self.name


_COLUMNS = (
    Column("demand", 0),
    Column("need", 1),
    Column("effective", 1),
    Column("served", 1),
    Column("within_reach", 1),
    Column("out_of_reach", 1),
    Column("unmet", 1),
    Column("unmet_rate", 1),
    Column("gap", 1, is_signed=True),
    Column(
        "interval",
        1,
        parts=(Column("gap_low", 1, is_signed=True), Column("gap_high", 1, is_signed=True)),
    ),
    Column("p_gap", 2, parts=(Column("p_gap", 2, title="p_gap_number"),)),
    Column("coverage", 1),
)
#: Known for the finest areas only: a larger area has no one town hall to leave from.
_NEAREST = Column("nearest_minutes", 0)
#: Those that no order is made by: an interval has two ends.
_UNSORTED = ("interval",)


@dataclass(frozen=True, slots=True)
class Order:
    """By which column the rows are ranked, and which way."""

    name: str
    descending: bool

    @property
    def sort(self) -> str:
        """The order as it stands in the address."""
        return f"-{self.name}" if self.descending else self.name


def gap_columns(view: View) -> tuple[Column, ...]:
    """The figures shown for the selected level."""
    is_finest = view.selection.level == view.catalogue.territory.finest_level
    return (*_COLUMNS, _NEAREST) if is_finest else _COLUMNS


def file_columns(view: View) -> tuple[Column, ...]:
    """The figures of the file: those of the screen, what it says in words being numbers."""
    return tuple(part for column in gap_columns(view) for part in column.parts or (column,))


def gap_order(view: View) -> Order:
    """The selected order."""
    sort = view.selection.sort
    return Order(sort.removeprefix("-"), sort.startswith("-"))


def gap_orders(view: View) -> list[Order]:
    """Every order on offer, from the highest down first."""
    offered = view.offer.sorts("gaps", view.selection.level)
    names = [sort for sort in offered if not sort.startswith("-")]
    return [Order(name, descending) for descending in (True, False) for name in names]


def gap_rows(view: View) -> pd.DataFrame:
    """The areas of the selected level, ranked: the columns of `data.gaps`, ``rank``, ``flags``.

    Equals share the best rank and stand by name; areas without a figure come last, unranked.
    """
    selection, order = view.selection, gap_order(view)
    frame = data.gaps(
        view.principal,
        view.release,
        selection.service,
        selection.standard,
        selection.period,
        selection.level,
    )
    # Where nobody is counted there is nothing to be sure of.
    frame["p_gap"] = frame["p_gap"].mask(frame["status"] == Status.NOT_APPLICABLE)
    alphabetical = frame["name"].map(collation)
    if order.name == "name":
        keys = alphabetical.rank(method="min").to_numpy(dtype="float64")
    else:
        keys = frame[order.name].to_numpy(dtype="float64").round(_RANK_DECIMALS)
    rank = ranks(keys, higher_first=order.descending).rank
    ranked = frame.assign(rank=rank, alphabetical=alphabetical, flags=_flags(view, frame))
    return ranked.sort_values(
        ["rank", "alphabetical", "area_id"], na_position="last", ignore_index=True
    ).drop(columns="alphabetical")


def _flags(view: View, frame: pd.DataFrame) -> pd.Series[int]:
    """What weakens the figures of each row: the flags of the indicators made of them."""
    chosen = view.selection
    made_of_them = [
        indicator.id
        for indicator in view.catalogue.indicators.values()
        if (measure := indicator.coverage) is not None
        and (measure.service, measure.standard) == (chosen.service, chosen.standard)
    ]
    flags = pd.Series(0, index=frame["area_id"].to_numpy())
    for name in made_of_them:
        values = data.area_values(view.principal, view.release, name, chosen.level, chosen.period)
        flags |= values.set_index("area_id")["flags"].reindex(flags.index, fill_value=0)
    return flags.set_axis(frame.index)


def column_title(words: Words, name: str) -> str:
    """The heading of a column, without its unit."""
    return words(f"gap_column.{name}")


def order_title(words: Words, name: str) -> str:
    """What the areas are ordered by: the title of a column, or of the number behind its words."""
    return words.known(f"gap_column.{name}_number", column_title(words, name))


def column_unit(words: Words, name: str) -> str:
    """The unit of a column."""
    return words(f"gap_unit.{name}")


def titled(words: Words, name: str) -> str:
    """The heading of a column with its unit."""
    return f"{column_title(words, name)} ({column_unit(words, name)})"


def gap_table(view: View, rows: pd.DataFrame, caption: str) -> Component:
    """The ranked rows as a table whose headings sort it and whose names select an area.

    ``caption`` is said, not shown: a caption as wide as its table is cut where the table scrolls.
    """
    words, columns = view.words, gap_columns(view)
    heads = [
        html.Th(words("gap_column.rank"), scope="col", className="number rank"),
        _heading(view, "name"),
        *(_heading(view, column.name) for column in columns),
    ]
    listed, note = listed_rows(view, rows)
    body = [_row(view, row, columns) for row in listed.to_dict("records")]
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(html.Tr(heads)),
            html.Tbody(body),
        ],
        className="data-table labelled ranked",
        style=column_names(
            [
                words("gap_column.rank"),
                column_title(words, "name"),
                *(titled(words, column.name) for column in columns),
            ]
        ),
    )
    scroll = html.Div(
        [table, note],
        className="scroll ranked-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
    return Drawn(content=drawing([scroll]))


def cell_text(words: Words, column: Column, row: dict[Any, Any]) -> str:
    """A cell in words: a number of the column's decimals, or why there is none."""
    status = str(row["status"])
    if column.name == "interval":
        low, high = float(row["gap_low"]), float(row["gap_high"])
        return interval_words(words, low, high, status, column.decimals)
    value = float(row[column.name])
    if column.parts:
        return verdict_words(words, float(row["gap"]), value, status)
    if np.isnan(value):
        return words(f"silence.{silence(status)}")
    write = words.signed if column.is_signed else words.number
    return write(value, column.decimals)


def _cell(words: Words, column: Column, row: dict[Any, Any]) -> Component:
    is_interval = column.name == "interval"
    classes = ["number", "interval"] if is_interval else ["number"]
    if column.name == "p_gap":
        found = verdict(float(row["gap"]), float(row["p_gap"]), str(row["status"]))
        classes += ["silent"] if found in set(Status) else ["sure", f"sure-{found}"]
    elif np.isnan(row["gap_low" if is_interval else column.name]):
        classes.append("silent")
    return html.Td(cell_text(words, column, row), className=" ".join(classes))


def _row(view: View, row: dict[Any, Any], columns: tuple[Column, ...]) -> Component:
    words, selection = view.words, view.selection
    area_id = str(row["area_id"])
    is_selected = selection.area is not None and selection.area.area_id == area_id
    rank = "" if np.isnan(row["rank"]) else words.number(row["rank"])
    link = html.A(
        row["name"],
        href=selection.changed(area=AreaKey(selection.level, area_id)).url(),
        className="in-page area-link",
        id=f"gaps-area-{area_id}",
        **({"aria-current": "true"} if is_selected else {}),
    )
    cells = [_cell(words, column, row) for column in columns]
    return html.Tr(
        [html.Td(rank, className="number rank"), html.Th(link, scope="row"), *cells],
        className="selected" if is_selected else None,
    )


def _heading(view: View, name: str) -> Component:
    """A heading that is a link to the same page sorted by it, the other way when it already is."""
    words, order = view.words, gap_order(view)
    if name in _UNSORTED:
        unit = html.Span(column_unit(words, name), className="unit")
        return html.Th([column_title(words, name), unit], scope="col", className="number")
    is_sorted = order.name == name
    first = name != "name"
    after = Order(name, descending=not order.descending if is_sorted else first)
    arrow = ("▼" if order.descending else "▲") if is_sorted else "↕"
    link = html.A(
        [column_title(words, name), html.Span(arrow, className="arrow", **{"aria-hidden": "true"})],
        href=view.selection.changed(sort=after.sort).url(),
        className="in-page sort-link",
        id=f"gaps-sort-{name}",
        title=words(f"gaps.sort_{'descending' if after.descending else 'ascending'}"),
    )
    aria = {"aria-sort": "descending" if order.descending else "ascending"} if is_sorted else {}
    unit = [] if name == "name" else [html.Span(column_unit(words, name), className="unit")]
    classes = [] if name == "name" else ["number"]
    classes += [f"triad-{name.replace('_', '-')}"] if name in TRIAD else []
    return html.Th([link, *unit], scope="col", className=" ".join(classes) or None, **aria)


#: The three parts of the need, in the order they are stacked.
TRIAD = ("served", "within_reach", "out_of_reach")
