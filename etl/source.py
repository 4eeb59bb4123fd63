"""What a source is, what becomes of its file, and how a file is refused.

One file is one source. A reader takes its bytes and returns :class:`Staged`: its rows, typed, and
an account of every row: ``read = loaded + quarantined + dropped by a named rule``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from etl.mends import MendError, with_cells
from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.model import Issue, Severity

#: The column of a frame of rows that holds each row's line in the file, the header being line 1.
LINE = "line"
#: The codes of a refusal because somebody is exposed: no copy of the file is kept.
SECURITY = frozenset(("personal_data", "small_counts"))
#: Source id under which the assembled territory is known to the sources read after it.
TERRITORY = "(territory)"
#: A file with more rows in quarantine than this share of it is refused whole.
QUARANTINE_SHARE = 0.01
#: A country's figure needs at least this share of its parts to stand for the country.
COUNTRY_SHARE = 0.8
#: A figure of own records that was told once, and whether its records were invented.
TOLD = ("variable", "level", "area_id", "period", "value", "source_id", "is_invented")
#: What is known of a row that is held back, beside its cells.
HELD_COLUMNS = ("line", "code", "column", "message_fr", "message_en", "mend_fr", "mend_en", "cells")


class RejectedFile(Exception):  # noqa: N818 - the word of the trade, and of the reports
    """A file that cannot be trusted: nothing of it is loaded, nothing is published."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.text("en"))
        self.issue = issue


@dataclass(frozen=True, slots=True)
class Staged:
    """A source's rows, typed, by table; and an account of every row of its file.

    ``rows_read = rows_loaded + rows_quarantined + rows_dropped``: none is lost in silence.
    ``dropped`` says how many rows each named rule dropped; ``held`` has one row a row in
    quarantine (:data:`HELD_COLUMNS`; ``cells`` is a JSON object of its cells as they were read,
    empty for a file of records about persons).
    """

    tables: dict[str, pd.DataFrame]
    rows_read: int
    rows_loaded: int
    rows_quarantined: int = 0
    rows_dropped: int = 0
    issues: tuple[Issue, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    held: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(HELD_COLUMNS)))

    def __post_init__(self) -> None:
        accounted = self.rows_loaded + self.rows_quarantined + self.rows_dropped
        if self.rows_read != accounted:
            raise AssertionError(f"{self.rows_read} rows read, {accounted} accounted for")

    def noted(self, issues: Iterable[Issue]) -> Staged:
        """The same with more issues."""
        return replace(self, issues=(*self.issues, *issues))


