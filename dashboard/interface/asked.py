"""Asked: who asks, of which release, what there is in it. The same door and limits as the pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from dashboard import data
from dashboard.interface.refusals import Refusal
from dashboard.offer import Levels, Offer
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue
from geodata.model import AreaKey, Principal
from geodata.queries.published import Series
from geodata.release import Release
from geodata.settings import Settings

#: What stands for the latest period of each indicator or service.
LATEST = "latest"


@dataclass(frozen=True)
class Asked:
    """What a request may be answered from: who asks, a release, and what is on offer in it."""

    principal: Principal
    settings: Settings
    release: Release
    catalogue: Catalogue
    offer: Offer
    is_pinned: bool

    @cached_property
    def invented(self) -> frozenset[str]:
        """The sources whose data are invented."""
        return data.invented_sources(self.principal, self.release)

    @cached_property
    def invented_indicators(self) -> frozenset[str]:
        """The indicators that invented data are drawn into."""
        known = self.catalogue
        return frozenset(
            name
            for name in self.offer.indicators
            if not self.invented.isdisjoint(known.sources_of(known.indicators[name]))
        )

    @cached_property
    def invented_services(self) -> frozenset[str]:
        """The services whose coverage invented data are drawn into."""
        indicators = (self.catalogue.indicators[name] for name in self.invented_indicators)
        return frozenset(x.coverage.service for x in indicators if x.coverage is not None)

    @cached_property
    def indicators(self) -> dict[str, Levels]:
        """The indicators on offer; the country, which is nothing to map, is a level of theirs too.

        The screen tells it as what the others are held against.
        """
        country = self.catalogue.territory.country.level
        return {
            name: {**levels, country: tuple(sorted({p for ps in levels.values() for p in ps}))}
            for name, levels in self.offer.indicators.items()
        }

    def levels(self, asked: str | None) -> tuple[str, ...]:
        """The levels that have areas, from fine to coarse, or the one asked for."""
        order = [level.id for level in self.catalogue.territory.levels]
        found = tuple(level for level in order if level in self.offer.areas)
        return found if asked is None else (one_of(asked, found, "level"),)

    def area_ids(self, asked: str | None, levels: Collection[str]) -> tuple[str, ...] | None:
        """The area asked for, where it is one of these levels; None for every area."""
        if asked is None:
            return None
        if not any(asked in self.offer.areas.get(level, ()) for level in levels):
            raise Refusal(HTTPStatus.NOT_FOUND, "unknown_area", "area", given=asked)
        return (asked,)

    def key(self, asked: str | None, name: str) -> AreaKey | None:
        """The area that "level/code" names."""
        if asked is None:
            return None
        level, _, area_id = asked.partition("/")
        if area_id not in self.offer.areas.get(level, ()):
            raise Refusal(HTTPStatus.NOT_FOUND, "unknown_area", name, given=asked)
        return AreaKey(level, area_id)


def asked_of(principal: Principal, settings: Settings, release_id: str | None) -> Asked:
    """What a request is answered from: the release it names, or the current one.

    Raises
    ------
    Refusal
        When it names no release that is kept of this territory.
    Unready
        When there is no release to show.
    Forbidden
        For who may not read the territory.
    """
    data.allow(principal, settings)
    if release_id is None:
        release = data.open_release(settings)
    else:
        found = data.release_named(settings, release_id)
        if found is None or found.territory_id != settings.territory:
            raise Refusal(HTTPStatus.NOT_FOUND, "unknown_release", "release", given=release_id)
        release = found
    known = catalogue(settings.territory, settings.descriptions)
    offer = data.offer(principal, release)
    return Asked(principal, settings, release, known, offer, release_id is not None)


def one_of(asked: str, known: Collection[str], name: str) -> str:
    """What is asked for, where it is known; a Refusal that lists a few of what is, elsewhere."""
    if asked not in known:
        listed = ", ".join(list(known)[:12])
        more = "…" if len(known) > 12 else ""
        raise Refusal(
            HTTPStatus.NOT_FOUND, "unknown_value", name, name=name, given=asked, known=listed + more
        )
    return asked


def series_of(
    offered: dict[str, Levels], names: Collection[str], level: str | None, period: str | None
) -> Series:
    """Each name at its levels and their periods, those asked for only; Refusal where none is."""
    made = []
    for name in names:
        for at, periods in offered[name].items():
            if level is not None and at != level:
                continue
            kept = periods[-1:] if period == LATEST else periods
            if period not in (None, LATEST):
                kept = tuple(known for known in periods if known == period)
            if kept:
                made.append((name, at, kept))
    if not made:
        raise Refusal(
            HTTPStatus.NOT_FOUND,
            "nothing_offered",
            "level" if level is not None else "period",
            given=" · ".join(x for x in (*list(names)[:3], level, period) if x),
        )
    return tuple(made)
