"""Files written so that they outlast a power cut: flushed, and replaced in one step."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path


def replace_durably(path: Path, content: bytes, first: Callable[[], None] | None = None) -> None:
    """Put bytes in place of a file in one step: whoever reads sees the old ones or the new ones.

    What cannot be written whole leaves nothing behind. ``first`` is done when the bytes are on
    disk and only the step is left, which needs no room; what it raises stops it.
    """
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        write_durably(fresh, content)
        if first is not None:
            first()
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    flush(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Write bytes and flush them to disk."""
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_sha256(path: Path) -> str:
    """The hash of what a file holds."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
