"""An officer's corrections are text: what they say, in the type of the column they are put in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
#: What a column wants, in the words of the refusal.
_WANTED = {
    "whole": ("un nombre entier", "a whole number"),
    "number": ("un nombre (point décimal)", "a number (decimal point)"),
    "truth": ("True ou False", "True or False"),
}


class MendError(ValueError):
    """A correction that its column does not take: ``line``, and the mend in two languages."""

    def __init__(self, line: int, fr: str, en: str) -> None:
        super().__init__(en)
        self.line, self.fr, self.en = line, fr, en


def with_cells(column: pd.Series, texts: Mapping[int, str]) -> pd.Series:
    """The column with some cells replaced, each by what its text says.

    ``column`` is indexed by line, ``texts`` has the line of each correction. A typed column stays
    of its type; emptied, a cell is absent, for which whole numbers become ``Int64`` and truths
    ``boolean``. In a column of objects the most frequent type of its cells is meant.

    Raises
    ------
    MendError
        When a text is not what the column holds, or the column holds no text, number or truth.
    """
    kind = _kind(column)
    if kind == "text":
        values: dict[int, Any] = dict(texts)
    else:
        values = {line: _value(text, kind, line, column) for line, text in texts.items()}
    made = column.copy()
    if column.dtype != "object" and None in values.values():
        made = made.astype("Int64") if kind == "whole" else made.astype("boolean")
    for line, value in values.items():
        made.at[line] = value
    return made


def _kind(column: pd.Series) -> str:
    """What the column holds: text, whole, number, truth, or other."""
    kinds = pd.api.types
    dtype = column.dtype
    if dtype == "object":
        held = column.dropna().map(type).value_counts()
        first = held.index[0] if len(held) else str
        named = {str: "text", int: "number", float: "number", bool: "truth"}
        return named.get(first, "other")
    if isinstance(dtype, pd.StringDtype):
        return "text"
    for name, is_of in (
        ("truth", kinds.is_bool_dtype),
        ("whole", kinds.is_integer_dtype),
        ("number", kinds.is_float_dtype),
    ):
        if is_of(dtype):
            return name
    return "other"


def _value(text: str, kind: str, line: int, column: pd.Series) -> Any:
    told = text.strip()
    if kind == "other":
        raise MendError(
            line,
            "Cette colonne ne se corrige pas à la main : corriger le fichier lui-même.",
            "This column is not mended by hand: mend the file itself.",
        )
    if not told:
        return np.nan if kind == "number" and column.dtype != "object" else None
    reading: Mapping[str, Callable[[str], object]] = {
        "whole": _whole,
        "number": _number,
        "truth": {"true": True, "false": False}.__getitem__,
    }
    try:
        value = reading[kind](told.lower())
        # A number that its column is too narrow for is refused, never cut.
        if column.dtype != "object" and kind == "whole":
            limits = np.iinfo(column.dtype.type)
            if not limits.min <= int(told) <= limits.max:
                raise ValueError(told)
        return value if column.dtype == "object" else column.dtype.type(value)
    except (ValueError, KeyError):
        fr, en = _WANTED[kind]
        raise MendError(line, f"Écrire {fr}.", f"Write {en}.") from None


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float | int:
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(text)
    return float(text)
