"""What a service is judged by, and what must be known of it before it can be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from etl.roads import Flags, Positions
from etl.scene import DRAWS
from etl.service_figures import people_and_supply, side_by_side, unknown_variable
from etl.source import COUNTRY_SHARE, RejectedFile
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.amounts import FloatArray
from geodata.methods.comparison import Reference, comparative_need, comparative_need_draws
from geodata.methods.drawn_amounts import Within
from geodata.methods.gap import reference_standard
from geodata.methods.keyed_random import Draws
from geodata.methods.need import DrawnNeed, Need, normative_need_draws
from geodata.model import Issue, Severity, StandardKind

#: From what difference on two averages of the country are told apart.
TOLD_APART = 0.005


@dataclass(frozen=True, eq=False)
class Measure:
    """The places per person that need is measured by, for each of the m finest areas.

    Attributes:
        kind: normative, or comparative.
        tau: (m,) places per person.
        error: share that a declared standard may be off by.
        of_group, drawn: for a comparative one, (m,) which group of areas each belongs to, and
            (draws, groups) the places per person that the others have.
    """

    kind: Need
    tau: FloatArray
    error: float = 0.0
    of_group: Positions | None = None
    drawn: FloatArray | None = None

    def need(self, people: FloatArray, area: Positions, draws: Draws) -> DrawnNeed:
        """The need of each draw: (draws, k) people, of these finest areas."""
        if self.drawn is not None and self.of_group is not None:
            return DrawnNeed(self.kind, self.drawn[:, self.of_group[area]] * people)
        # One standard for all, off by the same share everywhere.
        drawn = normative_need_draws(people, 1.0, Within(self.error), draws).drawn
        return DrawnNeed(self.kind, drawn * self.tau[area])


@dataclass(frozen=True, eq=False)
class Parts:
    """The people and places of the areas that make the country up, and who lies in which.

    Attributes:
        wide: (p, variables) the figures of each part; NaN where unknown.
        people, supply: (p,) what they come to, places in full weeks.
        part: (m,) the position of the one each finest area lies in; -1 for none.
    """

    wide: pd.DataFrame
    people: pd.Series[float]
    supply: pd.Series[float]
    part: Positions

    @property
    def known(self) -> int:
        """How many of the parts have both known."""
        return int((self.people.notna() & self.supply.notna()).sum())

    @property
    def stand_for_all(self) -> bool:
        """Whether those known are enough to stand for the country."""
        return self.known > 0 and self.known >= COUNTRY_SHARE * len(self.people)


def parts_of(
    figures: pd.DataFrame,
    service: ServiceCategory,
    period: str,
    catalogue: Catalogue,
    ids: pd.Index,
    part: Positions,
) -> Parts:
    """The people and places of the country's parts, of these codes."""
    level = catalogue.territory.country_parts_level
    wide = side_by_side(figures, level, service, period).reindex(index=ids)
    counted = people_and_supply(wide, wide, service)
    return Parts(wide, counted["demand"], service.week_share * counted["supply"], part)


def standard_value(
    standard: Standard, parts: Parts, service: ServiceCategory, catalogue: Catalogue
) -> float:
    """Tau, in places per person: as written, or places / people of the whole country.

    A reference is computed where the figures of the whole country are at hand; elsewhere the
    value that the country gave, as declared, stands.

    Raises
    ------
    RejectedFile
        When under 80 % of the country's parts are known, they would not stand for it, and the
        standard declares no value; or when there is no place in all of them.
    """
    if standard.kind is StandardKind.FIXED:
        assert standard.value is not None, "checked by the catalogue"
        return standard.value
    if parts.stand_for_all:
        tau = reference_standard(parts.supply.to_numpy(), parts.people.to_numpy())
        if tau <= 0:
            raise _no_place(standard, service, catalogue)
        return tau
    if standard.value is not None:
        return standard.value
    raise _too_few_parts(standard, parts, catalogue)


