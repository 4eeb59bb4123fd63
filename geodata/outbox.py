"""The notices to people outside: written once for each job that needs one, kept until delivered.

A worker that dies between two of these steps loses nothing: a job that nobody was told of is
still owed, a notice that did not leave is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from geodata.catalogue.nouns import Text
from geodata.state import now, reading, writing
from geodata.state_schema import job, notice

#: How long after each try the next one comes; after the last there is none.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 60))
MOST_TRIES = len(WAITS)
#: The kind of notice that the outcome of a job calls for; other outcomes call for none.
KIND_OF = {"rejected": "rejected", "waiting": "held"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A job that failed, or whose run was refused or held: someone must be told."""

    job_id: int
    job_kind: str
    territory_id: str
    asked_by: str
    ended_at: datetime
    kind: str  # failed | rejected | held
    message: Text
    run_id: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is to leave by one channel."""

    notice_id: int
    kind: str
    subject: str
    body: str
    channel: str
    at: datetime


def owed(engine: sa.Engine, territory_id: str) -> list[Owed]:
    """The jobs of a territory that nobody was told of yet and that someone must know, in order."""
    statement = (
        sa.select(job)
        .where(
            job.c.territory_id == territory_id,
            job.c.is_told.is_(False),
            sa.or_(
                job.c.state == "failed",
                sa.and_(job.c.state == "done", job.c.outcome.in_(list(KIND_OF))),
            ),
        )
        .order_by(job.c.job_id)
    )
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    return [
        Owed(
            job_id=int(row.job_id),
            job_kind=row.kind,
            territory_id=row.territory_id,
            asked_by=row.asked_by,
            ended_at=row.ended_at,
            kind="failed" if row.state == "failed" else KIND_OF[row.outcome],
            message=Text(row.message_fr or "", row.message_en or ""),
            run_id=row.run_id,
        )
        for row in rows
    ]


def write_notice(
    engine: sa.Engine,
    job_id: int,
    kind: str,
    subject: str,
    body: str,
    channels: Iterable[str],
    at: datetime | None = None,
) -> bool:
    """Write what people are to be told of a job, once; False when it was written before.

    Without a channel the job counts as told: it stands on the data page all the same.
    """
    at = at or now()
    row = {"at": at, "job_id": job_id, "kind": kind, "subject": subject, "body": body}
    with writing(engine) as connection:
        first = connection.execute(
            job.update()
            .where(job.c.job_id == job_id, job.c.is_told.is_(False))
            .values(is_told=True)
        )
        if not first.rowcount:
            return False
        for channel in channels:
            connection.execute(
                notice.insert().values(**row, channel=channel, tries=0, next_try_at=at)
            )
    return True


def next_notice(engine: sa.Engine, at: datetime | None = None) -> Waiting | None:
    """Take the oldest notice that is due, so that no other worker sends it; None without one.

    The try is counted now: if its sender dies, it is tried again later, five times at most.
    """
    at = at or now()
    is_due = (
        notice.c.delivered_at.is_(None),
        notice.c.tries < MOST_TRIES,
        notice.c.next_try_at <= at,
    )
    first = sa.select(notice.c.notice_id).where(*is_due).order_by(notice.c.notice_id).limit(1)
    waits = sa.case(
        {tries: at + wait for tries, wait in enumerate(WAITS)}, value=notice.c.tries, else_=at
    )
    with writing(engine) as connection:
        found: Any = connection.execute(
            notice.update()
            .where(notice.c.notice_id == first.scalar_subquery(), *is_due)
            .values(tries=notice.c.tries + 1, next_try_at=waits)
            .returning(notice)
        ).one_or_none()
    if found is None:
        return None
    return Waiting(
        int(found.notice_id), found.kind, found.subject, found.body, found.channel, found.at
    )


def write_delivery(
    engine: sa.Engine,
    notice_id: int,
    *,
    is_delivered: bool,
    error: str = "",
    at: datetime | None = None,
) -> None:
    """Write that a notice was delivered, or not, and what went wrong with it."""
    delivered_at = (at or now()) if is_delivered else None
    with writing(engine) as connection:
        connection.execute(
            notice.update()
            .where(notice.c.notice_id == notice_id)
            .values(delivered_at=delivered_at, error=error or None)
        )
