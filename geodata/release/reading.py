"""How a sealed release is read: read-only, by an engine that has no way to any other file.

A process keeps the databases it reads open, a few at most. One that was dropped from the disk takes
its room until it is closed: the next one that is opened closes it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from geodata import schema
from geodata.release.records import Release, ReleaseError, current_release

#: How many databases a process keeps open.
_MOST_OPEN = 8
_open: dict[Path, sa.Engine] = {}
_opening = threading.Lock()


def readable_release(data: Path) -> Release | None:
    """The published release when this version can read it and it is whole, else None."""
    try:
        found = current_release(data)
        if found is None or not is_readable(found):
            return None
        reading_engine(found.database)
    except ReleaseError:
        return None
    return found


def is_readable(release: Release | None) -> bool:
    """Whether this version of the project can read the release."""
    return release is not None and release.schema_version == schema.SCHEMA_VERSION


def reading_engine(database: Path) -> sa.Engine:
    """The engine that reads one published database, one for a process.

    Raises
    ------
    ReleaseError
        When the database is damaged or gone.
    """
    with _opening:
        engine = _open.get(database)
        if engine is None:
            engine = _engine(database)
            for other in [path for path in _open if not path.exists()]:
                _open.pop(other).dispose()
            while len(_open) >= _MOST_OPEN:
                _open.pop(next(iter(_open))).dispose()
            _open[database] = engine
    return engine


def _engine(database: Path) -> sa.Engine:
    engine = sa.create_engine(
        f"duckdb:///{database}",
        connect_args={
            "read_only": True,
            "config": {"enable_external_access": False, "lock_configuration": True},
        },
        poolclass=QueuePool,
        pool_size=8,
    )
    try:
        with engine.connect() as connection:
            connection.execute(sa.select(schema.about)).all()
    except sa.exc.DBAPIError as error:
        raise ReleaseError(
            f"{database} est illisible : ce fichier est abîmé. "
            "Lancer `vigie rollback`, ou `vigie refresh` pour le refaire.",
            f"{database} cannot be read: it is damaged. "
            "Run `vigie rollback`, or `vigie refresh` to make it again.",
        ) from error
    return engine
