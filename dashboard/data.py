"""What pages may ask of a release. Every question says who asks; answers are remembered by release.

Frames that come back are the caller's own. A published release never changes, so an answer is
kept under it and needs no expiry; a new release is seen at the next question.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from functools import lru_cache, partial, wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
import pandas as pd
import shapely
from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from dashboard.alike import Described, StatisticalNeighbours, described, neighbours_of
from dashboard.classing import Classes, class_bytes, classes, status_codes
from dashboard.naming import plain
from dashboard.offer import Offer, offer_of
from dashboard.paper_contours import on_paper
from dashboard.placing import names_json, places_json
from dashboard.reaching import Travelled, does_distance_count, reached
from dashboard.reaching import travelled as travelled_by
from geodata.catalogue.loader import catalogue
from geodata.model import AreaKey, Principal
from geodata.pace import pace_factors
from geodata.queries import areas as area_queries
from geodata.queries import chain as chain_queries
from geodata.queries import coverage as coverage_queries
from geodata.queries import indicators as indicator_queries
from geodata.queries import neighbours as neighbour_queries
from geodata.queries import places as place_queries
from geodata.queries import priorities as priority_queries
from geodata.queries import profile as profile_queries
from geodata.queries import published as published_queries
from geodata.queries import refreshes as refresh_queries
from geodata.queries import services as service_queries
from geodata.release import (
    Release,
    ReleaseError,
    current_release,
    is_readable,
    kept_releases,
    reading_engine,
)
from geodata.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
#: How many bytes of answers a process remembers: a country's finest areas weigh megabytes each.
_KEPT_BYTES = 256 * 2**20
#: What an answer that is no frame and no file is taken to weigh.
_LIGHT = 4096


class Forbidden(PermissionError):  # noqa: N818 (named as what HTTP answers)
    """The principal may not read this territory."""


class Unready(RuntimeError):  # noqa: N818 (a state of the house, drawn as a page)
    """There is no release to show; ``state`` is none, schema, territory or damaged."""

    def __init__(self, state: str, detail: str = "") -> None:
        super().__init__(detail or state)
        self.state = state
        self.detail = detail


def open_release(settings: Settings) -> Release:
    """The release to show now.

    Raises
    ------
    Unready
        When none was published, or this version cannot read it.
    """
    try:
        release = current_release(settings.data)
    except ReleaseError as error:
        raise Unready("damaged", str(error)) from error
    if release is None:
        raise Unready("none")
    if not is_readable(release):
        raise Unready("schema", str(release.schema_version))
    if release.territory_id != settings.territory:
        raise Unready("territory", release.territory_id)
    try:
        reading_engine(release.database)  # opened once a process, and found whole
    except ReleaseError as error:
        raise Unready("damaged", str(error)) from error
    return release


def release_named(settings: Settings, release_id: str) -> Release | None:
    """The release of this id, current or kept, or None. The id is compared, never a path."""
    try:
        release = current_release(settings.data)
    except ReleaseError:
        release = None
    if release is None or release.release_id != release_id:
        found = [kept for kept in kept_releases(settings.data) if kept.release_id == release_id]
        release = found[0] if found else None
    if release is None or not is_readable(release):
        return None
    try:
        reading_engine(release.database)
    except ReleaseError:
        return None
    return release


def _weight(answer: object) -> int:
    """About how many bytes an answer takes."""
    if isinstance(answer, pd.DataFrame):
        return _LIGHT + int(answer.memory_usage(deep=True).sum())
    if isinstance(answer, Classes):
        return _LIGHT + answer.index.nbytes + answer.verdicts.nbytes
    return _LIGHT + len(answer) if isinstance(answer, bytes) else _LIGHT


_kept: LRUCache[Hashable, Any] = LRUCache(_KEPT_BYTES, getsizeof=_weight)
_keeping = Lock()


def _remembered(question: Callable[P, T]) -> Callable[P, T]:
    """Remember the answers to a question, among those to all others, the last asked for first."""
    asked = cached(_kept, key=partial(hashkey, question), lock=_keeping)(question)
    return cast("Callable[P, T]", asked)


def _answer(
    question: Callable[Concatenate[Release, P], T],
) -> Callable[Concatenate[Principal, Release, P], T]:
    """Make a question of a release ask who asks first, and remember its answers."""
    remembered = _remembered(question)

    @wraps(question)
    def ask(principal: Principal, release: Release, *args: P.args, **kwargs: P.kwargs) -> T:
        if not principal.may_read(release.territory_id):
            raise Forbidden(release.territory_id)
        answer = remembered(release, *args, **kwargs)
        return answer.copy() if isinstance(answer, pd.DataFrame) else answer

    return ask  # type: ignore[return-value]


@_answer
def offer(release: Release) -> Offer:
    """What can be selected: indicators and services with their levels and periods, and areas."""
    known = catalogue(release.territory_id, release.descriptions)
    engine = reading_engine(release.database)
    rows: list[Any] = indicator_queries.availability(engine).to_dict("records")
    roles = area_queries.areas_of_roles(engine)
    shown = roles[roles["role"] != "edge"].groupby("level")["area_id"]
    areas = {str(level): frozenset(area_ids) for level, area_ids in shown}
    alike = neighbour_queries.levels(engine).itertuples(index=False, name=None)
    ordered = priority_queries.levels(engine).itertuples(index=False, name=None)
    chained = chain_queries.levels(engine)
    made = offer_of(known, rows, frozenset(alike), frozenset(ordered), frozenset(chained))
    shown_places = place_queries.categories(engine, known.territory.finest_level)
    named = tuple(name for name in shown_places if name in known.services)
    return replace(made, areas=areas, places=named)


@_answer
def areas(release: Release, level: str) -> pd.DataFrame:
    """The areas of a level in map order; see `geodata.queries.areas.areas`."""
    return area_queries.areas(reading_engine(release.database), level)


def contours(principal: Principal, release: Release, level: str) -> pd.DataFrame:
    """The contours of a level; see `queries.areas.shown_contours`. Large, hence not remembered."""
    if not principal.may_read(release.territory_id):
        raise Forbidden(release.territory_id)
    return area_queries.shown_contours(reading_engine(release.database), level)


@_answer
def paper_contours(release: Release, level: str) -> pd.DataFrame:
    """The contours of the areas of a level for a map on paper: area_id, geometry.

    Metres of the territory's own system, simplified all together so that neighbours still meet.
    Neighbours drawn for orientation are left out.
    """
    engine = reading_engine(release.database)
    territory = catalogue(release.territory_id, release.descriptions).territory
    known = area_queries.shown_contours(engine, level)
    degrees = shapely.from_wkb([bytes(part) for part in known["geometry"]])
    return known.assign(geometry=on_paper(degrees, territory.metric_crs))


@_answer
def area_names(release: Release) -> pd.DataFrame:
    """Every area that is shown, by name: see `queries.areas.named_areas`; ``plain`` to compare.

    What each is within is the middle level, or in a country the level of its parts.
    """
    territory = catalogue(release.territory_id, release.descriptions).territory
    is_part = territory.area.level == territory.country_parts_level
    parent = territory.middle_level if is_part else territory.country_parts_level
    frame = area_queries.named_areas(reading_engine(release.database), parent)
    return frame.assign(plain=frame["name"].map(plain))


def area_values(
    principal: Principal, release: Release, indicator: str, level: str, period: str
) -> pd.DataFrame:
    """The values of a level in map order, edges included; see `queries.indicators.values`."""
    _allow_reading(principal, release)
    return _area_values(release, indicator, level, period).copy()


@_remembered
def _area_values(release: Release, indicator: str, level: str, period: str) -> pd.DataFrame:
    """The same, read once for a map's colours, legend and table; not to be changed."""
    return indicator_queries.values(reading_engine(release.database), indicator, level, period)


