"""Questions of those who read a release as tables: so many rows at a time, or all of them in turn.

What is wanted of a table is one frozen value; its rows always come in the same order, so that pages
of one release join up. Neighbours drawn for orientation are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.queries.chain import inside
from geodata.schema import area, area_event, area_membership, coverage, observation, service

#: A rectangle in degrees: west, south, east, north; west is past east over the antimeridian.
Box = tuple[float, float, float, float]
#: Indicators or services, each at a level and its periods.
Series = tuple[tuple[str, str, tuple[str, ...]], ...]
#: Rows that are read at once of a table that is read whole.
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Areas:
    """The areas of some levels: of one code, within a larger one, or meeting a rectangle."""

    levels: tuple[str, ...]
    area_id: str | None = None
    within: AreaKey | None = None
    box: Box | None = None
    order: ClassVar[tuple[str, ...]] = ("level", "area_id")

    def rows(self) -> sa.Select[Any]:
        """level, area_id, name, role, legal_population, seat, bounds, parents, geography, ..."""
        a = area.c
        parents, events = _parents(), _events()
        columns = [column for column in a if column.name != "geometry"]
        statement = (
            sa.select(
                *columns,
                parents.c.parents,
                parents.c.geography,
                events.c.valid_from,
            )
            .outerjoin(parents, sa.and_(parents.c.level == a.level, parents.c.area_id == a.area_id))
            .outerjoin(events, sa.and_(events.c.level == a.level, events.c.area_id == a.area_id))
            .where(a.role != "edge", a.level.in_(self.levels))
        )
        if self.area_id is not None:
            statement = statement.where(a.area_id == self.area_id)
        if self.within is not None:
            statement = statement.where(_is_within(self.within))
        return statement if self.box is None else statement.where(_meets(self.box))


@dataclass(frozen=True, slots=True)
class Observations:
    """The values of some indicators: of each, its levels with their periods; of all areas or one.

    ``series`` are (indicator, level, periods).
    """

    series: Series
    area_ids: tuple[str, ...] | None = None
    order: ClassVar[tuple[str, ...]] = ("indicator", "level", "area_id", "period")

    def rows(self) -> sa.Select[Any]:
        """The columns of ``observation`` and the name of the area."""
        o = observation.c
        statement = (
            sa.select(*o, area.c.name.label("area"))
            .join(area, sa.and_(area.c.level == o.level, area.c.area_id == o.area_id))
            .where(area.c.role != "edge", _in_series(o.indicator, o, self.series))
        )
        return statement if self.area_ids is None else statement.where(o.area_id.in_(self.area_ids))


@dataclass(frozen=True, slots=True)
class Coverages:
    """Need, effective places and gap: ``series`` are (service, level, periods)."""

    series: Series
    standards: tuple[str, ...]
    area_ids: tuple[str, ...] | None = None
    order: ClassVar[tuple[str, ...]] = ("service", "standard", "level", "area_id", "period")

    def rows(self) -> sa.Select[Any]:
        """The columns of ``coverage`` and the name of the area, for the areas of the territory."""
        c = coverage.c
        statement = (
            sa.select(*c, area.c.name.label("area"))
            .join(area, sa.and_(area.c.level == c.level, area.c.area_id == c.area_id))
            .where(
                area.c.role == "territory",
                c.standard.in_(self.standards),
                _in_series(c.service, c, self.series),
            )
        )
        return statement if self.area_ids is None else statement.where(c.area_id.in_(self.area_ids))


@dataclass(frozen=True, slots=True)
class Services:
    """The registered services of some categories, in all areas that are shown or inside one."""

    categories: tuple[str, ...]
    finest: str
    within: AreaKey | None = None
    order: ClassVar[tuple[str, ...]] = ("service_id",)

    def rows(self) -> sa.Select[Any]:
        """service_id, category, name, area, position, capacity, source; no area may be known."""
        s = service.c
        columns = [column for column in s if column.name != "detail"]
        statement = (
            sa.select(*columns, area.c.name.label("area"))
            .outerjoin(area, sa.and_(area.c.level == self.finest, area.c.area_id == s.area_id))
            .where(
                s.category.in_(self.categories),
                sa.or_(s.area_id.is_(None), area.c.role != "edge"),
            )
        )
        if self.within is not None:
            statement = statement.where(s.area_id.in_(inside(self.finest, self.within)))
        return statement


Wanted = Areas | Observations | Coverages | Services


def rows(
    engine: sa.Engine, wanted: Wanted, limit: int, offset: int, with_contours: bool = False
) -> pd.DataFrame:
    """At most ``limit`` rows from the ``offset``-th on (from 0); geometry (WKB) where asked for."""
    statement = _ordered(wanted).limit(limit).offset(offset)
    with engine.connect() as connection:
        return pd.read_sql(_drawn(statement, wanted) if with_contours else statement, connection)


def count(engine: sa.Engine, wanted: Wanted) -> int:
    """How many rows there are."""
    inner = wanted.rows().subquery()
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(inner)).scalar_one())


def rows_in_turn(
    engine: sa.Engine, wanted: Wanted, at_once: int = _AT_ONCE
) -> Iterator[pd.DataFrame]:
    """Every row, a frame of ``at_once`` after another.

    A series of a level is asked for after another: what the database puts in order at a time does
    not grow with what is wanted.
    """
    with engine.connect().execution_options(stream_results=True) as connection:
        for part in _parts(wanted):
            yield from pd.read_sql(_ordered(part), connection, chunksize=at_once)


def _parts(wanted: Wanted) -> list[Wanted]:
    """The same rows in the same order, one series of a level after another."""
    if isinstance(wanted, Observations):
        return [replace(wanted, series=(one,)) for one in sorted(wanted.series)] or [wanted]
    if isinstance(wanted, Coverages):
        each = [(one, standard) for one in wanted.series for standard in wanted.standards]
        each.sort(key=lambda pair: (pair[0][0], pair[1], pair[0][1]))
        return [
            replace(wanted, series=(one,), standards=(standard,)) for one, standard in each
        ] or [wanted]
    return [wanted]


def _ordered(wanted: Wanted) -> sa.Select[Any]:
    statement = wanted.rows()
    columns = statement.selected_columns
    return statement.order_by(*(columns[name] for name in wanted.order))


def _drawn(statement: sa.Select[Any], wanted: Wanted) -> sa.Select[Any]:
    """Some rows with the contours of their areas, which are only fetched for them."""
    page = statement.subquery("page")
    return (
        sa.select(page, area.c.geometry)
        .outerjoin(area, sa.and_(area.c.level == page.c.level, area.c.area_id == page.c.area_id))
        .order_by(*(page.c[name] for name in wanted.order))
    )


def _in_series(name: sa.Column[str], c: Any, series: Series) -> sa.ColumnElement[bool]:
    """Rows of these names, each at its levels and their periods: one column against one list."""
    wanted = [
        "/".join((named, level, period)) for named, level, periods in series for period in periods
    ]
    key: sa.ColumnElement[str] = name + "/" + c.level + "/" + c.period
    return key.in_(wanted)


def _parents() -> sa.Subquery:
    """What each area belongs to, as "level/id" apart by spaces, and the vintage of its codes."""
    m = area_membership.c
    key = m.parent_level + "/" + m.parent_id
    return (
        sa.select(
            m.level,
            m.area_id,
            sa.func.string_agg(key, " ").label("parents"),
            sa.func.max(m.period).label("geography"),
        )
        .group_by(m.level, m.area_id)
        .subquery("parents")
    )


def _events() -> sa.Subquery:
    """The day since when an area is as it is, of those that something happened to."""
    e = area_event.c
    return (
        sa.select(e.level, e.after_id.label("area_id"), sa.func.max(e.on).label("valid_from"))
        .where(e.after_id.is_not(None))
        .group_by(e.level, e.after_id)
        .subquery("events")
    )


def _is_within(key: AreaKey) -> sa.ColumnElement[bool]:
    m = area_membership.c
    return (
        sa.select(sa.literal(1))
        .where(
            m.level == area.c.level,
            m.area_id == area.c.area_id,
            m.parent_level == key.level,
            m.parent_id == key.area_id,
        )
        .exists()
    )


def _meets(box: Box) -> sa.ColumnElement[bool]:
    west, south, east, north = box
    a = area.c
    if west <= east:
        is_across = sa.and_(a.west <= east, a.east >= west)
    else:
        is_across = sa.or_(a.east >= west, a.west <= east)
    return sa.and_(is_across, a.south <= north, a.north >= south)
