"""The refresh of a whole country: wall time, peak memory, share of each step (`make bench`).

Then the map of it on the screen (`tests.bench_screen`).

Needs the folder of shared files beside the project; without it, says so and does nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from geodata import state
from geodata.queries import refreshes
from geodata.release import current_release, reading_engine, waiting_release
from tests import bench_apl, bench_screen

SHARED = Path(__file__).parents[2] / "shared" / "data"
#: The steps told by name; the rest are added up.
TOLD = 12


@dataclass(frozen=True)
class Run:
    """One refresh: seconds of wall, most bytes held by it and its readers together."""

    seconds: float
    peak_bytes: int
    code: int


def refreshed(data: Path, incoming: Path) -> Run:
    """Refresh the whole country in a process of its own, and watch it."""
    environ = {
        **os.environ,
        "VIGIE_DATA": str(data),
        "VIGIE_TERRITORY": "france",
        "VIGIE_INCOMING": str(incoming),
        "VIGIE_DOWNLOADS": "no",
        "VIGIE_SETTLE": "0",
    }
    started = time.perf_counter()
    command = [sys.executable, "-m", "geodata.command", "refresh", "--by", "bench"]
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, held_bytes(process.pid))
        time.sleep(1)  # to look stops the one looked at: ten times a second cost a tenth
    return Run(time.perf_counter() - started, peak, process.returncode)


def held_bytes(root: int) -> int:
    """Memory held by a process and its descendants: what each has of its own, and shares once.

    The proportional set size counts a page shared by n processes 1/n times in each.
    """
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int(
                (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
            )
        except (OSError, IndexError, ValueError):
            continue
    family, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    total = 0
    for pid in family:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(text.split("Pss:")[1].split()[0]) * 1024
        except (OSError, IndexError, ValueError):
            continue
    return total


def main() -> None:
    """Print the table of the first refresh, then of one without and one with a change."""
    console = Console(width=150)
    if not SHARED.is_dir():
        console.print(f"The whole-country refresh needs {SHARED}: left out.")
        bench_screen.main([])
        return
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        data, incoming = Path(folder) / "data", Path(folder) / "incoming"
        incoming.mkdir()
        for path in SHARED.rglob("*"):
            if path.is_file() and path.name != "MANIFEST.tsv":
                os.link(path, incoming / path.name) if _is_near(path, incoming) else (
                    incoming / path.name
                ).write_bytes(path.read_bytes())
        first = refreshed(data, incoming)
        told(console, data, first)
        made = waiting_release(data) or current_release(data)
        if made is not None:
            bench_apl.told(console, reading_engine(made.database))
        again = refreshed(data, incoming)
        changed = incoming / "france_services_20240801.csv"
        text = changed.read_bytes().replace(b"France services", b"France Services", 1)
        changed.unlink()
        changed.write_bytes(text)
        other = refreshed(data, incoming)
        runs = Table("refresh", "wall s", "peak MB", "exit", title="Whole country")
        for name, run in (("first", first), ("unchanged", again), ("one source changed", other)):
            runs.add_row(name, f"{run.seconds:.1f}", f"{run.peak_bytes / 1e6:.0f}", str(run.code))
        console.print(runs)
        bench_screen.main(["--france", str(data)])


def _is_near(path: Path, folder: Path) -> bool:
    return path.stat().st_dev == folder.stat().st_dev


def told(console: Console, data: Path, run: Run) -> None:
    """The sources with their account, and the dearest steps with their share of the whole."""
    made = waiting_release(data) or current_release(data)
    if made is not None:
        sources = Table("source", *refreshes.ROW_COUNTS, "dropped by rule")
        for row in refreshes.sources(reading_engine(made.database)).to_dict("records"):
            counts = [f"{row[name]:,}" for name in refreshes.ROW_COUNTS]
            sources.add_row(row["source_id"], *counts, row["dropped"])
        console.print(sources)
    log = state.state_engine(data)
    run_id = int(refreshes.runs(log, limit=1)["run_id"].iloc[0])
    steps = refreshes.run_steps(log, run_id)
    log.dispose()
    table = Table("step", "s", "share of wall", "peak MB of the process", "rows")
    for row in steps.head(TOLD).to_dict("records"):
        table.add_row(
            row["step"],
            f"{row['seconds']:.1f}",
            f"{row['seconds'] / run.seconds:.0%}",
            f"{row['peak_bytes'] / 1e6:.0f}",
            f"{row['rows']:,}",
        )
    rest = steps.iloc[TOLD:]["seconds"].sum()
    table.add_row(f"{len(steps) - TOLD} others", f"{rest:.1f}", f"{rest / run.seconds:.0%}", "", "")
    unsaid = run.seconds - steps["seconds"].sum()
    table.add_row("writing, comparing, starting", f"{unsaid:.1f}", f"{unsaid / run.seconds:.0%}")
    console.print(table)


if __name__ == "__main__":
    main()
