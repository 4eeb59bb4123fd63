"""Tables: what is wanted of each, as the request says, and the listing that answers it.

A listing gives frames whose columns are the fields of its item, in their order, as they leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from marshmallow import Schema

from dashboard import data
from dashboard.interface import dressing, items
from dashboard.interface.asked import Asked, one_of, series_of
from geodata.queries import published
from geodata.queries.published import Wanted
from geodata.release import current_release, kept_releases

Frame = pd.DataFrame


@dataclass(frozen=True)
class Listing:
    """The rows of a table that a request wants: so many of them, or all in turn.

    ``page`` takes a limit, an offset and whether to add ``geometry`` (WKB). ``shape`` says what the
    geometry is: areas (their contours), points (longitude, latitude), or empty (there is none).
    One that is ``is_moving`` hangs on more than a release.
    """

    item: type[Schema]
    count: Callable[[], int]
    page: Callable[[int, int, bool], Frame]
    in_turn: Callable[[], Iterator[Frame]]
    key: tuple[str, ...]
    shape: str = ""
    is_moving: bool = False


def releases(asked: Asked) -> Listing:
    """The releases that are kept, oldest first; the one that waits is not among them."""
    folder = asked.settings.data
    current = current_release(folder)
    found = {kept.release_id: kept for kept in kept_releases(folder)}
    if current is not None:
        found[current.release_id] = current
    rows = [
        dressing.release_row(kept, current)
        for kept in sorted(found.values(), key=lambda kept: kept.number)
        if kept.territory_id == asked.settings.territory
    ]
    return replace(_held(rows, items.ReleaseItem, ("release",)), is_moving=True)


def sources(asked: Asked) -> Listing:
    """The sources of the release."""
    frame = data.sources(asked.principal, asked.release)
    rows = [dressing.source_row(asked, row) for row in frame.to_dict("records")]
    return _held(rows, items.SourceItem, ("source",))


def indicators(asked: Asked, names: list[str] | None = None) -> Listing:
    """The indicators on offer, in the order of the catalogue, or those named."""
    known = asked.indicators
    wanted = [one_of(name, known, "indicator") for name in names] if names else list(known)
    rows = [dressing.indicator_row(asked, name) for name in known if name in wanted]
    return _held(rows, items.IndicatorItem, ("indicator",))


def areas(
    asked: Asked,
    level: str | None = None,
    area: str | None = None,
    within: str | None = None,
    box: published.Box | None = None,
) -> Listing:
    """The areas that are shown."""
    levels = asked.levels(level)
    asked.area_ids(area, levels)
    wanted = published.Areas(levels, area, asked.key(within, "within"), box)
    return _asked(asked, wanted, items.AreaItem, dressing.area_frame, ("level", "area_id"), "areas")


def observations(
    asked: Asked,
    names: list[str] | None = None,
    level: str | None = None,
    area: str | None = None,
    period: str | None = None,
) -> Listing:
    """The values on offer."""
    known = asked.indicators
    chosen = [one_of(name, known, "indicator") for name in dict.fromkeys(names or known)]
    levels = asked.levels(level)
    wanted = published.Observations(
        series_of(known, chosen, level, period), asked.area_ids(area, levels)
    )
    key = published.Observations.order
    return _asked(asked, wanted, items.ObservationItem, dressing.observation_frame, key, "areas")


def coverages(asked: Asked, item: type[Schema], **wanted: str | None) -> Listing:
    """Coverage or gaps: ``wanted`` may be service, standard, level, area and period."""
    offer, service, standard = asked.offer, wanted.get("service"), wanted.get("standard")
    names = [one_of(service, offer.services, "service")] if service else list(offer.services)
    standards = tuple(dict.fromkeys(x for name in names for x in offer.standards[name]))
    if standard:
        standards = (one_of(standard, standards, "standard"),)
    level = wanted.get("level")
    levels = asked.levels(level)
    table = published.Coverages(
        series_of(dict(offer.services), names, level, wanted.get("period")),
        standards,
        asked.area_ids(wanted.get("area"), levels),
    )
    return _asked(asked, table, item, dressing.coverage_frame, table.order, "areas")


def services(asked: Asked, category: str | None = None, within: str | None = None) -> Listing:
    """The registered services that maps show."""
    known = tuple(name for name in asked.offer.places if name in asked.catalogue.services)
    chosen = (one_of(category, known, "category"),) if category else known
    finest = asked.catalogue.territory.finest_level
    wanted = published.Services(chosen, finest, asked.key(within, "within"))
    key = ("service",)
    return _asked(asked, wanted, items.ServiceItem, dressing.service_frame, key, "points")


def _asked(
    asked: Asked,
    wanted: Wanted,
    item: type[Schema],
    dressed: Callable[[Asked, Frame], Frame],
    key: tuple[str, ...],
    shape: str,
) -> Listing:
    columns = list(item._declared_fields)

    def page(limit: int, offset: int, with_shapes: bool) -> Frame:
        with_contours = with_shapes and shape == "areas"
        frame = data.rows(asked.principal, asked.release, wanted, limit, offset, with_contours)
        made = dressed(asked, frame)[columns]
        return made.assign(geometry=frame["geometry"]) if with_contours else made

    def in_turn() -> Iterator[Frame]:
        frames = data.rows_in_turn(asked.principal, asked.release, wanted)
        return (dressed(asked, frame)[columns] for frame in frames)

    def count() -> int:
        return data.row_count(asked.principal, asked.release, wanted)

    return Listing(item, count, page, in_turn, key, shape)


def _held(rows: list[dict[str, Any]], item: type[Schema], key: tuple[str, ...]) -> Listing:
    frame = pd.DataFrame(rows, columns=list(item._declared_fields), dtype="object")
    return Listing(
        item,
        lambda: len(frame),
        lambda limit, offset, _shapes: frame.iloc[offset : offset + limit],
        lambda: iter((frame,)),
        key,
    )
