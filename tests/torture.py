"""`make torture`: refresh, publish and roll back while everything goes wrong; nothing may be lost.

Readers read all the time. Officers bring a new file, are killed at a random moment, meet each
other, find their files capped, or have their flushes fail. After each blow what is
published must be whole, the one before or the one after, and every publication told once.

Each file an officer brings holds one birth count of its own; readers check that the figure, the
indicator made from it and the hash of the source agree: a mixed read would show.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geodata import release
from geodata.schema import figure, source
from geodata.settings import Settings, settings

#: The commune whose births an officer changes, and the year.
AREA, YEAR = "43157", "2023"
SOURCE = "insee_births"
#: Smallest and largest value brought, near enough to the real one for no check to hold it.
LOWEST, HIGHEST = 150, 190
#: Neither the network nor a copy under way is waited for.
CALM = {"VIGIE_DOWNLOADS": "no", "VIGIE_SETTLE": "0"}
KINDS = ("refresh", "refresh", "refresh", "rollback", "publish")


@dataclass
class Tally:
    """What was done and what was found."""

    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Arena:
    """One data folder under attack."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.settings: Settings = settings(
            {"VIGIE_DATA": str(folder), "VIGIE_DOWNLOADS": "no", "VIGIE_SETTLE": "0"}
        )
        births = resources.files("geodata") / "embedded" / "figures" / f"{SOURCE}.csv"
        self.births = births.read_text("utf-8")
        row = f"commune,{AREA},births,{YEAR},"
        self.row = next(line for line in self.births.splitlines() if line.startswith(row))
        self.prefix = row
        self.publications: list[dict[str, str]] = []

    def bring(self) -> int:
        """Put a new file in the incoming folder, as a person's copy would: in one move."""
        value = self.random.randint(LOWEST, HIGHEST)
        text = self.births.replace(self.row, f"{self.prefix}{value},observed")
        incoming = self.folder / "incoming"
        incoming.mkdir(exist_ok=True)
        (incoming / ".new").write_text(text, "utf-8")
        os.replace(incoming / ".new", incoming / f"{SOURCE}.csv")
        return value

    def start(self, *words: str, code: str = "", limit: int = 0) -> subprocess.Popen[bytes]:
        """Start a command of `vigie`; ``code`` runs before it, ``limit`` caps every file."""
        program = "import runpy, sys; sys.argv = ['vigie', *sys.argv[1:]]\n" + code
        program += "\nrunpy.run_module('geodata.command', run_name='__main__')"

        def capped() -> None:
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        return subprocess.Popen(
            [sys.executable, "-c", program, *words],
            env={
                **os.environ,
                "VIGIE_DATA": str(self.folder),
                "VIGIE_DOWNLOADS": "no",
                "VIGIE_SETTLE": "0",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=capped,
        )

    def faults(self, what: str) -> list[str]:
        """What is wrong with the data folder now; nothing should be."""
        found = []
        try:
            current = release.current_release(self.folder)
            told = [vars_of(p) for p in release.publications(self.folder)]
        except release.ReleaseError as error:
            return [f"{what}: {error}"]
        if current is None:
            return [f"{what}: nothing is published any more"]
        if told[: len(self.publications)] != self.publications:
            found.append(f"{what}: a publication was lost or rewritten")
        self.publications = told
        if told[-1]["release_id"] != current.release_id:
            found.append(f"{what}: the last publication is not the current release")
        with current.database.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != current.database_sha256:
                found.append(f"{what}: half a release is published")
        numbers = [p["release_id"] for p in told if p["reason"] == "refresh"]
        if len(set(numbers)) != len(numbers):
            found.append(f"{what}: a release was published twice as new")
        fault = reading_fault(current)
        return [*found, f"{what}: {fault}"] if fault else found


def vars_of(publication: release.Publication) -> dict[str, str]:
    """A publication as plain text."""
    return {name: str(getattr(publication, name)) for name in publication.__slots__}


def reading_fault(current: release.Release) -> str:
    """What does not agree within one release, or nothing."""
    engine = release.reading_engine(current.database)
    with engine.connect() as connection:
        f = figure.c
        brought = connection.execute(
            sa.select(f.value).where(
                f.variable == "births", f.area_id == AREA, f.level == "commune", f.period == YEAR
            )
        ).scalar_one()
        window = connection.execute(
            sa.select(sa.func.sum(f.value)).where(
                f.variable == "births",
                f.area_id == AREA,
                f.level == "commune",
                f.period.in_([str(int(YEAR) - back) for back in range(3)]),
            )
        ).scalar_one()
        children = connection.execute(
            sa.select(f.value).where(
                f.variable == "children_under_3",
                f.area_id == AREA,
                f.level == "commune",
                f.period == YEAR,
            )
        ).scalar_one()
        sha256 = connection.execute(
            sa.select(source.c.sha256).where(source.c.source_id == SOURCE)
        ).scalar_one()
    if children != window:
        return f"mixed: {children} children from {window} births"
    if current.inputs.get(SOURCE) != sha256:
        return "mixed: the manifest names another file than the database"
    kept = current.folder.parents[1] / "snapshots" / SOURCE / f"{sha256}.csv"
    if f"commune,{AREA},births,{YEAR},{brought:g}," not in kept.read_text("utf-8"):
        return f"mixed: {brought:g} births are not those of the file"
    return ""


def read_for_ever(folder: str, stop: Event, out: Any) -> None:
    """Read what is published, again and again; say how often and what was wrong."""
    reads, faults, seen = 0, [], set()
    while not stop.is_set():
        try:
            current = release.current_release(Path(folder))
            fault = reading_fault(current) if current else "nothing is published"
            seen.add(current.release_id if current else "")
        except Exception as error:
            gone = release.current_release(Path(folder))
            is_dropped = gone is not None and current is not None and gone != current
            fault = "" if is_dropped else f"{type(error).__name__}: {error}"
        reads += 1
        time.sleep(0.01)
        if fault:
            faults.append(fault)
    out.put((reads, faults[:20], len(seen)))


FAILING_FSYNC = textwrap.dedent(
    """
    import errno, os, random
    _fsync, _left = os.fsync, [random.Random({seed}).randint(0, 60)]
    def fsync(handle):
        _left[0] -= 1
        if _left[0] < 0:
            raise OSError(errno.EIO, "injected")
        return _fsync(handle)
    os.fsync = fsync
    """
)


def campaign(
    arena: Arena, kills: int, until: float, tally: Tally, say: Callable[[str], None]
) -> None:
    """Strike until ``kills`` processes were killed while they worked, or time is up."""
    started = time.perf_counter()
    calm = arena.start("refresh", "--by", "calm")
    calm.communicate()
    usual = time.perf_counter() - started
    arena.publications = [vars_of(p) for p in release.publications(arena.folder)]
    while tally.done["killed"] < kills and time.perf_counter() < until:
        kind = arena.random.choice(KINDS)
        if kind == "refresh":
            arena.bring()
        if kind == "publish":
            hold_one(arena)
        words = [kind, "--by", "torture"]
        process = arena.start(*words)
        time.sleep(arena.random.uniform(0.0, (usual if kind == "refresh" else 0.3 * usual) * 1.1))
        if process.poll() is None:
            process.kill()
            tally.done["killed"] += 1
            tally.done[f"killed: {kind}"] += 1
        else:
            tally.done[f"ended before: {kind}"] += 1
        process.communicate()
        tally.faults += arena.faults(f"kill {kind}")
        strike(arena, tally)
        if tally.done["killed"] % 20 == 0:
            say(f"{tally.done['killed']} kills, {len(tally.faults)} faults")
    arena.bring()
    last = arena.start("refresh", "--by", "last")
    said = last.communicate()[0].decode()
    if last.returncode not in (0,):
        tally.faults.append(f"the last, undisturbed refresh fails: {said[-500:]}")
    tally.faults += arena.faults("the last refresh")


def strike(arena: Arena, tally: Tally) -> None:
    """Now and then something other than a kill."""
    chance = arena.random.random()
    if chance < 0.06:
        arena.bring()
        pair = [arena.start("refresh", "--by", f"officer {n}") for n in (1, 2)]
        said = [process.communicate()[0].decode() for process in pair]
        tally.done["two officers at once"] += 1
        if not any(process.returncode == 0 for process in pair):
            tally.faults.append(f"of two officers, none got through: {said[0][-300:]}")
        tally.faults += arena.faults("two officers")
    elif chance < 0.12:
        arena.bring()
        limit = arena.random.choice([1 << 12, 1 << 16, 1 << 20, 1 << 22])
        process = arena.start("refresh", "--by", "full", limit=limit)
        process.communicate()
        tally.done["files capped"] += 1
        tally.faults += arena.faults(f"files capped at {limit} bytes")
    elif chance < 0.18:
        arena.bring()
        code = FAILING_FSYNC.format(seed=arena.random.randint(0, 1 << 30))
        process = arena.start("refresh", "--by", "fsync", code=code)
        process.communicate()
        tally.done["fsync failed"] += 1
        tally.faults += arena.faults("fsync failure")


def hold_one(arena: Arena) -> None:
    """Let a release wait, so that there is one to publish: a value that moves too far."""
    text = arena.births.replace(arena.row, f"{arena.prefix}9999,observed")
    (arena.folder / "incoming" / f"{SOURCE}.csv").write_text(text, "utf-8")
    arena.start("refresh", "--by", "hold").communicate()


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign; 0 when nothing was lost, doubled, mixed or half done."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=43)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--readers", type=int, default=2)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="vigie-torture-"))
    arena, tally = Arena(folder, given.seed), Tally()
    begun = time.perf_counter()
    first = arena.start("refresh", "--by", "first")
    said = first.communicate()[0].decode()
    if first.returncode:
        print(said)
        return 1
    context = multiprocessing.get_context("spawn")
    stop, out = context.Event(), context.Queue()
    readers = [
        context.Process(target=read_for_ever, args=(str(folder), stop, out))
        for _ in range(given.readers)
    ]
    for reader in readers:
        reader.start()
    try:
        until = begun + 60 * given.minutes
        campaign(arena, given.kills, until, tally, lambda text: print(text, flush=True))
    finally:
        stop.set()
    heard = [out.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join()
    tally.faults += [fault for _, faults, _ in heard for fault in faults]
    published = len(release.publications(folder))
    shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(dict(sorted(tally.done.items())), indent=1))
    print(
        f"{sum(reads for reads, _, _ in heard)} reads by {len(readers)} readers, of at most "
        f"{max(seen for _, _, seen in heard)} releases; {published} publications; "
        f"{time.perf_counter() - begun:.0f} s"
    )
    for fault, count in Counter(tally.faults).most_common(20):
        print(f"FAULT {count} x {fault}")
    print(
        "0 lost, 0 doubled, 0 mixed, 0 half" if not tally.faults else f"{len(tally.faults)} faults"
    )
    return 1 if tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
