"""Questions about priorities: the order of the areas of a level, and what an area's is made of."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, observation, priority, priority_part


def levels(engine: sa.Engine) -> pd.DataFrame:
    """The levels that each priority orders areas of: priority, level."""
    p = priority.c
    ranked = p.rank.is_not(None)
    keys = (p.priority, p.level)
    statement = sa.select(*keys).where(ranked).distinct().order_by(*keys)
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def order(engine: sa.Engine, priority_id: str, level: str) -> pd.DataFrame:
    """One row an area that is ordered or could have been: fid, area_id, name, role, then the rest.

    The rest is the columns of ``priority`` but its key; those without a rank come last.
    """
    keys = {"priority", "level", "area_id"}
    shown = [column for column in priority.c if column.name not in keys]
    statement = (
        sa.select(area.c.fid, area.c.area_id, area.c.name, area.c.role, *shown)
        .join(
            priority,
            sa.and_(priority.c.level == area.c.level, priority.c.area_id == area.c.area_id),
        )
        .where(priority.c.priority == priority_id, area.c.level == level)
        .order_by(sa.nulls_last(priority.c.rank), area.c.fid)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def parts(engine: sa.Engine, priority_id: str, level: str, area_id: str) -> pd.DataFrame:
    """What one area's priority is made of, the heaviest first: ``priority_part`` but its key."""
    keys = {"priority", "level", "area_id"}
    shown = [column for column in priority_part.c if column.name not in keys]
    statement = (
        sa.select(*shown)
        .where(
            priority_part.c.priority == priority_id,
            priority_part.c.level == level,
            priority_part.c.area_id == area_id,
        )
        .order_by(priority_part.c.weight.desc(), priority_part.c.indicator)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def level_parts(engine: sa.Engine, priority_id: str, level: str) -> pd.DataFrame:
    """What every area of a level is ordered by: ``priority_part`` but its priority and level."""
    p = priority_part.c
    shown = [column for column in p if column.name not in ("priority", "level")]
    statement = (
        sa.select(*shown)
        .where(p.priority == priority_id, p.level == level)
        .order_by(p.area_id, p.weight.desc(), p.indicator)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def figures(engine: sa.Engine, indicators: Sequence[str], level: str) -> pd.DataFrame:
    """What there is at a level to order its areas by: a row for each indicator with a value.

    Columns indicator, period (the latest with a value), known (areas that have one then) and
    distinct (how many values differ). Neighbours beyond the border are left out.
    """
    o = observation
    known = (
        sa.select(o.c.indicator, o.c.period, o.c.value)
        .join(area, sa.and_(area.c.level == o.c.level, area.c.area_id == o.c.area_id))
        .where(
            o.c.indicator.in_(indicators),
            o.c.level == level,
            o.c.value.is_not(None),
            area.c.role != "edge",
        )
        .subquery()
    )
    latest = (
        sa.select(known.c.indicator, sa.func.max(known.c.period).label("period"))
        .group_by(known.c.indicator)
        .subquery()
    )
    statement = (
        sa.select(
            known.c.indicator,
            known.c.period,
            sa.func.count().label("known"),
            sa.func.count(known.c.value.distinct()).label("distinct"),
        )
        .join(
            latest,
            sa.and_(latest.c.indicator == known.c.indicator, latest.c.period == known.c.period),
        )
        .group_by(known.c.indicator, known.c.period)
        .order_by(known.c.indicator)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)
