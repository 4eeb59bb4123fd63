"""What is on disk: the releases, which one is published, every publication, which one waits."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from geodata import schema
from geodata.failure import Failure

DATABASE = "release.duckdb"
MANIFEST = "manifest.json"
CURRENT = "CURRENT.json"
WAITING = "WAITING.json"
#: How a moment is written; as texts, moments then sort as they came.
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?", re.ASCII)


class ReleaseError(Failure):
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
    return None if named is None else read_release(data, named["release_id"])


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
        raise ReleaseError(
            f"{moment!r} n’est pas une date. L’écrire ainsi : 2026-02-27.",
            f"{moment!r} is no date. Write it as 2026-02-27.",
        )
    limit = moment if "T" in moment else f"{moment}T23:59:59Z"
    shown = [p for p in publications(data) if p.at <= limit]
    return shown[-1] if shown else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


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
            kept.append(read_release(data, folder.name))
        except ReleaseError:
            continue
    return sorted(kept, key=lambda release: release.number)


def waiting_release(data: Path) -> Release | None:
    """The sealed release that waits for an officer's decision, or None."""
    try:
        named = json.loads((data / WAITING).read_text("utf-8"))["release_id"]
        return read_release(data, named)
    except (OSError, ValueError, KeyError, TypeError, ReleaseError):
        return None


def unnamed_folders(data: Path) -> list[Path]:
    """The releases that were sealed and then neither published nor let wait: nobody reads them.

    None when nothing says what was published: one of them may be what people read.
    """
    try:
        named = _pointer(data)
    except ReleaseError:
        named = None
    if named is None:
        return []
    waiting = waiting_release(data)
    told = {named["release_id"], *(row["release_id"] for row in named["publications"])}
    told |= {waiting.release_id} if waiting else set()
    return [folder for folder in (data / "releases").glob("*") if folder.name not in told]


def read_release(data: Path, release_id: str) -> Release:
    """A release by its id, published or not, of any version of the schema.

    Raises
    ------
    ReleaseError
        When it is damaged or gone.
    """
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
            f"La publication {release_id} est illisible ({error}). Lancer `vigie rollback` pour "
            "revenir à une publication conservée, ou `vigie refresh --again`.",
            f"Release {release_id} cannot be read ({error}). "
            "Run `vigie rollback` to go back to a kept one, or `vigie refresh --again`.",
        ) from error
    if not release.database.is_file():
        raise ReleaseError(
            f"La publication {release_id} a perdu sa base. Lancer `vigie rollback`.",
            f"Release {release_id} has lost its database. Run `vigie rollback`.",
        )
    return release


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
            f"{pointer} est illisible ({error}). "
            "Lancer `vigie rollback` pour désigner une publication conservée.",
            f"{pointer} cannot be read ({error}). Run `vigie rollback` to name a kept release.",
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


def _published_at(data: Path, release_id: str) -> str:
    try:
        return next((p.at for p in reversed(publications(data)) if p.release_id == release_id), "")
    except ReleaseError:
        return ""
