"""Releases: build the next one aside, publish it whole or not at all, keep, roll back, open.

A release is a folder holding one DuckDB file and its manifest. It is built under a unique name,
checkpointed, closed, hashed and flushed to disk, moved among the releases, and only then named by
``CURRENT.json``, which is replaced in one step. The ``.duckdb`` of a published release is never
written again, so readers never meet a writer. This is the only module where engines differ.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from geodata import schema
from geodata.state import now

DATABASE = "release.duckdb"
MANIFEST = "manifest.json"
CURRENT = "CURRENT.json"


class ReleaseError(RuntimeError):
    """A release cannot be opened, built or published; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """A published release: its number grows, whatever the clock says."""

    release_id: str
    number: int
    published_at: str
    schema_version: int
    territory_id: str
    recipe_sha256: str
    inputs_sha256: str
    content_sha256: str
    database_sha256: str
    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file of the release."""
        return self.folder / DATABASE


def current_release(data: Path) -> Release | None:
    """The published release of the folder ``data``, or None when there is none to read.

    Raises
    ------
    ReleaseError
        When ``CURRENT.json`` names a release that is damaged or gone.
    """
    pointer = data / CURRENT
    try:
        named = json.loads(pointer.read_text("utf-8"))["release_id"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{pointer} cannot be read ({error}). Run `vigie rollback` to name a kept release."
        ) from error
    return _read_release(data, named)


def kept_releases(data: Path) -> list[Release]:
    """The releases on disk, oldest first; a folder without a readable manifest is passed over."""
    kept = []
    for folder in sorted((data / "releases").glob("*")):
        try:
            kept.append(_read_release(data, folder.name))
        except ReleaseError:
            continue
    return sorted(kept, key=lambda release: release.number)


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


def _read_release(data: Path, release_id: str) -> Release:
    folder = data / "releases" / release_id
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        release = Release(folder=folder, **manifest)
    except (OSError, ValueError, TypeError) as error:
        raise ReleaseError(
            f"Release {release_id} cannot be read ({error}). "
            "Run `vigie rollback` to go back to a kept one, or `vigie refresh --again`."
        ) from error
    if not release.database.is_file():
        raise ReleaseError(f"Release {release_id} has lost its database. Run `vigie rollback`.")
    return release


@contextmanager
def refresh_lock(data: Path) -> Iterator[None]:
    """Hold the right to write in ``data``; the system frees it when the process dies.

    Raises
    ------
    ReleaseError
        When another process holds it; the message names the holder.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "refresh.lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise ReleaseError(
                f"Another refresh is running (process {holder}). Wait for it to end."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        shutil.rmtree(data / "building", ignore_errors=True)  # left by a process that died
        yield


def is_refreshing(data: Path) -> bool:
    """Whether a process holds the right to write in ``data`` at this moment."""
    try:
        with (data / "refresh.lock").open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class Draft:
    """The next release while it is built: load its tables, then :func:`publish` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = duckdb.connect(str(folder / DATABASE))
        dialect = sa.create_mock_engine("duckdb://", lambda *_a, **_k: None).dialect
        for table in schema.release.sorted_tables:
            self._connection.execute(str(sa.schema.CreateTable(table).compile(dialect=dialect)))

    def load(self, table: sa.Table, frame: pd.DataFrame) -> int:
        """Append ``frame`` to ``table``, by column name; return how many rows. Absent is NULL.

        Raises
        ------
        ReleaseError
            When a column is unknown or the rows break the table's key or nullability.
        """
        unknown = sorted(set(frame.columns) - {column.name for column in table.columns})
        if unknown:
            raise ReleaseError(f"{table.name} has no column {', '.join(unknown)}.")
        names = ", ".join(f'"{name}"' for name in frame.columns)
        # Arrow knows absence: what pandas writes as NaN becomes NULL.
        arrow = pyarrow.Table.from_pandas(frame, preserve_index=False)
        self._connection.register("incoming", arrow)
        try:
            self._connection.execute(
                f'INSERT INTO "{table.name}" ({names}) SELECT * FROM incoming'  # noqa: S608
            )
        except duckdb.Error as error:
            raise ReleaseError(f"{table.name} refuses its rows: {error}") from error
        finally:
            self._connection.unregister("incoming")
        return len(frame)

    def content_sha256(self) -> str:
        """One hash of what the tables say, whatever the order they were written in."""
        digest = hashlib.sha256()
        for table in schema.release.sorted_tables:
            rows = f'SELECT md5(t::VARCHAR) AS h FROM "{table.name}" AS t'  # noqa: S608
            statement = f"SELECT string_agg(h, '' ORDER BY h) FROM ({rows})"  # noqa: S608
            found = self._connection.execute(statement).fetchone()
            digest.update(f"{table.name}:{found[0] if found else ''}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Write everything to the one file and let go of it."""
        self._connection.execute("CHECKPOINT")
        self._connection.close()


