"""Locate: from the codes of a file to the areas of the release. Names are never keys.

What is wrong in one certain way is repaired with a note; what is not is held back; a file of codes
of another kind, level or edition is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl import history
from etl.source import LINE, Known, Ledger

#: A file where more of its own codes than this are unknown is of another edition.
UNKNOWN_SHARE = 0.005
#: A file where more of its codes than this are of another level, or of another kind, is refused.
OTHER_SHARE = 0.2
#: Of the codes that a leading zero would make known, the share that may be codes of another level.
PADDED_SHARE = 0.5

_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_WHOLE = re.compile(r"([0-9]+)[.,]0+")
_SEPARATORS = re.compile(r"[\s.\-]+")
_BLANKS = dict.fromkeys(map(ord, "\u200b\ufeff\u2060"))
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
_EDITION = {
    "mend_fr": "Vérifier le millésime des codes, et le déclarer.",
    "mend_en": "Check the edition of the codes, and declare it.",
}
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
_OUTSIDE = "outside_territory"


@dataclass(frozen=True, slots=True)
class _Place:
    """What one code, as it is written, turns out to be: an area with its repairs, or a fault."""

    area: str | None
    repairs: tuple[str, ...] = ()
    fault: str = ""


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
    written = frame[column].astype("object").where(frame[column].notna(), "").map(str)
    places = _Gazetteer(level, known, edition, padded, is_kept_at_edition).places(written)
    _check_level(written, places, level, known, column, frame, ledger)
    fault = written.map({code: place.fault for code, place in places.items()})
    _check_mix(written, places, level, known, column, frame, ledger, is_mix_refused)
    _check_edition(fault, column, written, frame, ledger)
    _tell_repairs(written, places, column, frame, ledger)
    for code, (fr, en, mend_fr, mend_en) in _HELD.items():
        is_it = fault == code
        if is_it.any():
            sample = str(written[is_it].iloc[0])[:40]
            mend = {"mend_fr": mend_fr, "mend_en": mend_en}
            ledger.quarantine(
                frame.loc[is_it, LINE], code, fr, en, column=column, sample=sample, **mend
            )
    ledger.drop(
        frame.loc[fault == _OUTSIDE, LINE],
        _OUTSIDE,
        "aire hors du territoire observé",
        "area outside the observed territory",
        column=column,
    )
    areas = {code: place.area for code, place in places.items()}
    return pd.Series(
        [areas[code] for code in written], index=frame.index, name="area_id", dtype="object"
    )


def is_part(codes: pd.Series, known: Known) -> pd.Series:
    """Whether each code is that of a part counted with another area (see `Territory.parts`)."""
    return codes.astype("str").map(_bare).isin(list(known.catalogue.territory.parts))


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


class _Gazetteer:
    """What the codes of one level mean, at the edition of one file."""

    def __init__(
        self, level: str, known: Known, edition: str | None, padded: bool, is_kept: bool
    ) -> None:
        territory = known.catalogue.territory
        described = next((each for each in territory.levels if each.id == level), None)
        self.pattern = described.pattern if described else ""
        self.own = described.own if described else ""
        self.padded = padded
        self.areas = known.areas.get(level, frozenset())
        self.parts = territory.parts if level == territory.finest_level else {}
        self.events = history.events_of(known, level) if edition else None
        self.edition = f"{edition}-01-01" if edition and len(edition) == 4 else edition or ""
        self.to_on = self.edition if is_kept else history.LAST
        self.valid = self.areas
        if self.events is not None:
            self.valid = history.areas_in_force(self.events, self.areas, history.LAST, self.edition)
        self.goals = self.valid if is_kept else self.areas
        self.lengths = sorted({len(code) for code in self.valid | frozenset(self.parts)})

    def places(self, written: pd.Series) -> dict[str, _Place]:
        """What each distinct code is."""
        codes = list(pd.unique(written))
        forms = {code: self._forms(code) for code in codes}
        heirs: dict[str, tuple[str, ...]] = {}
        if self.events is not None:
            asked = [form for several in forms.values() for form, _repairs in several]
            asked += [whole for whole in set(self.parts.values()) if whole in self.valid]
            heirs = history.heirs(asked, self.events, self.edition, self.to_on)
        return {code: self._place(forms[code], heirs) for code in codes}

    def _forms(self, code: str) -> list[tuple[str, tuple[str, ...]]]:
        """The code as it may have been, the likeliest first, each with its repairs."""
        bare = _bare(code)
        done = () if bare == code else ("code_spaces",)
        forms = {bare: done}
        whole = _WHOLE.fullmatch(bare)
        if whole:
            forms.setdefault(whole.group(1), (*done, "code_written_as_number"))
        forms.setdefault(_SEPARATORS.sub("", bare), (*done, "code_separators"))
        forms.setdefault(bare.upper(), (*done, "code_case"))
        if self.padded:
            for form, repairs in list(forms.items()):
                for length in self.lengths:
                    if form and len(form) < length:
                        forms.setdefault(form.zfill(length), (*repairs, "padded"))
        return list(forms.items())

    def _place(
        self, forms: list[tuple[str, tuple[str, ...]]], heirs: dict[str, tuple[str, ...]]
    ) -> _Place:
        bare = forms[0][0]
        if not bare:
            return _Place(None, fault="blank_code")
        for form, repairs in forms:
            whole = form if form in self.valid else self.parts.get(form)
            if whole in self.valid:
                done = repairs if whole == form else (*repairs, "part_of_area")
                return self._heir(str(whole), done, heirs)
        for form, repairs in forms:
            if self.events is not None and heirs.get(form, (form,)) != (form,):
                found = self._heir(form, repairs, heirs)
                if found.fault != _OUTSIDE:
                    return found
        well_formed = [form for form, _repairs in forms if self._is_code(form)]
        if not well_formed:
            is_lost = _SCIENTIFIC.fullmatch(bare)
            return _Place(None, fault="scientific_notation" if is_lost else "malformed_code")
        form = self.parts.get(well_formed[0], well_formed[0])
        is_own = not self.own or re.fullmatch(self.own, form)
        return _Place(None, fault="unknown_area" if is_own else _OUTSIDE)

    def _heir(
        self, code: str, repairs: tuple[str, ...], heirs: dict[str, tuple[str, ...]]
    ) -> _Place:
        """The area that a code of the edition has become."""
        found = heirs.get(code, (code,))
        ours = [area for area in found if area in self.goals]
        if not ours:
            return _Place(None, fault=_OUTSIDE)
        if len(found) > 1:
            return _Place(None, fault="split_area")
        return _Place(ours[0], repairs if ours[0] == code else (*repairs, "old_code"))

    def _is_code(self, form: str) -> bool:
        return bool(re.fullmatch(self.pattern, form)) if self.pattern else form in self.valid


def _bare(code: str) -> str:
    return code.translate(_BLANKS).replace("\u00a0", " ").replace("\u202f", " ").strip()


def _check_level(
    written: pd.Series,
    places: dict[str, _Place],
    level: str,
    known: Known,
    column: str,
    frame: pd.DataFrame,
    ledger: Ledger,
) -> None:
    """Refuse a column of codes of another level."""
    counts = written.value_counts()
    total = int(sum(n for code, n in counts.items() if places[str(code)].fault != "blank_code"))
    lost = [c for c in places if places[c].fault in ("malformed_code", "unknown_area", _OUTSIDE)]
    padded = [c for c in places if "padded" in places[c].repairs]
    for other in known.catalogue.territory.levels:
        if other.id == level:
            continue
        theirs = known.areas.get(other.id, frozenset())
        foreign = [
            c
            for c in lost
            if places[c].fault == "malformed_code"
            and (_bare(c) in theirs or (other.pattern and re.fullmatch(other.pattern, _bare(c))))
        ]
        also = [c for c in padded if _bare(c) in theirs]
        is_other = counts[foreign].sum() > OTHER_SHARE * total
        if is_other or counts[also].sum() > PADDED_SHARE * max(counts[padded].sum(), 1):
            first = written.isin(foreign if is_other else also)
            raise ledger.reject(
                "wrong_level",
                f"codes d’un autre niveau ({other.one.fr}) dans cette colonne",
                f"codes of another level ({other.one.en}) in this column",
                line=int(frame.loc[first, LINE].iloc[0]),
                column=column,
                sample=str(written[first].iloc[0])[:40],
                rows=int(first.sum()),
                mend_fr="Choisir la colonne des codes du niveau déclaré, ou déclarer le bon.",
                mend_en="Choose the column of the declared level, or declare the right one.",
            )


def _check_mix(
    written: pd.Series,
    places: dict[str, _Place],
    level: str,
    known: Known,
    column: str,
    frame: pd.DataFrame,
    ledger: Ledger,
    is_refused: bool,
) -> None:
    """Tell a file that has both parts and their whole, or refuse it."""
    parts = {code for code, place in places.items() if "part_of_area" in place.repairs}
    wholes = {places[code].area for code in parts}
    both = {c for c, place in places.items() if c not in parts and place.area in wholes}
    if not both:
        return
    rows = frame.loc[written.isin(list(both)), LINE]
    fr = "des aires et leurs parties sont dans le même fichier"
    en = "areas and their parts are in the same file"
    where = {"line": int(rows.iloc[0]), "column": column, "rows": len(rows)}
    mend = {
        "mend_fr": "Garder les parties, ou le tout : sinon ils sont comptés deux fois.",
        "mend_en": "Keep the parts or the whole: else they are counted twice.",
    }
    if is_refused:
        raise ledger.reject("parts_and_whole", fr, en, **where, **mend)
    ledger.warn("parts_and_whole", fr, en, **where, **mend)


def _check_edition(
    fault: pd.Series, column: str, written: pd.Series, frame: pd.DataFrame, ledger: Ledger
) -> None:
    """Refuse a file too many of whose own codes are unknown."""
    unknown = int((fault == "unknown_area").sum())
    own = int(((fault == "") | fault.isin(["unknown_area", "split_area"])).sum())
    if unknown <= UNKNOWN_SHARE * own:
        return
    first = fault == "unknown_area"
    where: dict[str, object] = {
        "line": int(frame.loc[first, LINE].iloc[0]),
        "column": column,
        "sample": str(written[first].iloc[0])[:40],
        "rows": unknown,
    }
    if unknown > OTHER_SHARE * own:
        raise ledger.reject(
            "other_codes",
            f"{unknown} codes inconnus sur {own} : des codes d’une autre sorte (postaux ?)",
            f"{unknown} of {own} codes are unknown: codes of another kind (postal codes?)",
            mend_fr="Choisir la colonne des codes officiels du niveau déclaré.",
            mend_en="Choose the column of the official codes of the declared level.",
            **where,
        )
    raise ledger.reject(
        "wrong_edition",
        f"{unknown} codes inconnus sur {own} : un autre millésime ?",
        f"{unknown} of {own} codes are unknown: another edition?",
        **where,
        **_EDITION,
    )


def _tell_repairs(
    written: pd.Series,
    places: dict[str, _Place],
    column: str,
    frame: pd.DataFrame,
    ledger: Ledger,
) -> None:
    """One note for each kind of repair, with the number of rows."""
    for code, (fr, en) in _REPAIRS.items():
        mended = [c for c, place in places.items() if place.area and code in place.repairs]
        rows = frame.loc[written.isin(mended), LINE]
        if len(rows):
            where = {"line": int(np.min(rows)), "column": column, "rows": len(rows)}
            ledger.note(code, f"{len(rows)} : {fr}", f"{len(rows)}: {en}", **where)
