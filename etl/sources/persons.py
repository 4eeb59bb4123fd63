"""Persons: a file declared to hold counts or services must not say who somebody is.

Every file that :func:`etl.sources.readers` reads is looked at whole: columns that its reader leaves
aside, other sheets, notes. The detectors are those of the record-level door. Directories rightly
hold telephones and addresses of mail: their entry says in which columns (``public_contacts``).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.reading.glance import Glance, glances
from etl.records.identity import Detector, generic_detectors
from etl.source import Ledger, RejectedFile
from etl.sources.records import detectors
from geodata.catalogue.nouns import Text

#: What a cell may look like, and how that is found, by kind.
Kinds = Mapping[str, tuple[Text, Detector]]
#: Words of a heading that only a file about persons has.
PERSON = frozenset(
    (
        *("prenom", "prenoms", "patronyme", "firstname", "lastname", "surname", "forename"),
        *("birthdate", "birthday", "birthplace", "dob", "nir", "nss", "ssn"),
    )
)
#: Words that say so together with a word of the other set.
NAME = frozenset(("nom", "name", "names", "noms"))
BIRTH = frozenset(("naissance", "birth", "ne", "nee", "born"))
_BORN_ON = frozenset(("date", "jour", "day", "lieu", "place", "mois", "month", "le", "on"))
#: Kinds that a directory may hold: how to reach those who answer.
_CONTACTS = frozenset(("mail", "phone"))
#: A column of whole numbers is one of identifiers of persons when so many of its cells say so;
#: one headed as a birth is one of dates of birth when so many of its cells are days.
COLUMN_SHARE = 0.5
#: A heading is not longer than this; a text longer than that is a geometry.
_HEADING, _TEXT = 60, 5_000
#: Cells looked at in one go.
_AT_ONCE = 200_000
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_LONG_NUMBER = re.compile("[0-9]{10,15}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}")
#: What any detector needs to find something: most cells have none of it.
_SUSPECT = "@|[0-9](?:[ .()-]{0,3}[0-9]){8}|2[ABab][ .]?[0-9]{3}"


def refuse_persons(content: bytes, ledger: Ledger, public_contacts: Sequence[str] = ()) -> None:
    """Refuse a file whose headings or cells tell who somebody is.

    ``public_contacts`` are columns (names or patterns) that say publicly how to reach a service:
    there, telephones and mail refuse nothing, nor do their headings unless the pattern is ``*``.

    Raises
    ------
    RejectedFile
        ``personal_data``. Neither the value nor a heading is ever shown.
    """
    kinds = {k: v for k, v in {**generic_detectors(), **detectors()}.items() if k != "name"}
    table = _Table({})
    for glance in glances(content):
        if glance.headings:
            table.check(ledger)
            for row in glance.headings:
                _refuse_headings(row, ledger, public_contacts)
            fullest = max(glance.headings, key=lambda row: sum(map(bool, row)))
            table = _Table(dict(enumerate(fullest)))
        _refuse_cells(glance, table, kinds, ledger, public_contacts)
    table.check(ledger)


@dataclass(frozen=True, slots=True)
class _Table:
    """The headings of a table by place, and what is counted in its columns as they are read."""

    names: Mapping[int, str]
    seen: Counter[int] = field(default_factory=Counter)
    #: Cells that are days, in columns headed as a birth.
    days: Counter[int] = field(default_factory=Counter)
    #: Numbers that are identifiers of persons, with what they look like.
    numbers: Counter[tuple[int, Text]] = field(default_factory=Counter)

    def check(self, ledger: Ledger) -> None:
        """Refuse a column most of whose cells are identifiers of persons, or dates of birth."""
        dated = Text("une date de naissance", "a date of birth")
        days = {(place, dated): count for place, count in self.days.items() if count}
        for (place, looks), count in {**self.numbers, **days}.items():
            if count >= COLUMN_SHARE * (self.seen[place] - 1):  # a heading is a cell too
                raise _held(ledger, place, looks)


def _refuse_cells(
    glance: Glance, table: _Table, kinds: Kinds, ledger: Ledger, public: Sequence[str]
) -> None:
    told = {kind: found for kind, found in kinds.items() if kind not in _CONTACTS}
    for _place, note in _suspects({0: glance.notes}):
        for looks in _found(note, told):
            raise _refusal(
                ledger,
                f"une note contient ce qui ressemble à {looks.fr}",
                f"a note holds what looks like {looks.en}",
            )
    for place, cells in glance.columns.items():
        name = table.names.get(place, "")
        table.seen[place] += len(cells) - ("" in cells)
        if _words(name) & BIRTH:
            table.days[place] += sum(_DAY.fullmatch(cell) is not None for cell in cells)
    for place, cell in _suspects(glance.columns):
        is_public = _is_public(table.names.get(place, ""), public)
        for looks in _found(cell, told if is_public else kinds):
            if not _PLAIN_NUMBER.fullmatch(cell):
                raise _held(ledger, place, looks)
            table.numbers[place, looks] += 1


def _suspects(columns: Mapping[int, Sequence[str]]) -> Iterator[tuple[int, str]]:
    """The cells in which a detector may find something, each with the place of its column.

    They are looked for in many cells at once: a file may have a million columns.
    """
    short = ((place, c) for place, cells in columns.items() for c in cells if len(c) <= _TEXT)
    while some := list(islice(short, _AT_ONCE)):
        texts = pa.array([cell for _place, cell in some], pa.large_string())
        found = pc.match_substring_regex(texts, _SUSPECT).to_numpy(zero_copy_only=False)
        yield from (some[number] for number in np.flatnonzero(found))


def _found(cell: str, kinds: Kinds) -> Iterator[Text]:
    """What a cell looks like; a number counts only as long as an identifier is."""
    if not _PLAIN_NUMBER.fullmatch(cell) or _LONG_NUMBER.fullmatch(cell):
        yield from (looks for looks, is_one in kinds.values() if is_one(cell, False))


def _is_public(name: str, public: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in public)


def _refuse_headings(row: Sequence[str], ledger: Ledger, public: Sequence[str]) -> None:
    """Refuse the headings of persons; a row with a number or a long text in it is none."""
    if any(len(cell) > _HEADING or _PLAIN_NUMBER.fullmatch(cell) for cell in row):
        return
    declared = [pattern for pattern in public if pattern != "*"]
    words = [frozenset() if _is_public(cell, declared) else _words(cell) for cell in row]
    born = any(found & BIRTH and found & _BORN_ON for found in words)
    for place, found in enumerate(words, start=1):
        told = sorted(found & PERSON) or (sorted(found & BIRTH) if born else [])
        if told and (found & PERSON or any(other & NAME for other in words)):
            raise _refusal(
                ledger,
                f"la colonne {place} s’annonce comme « {told[0]} »",
                f"column {place} announces itself as {told[0]!r}",
            )


def _words(heading: str) -> frozenset[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    return frozenset(word for word in re.split(r"[^a-z]+", plain) if word)


def _held(ledger: Ledger, place: int, looks: Text) -> RejectedFile:
    return _refusal(
        ledger,
        f"la colonne {place + 1} contient ce qui ressemble à {looks.fr}",
        f"column {place + 1} holds what looks like {looks.en}",
    )


def _refusal(ledger: Ledger, fr: str, en: str) -> RejectedFile:
    return ledger.reject(
        "personal_data",
        f"SÉCURITÉ : {fr} ; le fichier est refusé et rien n’en est gardé",
        f"SECURITY: {en}; the file is refused and nothing of it is kept",
        mend_fr="Reprendre un fichier de comptes, sans personne ; prévenir le délégué à la "
        "protection des données si ce fichier a circulé.",
        mend_en="Take a file of counts, without persons; tell the data protection officer if "
        "this file has travelled.",
    )
