"""One way to compute one case, in a process of its own: `python -m tests.bench_peers`.

Prints a line of JSON: seconds inside, peak memory; leaves the result in a file for comparison.
What is timed starts from points in memory, or from a table of distances where the name says so:
then making the table is not timed.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bench_cases import CASES, Case, FloatArray

BLOCK = 20_000
"""Origins whose pairs are in memory at once, where a peer computes in blocks."""

MOST_KEPT = 50_000_000
"""Pairs of the longest table that is written to a file; longer ones are made by who needs them."""

Answer = dict[str, FloatArray]
Timed = Callable[[], Answer]


def vigie(case: Case, table: Path) -> Timed:
    """Ours, compiled or loaded beforehand, as `make run` does."""
    from geodata.methods.accessibility import two_step_catchments
    from geodata.methods.banded import BandedPoints, warm

    warm()
    origins, destinations = case.points()
    people, places = case.amounts()

    def timed() -> Answer:
        near = BandedPoints(origins, destinations, case.zones)
        return {"access": two_step_catchments(people, places, near).access}

    return timed


def vigie_pairs(case: Case, table: Path) -> Timed:
    """How many pairs are within reach."""
    from geodata.methods.banded import BandedPoints
    from geodata.methods.decay import StepWeights

    near = BandedPoints(*case.points(), StepWeights((case.reach_km,), (1,)))
    return lambda: {"pairs": near.at_destinations(np.ones(case.origins))}


def access_table(case: Case, table: Path) -> Timed:
    """PySAL access on a ready table of distances: its best case."""
    import pandas as pd
    from access import Access, weights

    warnings.simplefilter("ignore")
    origin, destination, cost = table_of(case, table)
    if len(origin) < MOST_KEPT:
        # As pandas reads whole numbers. The longest table stays as small as it can be.
        origin, destination = origin.astype(np.int64), destination.astype(np.int64)
    people, places = case.amounts()
    costs = pd.DataFrame({"origin": origin, "dest": destination, "cost": cost}, copy=False)
    zones = dict(zip(case.zones.upper_minutes, case.zones.weights, strict=True))

    def timed() -> Answer:
        model = Access(
            demand_df=pd.DataFrame({"id": range(case.origins), "people": people}),
            demand_index="id",
            demand_value="people",
            supply_df=pd.DataFrame({"id": range(case.destinations), "places": places}),
            supply_index="id",
            supply_value="places",
            cost_df=costs,
            cost_origin="origin",
            cost_dest="dest",
            cost_name="cost",
        )
        found = model.enhanced_two_stage_fca(
            max_cost=case.reach_km, weight_fn=weights.step_fn(zones)
        )
        return {"access": found.iloc[:, 0].reindex(range(case.origins)).fillna(0).to_numpy()}

    return timed


def scipy_table(case: Case, table: Path) -> Timed:
    """A sparse matrix of scipy from a ready table of distances: its best case."""
    from scipy.sparse import csr_array

    origin, destination, cost = table_of(case, table)
    people, places = case.amounts()

    def timed() -> Answer:
        shape = case.origins, case.destinations
        weights = csr_array((case.zones.of(cost), (origin, destination)), shape)
        return {"access": weights @ shares(places, weights.T @ people)}

    return timed


def scipy_points(case: Case, table: Path) -> Timed:
    """The same from points: scipy's tree finds the pairs, its sparse matrix multiplies."""
    from scipy.sparse import csr_array

    origins, destinations = case.points()
    people, places = case.amounts()

    def timed() -> Answer:
        shape = case.origins, case.destinations
        origin, destination, cost = pairs(origins, destinations, case.reach_km)
        weights = csr_array((case.zones.of(cost), (origin, destination)), shape)
        return {"access": weights @ shares(places, weights.T @ people)}

    return timed


def scipy_blocks(case: Case, table: Path) -> Timed:
    """The same in blocks of origins, found twice: what one writes when memory runs out."""
    from scipy.sparse import csr_array

    origins, destinations = case.points()
    people, places = case.amounts()

    def weights(first: int) -> csr_array:
        block = origins[first : first + BLOCK]
        origin, destination, cost = pairs(block, destinations, case.reach_km)
        shape = len(block), case.destinations
        return csr_array((case.zones.of(cost), (origin, destination)), shape)

    def timed() -> Answer:
        sharers = np.zeros(case.destinations)
        for first in range(0, case.origins, BLOCK):
            sharers += weights(first).T @ people[first : first + BLOCK]
        ratio = shares(places, sharers)
        blocks = [weights(first) @ ratio for first in range(0, case.origins, BLOCK)]
        return {"access": np.concatenate(blocks)}

    return timed


