"""A question about what people write: whether it is what it was."""

from __future__ import annotations

import sqlalchemy as sa

from geodata.state import reading
from geodata.state_schema import note, saved_view


def written(state: sa.Engine, territory_id: str) -> tuple[int, ...]:
    """How many notes there are, how many of them were withdrawn; the same of saved views.

    Both are added and withdrawn, never changed nor removed: as long as the four numbers are the
    same, so is what people read.
    """
    counts = [
        sa.select(counted).where(table.c.territory_id == territory_id).scalar_subquery()
        for table in (note, saved_view)
        for counted in (sa.func.count(), sa.func.count(table.c.withdrawn_at))
    ]
    with reading(state) as connection:
        return tuple(connection.execute(sa.select(*counts)).one())
