"""Questions about places on a map: where services stand, what areas hold of them, their names."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, area_trait, coverage, service


def categories(engine: sa.Engine, finest_level: str) -> list[str]:
    """The categories of service that have places to show: registered ones, and counted ones."""
    registered = sa.select(service.c.category).distinct()
    counted = (
        sa.select(coverage.c.service)
        .where(coverage.c.level == finest_level, coverage.c.supply > 0)
        .distinct()
    )
    statement = registered.union(counted)
    with engine.connect() as connection:
        return sorted(str(name) for name in connection.execute(statement).scalars())


def registered(engine: sa.Engine, category: str, finest_level: str) -> pd.DataFrame:
    """The services of a category, each where it stands, by id.

    Columns service_id, name, longitude, latitude, is_exact, area_id, area_name, capacity,
    capacity_unit, source_id, period. One that is known by its area only stands at the seat of that
    area; one without either has no position.
    """
    s, a = service.c, area.c
    statement = (
        sa.select(
            s.service_id,
            s.name,
            sa.func.coalesce(s.longitude, a.seat_longitude).label("longitude"),
            sa.func.coalesce(s.latitude, a.seat_latitude).label("latitude"),
            s.longitude.is_not(None).label("is_exact"),
            s.area_id,
            a.name.label("area_name"),
            s.capacity,
            s.capacity_unit,
            s.source_id,
            s.period,
        )
        .outerjoin(area, sa.and_(a.level == finest_level, a.area_id == s.area_id))
        .where(s.category == category)
        .order_by(s.service_id)
    )
    return _frame(engine, statement)


def counted(engine: sa.Engine, category: str, finest_level: str) -> pd.DataFrame:
    """What each area of the finest level holds of a category, at its seat: the latest known.

    Columns as `registered`, where ``name`` and ``area_name`` are the area's. Under several
    standards the places are the same, and stand once.
    """
    c, a = coverage.c, area.c
    latest = (
        sa.select(sa.func.max(c.period))
        .where(c.service == category, c.level == finest_level)
        .scalar_subquery()
    )
    statement = (
        sa.select(
            a.area_id.label("service_id"),
            a.name,
            a.seat_longitude.label("longitude"),
            a.seat_latitude.label("latitude"),
            sa.false().label("is_exact"),
            a.area_id,
            a.name.label("area_name"),
            sa.func.max(c.supply).label("capacity"),
            sa.null().label("capacity_unit"),
            sa.null().label("source_id"),
            c.period,
        )
        .join(area, sa.and_(a.level == c.level, a.area_id == c.area_id))
        .where(c.service == category, c.level == finest_level, c.period == latest, c.supply > 0)
        .group_by(a.area_id, a.name, a.seat_longitude, a.seat_latitude, c.period)
        .order_by(a.area_id)
    )
    return _frame(engine, statement)


def seats(engine: sa.Engine, level: str) -> pd.DataFrame:
    """Where the seats of the areas of a level are, those beyond the border too, in map order.

    Columns fid, area_id, name, longitude, latitude (NaN where there is no seat).
    """
    a = area.c
    statement = (
        sa.select(
            a.fid,
            a.area_id,
            a.name,
            a.seat_longitude.label("longitude"),
            a.seat_latitude.label("latitude"),
        )
        .where(a.level == level)
        .order_by(a.fid)
    )
    return _frame(engine, statement)


def traits(engine: sa.Engine, level: str) -> pd.DataFrame:
    """What is known of the kind of the areas of a level: level, area_id, trait, code, period."""
    t = area_trait.c
    columns = (t.level, t.area_id, t.trait, t.code, t.period)
    return _frame(engine, sa.select(*columns).where(t.level == level).order_by(t.area_id, t.trait))


def level_names(engine: sa.Engine, level: str) -> pd.DataFrame:
    """The areas of a level that are shown, the most populous first.

    Columns area_id, name, population, longitude, latitude (of the seat), geometry (WKB, only where
    there is no seat).
    """
    a = area.c
    statement = (
        sa.select(
            a.area_id,
            a.name,
            a.legal_population.label("population"),
            a.seat_longitude.label("longitude"),
            a.seat_latitude.label("latitude"),
            sa.case((a.seat_longitude.is_(None), a.geometry)).label("geometry"),
        )
        .where(a.level == level, a.role != "edge")
        .order_by(sa.nulls_last(a.legal_population.desc()), a.area_id)
    )
    return _frame(engine, statement)


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with engine.connect() as connection:
        frame = pd.read_sql(statement, connection)
    numbers = [
        name for name in ("longitude", "latitude", "capacity", "population") if name in frame
    ]
    return frame.astype(dict.fromkeys(numbers, "float64"))
