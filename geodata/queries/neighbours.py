"""Questions about statistical neighbours: what the areas of a level are alike by."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, neighbour_score


def scores(engine: sa.Engine, neighbours: str, level: str) -> pd.DataFrame:
    """What describes the areas of a level, for one set: area_id, name, indicator, period, value,
    score.

    A row for each figure that is known, ordered by area and indicator; no edge is among them.
    """
    n = neighbour_score
    statement = (
        sa.select(n.c.area_id, area.c.name, n.c.indicator, n.c.period, n.c.value, n.c.score)
        .join(area, sa.and_(area.c.level == n.c.level, area.c.area_id == n.c.area_id))
        .where(n.c.neighbours == neighbours, n.c.level == level)
        .order_by(n.c.area_id, n.c.indicator)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def levels(engine: sa.Engine) -> pd.DataFrame:
    """The levels at which each set has something to compare by: neighbours, level."""
    n = neighbour_score
    statement = sa.select(n.c.neighbours, n.c.level).distinct()
    with engine.connect() as connection:
        return pd.read_sql(statement.order_by(n.c.neighbours, n.c.level), connection)
