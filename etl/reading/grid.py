"""The cells of a sheet (.xlsx): values as calamine reads them, and what it does not tell."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from etl.reading.facts import Facts, facts, place
from etl.reading.ooxml import Sheet, archive, broken, sheets_of
from etl.reading.repairs import clean, shown
from etl.source import Ledger

Cell: TypeAlias = str | int | float | bool | dt.date | dt.time | dt.datetime | dt.timedelta


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a sheet from A1 on, row by row, and what is known beside their values."""

    rows: list[list[Cell]]
    facts: Facts


def grid(content: bytes, sheet: str, ledger: Ledger) -> Grid:
    """The cells of a sheet and what is known of them; a warning tells what is hidden.

    Raises
    ------
    RejectedFile
        As :func:`etl.reading.ooxml.archive` and :func:`etl.reading.facts.facts`; no sheet of this
        name; or a formula whose value was never computed.
    """
    with archive(content, ledger) as packed:
        found = sheets_of(packed, ledger)
        asked = _asked(found, sheet, ledger)
        known = facts(packed, asked.part, ledger)
        if known.uncached is not None:
            row, column = known.uncached
            raise ledger.reject(
                "uncached_formula",
                f"la formule de la cellule {place(row, column)} n’a pas de valeur",
                f"the formula of cell {place(row, column)} has no value",
                line=row + 1,
                mend_fr="Ouvrir le classeur dans un tableur, recalculer, enregistrer.",
                mend_en="Open the workbook in a spreadsheet program, compute again, save.",
            )
        if known.far_rows:
            ledger.warn(
                "far_rows",
                f"{known.far_rows} lignes après mille lignes vides ne sont pas lues",
                f"{known.far_rows} rows after a thousand empty ones are not read",
                rows=known.far_rows,
            )
        near = content if known.far_bytes is None else _without(packed, asked.part, known.far_bytes)
    hidden = sum(s.is_hidden for s in found)
    if hidden:
        ledger.warn(
            "hidden_sheets",
            f"{hidden} feuilles masquées",
            f"{hidden} hidden sheets",
            rows=hidden,
        )
    return Grid(_values(near, sheet, known, ledger), known)


def text_of(value: Cell) -> str:
    """A value as text: no ``.0`` after a whole number, no exponent, dates and times as ISO 8601."""
    if isinstance(value, str):
        return clean(" ".join(value.splitlines()) if "\n" in value or "\r" in value else value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _asked(found: Sequence[Sheet], name: str, ledger: Ledger) -> Sheet:
    for sheet in found:
        if sheet.name == name:
            return sheet
    names = ", ".join(shown(sheet.name, ledger) for sheet in found if not sheet.is_hidden)[:200]
    raise ledger.reject(
        "missing_sheet",
        f"pas de feuille « {name} » ; il y a : {names}",
        f"no sheet {name!r}; there are: {names}",
        mend_fr="Nommer la feuille comme le décrit la source, ou corriger la description.",
        mend_en="Name the sheet as the source describes it, or mend the description.",
    )


def _values(content: bytes, sheet: str, known: Facts, ledger: Ledger) -> list[list[Cell]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            read = book.get_sheet_by_name(sheet)
            if read.start is None:
                return []
            margin: list[Cell] = [""] * read.start[1]
            rows = [[*margin, *row] for row in _rows(read)]
    except (CalamineError, ValueError, OverflowError) as error:
        raise broken(ledger) from error
    width = max(map(len, rows), default=0)
    for (row, column), text in known.errors.items():
        if row < len(rows) and column < width:
            rows[row][column] = text
    return rows


def _rows(read: object) -> Iterator[list[Cell]]:
    return read.iter_rows()  # type: ignore[attr-defined, no-any-return]


def _without(packed: zipfile.ZipFile, part: str, span: tuple[int, int]) -> bytes:
    """The workbook again, but for some bytes of one of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive_made:
        for name in packed.namelist():
            body = packed.read(name)
            if name == part:
                body = body[: span[0]] + body[span[1] :]
            archive_made.writestr(name, body)
    return made.getvalue()