@_answer
def values_at(
    release: Release, periods: tuple[tuple[str, str], ...], levels: tuple[str, ...]
) -> pd.DataFrame:
    """Indicators, each with its period, over some levels; see `queries.indicators.values_at`."""
    engine = reading_engine(release.database)
    return indicator_queries.values_at(engine, dict(periods), levels)


@_answer
def area_series(release: Release, indicator: str, keys: tuple[AreaKey, ...]) -> pd.DataFrame:
    """Every period of an indicator for some areas; see `queries.indicators.series`."""
    return indicator_queries.series(reading_engine(release.database), indicator, keys)


@_answer
def trends(release: Release, indicator: str, key: AreaKey) -> pd.DataFrame:
    """How the latest series of one area moves; see `queries.indicators.trends`."""
    engine = reading_engine(release.database)
    return indicator_queries.trends(engine, indicator, key.level, key.area_id)


@_answer
def clusters(release: Release, indicator: str, level: str) -> pd.DataFrame:
    """What each area of a level is among those beside it; see `queries.indicators.clusters`."""
    return indicator_queries.clusters(reading_engine(release.database), indicator, level)


@_answer
def inequalities(release: Release, indicator: str, level: str) -> pd.DataFrame:
    """How unequal a level is for an indicator; see `queries.indicators.inequalities`."""
    return indicator_queries.inequalities(reading_engine(release.database), indicator, level)


