"""Natural breaks: the classes whose values lie closest together (Fisher, Jenks), found exactly.

Of all ways to cut sorted values into k classes, the one with the least sum of squared distances
from the means of the classes. Dynamic programming over the distinct values; where a class of the
best cut begins never moves back as the values that it ends at grow, so each row is searched between
what its neighbours found: k n log n steps instead of k n^2.

Sources:
    W. D. Fisher, "On grouping for maximum homogeneity", Journal of the American Statistical
    Association 53 (1958), 789-798.
    G. F. Jenks, "The data model concept in statistical mapping", International Yearbook of
    Cartography 7 (1967), 186-190.
    H. Wang, M. Song, "Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic
    programming", The R Journal 3/2 (2011), 29-33.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray

Positions = npt.NDArray[np.intp]


def natural_breaks(values: npt.ArrayLike, k: int = 5) -> FloatArray:
    """Return the first value of each class but the lowest, of the best cut into k classes.

    Args:
        values: (n,) numbers; NaN, no value, is left out.
        k: how many classes, at least 1; fewer where there are fewer distinct values.

    Raises:
        ValueError: for an infinite value or k below 1.

    Three heaps, however many lie in each:

    >>> natural_breaks([1, 2, 2, 10, 11, 50], k=3).tolist()
    [10.0, 50.0]
    >>> natural_breaks([4, 4, 4], k=5).tolist()
    []
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers)]
    if np.isinf(numbers).any():
        raise ValueError("values must not be infinite")
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    distinct, counts = np.unique(numbers, return_counts=True)
    wanted = min(k, distinct.size)
    if wanted < 2:
        return np.empty(0)
    sums = _Sums.of(distinct, counts.astype(np.float64))
    least = sums.spread(np.zeros(distinct.size, np.intp), np.arange(distinct.size))
    begins: list[Positions] = []
    for before in range(1, wanted):
        begin, least = _one_class_more(sums, least, before)
        begins.append(begin)
    starts, end = [], distinct.size - 1
    for begin in reversed(begins):
        start = int(begin[end])
        starts.append(start)
        end = start - 1
    return distinct[starts[::-1]]


def spread_within(values: npt.ArrayLike, breaks: npt.ArrayLike) -> float:
    """Return the sum of squared distances of values from the mean of their class.

    A class holds its lower break. This is what natural breaks make least.

    >>> spread_within([1, 3, 10, 12], [10])
    4.0
    """
    numbers = np.asarray(values, dtype=np.float64)
    index = np.searchsorted(np.asarray(breaks, np.float64), numbers, side="right")
    parts = (numbers[index == one] for one in np.unique(index))
    return float(sum(((part - part.mean()) ** 2).sum() for part in parts))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums of sorted values, from their mean so that squares do not cancel."""

    weight: FloatArray
    first: FloatArray
    second: FloatArray

    @classmethod
    def of(cls, distinct: FloatArray, counts: FloatArray) -> _Sums:
        centred = distinct - np.average(distinct, weights=counts)
        parts = (counts, counts * centred, counts * centred**2)
        return cls(*(np.concatenate([[0.0], np.cumsum(part)]) for part in parts))

    def spread(self, begin: Positions, end: Positions) -> FloatArray:
        """The sum of squares around the mean of the values from `begin` to `end`, both included."""
        weight, first, second = (
            sums[end + 1] - sums[begin] for sums in (self.weight, self.first, self.second)
        )
        made: FloatArray = np.maximum(second - first**2 / weight, 0.0)
        return made


def _one_class_more(sums: _Sums, least: FloatArray, before: int) -> tuple[Positions, FloatArray]:
    """Return where the last class best begins, and the least sum, for each value it may end at.

    `least` is that of `before` classes; ends that leave one without a value stay at 0 and infinite.
    """
    size = least.size
    begin = np.zeros(size, np.intp)
    best = np.full(size, np.inf)
    stride = 1 << (size - before).bit_length()
    known = np.zeros(size, bool)
    while stride:
        ends = np.arange(before + stride - 1, size, stride)
        ends = ends[~known[ends]]
        lower = np.where(ends - stride >= before, begin[np.maximum(ends - stride, 0)], before)
        after = np.minimum(ends + stride, size - 1)
        is_bound = known[after] & (ends + stride < size)
        upper = np.where(is_bound, np.minimum(begin[after], ends), ends)
        begin[ends], best[ends] = _searched(sums, least, ends, np.maximum(lower, before), upper)
        known[ends] = True
        stride //= 2
    return begin, best


def _searched(
    sums: _Sums, least: FloatArray, ends: Positions, lower: Positions, upper: Positions
) -> tuple[Positions, FloatArray]:
    """Return the best beginning between `lower` and `upper` for each end, and its sum."""
    if ends.size == 0:
        return ends, np.empty(0)
    lengths = upper - lower + 1
    heads = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    owner = np.repeat(np.arange(ends.size), lengths)
    begins = np.arange(lengths.sum()) - heads[owner] + lower[owner]
    totals = least[begins - 1] + sums.spread(begins, ends[owner])
    best = np.minimum.reduceat(totals, heads)
    is_best = np.flatnonzero(totals == best[owner])
    firsts = is_best[np.unique(owner[is_best], return_index=True)[1]]
    return begins[firsts], best
