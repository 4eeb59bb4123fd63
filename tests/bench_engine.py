"""The engine against its peers, whole processes in one run: `make bench`."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.bench_cases import CASES

MOST_BYTES = 12 << 30
MOST_SECONDS = 300
"""Of the processor: on a busy machine the limit is the same."""
MEMORY_FAULTS = ("MemoryError", "bad_alloc", "Unable to allocate", "Cannot allocate memory")


@dataclass
class Contender:
    """A way to compute a case, how often it runs, and what the runs gave."""

    peer: str
    runs: int = 5
    inside: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    failure: str = ""

    def row(self) -> tuple[str, ...]:
        """Medians: milliseconds inside, CPU seconds and megabytes of the whole process."""
        if self.failure:
            return (self.failure, "", "")
        inside, cpu, peak = (statistics.median(x) for x in (self.inside, self.cpu, self.peak))
        return (f"{inside * 1e3:,.1f}", f"{cpu:.2f}", f"{peak / 1e6:,.0f}")


#: Who computes what. Ours comes first: the others' answers are compared with its.
CONTESTS = {
    "a": (
        Contender("vigie"),
        Contender("access, ready table"),
        Contender("scipy CSR, ready table"),
        Contender("scipy CSR"),
    ),
    "b": (
        Contender("vigie"),
        Contender("access, ready table", runs=3),
        Contender("scipy CSR, ready table"),
        Contender("scipy CSR"),
    ),
    "c": (
        Contender("vigie"),
        Contender("access, ready table", runs=1),
        Contender("scipy CSR", runs=1),
        Contender("scipy CSR in blocks", runs=1),
    ),
    "d": (Contender("vigie", runs=3),),
    "nearest": (
        Contender("vigie nearest"),
        Contender("scipy KDTree", runs=3),
        Contender("geopandas sjoin_nearest", runs=3),
    ),
}


def run(contender: Contender, case: str, folder: Path) -> dict[str, float]:
    """Run once in a process of its own, and add to what the contender's runs gave."""
    arguments = [contender.peer, case, str(folder)]
    limits = ["--most-bytes", str(MOST_BYTES), "--most-seconds", str(MOST_SECONDS)]
    errors = folder / "errors.txt"
    with errors.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench_peers", *arguments, *limits],
            stdout=subprocess.PIPE,
            stderr=written,
        )
        assert process.stdout is not None
        printed = process.stdout.read()
        process.stdout.close()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        complaint = errors.read_text()
        last = (complaint.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        contender.failure = last
        if any(fault in complaint for fault in MEMORY_FAULTS):
            contender.failure = f"over {MOST_BYTES >> 30} GiB"
        if process.returncode == -signal.SIGXCPU:
            contender.failure = f"over {MOST_SECONDS} CPU s"
        return {}
    told: dict[str, float] = json.loads(printed)
    contender.inside.append(told["inside"])
    contender.cpu.append(used.ru_utime + used.ru_stime)
    contender.peak.append(told["peak_bytes"])
    return told


def apart(case: str, ours: Contender, theirs: Contender, folder: Path) -> str:
    """The largest relative difference between two answers; where one is 0, both must be."""
    a, b = (
        np.load(folder / f"{case}.{one.peer}.answer.npy", mmap_mode="r") for one in (ours, theirs)
    )
    if a.shape != b.shape:
        return f"{a.shape} against {b.shape}"
    size = np.maximum(np.abs(a), np.abs(b))
    return f"{np.max(np.abs(a - b) / np.where(size > 0, size, 1)):.1e}"


def contest(case: str, folder: Path) -> str:
    """Run all contenders of a case in turn, so that each meets the same machine.

    Returns how many pairs are within reach, where that is asked.
    """
    pairs = ""
    if case != "nearest":
        counted = run(Contender("pairs"), case, folder)
        pairs = f", {counted['pairs'] / 1e6:,.1f} million pairs" if counted else ""
    if case in ("a", "b"):
        run(Contender("table"), case, folder)
    for turn in range(max(one.runs for one in CONTESTS[case])):
        for one in CONTESTS[case]:
            if turn < one.runs and not one.failure:
                run(one, case, folder)
    return pairs


def ratio(ours: list[float], theirs: list[float]) -> float:
    """How many times as much theirs is, in the median; 0 where they have nothing to show."""
    if not ours or not theirs:
        return 0.0
    return statistics.median(theirs) / statistics.median(ours)


def goals() -> list[tuple[str, str, str, bool]]:
    """What was promised, and what was measured."""
    first = {case: contenders[0] for case, contenders in CONTESTS.items()}
    access, joined = CONTESTS["b"][1], CONTESTS["nearest"][2]
    found: list[tuple[str, str, str, bool]] = []

    def at_most(case: str, what: str, values: list[float], most: float, unit: str) -> None:
        measured = statistics.median(values) if values else float("inf")
        told = f"{measured:.3g} {unit}"
        found.append((case, f"{what} under {most:g} {unit}", told, measured < most))

    def at_least(case: str, what: str, times: float, least: float) -> None:
        found.append((case, f"{what} at least {least:g} times", f"{times:.1f}", times >= least))

    a, b, c, d = (first[case] for case in "abcd")
    at_most("a", "inside", [s * 1e3 for s in a.inside], 20, "ms")
    at_least("b", "access / ours, CPU,", ratio(b.cpu, access.cpu), 12)
    at_least("b", "access / ours, memory,", ratio(b.peak, access.peak), 10)
    at_least("b", "access / ours, inside,", ratio(b.inside, access.inside), 150)
    at_most("c", "inside", c.inside, 3, "s")
    at_most("c", "memory", [p / 1e9 for p in c.peak], 0.4, "GB")
    at_most("d", "CPU", d.cpu, 30, "s")
    at_most("d", "memory", [p / 1e9 for p in d.peak], 1, "GB")
    at_least(
        "nearest", "sjoin_nearest / ours, inside,", ratio(first["nearest"].inside, joined.inside), 5
    )
    return found


def main() -> None:
    """Print the tables."""
    console = Console()
    console.print(
        "Each run is a process of its own: ms inside, from points (or a ready table) in memory to "
        "access per origin, with kernels loaded; CPU seconds and peak memory of the whole process. "
        f"Medians. Limits: {MOST_BYTES >> 30} GiB, {MOST_SECONDS} CPU s."
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case, contenders in CONTESTS.items():
            pairs = contest(case, folder)
            size = CASES[case]
            reach = f" x {size.reach_km:g} km" if size.reach_km else ""
            title = f"({case}) {size.origins:,} x {size.destinations:,}{reach}{pairs}"
            table = Table("who", "runs", "ms inside", "CPU s", "peak MB", "apart", title=title)
            for one in contenders:
                is_answered = not (one.failure or contenders[0].failure)
                difference = apart(case, contenders[0], one, folder) if is_answered else ""
                table.add_row(one.peer, str(one.runs), *one.row(), difference)
            console.print(table)
            for file in folder.iterdir():
                file.unlink()
    table = Table("case", "goal", "measured", "met", title="Goals")
    for case, goal, measured, is_met in goals():
        table.add_row(case, goal, measured, "yes" if is_met else "no")
    console.print(table)


if __name__ == "__main__":
    main()
