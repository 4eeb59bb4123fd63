"""Questions about jobs: the queue and its history, what a job said, what people were told."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.state import reading
from geodata.state_schema import job, log_line, notice, run


def jobs(state: sa.Engine, territory_id: str, limit: int = 20) -> pd.DataFrame:
    """The latest jobs of a territory, newest first, one row a job with every column of ``job``.

    ``share`` is from 0 to 1, moments are in UTC, ``argument`` is a JSON object.
    """
    statement = sa.select(job).where(job.c.territory_id == territory_id)
    return _frame(state, statement.order_by(job.c.job_id.desc()).limit(limit))


def log_lines(state: sa.Engine, job_id: int) -> pd.DataFrame:
    """What a job said, in order: at, text_fr, text_en."""
    statement = sa.select(log_line.c.at, log_line.c.text_fr, log_line.c.text_en)
    return _frame(
        state, statement.where(log_line.c.job_id == int(job_id)).order_by(log_line.c.log_line_id)
    )


def notices(state: sa.Engine, limit: int = 20) -> pd.DataFrame:
    """The latest notices, newest first: whom they went to, when, or why they did not."""
    return _frame(state, sa.select(notice).order_by(notice.c.notice_id.desc()).limit(limit))


def history(
    state: sa.Engine, territory_id: str, kind: str = "refresh", limit: int = 2000
) -> pd.DataFrame:
    """The jobs of one kind, newest first, as a schedule looks at them.

    Columns: job_id, state, asked_at, ended_at, argument, is_cancelled_by_someone.
    """
    c = job.c
    by_someone = c.cancel_asked.is_not(None).label("is_cancelled_by_someone")
    statement = (
        sa.select(c.job_id, c.state, c.asked_at, c.ended_at, c.argument, by_someone)
        .where(c.territory_id == territory_id, c.kind == kind)
        .order_by(c.job_id.desc())
        .limit(limit)
    )
    return _frame(state, statement)


def last_run_by_hand(state: sa.Engine, territory_id: str) -> pd.Timestamp | None:
    """When the last refresh that no job asked for began, if one came to its end; else None."""
    statement = sa.select(sa.func.max(run.c.started_at)).where(
        run.c.job_id.is_(None),
        sa.or_(run.c.territory_id == territory_id, run.c.territory_id.is_(None)),
        run.c.outcome.in_(("published", "waiting", "unchanged", "rejected")),
    )
    with reading(state) as connection:
        found = connection.scalar(statement)
    return None if found is None else pd.Timestamp(found)


def run_of_job(state: sa.Engine, job_id: int) -> int | None:
    """The refresh that a job made; None when it made none."""
    with reading(state) as connection:
        found = connection.scalar(
            sa.select(sa.func.max(run.c.run_id)).where(run.c.job_id == int(job_id))
        )
    return None if found is None else int(found)


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with reading(engine) as connection:
        return pd.read_sql(statement, connection)
