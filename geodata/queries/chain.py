"""Questions about the care chain: what an area has of each link, and the first that is broken."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.schema import area, area_membership, broken_link, care_chain


def levels(engine: sa.Engine) -> list[str]:
    """The levels whose care chain is known."""
    statement = sa.select(care_chain.c.level).distinct().order_by(care_chain.c.level)
    with engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def care_links(engine: sa.Engine, level: str, area_id: str) -> pd.DataFrame:
    """One row a step and sector of one area: the columns of ``care_chain`` but its key."""
    shown = [column for column in care_chain.c if column.name not in ("level", "area_id")]
    statement = (
        sa.select(*shown)
        .where(care_chain.c.level == level, care_chain.c.area_id == area_id)
        .order_by(care_chain.c.care_step, care_chain.c.sector)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def broken_links(engine: sa.Engine, level: str) -> pd.DataFrame:
    """One row an area of the territory: fid, area_id, name, verdict, care_step, unknown_before."""
    statement = (
        sa.select(
            area.c.fid,
            area.c.area_id,
            area.c.name,
            broken_link.c.verdict,
            broken_link.c.care_step,
            broken_link.c.unknown_before,
        )
        .join(
            broken_link,
            sa.and_(broken_link.c.level == area.c.level, broken_link.c.area_id == area.c.area_id),
        )
        .where(area.c.level == level)
        .order_by(area.c.fid)
    )
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


def chains(engine: sa.Engine, level: str, within: AreaKey | None = None) -> pd.DataFrame:
    """The state of every link of the areas of a level: area_id, care_step, sector, state.

    ``within``: only of the areas that belong to it.
    """
    c = care_chain.c
    statement = sa.select(c.area_id, c.care_step, c.sector, c.state).where(c.level == level)
    if within is not None:
        statement = statement.where(c.area_id.in_(inside(level, within)))
    with engine.connect() as connection:
        return pd.read_sql(statement.order_by(c.area_id, c.care_step, c.sector), connection)


def inside(level: str, within: AreaKey) -> sa.Select[tuple[str]]:
    """The ids of the areas of a level that belong to an area; its own where it is of the level."""
    m = area_membership.c
    belonging = sa.select(m.area_id).where(
        m.level == level, m.parent_level == within.level, m.parent_id == within.area_id
    )
    if within.level != level:
        return belonging
    return sa.select(area.c.area_id).where(area.c.level == level, area.c.area_id == within.area_id)