def rounded_rows(count: int) -> int:
    """What is said of how many records there are: to the nearest five, and never that one is none.

    Exact numbers would add up with the counts that are told.

    >>> [rounded_rows(count) for count in (0, 1, 7, 8, 1203)]
    [0, 5, 5, 10, 1205]
    """
    return 0 if count == 0 else max(5, 5 * ((count + 2) // 5))


def nothing_told() -> pd.DataFrame:
    """The figures of own records that were told before a first release: none."""
    return pd.DataFrame(columns=list(TOLD))


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier sources have established, for the later ones to be checked against.

    ``tables`` holds the staged tables of the sources that the one being read ``needs``, by
    source id then table name.
    """

    catalogue: Catalogue
    #: area_id by level, once the territory is staged.
    areas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, pd.DataFrame]] = field(default_factory=dict)
    #: The officer's corrections of this very file: line -> column -> text.
    mends: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    #: What releases have told of own records so far: :data:`TOLD`.
    told: pd.DataFrame = field(default_factory=nothing_told)
    #: The record-level zone and the key of its pseudonyms; only readers of own records open them.
    records: Path | None = None
    key: Path | None = None


#: Reads the bytes of a file: entry, file name, bytes, what is known -> its rows.
Stage = Callable[[SourceEntry, str, bytes, Known], Staged]


@dataclass(slots=True)
class Ledger:
    """The issues found while a file is staged, and what becomes of each of its rows.

    A reader calls :meth:`begin` with the rows as they were read, then :meth:`quarantine` and
    :meth:`drop` with line numbers, takes what :meth:`kept` leaves, and ends with :meth:`staged`.
    """

    source_id: str
    file: str
    #: Whether a row is about a person: then no cell of it ever leaves in an issue.
    is_record_level: bool = False
    issues: list[Issue] = field(default_factory=list)
    #: Reason by line; the first one found stands.
    quarantined: dict[int, Issue] = field(default_factory=dict)
    #: Rule by line.
    dropped: dict[int, str] = field(default_factory=dict)
    rows: pd.DataFrame | None = None

    def begin(
        self, frame: pd.DataFrame, mends: Mapping[int, Mapping[str, str]] | None = None
    ) -> pd.DataFrame:
        """Take the rows of the file, corrected where an officer mended a line; return them.

        ``frame`` has the column :data:`LINE` and a distinct line for each row. A mended line or
        column that the file does not have refuses the file: the correction is of another one. So
        does a text that a column of numbers does not take (:func:`etl.mends.with_cells`).
        """
        if mends:
            frame = self._mended(frame, mends)
        self.rows = frame
        return frame

    def about(self, count: int) -> int:
        """How many rows a message may say there are: of records about persons, no exact number."""
        return rounded_rows(count) if self.is_record_level else count

    def reject(self, code: str, fr: str, en: str, **where: object) -> RejectedFile:
        """The exception that refuses the whole file; ``where`` may hold line, column, mend..."""
        return RejectedFile(self._issue(Severity.REJECT, code, fr, en, **where))

    def note(self, code: str, fr: str, en: str, **where: object) -> None:
        """Write down something mended (a repair) or worth knowing."""
        self.issues.append(self._issue(Severity.NOTE, code, fr, en, **where))

    def warn(self, code: str, fr: str, en: str, **where: object) -> None:
        """Write down something to look at: loaded, and shown on the screen."""
        self.issues.append(self._issue(Severity.WARNING, code, fr, en, **where))

    def hold(self, code: str, fr: str, en: str, **where: object) -> None:
        """Write down something that publication waits for a named officer to approve."""
        self.issues.append(self._issue(Severity.HOLD, code, fr, en, **where))

    def quarantine(
        self, lines: int | Iterable[int], code: str, fr: str, en: str, **where: object
    ) -> None:
        """Hold one line or several back, for one reason; the rest of the file goes on.

        A line already held or dropped keeps its first reason. One issue is written for the
        call, at the first line, with the number of rows.
        """
        fresh = self._fresh(lines)
        if fresh:
            told = {"rows": len(fresh), **where}
            issue = self._issue(Severity.QUARANTINE, code, fr, en, line=fresh[0], **told)
            self.issues.append(issue)
            self.quarantined |= dict.fromkeys(fresh, issue)

    def quarantine_area(self, lines: int | Iterable[int], level: str, area_id: str) -> None:
        """Hold back lines whose area the territory does not know: a question for a person."""
        named = level if self.is_record_level else f"{level} {area_id}"
        self.quarantine(
            lines,
            "unknown_area",
            f"{named} n’est pas dans le territoire",
            f"{named} is not in the territory",
            column="area_id",
            sample=area_id,
            mend_fr="Vérifier le code et son millésime (zéro initial, aire fusionnée).",
            mend_en="Check the code and its edition (leading zero, merged area).",
        )

    def drop(
        self, lines: int | Iterable[int], code: str, fr: str, en: str, **where: object
    ) -> None:
        """Drop one line or several by a named rule (``code``), and say so."""
        fresh = self._fresh(lines)
        if fresh:
            told = {"rows": len(fresh), **where}
            self.issues.append(self._issue(Severity.NOTE, code, fr, en, line=fresh[0], **told))
            self.dropped |= dict.fromkeys(fresh, code)

    def kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of ``frame`` whose line is neither in quarantine nor dropped."""
        if not self.quarantined and not self.dropped:
            return frame
        gone = {**self.quarantined, **self.dropped}
        return frame[~frame[LINE].isin(list(gone))]

    def staged(self, tables: dict[str, pd.DataFrame]) -> Staged:
        """The outcome: these tables, and the account of every row that :meth:`begin` took.

        Raises
        ------
        RejectedFile
            When more than :data:`QUARANTINE_SHARE` of the rows are in quarantine.
        """
        assert self.rows is not None, "begin() was not called"
        read = len(self.rows)
        self.settle(read)
        rules = pd.Series(list(self.dropped.values()), dtype="object").value_counts()
        return Staged(
            tables,
            rows_read=read,
            rows_loaded=read - len(self.quarantined) - len(self.dropped),
            rows_quarantined=len(self.quarantined),
            rows_dropped=len(self.dropped),
            issues=tuple(self.issues),
            dropped={str(rule): int(count) for rule, count in rules.items()},
            held=self._held(),
        )

    def settle(self, rows_read: int) -> None:
        """Refuse the file when more than :data:`QUARANTINE_SHARE` of it is in quarantine.

        Raises
        ------
        RejectedFile
            Naming the first line held back and its mend.
        """
        held = len(self.quarantined)
        if held > QUARANTINE_SHARE * rows_read:
            first = next(i for i in self.issues if i.severity is Severity.QUARANTINE)
            raise self.reject(
                "too_many_quarantined",
                f"{self.about(held)} lignes sur {self.about(rows_read)} sont fausses ; la première "
                f": {first.message_fr}",
                f"{self.about(held)} of {self.about(rows_read)} rows are wrong; the first: "
                f"{first.message_en}",
                line=first.line,
                column=first.column,
                sample=first.sample,
                mend_fr=first.mend_fr,
                mend_en=first.mend_en,
                rows=held,
            )

    def _fresh(self, lines: int | Iterable[int]) -> list[int]:
        asked = [lines] if isinstance(lines, int) else dict.fromkeys(int(line) for line in lines)
        return [x for x in asked if x not in self.quarantined and x not in self.dropped]

    def _held(self) -> pd.DataFrame:
        """The rows in quarantine, each with its reason and its cells as they were read."""
        assert self.rows is not None
        lines = sorted(self.quarantined)
        cells: dict[int, str] = {}
        if not self.is_record_level and lines:
            rows = self.rows[self.rows[LINE].isin(lines)]
            for line, row in zip(
                rows[LINE], rows.drop(columns=LINE).astype("object").to_dict("records"), strict=True
            ):
                text = {str(k): _written(v) for k, v in row.items()}
                cells[int(line)] = json.dumps(text, ensure_ascii=False)
        return pd.DataFrame(
            [
                (line, i.code, i.column, i.message_fr, i.message_en, i.mend_fr, i.mend_en, text)
                for line in lines
                for i, text in ((self.quarantined[line], cells.get(line, "{}")),)
            ],
            columns=list(HELD_COLUMNS),
        )

    def _mended(self, frame: pd.DataFrame, mends: Mapping[int, Mapping[str, str]]) -> pd.DataFrame:
        lines = set(frame[LINE])
        by_column: dict[str, dict[int, str]] = {}
        for line, cells in mends.items():
            foreign = [name for name in cells if name not in frame.columns or name == LINE]
            if line not in lines or foreign:
                raise self.reject(
                    "mend_of_another_file",
                    "une correction porte sur une ligne ou une colonne que ce fichier n’a pas",
                    "a correction is of a line or column that this file does not have",
                    line=line,
                    column=foreign[0] if foreign else None,
                    mend_fr="Exporter à nouveau les lignes retenues, et les corriger.",
                    mend_en="Export the rows held back again, and mend them.",
                )
            for name, text in cells.items():
                by_column.setdefault(name, {})[line] = text
        mended = {}
        for name, texts in by_column.items():
            try:
                column = with_cells(frame[name].set_axis(frame[LINE]), texts)
            except MendError as error:
                raise self.reject(
                    "mend_of_another_type",
                    "la correction n’est pas de ce que contient cette colonne",
                    "the correction is not of what this column holds",
                    line=error.line,
                    column=name,
                    mend_fr=error.fr,
                    mend_en=error.en,
                ) from None
            mended[name] = column.set_axis(frame.index)
        frame = frame.assign(**mended)
        self.note(
            "mended",
            f"{len(mends)} lignes corrigées à la main",
            f"{len(mends)} rows mended by hand",
            rows=len(mends),
        )
        return frame

    def _issue(self, severity: Severity, code: str, fr: str, en: str, **where: object) -> Issue:
        if self.is_record_level:
            where.pop("sample", None)
            if isinstance(rows := where.get("rows"), int):
                where["rows"] = rounded_rows(rows)
        return Issue(
            source_id=self.source_id,
            severity=severity,
            code=code,
            message_fr=fr,
            message_en=en,
            file=self.file,
            **where,  # type: ignore[arg-type]
        )


def _written(cell: Any) -> str:
    """A cell as text; absent, whatever the column writes for it, is empty."""
    is_absent = cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell))
    return "" if is_absent else str(cell)
