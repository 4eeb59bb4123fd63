"""Questions about coverage: need, effective places, triad and gap of a level."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.queries.frames import frame_of
from geodata.schema import area, coverage


def gaps(engine: sa.Engine, service: str, standard: str, period: str, level: str) -> pd.DataFrame:
    """One row an area of the territory: fid, area_id, name, then the columns of ``coverage``.

    Counts are places, rates are per 100 of the demand, ``nearest_minutes`` minutes. Neighbours
    count in the engine and are left out here: they are never ranked or exported.
    """
    keys = {"level", "area_id", "service", "standard", "period"}
    measures = [column for column in coverage.c if column.name not in keys]
    statement = (
        sa.select(area.c.fid, area.c.area_id, area.c.name, *measures)
        .join(
            coverage,
            sa.and_(coverage.c.level == area.c.level, coverage.c.area_id == area.c.area_id),
        )
        .where(
            area.c.level == level,
            area.c.role == "territory",
            coverage.c.service == service,
            coverage.c.standard == standard,
            coverage.c.period == period,
        )
        .order_by(area.c.fid)
    )
    return frame_of(engine, statement)
