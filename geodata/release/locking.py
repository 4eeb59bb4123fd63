"""The right to write in a data folder: one process holds it, and its death frees it.

Whoever holds it also hears of a full disk in plain words.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.failure import full_disk_told
from geodata.release.records import ReleaseError, unnamed_folders

#: Seconds for which the lock is asked for again: whoever looks whether it is held (see
#: :func:`is_refreshing`) holds it for a moment.
_PATIENCE = 0.5


@contextmanager
def refresh_lock(data: Path) -> Iterator[None]:
    """Hold the right to write in ``data``; the system frees it when the process dies.

    Raises
    ------
    ReleaseError
        When another process holds it; the message names the holder.
    DiskFullError
        When what is done meanwhile meets a full disk.
    """
    data.mkdir(parents=True, exist_ok=True)
    with full_disk_told(data), (data / "refresh.lock").open("a+b", buffering=0) as handle:
        if not _is_taken(handle.fileno()):
            handle.seek(0)
            holder = handle.read(20).decode("ascii", "replace").strip() or "?"
            raise ReleaseError(
                f"Une autre mise à jour est en cours (processus {holder}). Attendre sa fin.",
                f"Another refresh is running (process {holder}). Wait for it to end.",
            )
        with contextlib.suppress(OSError):  # the holder's number is not worth refusing the work
            handle.truncate(0)
            handle.write(str(os.getpid()).encode())
        for left in (data / "building", *unnamed_folders(data)):  # by a process that died
            shutil.rmtree(left, ignore_errors=True)
        yield


def _is_taken(handle: int) -> bool:
    """Whether the lock is ours now."""
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > limit:
                return False
            time.sleep(_PATIENCE / 20)
        else:
            return True


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
