"""The care chains of many areas as one table: a row an area, a sign a link, counts at the foot."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from dashboard.chain import STATES, state_words
from dashboard.chain_matrix import TALLIES, Column, Line, Matrix
from dashboard.components.drawn import Drawn
from dashboard.pages import View
from geodata.methods.care_chain import LinkState
from geodata.model import AreaKey

#: Part of the drawing as `Drawn` takes it: tag, properties, children.
_Part = list[Any]


def chain_table(view: View, matrix: Matrix, caption: str) -> Drawn:
    """The table; each sign is a link that opens what is behind it."""
    widths = [
        _part("col", {"className": "chain-name"}),
        _part("col", {"className": "chain-first"}),
        *(_part("col", _width(matrix, column)) for column in matrix.columns),
    ]
    table = _part(
        "table",
        {"className": "chain chain-matrix"},
        _part("caption", {"className": "hidden"}, caption),
        _part("colgroup", {}, *widths),
        _part("thead", {}, *_heads(view, matrix)),
        _part("tbody", {}, *(_row(view, matrix, line) for line in matrix.lines)),
        _part("tfoot", {}, *_foot(view, matrix)),
    )
    return Drawn(content=[table])


def chain_key(view: View) -> Drawn:
    """The signs of the states and their words, in a line."""
    items = [_part("li", {}, _mark(state), state_words(view.reader, state)) for state in STATES]
    broken = _part("span", {"className": "key-first", "aria-hidden": "true"})
    first = _part("li", {}, broken, view.words("chain_page.first"))
    return Drawn(content=[_part("ul", {"className": "chain-key"}, *items, first)])


def cell_id(area_id: str, column: Column) -> str:
    """Id of the sign of a link of an area."""
    return f"chain-{area_id}-{column.step}-{column.sector}"


def _width(matrix: Matrix, column: Column) -> dict[str, Any]:
    """A step of one column needs room for its name."""
    alone = sum(other.step == column.step for other in matrix.columns) == 1
    return {"className": "chain-alone"} if alone else {}


def _heads(view: View, matrix: Matrix) -> list[_Part]:
    words = view.words
    steps, sectors = list[_Part](), list[_Part]()
    for step, group in groupby(matrix.columns, key=lambda column: column.step):
        columns = list(group)
        properties = {"scope": "colgroup", "colSpan": len(columns), "className": "chain-step"}
        steps.append(_part("th", properties, words(f"care_step.{step}")))
        for column in columns:
            name = words(f"sector.{column.sector}" if column.sector else "chain_page.nobody")
            properties = {"scope": "col", "className": "chain-sector"}
            sectors.append(_part("th", properties, _part("span", {}, name)))
    corner = [
        _part("th", {"scope": "col", "rowSpan": 2, "className": kind}, words(f"chain_page.{key}"))
        for key, kind in (("area", "chain-name"), ("first", "chain-first"))
    ]
    return [_part("tr", {}, *corner, *steps), _part("tr", {"className": "second"}, *sectors)]


def _row(view: View, matrix: Matrix, line: Line) -> _Part:
    selection = view.selection
    key = AreaKey(selection.level, line.area_id)
    there = selection.changed(area=key, link="").url()
    is_shown = selection.area == key
    cells = [
        _cell(view, line, column, state, there, is_shown and selection.link == column.link)
        for column, state in zip(matrix.columns, line.states, strict=True)
    ]
    return _part(
        "tr",
        {"className": "shown"} if is_shown else {},
        _part("th", {"scope": "row", "className": "chain-name"}, line.name),
        _part("td", {"className": "chain-first"}, first_words(view, line)),
        *cells,
    )


def _cell(
    view: View, line: Line, column: Column, state: str | None, there: str, is_shown: bool
) -> _Part:
    """A link's sign: its state is told by its shape, its tint and a word."""
    if state is None:
        said = _part("span", {"className": "hidden"}, view.words("care_chain.none"))
        return _part("td", {"className": "chain-nobody"}, said)
    classes = f"link {_name(state)}"
    if line.broken == column.step and state != LinkState.NOT_APPLICABLE.code:
        classes += " chain-broken"
    properties: dict[str, Any] = {
        "href": f"{there}&link={column.link}",
        "id": cell_id(line.area_id, column),
        "className": "in-page",
    }
    if is_shown:
        properties["aria-current"] = "true"
    word = _part("span", {"className": "hidden"}, state_words(view.reader, state))
    return _part("td", {"className": classes}, _part("a", properties, _mark(state), word))


def first_words(view: View, line: Line) -> str:
    """The first broken link of an area, or why there is none to name."""
    words = view.words
    if line.broken:
        name = words(f"care_step.{line.broken}")
        return name if not line.unknown_before else words("chain_page.at_least", step=name)
    if line.unknown_before:
        step = words(f"care_step.{line.unknown_before}")
        return words("chain_page.unknown_from", step=step[:1].lower() + step[1:])
    return words("chain_page.none_broken")


def _foot(view: View, matrix: Matrix) -> list[_Part]:
    """How many areas each column has of each kind of state; together all of them."""
    words, made = view.words, list[_Part]()
    for name in TALLIES:
        if not any(tally[name] for tally in matrix.tallies):
            continue
        cells = [
            _part("td", {"className": "number"}, words.number(tally[name]) if column.sector else "")
            for column, tally in zip(matrix.columns, matrix.tallies, strict=True)
        ]
        properties = {"scope": "row", "className": "chain-name"}
        title = _part("th", properties, words(f"chain_page.tally_{name}"))
        made.append(_part("tr", {}, title, _part("td", {"className": "chain-first"}), *cells))
    return made


def _mark(state: str) -> _Part:
    return _part("span", {"className": f"link-mark {_name(state)}", "aria-hidden": "true"})


def _name(state: str) -> str:
    return f"link-{state.replace('_', '-')}"


def _part(tag: str, properties: dict[str, Any] | None = None, *children: Any) -> _Part:
    return [tag, properties or {}, list(children)]
