"""The table of a selection as a workbook: its values, and on sheets of their own what is around.

Numbers are numbers, in the format of the screen; nothing that comes from data is a formula or a
link. The same view gives the same bytes: the file is dated as its release was.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard.exports.csv import FORMULA_STARTS
from dashboard.exports.table import Column, Kind, Sheet, Table

#: Nothing that is written is taken for more than a text or a number.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NARROWEST, _WIDEST, _TEXT_WIDEST = 9, 28, 44
_WORDY = 60
#: Rows that tell how wide a column of texts is.
_LOOKED_AT = 500
_LONGEST_ADDRESS = 2000
_BLUE, _PALE, _QUIET = "#1F4E8C", "#EEF4FB", "#54606E"


def workbook(table: Table, base: str) -> bytes:
    """The bytes of the workbook. ``base`` is where the observatory is served, for its link."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, _OPTIONS) as book:
        _Book(book, table, base).write()
    return made.getvalue()


class _Book:
    """A workbook being written: the sheets and the formats that they share."""

    def __init__(self, book: Any, table: Table, base: str) -> None:
        self._book, self._table, self._base = book, table, base
        self._words, self._context = table.words, table.context
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def write(self) -> None:
        context = self._context
        self._book.set_properties(
            {
                "title": context.title,
                "subject": context.release_id,
                "author": "Vigie",
                "company": "Vigie",
                "comments": context.release_id,
                "created": datetime.fromisoformat(context.made_at).replace(tzinfo=None),
            }
        )
        self._values()
        self._listing("definitions", context.definitions)
        self._listing("sources", context.sources)
        self._caveats()

    def _format(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **properties})
        return self._formats[key]

    def _sheet(self, name: str) -> Worksheet:
        sheet = self._book.add_worksheet(self._words(f"export.sheet_{name}"))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        # "&" begins a code there.
        head = f"{self._context.title} – Vigie".replace("&", "&&")[:250]
        sheet.set_footer(f"&L&8{head}&R&8&P / &N")
        return sheet

    def _values(self) -> None:
        table, sheet = self._table, self._sheet("values")
        kept = [(at, column) for at, column in enumerate(table.columns) if not column.is_repeated]
        names = [place for place, (_at, column) in enumerate(kept) if column.name == "name"]
        sheet.freeze_panes(1, names[0] + 1 if names else 1)
        for place, (_at, column) in enumerate(kept):
            sheet.set_column(place, place, self._width(column))
        self._head(sheet, [column.title for _at, column in kept])
        last = 0
        for last, row in enumerate(table.rows(), start=1):
            for place, (at, column) in enumerate(kept):
                self._cell(sheet, last, place, column, row[at])
        if last:
            sheet.autofilter(0, 0, last, len(kept) - 1)

    def _width(self, column: Column) -> float:
        """As wide as most of its texts; a heading goes on below."""
        longest_word = max((len(word) for word in column.title.split()), default=0)
        if column.kind is Kind.NUMBER:
            return min(max(longest_word + 3, _NARROWEST + 3), _WIDEST)
        told = self._table.frame[column.name].iloc[:_LOOKED_AT].dropna().astype(str)
        texts = {column.said.get(text, text) for text in told.unique()}
        longest = max((len(text) for text in texts), default=0)
        return min(max(longest_word + 3, longest + 2, _NARROWEST), _TEXT_WIDEST)

    def _head(self, sheet: Worksheet, titles: Sequence[str]) -> None:
        bold = self._format(bold=True, text_wrap=True, bg_color=_PALE, font_color=_BLUE, bottom=1)
        longest = max((len(title) for title in titles), default=0)
        sheet.set_row(0, 30 if longest < 40 else 62)
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, bold)

    def _cell(self, sheet: Worksheet, row: int, place: int, column: Column, cell: Any) -> None:
        if cell is None:
            return
        if isinstance(cell, float):
            decimals = self._table.decimals(column, row - 1)
            number = self._format(num_format=number_format(decimals, is_signed=column.is_signed))
            sheet.write_number(row, place, cell, number)
        elif column.kind is Kind.NUMBER:  # the word of a silence
            silent = self._format(italic=True, font_color=_QUIET, align="right")
            sheet.write_string(row, place, cell, silent)
        else:
            self._text(sheet, row, place, str(cell))

    def _text(self, sheet: Worksheet, row: int, place: int, text: str, **style: Any) -> None:
        """A text as it is; one that looks like a formula stays a text when it is edited too."""
        if text.startswith(FORMULA_STARTS):
            style["quote_prefix"] = True
        sheet.write_string(row, place, text, self._format(**style))

    def _listing(self, name: str, told: Sheet) -> None:
        """A sheet of words: a heading a column, as wide as its words ask for."""
        sheet = self._sheet(name)
        sheet.freeze_panes(1, 1)
        for place, head in enumerate(told.heads):
            longest = max([len(head), *(len(row[place]) for row in told.rows)])
            sheet.set_column(place, place, min(max(longest + 2, _NARROWEST), _WORDY))
        self._head(sheet, told.heads)
        for at, row in enumerate(told.rows, start=1):
            for place, text in enumerate(row):
                self._text(sheet, at, place, text, text_wrap=True)
        if told.rows:
            sheet.autofilter(0, 0, len(told.rows), len(told.heads) - 1)

    def _caveats(self) -> None:
        """What is selected, the link that opens it again, what limits it, what its marks mean."""
        words, context, sheet = self._words, self._context, self._sheet("caveats")
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 100)
        self._head(sheet, [words("export.caveats_what"), words("export.caveats_said")])
        facts = [(words(f"export.{name}"), said) for name, said in context.facts]
        first = [(words("export.title"), context.title), *facts]
        row = self._pairs(sheet, 1, first)
        self._text(sheet, row, 0, words("export.link"), bold=True, text_wrap=True)
        address = f"{self._base.rstrip('/')}{context.link}"
        link = self._format(font_color=_BLUE, underline=1, text_wrap=True)
        if len(address) <= _LONGEST_ADDRESS:
            sheet.write_url(row, 1, address, link, address)
        else:
            sheet.write_string(row, 1, address, link)
        names = [words("export.caveat"), *[""] * (len(context.caveats) - 1)]
        row = self._pairs(sheet, row + 1, zip(names, context.caveats, strict=False))
        row = self._pairs(sheet, row, [(words("export.marks"), words("export.marks_said"))])
        self._pairs(sheet, row, context.marks)

    def _pairs(self, sheet: Worksheet, row: int, pairs: Iterable[tuple[str, str]]) -> int:
        for name, said in pairs:
            self._text(sheet, row, 0, name, bold=True, text_wrap=True)
            self._text(sheet, row, 1, said, text_wrap=True)
            row += 1
        return row


def number_format(decimals: int, *, is_signed: bool = False) -> str:
    """The number format of a spreadsheet: so many decimals, thousands apart as its reader has."""
    plain = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"+{plain};-{plain};{plain}" if is_signed else plain
