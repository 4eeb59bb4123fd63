"""Take a source's file once and keep it: bytes unchanged, a sidecar beside them.

Where a file comes from, first found first taken: the incoming folder (an officer brought it), the
producer's address, the snapshot that the published release was made from, the file carried with
the project. The snapshot says which.
"""

from __future__ import annotations

import hashlib
import json
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from etl.download import Downloaded
from etl.records.vault import Extract
from etl.source import Ledger
from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.durable import replace_durably
from geodata.model import Issue, Severity
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
    """A source's file as it was taken, with where it came from."""

    source_id: str
    file: str
    origin: str  # incoming | downloaded | kept | embedded
    sha256: str
    passport: Passport
    path: Path
    has_passport: bool = True

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.path.read_bytes()


#: What follows a source's file name in the incoming folder: nothing, or its passport's ending.
TAILS = ("", ".toml")
#: What a passport does not say.
UNNAMED = "?"


#: Takes a source's file from its address; None when it cannot be reached.
Download = Callable[[SourceEntry, Path], Downloaded | None]


def snapshot(
    entry: SourceEntry,
    settings: Settings,
    standing: Mapping[str, Mapping[str, Any]] | None = None,
    download: Download = lambda _entry, _folder: None,
) -> Snapshot | None:
    """The file of a source, or None when there is none anywhere.

    In the incoming folder it is known by the source's id (``insee_births.csv``) or by the name its
    producer publishes it under, in any subfolder; a passport may lie beside it
    (``insee_births.csv.toml``). ``standing`` is the table ``source`` of the published release, by
    source id. The bytes are kept under ``snapshots/`` in the data folder, named by their hash;
    those of a file about persons are left where they are.

    Raises
    ------
    RejectedFile
        When two incoming files claim to be it, the file or its passport cannot be read or is too
        big, or an embedded file is not the one its passport describes.
    """
    found = incoming_files(entry, settings.incoming)
    if len(found) > 1:
        names = ", ".join(str(path.relative_to(settings.incoming)) for path in found[:5])
        raise Ledger(entry.id, found[0].name).reject(
            "ambiguous",
            f"plusieurs fichiers se disent cette source : {names}",
            f"several files claim to be this source: {names}",
            mend_fr="N’en laisser qu’un dans le dossier des arrivées.",
            mend_en="Leave only one of them in the incoming folder.",
        )
    folder = settings.data / "snapshots"
    if found:
        made = _brought(entry, found[0], settings.settle)
        return made if entry.is_record_level else _kept(made, folder)
    got = download(entry, settings.data / "downloads") if entry.address else None
    if got is not None:
        passport = replace(_declared(entry), retrieved_on=got.taken_on, sha256=got.sha256)
        path = Path(got.path)
        fetched = Snapshot(entry.id, got.file, "downloaded", got.sha256, passport, path)
        return _kept(fetched, folder)
    row = None if entry.is_record_level else (standing or {}).get(entry.id)
    if row is not None and row["origin"] != "embedded":
        path = folder / entry.id / f"{row['sha256']}{Path(row['file']).suffix}"
        if path.is_file():
            passport = Passport(**{name: row[name] for name in Passport.__dataclass_fields__})
            return Snapshot(entry.id, row["file"], "kept", row["sha256"], passport, path)
    return None if entry.file is None else _kept(embedded_snapshot(entry), folder)


def incoming_files(entry: SourceEntry, incoming: Path) -> list[Path]:
    """The files of the incoming folder that are this source: by its id, else as published."""
    named = incoming / f"{entry.id}{entry.suffix}"
    if named.is_file():
        return [named]
    return sorted(
        {
            path
            for pattern in entry.published_as
            for path in incoming.rglob(pattern)
            if path.is_file() and not path.is_symlink()
        }
    )


def unknown_files(incoming: Path, words: Catalogue) -> Iterator[Issue]:
    """A warning for each incoming file that is named after no source: it would not be read."""
    taken = {p for e in words.sources.values() for p in incoming_files(e, incoming)}
    known = {path.with_name(path.name + tail) for path in taken for tail in TAILS}
    known |= {incoming / f"{e.id}{e.suffix}{t}" for e in words.sources.values() for t in TAILS}
    for path in sorted(incoming.glob("*")) if incoming.is_dir() else []:
        if path.is_file() and path not in known and not path.name.startswith("."):
            yield Issue(
                source_id="incoming",
                severity=Severity.WARNING,
                code="unknown_file",
                message_fr="ce fichier ne porte le nom d’aucune source : il n’est pas lu",
                message_en="this file is named after no source: it is not read",
                mend_fr="Le nommer d’après sa source, ou la décrire : vigie add FICHIER.",
                mend_en="Name it after its source, or describe it: vigie add FILE.",
                file=path.name,
            )


def embedded_snapshot(entry: SourceEntry) -> Snapshot:
    """The file carried with the project.

    Raises
    ------
    RejectedFile
        When it is not the one its passport describes.
    """
    assert entry.file is not None
    passport = embedded_passport(entry)
    path = _embedded(entry.file)
    try:
        sha256 = _sha256(path)
    except OSError:
        sha256 = ""
    if sha256 != passport.sha256:
        raise Ledger(entry.id, entry.file).reject(
            "checksum",
            "le fichier embarqué n’est pas celui que décrit son passeport",
            "the embedded file is not the one its passport describes",
            mend_fr="Le reprendre du dépôt, ou déposer le nouveau dans le dossier des arrivées.",
            mend_en="Restore it from the repository, or put the new one in the incoming folder.",
        )
    return Snapshot(entry.id, entry.file, "embedded", sha256, passport, path)


