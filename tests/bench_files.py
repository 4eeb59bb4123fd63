"""`python tests/bench_files.py`: what large files cost, in seconds and in peak megabytes.

A release is made of 1,000 EPCI and 34,875 communes with 50 indicators of the catalogue, invented.
Each file is written in a process of its own, as the server writes it: XLSX of 1,000 areas x 50
indicators (under 20 s and 1 GiB), CSV of all communes (in constant memory) and the map's others.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geodata import release, schema
from geodata.catalogue.loader import catalogue
from geodata.model import Principal
from geodata.settings import Settings, settings

TERRITORY, PERIOD, INDICATORS = "haute_loire", "2022", 50
COUNTS = {"epci": 1000, "commune": 34_875}
CASES = (
    ("level", "xlsx", "level=epci"),
    ("map", "csv", "level=commune"),
    ("map", "xlsx", "level=commune"),
    ("map", "geojson", "level=commune"),
    ("map", "gpkg", "level=commune"),
    ("map", "parquet", "level=commune"),
)


def chosen(data: Path) -> Settings:
    """Settings whose every file lies under a folder."""
    return settings({"VIGIE_DATA": str(data), "VIGIE_TERRITORY": TERRITORY})


def make(data: Path) -> None:
    """The release: areas on a grid, values at random, one in ten of them silent."""
    draw = np.random.default_rng(43)
    known = catalogue(TERRITORY)
    names = [x.id for x in known.indicators.values() if {"epci", "commune"} & {*x.levels}]
    tables = {"about": _about(), "area": _areas(), "observation": _observations(draw, names)}
    release_tables = schema.release.tables
    with release.refresh_lock(data), release.draft(data) as draft:
        for name, rows in tables.items():
            draft.load(release_tables[name], rows)
        sealed = release.seal(draft, data, release.Making(TERRITORY, "recipe", "inputs", None))
        release.publish(data, sealed.release_id, "bench", "bench", keep=1)


def _about() -> pd.DataFrame:
    told = {"schema_version": schema.SCHEMA_VERSION, "territory_id": TERRITORY}
    hashes = dict.fromkeys(("catalogue_sha256", "recipe_sha256", "inputs_sha256"), "x")
    return pd.DataFrame([{**told, **hashes}])


def _codes(level: str) -> list[str]:
    width = 5 if level == "commune" else 9
    return [f"{place:0{width}d}" for place in range(COUNTS[level])]


def _areas() -> pd.DataFrame:
    """Areas as rounded squares of about two hundred vertices, as real ones have."""
    made = []
    for level, count in COUNTS.items():
        side = int(np.ceil(np.sqrt(count)))
        places = np.arange(count)
        centres = shapely.points(places % side * 0.02, 43 + places // side * 0.02)
        shapes = shapely.buffer(centres, 0.009, quad_segs=50)
        frame = pd.DataFrame({"area_id": _codes(level), "geometry": shapely.to_wkb(shapes)})
        frame = frame.assign(level=level, fid=places, role="territory", legal_population=1000)
        made.append(frame.assign(name=[f"{level} {code}" for code in frame["area_id"]]))
    columns = [column.name for column in schema.release.tables["area"].c]
    return pd.concat(made, ignore_index=True).reindex(columns=columns)


def _observations(draw: np.random.Generator, names: list[str]) -> pd.DataFrame:
    columns = [column.name for column in schema.release.tables["observation"].c]
    made = []
    for level, count in COUNTS.items():
        for name in names[:INDICATORS]:
            value = draw.normal(50, 10, count)
            is_silent = draw.random(count) < 0.1
            frame = pd.DataFrame({"area_id": _codes(level), "value": value})
            frame["value"] = frame["value"].mask(is_silent)
            frame["status"] = np.where(is_silent, "suppressed", "observed")
            told = {"indicator": name, "level": level, "period": PERIOD, "flags": 1}
            frame = frame.assign(low=frame["value"] - 5, high=frame["value"] + 5, **told)
            made.append(frame.assign(interval=np.where(is_silent, None, "byar")))
    return pd.concat(made, ignore_index=True).reindex(columns=columns)


def write(data: Path, name: str, form: str, query: str) -> None:
    """Write one file and print what it cost; the release is open, its answers are not known."""
    from dashboard.addresses import PATHS
    from dashboard.exports.forms import made_file
    from dashboard.exports.naming import TABLES
    from dashboard.sight import view_at

    who = Principal("bench", "director", (TERRITORY,))
    view = view_at(chosen(data), who, PATHS["fr", TABLES[name].page], query)
    before = _peak()
    started = time.perf_counter()
    made = made_file(view, name, form, "http://127.0.0.1:8050/")
    assert made is not None
    pieces = [made.content] if isinstance(made.content, bytes) else made.content
    size = sum(len(piece) for piece in pieces)
    seconds = time.perf_counter() - started
    label = f"{name}.{form} {query}"
    print(
        f"{label:32} {seconds:6.1f} s  peak {_peak():6.0f} MB (before {before:4.0f})"
        f"  {size / 1e6:6.1f} MB",
        flush=True,
    )


def stream(data: Path) -> None:
    """What writing the lines of a CSV needs besides its rows: a tenth of them, then all."""
    from dataclasses import replace

    from dashboard.addresses import PATHS
    from dashboard.exports.csv import csv_text
    from dashboard.exports.of_map import map_table
    from dashboard.sight import view_at

    who = Principal("bench", "director", (TERRITORY,))
    table = map_table(view_at(chosen(data), who, PATHS["fr", "map"], "level=commune"))
    for count in (len(table.frame) // 10, len(table.frame)):
        part = replace(table, frame=table.frame.iloc[:count])
        tracemalloc.start()
        size = sum(len(text) for text in csv_text(part))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"lines of the CSV: {count:6} rows, {size / 1e6:5.2f} MB of text, {most / 1e6:.2f} MB"
        )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Make the release, then each file in a process of its own."""
    if len(sys.argv) > 1:
        data, case = Path(sys.argv[1]), sys.argv[2:]
        if case in (["make"], ["stream"]):
            {"make": make, "stream": stream}[case[0]](data)
        else:
            write(data, *case)
        return
    # This process stays small: a child's peak begins at its parent's size.
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        for case in (("make",), *CASES, ("stream",)):
            command = [sys.executable, __file__, folder, *case]
            subprocess.run(command, check=True, env=os.environ)


if __name__ == "__main__":
    main()
