"""Text in rows and columns (CSV): a frame of text, columns found by name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.reading.header import places
from etl.reading.records import Dialect, Records, long_cells
from etl.reading.repairs import MOJIBAKE, clean
from etl.reading.structure import Body
from etl.reading.text import decoded, plain
from etl.source import LINE, QUARANTINE_SHARE, Ledger, RejectedFile

PLAIN = Dialect()
_BATCH = 20_000
_KEPT_TEXT = re.compile(r"'([0-9=+@-][^']*|[0-9A-Z_.-]+)")


def csv_text(
    content: bytes,
    columns: Sequence[str],
    ledger: Ledger,
    dialect: Dialect = PLAIN,
    keys: Sequence[str] = (),
) -> pd.DataFrame:
    """The rows of a delimited file, all text, columns found by name.

    Parameters
    ----------
    content: the bytes of the file.
    columns: the columns relied on; others are noted and left out.
    dialect: how the file is written.
    keys: those of ``columns`` in which a lost character holds the row back.

    Returns
    -------
    One row a record with ``columns`` (stripped text, NFC) and ``line`` (int, where the record
    starts). Records that a named rule drops (footnote, repeated header, empty row, comment) are
    among them, for the account: :meth:`etl.source.Ledger.kept` takes them out.

    Raises
    ------
    RejectedFile
        Empty file, web page, binary file, wrong encoding, too many columns, missing column, ragged
        row, quote left open, text after the table, two tables, or last record cut short.
    """
    text = decoded(plain(content, ledger), ledger, dialect.encoding, QUARANTINE_SHARE)
    if dialect.quote and f"\\{dialect.quote * 2}" in text:
        raise _escaped(text, dialect, ledger)
    with long_cells():
        frame = _frame(Records(text, dialect, ledger), columns)
    if not text.isascii() and MOJIBAKE.search(text):
        _hold_broken(frame, columns, ledger)
    _hold_lost(frame, keys, ledger)
    return frame


def csv_names(content: bytes, ledger: Ledger, dialect: Dialect = PLAIN) -> list[str]:
    """The names of the columns of a delimited file, in order.

    Raises
    ------
    RejectedFile
        As :func:`csv_text`, for what stands before the first record.
    """
    text = decoded(plain(content, ledger), ledger, dialect.encoding, QUARANTINE_SHARE)
    with long_cells():
        return next(([clean(cell) for cell in r] for _, r in Records(text, dialect, ledger)), [])


def _frame(records: Records, columns: Sequence[str]) -> pd.DataFrame:
    dialect, ledger = records.dialect, records.ledger
    rows = iter(records)
    header, order = list(columns), list(range(len(columns)))
    if dialect.has_header:
        line, raw = next(rows, (dialect.header_line, []))
        order = places(
            raw, columns, ledger, aliases=dialect.aliases, line=line, separator=dialect.separator
        )
        header = [clean(name) for name in raw]
    body = Body(header, dialect, ledger)
    parts: list[list[pa.Array]] = [[] for _ in columns]
    lines: list[int] = []
    batch: list[list[str]] = []
    blank = len(records.blank)
    for line, record in rows:
        batch.append(body.fitted(line, record, len(records.blank) > blank))
        lines.append(line)
        blank = len(records.blank)
        if len(batch) == _BATCH:
            _store(batch, order, parts)
            batch = []
    _store(batch, order, parts)
    body.check(records.has_last_newline)
    _note_blank(records)
    table = _mended(
        {name: pa.chunked_array(parts[i], pa.large_string()) for i, name in enumerate(columns)},
        lines,
        ledger,
    )
    return pd.DataFrame(table | {LINE: pd.Series(lines, dtype="int64")})


def _escaped(text: str, dialect: Dialect, ledger: Ledger) -> RejectedFile:
    place = text.index(f"\\{dialect.quote * 2}")
    return ledger.reject(
        "escaped_quotes",
        "guillemets précédés d’une barre oblique inverse",
        "quotes escaped by a backslash",
        line=text.count("\n", 0, place) + 1,
        mend_fr="Doubler les guillemets à l’intérieur des textes.",
        mend_en="Double the quotes inside texts.",
    )


def _store(batch: list[list[str]], order: list[int], parts: list[list[pa.Array]]) -> None:
    for part, place in zip(parts, order, strict=True):
        part.append(pa.array([record[place] for record in batch], pa.large_string()))


def _mended(
    cells: dict[str, pa.ChunkedArray], lines: list[int], ledger: Ledger
) -> dict[str, pd.Series[str]]:
    """The columns without outer spaces, nor the apostrophe that keeps a code text."""
    table: dict[str, pd.Series[str]] = {}
    spaced: set[int] = set()
    quoted: set[int] = set()
    for name, column in cells.items():
        trimmed = pc.utf8_trim_whitespace(column)
        changed = pc.not_equal(trimmed, column).to_numpy()
        spaced.update(np.flatnonzero(changed).tolist())
        table[name] = trimmed.to_pandas()
        if pc.any(pc.starts_with(trimmed, "'")).as_py():
            is_kept_text = table[name].map(lambda cell: _KEPT_TEXT.fullmatch(cell) is not None)
            table[name] = table[name].mask(is_kept_text, table[name].str[1:])
            quoted.update(np.flatnonzero(is_kept_text.to_numpy()).tolist())
    for places_of, code, fr, en in (
        (
            spaced,
            "outer_spaces",
            "espaces retirés autour des textes",
            "spaces around texts removed",
        ),
        (quoted, "leading_apostrophe", "apostrophe initiale retirée", "leading apostrophe removed"),
    ):
        if places_of:
            ledger.note(code, fr, en, line=lines[min(places_of)], rows=len(places_of))
    return table


def _note_blank(records: Records) -> None:
    blank = records.blank
    if blank:
        records.ledger.note(
            "blank_lines",
            f"{len(blank)} lignes blanches passées",
            f"{len(blank)} blank lines skipped",
            line=blank[0],
            rows=len(blank),
        )


def _hold_broken(frame: pd.DataFrame, columns: Sequence[str], ledger: Ledger) -> None:
    """Hold back the few rows whose accents are broken; many would have refused the file."""
    for name in columns:
        wrong = frame[name].map(lambda cell: MOJIBAKE.search(cell) is not None)
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "mojibake",
            "accents abîmés",
            "broken accents",
            column=name,
            mend_fr="Reprendre l’original : il a été relu dans un mauvais codage.",
            mend_en="Fetch the original: it was read in a wrong encoding.",
        )


def _hold_lost(frame: pd.DataFrame, keys: Sequence[str], ledger: Ledger) -> None:
    """Hold back the rows whose key holds a lost character."""
    for name in keys:
        wrong = frame[name].str.contains("\ufffd", regex=False)
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "lost_characters",
            "caractère perdu (�) dans un code",
            "lost character (�) in a code",
            column=name,
            mend_fr="Reprendre l’original chez le producteur.",
            mend_en="Fetch the original from its producer.",
        )
