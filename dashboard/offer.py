"""Offer: what a release lets one select, in which orders, and what areas may be compared with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geodata.catalogue.nouns import Catalogue
from geodata.model import CareStep, Sector

#: Columns the gap table may be ordered by; with "-" first, from the highest down.
SORTS = (
    "name",
    "demand",
    "need",
    "effective",
    "coverage",
    "served",
    "within_reach",
    "out_of_reach",
    "unmet",
    "unmet_rate",
    "gap",
    "p_gap",
    "nearest_minutes",
)
#: Those of them that only areas of the finest level have.
FINEST_SORTS = ("nearest_minutes",)
DEFAULT_SORT = "-unmet"
#: Pages that tell of the selected area.
AREA_PAGES = ("map", "profile", "gaps", "priorities", "chain", "compare")
#: How the classes of a map are made, the first unless told.
CLASSINGS = ("quantile", "jenks", "equal", "fixed", "tested")
#: What a map may show over its colours, and what it does unless told: where the interval of a
#: value crosses what it is compared with; names of areas; places of services.
LAYERS = ("doubt", "names", "services")
SHOWN_LAYERS = ("doubt",)
#: The figures that compare all areas of a level, the first unless told.
FORMS = ("beeswarm", "funnel", "scatter", "heat")
#: The links of the care chain: a step, for a sector.
LINKS = tuple(f"{step}.{sector}" for step in CareStep for sector in Sector)
#: What areas may be kept for in a ranking, each with the kind of its argument (none, a number or
#: an area as "level/id"): a certain shortage; nothing within reach; a value that is not fragile;
#: so many people concerned at least; the nearest place so many minutes away at least; inside.
FILTERS: Mapping[str, str] = {
    "shortage": "",
    "nothing_near": "",
    "solid": "",
    "people": "number",
    "minutes": "number",
    "within": "area",
}
#: What an area may be compared with besides larger areas and sets of neighbours.
AREAS, TARGET = "areas", "target"
#: Levels on offer, each with its periods in ascending order.
Levels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Offer:
    """What can be selected in a release: nothing else is ever shown.

    ``indicators`` and ``services`` give the levels and periods of each; ``standards`` those of
    each service, the default first; ``areas`` those of each level that a panel tells of: ours, and
    others of a compared level, but no neighbour drawn for orientation. ``benchmarks`` are what an
    area of a level may be compared with, the first unless told: levels of larger areas, ids of
    sets of statistical neighbours, :data:`AREAS`, :data:`TARGET`. ``priorities`` give the levels
    that each order of areas is known for, and ``components`` the indicators it is made of.
    """

    indicators: Mapping[str, Levels]
    services: Mapping[str, Levels]
    standards: Mapping[str, tuple[str, ...]]
    areas: Mapping[str, frozenset[str]]
    default_level: str
    finest_level: str
    #: The level of the whole, which is told of where no area is selected.
    whole_level: str = ""
    benchmarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    priorities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    components: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: The levels whose care chain is known.
    chain_levels: tuple[str, ...] = ()
    #: The categories of service whose places a map may show.
    places: tuple[str, ...] = ()

    def sorts(self, page: str, level: str) -> list[str]:
        """The orders of a page's level; a page without a ranking only carries one along."""
        is_whole = page != "gaps" or level == self.finest_level
        names = [name for name in SORTS if is_whole or name not in FINEST_SORTS]
        return [*names, *(f"-{name}" for name in names)]


def offer_of(
    catalogue: Catalogue,
    availability: Sequence[Mapping[str, Any]],
    alike: Collection[tuple[str, str]] = (),
    ordered: Collection[tuple[str, str]] = (),
    chained: Collection[str] = (),
) -> Offer:
    """What the release offers, before its areas: at least two areas with a value, or one alone.

    ``availability`` has one row an indicator, level and period: ``with_value`` areas have a
    number there. A level that consists of a single area (the country) is nothing to map.
    ``alike`` are the sets of statistical neighbours and the levels that they are known for,
    ``ordered`` the priorities and theirs, ``chained`` the levels whose care chain is known.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for row in availability:
        if row["with_value"] >= 2:
            levels = found.setdefault(row["indicator"], {})
            levels.setdefault(row["level"], []).append(row["period"])
    indicators = {
        indicator.id: _ordered(catalogue, found[indicator.id], indicator.levels)
        for indicator in catalogue.indicators.values()
        if indicator.id in found
    }
    services: dict[str, Levels] = {}
    for indicator in catalogue.indicators.values():
        if indicator.coverage is not None and indicator.id in found:
            services.setdefault(indicator.coverage.service, indicators[indicator.id])
    order = [level.id for level in catalogue.territory.levels]
    return Offer(
        indicators={name: levels for name, levels in indicators.items() if levels},
        services=services,
        standards={
            name: tuple(standard.id for standard in catalogue.services[name].standards)
            for name in services
        },
        areas={},
        default_level=catalogue.territory.default_level,
        finest_level=catalogue.territory.finest_level,
        whole_level=catalogue.territory.area.level,
        benchmarks=_benchmarks(catalogue, alike),
        priorities={
            name: known
            for name in catalogue.priorities
            if (known := tuple(level for level in order if (name, level) in ordered))
        },
        components={
            name: tuple(component.id for component in priority.recipe.components)
            for name, priority in catalogue.priorities.items()
        },
        chain_levels=tuple(level for level in order if level in chained),
    )


def _benchmarks(
    catalogue: Catalogue, alike: Collection[tuple[str, str]]
) -> dict[str, tuple[str, ...]]:
    """What an area of each level may be compared with: the whole first, then from near to far."""
    territory = catalogue.territory
    made = {}
    levels = [level.id for level in territory.levels]
    for place, level in enumerate(levels):
        larger = levels[place + 1 :]
        whole = [territory.area.level] if territory.area.level in larger else []
        sets = [name for name in catalogue.neighbours if (name, level) in alike]
        areas = [AREAS] if level != territory.country.level else []
        made[level] = tuple(dict.fromkeys([*whole, *larger, *sets, *areas, TARGET]))
    return made


def _ordered(catalogue: Catalogue, found: Mapping[str, list[str]], own: Sequence[str]) -> Levels:
    """An indicator's own levels, fine to coarse, with their periods ascending."""
    return {
        level.id: tuple(sorted(found[level.id]))
        for level in catalogue.territory.levels
        if level.id in found and level.id in own
    }
