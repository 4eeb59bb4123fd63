"""`make torture`, second part: the disk of the data folder really is full, at every moment.

A small disk in memory is the data folder. It is made too small for a refresh of the territory, at
several sizes; somebody takes its last byte at one very moment of a refresh; a download, whoever
writes in the state and whoever decides of a release find it full. Each time what was published
must be whole and read all along, and what was asked must be done wholly, or have failed in plain
words and be done once when there is room again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import queue
import re
import shutil
import signal
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geodata import jobs, release, state
from geodata.queries import jobs as job_queries
from tests import disk_writes
from tests.torture import Arena, Tally, read_for_ever, vars_of
from tests.volume import Volume, why_not

#: Bytes left to a refresh, which needs about fourteen million.
ROOMS = (0, 1 << 14, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 3 << 20, 6 << 20, 9 << 20, 11 << 20)
#: Just before what somebody takes the last byte.
MOMENTS = (
    "etl.refresh:snapshot",
    "etl.refresh:staged_sources",
    "etl.refresh:built",
    "geodata.release:draft",
    "geodata.release:Draft.load",
    "geodata.release:Draft.close",
    "geodata.release:seal",
    "geodata.release.publishing:write_durably",
    "geodata.release:publish",
    "geodata.release.publishing:replace_durably",
    "geodata.state:end_run",
)
#: Seconds that a job may take; seconds after which an idle worker is given room to say it ended.
PATIENCE, REST = 300.0, 3.0
TERRITORY = "haute_loire"
FILLING = textwrap.dedent(
    """
    import functools, importlib, os
    from pathlib import Path
    from tests.volume import resize, used
    _module, _, _path = {act!r}.partition(":")
    *_inner, _name = _path.split(".")
    _owner = functools.reduce(getattr, _inner, importlib.import_module(_module))
    _act = getattr(_owner, _name)
    @functools.wraps(_act)
    def _first_fill(*given, **named):
        folder = Path(os.environ["VIGIE_DATA"])
        resize(folder, used(folder))
        return _act(*given, **named)
    setattr(_owner, _name, _first_fill)
    """
)
#: The name of a file that is being written, before it has its own.
_FRESH = re.compile(r"\.[0-9a-f]{32}$")


class Siege:
    """A data folder on a small disk, and what was found wrong with it."""

    def __init__(self, volume: Volume, tally: Tally, seed: int) -> None:
        self.volume, self.tally = volume, tally
        self.arena = Arena(volume.folder, seed)
        first = self.arena.start("refresh", "--by", "first")
        said = first.communicate()[0].decode()
        if first.returncode:
            raise RuntimeError(said)
        self.arena.publications = [vars_of(p) for p in release.publications(volume.folder)]

    def strike(self, what: str, code: str = "", room: int | None = None) -> None:
        """Ask for a refresh, let the worker meet a full disk, judge; then give room and ask again.

        ``code`` runs in the worker before it begins; ``room`` is what is left to it.
        """
        before = self.standing()
        self.arena.bring()
        row = self.job(code, room)
        step = str(row["step"] or "(claim)").split(" ")[0]
        self.tally.done[f"{row['state']}, met at {step}"] += 1
        print(f"{what}: {row['state']} at {row['step']}: {row['message_en']}", flush=True)
        self.judge(what, row, before)
        if row["state"] != jobs.DONE:
            again = self.job()
            if (again["state"], again["outcome"]) != (jobs.DONE, "published"):
                self.fault(what, f"with room again: {again['state']} {again['message_en']}")
            self.tally.done["done again with room"] += 1
        self.tally.faults += self.arena.faults(f"{what}, room again")
        if self.standing()[1] != before[1] + 1:
            self.fault(what, f"{self.standing()[1] - before[1]} publications instead of one")

    def judge(self, what: str, row: dict[str, Any], before: tuple[str, int]) -> None:
        """What a job that met a full disk must have left, before anyone tries again."""
        folder = self.volume.folder
        self.tally.faults += self.arena.faults(what)
        self.tally.faults += [f"{what}: {fault}" for fault in disk_writes.state_faults(folder)]
        if row["state"] == jobs.FAILED:
            if self.standing() != before:
                self.fault(what, "the job failed and yet something was published")
            for words, said in (
                ("disque est plein", str(row["message_fr"])),
                ("disk is full", str(row["message_en"])),
            ):
                if words not in said or str(folder) not in said:
                    self.fault(what, f"the job does not name the disk: {said}")
        elif (row["state"], row["outcome"]) != (jobs.DONE, "published"):
            self.fault(what, f"the job is {row['state']} {row['message_en']}")
        named = {p.release_id for p in release.publications(folder)}
        left = [path for path in (folder / "releases").iterdir() if path.name not in named]
        left += [path for path in folder.rglob("*") if _FRESH.search(path.name)]
        left += folder.glob("building/*")
        if left:
            self.fault(what, f"left behind: {', '.join(map(str, left[:3]))}")

    def job(self, code: str = "", room: int | None = None) -> dict[str, Any]:
        """A refresh asked of a worker of its own: its row once it has ended."""
        engine = state.state_engine(self.volume.folder)
        try:
            job_id = jobs.ask(engine, "refresh", TERRITORY, "Odile Martin", {"reason": "refresh"})
            if room is not None:
                self.volume.leave(room)
            row = self.worked(engine, job_id, code)
            self.volume.widen()
            if row["state"] == jobs.QUEUED:  # the worker could not even take it, and said so
                self.tally.done["not taken while there was no room"] += 1
                row = self.worked(engine, job_id, "")
        finally:
            self.volume.widen()
            engine.dispose()
        return row

    def worked(self, engine: state.Engine, job_id: int, code: str) -> dict[str, Any]:
        """The row of a job after a worker was at it.

        One that has no room to write that the job ended waits for it, and is given it.
        """
        worker = self.arena.start("worker", "--once", code=code)
        limit, busy = time.monotonic() + PATIENCE, time.monotonic()
        while worker.poll() is None and time.monotonic() < limit:
            is_at_work = release.is_refreshing(self.volume.folder)
            if is_at_work or self.row(engine, job_id)["state"] != jobs.RUNNING:
                busy = time.monotonic()
            elif time.monotonic() - busy > REST:
                self.tally.done["told once there was room"] += 1
                self.volume.widen()
                busy = limit
            time.sleep(0.05)
        if worker.poll() is None:
            worker.kill()
            self.fault("worker", f"job {job_id} did not end")
        said = worker.communicate()[0].decode()
        if "Traceback" in said:
            self.fault("worker", said[-400:])
        return self.row(engine, job_id)

    def row(self, engine: state.Engine, job_id: int) -> dict[str, Any]:
        """A job as the state has it."""
        frame = job_queries.jobs(engine, TERRITORY, 1000)
        found: dict[str, Any] = frame[frame["job_id"] == job_id].iloc[0].to_dict()
        return found

    def standing(self) -> tuple[str, int]:
        """The hash of what is published, and how often something was."""
        current = release.current_release(self.volume.folder)
        told = release.publications(self.volume.folder)
        return current.database_sha256 if current else "", len(told)

    def fault(self, what: str, text: str) -> None:
        """Put down something wrong."""
        self.tally.faults.append(f"{what}: {text}")


@contextmanager
def readers(folder: Path, tally: Tally) -> Iterator[None]:
    """Somebody who reads what is published all the time."""
    context = multiprocessing.get_context("spawn")
    stop, out = context.Event(), context.Queue()
    reader = context.Process(target=read_for_ever, args=(str(folder), stop, out))
    reader.start()
    try:
        yield
    finally:
        stop.set()
        try:
            reads, faults, seen = out.get(timeout=60)
        except queue.Empty:
            reads, faults, seen = 0, ["the reader died"], 0
        reader.join()
        tally.faults += faults
        tally.done[f"reads, of {seen} releases"] = reads


def main(arguments: list[str] | None = None) -> int:
    """Fill the disk at every moment; 0 when nothing was lost, doubled, mixed or half done."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture_disk", description=__doc__)
    parser.add_argument("--seed", type=int, default=43)
    parser.add_argument("--quick", action="store_true", help="one write of each kind: seconds")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # unmounts
    reason, tally, begun = why_not(), Tally(), time.perf_counter()
    base = Path(tempfile.mkdtemp(prefix="vigie-disk-"))
    try:
        volume = None if reason else Volume(base / "vigie")
    except OSError as error:
        reason = str(error)
    if reason:
        shutil.rmtree(base, ignore_errors=True)
        print(f"Skipped, no disk was filled: {reason}.")
        return 0
    assert volume is not None
    try:
        disk_writes.campaign(volume, base, tally, is_quick=given.quick)
        if not given.quick:
            os.environ["VIGIE_KEEP"] = "3"
            siege = Siege(volume, tally, given.seed)
            with readers(volume.folder, tally):
                for room in ROOMS:
                    siege.strike(f"{room} bytes left", room=room)
                for act in MOMENTS:
                    siege.strike(f"full before {act}", code=FILLING.format(act=act))
    finally:
        volume.close()
        shutil.rmtree(base, ignore_errors=True)
    print(json.dumps(dict(sorted(tally.done.items())), indent=1))
    for fault, count in Counter(tally.faults).most_common(20):
        print(f"FAULT {count} x {fault}")
    print(f"{time.perf_counter() - begun:.0f} s")
    print(
        "0 lost, 0 doubled, 0 mixed, 0 half" if not tally.faults else f"{len(tally.faults)} faults"
    )
    return 1 if tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
