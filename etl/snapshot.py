"""Take a source's file once and keep it: bytes unchanged, a sidecar beside them."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from etl.source import Ledger, RejectedFile
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


def snapshot(entry: SourceEntry, settings: Settings) -> Snapshot:
    """The file of a source: the officer's newer one when there is one, else the embedded one.

    The newer one lies in the incoming folder under the source's id (``insee_births.csv``).
    The bytes are kept under ``snapshots/`` in the data folder, named by their hash.

    Raises
    ------
    RejectedFile
        When the file or its passport cannot be read, or an embedded file is not the one its
        passport describes.
    """
    ledger = Ledger(entry.id, entry.file)
    passport = embedded_passport(entry)
    brought = settings.incoming / f"{entry.id}{Path(entry.file).suffix}"
    origin = "incoming" if brought.is_file() else "embedded"
    path = brought if origin == "incoming" else _embedded(entry.file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ledger.reject(
            "unreadable",
            f"le fichier ne peut pas être lu ({error.strerror})",
            f"the file cannot be read ({error.strerror})",
            mend_fr="Vérifier que le fichier existe et qu’il est lisible.",
            mend_en="Check that the file exists and is readable.",
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    if origin == "embedded" and sha256 != passport.sha256:
        raise ledger.reject(
            "checksum",
            "le fichier embarqué n’est pas celui que décrit son passeport",
            "the embedded file is not the one its passport describes",
            mend_fr="Le reprendre du dépôt, ou déposer le nouveau dans le dossier des arrivées.",
            mend_en="Restore it from the repository, or put the new one in the incoming folder.",
        )
    if origin == "incoming":
        taken = datetime.fromtimestamp(brought.stat().st_mtime, UTC).date().isoformat()
        passport = Passport(**(asdict(passport) | {"retrieved_on": taken, "sha256": sha256}))
    made = Snapshot(entry.id, entry.file, origin, sha256, passport, content)
    _keep(made, settings.data / "snapshots")
    return made


def embedded_passport(entry: SourceEntry) -> Passport:
    """The passport that stands beside an embedded file.

    Raises
    ------
    RejectedFile
        When it is absent or incomplete.
    """
    try:
        raw = tomllib.loads(_embedded(entry.file + ".toml").read_text("utf-8"))
        return Passport(**{name: str(raw[name]) for name in Passport.__dataclass_fields__})
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise Ledger(entry.id, entry.file + ".toml").reject(
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


__all__ = ["Passport", "RejectedFile", "Snapshot", "embedded_passport", "snapshot"]
