"""What cells say when they should hold figures: a number, a status, and how it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, auto
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.model import Status

Unit = Literal["ratio", "euro"]

#: Beyond it a double no longer tells two whole numbers apart.
LARGEST_EXACT = 2.0**53
STATUSES = list(Status)
#: What may stand between groups of digits, as the inside of a class of a regular expression.
_GROUPS = {"": "", " ": " \u00a0\u202f\u2009", "'": "'’", ".": "\\.", ",": ","}
_OTHER = {"empty": "", "number": "", "other": "\0"}


class How(IntEnum):
    """How a cell was written."""

    PLAIN = 0
    MARK = auto()
    ZERO = auto()
    BOUND = auto()
    MARKER = auto()
    PERCENT = auto()
    CURRENCY = auto()
    NO_UNIT = auto()
    WRONG = auto()


@dataclass(slots=True)
class Said:
    """What each cell says: a number or NaN, a status (place in the list), how it was read."""

    value: npt.NDArray[np.float64]
    status: npt.NDArray[np.int8]
    how: npt.NDArray[np.int8]


@dataclass(slots=True)
class Style:
    """How the figures of a column are written."""

    decimal: str
    grouping: str
    marks: Mapping[str, Status]
    unit: Unit | None
    number: str = ""
    _forms: dict[How, re.Pattern[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.decimal not in (".", ",") or self.grouping not in set(_GROUPS) - {self.decimal}:
            raise ValueError(f"decimal {self.decimal!r} and grouping {self.grouping!r}")
        groups = _GROUPS[self.grouping]
        grouped = f"|[0-9]{{1,3}}(?:[{groups}][0-9]{{3}}){{1,4}}" if groups else ""
        n = rf"[+-]?(?:[0-9]{{1,15}}{grouped})(?:{re.escape(self.decimal)}[0-9]{{1,30}})?"
        self.number = n
        notes = r"\s*(?:\([0-9]{1,2}\)|\*+|[¹²³⁴⁵⁶⁷⁸⁹]+)"
        money = r"(?:€|EUR|euros?)"
        self._forms = {
            How.BOUND: re.compile(rf"(?:<=?|>=?|≤|≥)\s*{n}|[\[\]]\s*{n}\s*[-–;]\s*{n}\s*[\[\]]"),
            How.MARKER: re.compile(rf"({n})(?:(?:{notes})+|\s+([pre])|\s*\(([pre])\))"),
            How.PERCENT: re.compile(rf"({n})\s*%"),
            How.CURRENCY: re.compile(rf"{money}\s*({n})|({n})\s*{money}"),
        }

    def number_of(self, text: str) -> float:
        """The number of a text that :attr:`number` matches."""
        for mark in _GROUPS[self.grouping].replace("\\", ""):
            text = text.replace(mark, "")
        return float(text.replace(self.decimal, "."))

    def cell(self, text: str) -> tuple[float, Status, How]:
        """What a text says that is no plain number."""
        if text in self.marks or not text:
            status = self.marks.get(text, Status.MISSING)
            return (0.0, status, How.ZERO) if status.has_value else (np.nan, status, How.MARK)
        if self._forms[How.BOUND].fullmatch(text):
            return np.nan, Status.SUPPRESSED, How.BOUND
        for how in (How.MARKER, How.PERCENT, How.CURRENCY):
            found = self._forms[how].fullmatch(text)
            if found:
                break
        else:
            return np.nan, Status.MISSING, How.WRONG
        number = self.number_of(next(group for group in found.groups() if group))
        if how == How.MARKER:
            letter = found.group(2) or found.group(3)
            return number, Status.ESTIMATED if letter in ("p", "e") else Status.OBSERVED, how
        declared = {How.PERCENT: "ratio", How.CURRENCY: "euro"}[how]
        if self.unit != declared:
            return np.nan, Status.MISSING, How.NO_UNIT
        return (number / 100 if how == How.PERCENT else number), Status.OBSERVED, how


def text_of(cell: object) -> str:
    """The cell as text that any file can hold."""
    try:
        return str(cell).encode("utf-8", "replace").decode()
    except ValueError:  # a number of more than 4,300 digits
        return "…"


def said(cells: pd.Series[Any], style: Style) -> Said:
    """What each cell of a column says: of text, of numbers, or of both."""
    if pd.api.types.is_bool_dtype(cells):
        cells = cells.astype("object")
    if pd.api.types.is_numeric_dtype(cells):
        return _numbers(cells.to_numpy("float64", na_value=np.nan), style)
    if isinstance(cells.dtype, pd.StringDtype):
        made = pa.array(cells, pa.large_string())
        whole = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
        return _texts(whole, style)
    objects = cells.astype("object")
    kinds = [_kind(cell) for cell in objects]
    is_number = np.array([kind == "number" for kind in kinds], dtype=bool)
    texts = [
        text_of(cell) if kind == "text" else _OTHER[kind]
        for cell, kind in zip(objects, kinds, strict=True)
    ]
    read = _texts(pa.array(texts, pa.large_string()), style)
    if is_number.any():
        numbers = [_float(cell) for cell, there in zip(objects, is_number, strict=True) if there]
        other = _numbers(np.array(numbers, dtype="float64"), style)
        read.value[is_number] = other.value
        read.status[is_number] = other.status
        read.how[is_number] = other.how
    return read


def _numbers(value: npt.NDArray[np.float64], style: Style) -> Said:
    """What numeric cells say: NaN is an empty cell; infinity and -0 are wrong."""
    empty, status, how = style.cell("")
    is_empty = np.isnan(value)
    made = np.where(is_empty, empty, value)
    read = Said(
        made,
        np.where(is_empty, STATUSES.index(status), STATUSES.index(Status.OBSERVED)).astype(np.int8),
        np.where(is_empty, how, How.PLAIN).astype(np.int8),
    )
    _mark_inexact(read)
    return read


def _texts(cells: pa.Array, style: Style) -> Said:
    """What text cells say: plain numbers all at once, the others by distinct text."""
    trimmed = pc.fill_null(pc.utf8_trim_whitespace(cells), "")
    is_plain = pc.match_substring_regex(trimmed, f"^(?:{style.number})$")
    if style.marks:
        marks = pa.array(list(style.marks), trimmed.type)
        is_plain = pc.and_not(is_plain, pc.is_in(trimmed, marks))
    plain = pc.filter(trimmed, is_plain)
    for mark in _GROUPS[style.grouping].replace("\\", ""):
        plain = pc.replace_substring(plain, mark, "")
    plain = pc.utf8_ltrim(pc.replace_substring(plain, style.decimal, "."), "+")
    there = is_plain.to_numpy(zero_copy_only=False)
    read = Said(
        np.full(len(there), np.nan),
        np.full(len(there), STATUSES.index(Status.OBSERVED), dtype=np.int8),
        np.full(len(there), How.PLAIN, dtype=np.int8),
    )
    read.value[there] = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    coded = pc.filter(trimmed, pc.invert(is_plain)).dictionary_encode()
    meant = [style.cell(text) for text in coded.dictionary.to_pylist()]
    if meant:
        codes = coded.indices.to_numpy(zero_copy_only=False)
        read.value[~there] = np.array([value for value, _, _ in meant])[codes]
        read.status[~there] = np.array([STATUSES.index(s) for _, s, _ in meant], np.int8)[codes]
        read.how[~there] = np.array([how for _, _, how in meant], np.int8)[codes]
    _mark_inexact(read)
    return read


def _mark_inexact(read: Said) -> None:
    """Infinity, what a double cannot hold, and -0 are no figures."""
    wrong = (np.abs(read.value) > LARGEST_EXACT) | ((read.value == 0) & np.signbit(read.value))
    read.how[wrong] = How.WRONG
    read.value[wrong] = np.nan


def _kind(cell: object) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return "empty"
    if isinstance(cell, str):
        return "text"
    is_number = isinstance(cell, int | float | Decimal | np.integer | np.floating)
    return "number" if is_number and not isinstance(cell, bool) else "other"


def _float(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        return np.inf
