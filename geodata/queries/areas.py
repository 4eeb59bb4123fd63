"""Questions about areas: which they are, what they belong to, how they are drawn."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, area_membership, tile


def areas(engine: sa.Engine, level: str) -> pd.DataFrame:
    """The areas of a level in map order: fid, area_id, name, role, legal_population, bounds."""
    columns = [column for column in area.c if column.name != "geometry"]
    statement = sa.select(*columns).where(area.c.level == level).order_by(area.c.fid)
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def contours(engine: sa.Engine, level: str) -> pd.DataFrame:
    """The contours of the areas of a level that are drawn: area_id, geometry (WKB, degrees)."""
    statement = sa.select(area.c.area_id, area.c.geometry).where(
        area.c.level == level, area.c.geometry.is_not(None)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement.order_by(area.c.area_id), connection)


def shown_contours(engine: sa.Engine, level: str) -> pd.DataFrame:
    """The contours of the areas of a level but the neighbours: area_id, geometry (WKB, degrees)."""
    statement = (
        sa.select(area.c.area_id, area.c.geometry)
        .where(area.c.level == level, area.c.role != "edge", area.c.geometry.is_not(None))
        .order_by(area.c.fid)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def areas_of_roles(engine: sa.Engine) -> pd.DataFrame:
    """Every area of every level with its role, in map order: level, area_id, role."""
    statement = sa.select(area.c.level, area.c.area_id, area.c.role)
    with engine.connect() as connection:
        return pd.read_sql(statement.order_by(area.c.level, area.c.fid), connection)


def named_areas(engine: sa.Engine, parent_level: str) -> pd.DataFrame:
    """Every area that is shown: level, area_id, name, population, within.

    ``within`` is the name of the area of ``parent_level`` that it belongs to, None in none.
    """
    m, p = area_membership, area.alias("parent")
    statement = (
        sa.select(
            area.c.level,
            area.c.area_id,
            area.c.name,
            area.c.legal_population.label("population"),
            p.c.name.label("within"),
        )
        .outerjoin(
            m,
            sa.and_(
                m.c.level == area.c.level,
                m.c.area_id == area.c.area_id,
                m.c.parent_level == parent_level,
            ),
        )
        .outerjoin(p, sa.and_(p.c.level == m.c.parent_level, p.c.area_id == m.c.parent_id))
        .where(area.c.role != "edge")
        .order_by(area.c.level, area.c.fid)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def memberships(engine: sa.Engine, level: str, area_id: str) -> pd.DataFrame:
    """The areas an area belongs to: parent_level, parent_id, name, period."""
    m, p = area_membership, area
    statement = (
        sa.select(m.c.parent_level, m.c.parent_id, p.c.name, m.c.period)
        .join(p, sa.and_(p.c.level == m.c.parent_level, p.c.area_id == m.c.parent_id))
        .where(m.c.level == level, m.c.area_id == area_id)
        .order_by(m.c.parent_level)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def level_memberships(engine: sa.Engine, level: str) -> pd.DataFrame:
    """What each area of a level belongs to: area_id, parent_level, parent_id, name (its parent's).

    Neighbours drawn for orientation are left out.
    """
    m, child, parent = area_membership, area.alias("child"), area.alias("parent")
    columns = (m.c.area_id, m.c.parent_level, m.c.parent_id, parent.c.name)
    statement = (
        sa.select(*columns)
        .distinct()
        .join(child, sa.and_(child.c.level == m.c.level, child.c.area_id == m.c.area_id))
        .join(
            parent, sa.and_(parent.c.level == m.c.parent_level, parent.c.area_id == m.c.parent_id)
        )
        .where(m.c.level == level, child.c.role != "edge")
        .order_by(*columns)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def tile_data(engine: sa.Engine, z: int, x: int, y: int) -> bytes | None:
    """The gzipped vector tile at z/x/y, or None where there is nothing to draw."""
    statement = sa.select(tile.c.data).where(tile.c.z == z, tile.c.x == x, tile.c.y == y)
    with engine.connect() as connection:
        found = connection.execute(statement).scalar()
    return None if found is None else bytes(found)
