"""Every cell of a file at a glance, whatever holds it: to look for what must not be there.

Nothing read here is ever loaded: columns that a reader leaves aside, other sheets and notes are
seen too. What cannot be read this way is left to the strict readers, which refuse it.
"""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pyogrio
from python_calamine import CalamineError, CalamineWorkbook

from etl.reading.facts import MOST_CELLS
from etl.reading.grid import Cell, text_of
from etl.reading.ooxml import archive, sheets_of
from etl.reading.packed import Kind, unpacked
from etl.reading.records import long_cells
from etl.reading.text import LARGEST_BYTES
from etl.reading.tree import LARGEST_JSON_BYTES
from etl.reading.width import has_too_many_keys
from etl.reading.workbook import sheet_cells
from etl.source import Ledger, RejectedFile

#: A header stands within so many rows.
HEADER_WITHIN = 60
_SEPARATORS = ",;\t|"
_ROWS = 20_000
#: Whole numbers under this are no identifiers of persons: they are not looked at.
_LEAST_NUMBER = 10**9
_PACKED: Mapping[bytes, Kind] = {
    b"\xfd7zXZ\0": "lzma",
    b"\x5d\0\0": "lzma",
    b"\x1f\x8b": "gzip",
}
_CELL = re.compile(rb'<c [^>]*?\br="([A-Z]+)([0-9]+)"')
_GEOMETRY = frozenset(("geometry", "coordinates"))
_UNREADABLE = (
    RejectedFile,
    ValueError,
    OSError,
    csv.Error,
    RecursionError,
    zipfile.BadZipFile,
    CalamineError,
    pa.ArrowException,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
)


@dataclass(frozen=True, slots=True)
class Glance:
    """Some rows of a table.

    ``headings`` are rows that may name the columns, told with the first rows of a table;
    ``columns`` are the distinct texts of each column, by its place; ``notes`` are the cells that
    stand alone in their row.
    """

    headings: Sequence[Sequence[str]]
    columns: Mapping[int, Sequence[str]]
    notes: Sequence[str] = ()


def glances(content: bytes) -> Iterator[Glance]:
    """Glances at the rows of every table of a file (sheets, layers, members), in turn.

    The first one of each table has its ``headings``, the others have none.
    Understood: delimited text, JSON, GeoJSON, GeoPackage, Parquet, XLSX; packed or not.
    """
    unheard = Ledger("", "")
    with suppress(*_UNREADABLE):
        for magic, kind in _PACKED.items():
            if content.startswith(magic):
                content = unpacked(content, unheard, kind)
        if content.startswith(b"PK\x03\x04"):
            yield from _zipped(content, unheard)
        elif content.startswith(b"PAR1"):
            yield from _parquet(content)
        elif content.startswith(b"SQLite format 3\0") or _is_collection(content):
            yield from _features(content)
        elif content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
            yield from _tree(content)
        else:
            yield from _text(content)


