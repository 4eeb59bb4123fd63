"""Releases: build the next one aside, publish it whole or not at all, keep, roll back, open.

A release is a folder holding one DuckDB file and its manifest. It is built under a unique name,
checkpointed, closed, hashed and flushed to disk, moved among the releases (sealed), and only then
named by ``CURRENT.json``, which is replaced in one step and remembers every publication: when, by
whom, why. A sealed release may wait for an officer (``WAITING.json``). The ``.duckdb`` of a sealed
release is never written again, so readers never meet a writer. This is the only module where
engines differ.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

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
WAITING = "WAITING.json"
#: Schema under which a draft sees the release it is compared with.
BASE = schema.BASE
#: Tables that say how a release was made or differs from another, and nothing of the world.
_ABOUT_THE_MAKING = ("about", "change", "issue", "source")
#: How a moment is written; as texts, moments then sort as they came.
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?", re.ASCII)


class ReleaseError(RuntimeError):
    """A release cannot be opened, built or published; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """A sealed release: its number grows, whatever the clock says.

    ``base_id`` is the release that was published when it was made, ``inputs`` the hash of each
    source's file by source id, ``checks`` how many issues of each severity it was made with.
    ``published_at`` is when it was last published (UTC), empty when it never was.
    """

    release_id: str
    number: int
    made_at: str
    schema_version: int
    territory_id: str
    code_version: str
    recipe_sha256: str
    inputs_sha256: str
    content_sha256: str
    database_sha256: str
    base_id: str | None
    inputs: dict[str, str] = field(hash=False)
    checks: dict[str, int] = field(hash=False)
    folder: Path
    published_at: str = ""

    @property
    def database(self) -> Path:
        """The DuckDB file of the release."""
        return self.folder / DATABASE

    @property
    def descriptions(self) -> Path:
        """The folder of the sources that officers described, beside the releases."""
        return self.folder.parents[1] / "descriptions"


@dataclass(frozen=True, slots=True)
class Publication:
    """A release made the current one: when (UTC), by whom and why."""

    release_id: str
    at: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Making:
    """What a release says of its making, beside its content: see :class:`Release`."""

    territory_id: str
    recipe_sha256: str
    inputs_sha256: str
    base_id: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)


def current_release(data: Path) -> Release | None:
    """The published release of the folder ``data``, or None when there is none to read.

    Raises
    ------
    ReleaseError
        When ``CURRENT.json`` names a release that is damaged or gone.
    """
    named = _pointer(data)
    return None if named is None else _read_release(data, named["release_id"])


def publications(data: Path) -> list[Publication]:
    """Every publication, oldest first: what was shown, since when, by whose decision.

    Raises
    ------
    ReleaseError
        When ``CURRENT.json`` cannot be read.
    """
    named = _pointer(data)
    return [] if named is None else [Publication(**row) for row in named["publications"]]


def release_on(data: Path, moment: str) -> Publication | None:
    """What was published at a moment (ISO date or date and time, UTC; a date means its end).

    Raises
    ------
    ReleaseError
        When it is no such date.
    """
    if not _MOMENT.fullmatch(moment) or not _is_day(moment[:10]):
        raise ReleaseError(f"{moment!r} is no date. Write it as 2026-02-27.")
    limit = moment if "T" in moment else f"{moment}T23:59:59Z"
    shown = [p for p in publications(data) if p.at <= limit]
    return shown[-1] if shown else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _pointer(data: Path) -> dict[str, Any] | None:
    pointer = data / CURRENT
    try:
        named = json.loads(pointer.read_text("utf-8"))
        told = named["publications"] if "publications" in named else _published_before(data)
        return {"release_id": named["release_id"], "publications": told}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{pointer} cannot be read ({error}). Run `vigie rollback` to name a kept release."
        ) from error