@_answer
def parents(release: Release, key: AreaKey) -> pd.DataFrame:
    """The areas an area belongs to: parent_level, parent_id, name, period."""
    engine = reading_engine(release.database)
    return area_queries.memberships(engine, key.level, key.area_id)


@_answer
def level_memberships(release: Release, level: str) -> pd.DataFrame:
    """What the areas of a level belong to; see `geodata.queries.areas.level_memberships`."""
    return area_queries.level_memberships(reading_engine(release.database), level)


@_answer
def area_observations(
    release: Release, periods: tuple[tuple[str, str], ...], key: AreaKey
) -> pd.DataFrame:
    """Indicators, each at its period, for one area; see `queries.profile.observations`."""
    return profile_queries.observations(reading_engine(release.database), dict(periods), key)


@_answer
def spreads(release: Release, periods: tuple[tuple[str, str], ...], level: str) -> pd.DataFrame:
    """How the values of a level lie; see `queries.profile.spreads`."""
    return profile_queries.spreads(reading_engine(release.database), dict(periods), level)


@_answer
def area_trends(release: Release, key: AreaKey) -> pd.DataFrame:
    """How every series of one area moves; see `queries.profile.trends`."""
    return profile_queries.trends(reading_engine(release.database), key)


@_answer
def area_coverages(release: Release, key: AreaKey) -> pd.DataFrame:
    """What one area has of every service; see `queries.profile.coverages`."""
    frame = profile_queries.coverages(reading_engine(release.database), key)
    texts = ("service", "standard", "period", "level", "area_id", "status")
    numbers = [str(column) for column in frame.columns if column not in texts]
    return frame.astype(dict.fromkeys(numbers, "float64"))


@_answer
def area_figures(release: Release, variables: tuple[str, ...], key: AreaKey) -> pd.DataFrame:
    """Every figure of some variables for one area; see `queries.profile.figures`."""
    return profile_queries.figures(reading_engine(release.database), variables, key)


@_answer
def gaps(release: Release, service: str, standard: str, period: str, level: str) -> pd.DataFrame:
    """Need, effective places, triad and gap of a level; see `queries.coverage.gaps`."""
    engine = reading_engine(release.database)
    frame = coverage_queries.gaps(engine, service, standard, period, level)
    texts = ("fid", "area_id", "name", "status")
    numbers = [str(column) for column in frame.columns if column not in texts]
    return frame.astype(dict.fromkeys(numbers, "float64"))  # a column of silences is one of numbers