def _zipped(content: bytes, unheard: Ledger) -> Iterator[Glance]:
    """The sheets of a workbook, or the members of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    if "[Content_Types].xml" not in names:
        for name in names:
            with suppress(RejectedFile):
                yield from glances(unpacked(content, unheard, "zip", name))
        return
    yield from _sheets(content, unheard)


def _sheets(content: bytes, unheard: Ledger) -> Iterator[Glance]:
    """Every sheet of a workbook, hidden ones too."""
    with archive(content, unheard) as packed:
        vast = {s.name: _is_vast(packed.read(s.part)) for s in sheets_of(packed, unheard)}
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for name, is_vast in vast.items():
            with suppress(RejectedFile):  # too large to be held: its reader refuses it
                cells = (
                    sheet_cells(content, name, unheard)
                    if is_vast
                    else book.get_sheet_by_name(name).iter_rows()
                )
                yield from _rows([_looked_at(cell) for cell in row] for row in cells)


def _is_vast(part: bytes) -> bool:
    """Whether the cells of a sheet span more than can be held: some lie far away."""
    places = _CELL.findall(part)
    widest = max({name for name, _row in places}, key=lambda name: (len(name), name), default=b"")
    columns = 0
    for letter in widest:
        columns = 26 * columns + letter - 64
    return columns * max((int(row) for _name, row in places), default=0) > MOST_CELLS


def _looked_at(cell: Cell) -> str:
    """The text of a cell; a number that is too short to be an identifier is only there."""
    if isinstance(cell, int | float) and not cell >= _LEAST_NUMBER:
        return "0"
    return text_of(cell)


def _text(content: bytes) -> Iterator[Glance]:
    text = _decoded(content[:LARGEST_BYTES])
    with long_cells():
        lines = list(islice(io.StringIO(text, newline=""), HEADER_WITHIN))
        widths = {
            separator: sum(map(len, csv.reader(lines, delimiter=separator)))
            for separator in _SEPARATORS
        }
        separator = max(widths, key=lambda one: widths[one])
        yield from _rows(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(records: Iterable[list[str]]) -> Iterator[Glance]:
    """Glances at the records of a table, so many at a time."""
    rows, is_first = iter(records), True
    while chunk := list(islice(rows, _ROWS)):
        headings = chunk[:HEADER_WITHIN] if is_first else []
        is_wide = max(map(len, chunk)) > 1
        alone = [is_wide and row.count("") >= len(row) - 1 for row in chunk]
        body = [row for row, is_alone in zip(chunk, alone, strict=True) if not is_alone]
        columns = {
            place: list(set(cells)) for place, cells in enumerate(zip_longest(*body, fillvalue=""))
        }
        notes = ["".join(row) for row, is_alone in zip(chunk, alone, strict=True) if is_alone]
        yield Glance(headings, columns, notes)
        is_first = False


def _tree(content: bytes) -> Iterator[Glance]:
    """The texts and the long numbers of a JSON value, by key; geometries aside."""
    if len(content) > LARGEST_JSON_BYTES:
        return
    found: dict[str, set[str]] = {}
    waiting: list[tuple[str, Any]] = [("", json.loads(_decoded(content)))]
    while waiting:
        key, whole = waiting.pop()
        parts = whole.items() if isinstance(whole, dict) else ((key, one) for one in whole)
        for name, value in parts:
            seen = found.setdefault(name, set())
            if type(value) is str:
                seen.add(value)
            elif type(value) is int and value >= _LEAST_NUMBER:
                seen.add(str(value))
            elif isinstance(value, dict | list) and name not in _GEOMETRY:
                waiting.append((name, value))
    yield Glance([list(found)], {place: list(cells) for place, cells in enumerate(found.values())})


def _is_collection(content: bytes) -> bool:
    """Whether a JSON is of features that can be a table: of few enough columns."""
    return b'"FeatureCollection"' in content[:65536] and not has_too_many_keys(content)


def _features(content: bytes) -> Iterator[Glance]:
    """The attributes of each layer of features."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the bytes have no file name to tell their format
        layers = [str(name) for name, _kind in pyogrio.list_layers(io.BytesIO(content))]
        for number in range(len(layers)):
            _about, table = pyogrio.read_arrow(
                io.BytesIO(content), layer=number, read_geometry=False
            )
            yield from _batches(table.column_names, table.to_batches())


def _parquet(content: bytes) -> Iterator[Glance]:
    with pyarrow.parquet.ParquetFile(pa.BufferReader(content)) as file:
        yield from _batches(file.schema_arrow.names, file.iter_batches(batch_size=_ROWS * 10))


def _batches(names: list[str], batches: Iterable[pa.RecordBatch]) -> Iterator[Glance]:
    headings = [names]
    for batch in batches:
        columns = {place: _texts(column) for place, column in enumerate(batch.columns)}
        yield Glance(headings, columns)
        headings = []
    if headings:
        yield Glance(headings, {})


def _texts(column: pa.Array) -> list[str]:
    """The distinct texts and long whole numbers of a column of Arrow."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return _texts(column.flatten())
    if pa.types.is_struct(column.type):
        return [text for part in column.flatten() for text in _texts(part)]
    if pa.types.is_integer(column.type):
        long = column.filter(pc.greater_equal(column, pa.scalar(_LEAST_NUMBER, pa.int64())))
        return [str(number) for number in long.unique().to_pylist()]
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return [text for text in column.unique().to_pylist() if text is not None]
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        return [day.isoformat()[:10] for day in column.unique().to_pylist() if day is not None]
    return []
