"""What large files cost, in seconds and in peak megabytes. Part of `make bench`.

A release is made of 1,000 EPCI and 34,875 communes with 50 indicators of the catalogue, invented.
Each file is written in a process of its own, as the server writes it: XLSX of 1,000 areas x 50
indicators (goal: 20 s and 1 GiB), all values as CSV (goal: memory that does not grow), a map's
files. Beside two of them, in the same run, pandas writes what they hold. Then the papers of the
real release of Haute-Loire, each as its command makes it, start of the process included (goal:
10 s).
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import shapely
from rich.console import Console
from rich.table import Table
from werkzeug.test import run_wsgi_app

from geodata import release, schema
from geodata.catalogue.loader import catalogue
from geodata.model import Principal
from geodata.settings import Settings, settings

TERRITORY, PERIOD, INDICATORS = "haute_loire", "2022", 50
COUNTS = {"epci": 1000, "commune": 34_875}
#: What each line measures: its name, the part that writes it and what that part is given.
CASES = (
    ("workbook, 1,000 areas x 50", "file", ("level", "xlsx", "level=epci")),
    ("  the same cells, pandas and openpyxl", "same_workbook", ()),
    ("all values, CSV of the interface", "all_values", ()),
    ("  the same rows, pandas", "same_values", ()),
    ("map, CSV", "file", ("map", "csv", "level=commune")),
    ("map, workbook", "file", ("map", "xlsx", "level=commune")),
    ("map, GeoJSON", "file", ("map", "geojson", "level=commune")),
    ("map, GeoPackage", "file", ("map", "gpkg", "level=commune")),
    ("map, GeoParquet", "file", ("map", "parquet", "level=commune")),
)
#: The papers of the real release, as the command line makes them.
PAPERS = (
    ("gap report", ("report", "gaps", "--level", "epci")),
    ("gap report of communes", ("report", "gaps", "--level", "commune")),
    ("profile of an area", ("report", "area", "--level", "epci", "--area", "200073419")),
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


def file(data: Path, name: str, form: str, query: str) -> None:
    """One file as the server writes it; the release is open, its answers are not known."""
    _tell(data, lambda: _pieces(data, name, form, query))


def same_workbook(data: Path) -> None:
    """The cells of our workbook, by pandas and openpyxl as its users write one."""
    path = data / "ours.xlsx"
    path.write_bytes(b"".join(_pieces(data, "level", "xlsx", "level=epci")))
    sheets = pd.read_excel(path, sheet_name=None, header=None, engine="calamine")

    def written() -> Iterable[bytes]:
        with pd.ExcelWriter(data / "theirs.xlsx", engine="openpyxl") as book:
            for name, frame in sheets.items():
                frame.to_excel(book, sheet_name=name, header=False, index=False)
        return [(data / "theirs.xlsx").read_bytes()]

    _tell(data, written)


def all_values(data: Path) -> None:
    """Every row of `/api/v1/observations`, as CSV, piece by piece as a server sends it."""
    from dashboard.app import create_app

    app = create_app(chosen(data)).server
    at = {"PATH_INFO": "/api/v1/observations", "QUERY_STRING": "f=csv", "REQUEST_METHOD": "GET"}
    base = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8050", "wsgi.url_scheme": "http"}
    _tell(data, lambda: run_wsgi_app(app.wsgi_app, {**base, **at}, buffered=False)[0])


def same_values(data: Path) -> None:
    """The table of observations read whole and written by pandas."""
    release_ = release.current_release(data)
    assert release_ is not None

    def written() -> Iterable[bytes]:
        with release.reading_engine(release_.database).connect() as connection:
            frame = pd.read_sql_query("SELECT * FROM observation", connection)
        return [frame.to_csv(index=False).encode()]

    _tell(data, written)


def _pieces(data: Path, name: str, form: str, query: str) -> Iterable[bytes]:
    from dashboard.addresses import PATHS
    from dashboard.exports.forms import made_file
    from dashboard.exports.naming import TABLES
    from dashboard.sight import view_at

    who = Principal("bench", "director", (TERRITORY,))
    view = view_at(chosen(data), who, PATHS["fr", TABLES[name].page], query)
    made = made_file(view, name, form, "http://127.0.0.1:8050/")
    assert made is not None
    return [made.content] if isinstance(made.content, bytes) else made.content


def _tell(data: Path, writes: Callable[[], Iterable[bytes]]) -> None:
    """Print what the parent reads: seconds, bytes, memory before, after a tenth, and at most."""
    before, sizes, memory = _now(), [], []
    started = time.perf_counter()
    for piece in writes():
        sizes.append(len(piece))
        memory.append(_now())
    seconds = time.perf_counter() - started
    early = memory[len(memory) // 10] if len(memory) > 10 else float("nan")
    print(seconds, sum(sizes), before, early, _peak())


def _now() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


PARTS: dict[str, Callable[..., None]] = {
    part.__name__: part for part in (make, file, same_workbook, all_values, same_values)
}


def main(given: Sequence[str] = ()) -> None:
    """Print the tables; with a folder and a part, only do that part."""
    if given:
        folder, part, *rest = given
        PARTS[part](Path(folder), *rest)
        return
    console = Console(width=150)
    # This process stays small: a child's peak begins at its parent's size.
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        _in_own_process(folder, "make")
        table = Table(
            "file", "seconds", "MB", "memory before, MB", "after a tenth", "at most",
            title="Files of 35,875 invented areas and 50 indicators",
        )  # fmt: skip
        for name, part, rest in CASES:
            seconds, size, *memory = map(float, _in_own_process(folder, part, *rest).split())
            told = ("" if np.isnan(one) else f"{one:,.0f}" for one in memory)
            table.add_row(name, f"{seconds:.1f}", f"{size / 1e6:,.1f}", *told)
        console.print(table)
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        known = {"VIGIE_TERRITORY": TERRITORY, "VIGIE_DATA": folder, "VIGIE_DOWNLOADS": "no"}
        _vigie(known, "refresh")
        papers = Table("paper", "seconds", "kB", title="Papers of Haute-Loire, from the command")
        for name, words in PAPERS:
            out = Path(folder) / "paper.pdf"
            started = time.perf_counter()
            _vigie(known, *words, "--out", str(out))
            seconds = time.perf_counter() - started
            papers.add_row(name, f"{seconds:.1f}", f"{out.stat().st_size / 1e3:,.0f}")
        console.print(papers)


def _in_own_process(*words: str) -> str:
    command = [sys.executable, "-m", "tests.bench_files", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _vigie(known: dict[str, str], *words: str) -> None:
    command = [str(Path(sys.executable).parent / "vigie"), *words]
    env = {**os.environ, **known}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)


if __name__ == "__main__":
    main(sys.argv[1:])
