"""Steps of a refresh, kept by what they were made from: an unchanged input costs nothing.

A step's key is a hash of the code and of the keys of what it reads; its tables lie under that key
as Arrow files, written aside and put in place whole. The next refresh finds them there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from geodata.model import Issue, Severity

_DONE = "done.json"
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)

#: What a step makes: its tables by name, and a small account that JSON can hold.
Made = tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is done: its tables are read when asked for."""

    name: str
    key: str
    folder: Path
    account: Mapping[str, Any] = field(compare=False)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.arrow")))

    def arrow(self, table: str) -> pa.Table:
        """One of its tables as it lies on disk."""
        with pa.memory_map(str(self.folder / f"{table}.arrow")) as source:
            return pa.ipc.open_file(source).read_all()

    def frame(self, table: str) -> pd.DataFrame:
        """One of its tables as a frame of one's own."""
        frame: pd.DataFrame = self.arrow(table).to_pandas()
        return frame

    def rows(self, table: str, column: str, word: str) -> pd.DataFrame:
        """The rows of one of its tables whose ``column`` says ``word``."""
        whole = self.arrow(table)
        frame: pd.DataFrame = whole.filter(pc.equal(whole[column], word)).to_pandas()
        return frame


@dataclass(frozen=True, slots=True)
class Timing:
    """What a step cost in one refresh: seconds, bytes at the peak, rows made."""

    step: str
    is_reused: bool
    seconds: float
    peak_bytes: int
    rows: int


@dataclass(slots=True)
class Steps:
    """The steps of one refresh, over a folder that outlives it. ``code`` is part of every key."""

    folder: Path
    code: str
    timings: list[Timing] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def step(
        self,
        name: str,
        depends: Iterable[str],
        make: Callable[[], Made],
        cost: Timing | None = None,
    ) -> Step:
        """The step of this name on these keys: found whole, or made now.

        An exception of ``make`` passes through; nothing is kept then. ``cost`` is what the step
        cost another process that made it a moment ago.
        """
        key = hashed(self.code, name, *depends)
        started = time.perf_counter()
        reset_peak()
        folder = self.folder / key
        found = _found(name, key, folder)
        is_reused = found is not None
        if found is None:
            tables, account = make()
            self._write(folder, tables, account)
            found = _found(name, key, folder)
            assert found is not None, f"{folder} was written a moment ago"
        self._used.add(key)
        done, rows = found
        seconds = time.perf_counter() - started
        here = Timing(name, is_reused, seconds, peak_bytes(), rows)
        self.timings.append(cost if cost is not None and is_reused else here)
        return done

    def holds(self, name: str, depends: Iterable[str]) -> bool:
        """Whether the step of this name on these keys is kept whole."""
        key = hashed(self.code, name, *depends)
        return _found(name, key, self.folder / key) is not None

    def forget_others(self) -> None:
        """Remove the steps that this refresh did not use."""
        for folder in self.folder.glob("*"):
            if folder.name not in self._used:
                shutil.rmtree(folder, ignore_errors=True)

    def _write(
        self, folder: Path, tables: Mapping[str, pd.DataFrame], account: Mapping[str, Any]
    ) -> None:
        aside = self.folder / f"making-{uuid.uuid4().hex}"
        aside.mkdir(parents=True)
        try:
            for name, frame in tables.items():
                write_arrow(aside / f"{name}.arrow", frame)
            with (aside / _DONE).open("w", encoding="utf-8") as handle:
                json.dump(account, handle, ensure_ascii=False)
                handle.flush()
                os.fsync(handle.fileno())
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _found(name: str, key: str, folder: Path) -> tuple[Step, int] | None:
    """The step kept in a folder and its rows; None when it is absent, half-written or damaged."""
    try:
        done = Step(name, key, folder, json.loads((folder / _DONE).read_text("utf-8")))
        return done, sum(done.arrow(table).num_rows for table in done.tables)
    except (OSError, ValueError, pa.ArrowException):
        return None


def issues_of(step: Step) -> list[Issue]:
    """The issues that a step's account tells."""
    return [
        Issue(**{**row, "severity": Severity(row["severity"])})
        for row in step.account.get("issues", ())
    ]


def write_arrow(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as a compressed Arrow file, flushed to disk."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with path.open("wb") as handle:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_file(handle, table.schema, options=options) as writer:
            writer.write_table(table)
        handle.flush()
        os.fsync(handle.fileno())


def hashed(*parts: str) -> str:
    """One hash of some texts, in order."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def peak_bytes() -> int:
    """The most memory this process has held since :func:`reset_peak` (Linux; else 0)."""
    try:
        found = _PEAK.search(Path("/proc/self/status").read_text("ascii"))
    except OSError:
        return 0
    return int(found.group(1)) * 1024 if found else 0


def reset_peak() -> None:
    """Begin to measure the peak of memory anew, where the system allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return
