"""Questions about the care chain: what an area has of each link, and the first that is broken."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, broken_link, care_chain


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
