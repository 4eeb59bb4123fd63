"""Selection: what a page shows, and its address. The only state of the dashboard.

Reading an address is total: whatever is in it, a Selection of what the release offers comes back,
with a Remark for each part that was not understood and what stands in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from geodata.catalogue.nouns import Catalogue
from geodata.model import AreaKey

LANGUAGES = ("fr", "en")
PATHS: dict[tuple[str, str], str] = {
    ("fr", "map"): "/fr/carte",
    ("fr", "profile"): "/fr/profil",
    ("fr", "gaps"): "/fr/ecarts",
    ("fr", "data"): "/fr/donnees",
    ("fr", "methods"): "/fr/methodes",
    ("en", "map"): "/en/map",
    ("en", "profile"): "/en/profile",
    ("en", "gaps"): "/en/gaps",
    ("en", "data"): "/en/data",
    ("en", "methods"): "/en/methods",
}
_PLACES = {path: place for place, path in PATHS.items()}
#: Where the file of the rows held back of a source is, before its id.
HELD_PATHS = {"fr": "/fr/retenues", "en": "/en/held"}
#: Where areas are asked for by name.
SEARCH_PATHS = {"fr": "/fr/territoires.json", "en": "/en/areas.json"}
HOME = PATHS["fr", "map"]
#: Pages that tell of the selected area.
AREA_PAGES = ("map", "profile", "gaps")
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
#: What an area may be compared with besides larger areas and sets of neighbours.
AREAS, TARGET = "areas", "target"
#: The most areas that one may be compared with by choice.
MOST_COMPARED = 10
#: How much of a part that was not understood is repeated to the reader.
_LONGEST_QUOTE = 40

#: Levels on offer, each with its periods in ascending order.
Levels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Offer:
    """What can be selected in a release: nothing else is ever shown.

    ``indicators`` and ``services`` give the levels and periods of each; ``standards`` those of
    each service, the default first; ``areas`` those of each level that a panel tells of: ours, and
    others of a compared level, but no neighbour drawn for orientation. ``benchmarks`` are what an
    area of a level may be compared with, the first unless told: levels of larger areas, ids of
    sets of statistical neighbours, :data:`AREAS`, :data:`TARGET`.
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

    def sorts(self, page: str, level: str) -> list[str]:
        """The orders of a page's level; a page without a ranking only carries one along."""
        is_whole = page != "gaps" or level == self.finest_level
        names = [name for name in SORTS if is_whole or name not in FINEST_SORTS]
        return [*names, *(f"-{name}" for name in names)]


