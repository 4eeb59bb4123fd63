"""Which sheet of a workbook holds the table, and where its header stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from etl.reading import sheet_cells, sheets
from etl.reading.grid import Cell, text_of
from etl.reading.workbook import HEADER_WITHIN
from etl.source import Ledger

#: Rows under a header that must look like a table.
LOOKED_AT = 20
#: A sheet nearly as large as the largest one may be of another year: the latest one is taken.
NEARLY = 0.8
_YEARS = range(1900, 2101)
_FOOTNOTE = 24


@dataclass(frozen=True, slots=True)
class _Table:
    sheet: str
    top: int
    columns: tuple[int, ...]
    cells: int


def sheet_options(content: bytes, ledger: Ledger) -> dict[str, Any]:
    """The options of a workbook: ``sheet``, ``header_line``, ``unit_lines``, ``footnotes``.

    Raises
    ------
    RejectedFile
        As the reader of sheets, and when no visible sheet holds a table with a header.
    """
    read = {
        sheet.name: sheet_cells(content, sheet.name, ledger)
        for sheet in sheets(content, ledger)
        if not sheet.is_hidden
    }
    found = [t for name, rows in read.items() if (t := _table(name, rows)) is not None]
    if not found:
        raise ledger.reject(
            "no_header",
            "aucune feuille visible ne porte un tableau avec son en-tête",
            "no visible sheet holds a table with its header",
            mend_fr="Mettre le tableau dans une feuille, une seule ligne nommant les colonnes.",
            mend_en="Put the table in one sheet, a single line naming the columns.",
        )
    most = max(table.cells for table in found)
    large = [table for table in found if table.cells >= NEARLY * most]
    table = max(large, key=lambda each: (_year(each.sheet), -large.index(each)))
    rows = read[table.sheet]
    options: dict[str, Any] = {"sheet": table.sheet, "header_line": table.top + 1}
    if _has_units(rows, table):
        options["unit_lines"] = 1
    notes = _footnotes(rows, table)
    if notes:
        options["footnotes"] = notes
    return options


def _year(name: str) -> int:
    years = re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", name)
    return int(years[-1]) if years else 0


def _table(name: str, rows: list[list[Cell]]) -> _Table | None:
    """The header with the most names that has a table under it, or None."""
    best: _Table | None = None
    for top, row in enumerate(rows[:HEADER_WITHIN]):
        columns = tuple(place for place, cell in enumerate(row) if cell != "")
        if len(columns) < 2 or not _are_names([row[place] for place in columns]):
            continue
        body = [r for r in rows[top + 1 :] if any(r[place] != "" for place in columns)]
        near = body[:LOOKED_AT]
        filled = sum(r[place] != "" for r in near for place in columns)
        if not near or filled < 0.4 * len(near) * len(columns):
            continue
        if best is None or len(columns) > len(best.columns):
            best = _Table(name, top, columns, len(body) * len(columns))
    return best


def _are_names(cells: list[Cell]) -> bool:
    """Whether cells may be the names of columns: words, or years, each once."""
    texts = [text_of(cell) for cell in cells]
    words = [isinstance(cell, str) for cell in cells]
    years = [isinstance(c, int | float) and c in _YEARS for c in cells]
    is_all = all(word or year for word, year in zip(words, years, strict=True))
    return is_all and any(words) and len(set(texts)) == len(texts)


def _has_units(rows: list[list[Cell]], table: _Table) -> bool:
    """Whether the line under the header has words where the lines below it have numbers."""
    below = [r for r in rows[table.top + 1 :] if any(r[place] != "" for place in table.columns)]
    if len(below) < 2:
        return False
    first, rest = below[0], below[1 : 1 + LOOKED_AT]
    filled = [place for place in table.columns if first[place] != ""]
    numeric = [p for p in filled if any(isinstance(r[p], int | float) for r in rest)]
    return (
        first[table.columns[0]] == ""
        and bool(numeric)
        and all(isinstance(first[place], str) for place in filled)
    )


def _footnotes(rows: list[list[Cell]], table: _Table) -> list[str]:
    found: list[str] = []
    for row in reversed(rows[table.top + 1 :]):
        filled = [text_of(row[place]) for place in table.columns if row[place] != ""]
        if not filled:
            continue
        is_note = len(filled) == 1 and " " in filled[0] and len(table.columns) > 2
        if not is_note or len(found) >= 10:
            break
        found.append(re.escape(filled[0][:_FOOTNOTE]).replace("\\ ", " "))
    return list(dict.fromkeys(reversed(found)))