def embedded_passport(entry: SourceEntry) -> Passport:
    """The passport that stands beside an embedded file.

    Raises
    ------
    RejectedFile
        When it is absent or incomplete.
    """
    assert entry.file is not None
    return _passport(_embedded(entry.file + ".toml"), entry)


def forget_copy(taken: Snapshot, folder: Path) -> None:
    """Remove our copy of a file that tells who somebody is: it is not ours to keep."""
    if taken.path.is_relative_to(folder):
        taken.path.unlink(missing_ok=True)


def _brought(entry: SourceEntry, path: Path, settle: int) -> Snapshot:
    """The file an officer put in the incoming folder, whole and at rest for ``settle`` seconds."""
    ledger = Ledger(entry.id, path.name)
    try:
        before = path.stat()
        rested = time.time() - before.st_mtime
        if 0 <= rested < settle:
            time.sleep(settle - rested)
        sha256 = _sha256(path)
        after = path.stat()
    except OSError as error:
        raise ledger.reject(
            "unreadable",
            f"le fichier ne peut pas être lu ({error.strerror})",
            f"the file cannot be read ({error.strerror})",
            mend_fr="Vérifier que le fichier existe et qu’il est lisible.",
            mend_en="Check that the file exists and is readable.",
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ledger.reject(
            "unstable",
            "le fichier change pendant qu’on le lit",
            "the file changes while it is read",
            mend_fr="Attendre la fin de la copie, puis relancer.",
            mend_en="Wait for the copy to end, then try again.",
        )
    if before.st_size > entry.largest_bytes:
        largest = f"{entry.largest_bytes / 1e6:.0f}"
        raise ledger.reject(
            "too_big",
            f"{before.st_size / 1e6:.0f} Mo : plus que les {largest} Mo attendus",
            f"{before.st_size / 1e6:.0f} MB: more than the {largest} MB expected",
            mend_fr="Vérifier que c’est le bon fichier.",
            mend_en="Check that this is the right file.",
        )
    beside = path.with_name(path.name + ".toml")
    has_passport = beside.is_file()
    if has_passport:
        passport = _passport(beside, entry)
        if passport.sha256 and passport.sha256.lower() != sha256:
            raise ledger.reject(
                "checksum",
                "ce fichier n’est pas celui que décrit le passeport posé à côté",
                "this file is not the one that the passport beside it describes",
                mend_fr="Reprendre le fichier, ou retirer ce passeport.",
                mend_en="Fetch the file again, or take this passport away.",
            )
    elif entry.passport or entry.file is None:
        has_passport = bool(entry.passport)
        passport = _declared(entry)
    else:
        passport = embedded_passport(entry)
    taken = datetime.fromtimestamp(before.st_mtime, UTC).date().isoformat()
    passport = replace(passport, retrieved_on=taken, sha256=sha256)
    return Snapshot(entry.id, path.name, "incoming", sha256, passport, path, has_passport)


def kept_records(entry: SourceEntry, extracts: Sequence[Extract]) -> Snapshot | None:
    """The last extract about persons that its zone keeps, once the officer took the file away."""
    if not extracts:
        return None
    last = extracts[-1]
    passport = replace(_declared(entry), retrieved_on=last.extracted_on.isoformat())
    return Snapshot(entry.id, entry.id, "kept", last.snapshot_id, passport, Path())


def _declared(entry: SourceEntry) -> Passport:
    """The passport that the catalogue gives the source."""
    known = {name: entry.passport.get(name, UNNAMED) for name in Passport.__dataclass_fields__}
    return Passport(**known)


def _passport(path: Path, entry: SourceEntry) -> Passport:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return Passport(**{name: str(raw[name]) for name in Passport.__dataclass_fields__})
    except (OSError, KeyError, ValueError) as error:
        raise Ledger(entry.id, path.name).reject(
            "passport",
            f"passeport absent ou incomplet ({error})",
            f"passport absent or incomplete ({error})",
            mend_fr="Le reprendre du dépôt.",
            mend_en="Restore it from the repository.",
        ) from error


def _embedded(file: str) -> Path:
    return Path(str(resources.files("geodata") / "embedded" / file))


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _kept(made: Snapshot, folder: Path) -> Snapshot:
    """The same snapshot, its bytes kept in ``folder`` under their hash with a sidecar."""
    kept = folder / made.source_id / f"{made.sha256}{Path(made.file).suffix}"
    if kept.is_file():
        return replace(made, path=kept)
    content = made.content
    if hashlib.sha256(content).hexdigest() != made.sha256:
        raise Ledger(made.source_id, made.file).reject(
            "unstable",
            "le fichier change pendant qu’on le lit",
            "the file changes while it is read",
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    sidecar = {
        "source_id": made.source_id,
        "file": made.file,
        "origin": made.origin,
        "read_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **asdict(made.passport),
    }
    # Named apart from the bytes, which may be JSON themselves.
    for path, written in (
        (kept.with_name(f"{made.sha256}.passport.json"), json.dumps(sidecar, indent=2).encode()),
        (kept, content),
    ):
        replace_durably(path, written)
    return replace(made, path=kept)
