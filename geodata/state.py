"""What happens and what people write: today the runs of the refresh, in SQLite (WAL).

Kept apart from releases: a refused refresh leaves its issues here and the release as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from geodata import schema
from geodata.model import Issue, Severity


def state_engine(data: Path) -> sa.Engine:
    """The engine of the state database in ``data``, its tables made when absent."""
    data.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{data / 'state.sqlite'}", connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    schema.state.create_all(engine)
    return engine


def now() -> datetime:
    """The present moment in UTC, without time zone, as the state stores it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def start_run(engine: sa.Engine, process_id: int) -> int:
    """Write that a refresh begins; return its run id. Runs cut short are marked so."""
    run = schema.run
    with engine.begin() as connection:
        connection.execute(
            run.update()
            .where(run.c.has_ended.is_(False))
            .values(outcome="interrupted", has_ended=True, ended_at=now())
        )
        result = connection.execute(
            run.insert().values(
                started_at=now(), outcome="running", process_id=process_id, has_ended=False
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
    with engine.begin() as connection:
        connection.execute(
            schema.run.update()
            .where(schema.run.c.run_id == run_id)
            .values(
                outcome=outcome,
                release_id=release_id,
                message=message,
                has_ended=True,
                ended_at=now(),
            )
        )
        if rows:
            connection.execute(schema.run_issue.insert(), rows)


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
