"""Questions about indicators: values of a level, series of an area, what is on offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.queries.frames import frame_of
from geodata.schema import area, cluster, inequality, lineage, observation, tested_trend

_VALUE = [
    observation.c.value,
    observation.c.status,
    observation.c.numerator,
    observation.c.denominator,
    observation.c.parts,
    observation.c.parts_expected,
    observation.c.low,
    observation.c.high,
    observation.c.interval,
    observation.c.smoothed,
    observation.c.smoothed_low,
    observation.c.smoothed_high,
    observation.c.standing,
    observation.c.flags,
]
#: Columns of numbers that may be all absent, and then have no type of their own.
_NUMBERS = (
    *("value", "numerator", "denominator", "low", "high"),
    *("smoothed", "smoothed_low", "smoothed_high", "local_i", "p_value", "yearly_change"),
)


def values(engine: sa.Engine, indicator: str, level: str, period: str) -> pd.DataFrame:
    """One row an area of the level, in map order, edges included.

    Columns fid, area_id, name, role, then those of the table ``observation`` from ``value`` to
    ``flags``. An area without an observation has status ``missing`` and no flag.
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
    """Every period of an indicator for some areas: level, area_id, name, period, value to flags.

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

    Columns indicator, level, area_id, name, role, period, then those of the table ``observation``
    from ``value`` to ``flags``; no row where there is no observation.
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


def pooled(engine: sa.Engine, indicator: str, level: str) -> list[float]:
    """The values of every period of an indicator at a level, edges left out."""
    o = observation
    statement = (
        sa.select(o.c.value)
        .join(area, sa.and_(area.c.level == o.c.level, area.c.area_id == o.c.area_id))
        .where(
            o.c.indicator == indicator,
            o.c.level == level,
            area.c.role != "edge",
            o.c.value.is_not(None),
        )
        .order_by(o.c.value)
    )
    with engine.connect() as connection:
        return [float(value) for value in connection.execute(statement).scalars()]


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


def trends(engine: sa.Engine, indicator: str, level: str, area_id: str) -> pd.DataFrame:
    """How the latest series of one area moves: a row a segment, in the order of time.

    Columns first_period, last_period, periods, method, yearly_change (percent), low, high,
    p_value, verdict.
    """
    t = tested_trend
    columns = [x for x in t.c if x.name not in ("indicator", "level", "area_id")]
    wanted = sa.and_(t.c.indicator == indicator, t.c.level == level, t.c.area_id == area_id)
    return _frame(engine, sa.select(*columns).where(wanted).order_by(t.c.first_period))


def clusters(engine: sa.Engine, indicator: str, level: str) -> pd.DataFrame:
    """What each area of a level is among those beside it, at the latest period.

    Columns area_id, period, kind, local_i, p_value, is_sure; no row for a level that has none.
    """
    c = cluster
    columns = [x for x in c.c if x.name not in ("indicator", "level")]
    wanted = sa.and_(c.c.indicator == indicator, c.c.level == level)
    return _frame(engine, sa.select(*columns).where(wanted).order_by(c.c.area_id))


def inequalities(engine: sa.Engine, indicator: str, level: str) -> pd.DataFrame:
    """How unequal a level is: period, measure, value, low, high, areas."""
    i = inequality
    columns = [x for x in i.c if x.name not in ("indicator", "level")]
    wanted = sa.and_(i.c.indicator == indicator, i.c.level == level)
    return _frame(engine, sa.select(*columns).where(wanted).order_by(i.c.period, i.c.measure))


def lineages(engine: sa.Engine) -> pd.DataFrame:
    """How every indicator was computed: indicator, method, parameters (JSON), source_ids."""
    return _frame(engine, sa.select(lineage).order_by(lineage.c.indicator))


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    frame = frame_of(engine, statement)
    if "status" in frame:
        frame["status"] = frame["status"].fillna("missing")
    if "flags" in frame:
        frame["flags"] = frame["flags"].fillna(0).astype("int64")
    for name in _NUMBERS:
        if name in frame:
            frame[name] = frame[name].astype("float64")
    return frame
