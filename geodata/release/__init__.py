"""Releases: build the next one aside, publish it whole or not at all, keep, roll back, open.

A release is a folder holding one DuckDB file and its manifest. It is built under a unique name,
checkpointed, closed, hashed and flushed to disk, moved among the releases (sealed), and only then
named by ``CURRENT.json``, which is replaced in one step and remembers every publication: when, by
whom, why. A sealed release may wait for an officer (``WAITING.json``). The ``.duckdb`` of a sealed
release is never written again, so readers never meet a writer. This package and
:mod:`geodata.state` are the only places where engines differ.
"""

from geodata.release.drafting import BASE, Draft, draft
from geodata.release.locking import is_refreshing, refresh_lock
from geodata.release.publishing import publish, refuse, roll_back, seal, wait
from geodata.release.reading import is_readable, readable_release, reading_engine
from geodata.release.records import (
    CURRENT,
    DATABASE,
    MANIFEST,
    WAITING,
    Making,
    Publication,
    Release,
    ReleaseError,
    current_release,
    kept_releases,
    publications,
    release_on,
    waiting_release,
)

__all__ = [
    "BASE",
    "CURRENT",
    "DATABASE",
    "MANIFEST",
    "WAITING",
    "Draft",
    "Making",
    "Publication",
    "Release",
    "ReleaseError",
    "current_release",
    "draft",
    "is_readable",
    "is_refreshing",
    "kept_releases",
    "publications",
    "publish",
    "readable_release",
    "reading_engine",
    "refresh_lock",
    "refuse",
    "release_on",
    "roll_back",
    "seal",
    "wait",
    "waiting_release",
]
