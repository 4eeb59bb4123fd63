"""The queue of jobs: what officers and schedules ask of the worker, and what became of it.

Whoever asks (the dashboard, a command, a schedule) writes a row; a worker claims it, one job at a
time for a territory, says how far it is, and ends it. Each function is one transaction. Moments
are in UTC, without time zone. Questions about jobs are in :mod:`geodata.queries.jobs`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from geodata import workers
from geodata.catalogue.nouns import Text
from geodata.state import now, reading, writing
from geodata.state_schema import job, log_line

#: What can be asked. Arguments: publish and refuse take release_id and reason, rollback takes
#: release_id (absent: the one before), refresh takes sources, again and forget.
KINDS = ("refresh", "publish", "refuse", "rollback", "take_mends")
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
#: Longest name of a person.
NAME_LENGTH = 80
#: Longest line of a log, in characters.
LINE_LENGTH = 2000


class JobError(ValueError):
    """What is asked cannot be queued: ``message`` says why in French and English."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.message = Text(fr, en)


class Cancelled(BaseException):
    """Raised between two steps of a job that is to stop; not an Exception, so none swallows it."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker has claimed."""

    job_id: int
    kind: str
    territory_id: str
    argument: Mapping[str, Any]
    asked_by: str
    asked_at: datetime


