"""Persons: a file declared to hold counts or services must not say who somebody is.

The detectors are those of the record-level door. Directories of services rightly hold telephone
numbers and addresses: such columns are never read, and only what tells of a person refuses them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import pandas as pd

from etl.reading import csv_names, csv_text
from etl.records.identity import Detector, generic_detectors
from etl.source import LINE, Ledger, RejectedFile
from etl.sources.records import detectors
from geodata.catalogue.nouns import Text

#: Words of a heading that only a file about persons has.
PERSON = frozenset(
    (
        *("prenom", "prenoms", "patronyme", "firstname", "lastname", "surname", "forename"),
        *("birthdate", "birthday", "birthplace", "dob", "nir", "nss", "ssn"),
    )
)
#: Words that say so together with a word of the other set.
NAME, BIRTH = frozenset(("nom", "name", "names", "noms")), frozenset(("naissance", "birth", "ne"))
_BORN_ON = frozenset(("date", "jour", "day", "lieu", "place", "mois", "month"))
#: Kinds that a directory of services may hold in the columns that are left aside.
_OF_SERVICES = frozenset(("mail", "phone"))
#: A column of whole numbers is one of identifiers of persons when so many of its cells say so.
NUMBER_SHARE = 0.5
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def refuse_persons(
    columns: Mapping[str, pd.Series], ledger: Ledger, *, is_directory: bool = False
) -> None:
    """Refuse a file whose headings or cells (text) tell who somebody is.

    ``is_directory``: services, whose telephone numbers and addresses of mail are public.

    Raises
    ------
    RejectedFile
        ``personal_data``. The value is never shown.
    """
    _refuse_headings(list(columns), ledger)
    kinds = {
        name: found
        for name, found in {**generic_detectors(), **detectors()}.items()
        if name != "name" and not (is_directory and name in _OF_SERVICES)
    }
    for place, (name, cells) in enumerate(columns.items(), start=1):
        for looks, is_one in kinds.values():
            if _holds(cells, is_one):
                raise _refusal(
                    ledger,
                    f"la colonne {place} contient ce qui ressemble à {looks.fr}",
                    f"column {place} holds what looks like {looks.en}",
                    name,
                )


def refuse_persons_aside(
    content: bytes, columns: Sequence[str], ledger: Ledger, *, is_directory: bool = False
) -> None:
    """Refuse a comma-separated file whose columns left aside tell who somebody is.

    Raises
    ------
    RejectedFile
        As :func:`refuse_persons`, and as :func:`etl.reading.csv_text`.
    """
    unheard = Ledger(ledger.source_id, ledger.file)  # the reader tells the rest itself
    aside = [name for name in csv_names(content, unheard) if name and name not in columns]
    if aside:
        _refuse_headings(aside, ledger)
        once = [name for name in aside if aside.count(name) == 1]
        cells = csv_text(content, once, unheard).drop(columns=LINE)
        refuse_persons(
            {str(name): cells[name] for name in cells}, ledger, is_directory=is_directory
        )


def _holds(cells: pd.Series, is_one: Detector) -> bool:
    """Whether a column holds what the detector finds; numbers only when most of them do."""
    distinct = cells.drop_duplicates()
    distinct = distinct[distinct.ne("")]
    is_number = distinct.str.fullmatch(_PLAIN_NUMBER.pattern).astype(bool)
    if any(is_one(cell, False) for cell in distinct[~is_number]):
        return True
    numbers = distinct[is_number & distinct.str.fullmatch("[0-9]{10,15}").astype(bool)]
    found = sum(is_one(cell, False) for cell in numbers)
    return found > 0 and found >= NUMBER_SHARE * len(distinct)


def _refuse_headings(names: Sequence[str], ledger: Ledger) -> None:
    words = [_words(name) for name in names]
    born = any(found & BIRTH and found & _BORN_ON for found in words)
    for place, found in enumerate(words):
        told = sorted(found & PERSON) or (sorted(found & BIRTH) if born and found & BIRTH else [])
        if told and (found & PERSON or any(other & NAME for other in words)):
            raise _refusal(
                ledger,
                f"la colonne {place + 1} s’annonce comme « {told[0]} »",
                f"column {place + 1} announces itself as {told[0]!r}",
                names[place],
            )


def _words(heading: str) -> frozenset[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    return frozenset(word for word in re.split(r"[^a-z]+", plain) if word)


def _refusal(ledger: Ledger, fr: str, en: str, column: str) -> RejectedFile:
    told = Text(fr, en)
    return ledger.reject(
        "personal_data",
        f"SÉCURITÉ : {told.fr} ; le fichier est refusé et rien n’en est gardé",
        f"SECURITY: {told.en}; the file is refused and nothing of it is kept",
        column=column,
        mend_fr="Reprendre un fichier de comptes, sans personne ; prévenir le délégué à la "
        "protection des données si ce fichier a circulé.",
        mend_en="Take a file of counts, without persons; tell the data protection officer if "
        "this file has travelled.",
    )
