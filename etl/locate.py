"""Locate: from the codes of a file to the areas of the release. Names are never keys.

What is wrong in one certain way is repaired with a note; what is not is held back; a file of codes
of another kind, level or edition is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.codes import among
from etl.gazetteer import OUTSIDE, Gazetteer, Place, bare
from etl.source import LINE, Known, Ledger

#: A file where more of its own codes than this are unknown is of another edition.
UNKNOWN_SHARE = 0.005
#: A file where more of its codes than this are of another level, or of another kind, is refused.
OTHER_SHARE = 0.2
#: The same, of codes that are of another level as they stand, and known with a leading zero.
PADDED_SHARE = 0.5

_REPAIRS = {
    "code_spaces": ("espaces retirées autour du code", "spaces removed around the code"),
    "padded": ("zéro initial perdu, rendu au code", "lost leading zero given back to the code"),
    "code_written_as_number": ("code écrit comme un nombre", "code written as a number"),
    "code_separators": ("séparateurs retirés du code", "separators removed from the code"),
    "code_case": ("lettre du code mise en capitale", "letter of the code put in upper case"),
    "part_of_area": (
        "code d’une partie d’aire, comptée avec le tout",
        "code of a part of an area, counted with the whole",
    ),
    "old_code": (
        "code d’une autre date, porté sur l’aire d’aujourd’hui",
        "code of another date, carried to the area of the release",
    ),
}
_LOST = ("malformed_code", "unknown_area", OUTSIDE)
_HELD = {
    "blank_code": (
        "code vide",
        "blank code",
        "Écrire le code de l’aire.",
        "Write the code of the area.",
    ),
    "scientific_notation": (
        "code écrit en notation scientifique : il est perdu",
        "code in scientific notation: it is lost",
        "Mettre la colonne au format texte et exporter à nouveau.",
        "Set the column to text and export again.",
    ),
    "malformed_code": (
        "ce n’est pas un code de ce niveau",
        "this is not a code of this level",
        "Écrire le code officiel de l’aire.",
        "Write the official code of the area.",
    ),
    "split_area": (
        "aire divisée depuis : rien ne dit dans quelle partie",
        "area divided since: nothing tells in which part",
        "Donner le code d’aujourd’hui.",
        "Give the code of today.",
    ),
    "unknown_area": (
        "ce code n’est pas dans le territoire",
        "this code is not in the territory",
        "Vérifier le code et son millésime (zéro initial, aire fusionnée).",
        "Check the code and its edition (leading zero, merged area).",
    ),
}


def located(
    frame: pd.DataFrame,
    column: str,
    level: str,
    known: Known,
    ledger: Ledger,
    *,
    edition: str | None = None,
    padded: bool = True,
    is_kept_at_edition: bool = False,
    is_mix_refused: bool = False,
) -> pd.Series:
    """The area of each row, after what its code says.

    Parameters
    ----------
    frame: rows with the codes in ``column`` (text), and their ``line``.
    edition: the date (or year: its first day) of the file's codes, when it is known. A staged
        table ``area_event`` then tells what became of them.
    padded: whether a lost leading zero may be given back.
    is_kept_at_edition: give the area of the edition instead of that of the release: figures are
        to be carried by :func:`etl.history.at_edition`, which sums and shares out.
    is_mix_refused: refuse a file with both a part and its whole, which sums would count twice.

    Returns
    -------
    ``area_id`` on the index of ``frame``; None where the row was held back or dropped. Rows of
    parts (:func:`is_part`) have the area of their whole, merged areas that of their heir: summing
    them is for the caller.

    Raises
    ------
    RejectedFile
        Codes of another level, of another kind or of another edition; a mix of parts and wholes.
    """
    cells = frame[column].astype("object").where(frame[column].notna(), "")
    numbers, distinct = pd.factorize(cells)
    codes = [str(code) for code in distinct]
    gazetteer = Gazetteer(level, known, edition, padded, is_kept_at_edition)
    read = _Column(column, numbers, codes, frame[LINE], gazetteer.places(codes), ledger)
    read.check_level(level, known, gazetteer)
    read.check_mix(is_mix_refused)
    read.check_edition()
    read.tell()
    areas = np.array([read.places[code].area for code in codes], dtype="object")
    return pd.Series(areas[numbers], index=frame.index, name="area_id", dtype="object")


def is_part(codes: pd.Series, known: Known) -> pd.Series:
    """Whether each code is that of a part counted with another area (see `Territory.parts`)."""
    texts = codes.fillna("").astype("str").map(bare)
    return among(texts, known.catalogue.territory.parts)


def luhn_ok(ids: pd.Series) -> pd.Series:
    """Whether each identifier is made of digits whose last one checks them (ISO/IEC 7812-1).

    Every second digit from the right is doubled, digits are summed, and the sum ends with 0.
    Letters, blanks and missing identifiers are not right.
    """
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

    def is_right(text: object) -> bool:
        if not isinstance(text, str) or not re.fullmatch("[0-9]+", text):
            return False
        turned = [int(digit) for digit in reversed(text)]
        return (sum(turned[::2]) + sum(doubled[digit] for digit in turned[1::2])) % 10 == 0

    return ids.map(is_right).astype("bool")


def no_duplicates(
    frame: pd.DataFrame, key: Sequence[str], ledger: Ledger, is_reference: bool = False
) -> pd.DataFrame:
    """The rows of distinct keys: a row repeated as it is is dropped, by the rule ``repeated``.

    Rows of one key that say different things are all held back; in a reference table the file is
    refused.

    Raises
    ------
    RejectedFile
        Two different rows for one key of a reference table.
    """
    key = list(key)
    twice = frame[frame.duplicated(key, keep=False)]
    if twice.empty:
        return frame
    values = [name for name in frame.columns if name != LINE]
    first = ~twice.duplicated(values)
    differs = first.groupby([twice[name] for name in key], dropna=False).transform("sum") > 1
    mend = {
        "mend_fr": "Garder la bonne ligne.",
        "mend_en": "Keep the right row.",
        "column": key[-1],
    }
    said = ("deux lignes différentes pour une même clé", "two different rows for one key")
    if differs.any() and is_reference:
        line = int(twice.loc[differs, LINE].iloc[1])
        raise ledger.reject("duplicate_key", *said, line=line, rows=int(differs.sum()), **mend)
    ledger.drop(
        twice.loc[~differs & ~first, LINE],
        "repeated",
        "ligne répétée à l’identique",
        "row repeated as it is",
    )
    ledger.quarantine(twice.loc[differs, LINE], "two_values", *said, **mend)
    return frame.drop(index=twice.index[(differs | ~first).to_numpy()])


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of codes, what each of them is, and the ledger to tell it to."""

    name: str
    #: For each row, the place of its code in ``codes``.
    numbers: npt.NDArray[np.int64]
    codes: list[str]
    lines: pd.Series
    places: dict[str, Place]
    ledger: Ledger

    def check_level(self, level: str, known: Known, gazetteer: Gazetteer) -> None:
        """Refuse a column of codes of another level."""
        total = len(self.lines) - self.rows(self.of_fault("blank_code")).sum()
        lost = [c for c, place in self.places.items() if place.fault in _LOST]
        malformed = [c for c in lost if not gazetteer.is_code(bare(c))]
        padded = self.repaired("padded")
        for other in known.catalogue.territory.levels:
            if other.id == level:
                continue
            theirs = known.areas.get(other.id, frozenset())
            pattern = re.compile(other.pattern or "(?!)")
            foreign = [c for c in malformed if bare(c) in theirs or pattern.fullmatch(bare(c))]
            also = [c for c in padded if bare(c) in theirs]
            if self.rows(foreign).sum() <= OTHER_SHARE * total:
                if self.rows(also).sum() <= PADDED_SHARE * total:
                    continue
                foreign = also
            raise self.ledger.reject(
                "wrong_level",
                f"codes d’un autre niveau ({other.one.fr}) dans cette colonne",
                f"codes of another level ({other.one.en}) in this column",
                mend_fr="Choisir la colonne des codes du niveau déclaré, ou déclarer le bon.",
                mend_en="Choose the column of the declared level, or declare the right one.",
                **self.where(foreign),
            )

    def check_mix(self, is_refused: bool) -> None:
        """Tell a file that has both parts and their whole, or refuse it."""
        parts = self.repaired("part_of_area")
        wholes = {self.places[code].area for code in parts}
        both = [c for c, place in self.places.items() if c not in parts and place.area in wholes]
        if not parts or not both:
            return
        fr = "des aires et leurs parties sont dans le même fichier"
        en = "areas and their parts are in the same file"
        told = {
            "mend_fr": "Garder les parties, ou le tout : sinon ils sont comptés deux fois.",
            "mend_en": "Keep the parts or the whole: else they are counted twice.",
            **self.where(both),
        }
        if is_refused:
            raise self.ledger.reject("parts_and_whole", fr, en, **told)
        self.ledger.warn("parts_and_whole", fr, en, **told)

    def check_edition(self) -> None:
        """Refuse a column too many of whose own codes are unknown."""
        codes = self.of_fault("unknown_area")
        unknown = int(self.rows(codes).sum())
        own = unknown + int(self.rows([*self.of_fault(""), *self.of_fault("split_area")]).sum())
        if unknown <= UNKNOWN_SHARE * own:
            return
        if unknown > OTHER_SHARE * own:
            raise self.ledger.reject(
                "other_codes",
                f"{unknown} codes inconnus sur {own} : des codes d’une autre sorte (postaux ?)",
                f"{unknown} of {own} codes are unknown: codes of another kind (postal codes?)",
                mend_fr="Choisir la colonne des codes officiels du niveau déclaré.",
                mend_en="Choose the column of the official codes of the declared level.",
                **self.where(codes),
            )
        raise self.ledger.reject(
            "wrong_edition",
            f"{unknown} codes inconnus sur {own} : un autre millésime ?",
            f"{unknown} of {own} codes are unknown: another edition?",
            mend_fr="Vérifier le millésime des codes, et le déclarer.",
            mend_en="Check the edition of the codes, and declare it.",
            **self.where(codes),
        )

    def tell(self) -> None:
        """Note each kind of repair once, hold back what is wrong, drop what is elsewhere."""
        for code, (fr, en) in _REPAIRS.items():
            mended = self.repaired(code)
            if mended:
                where = self.where(mended)
                self.ledger.note(code, f"{where['rows']} : {fr}", f"{where['rows']}: {en}", **where)
        for code, (fr, en, mend_fr, mend_en) in _HELD.items():
            wrong = self.of_fault(code)
            if wrong:
                sample = self.where(wrong)["sample"]
                self.ledger.quarantine(
                    self.lines[self.rows(wrong)],
                    code,
                    fr,
                    en,
                    column=self.name,
                    sample=sample,
                    mend_fr=mend_fr,
                    mend_en=mend_en,
                )
        self.ledger.drop(
            self.lines[self.rows(self.of_fault(OUTSIDE))],
            OUTSIDE,
            "aire hors du territoire observé",
            "area outside the observed territory",
            column=self.name,
        )

    def of_fault(self, fault: str) -> list[str]:
        """The codes that have this fault (none: an empty text)."""
        return [code for code, place in self.places.items() if place.fault == fault]

    def repaired(self, repair: str) -> list[str]:
        """The codes located thanks to this repair."""
        return [c for c, place in self.places.items() if place.area and repair in place.repairs]

    def rows(self, codes: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which rows have one of these codes."""
        wanted = frozenset(codes)
        return np.array([code in wanted for code in self.codes], dtype=bool)[self.numbers]

    def where(self, codes: Sequence[str]) -> dict[str, object]:
        """Where these codes stand: the first line, the column, a sample, the number of rows."""
        is_it = self.rows(codes)
        first = int(is_it.argmax())
        return {
            "line": int(self.lines.iloc[first]),
            "column": self.name,
            "sample": self.codes[self.numbers[first]][:40],
            "rows": int(is_it.sum()),
        }
