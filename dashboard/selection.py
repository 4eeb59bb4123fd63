"""Selection: what a page shows, and its address. The only state of the dashboard.

Reading an address is total: whatever is in it, a Selection of what the release offers comes back,
with a Remark for each part that was not understood and what stands in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dashboard.addresses import PATHS, place_of
from dashboard.offer import (
    CLASSINGS,
    DEFAULT_SORT,
    FILTERS,
    FORMS,
    LAYERS,
    LINKS,
    SHOWN_LAYERS,
    Levels,
    Offer,
)
from geodata.model import AreaKey, Sector

#: The most areas that one may be compared with by choice.
MOST_COMPARED = 10
#: The most that a weight may be; the least is 0.
HEAVIEST = 10.0
#: How "none of them" is written where nothing written means those shown unless told.
_NONE = "none"
#: How much of a part that was not understood is repeated to the reader.
_LONGEST_QUOTE = 40


class Remark(NamedTuple):
    """A part of an address that was not followed: its name, what it said, what is shown."""

    name: str
    given: str
    used: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What is shown. ``area`` is an area of ``level``, or None for the whole territory.

    ``against`` is what it is compared with; ``target`` and ``compared`` (ids of its own level) are
    what :data:`TARGET` and :data:`AREAS` mean. ``beside`` is the indicator of a second map or axis,
    ``only`` the filters of a ranking (each "name" or "name:argument"), ``weights`` those of the
    components of the priority where they are not the declared ones. ``link`` is a link of the care
    chain, one of `offer.LINKS`. ``release`` is the id of the
    release that is read, where it is not simply the current one.
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
    beside: str = ""
    classing: str = CLASSINGS[0]
    layers: tuple[str, ...] = SHOWN_LAYERS
    form: str = FORMS[0]
    priority: str = ""
    weights: tuple[float, ...] = ()
    only: tuple[str, ...] = ()
    sector: str = ""
    link: str = ""
    release: str = ""

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
            "beside": self.beside,
            "classing": "" if self.classing == CLASSINGS[0] else self.classing,
            "layers": "" if self.layers == SHOWN_LAYERS else ",".join(self.layers) or _NONE,
            "form": "" if self.form == FORMS[0] else self.form,
            "priority": self.priority,
            "weights": ",".join(f"{weight:.4g}" for weight in self.weights),
            "only": ",".join(self.only),
            "sector": self.sector,
            "link": self.link,
            "release": self.release,
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
        if made.priority != self.priority:
            made = replace(made, weights=parts.get("weights", ()))
        return made


def pinned(search: str) -> str:
    """The id of the release that an address is pinned to, or an empty text."""
    return _given(search)[0].get("release", "")


def parsed(
    path: str, search: str, offer: Offer, release: str = ""
) -> tuple[Selection, tuple[Remark, ...]]:
    """The selection of an address, and what of it was not followed.

    ``search`` may begin with a question mark; ``release`` is the id of the release that it is
    pinned to and that is read, if it is. Unknown parts, parts given twice (the first
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
    services = dict.fromkeys([*offer.services, *(offer.places if page == "map" else ())])
    service = choice("service", list(services), next(iter(services), ""))
    standards = offer.standards.get(service, ())
    standard = choice("standard", standards, standards[0] if standards else "")
    priority = choice("priority", list(offer.priorities), next(iter(offer.priorities), ""))
    levels = levels_offered(offer, page, indicator, service, priority)
    wanted_level = given.get("level", "")
    level = choice("level", list(levels), _level_instead(levels, offer.default_level))
    periods = levels.get(level, ())
    period = choice("period", periods, nearest_period(given.get("period", ""), periods))
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
    beside = choice("beside", [name for name in offer.indicators if name != indicator], "")
    listed = _Listed(given, remarks)
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
        beside=beside,
        classing=choice("classing", CLASSINGS, CLASSINGS[0]),
        layers=listed.layers(),
        form=choice("form", FORMS, FORMS[0]),
        priority=priority,
        weights=listed.weights(len(offer.components.get(priority, ()))),
        only=listed.filters(offer),
        sector=choice("sector", list(Sector), ""),
        link=choice("link", LINKS, ""),
        release=release,
    )
    if given.get("release", "") != release:
        remarks.append(Remark("release", given["release"][:_LONGEST_QUOTE], ""))
    return made, tuple(remarks)


def moved(
    selection: Selection, offer: Offer, *, page: str | None = None, language: str | None = None
) -> Selection:
    """The same selection on another page or in another language, as far as it is offered there."""
    there = replace(selection, page=page or selection.page, language=language or selection.language)
    path = PATHS[there.language, there.page]
    return parsed(path, there.search(), offer, selection.release)[0]


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


class _Listed:
    """The parts of an address that are lists; what is not understood of them is remarked upon."""

    def __init__(self, given: Mapping[str, str], remarks: list[Remark]) -> None:
        self._given, self._remarks = given, remarks

    def layers(self) -> tuple[str, ...]:
        """The layers of the map, in the order of :data:`LAYERS`."""
        text = self._given.get("layers", "")
        if text in ("", _NONE):
            return () if text else SHOWN_LAYERS
        named = self._parts("layers")
        self._remark("layers", [part for part in named if part not in LAYERS])
        return tuple(layer for layer in LAYERS if layer in named)

    def weights(self, count: int) -> tuple[float, ...]:
        """So many weights of 0 to :data:`HEAVIEST`, not all of them 0; or none."""
        text = self._given.get("weights", "")
        numbers = [_number(part) for part in text.split(",")] if text else []
        known = [number for number in numbers if number is not None and 0 <= number <= HEAVIEST]
        if len(known) == len(numbers) == count and any(known):
            return tuple(known)
        self._remark("weights", [text] if text else [])
        return ()

    def filters(self, offer: Offer) -> tuple[str, ...]:
        """The filters that are understood, each name once, in the order of :data:`FILTERS`."""
        found: dict[str, str] = {}
        for part in self._parts("only"):
            name, _, argument = part.partition(":")
            written = _argument(FILTERS.get(name), argument, offer)
            if written is None or name in found:
                self._remark("only", [part])
            else:
                found[name] = f"{name}:{written}" if written else name
        return tuple(found[name] for name in FILTERS if name in found)

    def _parts(self, name: str) -> list[str]:
        return [part for part in dict.fromkeys(self._given.get(name, "").split(",")) if part]

    def _remark(self, name: str, texts: Sequence[str]) -> None:
        self._remarks += [Remark(name, text[:_LONGEST_QUOTE], "") for text in texts]


def _argument(kind: str | None, text: str, offer: Offer) -> str | None:
    """The argument of a filter as it is written, or None where it is none of its kind."""
    if kind == "number":
        number = _number(text)
        return None if number is None or number < 0 else f"{number:.12g}"
    if kind == "area":
        level, _, area_id = text.partition("/")
        return text if area_id in offer.areas.get(level, ()) else None
    return "" if kind == "" and not text else None


def levels_offered(offer: Offer, page: str, indicator: str, service: str, priority: str) -> Levels:
    """The levels that a page offers for what is selected, each with its periods."""
    if page == "priorities":
        return dict.fromkeys(offer.priorities.get(priority, ()), ())
    if page == "chain":
        return dict.fromkeys(offer.chain_levels, ())
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


def nearest_period(wanted: str, periods: Sequence[str]) -> str:
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
