"""A small disk in memory, made to be full at will; it needs the right to mount."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


class Volume:
    """A tmpfs mounted on a folder of its own; closing it leaves nothing behind."""

    def __init__(self, folder: Path, megabytes: int = 192) -> None:
        self.folder = folder
        self.size = megabytes << 20
        folder.mkdir(parents=True)
        try:
            _run("mount", "-t", "tmpfs", "-o", f"size={self.size}", "none", str(folder))
        except OSError:
            folder.rmdir()
            raise

    def leave(self, room: int) -> None:
        """Make the disk so small that ``room`` bytes are left (whole pages of memory)."""
        resize(self.folder, used(self.folder) + room)

    def widen(self) -> None:
        """Make the disk as large as it was at first."""
        resize(self.folder, self.size)

    def close(self) -> None:
        """Take the disk away, whoever still looks at it."""
        _run("umount", "--lazy", str(self.folder))
        self.folder.rmdir()


def used(folder: Path) -> int:
    """Bytes taken on the disk of a folder."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def resize(folder: Path, size: int) -> None:
    """Give a mounted tmpfs another size; at least a page, for 0 would be no limit."""
    _run("mount", "-o", f"remount,size={max(size, 4096)}", str(folder))


def why_not() -> str:
    """Why no disk can be mounted here; empty when one can."""
    if os.name != "posix" or not shutil.which("mount"):
        return "there is no command `mount`"
    if os.geteuid() != 0:
        return "only root may mount a disk"
    return ""


def _run(*words: str) -> None:
    """Run a command of the system.

    Raises
    ------
    OSError
        With what it says, when it refuses.
    """
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
