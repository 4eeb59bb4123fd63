"""`make audit`: an invented caseload is protected and audited; no cell may be under the guarantee.

Measures in force on each 31 December, by area, age, sex and kind of measure: areas of every level,
nested or not, and invented sectors that cut across them. Three successive extracts of one caseload
make three releases; some measures are entered late, so that counts are revised between them. Each
release is protected with those before it, then audited alone and together with them.

Then whole caseloads, of other days and other draws, go through the reader of own records: every
count that it would tell is protected and audited as a refresh does it.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_array

from etl.records.audits import RELEASE
from etl.records.commands import embedded_volumes
from etl.records.invented import caseload
from geodata.catalogue.loader import catalogue
from geodata.methods.disclosure.audit import Audit, audited
from geodata.methods.disclosure.protection import protected
from geodata.methods.disclosure.release_set import (
    Guarantee,
    ReleaseSet,
    carried,
    joined,
    release_set,
    told_before,
)
from geodata.methods.disclosure.subtraction import recovered
from tests import caseloads

TERRITORY, SEED = "haute_loire", 43
EXTRACTS = tuple(date(year, 10, 31) for year in (2024, 2025, 2026))
#: Days and draws of the caseloads that go through the reader: what is told differs with both.
READ = (
    (date(2026, 3, 9), 44),
    (date(2026, 7, 3), 45),
    (EXTRACTS[-1], 43),
    (date(2026, 11, 22), 43),
)
#: Ages from each of these on, up to the next.
AGES = (0, 6, 12, 18)
#: Measures that end at eighteen: nobody has one at that age, as everybody knows.
UNTIL_EIGHTEEN = ("home_support", "reinforced_home_support", "trusted_person")
#: Invented sectors of action; share of measures entered late, and by how many days at most.
SECTORS, LATE, DAYS = 8, 0.08, 900
SECTOR = "invented sector"
#: A table is told where its cells hold so many on average: one full of holes helps nobody.
MEAN = 20.0


@dataclass(frozen=True)
class World:
    """Areas, what groups them, and every measure with the day on which it was entered."""

    finest: str
    areas: tuple[str, ...]
    groups: dict[str, np.ndarray]
    measures: pd.DataFrame
    kinds: tuple[str, ...]
    guarantee: Guarantee
    ages: tuple[int, ...] = AGES


@dataclass(frozen=True)
class Year:
    """What was found of one 31 December."""

    year: int
    alone: Audit
    together: Audit
    releases: int
    revised: int
    attacked: int
    crossed: int
    primary: int
    left: int
    seconds: float
    megabytes: float


def world() -> World:
    """The territory and its invented caseload, with the sectors that cut across its areas."""
    words = catalogue(TERRITORY)
    territory = words.territory
    folder = resources.files("geodata") / "embedded" / "territory"
    members = pd.read_csv(str(folder / "membership.csv"), dtype=str)
    members = members[members["level"] == territory.finest_level]
    whole = members[
        (members["parent_level"] == territory.area.level)
        & (members["parent_id"] == territory.area.area_id)
    ]
    areas = tuple(sorted(whole["area_id"]))
    groups = {}
    for level, rows in members[members["area_id"].isin(areas)].groupby("parent_level"):
        parents = rows.set_index("area_id")["parent_id"].reindex(list(areas))
        if parents.notna().all():
            groups[str(level)] = pd.factorize(parents, sort=True)[0]
    groups[SECTOR] = _sectors(areas, str(folder / "areas.parquet"), territory.finest_level)
    measures = caseload(embedded_volumes(words), EXTRACTS[-1], SEED)["own_measures"]
    draw = np.random.default_rng(SEED)
    delay = np.where(draw.random(len(measures)) < LATE, draw.integers(0, DAYS, len(measures)), 0)
    started = pd.to_datetime(measures["started_on"])
    measures = measures.assign(
        entered_on=(started + pd.to_timedelta(delay, "D")).dt.strftime("%Y-%m-%d")
    )
    profile = words.profiles["child_protection"]
    return World(
        territory.finest_level,
        areas,
        groups,
        measures,
        tuple(sorted(measures["kind"].unique())),
        Guarantee(profile.smallest, profile.share, profile.is_zero_sensitive),
    )


def _sectors(areas: Sequence[str], path: str, finest: str) -> np.ndarray:
    """The invented sector of each area: that whose centre, the seat of an area, is nearest."""
    seats = pd.read_parquet(path, columns=["level", "area_id", "seat_longitude", "seat_latitude"])
    seats = seats[seats["level"] == finest].set_index("area_id").loc[list(areas)]
    places = seats[["seat_longitude", "seat_latitude"]].to_numpy(dtype="float64") * [0.7, 1.0]
    centres = places[np.random.default_rng(SEED).choice(len(places), SECTORS, replace=False)]
    return ((places[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)


def counted(about: World, year: int, extracted: date) -> np.ndarray:
    """Measures in force on 31 December, as an extract knows them: area x age x sex x kind."""
    day, known = f"{year}-12-31", extracted.isoformat()
    rows = about.measures
    ended = rows["ended_on"].where(rows["ended_on"] <= known, "")
    running = (rows["started_on"] <= day) & ~((ended != "") & (ended <= day))
    rows = rows[running & (rows["entered_on"] <= known)]
    age = year - rows["birth_month"].str.slice(0, 4).astype(int)
    place = (
        rows["area_id"].map({area: i for i, area in enumerate(about.areas)}),
        np.searchsorted(about.ages, age, side="right") - 1,
        (rows["sex"] == "f").astype(int),
        rows["kind"].map({kind: i for i, kind in enumerate(about.kinds)}),
    )
    counts = np.zeros((len(about.areas), len(about.ages), 2, len(about.kinds)), dtype="int64")
    np.add.at(counts, tuple(np.asarray(axis, dtype="int64") for axis in place), 1)
    return counts


def releases(about: World, year: int, with_areas: bool = False) -> list[ReleaseSet]:
    """The cells of one 31 December in every release that has it; the finest areas are not told."""
    tables = [counted(about, year, extracted) for extracted in EXTRACTS if extracted.year > year]
    shape = tables[-1].shape
    where = np.indices(shape).reshape(4, -1)
    ended = [i for i, kind in enumerate(about.kinds) if kind in UNTIL_EIGHTEEN]
    dead = (np.array(about.ages)[where[1]] >= 18) & np.isin(where[3], ended)
    dead &= sum(table.ravel() for table in tables) == 0
    atoms = where[:, ~dead]
    rows, levels, may_tell = [], [], []
    last = tables[-1].ravel()[~dead]
    start = 0
    for level, group in {about.finest: np.arange(shape[0]), **about.groups}.items():
        for kept in product((False, True), repeat=3):
            code = group[atoms[0]]
            for axis, is_kept in zip((1, 2, 3), kept, strict=True):
                code = code * (shape[axis] + 1) + (atoms[axis] if is_kept else shape[axis])
            _, place = np.unique(code, return_inverse=True)
            count = int(place.max()) + 1
            rows.append(place + start)
            start += count
            levels += [level] * count
            worth = float(last.sum()) / count >= MEAN or not any(kept)
            may_tell += [worth and (level != about.finest or with_areas)] * count
    cells = csr_array(
        (
            np.ones(len(rows) * atoms.shape[1], dtype="int64"),
            (np.concatenate(rows), np.tile(np.arange(atoms.shape[1]), len(rows))),
        ),
        shape=(start, atoms.shape[1]),
    )
    return [
        replace(
            release_set(table.ravel()[~dead], cells, about.guarantee, levels),
            may_tell=np.array(may_tell),
        )
        for table in tables
    ]


def audit_of(year: int) -> Year:
    """Protect every release of one 31 December, then audit the last alone and all together."""
    begun = time.perf_counter()
    sets = releases(world(), year)
    before: list[ReleaseSet] = []
    tables = None
    now = sets[0].may_tell
    for each in sets:
        # What was withheld of this day stays so: masks should change little between releases.
        fresh = replace(each, may_tell=now)
        together = joined([*before, fresh])
        start = None if tables is None else carried(tables, before, [*before, fresh])
        masks = protected(together, start)
        now = masks.is_told[-len(fresh.loss) :]
        tables = masks.tables
        before.append(told_before(fresh, now))
    last = sets[-1]
    candidates = ~last.is_primary & (np.array(last.level) != world().finest)
    nested = candidates & np.isin(last.level, crossing(world()))
    return Year(
        year,
        audited(last, now),
        audited(together, masks.is_told, tables=tables),
        len(sets),
        len(together.counts) - len(last.counts),
        int(recovered(last, candidates).sum()),
        int(recovered(last, nested).sum()),
        int(last.is_primary.sum()),
        int(recovered(last, now).sum()),
        time.perf_counter() - begun,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def read_on(day: date, seed: int) -> pd.DataFrame:
    """What the reader of own records says of its protection: source_id, scope, measure, value.

    Raises
    ------
    RejectedFile
        When the counts of a source cannot be protected, or one is below its guarantee.
    """
    begun = time.perf_counter()
    words = catalogue(TERRITORY)
    size = embedded_volumes(words)
    files = caseloads.written(caseload(size, day, seed))
    with TemporaryDirectory() as folder:
        made, _ = caseloads.staged(files, caseloads.known(words, size, Path(folder)))
    told = [x.tables["disclosure_audit"] for x in made.values() if "disclosure_audit" in x.tables]
    found = pd.concat(told, ignore_index=True)
    found = found[found["scope"] == RELEASE]
    return found.assign(extract=f"{day}, draw {seed}", seconds=time.perf_counter() - begun)


def crossing(about: World) -> list[str]:
    """The two finest published levels whose areas cross: an area of one less some of the other."""
    sizes = {level: len(np.unique(group)) for level, group in about.groups.items()}
    return sorted(sizes, key=lambda level: -sizes[level])[:2]


def main(given: Sequence[str] | None = None) -> int:
    """Print what was found; 1 when a cell is below the guarantee."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("--years", type=int, nargs="*", help="31 Decembers; all by default")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args(given)
    years = chosen.years or range(EXTRACTS[0].year - 2, EXTRACTS[-1].year)
    start = time.perf_counter()
    with ProcessPoolExecutor(chosen.workers, mp_context=get_context("spawn")) as workers:
        found = list(workers.map(audit_of, years))
        read = pd.concat(workers.map(read_on, *zip(*READ, strict=True)), ignore_index=True)
    console = Console(width=110)
    _print_cells(console, found)
    _print_utility(console, found)
    below = sum(len(f.alone.below) + len(f.together.below) for f in found)
    below += int(read.loc[read["measure"] == "below", "value"].sum())
    _print_attack(console, found)
    _print_read(console, read)
    console.print(
        f"{time.perf_counter() - start:.0f} s on {chosen.workers} processes, "
        f"{max(f.megabytes for f in found):.0f} MB each; "
        f"[bold]{below} cells below the guarantee[/bold]"
    )
    return int(below > 0 or any(f.left for f in found))