@contextmanager
def draft(data: Path) -> Iterator[Draft]:
    """A new draft in ``data``; whatever was not published is gone when the block ends.

    The caller holds :func:`refresh_lock`.
    """
    building = data / "building"
    folder = building / uuid.uuid4().hex
    folder.mkdir(parents=True)
    made = Draft(folder)
    try:
        yield made
    finally:
        made._connection.close()
        shutil.rmtree(building, ignore_errors=True)


def publish(
    made: Draft, data: Path, territory_id: str, recipe_sha256: str, inputs_sha256: str, keep: int
) -> Release:
    """Publish the draft: after this call readers find it whole; before, they find the last one.

    ``recipe_sha256`` is that of the code and catalogue that made it, ``inputs_sha256`` that of the
    recipe and the source files; ``keep`` is how many releases stay on disk.
    """
    content = made.content_sha256()
    made.close()
    database_sha256 = _file_sha256(made.folder / DATABASE)
    taken = [int(f.name[:6]) for f in (data / "releases").glob("[0-9]" * 6 + "-*")]
    number = max(taken, default=0) + 1
    release = Release(
        release_id=f"{number:06d}-{content[:10]}",
        number=number,
        published_at=now().isoformat() + "Z",
        schema_version=schema.SCHEMA_VERSION,
        territory_id=territory_id,
        recipe_sha256=recipe_sha256,
        inputs_sha256=inputs_sha256,
        content_sha256=content,
        database_sha256=database_sha256,
        folder=made.folder,
    )
    manifest = {key: value for key, value in asdict(release).items() if key != "folder"}
    _write_durably(made.folder / MANIFEST, json.dumps(manifest, indent=2))
    _flush(made.folder / DATABASE)
    _flush(made.folder)
    target = data / "releases" / release.release_id
    target.parent.mkdir(exist_ok=True)
    os.rename(made.folder, target)
    _flush(target.parent)
    _point_at(data, release.release_id)
    _drop_old(data, keep)
    return _read_release(data, release.release_id)


def roll_back(data: Path, release_id: str | None = None) -> Release:
    """Name a kept release as the current one; without an id, the one before the current.

    Raises
    ------
    ReleaseError
        When there is none to go back to.
    """
    kept = {release.release_id: release for release in kept_releases(data)}
    if release_id is None:
        try:
            current = current_release(data)
        except ReleaseError:
            current = None
        older = [r for r in kept.values() if current is None or r.number < current.number]
        if not older:
            raise ReleaseError("There is no earlier release to go back to.")
        release_id = older[-1].release_id
    if release_id not in kept:
        raise ReleaseError(f"No release {release_id}; kept: {', '.join(kept) or 'none'}.")
    _point_at(data, release_id)
    return kept[release_id]


def _point_at(data: Path, release_id: str) -> None:
    fresh = data / f"{CURRENT}.{uuid.uuid4().hex}"
    _write_durably(fresh, json.dumps({"release_id": release_id}))
    os.replace(fresh, data / CURRENT)
    _flush(data)


def _drop_old(data: Path, keep: int) -> None:
    for release in kept_releases(data)[:-keep]:
        shutil.rmtree(release.folder, ignore_errors=True)


def _write_durably(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _flush(path)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _file_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@lru_cache(maxsize=8)
def reading_engine(database: Path) -> sa.Engine:
    """The engine that reads one published database: read-only, with no way to any other file.

    Raises
    ------
    ReleaseError
        When the database is damaged or gone.
    """
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
            f"{database} cannot be read: it is damaged. "
            "Run `vigie rollback`, or `vigie refresh` to make it again."
        ) from error
    return engine
