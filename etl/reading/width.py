"""How wide a table may be, whatever format holds it."""

from __future__ import annotations

import re

from etl.source import Ledger

#: A table with more columns is none: a matrix, or the rows and columns were exchanged.
MOST_COLUMNS = 2_000
#: The code of the refusal.
TOO_WIDE = "too_many_columns"
#: A text of JSON, whole, and the colon that makes it a key.
_TEXT = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\Z)(\s*+:)?+', re.DOTALL)
#: Keys that a file of features has beside the properties of its features.
_MEMBERS = frozenset(
    (b"type", b"features", b"geometry", b"properties", b"coordinates", b"geometries", b"bbox")
)


def check_width(count: int, ledger: Ledger, **where: object) -> None:
    """Refuse a table of more than :data:`MOST_COLUMNS` columns; ``where`` may hold line, column.

    Nothing of the file is shown but the number of its columns.

    Raises
    ------
    RejectedFile
        ``too_many_columns``.
    """
    if count > MOST_COLUMNS:
        raise ledger.reject(
            TOO_WIDE,
            f"{count} colonnes, plus que les {MOST_COLUMNS} qu’un tableau peut avoir",
            f"{count} columns, more than the {MOST_COLUMNS} a table may have",
            mend_fr="N’en garder que les colonnes utiles (vider les cellules éloignées), ou "
            "échanger lignes et colonnes.",
            mend_en="Keep only the columns that serve (clear the far cells), or exchange rows and "
            "columns.",
            **where,
        )


def check_keys(content: bytes, ledger: Ledger) -> None:
    """Refuse a JSON of features whose objects have more keys than a table may have columns.

    Keys are counted up to the first too many, before a reader makes a column of each.

    Raises
    ------
    RejectedFile
        ``too_many_columns``.
    """
    if has_too_many_keys(content):
        check_width(MOST_COLUMNS + 1, ledger)


def has_too_many_keys(content: bytes) -> bool:
    """Whether the objects of a JSON of features have more different keys than columns may be."""
    found: set[bytes] = set()
    for text in _TEXT.finditer(content):
        if text.group(2) is not None:
            found.add(text.group(1))
        if len(found) > MOST_COLUMNS + len(_MEMBERS):
            return True
    return len(found - _MEMBERS) > MOST_COLUMNS
