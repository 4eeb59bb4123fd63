"""Whether what lies under a header in a sheet is one table, and nothing but a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from etl.reading.grid import Cell, Grid, text_of
from etl.reading.header import folded
from etl.reading.repairs import clean
from etl.source import Ledger, RejectedFile

_WORDS = re.compile(r"(?=.*[^\W\d_]{2})[^0-9]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Table:
    """A header in a sheet (``top`` counts from 0), its named columns, and the rows under it."""

    read: Grid
    top: int
    header: list[str]
    ledger: Ledger
    named: list[int] = field(init=False)
    #: The rows with a cell of the table filled.
    body: list[int] = field(init=False)

    def __post_init__(self) -> None:
        named = [column for column, name in enumerate(self.header) if name]
        object.__setattr__(self, "named", named)
        under = range(self.top + 1, len(self.read.rows))
        body = [row for row in under if any(self.read.rows[row][c] != "" for c in named)]
        object.__setattr__(self, "body", body)

    def filled(self, row: int) -> dict[int, Cell]:
        """The cells of a row that are not empty, by column."""
        cells = self.read.rows[row]
        return {column: cells[column] for column in self.named if cells[column] != ""}

    def check_beside(self, wanted: set[str]) -> None:
        """Refuse a second table beside the one that has the ``wanted`` names (folded)."""
        blocks = self._blocks()
        met = [sum(folded(self.header[c]) in wanted for c in block) for block in blocks]
        main = met.index(max(met)) if met else 0
        own = {self.header[column] for column in blocks[main]} if blocks else set()
        for number, block in enumerate(blocks):
            again = own & {self.header[column] for column in block}
            if number != main and (again or (len(block) > 1 and not met[number])):
                raise self.ledger.reject(
                    "two_tables",
                    "deux tableaux côte à côte dans la feuille",
                    "two tables side by side in the sheet",
                    line=self.top + 1,
                    column=self.header[block[0]],
                    mend_fr="Mettre chaque tableau dans sa feuille.",
                    mend_en="Put each table in a sheet of its own.",
                )

    def note_around(self) -> None:
        """Say what was passed over: empty rows in the middle, text beside the table."""
        last = self.body[-1] if self.body else self.top
        inside = set(self.body)
        passed = [row for row in range(self.top + 1, len(self.read.rows)) if row not in inside]
        beside = [row for row in passed if any(cell != "" for cell in self.read.rows[row])]
        blank = sum(row < last for row in passed) - sum(row < last for row in beside)
        if beside:
            self.ledger.note(
                "cells_beside",
                f"{len(beside)} lignes n’ont de texte qu’à côté du tableau : laissées de côté",
                f"{len(beside)} rows have text only beside the table: left aside",
                line=beside[0] + 1,
                rows=len(beside),
            )
        if blank:
            fr, en = f"{blank} lignes blanches passées", f"{blank} blank lines skipped"
            self.ledger.note("blank_lines", fr, en, rows=blank)

    def footnote_start(self, footnotes: Sequence[str]) -> int:
        """The first row that matches one of these patterns; past the last row when none does."""
        patterns = [re.compile(pattern) for pattern in footnotes]
        first = end = len(self.read.rows)
        for row in self.body if patterns else ():
            filled = self.filled(row)
            if first < end and len(filled) > 1:
                raise self.ledger.reject(
                    "rows_after_footnote",
                    "le tableau reprend après une note",
                    "the table goes on after a footnote",
                    line=row + 1,
                    mend_fr="Mettre les notes sous le tableau.",
                    mend_en="Put the notes below the table.",
                )
            text = " ".join(text_of(cell) for cell in filled.values())
            if first == end and any(pattern.match(text) for pattern in patterns):
                first = row
        return first

    def check_rows(self, kept: Sequence[int]) -> None:
        """Refuse a second header, and a last row that is a remark nobody announced."""
        if not kept:
            raise self.ledger.reject(
                "no_rows",
                "aucune ligne sous l’en-tête",
                "no row under the header",
                line=self.top + 1,
                mend_fr="Reprendre le fichier complet chez le producteur.",
                mend_en="Fetch the whole file again from its producer.",
            )
        after_blank = [row for before, row in pairwise(kept) if row > before + 1]
        self._check_trailer(kept, after_blank)
        numeric = self._numeric(kept)
        for row in (kept[0], *after_blank):
            words = self.filled(row)
            is_header = all(isinstance(c, str) and _WORDS.fullmatch(c) for c in words.values())
            if is_header and len(numeric & words.keys()) > 1 and not self._is_again(row):
                raise self._second_header(row, is_first=row == kept[0])

    def drop(self, first_note: int) -> None:
        """Drop footnotes, and the header where it is repeated, each by its rule."""
        notes = [row + 1 for row in self.body if row >= first_note]
        again = [row + 1 for row in self.body if self._is_again(row)]
        self.ledger.drop(notes, "footnote", "note de bas de tableau", "footnote")
        self.ledger.drop(again, "repeated_header", "en-tête répété", "header repeated")

    def _blocks(self) -> list[list[int]]:
        """The named columns, parted where an empty column lies between two of them."""
        blocks: list[list[int]] = []
        rows = self.read.rows[self.top + 1 :]
        for column in self.named:
            gap = range(blocks[-1][-1] + 1, column) if blocks else range(0)
            is_apart = any(all(cells[between] == "" for cells in rows) for between in gap)
            if is_apart or not blocks:
                blocks.append([column])
            else:
                blocks[-1].append(column)
        return blocks

    def _is_again(self, row: int) -> bool:
        cells, first = self.read.rows[row], self.named[0]
        if cells[first] != self.read.rows[self.top][first]:
            return False
        return all(text_of(cells[column]) == self.header[column] for column in self.named)

    def _numeric(self, kept: Sequence[int]) -> set[int]:
        """The columns that hold numbers, but for one row in ten (marks of missing values)."""
        numeric = set()
        for column in self.named:
            cells = [self.read.rows[row][column] for row in kept]
            numbers = sum(isinstance(cell, int | float) for cell in cells)
            if numbers > 1 and numbers >= 0.9 * (sum(cell != "" for cell in cells) - 1):
                numeric.add(column)
        return numeric

    def _check_trailer(self, kept: Sequence[int], after_blank: Sequence[int]) -> None:
        filled = self.filled(kept[-1])
        text = next(iter(filled.values()))
        is_remark = len(self.named) > 2 and isinstance(text, str) and " " in clean(text)
        is_alone = len(kept) > 1 and len(self.named) > 1 and len(filled) == 1
        if is_alone and (is_remark or kept[-1] in after_blank):
            raise self.ledger.reject(
                "unknown_trailer",
                "le tableau est suivi d’un texte qui n’est pas déclaré",
                "the table is followed by a text that is not declared",
                line=kept[-1] + 1,
                mend_fr="Déclarer le début de ces lignes (footnotes), ou les retirer.",
                mend_en="Declare what these lines begin with (footnotes), or remove them.",
            )

    def _second_header(self, row: int, is_first: bool) -> RejectedFile:
        if is_first:
            return self.ledger.reject(
                "header_rows",
                "l’en-tête tient sur plusieurs lignes",
                "the header takes several lines",
                line=row + 1,
                mend_fr="Réduire l’en-tête à une ligne, ou déclarer celle qui porte les noms.",
                mend_en="Reduce the header to one line, or declare the one that holds the names.",
            )
        return self.ledger.reject(
            "stacked_tables",
            "un second tableau commence ici",
            "a second table begins here",
            line=row + 1,
            mend_fr="Mettre chaque tableau dans sa feuille.",
            mend_en="Put each table in a sheet of its own.",
        )