@_answer
def care_links(release: Release, key: AreaKey) -> pd.DataFrame:
    """What one area has of each link of the chain; see `geodata.queries.chain.care_links`."""
    return chain_queries.care_links(reading_engine(release.database), key.level, key.area_id)


@_answer
def broken_links(release: Release, level: str) -> pd.DataFrame:
    """The first broken link of each area of a level; see `geodata.queries.chain.broken_links`."""
    return chain_queries.broken_links(reading_engine(release.database), level)


@_answer
def chains(release: Release, level: str, within: AreaKey | None = None) -> pd.DataFrame:
    """The state of every link of the areas of a level; see `geodata.queries.chain.chains`."""
    return chain_queries.chains(reading_engine(release.database), level, within)


@_answer
def places(release: Release, categories: tuple[str, ...], key: AreaKey) -> pd.DataFrame:
    """The registered services of some categories in an area; see `queries.services.places`."""
    finest = catalogue(release.territory_id, release.descriptions).territory.finest_level
    return service_queries.places(reading_engine(release.database), categories, finest, key)


@_answer
def counted(release: Release, categories: tuple[str, ...], key: AreaKey) -> pd.DataFrame:
    """What a survey counted of some categories in an area; see `queries.services.counted`."""
    finest = catalogue(release.territory_id, release.descriptions).territory.finest_level
    return service_queries.counted(reading_engine(release.database), categories, finest, key)


@_answer
def priority_order(release: Release, priority: str, level: str) -> pd.DataFrame:
    """The areas of a level by priority; see `geodata.queries.priorities.order`."""
    return priority_queries.order(reading_engine(release.database), priority, level)


@_answer
def priority_parts(release: Release, priority: str, key: AreaKey) -> pd.DataFrame:
    """What one area's priority is made of; see `geodata.queries.priorities.parts`."""
    engine = reading_engine(release.database)
    return priority_queries.parts(engine, priority, key.level, key.area_id)


@_answer
def priority_level_parts(release: Release, priority: str, level: str) -> pd.DataFrame:
    """What every area of a level is ordered by; see `geodata.queries.priorities.level_parts`."""
    return priority_queries.level_parts(reading_engine(release.database), priority, level)


@_answer
def priority_figures(release: Release, indicators: tuple[str, ...], level: str) -> pd.DataFrame:
    """What there is at a level to order it by; see `geodata.queries.priorities.figures`."""
    engine = reading_engine(release.database)
    return priority_queries.figures(engine, indicators, level)


@_answer
def statistical_neighbours(
    release: Release, neighbours: str, key: AreaKey
) -> StatisticalNeighbours | None:
    """The statistical neighbours of an area in one set; None where nothing is known of it."""
    known = catalogue(release.territory_id, release.descriptions)
    level = _described(release, neighbours, key.level)
    return neighbours_of(known.neighbours[neighbours], level, key.area_id)


@lru_cache(maxsize=8)
def _described(release: Release, neighbours: str, level: str) -> Described:
    """What the areas of a level are alike by, laid out once for all of them; never changed."""
    engine = reading_engine(release.database)
    return described(neighbour_queries.scores(engine, neighbours, level))


@_answer
def sources(release: Release) -> pd.DataFrame:
    """The sources of the release: producer, dates, licence, hash, rows."""
    return refresh_queries.sources(reading_engine(release.database))


@_answer
def issues(release: Release) -> pd.DataFrame:
    """The issues the release was published with."""
    return refresh_queries.issues(reading_engine(release.database))


@_answer
def changes(release: Release) -> pd.DataFrame:
    """What the release changes against the one it was made on; see `queries.refreshes.changes`."""
    return refresh_queries.changes(reading_engine(release.database))


