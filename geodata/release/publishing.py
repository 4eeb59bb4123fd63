"""A draft becomes a release: sealed, then published, or waiting, refused, taken back to."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from importlib import metadata
from pathlib import Path

from geodata import schema
from geodata.durable import file_sha256, flush, replace_durably, write_durably
from geodata.release.drafting import Draft
from geodata.release.records import (
    CURRENT,
    DATABASE,
    MANIFEST,
    WAITING,
    Making,
    Release,
    ReleaseError,
    current_release,
    kept_releases,
    publications,
    read_release,
    waiting_release,
)
from geodata.state import now

#: Told the id of a release when all of it is on disk and it only has to be named to be published;
#: what it raises stops the publication.
First = Callable[[str], None]


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
        database_sha256=file_sha256(made.folder / DATABASE),
        folder=made.folder,
        **asdict(making),
    )
    left_out = ("folder", "published_at")
    manifest = {key: value for key, value in asdict(release).items() if key not in left_out}
    write_durably(made.folder / MANIFEST, json.dumps(manifest, indent=2).encode())
    flush(made.folder / DATABASE)
    flush(made.folder)
    target = data / "releases" / release.release_id
    target.parent.mkdir(exist_ok=True)
    os.rename(made.folder, target)
    flush(target.parent)
    return replace(release, folder=target)


def publish(
    data: Path,
    release_id: str,
    by: str,
    reason: str,
    keep: int,
    first: First | None = None,
    pinned: Collection[str] = (),
) -> Release:
    """Publish a sealed release: after this call readers find it whole; before, the last one.

    ``keep`` is how many published releases stay on disk, besides those that are ``pinned`` (ids).
    The caller holds :func:`refresh_lock`.

    Raises
    ------
    ReleaseError
        When there is no such release, or it is damaged.
    """
    found = read_release(data, release_id)
    if file_sha256(found.database) != found.database_sha256:
        raise ReleaseError(
            f"La publication {release_id} est abîmée. Lancer `vigie refresh --again`.",
            f"Release {release_id} is damaged. Run `vigie refresh --again`.",
        )
    with _dropped_unless_named(data, release_id):
        _point_at(data, release_id, by, reason, first)
    (data / WAITING).unlink(missing_ok=True)
    _drop_old(data, keep, pinned)
    return read_release(data, release_id)


def wait(data: Path, release_id: str) -> None:
    """Let a sealed release wait for an officer; one waits at a time, the newest.

    The one that waited before is gone. The caller holds :func:`refresh_lock`.
    """
    before = waiting_release(data)
    with _dropped_unless_named(data, release_id):
        replace_durably(data / WAITING, json.dumps({"release_id": release_id}).encode())
    if before is not None and before.release_id != release_id:
        shutil.rmtree(before.folder, ignore_errors=True)


def refuse(data: Path, release_id: str) -> None:
    """Take back a release that waits: it is never published. The caller holds the lock.

    Raises
    ------
    ReleaseError
        When it is not the one that waits.
    """
    waiting = waiting_release(data)
    if waiting is None or waiting.release_id != release_id:
        raise ReleaseError(
            f"La publication {release_id} n’attend pas de décision.",
            f"Release {release_id} does not wait for a decision.",
        )
    (data / WAITING).unlink(missing_ok=True)
    shutil.rmtree(waiting.folder, ignore_errors=True)


def roll_back(
    data: Path,
    release_id: str | None = None,
    by: str = "",
    reason: str = "roll-back",
    first: First | None = None,
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
            raise ReleaseError(
                "Il n’y a pas de publication antérieure à laquelle revenir.",
                "There is no earlier release to go back to.",
            )
        release_id = older[-1].release_id
    if release_id not in kept:
        raise ReleaseError(
            f"Pas de publication {release_id} ; conservées : {', '.join(kept) or 'aucune'}.",
            f"No release {release_id}; kept: {', '.join(kept) or 'none'}.",
        )
    _point_at(data, release_id, by, reason, first)
    return read_release(data, release_id)


@contextmanager
def _dropped_unless_named(data: Path, release_id: str) -> Iterator[None]:
    """Give back the room of a sealed release when the name that people read it by is not written.

    What was published before, or waits, stays.
    """
    try:
        yield
    except BaseException:
        waiting = waiting_release(data)
        with suppress(ReleaseError):  # nothing says what was published: all stays
            named = {p.release_id for p in publications(data)}
            named |= {waiting.release_id} if waiting else set()
            if release_id not in named:
                shutil.rmtree(data / "releases" / release_id, ignore_errors=True)
        raise


def _all_ids(data: Path) -> list[str]:
    """Every release id ever given, as far as anything remembers."""
    try:
        told = [p.release_id for p in publications(data)]
    except ReleaseError:
        told = []
    return [*told, *(f.name for f in (data / "releases").glob("[0-9]" * 6 + "-*"))]


def _point_at(data: Path, release_id: str, by: str, reason: str, first: First | None) -> None:
    try:
        before = [asdict(p) for p in publications(data)]
    except ReleaseError:
        before = []  # the pointer is lost; what it remembered is lost with it
    latest = {"release_id": release_id, "at": now().isoformat() + "Z", "by": by, "reason": reason}
    text = json.dumps({"release_id": release_id, "publications": [*before, latest]}, indent=1)
    told = partial(first, release_id) if first is not None else None
    replace_durably(data / CURRENT, text.encode(), told)


def _drop_old(data: Path, keep: int, pinned: Collection[str]) -> None:
    """Leave the last published releases, those pinned, the current one and the one that waits."""
    current, waiting = current_release(data), waiting_release(data)
    stay = {release.release_id for release in kept_releases(data)[-keep:]} | set(pinned)
    stay |= {release.release_id for release in (current, waiting) if release is not None}
    for folder in (data / "releases").glob("*"):
        if folder.name not in stay:
            shutil.rmtree(folder, ignore_errors=True)
