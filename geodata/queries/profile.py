"""Questions about one area as a whole: each answers for all indicators or services at once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey, Status
from geodata.queries.frames import told
from geodata.schema import area, change, coverage, figure, observation, tested_trend

_QUARTERS = {"lowest": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "highest": 1.0}


def observations(engine: sa.Engine, periods: Mapping[str, str], key: AreaKey) -> pd.DataFrame:
    """The value of each indicator at its own period for one area: columns of ``observation``."""
    o = observation.c
    statement = sa.select(observation).where(
        o.level == key.level, o.area_id == key.area_id, _at(periods)
    )
    return _frame(engine, statement.order_by(o.indicator))


def spreads(engine: sa.Engine, periods: Mapping[str, str], level: str) -> pd.DataFrame:
    """How the values of a level lie: indicator, areas, lowest, q1, median, q3, highest.

    Neighbours drawn for orientation are left out; quartiles are interpolated.
    """
    o = observation.c
    joined = sa.join(
        observation, area, sa.and_(area.c.level == o.level, area.c.area_id == o.area_id)
    )
    statement = (
        sa.select(
            o.indicator,
            sa.func.count(o.value).label("areas"),
            *(
                sa.func.percentile_cont(share).within_group(o.value).label(name)
                for name, share in _QUARTERS.items()
            ),
        )
        .select_from(joined)
        .where(
            o.level == level,
            o.value.is_not(None),
            o.status.in_([status.value for status in Status if status.has_value]),
            area.c.role != "edge",
            _at(periods),
        )
        .group_by(o.indicator)
        .order_by(o.indicator)
    )
    return _frame(engine, statement)


def trends(engine: sa.Engine, key: AreaKey) -> pd.DataFrame:
    """How every series of one area moves, the latest segment last: ``tested_trend``."""
    t = tested_trend.c
    statement = sa.select(tested_trend).where(t.level == key.level, t.area_id == key.area_id)
    return _frame(engine, statement.order_by(t.indicator, t.first_period))


def coverages(engine: sa.Engine, key: AreaKey) -> pd.DataFrame:
    """What one area has of every service under every standard: the columns of ``coverage``."""
    c = coverage.c
    statement = sa.select(coverage).where(c.level == key.level, c.area_id == key.area_id)
    return _frame(engine, statement.order_by(c.service, c.standard, c.period))


def figures(engine: sa.Engine, variables: tuple[str, ...], key: AreaKey) -> pd.DataFrame:
    """Every figure of some variables for one area: variable, period, value, status."""
    f = figure.c
    statement = sa.select(f.variable, f.period, f.value, f.status).where(
        f.variable.in_(variables), f.level == key.level, f.area_id == key.area_id
    )
    return _frame(engine, statement.order_by(f.variable, f.period))


def changes(engine: sa.Engine, key: AreaKey) -> pd.DataFrame:
    """What the release changes for one area against the one before: the columns of ``change``."""
    c = change.c
    statement = sa.select(change).where(c.level == key.level, c.area_id == key.area_id)
    return _frame(engine, statement.order_by(c.kind, c.indicator, c.period))


def _at(periods: Mapping[str, str]) -> sa.ColumnElement[bool]:
    o = observation.c
    return sa.or_(
        sa.false(),
        *(sa.and_(o.indicator == name, o.period == period) for name, period in periods.items()),
    )


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with engine.connect() as connection:
        return told(pd.read_sql(statement, connection))
