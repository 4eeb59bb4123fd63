"""Figures of speed, against a peer in the same run: `make bench` prints a table and exits 0."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from geodata.methods.decay import StepWeights
from geodata.methods.travel import straight_line_minutes
from geodata.methods.weighted_trips import e2sfca
from tests import bench_engine

WEIGHTS = StepWeights((5.0, 10.0, 15.0), (1.0, 0.68, 0.22))
RUNS = 5

SHARED = """
WITH pairs AS (
    SELECT d.i, s.j, d.demand, s.supply,
        2 * 6371.0088 * asin(sqrt(
            pow(sin(radians(s.lat - d.lat) / 2), 2)
            + cos(radians(d.lat)) * cos(radians(s.lat))
            * pow(sin(radians(s.lon - d.lon) / 2), 2))) * 1.4 / 50 * 60 AS t
    FROM points d, (SELECT * RENAME (i AS j) FROM points WHERE supply > 0) s
), weighted AS (
    SELECT *, CASE WHEN t <= 5 THEN 1.0 WHEN t <= 10 THEN 0.68 ELSE 0.22 END AS w
    FROM pairs WHERE t <= 15
), ratios AS (
    SELECT j, any_value(supply) / nullif(sum(w * demand), 0) AS r FROM weighted GROUP BY j
)
SELECT i, sum(w * r * demand) AS effective FROM weighted JOIN ratios USING (j) GROUP BY i ORDER BY i
"""


def communes() -> pd.DataFrame:
    """Seats of the embedded communes with invented demand and supply (seeded)."""
    areas = gpd.read_parquet("geodata/embedded/territory/areas.parquet")
    seats = areas[areas["level"] == "commune"]
    random = np.random.default_rng(43)
    return pd.DataFrame(
        {
            "i": np.arange(len(seats)),
            "lon": seats["seat_longitude"].to_numpy(),
            "lat": seats["seat_latitude"].to_numpy(),
            "demand": random.poisson(20, len(seats)).astype(float),
            "supply": random.poisson(8, len(seats)).astype(float),
        }
    )


def engine(points: pd.DataFrame) -> pd.Series:
    """Our engine: minutes, then two steps."""
    places = points[["lon", "lat"]].to_numpy()
    minutes = straight_line_minutes(places, places, 1.4, 50.0)
    return pd.Series(e2sfca(points["demand"], points["supply"], minutes, WEIGHTS).effective)


def peer(points: pd.DataFrame) -> pd.Series:
    """The same in DuckDB's SQL."""
    found = duckdb.execute(SHARED).df().set_index("i")["effective"]
    return found.reindex(points["i"]).fillna(0.0)


def seconds(act: Callable[[], object]) -> float:
    """Median seconds of a few runs, after one that does not count."""
    act()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Print the tables."""
    bench_engine.main()
    points = communes()
    duckdb.register("points", points)
    apart = float(np.abs(engine(points).to_numpy() - peer(points).to_numpy()).max())
    ours, theirs = seconds(lambda: engine(points)), seconds(lambda: peer(points))
    table = Table("E2SFCA", "areas", "median s", "ratio", "largest difference")
    table.add_row("geodata.methods", str(len(points)), f"{ours:.3f}", "1.0", "")
    ratio = f"{theirs / ours:.1f}"
    table.add_row("DuckDB SQL", str(len(points)), f"{theirs:.3f}", ratio, f"{apart:.1e}")
    Console().print(table)


if __name__ == "__main__":
    main()
