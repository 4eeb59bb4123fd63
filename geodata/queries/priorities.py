"""Questions about priorities: the order of the areas of a level, and what an area's is made of."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, priority, priority_part


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
