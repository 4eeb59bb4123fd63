"""The cells of a record-level file, as text. Nothing read here is ever quoted in a message.

The ordinary readers name what they found, headings above all; a file without its heading would
then show a person's row. This one says where, never what.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from etl.reading.grid import Cell, grid, text_of
from etl.reading.records import Dialect, Records
from etl.reading.repairs import unix_lines
from etl.reading.width import TOO_WIDE
from etl.reading.workbook import sheets as _all
from etl.source import Ledger, RejectedFile

LARGEST_BYTES = 128 * 1024 * 1024
#: Rows among which the heading is looked for.
HEADING_WITHIN = 20
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u00ad\ufeff\u2060"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text: its heading (lower case) and the numbered rows under it."""

    name: str
    header: tuple[str, ...]
    header_line: int
    body: tuple[tuple[int, tuple[str, ...]], ...]

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Line and cells of every row that is not empty."""
        yield from self.body


def sheets(content: bytes, key_column: str, ledger: Ledger) -> list[Sheet]:
    """Every sheet of a workbook, or the one table of a CSV file.

    Raises
    ------
    RejectedFile
        When the file is empty, too large or too wide, neither CSV in UTF-8 nor XLSX, cut short,
        ragged, packed to burst, or holds a formula.
    """
    if not content.strip():
        raise ledger.reject("empty", "le fichier est vide", "the file is empty", **_AGAIN)
    if len(content) > LARGEST_BYTES:
        raise ledger.reject("too_big", "le fichier dépasse 128 Mo", "the file is over 128 MB")
    if content[:4] == b"PK\x03\x04":
        return [_sheet(name, rows, key_column) for name, rows in _workbook(content, ledger)]
    return [_sheet("", _delimited(content, ledger), key_column)]


_AGAIN = {
    "mend_fr": "Extraire à nouveau le fichier, en CSV (UTF-8) ou en XLSX.",
    "mend_en": "Extract the file again, as CSV (UTF-8) or XLSX.",
}
_Rows = list[tuple[int, tuple[str, ...]]]


def _sheet(name: str, rows: _Rows, key_column: str) -> Sheet:
    """The rows under the heading, which is the first row that names the key column."""
    for place, (line, cells) in enumerate(rows[:HEADING_WITHIN]):
        heading = tuple(cell.lower() for cell in cells)
        if key_column in heading:
            return Sheet(name, heading, line, tuple(rows[place + 1 :]))
    first = rows[0] if rows else (1, ())
    return Sheet(name, tuple(first[1]), first[0], tuple(rows[1:]))


def _delimited(content: bytes, ledger: Ledger) -> _Rows:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = None
    if text is None or "\0" in text:
        raise ledger.reject(
            "not_utf8",
            "le texte n’est pas de l’UTF-8",
            "the text is not UTF-8",
            line=line if text is None else text.count("\n", 0, text.index("\0")) + 1,
            **_AGAIN,
        )
    if not text.endswith(("\n", "\r")):
        raise ledger.reject(
            "truncated",
            "le fichier est coupé, ou n’a pas de dernière fin de ligne",
            "the file is cut, or lacks its last end of line",
            line=text.count("\n") + 1,
            **_AGAIN,
        )
    text = unix_lines(text, ledger)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows: _Rows = []
    width = 0
    for line, record in Records(text, Dialect(separator=separator), ledger):
        if width and len(record) != width:
            raise ledger.reject(
                "ragged_row",
                "pas le nombre de champs attendu",
                "not the expected number of fields",
                line=line,
                mend_fr="Mettre entre guillemets les textes qui contiennent le séparateur.",
                mend_en="Quote the texts that hold the separator.",
            )
        width = width or len(record)
        cells = tuple(_clean(cell) for cell in record)
        if any(cells):
            rows.append((line, cells))
    return rows


def _workbook(content: bytes, ledger: Ledger) -> list[tuple[str, _Rows]]:
    """Every sheet, hidden ones too. The ordinary reader's messages are not repeated: they quote."""
    aside = Ledger(ledger.source_id, ledger.file, is_record_level=True)
    try:
        return [(found.name, _cells(content, found.name, aside)) for found in _all(content, aside)]
    except RejectedFile as error:
        code, line = error.issue.code, error.issue.line
        if code == TOO_WIDE:  # told with a number and a place alone
            raise RejectedFile(error.issue) from None
    raise ledger.reject(
        code,
        f"ce classeur ne peut pas être lu ({code})",
        f"this workbook cannot be read ({code})",
        line=line,
        mend_fr="Extraire à nouveau : une feuille de valeurs, sans formule, macro ni mot de passe.",
        mend_en="Extract again: a sheet of values, without formula, macro or password.",
    )


def _cells(content: bytes, name: str, ledger: Ledger) -> _Rows:
    read = grid(content, name, ledger)
    rows = [[_clean(_text(cell)) for cell in row] for row in read.rows]
    for (column, width), places in read.facts.padded.items():
        for place in places:
            if rows[place][column].isdigit():
                rows[place][column] = rows[place][column].zfill(width)
    return [(line, tuple(row)) for line, row in enumerate(rows, start=1) if any(row)]


def _text(cell: Cell) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else text_of(cell)


def _clean(cell: str) -> str:
    text = unicodedata.normalize("NFC", cell.translate(_INVISIBLE))
    return " ".join(text.split())


def chosen_sheet(found: Sequence[Sheet], name: str, others: Sequence[str], ledger: Ledger) -> Sheet:
    """The sheet of this name, or the only one; the others are left aside and counted.

    Raises
    ------
    RejectedFile
        When several sheets could be the one.
    """
    named = [sheet for sheet in found if sheet.name == name] or list(found)
    if len(named) != 1:
        raise ledger.reject(
            "which_sheet",
            f"aucune des {len(found)} feuilles ne s’appelle {name}",
            f"none of the {len(found)} sheets is called {name}",
            mend_fr=f"Appeler {name} la feuille à lire.",
            mend_en=f"Call {name} the sheet to be read.",
        )
    strangers = [sheet for sheet in found if sheet.name not in (name, *others)]
    if len(found) > 1 and strangers:
        ledger.warn(
            "sheets_left_aside",
            f"{len(strangers)} feuilles laissées de côté",
            f"{len(strangers)} sheets left aside",
        )
    return named[0]
