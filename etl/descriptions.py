"""The descriptions of a data folder: proposed, approved, removed; and those carried with us.

A proposal lies in ``descriptions/proposed``, where the officer edits it; once approved it lies in
``descriptions``, where the catalogue reads it, and its file in the incoming folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from etl.description import layout
from etl.proposal import still_to_fill
from etl.toml_text import toml_comment
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.settings import Settings

ID = re.compile(r"[a-z][a-z0-9_]{0,60}")
_APPROVED = "# Approved by "


class DescriptionError(ValueError):
    """A description that cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Described:
    """A description that is known: its id, its file, who approved it (nobody: it is proposed)."""

    id: str
    path: Path
    approved: str = ""


def proposed_path(settings: Settings, source_id: str) -> Path:
    """Where the proposal of a source lies."""
    return settings.descriptions / "proposed" / f"{source_id}.toml"


def approved_path(settings: Settings, source_id: str) -> Path:
    """Where the approved description of a source lies."""
    return settings.descriptions / f"{source_id}.toml"


def every_description(settings: Settings) -> list[Described]:
    """The approved descriptions, then the proposed ones."""
    found = []
    for path in sorted(settings.descriptions.glob("*.toml")):
        first = path.read_text("utf-8").partition("\n")[0]
        who = first.removeprefix(_APPROVED) if first.startswith(_APPROVED) else "?"
        found.append(Described(path.stem, path, who))
    proposed = sorted((settings.descriptions / "proposed").glob("*.toml"))
    return [*found, *(Described(path.stem, path) for path in proposed)]


def shipped_descriptions(territory_id: str) -> dict[str, str]:
    """The descriptions carried with the project for the country of a territory, by id."""
    root = resources.files("geodata.catalogue") / "territories"
    own = tomllib.loads((root / f"{territory_id}.toml").read_text("utf-8"))
    folder = root / str(own.get("catalogue", "")) / "descriptions"
    if not folder.is_dir():
        return {}
    files = sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)
    return {path.name[:-5]: path.read_text("utf-8") for path in files}


def check_id(source_id: str, words: Catalogue) -> None:
    """Refuse an id that cannot name a file, or that another source has.

    Raises
    ------
    DescriptionError
    """
    if not ID.fullmatch(source_id):
        raise DescriptionError(
            f"{source_id!r} cannot be an id: lower case letters, digits and _, a letter first."
        )
    if source_id in words.sources:
        raise DescriptionError(
            f"{source_id} is already a source: give another id (--id), or remove the one you "
            f"described (vigie add --remove {source_id})."
        )


def described_entry(settings: Settings, path: Path) -> tuple[SourceEntry, Catalogue]:
    """The one source of a description that is not approved yet, and the catalogue with it.

    Raises
    ------
    CatalogueError
        When it contradicts itself or the catalogue.
    DescriptionError
        When it does not describe exactly one source, under the name of its file.
    """
    raw = _raw(path)
    sources = list(raw.get("sources", {}))
    if sources != [path.stem]:
        raise DescriptionError(
            f"{path.name} must describe one source, [sources.{path.stem}]; it has: "
            f"{', '.join(sources) or 'none'}."
        )
    words = catalogue(settings.territory, settings.descriptions, path)
    entry = words.sources[path.stem]
    if entry.reader != "described":
        raise DescriptionError(f'{path.name}: reader must be "described".')
    layout(entry, words)
    return entry, words


def blanks(path: Path) -> list[str]:
    """The dotted names of what is still to be filled in."""
    return still_to_fill(_raw(path))


def propose(settings: Settings, source_id: str, text: str) -> Path:
    """Write a proposal; one that is there already is replaced."""
    path = proposed_path(settings, source_id)
    _write(path, text.encode())
    return path


def approve(settings: Settings, source_id: str, file: str, content: bytes, by: str) -> Path:
    """Make the proposal a description, and its file an incoming one; return where that lies.

    Raises
    ------
    DescriptionError
        When something is still to be filled in, or it is not what a description must be.
    CatalogueError
        When it contradicts itself or the catalogue.
    """
    path = proposed_path(settings, source_id)
    missing = blanks(path)
    if missing:
        raise DescriptionError(
            f"still to be filled in: {', '.join(missing)}. Edit {path}, then approve again."
        )
    entry, _words = described_entry(settings, path)
    on = datetime.now(UTC).isoformat(timespec="seconds")
    header = (
        f"{_APPROVED}{toml_comment(by)} on {on}\n"
        f"# File: {toml_comment(file)}, sha256 {hashlib.sha256(content).hexdigest()}\n"
    )
    incoming = settings.incoming / f"{source_id}{entry.suffix}"
    _write(incoming, content)
    _write(approved_path(settings, source_id), (header + path.read_text("utf-8")).encode())
    path.unlink()
    return incoming


def remove(settings: Settings, source_id: str) -> list[Path]:
    """Remove a description, its proposal and its incoming file; return what was removed.

    The file's snapshots and the releases made from it stay.

    Raises
    ------
    DescriptionError
        When there is none of this id, or another description needs it.
    """
    if not ID.fullmatch(source_id):
        raise DescriptionError(f"{source_id!r} is no id of a description.")
    approved, proposed = approved_path(settings, source_id), proposed_path(settings, source_id)
    gone = [path for path in (approved, proposed) if path.is_file()]
    if not gone:
        raise DescriptionError(f"no description {source_id}: see vigie add --list.")
    if approved in gone:
        words = catalogue(settings.territory, settings.descriptions)
        suffix = words.sources[source_id].suffix if source_id in words.sources else ""
        brought = settings.incoming / f"{source_id}{suffix}"
        gone += [brought] if suffix and brought.is_file() else []
        aside = approved.with_suffix(f".{uuid.uuid4().hex}")
        os.replace(approved, aside)
        try:
            catalogue(settings.territory, settings.descriptions)
        except CatalogueError as error:
            os.replace(aside, approved)
            raise DescriptionError(
                f"{source_id} is needed by another description: {error}"
            ) from error
        aside.unlink()
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _raw(path: Path) -> dict[str, dict[str, object]]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise DescriptionError(
            f"nothing is proposed as {path.stem}: run vigie add FILE first, or give --id."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DescriptionError(f"{path} cannot be read: {error}") from error


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, flushed to disk with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with fresh.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
