"""Take a source's file once and keep it: bytes unchanged, a sidecar beside them."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from etl.source import Ledger
from geodata.catalogue.nouns import SourceEntry
from geodata.settings import Settings


@dataclass(frozen=True, slots=True)
class Passport:
    """Who made a file, of when, under what licence, and how to credit them."""

    producer: str
    dataset: str
    licence: str
    vintage: str
    url: str
    attribution: str
    retrieved_on: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bytes of a source as they were read, with where they came from."""

    source_id: str
    file: str
    origin: str  # embedded | incoming
    sha256: str
    passport: Passport
    content: bytes
    has_passport: bool = True


#: What follows a source's file name in the incoming folder: nothing, or its passport's ending.
TAILS = ("", ".toml")


def snapshot(entry: SourceEntry, settings: Settings) -> Snapshot:
    """The file of a source: the officer's newer one when there is one, else the embedded one.

    A passport may lie beside it (``insee_births.csv.toml``).
    The newer one lies in the incoming folder under the source's id (``insee_births.csv``).
    The bytes are kept under ``snapshots/`` in the data folder, named by their hash.

    Raises
    ------
    RejectedFile
        When the file or its passport cannot be read, or an embedded file is not the one its
        passport describes.
    """
    ledger = Ledger(entry.id, entry.file)
    brought = settings.incoming / f"{entry.id}{Path(entry.file).suffix}"
    if not brought.is_file():
        made = embedded_snapshot(entry)
        _keep(made, settings.data / "snapshots")
        return made
    try:
        content = brought.read_bytes()
    except OSError as error:
        raise ledger.reject(
            "unreadable",
            f"le fichier ne peut pas être lu ({error.strerror})",
            f"the file cannot be read ({error.strerror})",
            mend_fr="Vérifier que le fichier existe et qu’il est lisible.",
            mend_en="Check that the file exists and is readable.",
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    beside = brought.with_name(brought.name + ".toml")
    passport = _passport(beside, entry) if beside.is_file() else embedded_passport(entry)
    taken = datetime.fromtimestamp(brought.stat().st_mtime, UTC).date().isoformat()
    passport = replace(passport, retrieved_on=taken, sha256=sha256)
    made = Snapshot(entry.id, brought.name, "incoming", sha256, passport, content, beside.is_file())
    _keep(made, settings.data / "snapshots")
    return made


def embedded_snapshot(entry: SourceEntry) -> Snapshot:
    """The file carried with the project.

    Raises
    ------
    RejectedFile
        When it is not the one its passport describes.
    """
    ledger = Ledger(entry.id, entry.file)
    passport = embedded_passport(entry)
    try:
        content = _embedded(entry.file).read_bytes()
    except OSError:
        content = b""
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != passport.sha256:
        raise ledger.reject(
            "checksum",
            "le fichier embarqué n’est pas celui que décrit son passeport",
            "the embedded file is not the one its passport describes",
            mend_fr="Le reprendre du dépôt, ou déposer le nouveau dans le dossier des arrivées.",
            mend_en="Restore it from the repository, or put the new one in the incoming folder.",
        )
    return Snapshot(entry.id, entry.file, "embedded", sha256, passport, content)


def embedded_passport(entry: SourceEntry) -> Passport:
    """The passport that stands beside an embedded file.

    Raises
    ------
    RejectedFile
        When it is absent or incomplete.
    """
    return _passport(_embedded(entry.file + ".toml"), entry)


def _passport(path: Path, entry: SourceEntry) -> Passport:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return Passport(**{name: str(raw[name]) for name in Passport.__dataclass_fields__})
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise Ledger(entry.id, path.name).reject(
            "passport",
            f"passeport absent ou incomplet ({error})",
            f"passport absent or incomplete ({error})",
            mend_fr="Le reprendre du dépôt.",
            mend_en="Restore it from the repository.",
        ) from error


def _embedded(file: str) -> Path:
    return Path(str(resources.files("geodata") / "embedded" / file))


def _keep(made: Snapshot, folder: Path) -> None:
    kept = folder / made.source_id / f"{made.sha256}{Path(made.file).suffix}"
    if kept.is_file():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    sidecar = {
        "source_id": made.source_id,
        "origin": made.origin,
        "read_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **asdict(made.passport),
    }
    for path, content in (
        (kept.with_suffix(".json"), json.dumps(sidecar, indent=2).encode()),
        (kept, made.content),
    ):
        fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        fresh.write_bytes(content)
        os.replace(fresh, path)
