"""Questions about saved views: one by its code, the latest, and the releases they need."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from geodata.state import reading
from geodata.state_schema import saved_view


def view(state: sa.Engine, territory_id: str, code: str) -> dict[str, Any] | None:
    """The view of this code, by column of ``saved_view``; None where there is none."""
    v = saved_view.c
    statement = sa.select(saved_view).where(
        v.code == code, v.territory_id == territory_id, v.withdrawn_at.is_(None)
    )
    with reading(state) as connection:
        found = connection.execute(statement).mappings().first()
    return None if found is None else dict(found)


def views(state: sa.Engine, territory_id: str, limit: int = 30) -> pd.DataFrame:
    """The latest views, newest first: code, language, page, title, release_id, saved_by, saved_at.

    Those that were withdrawn are left out.
    """
    v = saved_view.c
    statement = (
        sa.select(v.code, v.language, v.page, v.title, v.release_id, v.saved_by, v.saved_at)
        .where(v.territory_id == territory_id, v.withdrawn_at.is_(None))
        .order_by(v.saved_at.desc(), v.code)
        .limit(limit)
    )
    with reading(state) as connection:
        return pd.read_sql(statement, connection)


def pinned_releases(state: sa.Engine, limit: int) -> frozenset[str]:
    """The releases that saved views are pinned to, whatever their territory: at most so many.

    Those that were pinned to last come first.
    """
    v = saved_view.c
    statement = (
        sa.select(v.release_id)
        .where(v.withdrawn_at.is_(None))
        .group_by(v.release_id)
        .order_by(sa.func.max(v.saved_at).desc(), v.release_id.desc())
        .limit(limit)
    )
    with reading(state) as connection:
        return frozenset(connection.execute(statement).scalars())
