"""The workers: who is alive, and what becomes of the job of one that died."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from geodata.catalogue.nouns import Text
from geodata.state import now, reading, writing
from geodata.state_schema import job, worker

#: A worker that gave no sign of life for so long is dead, and so is its job.
SILENCE = timedelta(seconds=60)

DIED = Text(
    fr="Le processus qui exécutait cette tâche s’est arrêté sans prévenir. La demander à nouveau.",
    en="The worker died in the middle of this job. Ask for it again.",
)


def worker_beat(
    engine: sa.Engine, name: str, at: datetime | None = None, territory_id: str | None = None
) -> None:
    """Write that a worker is alive ``at`` this moment."""
    with writing(engine) as connection:
        beat(connection, name, at or now(), territory_id)


def worker_leaves(engine: sa.Engine, name: str) -> None:
    """Write that a worker has stopped of its own will."""
    with writing(engine) as connection:
        connection.execute(worker.delete().where(worker.c.worker == name))


def is_worker_alive(
    engine: sa.Engine, territory_id: str | None = None, at: datetime | None = None
) -> bool:
    """Whether a worker gave a sign of life within a minute (for this territory when named)."""
    at = at or now()
    statement = sa.select(sa.func.count()).where(_is_alive(at))
    if territory_id is not None:
        statement = statement.where(worker.c.territory_id == territory_id)
    with reading(engine) as connection:
        return bool(connection.scalar(statement))


def beat(connection: sa.Connection, name: str, at: datetime, territory_id: str | None) -> None:
    """Write that a worker is alive, in a transaction that is open."""
    seen = {"beat_at": at, "territory_id": territory_id}
    known = connection.execute(worker.update().where(worker.c.worker == name).values(**seen))
    if not known.rowcount:
        connection.execute(worker.insert().values(worker=name, **seen))


def fail_abandoned(connection: sa.Connection, at: datetime) -> list[int]:
    """Mark as failed the jobs whose worker gave no sign of life for a minute; return their ids.

    Such a job is never taken again by itself: what it did before its worker died is not known.
    """
    alive = sa.select(worker.c.worker).where(_is_alive(at))
    found = connection.execute(
        job.update()
        .where(
            job.c.state == "running",
            sa.or_(job.c.worker.is_(None), job.c.worker.not_in(alive)),
        )
        .values(state="failed", ended_at=at, message_fr=DIED.fr, message_en=DIED.en)
        .returning(job.c.job_id)
    )
    ids = sorted(int(row.job_id) for row in found)
    connection.execute(worker.delete().where(~_is_alive(at)))
    return ids


def _is_alive(at: datetime) -> sa.ColumnElement[bool]:
    """Beats from the future count as old ones: a clock that went back revives no one."""
    return worker.c.beat_at.between(at - SILENCE, at + SILENCE)
