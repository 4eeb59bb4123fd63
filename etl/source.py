"""What a source is, what becomes of its file, and how a file is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.model import Issue, Severity

#: A file with more rows in quarantine than this share of it is refused whole.
QUARANTINE_SHARE = 0.01
#: A country's figure needs at least this share of its parts to stand for the country.
COUNTRY_SHARE = 0.8


class RejectedFile(Exception):  # noqa: N818 - the word of the trade, and of the reports
    """A file that cannot be trusted: nothing of it is loaded, nothing is published."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.text("en"))
        self.issue = issue


@dataclass(frozen=True, slots=True)
class Staged:
    """A source's rows, typed, by release table; and an account of every row of its file.

    ``rows_read = rows_loaded + rows_quarantined + rows_dropped``: none is lost in silence.
    """

    tables: dict[str, pd.DataFrame]
    rows_read: int
    rows_loaded: int
    rows_quarantined: int = 0
    rows_dropped: int = 0
    issues: tuple[Issue, ...] = ()

    def __post_init__(self) -> None:
        accounted = self.rows_loaded + self.rows_quarantined + self.rows_dropped
        if self.rows_read != accounted:
            raise AssertionError(f"{self.rows_read} rows read, {accounted} accounted for")


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier sources have established, for the later ones to be checked against."""

    catalogue: Catalogue
    #: area_id by level, once the territory is staged.
    areas: dict[str, frozenset[str]] = field(default_factory=dict)


#: Reads the bytes of a file: entry, file name, bytes, what is known -> its rows.
Stage = Callable[[SourceEntry, str, bytes, Known], Staged]


@dataclass(slots=True)
class Ledger:
    """The issues found while a file is staged, and which of its lines are held back."""

    source_id: str
    file: str
    issues: list[Issue] = field(default_factory=list)
    quarantined: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)

    def reject(self, code: str, fr: str, en: str, **where: object) -> RejectedFile:
        """The exception that refuses the whole file; ``where`` may hold line, column, mend..."""
        return RejectedFile(self._issue(Severity.REJECT, code, fr, en, **where))

    def note(self, code: str, fr: str, en: str, **where: object) -> None:
        """Write down something mended or worth knowing."""
        self.issues.append(self._issue(Severity.NOTE, code, fr, en, **where))

    def quarantine(self, line: int, code: str, fr: str, en: str, **where: object) -> None:
        """Hold one line back, with its reason; the rest of the file goes on."""
        self.quarantined.add(line)
        self.issues.append(self._issue(Severity.QUARANTINE, code, fr, en, line=line, **where))

    def quarantine_area(self, line: int, level: str, area_id: str) -> None:
        """Hold back a line whose area the territory does not know: a question for a person."""
        self.quarantine(
            line,
            "unknown_area",
            f"{level} {area_id} n’est pas dans le territoire",
            f"{level} {area_id} is not in the territory",
            column="area_id",
            sample=area_id,
            mend_fr="Vérifier le code et son millésime (zéro initial, commune fusionnée).",
            mend_en="Check the code and its edition (leading zero, merged commune).",
        )

    def drop(self, line: int, code: str, fr: str, en: str, **where: object) -> None:
        """Drop one line by a named rule."""
        self.dropped.add(line)
        self.issues.append(self._issue(Severity.NOTE, code, fr, en, line=line, **where))

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
                f"{held} lignes sur {rows_read} sont fausses ; la première : {first.message_fr}",
                f"{held} of {rows_read} rows are wrong; the first: {first.message_en}",
                line=first.line,
                column=first.column,
                sample=first.sample,
                mend_fr=first.mend_fr,
                mend_en=first.mend_en,
                rows=held,
            )

    def _issue(self, severity: Severity, code: str, fr: str, en: str, **where: object) -> Issue:
        return Issue(
            source_id=self.source_id,
            severity=severity,
            code=code,
            message_fr=fr,
            message_en=en,
            file=self.file,
            **where,  # type: ignore[arg-type]
        )