def _published_before(data: Path) -> list[dict[str, str]]:
    """The publications of a version that wrote them in each release and nowhere else."""
    told = []
    for manifest in sorted((data / "releases").glob(f"*/{MANIFEST}")):
        try:
            at = json.loads(manifest.read_text("utf-8"))["published_at"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        told.append({"release_id": manifest.parent.name, "at": at, "by": "", "reason": "refresh"})
    return told


def kept_releases(data: Path) -> list[Release]:
    """The published releases on disk, oldest first; an unreadable folder is passed over.

    When ``CURRENT.json`` is lost, every sealed release is returned but the one that waits: one
    must be chosen anew.
    """
    try:
        shown = {p.release_id for p in publications(data)}
    except ReleaseError:
        shown = set()
    waiting = waiting_release(data)
    kept = []
    for folder in sorted((data / "releases").glob("*")):
        if shown and folder.name not in shown:
            continue
        if not shown and waiting is not None and folder.name == waiting.release_id:
            continue
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
        if manifest["schema_version"] != schema.SCHEMA_VERSION:
            known = {f.name for f in fields(Release)} - {"folder", "published_at"}
            blank: dict[str, Any] = {
                "inputs": {},
                "checks": {},
                "base_id": None,
                "code_version": "",
                "made_at": "",
            }
            manifest = {k: v for k, v in {**blank, **manifest}.items() if k in known}
        release = Release(folder=folder, published_at=_published_at(data, release_id), **manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"Release {release_id} cannot be read ({error}). "
            "Run `vigie rollback` to go back to a kept one, or `vigie refresh --again`."
        ) from error
    if not release.database.is_file():
        raise ReleaseError(f"Release {release_id} has lost its database. Run `vigie rollback`.")
    return release


def _published_at(data: Path, release_id: str) -> str:
    try:
        return next((p.at for p in reversed(publications(data)) if p.release_id == release_id), "")
    except ReleaseError:
        return ""


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
        self._connection.execute("SET enable_progress_bar = false")  # the screen is not its own
        self._is_loading = False
        self._dialect = sa.create_mock_engine("duckdb://", lambda *_a, **_k: None).dialect
        for table in schema.release.sorted_tables:
            # Keys are checked once at the end: an index kept while loading costs far more.
            columns = [sa.Column(c.name, c.type, nullable=c.nullable) for c in table.columns]
            keyless = sa.Table(table.name, sa.MetaData(), *columns)
            self._connection.execute(
                str(sa.schema.CreateTable(keyless).compile(dialect=self._dialect))
            )

    def load(self, table: sa.Table, rows: pd.DataFrame | pyarrow.Table) -> int:
        """Append rows to ``table``, by column name; return how many. Absent is NULL.

        Raises
        ------
        ReleaseError
            When a column is unknown or a value is not of its column's type.
        """
        # Arrow knows absence: what pandas writes as NaN becomes NULL.
        arrow = (
            rows
            if isinstance(rows, pyarrow.Table)
            else pyarrow.Table.from_pandas(rows, preserve_index=False)
        )
        unknown = sorted(set(arrow.column_names) - {column.name for column in table.columns})
        if unknown:
            raise ReleaseError(f"{table.name} has no column {', '.join(unknown)}.")
        names = ", ".join(f'"{name}"' for name in arrow.column_names)
        self._begin()
        self._connection.register("incoming", arrow)
        try:
            self._connection.execute(
                f'INSERT INTO "{table.name}" ({names}) SELECT * FROM incoming'  # noqa: S608
            )
        except duckdb.Error as error:
            raise ReleaseError(f"{table.name} refuses its rows: {error}") from error
        finally:
            self._connection.unregister("incoming")
        return int(arrow.num_rows)

    def _begin(self) -> None:
        """Load in one transaction: rows then go to the file once, not to a log first."""
        if not self._is_loading:
            self._connection.execute("BEGIN")
            self._is_loading = True

    def _commit(self) -> None:
        if self._is_loading:
            self._connection.execute("COMMIT")
            self._is_loading = False

    def attach(self, base: Release) -> None:
        """Let :meth:`ask` read the tables of ``base`` too, in the schema :data:`BASE`.

        Raises
        ------
        ReleaseError
            When its database cannot be opened.
        """
        path = str(base.database).replace("'", "''")
        self._commit()
        try:
            self._connection.execute(f"ATTACH '{path}' AS {BASE} (READ_ONLY)")
        except duckdb.Error as error:
            raise ReleaseError(f"{base.database} cannot be opened ({error}).") from error

    def detach(self) -> None:
        """Let go of what :meth:`attach` opened."""
        self._connection.execute(f"DETACH {BASE}")

    def ask(self, statement: sa.Select[Any]) -> pd.DataFrame:
        """The answer to a statement of SQLAlchemy Core on the draft's tables."""
        text = statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True})
        frame: pd.DataFrame = self._connection.execute(str(text)).to_arrow_table().to_pandas()
        return frame

    def check_keys(self) -> None:
        """Check that no key is there twice and none is absent, table by table.

        Raises
        ------
        ReleaseError
            Naming the table and the first key that is wrong.
        """
        for table in schema.release.sorted_tables:
            keys = [f'"{column.name}"' for column in table.primary_key]
            if not keys:
                continue
            named = ", ".join(keys)
            absent = " OR ".join(f"{key} IS NULL" for key in keys)
            statement = (
                f'SELECT {named}, count(*) FROM "{table.name}" GROUP BY {named} '  # noqa: S608
                f"HAVING count(*) > 1 OR {absent} ORDER BY {named} LIMIT 1"
            )
            found = self._connection.execute(statement).fetchone()
            if found:
                key = ", ".join(map(str, found[:-1]))
                raise ReleaseError(f"{table.name} has the key ({key}) {found[-1]} times.")

    def content_sha256(self) -> str:
        """One hash of what the tables say of the world, whatever the order they were written in.

        Each row is hashed and the hashes are added up and crossed out, so that no order matters
        and no second copy of a large table is held in memory. It tells equal contents under one
        version of the engine; against damage there is the hash of the file.
        """
        digest = hashlib.sha256()
        for table in schema.release.sorted_tables:
            if table.name in _ABOUT_THE_MAKING:
                continue
            of_rows = "count(*), sum(hash(t)::HUGEINT), bit_xor(hash(t))"
            statement = f'SELECT {of_rows} FROM "{table.name}" AS t'  # noqa: S608
            found = self._connection.execute(statement).fetchone()
            digest.update(f"{table.name}:{found}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Write everything to the one file and let go of it."""
        self._commit()
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


def seal(made: Draft, data: Path, making: Making) -> Release:
    """Put the draft among the releases, whole and never to change; readers do not see it yet.

    Raises
    ------
    ReleaseError
        When a key is there twice. The draft is then left as it is.
    """
    made.check_keys()
    content = made.content_sha256()
    made.close()
    number = 1 + max((int(name[:6]) for name in _all_ids(data)), default=0)
    release = Release(
        release_id=f"{number:06d}-{content[:10]}",
        number=number,
        made_at=now().isoformat() + "Z",
        schema_version=schema.SCHEMA_VERSION,
        code_version=metadata.version("vigie-territoires"),
        content_sha256=content,
        database_sha256=_file_sha256(made.folder / DATABASE),
        folder=made.folder,
        **asdict(making),
    )
    left_out = ("folder", "published_at")
    manifest = {key: value for key, value in asdict(release).items() if key not in left_out}
    _write_durably(made.folder / MANIFEST, json.dumps(manifest, indent=2))
    _flush(made.folder / DATABASE)
    _flush(made.folder)
    target = data / "releases" / release.release_id
    target.parent.mkdir(exist_ok=True)
    os.rename(made.folder, target)
    _flush(target.parent)
    return replace(release, folder=target)


def publish(data: Path, release_id: str, by: str, reason: str, keep: int) -> Release:
    """Publish a sealed release: after this call readers find it whole; before, the last one.

    ``keep`` is how many published releases stay on disk. The caller holds :func:`refresh_lock`.

    Raises
    ------
    ReleaseError
        When there is no such release, or it is damaged.
    """
    found = _read_release(data, release_id)
    if _file_sha256(found.database) != found.database_sha256:
        raise ReleaseError(f"Release {release_id} is damaged. Run `vigie refresh --again`.")
    _point_at(data, release_id, by, reason)
    (data / WAITING).unlink(missing_ok=True)
    _drop_old(data, keep)
    return _read_release(data, release_id)


def wait(data: Path, release_id: str) -> None:
    """Let a sealed release wait for an officer; one waits at a time, the newest.

    The one that waited before is gone. The caller holds :func:`refresh_lock`.
    """
    before = waiting_release(data)
    _replace_durably(data / WAITING, json.dumps({"release_id": release_id}))
    if before is not None and before.release_id != release_id:
        shutil.rmtree(before.folder, ignore_errors=True)


def waiting_release(data: Path) -> Release | None:
    """The sealed release that waits for an officer's decision, or None."""
    try:
        named = json.loads((data / WAITING).read_text("utf-8"))["release_id"]
        return _read_release(data, named)
    except (OSError, ValueError, KeyError, TypeError, ReleaseError):
        return None


def refuse(data: Path, release_id: str) -> None:
    """Take back a release that waits: it is never published. The caller holds the lock.

    Raises
    ------
    ReleaseError
        When it is not the one that waits.
    """
    waiting = waiting_release(data)
    if waiting is None or waiting.release_id != release_id:
        raise ReleaseError(f"Release {release_id} does not wait for a decision.")
    (data / WAITING).unlink(missing_ok=True)
    shutil.rmtree(waiting.folder, ignore_errors=True)


def roll_back(
    data: Path, release_id: str | None = None, by: str = "", reason: str = "roll-back"
) -> Release:
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
    _point_at(data, release_id, by, reason)
    return _read_release(data, release_id)


def _all_ids(data: Path) -> list[str]:
    """Every release id ever given, as far as anything remembers."""
    try:
        told = [p.release_id for p in publications(data)]
    except ReleaseError:
        told = []
    return [*told, *(f.name for f in (data / "releases").glob("[0-9]" * 6 + "-*"))]


def _point_at(data: Path, release_id: str, by: str, reason: str) -> None:
    try:
        before = [asdict(p) for p in publications(data)]
    except ReleaseError:
        before = []  # the pointer is lost; what it remembered is lost with it
    latest = {"release_id": release_id, "at": now().isoformat() + "Z", "by": by, "reason": reason}
    text = json.dumps({"release_id": release_id, "publications": [*before, latest]}, indent=1)
    _replace_durably(data / CURRENT, text)


def _drop_old(data: Path, keep: int) -> None:
    """Leave the last published releases, the current one and the one that waits."""
    current, waiting = current_release(data), waiting_release(data)
    stay = {release.release_id for release in kept_releases(data)[-keep:]}
    stay |= {release.release_id for release in (current, waiting) if release is not None}
    for folder in (data / "releases").glob("*"):
        if folder.name not in stay:
            shutil.rmtree(folder, ignore_errors=True)


def _replace_durably(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        _write_durably(fresh, text)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    _flush(path.parent)


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
