"""What happens and what people write: the state, in SQLite (WAL); here its engine and the runs.

Kept apart from releases: a refused refresh leaves its issues here and the release as it was.
The queue of jobs is in :mod:`geodata.jobs`, the notices in :mod:`geodata.outbox`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geodata import schema, state_schema, upgrades
from geodata.catalogue.nouns import Text
from geodata.failure import Failure, full_disk, is_disk_full
from geodata.model import Issue, Severity

#: What the functions on the state take; made by :func:`state_engine`.
Engine = sa.Engine


class StateError(Failure):
    """The state cannot be read or written; the message says why and what to do."""


def state_engine(data: Path) -> sa.Engine:
    """The engine of the state database in ``data``: made when absent, upgraded when older.

    Raises
    ------
    StateError
        When it cannot be opened, or was made by a newer version of the project.
    """
    data.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{data / 'state.sqlite'}", connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where _begin says, DDL included
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        is_writing = connection.get_execution_options().get("is_writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    try:
        with reading(engine) as connection:
            is_due = upgrades.is_due(connection)
        if is_due:
            with writing(engine) as connection:
                upgrades.upgrade(connection, now())
    except StateError:
        engine.dispose()
        raise
    except upgrades.NewerStateError as error:
        engine.dispose()
        raise StateError(
            f"{data / 'state.sqlite'} vient d’une version plus récente du projet ({error}). "
            "Utiliser cette version, ou un autre VIGIE_DATA.",
            f"{data / 'state.sqlite'} was made by a newer version of the project ({error}). "
            "Use that version, or another VIGIE_DATA.",
        ) from error
    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: it waits its turn at its beginning, so it never fails half-way.

    Raises
    ------
    StateError
        When the database cannot be written: locked too long, disk full, damaged. A row that
        breaks a key raises ``sqlalchemy.exc.IntegrityError`` as it is.
    """
    try:
        with engine.execution_options(is_writing=True).begin() as connection:
            yield connection
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        raise _state_error(engine, error, "s’écrit", "written") from error


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that reads one moment of the state.

    Raises
    ------
    StateError
        When the database cannot be read.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise _state_error(engine, error, "se lit", "read") from error


def _state_error(engine: sa.Engine, error: sa.exc.DBAPIError, fr: str, en: str) -> StateError:
    """What to say of an error of the engine; reading too needs some room, for its index."""
    if is_disk_full(error):
        why = full_disk(Path(str(engine.url.database)).parent)
    else:
        why = Text("Vérifier le disque et VIGIE_DATA.", "Check the disk and VIGIE_DATA.")
    return StateError(
        f"L’état ne {fr} pas ({error.orig}). {why.fr}",
        f"The state cannot be {en} ({error.orig}). {why.en}",
    )


def now() -> datetime:
    """The present moment in UTC, without time zone, as the state stores it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def start_run(
    engine: sa.Engine,
    process_id: int,
    territory_id: str | None = None,
    job_id: int | None = None,
) -> int:
    """Write that a refresh begins; return its run id. Runs cut short are marked so.

    The caller holds :func:`geodata.release.refresh_lock`: no other run is at work.
    """
    run = state_schema.run
    with writing(engine) as connection:
        connection.execute(
            run.update()
            .where(run.c.has_ended.is_(False))
            .values(outcome="interrupted", has_ended=True, ended_at=now())
        )
        result = connection.execute(
            run.insert().values(
                started_at=now(),
                outcome="running",
                process_id=process_id,
                has_ended=False,
                territory_id=territory_id,
                job_id=job_id,
            )
        )
        key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def end_run(
    engine: sa.Engine,
    run_id: int,
    outcome: str,
    release_id: str | None = None,
    message: str = "",
    issues: Iterable[Issue] = (),
) -> None:
    """Write how a refresh ended: published, unchanged, rejected or failed, with its issues."""
    rows = [{"run_id": run_id, **issue_row(issue)} for issue in issues]
    with writing(engine) as connection:
        connection.execute(
            state_schema.run.update()
            .where(state_schema.run.c.run_id == run_id)
            .values(
                outcome=outcome,
                release_id=release_id,
                message=message,
                has_ended=True,
                ended_at=now(),
            )
        )
        if rows:
            connection.execute(state_schema.run_issue.insert(), rows)


def write_steps(engine: sa.Engine, run_id: int, steps: Sequence[Mapping[str, object]]) -> None:
    """Write what each step of a refresh cost: step, is_reused, seconds, peak_bytes, rows."""
    rows = [{"run_id": run_id, **step} for step in steps]
    if rows:
        with writing(engine) as connection:
            connection.execute(state_schema.run_step.insert(), rows)


def issue_row(issue: Issue) -> dict[str, object]:
    """An issue as a row of the tables ``issue`` and ``run_issue``."""
    row = asdict(issue)
    row["severity"] = issue.severity.value
    return {name: row[name] for name, _kind in schema.issue_columns}


def issues_of(frame: pd.DataFrame) -> list[Issue]:
    """The issues of a frame read from ``issue`` or ``run_issue``; absent text is empty."""
    names = [name for name, _kind in schema.issue_columns]
    rows = frame[names].astype("object").where(frame[names].notna(), None).to_dict("records")
    made = []
    for row in rows:
        known = {str(name): value for name, value in row.items()}
        known["severity"] = Severity(str(known["severity"]))
        for name in ("line", "rows"):
            known[name] = None if known[name] is None else int(known[name])
        for name in ("mend_fr", "mend_en", "file", "sample"):
            known[name] = known[name] or ""
        made.append(Issue(**known))
    return made