@_answer
def invented_sources(release: Release) -> frozenset[str]:
    """The sources of the release whose data are invented: their issues or vintage say so."""
    engine = reading_engine(release.database)
    found, known = refresh_queries.issues(engine), refresh_queries.sources(engine)
    said = known["vintage"].str.lower().str.contains("invent", regex=False)
    marked = found.loc[found["code"] == "invented", "source_id"]
    return frozenset(known.loc[said, "source_id"]) | frozenset(marked)


@_answer
def lineages(release: Release) -> pd.DataFrame:
    """How every indicator was computed: indicator, method, parameters (JSON), source_ids."""
    return indicator_queries.lineages(reading_engine(release.database))


@_answer
def travelled(release: Release) -> Travelled | None:
    """How the trips of a release were timed; None where none was."""
    return _travelled(release)


@_answer
def reconciliations(release: Release, variables: tuple[str, ...] = ()) -> pd.DataFrame:
    """Sums of communes beside published totals; all variables, or only those named."""
    return refresh_queries.reconciliations(reading_engine(release.database), variables)


@_answer
def tile(release: Release, z: int, x: int, y: int) -> bytes | None:
    """The gzipped vector tile at z/x/y, or None where there is nothing to draw."""
    return area_queries.tile_data(reading_engine(release.database), z, x, y)


@_answer
def value_bytes(release: Release, indicator: str, level: str, period: str) -> bytes:
    """The values of a level as the map reads them, in fid order.

    n little-endian float32 (NaN: no value), n uint8 status codes, n uint8 sums of flags;
    `OUTSIDE_CODE`, NaN and no flag for a neighbour that is drawn for orientation only.
    """
    frame = _area_values(release, indicator, level, period)
    is_edge = (frame["role"] == "edge").to_numpy()
    values = frame["value"].to_numpy(dtype="float64", copy=True)
    values[is_edge] = np.nan
    statuses = status_codes(frame["status"], is_edge)
    flags = frame["flags"].mask(is_edge, 0).to_numpy(dtype="uint8")
    return values.astype("<f4").tobytes() + statuses.tobytes() + flags.tobytes()


@_answer
def map_classes(
    release: Release, indicator: str, level: str, period: str, classing: str
) -> Classes:
    """The classes of a map; see `dashboard.classing.classes`.

    The benchmark is the value of the whole territory, and zero for a figure with a sign.
    """
    return _map_classes(release, indicator, level, period, classing)


@_answer
def painted_bytes(
    release: Release, indicator: str, level: str, period: str, classing: str
) -> bytes:
    """What a map is painted from; see `dashboard.classing.class_bytes`."""
    frame = _area_values(release, indicator, level, period)
    return class_bytes(frame, _map_classes(release, indicator, level, period, classing))


@_remembered
def _map_classes(
    release: Release, indicator: str, level: str, period: str, classing: str
) -> Classes:
    """The classes of a map, made once for its legend and its colours."""
    known = catalogue(release.territory_id, release.descriptions)
    described, whole = known.indicators[indicator], known.territory.area
    engine = reading_engine(release.database)
    frame = _area_values(release, indicator, level, period)
    of_whole = indicator_queries.series(engine, indicator, [whole])
    found = of_whole.loc[of_whole["period"] == period, "value"]
    benchmark = float(found.iloc[0]) if len(found) else np.nan
    series = indicator_queries.pooled(engine, indicator, level) if classing == "fixed" else None
    return classes(frame, described, classing, 0.0 if described.is_signed else benchmark, series)


@_answer
def service_places(release: Release, category: str) -> pd.DataFrame:
    """The places of a category of service; see `geodata.queries.places`.

    Those that are registered one by one, or else what each finest area was counted to hold.
    """
    return _service_places(release, category)


@_answer
def place_bytes(release: Release, category: str) -> bytes:
    """The places of a category as the map reads them; see `dashboard.placing.places_json`."""
    return places_json(_service_places(release, category))


