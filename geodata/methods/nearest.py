"""The nearest: how far from each point in a plane the closest of some others is, and which.

Exact, for millions of points: destinations are sorted into cells, and each search starts from
what was nearest to the point before it, close by, so that it looks at a few cells only.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.methods import kernels
from geodata.methods.amounts import FloatArray
from geodata.methods.kernels import IntArray, Lattice
from geodata.methods.lattice import (
    Engine,
    box,
    even_cuts,
    known_engine,
    lattice_over,
    plane_points,
    share_out,
    slack,
    sorted_side,
    squared_distances,
    thread_count,
)


class Nearest(NamedTuple):
    """What is nearest to each origin.

    Attributes:
        distance: (n,) in the unit of the coordinates; NaN where there is no destination at all.
        destination: (n,) int64 position of the nearest destination, the lowest of several at one
            distance; -1 where there is none.
    """

    distance: FloatArray
    destination: npt.NDArray[np.int64]


def nearest(
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
    *,
    threads: int | None = None,
    engine: Engine = "numba",
) -> Nearest:
    """Return the nearest destination of each origin, points in a plane, and how far it is.

    Args:
        origins: (n, 2) finite coordinates in a plane. destinations: (m, 2) likewise.
        threads: how many; by default as many as this process may use. Results are the same.
        engine: "numba" compiled, or "numpy", from all distances.

    Raises:
        ValueError: for coordinates that are unknown or not in pairs, or a parameter out of range.

    >>> found = nearest([(0, 0), (6, 8)], [(10, 8), (3, 4), (3, 4)], engine="numpy")
    >>> found.distance.tolist(), found.destination.tolist()
    ([5.0, 4.0], [1, 0])
    """
    start, end = plane_points(origins, "origins"), plane_points(destinations, "destinations")
    squared = np.full(len(start), np.nan)
    position = np.full(len(start), -1, dtype=np.int32)
    side_by_side = thread_count(threads)
    if known_engine(engine) == "numba" and len(start) and len(end):
        _search(start, end, squared, position, side_by_side)
    elif len(start) and len(end):
        step = max(1, 1_000_000 // len(end))
        for first in range(0, len(start), step):
            rows = slice(first, first + step)
            apart = squared_distances(start[rows], end)
            position[rows] = apart.argmin(axis=1)
            squared[rows] = apart.min(axis=1)
    return Nearest(np.sqrt(squared), position.astype(np.int64))


def _search(
    start: FloatArray, end: FloatArray, squared: FloatArray, position: IntArray, threads: int
) -> None:
    """Write what is nearest to each of `start`, in an order that keeps neighbours together."""
    walk = sorted_side(start, _square_cells(start, cells_per_point=1 / 16)).order
    lattice = _square_cells(end, cells_per_point=8)
    side = sorted_side(end, lattice)
    xs, ys = (np.ascontiguousarray(column) for column in start.T)
    margin = slack(*box(start, end))

    def searched(first: int, last: int) -> None:
        kernels.find_nearest(
            lattice, margin, walk, xs, ys, side.order, side.xs, side.ys, side.starts,
            first, last, squared, position,
        )  # fmt: skip

    share_out(searched, even_cuts(len(start), threads), threads)


def _square_cells(points: FloatArray, cells_per_point: float) -> Lattice:
    """A lattice of square cells over the points, so many to each."""
    low, high = box(points)
    across, up = (high - low).tolist()
    cells = max(1.0, cells_per_point * len(points))
    size = math.sqrt(across * up / cells)
    return lattice_over(low, high, size, size, math.ceil(2 * cells))
