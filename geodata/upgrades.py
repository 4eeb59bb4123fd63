"""Bring the state's tables from the version that made them to the present one, step by step.

A step changes tables that exist; tables that are new are made afterwards, as the schema says.
All in one transaction: an upgrade that is cut leaves the state as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from geodata import state_schema


class NewerStateError(RuntimeError):
    """The state was made by a version of the project that knows more steps than this one."""


def _run_says_for_whom(connection: sa.Connection) -> None:
    """Version 2: a run names its territory and the job that asked for it."""
    _add_columns(connection, "run", "territory_id TEXT", "job_id INTEGER")


def _people_write_notes_and_views(_connection: sa.Connection) -> None:
    """Version 3: notes and saved views; both tables are new, so that they are made afterwards."""


#: What leads from version N to N + 1, from version 1 on. Never edited once released: add one.
STEPS: tuple[Callable[[sa.Connection], None], ...] = (
    _run_says_for_whom,
    _people_write_notes_and_views,
)
#: The version of the tables that :mod:`geodata.schema` describes.
VERSION = 1 + len(STEPS)


def is_due(connection: sa.Connection) -> bool:
    """Whether the tables are absent or of an older version.

    Raises
    ------
    NewerStateError
        When they are of a newer one.
    """
    found = version(connection)
    if found > VERSION:
        raise NewerStateError(f"version {found} where {VERSION} is known")
    return found < VERSION


def version(connection: sa.Connection) -> int:
    """The version of the tables: 0 when there is none; 1 is from before versions were written."""
    names = set(sa.inspect(connection).get_table_names())
    if state_schema.state_version.name in names:
        found = connection.scalar(sa.select(sa.func.max(state_schema.state_version.c.version)))
        return 0 if found is None else int(found)
    return 1 if state_schema.run.name in names else 0


def upgrade(connection: sa.Connection, at: datetime) -> None:
    """Make or upgrade every table, and write down that it was done ``at`` this moment (UTC).

    ``connection`` is in a transaction that writes; whoever came first has done the work.
    """
    found = version(connection)
    if found >= VERSION:
        return
    if found:
        for step in STEPS[found - 1 :]:
            step(connection)
    state_schema.state.create_all(connection)
    rows = [{"version": made, "applied_at": at} for made in range(found + 1, VERSION + 1)]
    connection.execute(state_schema.state_version.insert(), rows)


def _add_columns(connection: sa.Connection, table: str, *columns: str) -> None:
    for column in columns:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
