"""Contiguity: which areas are beside which.

Queen: they share a border or a point of it. Rook: they share a stretch of border.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geodata.methods.amounts import FloatArray

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Who is beside whom among n areas; whoever is beside another has that one beside itself.

    Attributes:
        start: (n + 1,) where each area's neighbours begin in `other`; the last is its length.
        other: (m,) positions of the neighbours, ascending for each area.
    """

    start: Positions
    other: Positions

    @property
    def size(self) -> int:
        """How many areas there are."""
        return self.start.size - 1

    def degree(self) -> Positions:
        """Return (n,) how many neighbours each area has."""
        return np.diff(self.start)

    def owners(self) -> Positions:
        """Return (m,) whose neighbour each of `other` is."""
        return np.repeat(np.arange(self.size), self.degree())

    def sums(self, values: FloatArray) -> FloatArray:
        """Return (n,) the sum of `values` over each area's neighbours; 0 where it has none."""
        return np.bincount(self.owners(), values[self.other], self.size).astype(np.float64)

    def among(self, kept: Positions) -> Neighbours:
        """Return who is beside whom among the areas at these ascending positions, renumbered."""
        number = np.full(self.size, -1)
        number[kept] = np.arange(kept.size)
        here, there = number[self.owners()], number[self.other]
        both = (here >= 0) & (there >= 0)
        return _from_pairs(here[both], there[both], kept.size)


def neighbours_of(pairs: Iterable[tuple[int, int]], size: int) -> Neighbours:
    """Return the neighbours among `size` areas, of whom these pairs are beside each other.

    Raises:
        ValueError: for a position that is not one of an area.

    >>> row = neighbours_of([(0, 1), (2, 1)], 4)
    >>> row.degree().tolist(), row.other.tolist()
    ([1, 2, 1, 0], [1, 0, 2, 1])
    """
    table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    if ((table < 0) | (table >= size)).any():
        raise ValueError(f"a pair has a position out of 0..{size - 1}")
    both = np.concatenate([table, table[:, ::-1]])
    both = np.unique(both[both[:, 0] != both[:, 1]], axis=0)
    return _from_pairs(both[:, 0], both[:, 1], size)


def contiguity(geometries: Sequence[shapely.Geometry], is_rook: bool = False) -> Neighbours:
    """Return which polygons are beside which: they touch or, from bad drawing, overlap.

    Args:
        geometries: (n,) polygons whose borders meet in the same points; None or empty where there
            is none, which is beside nobody.
        is_rook: whether a common point is not enough.

    Four squares: the first two share a side, the third a corner with the first, the last is far.

    >>> squares = [shapely.box(x, y, x + 1, y + 1) for x, y in [(0, 0), (1, 0), (-1, 1), (5, 5)]]
    >>> contiguity(squares).degree().tolist(), contiguity(squares, is_rook=True).degree().tolist()
    ([2, 1, 1, 0], [1, 1, 0, 0])
    """
    shapes = np.asarray(geometries, dtype=object)
    here, there = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = here < there
    here, there = here[once], there[once]
    if is_rook:
        shapely.prepare(shapes)
        # How their insides (first sign) and borders (fifth) meet: 0 in points, 1 in lines, 2.
        signs = np.array(shapely.relate(shapes[here], shapes[there]), dtype="U9")
        signs = signs.view("U1").reshape(-1, 9)
        is_line = (signs[:, 4] == "1") | (signs[:, 0] == "2")
        here, there = here[is_line], there[is_line]
    both = np.concatenate([np.stack([here, there], 1), np.stack([there, here], 1)])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return _from_pairs(both[:, 0], both[:, 1], len(shapes))


def _from_pairs(here: Positions, there: Positions, size: int) -> Neighbours:
    """Return the neighbours of pairs in order, each given from both sides."""
    start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=size))])
    return Neighbours(start.astype(np.int64), there.astype(np.int64))
