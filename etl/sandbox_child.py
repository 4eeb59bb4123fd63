"""Inside the reader's process: its limits, what it may not do, and what it hands back.

The guard is Python's own audit hook: it sees what Python code does, not what compiled code does by
itself. It stops a reader that a strange file leads astray; it is no jail for hostile machine code.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from etl.exchange import write_outcome, write_staged
from etl.source import RejectedFile

_ROOM = 256 * 1024 * 1024
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSED = frozenset(
    {
        "ctypes.dlopen",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)
#: Acts on files, and how many of their first arguments are paths.
_ON_FILES = {
    "os.chmod": 1,
    "os.chown": 1,
    "os.link": 2,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.setxattr": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
    "sqlite3.connect": 1,
}


class ForbiddenActError(RuntimeError):
    """The reader tried what no reader may do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may take."""

    memory_bytes: int = 3 << 30
    cpu_seconds: int = 120
    wall_seconds: float = 300.0
    #: The largest file it may write, its result included.
    file_bytes: int = 2 << 30


def run(folder: str, order: bytes, content: bytes, limits: Limits) -> None:
    """Stage a file under limits and write the outcome in ``folder``.

    ``order`` is the pickle of (stage, entry, file, known), made by the parent, which is trusted.
    """
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 5)
    _hush()
    sys.dont_write_bytecode = True
    tempfile.tempdir = folder
    there = Path(folder)
    try:
        stage, entry, file, known = pickle.loads(order)  # noqa: S301 - from the parent, not the file
        _limit(limits)
        allowed = [folder, *([str(known.records)] if entry.is_record_level else [])]
        sys.addaudithook(_guard([os.path.realpath(path) for path in allowed]))
        staged = stage(entry, file, content, known)
        outcome = {"kind": "staged", **write_staged(there, staged)}
    except RejectedFile as error:
        outcome = {"kind": "rejected", "issue": asdict(error.issue)}
    except MemoryError:
        _give_room()
        outcome = {"kind": "memory"}
    except BaseException as error:
        _give_room()
        trace = "".join(traceback.format_exception(error))
        outcome = {"kind": "error", "exception": type(error).__name__, "trace": trace}
    write_outcome(there, outcome)


def _hush() -> None:
    """Let nothing through to the parent's screen or log: it could be a cell."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _limit(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 2)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes)
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere the address space cannot be limited
        most = int(statm.read_text().split()[0]) * resource.getpagesize() + limits.memory_bytes
        _lower(resource.RLIMIT_AS, most, most + _ROOM)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Set a limit, or leave the one that the system gave where it is lower already."""
    given = resource.getrlimit(kind)[1]
    most = hard if given == resource.RLIM_INFINITY else min(hard, given)
    resource.setrlimit(kind, (min(soft, most), most))


def _give_room() -> None:
    """A little more memory, to say that there was none left."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _guard(folders: list[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """A hook that refuses the network, other processes, and writing outside ``folders``."""

    def is_inside(path: object) -> bool:
        if isinstance(path, int) or path == ":memory:":
            return True  # an open file, or none
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        true = os.path.realpath(os.fsdecode(path))
        is_ours = any(true == folder or true.startswith(folder + os.sep) for folder in folders)
        return is_ours or true == os.devnull

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = arguments
            is_wrong = bool(flags & _WRITING) and not is_inside(path)
        elif event in _ON_FILES:
            is_wrong = not all(is_inside(path) for path in arguments[: _ON_FILES[event]])
        else:
            is_wrong = event in _REFUSED or event.startswith("socket.")
        if is_wrong:
            raise ForbiddenActError(event)

    return watch
