"""Whether what follows a header is one table, and nothing but a table."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from etl.reading.records import Dialect
from etl.reading.repairs import clean
from etl.source import Ledger, RejectedFile

_FEW = 50
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,']*%?")
_WORDS = re.compile(r"(?=.*[^\W\d_]{2})[^0-9]+", re.DOTALL)

Record = list[str]


@dataclass(slots=True)
class Body:
    """What is remembered of the records of a table while they pass."""

    header: Record
    dialect: Dialect
    ledger: Ledger
    count: int = 0
    #: The first records that have not the width of the header, and what all of them are like.
    odd: list[tuple[int, Record]] = field(default_factory=list)
    odd_count: int = 0
    odd_widths: set[int] = field(default_factory=set)
    #: How many records stand up to the last one that has the right width.
    even_until: int = 0
    repeated: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    #: Records of which only the first cell is filled.
    lonely: int = 0
    #: The first record; those that follow a blank line; the last ones.
    first: list[tuple[int, Record]] = field(default_factory=list)
    after_blank: list[tuple[int, Record]] = field(default_factory=list)
    tail: deque[tuple[int, Record]] = field(default_factory=lambda: deque(maxlen=_FEW))

    def fitted(self, line: int, record: Record, is_after_blank: bool) -> Record:
        """The record, remembered, with as many cells as the header."""
        width, first = len(self.header), record[0]
        self.count += 1
        self.tail.append((line, record))
        if not self.first:
            self.first.append((line, record))
        elif is_after_blank and len(self.after_blank) < _FEW:
            self.after_blank.append((line, record))
        if first[:1] == "#" and self._is_comment(line, first):
            self.even_until = self.count
        elif len(record) != width:
            self._remember_odd(line, record)
        else:
            self.even_until = self.count
            if not first or first.isspace():
                if not "".join(record).strip():
                    self.empty.append(line)
            elif first == self.header[0]:
                self._check_header_again(line, record)
            if width > 2 and not record[1] and first and not any(record[1:]):
                self.lonely += 1
        if len(record) == width:
            return record
        return record[:width] + [""] * (width - len(record))

    def check(self, has_last_newline: bool) -> None:
        """Refuse what is not one whole table; drop, by named rules, what is no row of it.

        Raises
        ------
        RejectedFile
            ``no_rows``, ``truncated``, ``unknown_trailer``, ``stacked_tables``, ``ragged_row``,
            ``header_rows``.
        """
        notes = self._footnotes()
        gone = len(notes) + len(self.repeated) + len(self.empty) + len(self.comments)
        if gone >= self.count and not self.dialect.may_be_empty:
            raise self.ledger.reject(
                "no_rows",
                "aucune ligne sous l’en-tête",
                "no row under the header",
                line=self.dialect.header_line,
                mend_fr="Reprendre le fichier complet chez le producteur.",
                mend_en="Fetch the whole file again from its producer.",
            )
        if not has_last_newline and not notes:
            self._check_end()
        foreign = self.odd_count - sum(len(r) != len(self.header) for _, r in notes)
        if foreign:
            raise self._misfit(foreign)
        self._check_trailer(len(notes))
        self._check_second_header()
        self._drop(notes)

    def _is_comment(self, line: int, first: str) -> bool:
        if self.dialect.comment and first.startswith(self.dialect.comment):
            self.comments.append(line)
            return True
        if self.header[0].startswith("#"):
            return False
        raise self.ledger.reject(
            "comment_line",
            "ligne de commentaire (#) non déclarée",
            "comment line (#) that is not declared",
            line=line,
            mend_fr="Retirer la ligne, ou déclarer les commentaires.",
            mend_en="Remove the line, or declare the comments.",
        )

    def _remember_odd(self, line: int, record: Record) -> None:
        self.odd_count += 1
        self.odd_widths.add(len(record))
        if len(self.odd) < _FEW:
            self.odd.append((line, record))

    def _check_header_again(self, line: int, record: Record) -> None:
        """A header met again is dropped when it is the same, refused when it begins the same."""
        if not self.dialect.has_header:
            return
        if [clean(cell) for cell in record] == [clean(cell) for cell in self.header]:
            self.repeated.append(line)
        else:
            raise self._stacked(line)

    def _footnotes(self) -> list[tuple[int, Record]]:
        """The last records, as long as each one is a declared footnote."""
        found: list[tuple[int, Record]] = []
        known = [re.compile(pattern) for pattern in self.dialect.footnotes]
        for line, record in reversed(self.tail):
            text = clean(self.dialect.separator.join(record).strip(self.dialect.separator))
            if line in self.empty or line in self.repeated:
                continue
            if not any(pattern.match(text) for pattern in known):
                break
            found.append((line, record))
        return found[::-1]

    def _check_end(self) -> None:
        """Refuse a file that does not end with an end of line: its last figure may be cut."""
        line, record = self.tail[-1] if self.tail else (self.dialect.header_line, self.header)
        fields, width = len(record), len(self.header)
        if not self.dialect.needs_last_newline and fields == width:
            self.ledger.note(
                "no_last_newline",
                "la dernière ligne n’a pas de fin de ligne",
                "the last line lacks its end of line",
                line=line,
            )
            return
        raise self.ledger.reject(
            "truncated",
            f"le fichier est coupé, ou n’a pas de fin de ligne : {fields} champs sur {width}",
            f"the file is cut, or lacks its last end of line: {fields} fields of {width}",
            line=line,
            column=self.header[min(fields, width) - 1],
            mend_fr="Reprendre le fichier complet chez le producteur.",
            mend_en="Fetch the whole file again from its producer.",
        )

    def _misfit(self, foreign: int) -> RejectedFile:
        """Why records have not the width of the header."""
        width, (line, record) = len(self.header), self.odd[0]
        is_end = 0 < self.even_until == self.count - self.odd_count
        if is_end and foreign <= _FEW and all(map(_is_prose, (odd for _, odd in self.odd))):
            return self._trailer(line)
        if is_end and len(self.odd_widths) == 1 and self._begins_again(line, record):
            return self._stacked(line)
        lines = ", ".join(str(odd_line) for odd_line, _ in self.odd[:10])
        more = "…" if self.odd_count > 10 else ""
        mark = self.dialect.separator
        return self.ledger.reject(
            "ragged_row",
            f"{len(record)} champs au lieu de {width} ; lignes : {lines}{more}",
            f"{len(record)} fields instead of {width}; lines: {lines}{more}",
            line=line,
            column=self.header[min(len(record), width) - 1],
            rows=self.odd_count,
            mend_fr=f"Mettre entre guillemets les textes qui contiennent « {mark} ».",
            mend_en=f"Quote the texts that hold {mark!r}.",
        )

    def _check_trailer(self, known: int) -> None:
        """Refuse last lines of words alone in the first cell, where no other line is like them."""
        trailing = 0
        tail = list(self.tail)[: len(self.tail) - known]
        for _, record in reversed(tail):
            first = record[0].strip()
            if not first or " " not in first or len(record) < 3 or any(record[1:]):
                break
            trailing += 1
        notes_alike = sum(
            len(r) == len(self.header) and len(r) > 2 and bool(r[0]) and not any(r[1:])
            for _, r in list(self.tail)[len(self.tail) - known :]
        )
        if 0 < trailing < self.count - known and self.lonely - notes_alike == trailing:
            raise self._trailer(tail[-trailing][0])

    def _begins_again(self, line: int, record: Record) -> bool:
        """Whether a second table begins here: after a blank line, or with a line of words."""
        is_after_blank = any(line == other for other, _ in self.after_blank)
        return len(record) > 1 and (is_after_blank or all(map(_WORDS.fullmatch, record)))

    def _check_second_header(self) -> None:
        """Refuse a line of words where the other lines hold numbers: another header."""
        for line, record in (*self.first, *self.after_blank):
            cells = [cell.strip() for cell in record]
            words = [place for place, cell in enumerate(cells) if cell]
            if len({cells[place] for place in words}) < max(2, len(words)):
                continue
            if not all(_WORDS.fullmatch(cells[place]) for place in words):
                continue
            numeric = [place for place in words if self._is_numeric(place, line)]
            is_first = line == self.first[0][0]
            if len(numeric) >= 2 or (not is_first and any(len(cells[p]) > 3 for p in numeric)):
                raise self._header_rows(line) if is_first else self._stacked(line)

    def _is_numeric(self, place: int, line: int) -> bool:
        """Whether the other records remembered hold numbers there, but for one in ten."""
        rest = [
            record[place].strip()
            for other, record in (*self.tail, *self.after_blank)
            if other != line and len(record) == len(self.header) and record[place].strip()
        ]
        numbers = sum(_NUMBER.fullmatch(cell) is not None for cell in rest)
        return numbers >= 2 and numbers >= 0.9 * len(rest)

    def _drop(self, notes: Sequence[tuple[int, Record]]) -> None:
        for lines, rule, fr, en in (
            ([line for line, _ in notes], "footnote", "note de bas de tableau", "footnote"),
            (self.repeated, "repeated_header", "en-tête répété", "header repeated"),
            (self.empty, "empty_row", "ligne dont tout est vide", "row with nothing in it"),
            (self.comments, "comment", "commentaire", "comment"),
        ):
            self.ledger.drop(lines, rule, fr, en)

    def _trailer(self, line: int) -> RejectedFile:
        return self.ledger.reject(
            "unknown_trailer",
            "le tableau est suivi d’un texte qui n’est pas déclaré",
            "the table is followed by a text that is not declared",
            line=line,
            mend_fr="Déclarer le début de ces lignes (footnotes), ou les retirer.",
            mend_en="Declare what these lines begin with (footnotes), or remove them.",
        )

    def _stacked(self, line: int) -> RejectedFile:
        return self.ledger.reject(
            "stacked_tables",
            "un second tableau commence ici",
            "a second table begins here",
            line=line,
            mend_fr="Faire un fichier de chaque tableau.",
            mend_en="Make one file of each table.",
        )

    def _header_rows(self, line: int) -> RejectedFile:
        return self.ledger.reject(
            "header_rows",
            "l’en-tête tient sur plusieurs lignes",
            "the header takes several lines",
            line=line,
            mend_fr="Réduire l’en-tête à une ligne, ou déclarer celle qui porte les noms.",
            mend_en="Reduce the header to one line, or declare the one that holds the names.",
        )


def _is_prose(record: Record) -> bool:
    """Whether the record is one text with a space in it, and nothing else."""
    filled = [cell.strip() for cell in record if cell.strip()]
    return len(filled) == 1 and " " in filled[0]