def _print_cells(console: Console, found: Sequence[Year]) -> None:
    table = Table("31 December", title="Cells, protected and told", title_justify="left")
    names = "cells, protected, primary, secondary, told, narrowest, below, audit s"
    for name in names.split(", "):
        table.add_column(name, justify="right")
    for each in found:
        together = f"{each.year}, {each.releases} together ({each.revised} revised)"
        for name, audit in ((f"{each.year}, alone", each.alone), (together, each.together)):
            numbers = (audit.cells, audit.protected, audit.primary, audit.secondary, audit.told)
            width = f"{audit.narrowest:.2f}"
            below = str(len(audit.below))
            table.add_row(name, *map(str, numbers), width, below, f"{audit.seconds:.1f}")
    console.print(table)


def _print_utility(console: Console, found: Sequence[Year]) -> None:
    table = Table("level", title="Told in the last release", title_justify="left")
    for name in ("cells", "told", "share of cells", "share of the count"):
        table.add_column(name, justify="right")
    for level in found[0].alone.utility:
        total: Counter[str] = Counter()
        for each in found:
            total.update(vars(each.alone.utility[level]))
        table.add_row(
            level,
            str(total["cells"]),
            str(total["told"]),
            f"{total['told'] / total['cells']:.1%}",
            f"{total['count_told'] / max(total['count'], 1):.1%}",
        )
    console.print(table)


def _print_attack(console: Console, found: Sequence[Year]) -> None:
    table = Table("31 December", title="Small counts and zeros that subtraction recovers exactly")
    for name in ("of", "masks off", "two crossing levels alone", "masks on"):
        table.add_column(name, justify="right")
    for each in found:
        numbers = (each.primary, each.attacked, each.crossed, each.left)
        table.add_row(str(each.year), *map(str, numbers))
    console.print(table)


def _print_read(console: Console, read: pd.DataFrame) -> None:
    table = Table("extract", "source", title="Told by the reader of own records")
    names = ("cells", "protected", "narrowest", "below")
    for name in (*names, "s for all"):
        table.add_column(name, justify="right")
    for (extract, source), part in read.groupby(["extract", "source_id"], sort=False):
        said = part.set_index("measure")["value"]
        numbers = [f"{said[name]:g}" if name in said else "" for name in names]
        table.add_row(extract, source, *numbers, f"{part['seconds'].iloc[0]:.0f}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
