"""The nearest of many points: against all distances, and a tree written by others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial import KDTree

from geodata.methods.amounts import FloatArray
from geodata.methods.nearest import nearest


def clustered(seed: int, count: int, spread: float) -> FloatArray:
    """Points around five towns, one of them far away."""
    random = np.random.default_rng(seed)
    towns = np.array([(0, 0), (100, 0), (30, 80), (31, 82), (5000, -7000.0)])
    return towns[random.integers(0, 5, count)] + random.normal(0, spread, (count, 2))


def line(places: FloatArray) -> FloatArray:
    """Points on one line."""
    return np.column_stack((places, np.zeros(len(places))))


#: Origins and destinations.
SIDES = {
    "towns": (clustered(1, 800, 10), clustered(2, 300, 3)),
    "far from any": (clustered(3, 300, 500), clustered(4, 40, 1)),
    "one destination": (clustered(5, 50, 5), clustered(6, 1, 5)),
    "one origin": (clustered(7, 1, 5), clustered(8, 500, 5)),
    "ties": (np.indices((12, 12)).T.reshape(-1, 2), np.indices((9, 9)).T.reshape(-1, 2) * 1.5),
    "on a line": (line(np.arange(99.0)), line(np.arange(9.0) ** 2)),
    "one place": (np.zeros((30, 2)), np.zeros((70, 2))),
}


@pytest.mark.parametrize("name", SIDES)
def test_agrees_with_all_distances(name: str) -> None:
    """The same distance to the last bit, and of several at one distance the first."""
    found = nearest(*SIDES[name])
    expected = nearest(*SIDES[name], engine="numpy")
    np.testing.assert_array_equal(found.distance, expected.distance)
    np.testing.assert_array_equal(found.destination, expected.destination)


def test_agrees_with_a_tree_and_does_not_depend_on_threads() -> None:
    """Twenty thousand to two thousand; one, two and five threads give the same bytes."""
    origins, destinations = clustered(10, 20_000, 40), clustered(11, 2000, 30)
    runs = [nearest(origins, destinations, threads=threads) for threads in (1, 2, 5)]
    assert len({run.distance.tobytes() + run.destination.tobytes() for run in runs}) == 1
    distance, destination = KDTree(destinations).query(origins)
    np.testing.assert_allclose(runs[0].distance, distance, rtol=1e-14)
    np.testing.assert_array_equal(runs[0].destination, destination)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_where_there_is_nothing_there_is_no_nearest(engine: str) -> None:
    """No destination is NaN and -1, never a large distance; no origin, no answer."""
    found = nearest([(1, 2)], [], engine=engine)
    assert math.isnan(found.distance[0])
    assert found.destination.tolist() == [-1]
    found = nearest([], [(1, 2)], engine=engine)
    assert found.distance.size == found.destination.size == 0


def test_what_is_wrong_is_refused() -> None:
    """Unknown coordinates, an unknown engine."""
    with pytest.raises(ValueError, match="destinations has 1"):
        nearest([(0, 0)], [(0, math.inf)])
    with pytest.raises(ValueError, match='"numba" or "numpy"'):
        nearest([(0, 0)], [(0, 0)], engine="sql")  # type: ignore[arg-type]