def measure(
    standard: Standard, parts: Parts, service: ServiceCategory, catalogue: Catalogue
) -> Measure:
    """What need is measured by, area by area.

    A comparative standard leaves out the part of the country that each area lies in.

    Raises
    ------
    RejectedFile
        As :func:`standard_value`.
    """
    if standard.kind is not StandardKind.COMPARATIVE:
        tau = standard_value(standard, parts, service, catalogue)
        return Measure(Need.NORMATIVE, np.full(len(parts.part), tau), standard.error)
    if not parts.stand_for_all or parts.known < 2:
        raise _too_few_parts(standard, parts, catalogue)
    events, people = (
        np.asarray(counts, dtype=np.float64)[:, np.newaxis]
        for counts in (parts.supply, parts.people)
    )
    groups = len(events) + 1  # the last is for areas of no part: compared with all
    reference = Reference(events, people, np.append(np.arange(len(events)), -1))
    one = np.ones((groups, 1))
    elsewhere = comparative_need(one, reference).value
    if (elsewhere <= 0).any():
        raise _no_place(standard, service, catalogue)
    of_group = np.where(parts.part >= 0, parts.part, groups - 1)
    return Measure(
        Need.COMPARATIVE,
        elsewhere[of_group],
        of_group=of_group,
        drawn=comparative_need_draws(one, reference, DRAWS).drawn,
    )


def _no_place(standard: Standard, service: ServiceCategory, catalogue: Catalogue) -> RejectedFile:
    return unknown_variable(
        service.supply[0],
        f"aucune place pour la référence {standard.name.fr}",
        f"no place at all for the standard {standard.name.en}",
        catalogue,
        mend_fr=f"Vérifier le fichier, ou donner à [{service.id}] une norme fixe.",
        mend_en=f"Check the file, or give [{service.id}] a fixed standard.",
    )


def _too_few_parts(standard: Standard, parts: Parts, catalogue: Catalogue) -> RejectedFile:
    least = str(parts.wide.notna().sum().idxmin())
    known, count = parts.known, len(parts.wide)
    return unknown_variable(
        least,
        f"{known} aires sur {count} seulement pour la référence {standard.name.fr}",
        f"only {known} of {count} areas for the standard {standard.name.en}",
        catalogue,
    )


def standards_apart(
    standard: Standard,
    parts: Parts,
    counts: pd.DataFrame,
    own: Flags,
    service: ServiceCategory,
    catalogue: Catalogue,
) -> list[Issue]:
    """A warning where the country's published parts and its finest areas give other averages.

    ``counts`` are the people and places of the finest areas. Asked of a territory that holds the
    country only.
    """
    inside = np.unique(parts.part[own & (parts.part >= 0)])
    if standard.kind is not StandardKind.REFERENCE or not parts.stand_for_all:
        return []
    if len(inside) < COUNTRY_SHARE * len(parts.people):
        return []
    published = reference_standard(parts.supply.to_numpy(), parts.people.to_numpy())
    ours = counts[own]
    places = service.week_share * ours["supply"].to_numpy()
    summed = reference_standard(places, ours["demand"].to_numpy())
    apart = abs(published - summed)
    if apart <= TOLD_APART * summed:
        return []
    share = apart / max(published, summed)
    per = f"{service.per:g}"
    one, other = (f"{service.per * x:.4g}" for x in (published, summed))
    name, unit = service.name, service.capacity_unit
    is_told = catalogue.variables[service.supply[0]].name == name  # the refusal begins with it
    fr, en = ("", "") if is_told else (f"{name.fr} : ", f"{name.en}: ")
    refusal = unknown_variable(
        service.supply[0],
        f"{fr}{one} {unit.fr} pour {per} d’après les aires publiées, {other} d’après la "
        f"somme des plus fines ({share:.1%} d’écart)",
        f"{en}{one} {unit.en} for {per} by the published areas, {other} by the sum of the "
        f"finest ({share:.1%} apart)",
        catalogue,
        mend_fr="Le besoin est mesuré par la première moyenne, les places par la seconde.",
        mend_en="Need is measured by the first average, places by the second.",
    )
    return [replace(refusal.issue, code="standards_apart", severity=Severity.WARNING)]
