"""Spreadsheets (.xlsx): the sheets, their cells, and a table found in a sheet by its header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from etl.reading.grid import Cell, Grid, grid, text_of
from etl.reading.header import folded, places
from etl.reading.ooxml import Sheet, archive, sheets_of
from etl.reading.repairs import clean
from etl.reading.sheet_table import Table
from etl.source import LINE, Ledger

#: The header is looked for in so many rows.
HEADER_WITHIN = 60


def sheets(content: bytes, ledger: Ledger) -> tuple[Sheet, ...]:
    """The sheets of cells of a workbook, in its order; each says whether it is hidden.

    Raises
    ------
    RejectedFile
        As :func:`etl.reading.ooxml.archive`.
    """
    with archive(content, ledger) as packed:
        return sheets_of(packed, ledger)


def sheet_cells(content: bytes, sheet: str, ledger: Ledger) -> list[list[Cell]]:
    """The values of a sheet from A1 on: text, numbers, booleans, dates; ``""`` where empty.

    An error cell is the text of its error (``#N/A``). Dates honour the epoch of the workbook.

    Raises
    ------
    RejectedFile
        As :func:`etl.reading.grid.grid`.
    """
    return grid(content, sheet, ledger).rows


def sheet_text(
    content: bytes,
    columns: Sequence[str],
    ledger: Ledger,
    *,
    sheet: str,
    header_line: int | None = None,
    footnotes: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    fill: Sequence[str] = (),
    unit_lines: int = 0,
) -> pd.DataFrame:
    r"""The rows of a table in a sheet, all text, its header found by its names.

    Parameters
    ----------
    columns: the columns relied on; others are noted and left out.
    header_line: the row of the header, when its names alone do not tell it.
    footnotes: patterns of how the text below the table begins (``"Source|\(1\)"``); from the
        first such row on, rows are dropped by the rule ``footnote``.
    aliases: other name -> our name of a column.
    fill: columns whose merged labels are repeated downwards (they stand in their first row only).
    unit_lines: how many lines of units stand under the header; the rule ``unit_line`` drops them.

    Returns
    -------
    One row a record with ``columns`` (text as :func:`etl.reading.grid.text_of`, with the leading
    zeros that a format like ``00000`` shows) and ``line``, the row of the sheet. Rows with an error
    cell are in quarantine; they and the dropped ones are in the frame, for the account.

    Raises
    ------
    RejectedFile
        As :func:`etl.reading.grid.grid`; a column missing or there twice, a second table beside
        or below this one, text below the table that no footnote announces, or no row.
    """
    read = grid(content, sheet, ledger)
    aliases = aliases or {}
    top = _header_row(read, columns, aliases, header_line)
    cells = read.rows[top] if top < len(read.rows) else []
    table = Table(read, top, [text_of(cell) for cell in cells], ledger)
    table.check_beside({folded(clean(name)) for name in (*columns, *aliases)})
    names = [table.header[column] for column in table.named]
    spots = places(names, columns, ledger, aliases=aliases, line=top + 1)
    order = [table.named[spot] for spot in spots]
    first_note = table.footnote_start(footnotes)
    kept = [row for row in table.body if top + unit_lines < row < first_note]
    table.check_rows(kept)
    table.note_around()
    frame = pd.DataFrame(
        [[text_of(read.rows[row][column]) for column in order] for row in table.body],
        columns=list(columns),
        dtype="str",
    )
    frame[LINE] = [row + 1 for row in table.body]
    table.drop(first_note)
    units = [row + 1 for row in table.body if row <= top + unit_lines]
    ledger.drop(units, "unit_line", "ligne d’unités sous l’en-tête", "units under the header")
    for name, column in zip(columns, order, strict=True):
        _pad(frame, name, column, read, ledger)
        if name in fill:
            _fill(frame, name, first_note, ledger)
        _tell(name, column, read, kept, ledger)
    hidden = read.facts.hidden_rows.intersection(kept)
    if hidden:
        ledger.warn(
            "hidden_rows",
            f"{len(hidden)} lignes masquées ou filtrées, lues",
            f"{len(hidden)} rows hidden or filtered out, read",
            line=min(hidden) + 1,
            rows=len(hidden),
        )
    return frame


def _header_row(
    read: Grid, columns: Sequence[str], aliases: Mapping[str, str], header_line: int | None
) -> int:
    """The first row that has all the names; else the one that has most of them."""
    if header_line is not None:
        return header_line - 1
    known = {folded(clean(other)): folded(name) for other, name in aliases.items()}
    wanted = {folded(clean(name)) for name in columns}
    best, most = 0, 0
    for row, cells in enumerate(read.rows[:HEADER_WITHIN]):
        names = {folded(clean(cell)) for cell in cells if isinstance(cell, str) and cell}
        met = len(wanted & (names | {known[name] for name in names if name in known}))
        if met > most:
            best, most = row, met
    return best


def _pad(frame: pd.DataFrame, name: str, column: int, read: Grid, ledger: Ledger) -> None:
    """Give whole numbers the leading zeros that their format shows: they are codes."""
    for (there, width), rows in read.facts.padded.items():
        if there != column:
            continue
        short = frame[LINE].isin([row + 1 for row in rows]) & (frame[name].str.len() < width)
        short &= frame[name].str.fullmatch("[0-9]+")
        if short.any():
            frame.loc[short, name] = frame.loc[short, name].str.zfill(width)
            ledger.note(
                "zero_padded",
                f"{int(short.sum())} codes complétés par des zéros, comme leur format les montre",
                f"{int(short.sum())} codes padded with zeros, as their format shows them",
                column=name,
                rows=int(short.sum()),
            )


def _fill(frame: pd.DataFrame, name: str, first_note: int, ledger: Ledger) -> None:
    """Repeat the label above where the column is empty, footnotes aside."""
    blank = (frame[name] == "") & (frame[LINE] <= first_note)
    if blank.any():
        frame[name] = frame[name].mask(blank).ffill().fillna("")
        ledger.note(
            "labels_filled",
            f"{int(blank.sum())} libellés fusionnés répétés",
            f"{int(blank.sum())} merged labels repeated",
            column=name,
            rows=int(blank.sum()),
        )


def _tell(name: str, column: int, read: Grid, kept: Sequence[int], ledger: Ledger) -> None:
    """Hold error cells back; say what is hidden and what is shown as a percentage."""
    errors = read.facts.errors
    for text in sorted({errors[place] for place in errors if place[1] == column}):
        ledger.quarantine(
            [row + 1 for row in kept if errors.get((row, column)) == text],
            "error_cell",
            f"le tableur a écrit l’erreur {text}",
            f"the spreadsheet wrote the error {text}",
            column=name,
            sample=text,
            mend_fr="Corriger la formule, ou vider la cellule.",
            mend_en="Mend the formula, or clear the cell.",
        )
    if column in read.facts.hidden_columns:
        ledger.warn("hidden_column", "colonne masquée, lue", "hidden column, read", column=name)
    if column in read.facts.percent:
        ledger.note(
            "shown_as_percent",
            "nombres montrés en pourcentage : 12,5 % est lu 0.125",
            "numbers shown as percentages: 12.5% is read as 0.125",
            column=name,
        )