class Remark(NamedTuple):
    """A part of an address that was not followed: its name, what it said, what is shown."""

    name: str
    given: str
    used: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What is shown. ``area`` is an area of ``level``, or None for the whole territory.

    ``against`` is what it is compared with; ``target`` and ``compared`` (ids of its own level) are
    what :data:`TARGET` and :data:`AREAS` mean.
    """

    language: str
    page: str
    indicator: str
    level: str
    period: str
    area: AreaKey | None
    service: str
    standard: str
    sort: str = DEFAULT_SORT
    against: str = ""
    target: float | None = None
    compared: tuple[str, ...] = ()

    def search(self) -> str:
        """The query of the address, without its question mark: every part that matters."""
        return urlencode({name: text for name, text in self.parts().items() if text})

    def parts(self) -> dict[str, str]:
        """The parts of the query by name; an absent area is an empty text."""
        return {
            "indicator": self.indicator,
            "level": self.level,
            "period": self.period,
            "area": "" if self.area is None else self.area.area_id,
            "service": self.service,
            "standard": self.standard,
            "sort": self.sort,
            "against": self.against,
            "target": "" if self.target is None else f"{self.target:.12g}",
            "compared": ",".join(self.compared),
        }

    def url(self) -> str:
        """The address of exactly this: path and query."""
        return f"{PATHS[self.language, self.page]}?{self.search()}"

    def changed(self, **parts: Any) -> Selection:
        """The same with other parts; another level lets go of the area unless one is given.

        What it is compared with is let go of where the area is of another level, or the whole; a
        target where the indicator is another.
        """
        if "level" in parts and parts["level"] != self.level:
            parts.setdefault("area", None)
        made = replace(self, **parts)
        if (made.area and made.area.level) != (self.area and self.area.level):
            made = replace(made, against=parts.get("against", ""), compared=())
        if made.indicator != self.indicator:
            made = replace(made, target=parts.get("target"))
        return made


def held_path(language: str, source_id: str) -> str:
    """The address of the file of the rows of a source that are held back."""
    return f"{HELD_PATHS[language]}/{quote(source_id, safe='')}.csv"


def place_of(path: str) -> tuple[str, str] | None:
    """The (language, page) of a path, or None for a path that is no page."""
    return _PLACES.get(path.rstrip("/"))


def parsed(path: str, search: str, offer: Offer) -> tuple[Selection, tuple[Remark, ...]]:
    """The selection of an address, and what of it was not followed.

    ``search`` may begin with a question mark. Unknown parts, parts given twice (the first
    counts) and values that are not on offer each leave a Remark.
    """
    language, page = place_of(path) or ("fr", "map")
    given, remarks = _given(search)

    def choice(name: str, choices: Sequence[str], default: str) -> str:
        text = given.get(name, "")
        if text in choices:
            return text
        if text:
            remarks.append(Remark(name, text[:_LONGEST_QUOTE], default))
        return default

    indicator = choice("indicator", list(offer.indicators), next(iter(offer.indicators), ""))
    service = choice("service", list(offer.services), next(iter(offer.services), ""))
    standards = offer.standards.get(service, ())
    standard = choice("standard", standards, standards[0] if standards else "")
    levels = _levels(offer, page, indicator, service)
    wanted_level = given.get("level", "")
    level = choice("level", list(levels), _level_instead(levels, offer.default_level))
    periods = levels.get(level, ())
    period = choice("period", periods, _period_near(given.get("period", ""), periods))
    area_id = given.get("area", "")
    area = AreaKey(level, area_id) if area_id in offer.areas.get(level, ()) else None
    if area_id and area is None and wanted_level in ("", level):
        remarks.append(Remark("area", area_id[:_LONGEST_QUOTE], ""))
    order = choice("sort", offer.sorts(page, level), DEFAULT_SORT)
    told_level = level if area is not None else offer.whole_level
    benchmarks = offer.benchmarks.get(told_level, ())
    against = choice("against", benchmarks, benchmarks[0] if benchmarks else "")
    target = _number(given.get("target", ""))
    if target is None and given.get("target"):
        remarks.append(Remark("target", given["target"][:_LONGEST_QUOTE], ""))
    others = offer.areas.get(told_level, frozenset()) - {area.area_id if area else ""}
    compared, unknown = _compared(given.get("compared", ""), others, area)
    remarks += [Remark("compared", text[:_LONGEST_QUOTE], "") for text in unknown]
    made = Selection(
        language,
        page,
        indicator,
        level,
        period,
        area,
        service,
        standard,
        order,
        against,
        target,
        compared,
    )
    return made, tuple(remarks)


def moved(
    selection: Selection, offer: Offer, *, page: str | None = None, language: str | None = None
) -> Selection:
    """The same selection on another page or in another language, as far as it is offered there."""
    there = replace(selection, page=page or selection.page, language=language or selection.language)
    return parsed(PATHS[there.language, there.page], there.search(), offer)[0]


def offer_of(
    catalogue: Catalogue,
    availability: Sequence[Mapping[str, Any]],
    alike: Collection[tuple[str, str]] = (),
) -> Offer:
    """What the release offers, before its areas: at least two areas with a value, or one alone.

    ``availability`` has one row an indicator, level and period: ``with_value`` areas have a
    number there. A level that consists of a single area (the country) is nothing to map.
    ``alike`` are the sets of statistical neighbours and the levels that they are known for.
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


def _given(search: str) -> tuple[dict[str, str], list[Remark]]:
    """The parts of a query by name, and a Remark for each that has no meaning here."""
    known = Selection.__slots__[2:]
    given: dict[str, str] = {}
    remarks: list[Remark] = []
    for name, text in parse_qsl(search.removeprefix("?"), keep_blank_values=False):
        if name in known and name not in given:
            given[name] = text
        else:
            remarks.append(Remark("", f"{name}={text}"[:_LONGEST_QUOTE], ""))
    return given, remarks


def _levels(offer: Offer, page: str, indicator: str, service: str) -> Levels:
    if page == "gaps":
        return offer.services.get(service, {})
    if page == "profile":
        return dict.fromkeys(offer.areas, ())
    return offer.indicators.get(indicator, {})


def _level_instead(levels: Levels, default: str) -> str:
    """What stands for a level that is not offered: the default where it is, else the finest."""
    if default in levels or not levels:
        return default
    return next(iter(levels))


def _period_near(wanted: str, periods: Sequence[str]) -> str:
    """What stands for a period that is not offered: the latest before it, else the latest."""
    if not periods:
        return ""
    before = [period for period in periods if period <= wanted]
    return before[-1] if wanted and wanted.isdigit() and before else periods[-1]


def _number(text: str) -> float | None:
    """A number as people write it, with a point or a comma; None where it is none."""
    bare = "".join(text.split()).replace(",", ".").replace("\u2212", "-")
    try:
        number = float(bare)
    except ValueError:
        return None
    return float(f"{number:.12g}") + 0.0 if isfinite(number) else None


def _compared(
    text: str, others: Collection[str], area: AreaKey | None
) -> tuple[tuple[str, ...], list[str]]:
    """The areas of a list of ids, each once, and what in it is none of the ``others``.

    An area is not compared with itself: it is left out without a word, as a link that was made
    before it was selected may name it.
    """
    named = [part for part in dict.fromkeys(text.split(",")) if part]
    own = "" if area is None else area.area_id
    known = [part for part in named if part in others]
    unknown = [part for part in named if part not in others and part != own]
    return tuple(known[:MOST_COMPARED]), [*unknown, *known[MOST_COMPARED:]]