@_answer
def is_reach_known(release: Release, category: str) -> bool:
    """Whether `reach` can tell from where places of a category can be reached."""
    known = catalogue(release.territory_id, release.descriptions)
    how = _travelled(release)
    return how is not None and how.is_repeatable and does_distance_count(known.services[category])


@_answer
def is_finest_area(release: Release, area_id: str) -> bool:
    """Whether this is the id of an area of the finest level, ours or one beyond the border."""
    return bool((_seats(release)["area_id"] == area_id).any())


@_answer
def reach(release: Release, category: str, places: tuple[str, ...]) -> pd.DataFrame | None:
    """From which areas the places of a category that stand in some finest areas can be reached.

    ``place``, ``area_id`` (both of the finest level), ``minutes``, ``fid``, ``name``, the nearest
    first; None where `is_reach_known` is not.
    """
    known = catalogue(release.territory_id, release.descriptions)
    how, minutes = _travelled(release), known.services[category].threshold_minutes
    if how is None or minutes is None or not does_distance_count(known.services[category]):
        return None
    seats = _seats(release)
    factors = seats.set_index("area_id")["pace"]
    found = reached(seats[["area_id", "longitude", "latitude"]], places, how, factors, minutes)
    if found is None:
        return None
    named = found.merge(seats[["area_id", "fid", "name"]], on="area_id")
    return named.sort_values(["place", "minutes", "area_id"], ignore_index=True)


@_remembered
def _travelled(release: Release) -> Travelled | None:
    return travelled_by(indicator_queries.lineages(reading_engine(release.database))["parameters"])


@_remembered
def _seats(release: Release) -> pd.DataFrame:
    """The seats of the finest areas, and how slow the roads of each are (``pace``)."""
    territory = catalogue(release.territory_id, release.descriptions).territory
    engine, finest = reading_engine(release.database), territory.finest_level
    seats, traits = place_queries.seats(engine, finest), place_queries.traits(engine, finest)
    factors = pace_factors(pd.Index(seats["area_id"]), traits, finest, territory.travel)
    return seats.assign(pace=factors.to_numpy())


def _service_places(release: Release, category: str) -> pd.DataFrame:
    engine = reading_engine(release.database)
    finest = catalogue(release.territory_id, release.descriptions).territory.finest_level
    listed = place_queries.registered(engine, category, finest)
    return place_queries.counted(engine, category, finest) if listed.empty else listed


@_answer
def name_bytes(release: Release, level: str) -> bytes:
    """The names of a level as the map reads them; see `dashboard.placing.names_json`."""
    return names_json(place_queries.level_names(reading_engine(release.database), level))


@_answer
def row_count(release: Release, wanted: published_queries.Wanted) -> int:
    """How many rows of a table are wanted."""
    return published_queries.count(reading_engine(release.database), wanted)


def rows(
    principal: Principal,
    release: Release,
    wanted: published_queries.Wanted,
    limit: int,
    offset: int,
    with_contours: bool = False,
) -> pd.DataFrame:
    """Some rows of a table, not remembered: see `geodata.queries.published`.

    Raises
    ------
    Forbidden
        For who may not read the territory.
    """
    _allow_reading(principal, release)
    engine = reading_engine(release.database)
    return published_queries.rows(engine, wanted, limit, offset, with_contours)


def rows_in_turn(
    principal: Principal, release: Release, wanted: published_queries.Wanted
) -> Iterator[pd.DataFrame]:
    """Every row of a table, frame after frame; Forbidden, at once, for who may not read them."""
    _allow_reading(principal, release)
    return published_queries.rows_in_turn(reading_engine(release.database), wanted)


def _allow_reading(principal: Principal, release: Release) -> None:
    if not principal.may_read(release.territory_id):
        raise Forbidden(release.territory_id)


def allow(principal: Principal, settings: Settings) -> None:
    """Let through who may read the territory of these settings; Forbidden for others."""
    if not principal.may_read(settings.territory):
        raise Forbidden(settings.territory)
