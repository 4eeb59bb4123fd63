"""The table of a selection: what a page lists, typed, with all that is said around it.

Each page makes one (`dashboard.exports.of_map` and those beside it) from the rows that it draws;
every form of file is written from it, so that all of them say what the screen says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from dashboard.wording import Words

#: So many rows are laid out at a time: a country's finest areas need no more room than a few.
_AT_A_TIME = 1000
#: The column that says the decimals of a row's numbers where its columns cannot.
ROW_DECIMALS = "decimals"

#: A number; a text (in a column of numbers, the word of a silence); None where nothing is known.
Cell = float | str | None


class Kind(StrEnum):
    """What a column holds. CODE: one of a few words, each with a code that no language changes."""

    NUMBER = "number"
    TEXT = "text"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``name`` is what machines call it, ``title`` what the screen does.

    ``decimals`` are those of its numbers, None where each row has its own
    (:data:`ROW_DECIMALS`). ``said`` are the words of its codes. ``is_repeated``: it is the same in
    every row, and stands there for files that have no room beside their rows.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    decimals: int | None = 0
    is_signed: bool = False
    said: Mapping[str, str] = field(default_factory=dict)
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of words beside the figures: what machines call its columns, headings, rows."""

    names: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What is said around a table.

    ``facts`` say what is selected, by the key of their name in the texts ``export``; ``link`` (path
    and query) opens it again, pinned to its release; ``caveats`` are what weakens or limits it;
    ``marks`` what its words and signs mean.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    definitions: Sheet
    sources: Sheet
    caveats: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]
    link: str
    release_id: str
    made_at: str


@dataclass(frozen=True, eq=False)
class Table:
    """Rows and columns in the order of the screen.

    ``frame`` has a column by the name of each of ``columns``: numbers as they are computed (NaN
    where there is none), texts, or codes. ``silences`` are, for columns of numbers, the word that
    stands in each row that has none. ``level`` is that of the areas that the rows are, empty where
    they are none; then there is a column ``area_id``.
    """

    name: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    silences: Mapping[str, pd.Series]
    context: Context
    words: Words
    level: str = ""

    def rows(self, *, is_said: bool = True) -> Iterator[tuple[Cell, ...]]:
        """The rows, a few laid out at a time; numbers rounded as the screen rounds them.

        ``is_said``: codes as their words, and silences as theirs; otherwise codes, and None.
        """
        for start in range(0, len(self.frame), _AT_A_TIME):
            end = start + _AT_A_TIME
            cells = [self._cells(column, start, end, is_said) for column in self.columns]
            yield from zip(*cells, strict=True)

    def decimals(self, column: Column, place: int) -> int:
        """The decimals of a number of the row at ``place``."""
        if column.decimals is not None:
            return column.decimals
        return int(self.frame[ROW_DECIMALS].iloc[place])

    def _cells(self, column: Column, start: int, end: int, is_said: bool) -> Sequence[Cell]:
        part = self.frame[column.name].iloc[start:end]
        if column.kind is Kind.NUMBER:
            return self._numbers(column, part, start, is_said)
        texts = [None if pd.isna(text) else str(text) for text in part]
        if column.kind is Kind.CODE and is_said:
            return [column.said.get(text, text) if text else None for text in texts]
        return [text or None for text in texts]

    def _numbers(
        self, column: Column, part: pd.Series, start: int, is_said: bool
    ) -> Sequence[Cell]:
        silent = self.silences.get(column.name) if is_said else None
        words = [None] * len(part) if silent is None else silent.iloc[start : start + len(part)]
        return [
            (word or None)
            if number != number  # NaN
            else round(number, self.decimals(column, place)) + 0.0
            for place, (number, word) in enumerate(
                zip(part.astype("float64").tolist(), words, strict=True), start
            )
        ]