def ask(
    engine: sa.Engine,
    kind: str,
    territory_id: str,
    asked_by: str,
    argument: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> int:
    """Queue a job; return its id, or that of the very same one if it still waits.

    ``asked_by`` is the name of a person (1 to 80 characters), ``argument`` what JSON can hold.

    Raises
    ------
    JobError
        When the kind is unknown, the name is missing or too long, or the argument is not JSON.
    """
    row = _asked(kind, territory_id, asked_by, argument, at)
    waiting = sa.select(job.c.job_id).where(
        job.c.kind == row["kind"],
        job.c.territory_id == row["territory_id"],
        job.c.argument == row["argument"],
        job.c.state == QUEUED,
    )
    while True:
        try:
            with writing(engine) as connection:
                found = connection.scalar(waiting)
                return int(found) if found is not None else _inserted(connection, row)
        except sa.exc.IntegrityError:  # queued by another meanwhile, where writers do not wait
            continue


def ask_after(
    engine: sa.Engine,
    kind: str,
    territory_id: str,
    asked_by: str,
    argument: Mapping[str, Any],
    *,
    last_id: int,
    at: datetime | None = None,
) -> int | None:
    """Queue a job unless the territory has one of its kind newer than ``last_id``; its id or None.

    For a decision taken from what the queue held: whoever decides second does nothing.
    """
    row = _asked(kind, territory_id, asked_by, argument, at)
    newer = sa.select(sa.func.count()).where(
        job.c.kind == kind, job.c.territory_id == territory_id, job.c.job_id > last_id
    )
    try:
        with writing(engine) as connection:
            return None if connection.scalar(newer) else _inserted(connection, row)
    except sa.exc.IntegrityError:
        return None


def next_job(
    engine: sa.Engine,
    name: str,
    territory_id: str | None = None,
    at: datetime | None = None,
) -> Job | None:
    """Claim the oldest job that may begin, for the worker ``name``; None when there is none.

    A territory has one job at work. Jobs of dead workers are marked failed before: see
    :func:`geodata.workers.fail_abandoned`. ``territory_id`` limits the claim to one territory.
    """
    at = at or now()
    other = job.alias("other")
    first = (
        sa.select(job.c.job_id)
        .where(
            job.c.state == QUEUED,
            ~sa.exists().where(
                other.c.state == RUNNING, other.c.territory_id == job.c.territory_id
            ),
            *([] if territory_id is None else [job.c.territory_id == territory_id]),
        )
        .order_by(job.c.job_id)
        .limit(1)
    )
    try:
        with writing(engine) as connection:
            workers.fail_abandoned(connection, at)
            found = connection.execute(
                job.update()
                .where(job.c.job_id == first.scalar_subquery(), job.c.state == QUEUED)
                .values(state=RUNNING, worker=name, started_at=at, step="", share=0.0)
                .returning(job)
            ).one_or_none()
            if found is not None:
                workers.beat(connection, name, at, territory_id)
    except sa.exc.IntegrityError:  # another worker took the territory, where writers do not wait
        return None
    return None if found is None else _job(found)


def report(engine: sa.Engine, job_id: int, step: str, share: float) -> None:
    """Write which step a running job is at, and how far along it is, from 0 to 1."""
    with writing(engine) as connection:
        connection.execute(
            job.update()
            .where(job.c.job_id == int(job_id), job.c.state == RUNNING)
            .values(step=step, share=min(max(share, 0.0), 1.0))
        )


def ask_cancel(
    engine: sa.Engine, job_id: int, asked_by: str, *, at: datetime | None = None
) -> str | None:
    """Cancel a job that waits, or ask a running one to stop at its next step.

    Returns the state the job is then in: ``cancelled``, ``running`` (it will stop), or the state
    it ended in before; None when there is no such job.

    Raises
    ------
    JobError
        When the name is missing or too long.
    """
    name, at = person(asked_by), at or now()
    asked = {"cancel_asked": at, "cancel_asked_by": name}
    stopped = Text(fr=f"Annulée par {name}.", en=f"Cancelled by {name}.")
    with writing(engine) as connection:
        this = job.c.job_id == int(job_id)
        connection.execute(
            job.update()
            .where(this, job.c.state == QUEUED)
            .values(state=CANCELLED, ended_at=at, **asked, **_message(stopped))
        )
        connection.execute(
            job.update()
            .where(this, job.c.state == RUNNING, job.c.cancel_asked.is_(None))
            .values(**asked)
        )
        found = connection.scalar(sa.select(job.c.state).where(this))
    return None if found is None else str(found)


def cancel_reason(engine: sa.Engine, job_id: int) -> Text | None:
    """Why a running job is to stop: someone asked, or it was taken for dead; None to go on."""
    with reading(engine) as connection:
        found = connection.execute(
            sa.select(job.c.state, job.c.cancel_asked_by).where(job.c.job_id == int(job_id))
        ).one_or_none()
    if found is None or found.state != RUNNING:
        return workers.DIED
    if found.cancel_asked_by is None:
        return None
    name = found.cancel_asked_by
    return Text(fr=f"Annulée par {name}.", en=f"Cancelled by {name}.")


def is_cancel_asked(engine: sa.Engine, job_id: int) -> bool:
    """Whether a running job is to stop at its next step, or is no longer held as running."""
    return cancel_reason(engine, job_id) is not None


def end(
    engine: sa.Engine,
    job_id: int,
    state: str,
    message: Text | str = "",
    run_id: int | None = None,
    outcome: str | None = None,
    *,
    at: datetime | None = None,
) -> bool:
    """Write how a running job ended: done, failed or cancelled; False when it was not running.

    ``outcome`` is that of the run: published, unchanged, rejected, held...
    """
    if state not in (DONE, FAILED, CANCELLED):
        raise ValueError(f"a job does not end as {state!r}")
    with writing(engine) as connection:
        result = connection.execute(
            job.update()
            .where(job.c.job_id == int(job_id), job.c.state == RUNNING)
            .values(
                state=state,
                ended_at=at or now(),
                run_id=run_id,
                outcome=outcome,
                **_message(message),
            )
        )
        return bool(result.rowcount)


def write_line(
    engine: sa.Engine, job_id: int, text: Text | str, *, at: datetime | None = None
) -> None:
    """Add a line to the log of a job. The caller sees to it that it holds no cell of a record."""
    words = Text(text, text) if isinstance(text, str) else text
    with writing(engine) as connection:
        connection.execute(
            log_line.insert().values(
                job_id=job_id,
                at=at or now(),
                text_fr=words.fr[:LINE_LENGTH],
                text_en=words.en[:LINE_LENGTH],
            )
        )


def person(name: str) -> str:
    """The name of a person who asks or decides, without spaces around and line breaks.

    Raises
    ------
    JobError
        When nothing is left, or more than 80 characters.
    """
    made = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not 1 <= len(made) <= NAME_LENGTH:
        raise JobError(
            f"Écrire son nom, en {NAME_LENGTH} caractères au plus.",
            f"Write your name, in {NAME_LENGTH} characters at most.",
        )
    return made


def _asked(
    kind: str,
    territory_id: str,
    asked_by: str,
    argument: Mapping[str, Any] | None,
    at: datetime | None,
) -> dict[str, Any]:
    if kind not in KINDS:
        raise JobError(
            f"Tâche inconnue : {kind!r} ; connues : {', '.join(KINDS)}.",
            f"Unknown job {kind!r}; known: {', '.join(KINDS)}.",
        )
    try:
        text = json.dumps(dict(argument or {}), sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise JobError(
            f"L’argument de la tâche ne s’écrit pas en JSON ({error}).",
            f"The argument of the job cannot be written as JSON ({error}).",
        ) from error
    return {
        "kind": kind,
        "territory_id": territory_id,
        "argument": text,
        "asked_by": person(asked_by),
        "asked_at": at or now(),
        "state": QUEUED,
        "is_told": False,
    }


def _inserted(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    key = connection.execute(job.insert().values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _message(message: Text | str) -> dict[str, str]:
    words = Text(message, message) if isinstance(message, str) else message
    return {"message_fr": words.fr, "message_en": words.en}


def _job(row: sa.Row[Any]) -> Job:
    return Job(
        job_id=int(row.job_id),
        kind=row.kind,
        territory_id=row.territory_id,
        argument=json.loads(row.argument),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
    )
