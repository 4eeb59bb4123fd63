"""Questions about notes: what was written of an area."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.state import reading
from geodata.state_schema import note


def notes(state: sa.Engine, territory_id: str, key: AreaKey) -> pd.DataFrame:
    """The notes on an area, the latest first: note_id, text, written_by, written_at (UTC).

    Those that were withdrawn are left out.
    """
    n = note.c
    statement = (
        sa.select(n.note_id, n.text, n.written_by, n.written_at)
        .where(
            n.territory_id == territory_id,
            n.level == key.level,
            n.area_id == key.area_id,
            n.withdrawn_at.is_(None),
        )
        .order_by(n.note_id.desc())
    )
    with reading(state) as connection:
        return pd.read_sql(statement, connection)