def vigie_nearest(case: Case, table: Path) -> Timed:
    """Ours."""
    from geodata.methods.banded import warm
    from geodata.methods.nearest import nearest

    warm()
    origins, destinations = case.points()
    return lambda: {"distance": nearest(origins, destinations).distance}


def scipy_nearest(case: Case, table: Path) -> Timed:
    """scipy's tree."""
    from scipy.spatial import KDTree

    origins, destinations = case.points()
    return lambda: {"distance": KDTree(destinations).query(origins)[0]}


def geopandas_nearest(case: Case, table: Path) -> Timed:
    """The join of geopandas, on frames that are ready."""
    import geopandas as gpd

    left, right = (gpd.GeoDataFrame(geometry=gpd.points_from_xy(*side.T)) for side in case.points())

    def timed() -> Answer:
        joined = left.sjoin_nearest(right, distance_col="distance")
        # Of several at one distance it gives each.
        first = joined["distance"][~joined.index.duplicated()]
        return {"distance": first.to_numpy()}

    return timed


def shares(places: FloatArray, sharers: FloatArray) -> FloatArray:
    """Places per person where there is anyone."""
    return np.divide(places, sharers, out=np.zeros_like(places), where=sharers > 0)


def pairs(
    origins: FloatArray, destinations: FloatArray, reach_km: float
) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """Pairs within reach, found by scipy: positions and kilometres."""
    from scipy.spatial import KDTree

    found = KDTree(origins).sparse_distance_matrix(
        KDTree(destinations), reach_km, output_type="ndarray"
    )
    return found["i"], found["j"], found["v"]


def table_of(case: Case, table: Path) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """The table of distances: read from a file if it is there, else made, as small as it can be.

    16 bytes a pair: two 32-bit positions and a double.
    """
    files = [table.with_suffix(f".{name}.npy") for name in ("origin", "destination", "km")]
    if not files[0].exists():
        counted = sum(int(block.sum()) for block in vigie_pairs(case, table)().values())
        columns = [np.empty(counted, dtype) for dtype in (np.int32, np.int32, np.float64)]
        origins, destinations = case.points()
        filled = 0
        for first in range(0, case.origins, BLOCK):
            origin, destination, km = pairs(
                origins[first : first + BLOCK], destinations, case.reach_km
            )
            rows = slice(filled, filled + len(origin))
            columns[0][rows], columns[1][rows], columns[2][rows] = origin + first, destination, km
            filled = rows.stop
        if counted > MOST_KEPT:
            return columns[0], columns[1], columns[2]
        for file, column in zip(files, columns, strict=True):
            np.save(file, column[:filled])
    return tuple(np.load(file) for file in files)  # type: ignore[return-value]


def table_made(case: Case, table: Path) -> Timed:
    """Leave the table in files, for those who want it ready."""
    return lambda: {"km": table_of(case, table)[2][:1]}


PEERS = {
    "vigie": vigie,
    "pairs": vigie_pairs,
    "table": table_made,
    "access, ready table": access_table,
    "scipy CSR, ready table": scipy_table,
    "scipy CSR": scipy_points,
    "scipy CSR in blocks": scipy_blocks,
    "vigie nearest": vigie_nearest,
    "scipy KDTree": scipy_nearest,
    "geopandas sjoin_nearest": geopandas_nearest,
}


def peak_bytes() -> int:
    """The most memory this process has held; not what its parent held before it started."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Compute once, say how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most-bytes", type=int)
    parser.add_argument("--most-seconds", type=int)
    asked = parser.parse_args()
    if asked.most_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (asked.most_bytes, asked.most_bytes))
    if asked.most_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (asked.most_seconds, asked.most_seconds + 5))
    timed = PEERS[asked.peer](CASES[asked.case], asked.folder / asked.case)
    start = time.perf_counter()
    answer = timed()
    inside = time.perf_counter() - start
    told = {"inside": inside, "peak_bytes": peak_bytes()}
    if asked.peer == "pairs":
        told["pairs"] = float(answer["pairs"].sum())
    else:
        np.save(asked.folder / f"{asked.case}.{asked.peer}.answer.npy", *answer.values())
    print(json.dumps(told))


if __name__ == "__main__":
    main()
