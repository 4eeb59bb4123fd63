"""What a code, as it is written in a file, means: an area of the release, or why it has none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from etl import history
from etl.source import Known
from geodata.methods.area_events import is_in_force, mentions, steps

OUTSIDE = "outside_territory"
#: The column of codes without their leading zeros, where rows are told apart by them.
SHORT = "(short code)"

_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_WHOLE = re.compile(r"([0-9]+)[.,]0+")
_SEPARATORS = re.compile(r"[\s.\-]+")
_BLANKS = dict.fromkeys(map(ord, "\u200b\ufeff\u2060"))


@dataclass(frozen=True, slots=True)
class Place:
    """What one code turns out to be: an area, with what was repaired, or a fault."""

    area: str | None
    repairs: tuple[str, ...] = ()
    fault: str = ""


def bare(code: str) -> str:
    """The code without the spaces, of any kind, around it."""
    return code.translate(_BLANKS).replace("\u00a0", " ").replace("\u202f", " ").strip()


def short_codes(codes: pd.Series) -> pd.Series:
    """The codes without their leading zeros: those that one code becomes when it loses some."""
    return codes.map(lambda code: bare(code).lstrip("0"))


class Gazetteer:
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

    def places(self, codes: Sequence[str]) -> dict[str, Place]:
        """What each code is."""
        forms = {code: self._forms(code) for code in codes}
        heirs: dict[str, tuple[str, ...]] = {}
        if self.events is not None:
            asked = [form for several in forms.values() for form, _repairs in several]
            asked += [whole for whole in set(self.parts.values()) if whole in self.valid]
            heirs = history.heirs(asked, self.events, self.edition, self.to_on)
            heirs |= {code: (code,) for code in self._newer(self.events)}
        return {code: self._place(forms[code], heirs) for code in codes}

    def _newer(self, events: pd.DataFrame) -> list[str]:
        """Areas in force that the events have as ended: made since the last one told."""
        named = mentions(steps(events))
        return [
            area
            for area in self.areas
            if area in named and not is_in_force(named[area], history.LAST)
        ]

    def _forms(self, code: str) -> list[tuple[str, tuple[str, ...]]]:
        """The code as it may have been, the likeliest first, each with its repairs."""
        plain = bare(code)
        done = () if plain == code else ("code_spaces",)
        forms = {plain: done}
        whole = _WHOLE.fullmatch(plain)
        if whole:
            forms.setdefault(whole.group(1), (*done, "code_written_as_number"))
        forms.setdefault(_SEPARATORS.sub("", plain), (*done, "code_separators"))
        forms.setdefault(plain.upper(), (*done, "code_case"))
        if self.padded:
            for form, repairs in list(forms.items()):
                for length in self.lengths:
                    if form and len(form) < length:
                        forms.setdefault(form.zfill(length), (*repairs, "padded"))
        return list(forms.items())

    def _place(
        self, forms: list[tuple[str, tuple[str, ...]]], heirs: dict[str, tuple[str, ...]]
    ) -> Place:
        plain = forms[0][0]
        if not plain:
            return Place(None, fault="blank_code")
        for form, repairs in forms:
            whole = form if form in self.valid else self.parts.get(form)
            if whole in self.valid:
                done = repairs if whole == form else (*repairs, "part_of_area")
                return self._heir(str(whole), done, heirs)
        for form, repairs in forms:
            if self.events is not None and heirs.get(form, (form,)) != (form,):
                found = self._heir(form, repairs, heirs)
                if found.fault != OUTSIDE:
                    return found
        near = [form for form, _repairs in forms if len(form) <= len(plain) + 1]
        well_formed = [form for form in near if self.is_code(form)]
        if not well_formed:
            is_lost = _SCIENTIFIC.fullmatch(plain)
            return Place(None, fault="scientific_notation" if is_lost else "malformed_code")
        form = self.parts.get(well_formed[0], well_formed[0])
        is_own = not self.own or re.fullmatch(self.own, form)
        return Place(None, fault="unknown_area" if is_own else OUTSIDE)

    def _heir(
        self, code: str, repairs: tuple[str, ...], heirs: dict[str, tuple[str, ...]]
    ) -> Place:
        """The area that a code of the edition has become."""
        found = heirs.get(code, (code,))
        ours = [area for area in found if area in self.goals]
        if not ours:
            return Place(None, fault=OUTSIDE)
        if len(found) > 1:
            return Place(None, fault="split_area")
        return Place(ours[0], repairs if ours[0] == code else (*repairs, "old_code"))

    def is_code(self, form: str) -> bool:
        """Whether it is written as a code of the level is."""
        return bool(re.fullmatch(self.pattern, form)) if self.pattern else form in self.valid
