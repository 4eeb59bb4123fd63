"""What must never come in: a name, an address, a full birth date, a national number.

It is looked for in every cell and every heading, those left aside included. What is found is
never shown: the issue says what it looks like and where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from etl.records.contracts.loader import Contract, contracts
from etl.records.sheets import Sheet
from etl.source import Ledger
from geodata.catalogue.nouns import Text

#: Says whether a cell holds one; told whether the column holds numbers of persons or cases.
Detector = Callable[[str, bool], bool]

#: Headings that announce who a person is, in the languages of the interface.
WORDS = frozenset(
    (
        *("nom", "noms", "prenom", "prenoms", "patronyme", "naissance", "ne", "nee"),
        *("name", "names", "surname", "surnames", "firstname", "lastname", "forename"),
        *("birth", "birthday", "birthdate", "birthplace", "dob", "nir", "nss", "secu", "ssn"),
        *("telephone", "tel", "phone", "mobile", "portable", "mail", "email", "courriel"),
        *("adresse", "address", "rue", "street"),
    )
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NAME = re.compile(r"[^\W\d_]{2,}(['’. -]+[^\W\d_]+)+")


def generic_detectors() -> dict[str, tuple[Text, Detector]]:
    """Those that hold in every country: an address of mail, a name where a number is due."""
    return {
        "mail": (Text("une adresse électronique", "an e-mail address"), _is_mail),
        "name": (Text("un nom", "a name"), _is_name),
    }


def _is_mail(cell: str, _is_number: bool) -> bool:
    return "@" in cell and _MAIL.search(cell) is not None


def _is_name(cell: str, is_number: bool) -> bool:
    return is_number and _NAME.fullmatch(cell) is not None


def refuse_identity(
    sheets: Sequence[Sheet],
    contract: Contract,
    detectors: Mapping[str, tuple[Text, Detector]],
    ledger: Ledger,
) -> None:
    """Refuse the file when a heading or a cell of any sheet looks like who a person is.

    Raises
    ------
    RejectedFile
        ``personal_data``, without the value.
    """
    numbers = {column.name for column in contract.columns.values() if column.type == "id"}
    ours = {name for other in contracts().values() for name in other.columns}
    every = {**generic_detectors(), **detectors}
    for sheet in sheets:
        for place, heading in enumerate(sheet.header):
            word = None if heading in ours else _word(heading)
            if word is not None:
                raise _refusal(
                    ledger,
                    f"la colonne {place + 1} s’annonce comme « {word} »",
                    f"column {place + 1} announces itself as {word!r}",
                    sheet.header_line,
                    None,
                )
        names = [h if h in contract.columns else None for h in sheet.header]
        for line, cells in sheet.rows():
            for place, cell in enumerate(cells):
                name = names[place] if place < len(names) else None
                for looks, is_one in every.values() if cell else ():
                    if is_one(cell, name in numbers):
                        raise _refusal(
                            ledger,
                            f"la colonne {place + 1} contient ce qui ressemble à {looks.fr}",
                            f"column {place + 1} holds what looks like {looks.en}",
                            line,
                            name,
                        )


def _word(heading: str) -> str | None:
    """The announcing word in a heading, from our own list, so that it can be shown."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    return next((word for word in re.split(r"[^a-z]+", plain) if word in WORDS), None)


def _refusal(ledger: Ledger, fr: str, en: str, line: int, column: str | None) -> Exception:
    return ledger.reject(
        "personal_data",
        f"SÉCURITÉ : {fr} ; le fichier est refusé et rien n’en est gardé",
        f"SECURITY: {en}; the file is refused and nothing of it is kept",
        line=line,
        column=column,
        mend_fr="Extraire à nouveau sans identité ; prévenir le délégué à la protection des "
        "données si ce fichier a circulé.",
        mend_en="Extract again without identities; tell the data protection officer if this file "
        "has travelled.",
    )
