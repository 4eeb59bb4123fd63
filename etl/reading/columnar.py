"""Parquet: a frame of its named columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from etl.reading.header import places
from etl.reading.text import plain
from etl.reading.width import check_width
from etl.source import LINE, Ledger, RejectedFile

MOST_ROWS = 20_000_000
LARGEST_INFLATED = 1 << 30

_AGAIN = {
    "mend_fr": "Reprendre le fichier complet, ou le reconstruire.",
    "mend_en": "Fetch the whole file again, or rebuild it.",
}


def parquet_frame(
    content: bytes, columns: Sequence[str], ledger: Ledger, optional: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows of a Parquet file, its columns found by name and typed as in the file.

    Parameters
    ----------
    columns: the columns relied on.
    optional: columns that are read where the file has them.

    Returns
    -------
    One row a record with ``columns``, the ``optional`` ones there are, and ``line`` (the place of
    the row, the first being line 2). Text is ``str``; whole numbers with gaps are ``Int64``, so
    that no digit is lost.

    Raises
    ------
    RejectedFile
        Not a Parquet file, cut short, too large by what its footer says, a column missing, or
        no row.
    """
    plain(content, ledger, is_text=False)
    if content[:4] != b"PAR1" or content[-4:] != b"PAR1":
        cut = content[:4] == b"PAR1"
        raise ledger.reject(
            "truncated" if cut else "not_parquet",
            "fichier Parquet coupé avant sa fin" if cut else "ce n’est pas un fichier Parquet",
            "Parquet file cut before its end" if cut else "this is not a Parquet file",
            **_AGAIN,
        )
    try:
        with pyarrow.parquet.ParquetFile(
            pa.BufferReader(content), page_checksum_verification=True
        ) as file:
            names = file.schema_arrow.names
            _check_footer(file.metadata, ledger)
            wanted = [*columns, *(name for name in optional if name in names)]
            places(names, wanted, ledger)
            _check_size(file.metadata, wanted, ledger)
            table = file.read(columns=wanted)
    except MemoryError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _unreadable(error, ledger) from error
    if not table.num_rows:
        raise ledger.reject("no_rows", "aucune ligne", "no row", **_AGAIN)
    frame = pd.DataFrame({name: series(table.column(name)) for name in wanted})
    frame[LINE] = range(2, len(frame) + 2)
    return frame


def _check_footer(footer: pyarrow.parquet.FileMetaData, ledger: Ledger) -> None:
    check_width(footer.num_columns, ledger)
    if footer.num_rows > MOST_ROWS:
        raise ledger.reject(
            "too_many_rows",
            f"{footer.num_rows} lignes, plus que les {MOST_ROWS} qu’un fichier peut avoir",
            f"{footer.num_rows} rows, more than the {MOST_ROWS} a file may have",
            mend_fr="Fournir un extrait de ce fichier.",
            mend_en="Bring an extract of this file.",
        )


def _check_size(
    footer: pyarrow.parquet.FileMetaData, wanted: Sequence[str], ledger: Ledger
) -> None:
    """Refuse wanted columns whose pages inflate beyond measure, by what the footer says."""
    chunks = (
        footer.row_group(group).column(number)
        for group in range(footer.num_row_groups)
        for number in range(footer.num_columns)
    )
    inflated = sum(
        chunk.total_uncompressed_size
        for chunk in chunks
        if chunk.path_in_schema.partition(".")[0] in wanted
    )
    if inflated > LARGEST_INFLATED:
        raise ledger.reject(
            "too_big",
            f"{inflated >> 20} Mo une fois décompressé, plus que 1024",
            f"{inflated >> 20} MB once unpacked, over 1024",
            mend_fr="Fournir un extrait de ce fichier.",
            mend_en="Bring an extract of this file.",
        )


def series(column: pa.ChunkedArray) -> pd.Series:
    """A column of Arrow as pandas holds it, without a whole number becoming a fraction."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_integer(column.type) and column.null_count:
        whole: pd.Series = column.to_pandas(types_mapper=lambda _kind: pd.Int64Dtype())
        return whole
    plainly: pd.Series = column.to_pandas()
    return plainly


def _unreadable(error: Exception, ledger: Ledger) -> RejectedFile:
    return ledger.reject(
        "unreadable_parquet",
        f"fichier Parquet illisible ({type(error).__name__})",
        f"unreadable Parquet file ({type(error).__name__})",
        **_AGAIN,
    )
