"""The tables of the invented caseload that the audit looks into: what would be published of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from etl.records.commands import embedded_volumes
from etl.records.invented import caseload
from geodata.catalogue.loader import catalogue
from geodata.methods.disclosure.release_set import Guarantee, ReleaseSet

Integers = npt.NDArray[np.int64]

SEED = 43
#: The first age of each band but the first.
BANDS = (3, 6, 11, 15, 18)
OLDEST = 20
SECTORS = 8
#: Longest delay, in days, with which the invented staff record what happened.
LATE, LATE_SHARE = 120, 0.03
#: A table is offered where so many of its cells are above the threshold: others are mostly holes.
WORTH = 0.8
LEVELS = ("epci", "canton_or_town", "arrondissement", "departement")


@dataclass(frozen=True)
class Ground:
    """The communes, and the area of each level that each is in; ``sector`` is invented."""

    communes: list[str]
    levels: dict[str, Integers]

    @property
    def areas(self) -> int:
        """How many areas there are, communes included."""
        return sum(len(set(codes.tolist())) for codes in self.levels.values())


def ground(membership: pd.DataFrame, seats: pd.DataFrame) -> Ground:
    """The ground of the département: its communes, its levels, and eight invented sectors.

    ``membership``: level, area_id, parent_level, parent_id. ``seats``: area_id, longitude,
    latitude. A sector is what is nearest to one of eight communes drawn with the seed: it cuts
    across EPCI, as real ones do.
    """
    ours = membership[membership["level"] == "commune"]
    inside = ours[(ours["parent_level"] == "departement") & (ours["parent_id"] == "43")]
    communes = sorted(inside["area_id"].unique())
    levels: dict[str, Integers] = {"commune": np.arange(len(communes))}
    for level in LEVELS:
        parents = ours[ours["parent_level"] == level].set_index("area_id")["parent_id"]
        levels[level] = pd.factorize(parents.reindex(communes))[0].astype("int64")
    places = seats.set_index("area_id").reindex(communes)[["longitude", "latitude"]].to_numpy()
    centres = places[np.random.default_rng(SEED).choice(len(communes), SECTORS, replace=False)]
    apart = ((places[:, None] - centres[None]) ** 2).sum(axis=2)
    levels["sector"] = apart.argmin(axis=1)
    return Ground(communes, levels)


def embedded_ground() -> Ground:
    """The ground, from the areas that the project carries."""
    from importlib import resources

    root = resources.files("geodata.embedded") / "territory"
    with resources.as_file(root / "membership.csv") as path:
        membership = pd.read_csv(path, dtype=str)
    with resources.as_file(root / "areas.parquet") as path:
        areas = pd.read_parquet(path)
    seats = areas[areas["level"] == "commune"].rename(
        columns={"seat_longitude": "longitude", "seat_latitude": "latitude"}
    )
    return ground(membership, seats)


def measures() -> pd.DataFrame:
    """The invented measures, each with the day on which it was recorded, and its end likewise."""
    words = catalogue("haute_loire")
    made = caseload(embedded_volumes(words), date(2026, 10, 31), SEED)["own_measures"]
    draw = np.random.default_rng(SEED + 1)
    rows = made[made["area_id"] != ""].reset_index(drop=True)
    for what in ("started_on", "ended_on"):
        days = pd.to_datetime(rows[what].replace("", None))
        late = np.where(draw.random(len(rows)) < LATE_SHARE, draw.integers(1, LATE, len(rows)), 0)
        rows[f"{what}_known"] = days + pd.to_timedelta(late, unit="D")
        rows[what] = days
    return rows


@dataclass(frozen=True)
class Cube:
    """Every cell of one 31 December: which atoms it counts, of which level, and in which table.

    An atom is a commune x an age band x a sex x a kind of measure.
    """

    cells: csr_array
    level: tuple[str, ...]
    table: Integers
    ground: Ground
    kinds: tuple[str, ...]

    def counts(self, rows: pd.DataFrame, year: int, known_on: date) -> Integers:
        """(n,) the measures in force on that 31 December, as they were known on a day."""
        day, known = pd.Timestamp(year, 12, 31), pd.Timestamp(known_on)
        has_ended = (rows["ended_on"] <= day) & (rows["ended_on_known"] <= known)
        running = (rows["started_on"] <= day) & (rows["started_on_known"] <= known) & ~has_ended
        found = rows[running]
        age = (year - found["birth_month"].str[:4].astype(int)).clip(0, OLDEST)
        band = np.digitize(age, BANDS)
        place = pd.Index(self.ground.communes).get_indexer(found["area_id"])
        kind = pd.Index(self.kinds).get_indexer(found["kind"])
        atom = ((place * (len(BANDS) + 1) + band) * 2 + (found["sex"] == "f")) * len(self.kinds)
        size = len(self.ground.communes) * (len(BANDS) + 1) * 2 * len(self.kinds)
        return np.bincount((atom + kind).to_numpy(), minlength=size).astype("int64")

    def offered(self, counts: Integers, smallest: int) -> npt.NDArray[np.bool_]:
        """(m,) cells of the tables in which most cells are above the threshold."""
        enough = (self.cells @ counts) >= smallest
        share = np.bincount(self.table, enough) / np.bincount(self.table)
        return np.asarray(share[self.table] >= WORTH)

    def release_set(
        self, counts: Integers, guarantee: Guarantee, told: npt.NDArray[np.bool_] | None = None
    ) -> ReleaseSet:
        """The set of this day: what may be told, and what was."""
        was_told = np.zeros(len(self.level), dtype=bool) if told is None else told
        may_tell = self.offered(counts, guarantee.smallest) | was_told
        loss = 1.0 + (self.cells @ counts)
        return ReleaseSet(counts, self.cells, loss, guarantee, may_tell, was_told, self.level)


def cube(place: Ground, kinds: Sequence[str], levels: Sequence[str] = ()) -> Cube:
    """All cells: areas of each level x age bands x sexes x kinds, each with its total."""
    bands, sexes, sorts = len(BANDS) + 1, 2, len(kinds)
    atoms = np.arange(len(place.communes) * bands * sexes * sorts)
    sort, rest = atoms % sorts, atoms // sorts
    sex, rest = rest % sexes, rest // sexes
    band, commune = rest % bands, rest // bands
    rows, names, tables = [], list[str](), list[int]()
    start = 0
    for level in levels or place.levels:
        area = place.levels[level][commune]
        for by_band, by_sex, by_sort in itertools.product((True, False), repeat=3):
            key = (area * (bands + 1) + (band if by_band else bands)) * (sexes + 1)
            key = (key + (sex if by_sex else sexes)) * (sorts + 1) + (sort if by_sort else sorts)
            found, which = np.unique(key, return_inverse=True)
            rows.append(start + which.ravel())
            tables += [len(rows) - 1] * len(found)
            names += [level] * len(found)
            start += len(found)
    at = np.concatenate(rows)
    ones = np.ones(len(at), dtype="int64")
    cells = csr_array((ones, (at, np.tile(atoms, len(rows)))), shape=(start, len(atoms)))
    return Cube(cells, tuple(names), np.array(tables), place, tuple(kinds))
