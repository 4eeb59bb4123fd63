"""Questions about places: which services of a category stand in an area, and what was counted."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.queries.chain import inside
from geodata.schema import area, equipment, service


def places(
    engine: sa.Engine, categories: tuple[str, ...], finest: str, key: AreaKey
) -> pd.DataFrame:
    """The registered services of some categories in an area, whose areas are of level ``finest``.

    Columns category, name, area_id, area (its name), position, capacity, capacity_unit, source_id,
    period; by category, then by the name of the area and of the service.
    """
    s = service.c
    statement = (
        sa.select(
            s.category,
            s.name,
            s.area_id,
            area.c.name.label("area"),
            s.position,
            s.capacity,
            s.capacity_unit,
            s.source_id,
            s.period,
        )
        .join(area, sa.and_(area.c.level == finest, area.c.area_id == s.area_id))
        .where(s.category.in_(categories), s.area_id.in_(inside(finest, key)))
        .order_by(s.category, area.c.name, s.name)
    )
    return _frame(engine, statement).astype({"capacity": "float64"})


def counted(
    engine: sa.Engine, categories: tuple[str, ...], finest: str, key: AreaKey
) -> pd.DataFrame:
    """How many of some categories a survey counted in the finest areas of an area.

    Columns category, area_id, area (its name), count, source_id, period; the latest period of each
    category, the most numerous first.
    """
    e = equipment.c
    latest = (
        sa.select(e.category, sa.func.max(e.period).label("period"))
        .group_by(e.category)
        .subquery("latest")
    )
    statement = (
        sa.select(
            e.category,
            e.area_id,
            area.c.name.label("area"),
            sa.func.sum(e.count).label("count"),
            sa.func.min(e.source_id).label("source_id"),
            e.period,
        )
        .join(area, sa.and_(area.c.level == finest, area.c.area_id == e.area_id))
        .join(latest, sa.and_(latest.c.category == e.category, latest.c.period == e.period))
        .where(e.category.in_(categories), e.area_id.in_(inside(finest, key)))
        .group_by(e.category, e.area_id, area.c.name, e.period)
        .order_by(e.category, sa.func.sum(e.count).desc(), area.c.name)
    )
    return _frame(engine, statement).astype({"count": "float64"})


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)
