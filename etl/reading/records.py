"""The records of a delimited text, each with the line of the file where it starts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

from etl.reading.text import Encoding
from etl.reading.width import MOST_COLUMNS, check_width
from etl.source import Ledger, RejectedFile

_SEP_LINE = re.compile(r'"?sep=(.)"?\n', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written. All of it is declared, nothing is guessed."""

    separator: str = ","
    encoding: Encoding = "utf-8"
    #: Empty: no cell is quoted.
    quote: str = '"'
    #: The line of the header; without a header, the line of the first record.
    header_line: int = 1
    #: False: the columns asked for are those of the file, in order.
    has_header: bool = True
    #: What trailer lines begin with (regular expressions); the rule ``footnote`` drops them.
    footnotes: tuple[str, ...] = ()
    #: False: a last line without an end of line is only noted.
    needs_last_newline: bool = True
    #: Other name of a column -> our name.
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: What a comment line begins with; the rule ``comment`` drops them. Empty: none is expected.
    comment: str = ""
    #: Whether a file with a header and no record is a true answer.
    may_be_empty: bool = False

    def __post_init__(self) -> None:
        if len(self.separator) != 1 or len(self.quote) > 1 or self.header_line < 1:
            raise ValueError("a separator is one character, a quote one or none, lines begin at 1")


class Records:
    """Iterates over ``(line, record)``; blank lines are no records and are only counted."""

    def __init__(self, text: str, dialect: Dialect, ledger: Ledger) -> None:
        self.text = text
        self.dialect = dialect
        self.ledger = ledger
        #: Lines with nothing on them.
        self.blank: list[int] = []
        #: Whether the next line of the text begins a record, rather than goes on with a cell.
        self._is_fresh = True
        self._offset, self._line = self._beginning()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        start = before = self._line
        quote = self.dialect.quote
        reader = csv.reader(
            self._lines(),
            delimiter=self.dialect.separator,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            strict=True,
        )
        try:
            for record in reader:
                self._is_fresh = True
                if len(record) > 1 or (record and record[0].strip()):
                    yield start, record
                else:
                    self.blank.append(start)
                start = before + reader.line_num
        except csv.Error as error:
            is_at_end = self._line_count() < before + reader.line_num
            raise self._unreadable(error, start, is_at_end) from None

    @property
    def has_last_newline(self) -> bool:
        """Whether the last line has its end."""
        return self.text.endswith("\n")

    def _lines(self) -> Iterator[str]:
        """The lines of the text, one at a time: the text is held once only.

        A line of too many cells is refused before it is parted into them.
        """
        offset, number = self._offset, self._line
        while offset < len(self.text):
            end = self.text.find("\n", offset) + 1 or len(self.text)
            line = self.text[offset:end]
            if line.count(self.dialect.separator) >= MOST_COLUMNS:
                self._check_width(line, number)
            self._is_fresh = False
            yield line
            offset, number = end, number + 1

    def _check_width(self, line: str, number: int) -> None:
        """Refuse a line with too many separators outside its quoted cells (shapes hold many)."""
        quote = self.dialect.quote
        if quote:
            opened, mark = line if self._is_fresh else quote + line, re.escape(quote)
            line = re.sub(f"{mark}[^{mark}]*(?:{mark}|$)", "", opened)
        check_width(line.count(self.dialect.separator) + 1, self.ledger, line=number)

    def _line_count(self) -> int:
        return self.text.count("\n") + (not self.has_last_newline)

    def _beginning(self) -> tuple[int, int]:
        """The place and the line where the header stands: past ``sep=;`` and title lines."""
        offset, line = 0, 1
        hint = _SEP_LINE.match(self.text)
        if hint:
            self._check_hint(hint.group(1))
            offset, line = hint.end(), 2
        titles = self.dialect.header_line - 1
        for _ in range(titles):
            end = self.text.find("\n", offset)
            if end < 0:
                raise self.ledger.reject(
                    "no_header",
                    f"le fichier n’a pas de ligne {self.dialect.header_line}, celle de l’en-tête",
                    f"the file has no line {self.dialect.header_line}, that of the header",
                    mend_fr="Reprendre le fichier complet, ou corriger sa description.",
                    mend_en="Fetch the whole file again, or correct its description.",
                )
            offset, line = end + 1, line + 1
        if titles:
            self.ledger.note(
                "title_lines",
                f"{titles} lignes de titre passées",
                f"{titles} title lines skipped",
                line=line - titles,
                rows=titles,
            )
        return offset, line

    def _check_hint(self, separator: str) -> None:
        if separator != self.dialect.separator:
            raise self.ledger.reject(
                "wrong_separator",
                f"le fichier se dit séparé par {separator!r}, non par {self.dialect.separator!r}",
                f"the file says it is separated by {separator!r}, not {self.dialect.separator!r}",
                line=1,
                mend_fr=f"Déclarer le séparateur {separator!r}.",
                mend_en=f"Declare the separator {separator!r}.",
            )
        self.ledger.note("separator_line", "ligne « sep= » passée", "line `sep=` skipped", line=1)

    def _unreadable(self, error: csv.Error, line: int, is_at_end: bool) -> RejectedFile:
        if is_at_end and not self.has_last_newline:
            return self.ledger.reject(
                "truncated",
                "le fichier est coupé à l’intérieur d’un texte entre guillemets",
                "the file is cut inside a quoted text",
                line=line,
                mend_fr="Reprendre le fichier complet chez le producteur.",
                mend_en="Fetch the whole file again from its producer.",
            )
        return self.ledger.reject(
            "unreadable_csv",
            f"CSV illisible ({error})",
            f"unreadable CSV ({error})",
            line=line,
            mend_fr="Fermer les guillemets (en les doublant dans les textes), ou reprendre le "
            "fichier chez le producteur.",
            mend_en="Close the quotes (doubled inside texts), or fetch the file again from its "
            "producer.",
        )


@contextmanager
def long_cells() -> Iterator[None]:
    """Lets a cell be longer than 131,072 characters (geometries are)."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
