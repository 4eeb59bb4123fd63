"""Questions about indicators: values of a level, series of an area, what is on offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.schema import area, lineage, observation

_VALUE = [
    observation.c.value,
    observation.c.status,
    observation.c.numerator,
    observation.c.denominator,
    observation.c.parts,
    observation.c.parts_expected,
]


def values(engine: sa.Engine, indicator: str, level: str, period: str) -> pd.DataFrame:
    """One row an area of the level, in map order, edges included.

    Columns fid, area_id, name, role, value, status, numerator, denominator, parts,
    parts_expected. An area without an observation has status ``missing``.
    """
    statement = (
        sa.select(area.c.fid, area.c.area_id, area.c.name, area.c.role, *_VALUE)
        .outerjoin(
            observation,
            sa.and_(
                observation.c.level == area.c.level,
                observation.c.area_id == area.c.area_id,
                observation.c.indicator == indicator,
                observation.c.period == period,
            ),
        )
        .where(area.c.level == level)
        .order_by(area.c.fid)
    )
    return _frame(engine, statement)


def series(engine: sa.Engine, indicator: str, keys: Sequence[AreaKey]) -> pd.DataFrame:
    """Every period of an indicator for some areas: level, area_id, name, period, value...

    Rows are ordered by area then period; the name is that of the area.
    """
    wanted = sa.or_(
        sa.false(),
        *(
            sa.and_(observation.c.level == key.level, observation.c.area_id == key.area_id)
            for key in keys
        ),
    )
    statement = (
        sa.select(
            observation.c.level,
            observation.c.area_id,
            area.c.name,
            observation.c.period,
            *_VALUE,
        )
        .outerjoin(
            area,
            sa.and_(area.c.level == observation.c.level, area.c.area_id == observation.c.area_id),
        )
        .where(observation.c.indicator == indicator, wanted)
        .order_by(observation.c.level, observation.c.area_id, observation.c.period)
    )
    return _frame(engine, statement)


def values_at(engine: sa.Engine, periods: Mapping[str, str], levels: Sequence[str]) -> pd.DataFrame:
    """Some indicators, each at a period of its own, over the areas of some levels but the edges.

    Columns indicator, level, area_id, name, role, period, value, status, numerator, denominator,
    parts, parts_expected; no row where there is no observation.
    """
    o = observation
    wanted = sa.or_(
        sa.false(),
        *(sa.and_(o.c.indicator == name, o.c.period == period) for name, period in periods.items()),
    )
    statement = (
        sa.select(
            o.c.indicator, o.c.level, o.c.area_id, area.c.name, area.c.role, o.c.period, *_VALUE
        )
        .join(area, sa.and_(area.c.level == o.c.level, area.c.area_id == o.c.area_id))
        .where(wanted, o.c.level.in_(levels), area.c.role != "edge")
        .order_by(o.c.level, o.c.area_id, o.c.indicator)
    )
    return _frame(engine, statement)


def availability(engine: sa.Engine) -> pd.DataFrame:
    """What is on offer: indicator, level, period, with_value (areas having a number), areas."""
    o = observation
    statement = (
        sa.select(
            o.c.indicator,
            o.c.level,
            o.c.period,
            sa.func.count(o.c.value).label("with_value"),
            sa.func.count().label("areas"),
        )
        .group_by(o.c.indicator, o.c.level, o.c.period)
        .order_by(o.c.indicator, o.c.level, o.c.period)
    )
    return _frame(engine, statement)


def lineages(engine: sa.Engine) -> pd.DataFrame:
    """How every indicator was computed: indicator, method, parameters (JSON), source_ids."""
    return _frame(engine, sa.select(lineage).order_by(lineage.c.indicator))


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with engine.connect() as connection:
        frame = pd.read_sql(statement, connection)
    if "status" in frame:
        frame["status"] = frame["status"].fillna("missing")
    for name in ("value", "numerator", "denominator"):
        if name in frame:
            frame[name] = frame[name].astype("float64")
    return frame
