"""Lattices: points in a plane sorted into cells, and work shared among threads.

What `banded` and `nearest` have in common; the loops themselves are in `kernels`.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.methods import kernels
from geodata.methods.amounts import FloatArray
from geodata.methods.kernels import IntArray, Lattice

Engine = Literal["numba", "numpy"]
"""How to compute: compiled, or from whole rows of the matrix of distances, slow and plain."""

PARTS = 64
"""Into how many parts work is cut, for the threads to take one by one."""


class Side(NamedTuple):
    """Points sorted by cell.

    Attributes:
        order: (n,) their positions. xs, ys: (n,) their coordinates, sorted.
        starts: (rows * columns + 1,) where each cell starts in these.
    """

    order: IntArray
    xs: FloatArray
    ys: FloatArray
    starts: IntArray


def sorted_side(points: FloatArray, lattice: Lattice) -> Side:
    """Return (n, 2) points, all of them on the lattice, sorted into its cells."""
    order = np.empty(len(points), dtype=np.int32)
    starts = np.zeros(lattice.rows * lattice.columns + 1, dtype=np.int32)
    xs, ys = (np.ascontiguousarray(column) for column in points.T)
    kernels.sort(xs, ys, lattice, order, starts)
    return Side(order, xs[order], ys[order], starts)


def lattice_over(
    low: FloatArray, high: FloatArray, width: float, height: float, most_cells: int
) -> Lattice:
    """Return a lattice over a box, of such cells, or of larger ones if they were too many.

    >>> lattice_over(np.array([0.0, 0.0]), np.array([10.0, 4.0]), 1.0, 2.0, 10_000)
    Lattice(x0=0.0, y0=0.0, width=1.0, height=2.0, columns=11, rows=3)
    """
    across, up = (high - low).tolist()
    most = max(most_cells, 4096)
    finest = (max(across, up) or 1.0) / most
    width, height = max(width, finest), max(height, finest)
    while (across // width + 1) * (up // height + 1) > most:
        width, height = 1.25 * width, 1.25 * height
    columns, rows = int(across // width) + 1, int(up // height) + 1
    return Lattice(float(low[0]), float(low[1]), width, height, columns, rows)


def box(*sides: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and the highest coordinates of all points, (2,) each."""
    return (
        np.min([points.min(axis=0) for points in sides], axis=0),
        np.max([points.max(axis=0) for points in sides], axis=0),
    )


def slack(low: FloatArray, high: FloatArray, reach: float = 0.0) -> float:
    """Return a length above what rounding does to a coordinate; runs are made longer by it."""
    return float(64 * np.finfo(float).eps * max(np.abs(low).max(), np.abs(high).max(), reach))


def squared_distances(start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the (n, m) squared distances, computed as the kernels compute them."""
    dx = start[:, 0, np.newaxis] - end[:, 0]
    dy = start[:, 1, np.newaxis] - end[:, 1]
    return np.asarray(dx * dx + dy * dy, dtype=np.float64)


def plane_points(points: npt.ArrayLike, name: str) -> FloatArray:
    """Return `points` as an (n, 2) array of finite coordinates.

    Raises:
        ValueError: for another shape, or coordinates that are unknown or infinite.
    """
    array = np.asarray(points, dtype=np.float64)
    if array.shape == (0,):
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"{name} must be (n, 2) coordinates in a plane, not {array.shape}")
    placed = np.isfinite(array).all(axis=1)
    if not placed.all():
        first = int(np.flatnonzero(~placed)[0])
        raise ValueError(
            f"{name} has {int((~placed).sum())} point(s) without finite coordinates, "
            f"the first at position {first} ({array[first].tolist()})"
        )
    return array


def known_engine(engine: Engine) -> Engine:
    """Return `engine`, or raise ValueError if there is none of that name."""
    if engine not in ("numba", "numpy"):
        raise ValueError(f'engine must be "numba" or "numpy", not {engine!r}')
    return engine


def thread_count(threads: int | None) -> int:
    """Return `threads`, or as many as this process may use.

    Raises:
        ValueError: for fewer than one.
    """
    if threads is None:
        is_told = hasattr(os, "sched_getaffinity")
        return len(os.sched_getaffinity(0)) if is_told else os.cpu_count() or 1
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, not {threads}")
    return threads


def share_out(work: Callable[[int, int], None], cuts: Sequence[int], threads: int) -> None:
    """Do `work` from each cut to the next, so many parts at a time.

    The threads are Python's own. With those of numba (OpenMP), a process that forks afterwards
    loses its children.
    """
    parts = [(a, b) for a, b in itertools.pairwise(cuts) if a < b]
    if threads == 1 or len(parts) <= 1:
        for first, last in parts:
            work(first, last)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, first, last) for first, last in parts]:
            done.result()


def even_cuts(count: int, threads: int) -> list[int]:
    """Return where to cut `count` pieces of work: into one part for one thread, else many."""
    parts = PARTS if threads > 1 else 1
    return [count * k // parts for k in range(parts + 1)]
