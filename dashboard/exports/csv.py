"""The table of a selection as CSV: a heading with units, then a line a row, CRLF as RFC 4180."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from dashboard.exports.table import Cell, Column, Kind, Table

#: Byte order mark: a French spreadsheet then reads the accents right.
BYTE_ORDER_MARK = "\ufeff"
SEPARATORS = {"fr": ";", "en": ","}
_DECIMAL_MARKS = {"fr": ",", "en": "."}
#: What a spreadsheet takes for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: So many lines are sent together.
_AT_A_TIME = 500


def csv_text(table: Table, *, has_mark: bool | None = None) -> Iterator[str]:
    """The text of the file, some lines at a time.

    French files have ``;`` and a decimal comma, English ones ``,`` and a decimal point. Numbers
    have no thousands mark. Text that a spreadsheet would run as a formula is quoted. ``has_mark``
    asks for a byte order mark, which French files have unless told.
    """
    language = table.words.language
    with_mark = language == "fr" if has_mark is None else has_mark
    yield BYTE_ORDER_MARK if with_mark else ""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=SEPARATORS[language], lineterminator="\r\n")
    writer.writerow([file_text(column.title) for column in table.columns])
    for place, row in enumerate(table.rows()):
        if place % _AT_A_TIME == 0:
            yield made.getvalue()
            made.seek(0)
            made.truncate()
        writer.writerow(
            [
                _written(table, column, place, cell)
                for column, cell in zip(table.columns, row, strict=True)
            ]
        )
    yield made.getvalue()


def file_number(value: float, decimals: int, language: str) -> str:
    """A number as a spreadsheet of this language reads it: no thousands mark, never "-0"."""
    written = f"{round(value, decimals) + 0.0:.{decimals}f}"
    return written.replace(".", _DECIMAL_MARKS[language])


def file_text(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe goes before what begins a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _written(table: Table, column: Column, place: int, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # A silence is a word of ours ("– manquant"): no data can put another in its place.
        return cell if column.kind is Kind.NUMBER else file_text(cell)
    return file_number(cell, table.decimals(column, place), table.words.language)
