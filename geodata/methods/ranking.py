"""Ranking: each area's place among its peers, and how surely it is held."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray


@dataclass(frozen=True, eq=False)
class Ranking:
    """Ranks among peers.

    Attributes:
        rank: (n,) from 1; NaN where there is no value.
        ranked: how many have a rank, the "of 257" to show beside it.
    """

    rank: FloatArray
    ranked: int


def ranks(values: npt.ArrayLike, higher_first: bool) -> Ranking:
    """Return each value's rank: one more than the values strictly before it.

    Equals share the best rank and the next ranks are skipped (1, 2, 2, 4). No value, no rank.

    Args:
        values: (n,) values; NaN where there is none.
        higher_first: whether the highest value is first.

    Raises:
        ValueError: if `values` is not one-dimensional.

    >>> ranks([30, 20, float("nan"), 20, 10], higher_first=True)
    Ranking(rank=array([ 1.,  2., nan,  2.,  4.]), ranked=4)
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"values must be one-dimensional, not of shape {numbers.shape}")
    keys = -numbers if higher_first else numbers
    is_ranked = ~np.isnan(keys)
    before = np.searchsorted(np.sort(keys[is_ranked]), keys, side="left")
    return Ranking(np.where(is_ranked, before + 1.0, np.nan), int(is_ranked.sum()))


@dataclass(frozen=True, eq=False)
class RankInterval:
    """Where an area may stand among its peers, given what is not known exactly.

    Attributes:
        low: (n,) the best rank that is still believable; NaN where there is no value.
        median: (n,) as many draws stand before as after.
        high: (n,) the worst rank that is still believable.
        ranked: how many areas have a rank.
    """

    low: FloatArray
    median: FloatArray
    high: FloatArray
    ranked: int


def rank_interval(drawn: npt.ArrayLike, higher_first: bool, level: float = 0.9) -> RankInterval:
    """Return the interval that holds the rank of each area in at least `level` of the draws.

    The areas are ranked within each draw, as `ranks` does; low and high are the ranks that leave
    (1 - level) / 2 of the draws on each side, rounded outwards to ranks that were drawn.

    Args:
        drawn: (draws, n) values of each area; an area that is NaN in any draw has no rank.
        higher_first: whether the highest value is first.
        level: share of the draws, in (0, 1).

    Raises:
        ValueError: if `drawn` is not a matrix with a draw, or `level` is out of range.

    Three draws of three villages: A leads twice, B once, C never.

    >>> found = rank_interval([[9, 5, 1], [8, 7, 2], [6, 7, 3]], higher_first=True)
    >>> found.low.tolist(), found.median.tolist(), found.high.tolist()
    ([1.0, 1.0, 3.0], [1.0, 2.0, 3.0], [2.0, 2.0, 3.0])

    Source: H. Goldstein and D. J. Spiegelhalter, "League tables and their limitations", Journal
    of the Royal Statistical Society A 159 (1996), 385-443.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    values = _drawn(drawn)
    is_ranked = ~np.isnan(values).any(axis=0)
    placed = np.array([ranks(row, higher_first).rank for row in values[:, is_ranked]])
    tail = (1 - level) / 2
    limits = np.full((3, values.shape[1]), np.nan)
    if is_ranked.any():
        limits[0, is_ranked] = np.quantile(placed, tail, axis=0, method="lower")
        limits[1, is_ranked] = np.median(placed, axis=0)
        limits[2, is_ranked] = np.quantile(placed, 1 - tail, axis=0, method="higher")
    return RankInterval(limits[0], limits[1], limits[2], int(is_ranked.sum()))


def p_among_first(drawn: npt.ArrayLike, places: int, higher_first: bool) -> FloatArray:
    """Return, for each area, the share of the draws in which it is among the first `places`.

    Equals at the edge share out the places that are left, so that the answers add up to `places`
    (to all the areas that have a value, if those are fewer).

    Args:
        drawn: (draws, n) values of each area; an area that is NaN in any draw is left out, NaN.
        places: how many are first, 0 or more.
        higher_first: whether the highest value is first.

    Raises:
        ValueError: if `drawn` is not a matrix with a draw, or `places` is negative.

    Two draws; in the second, B and C share the place that A leaves:

    >>> p_among_first([[3, 2, 1], [3, 2, 2]], places=2, higher_first=True).tolist()
    [1.0, 0.75, 0.25]
    """
    if places < 0:
        raise ValueError(f"places must be 0 or more, not {places}")
    values = _drawn(drawn)
    is_ranked = ~np.isnan(values).any(axis=0)
    keys = -values[:, is_ranked] if higher_first else values[:, is_ranked]
    won = np.zeros(keys.shape[1])
    taken = min(places, keys.shape[1])
    if taken:
        for row in keys:
            edge = np.partition(row, taken - 1)[taken - 1]
            is_before, is_at = row < edge, row == edge
            won += is_before + is_at * ((taken - is_before.sum()) / is_at.sum())
    p = np.full(values.shape[1], np.nan)
    p[is_ranked] = won / len(keys)
    return p


def p_worst_fifth(drawn: npt.ArrayLike, higher_is_worse: bool) -> FloatArray:
    """Return, for each area, the probability that it is in the worst fifth of its peers.

    A fifth of n areas is n / 5 places, rounded up. The map is coloured by this rather than by
    the rank: a rank says nothing about how surely it is held.

    Args:
        drawn: (draws, n) values of each area; an area that is NaN in any draw is left out, NaN.
        higher_is_worse: whether the highest value is the worst.

    Raises:
        ValueError: if `drawn` is not a matrix with a draw.

    Five villages have one worst place: in the second draw it goes to the second.

    >>> p_worst_fifth([[9, 5, 4, 3, 2], [6, 7, 4, 3, 2]], higher_is_worse=True).tolist()
    [0.5, 0.5, 0.0, 0.0, 0.0]
    """
    values = _drawn(drawn)
    ranked = int((~np.isnan(values).any(axis=0)).sum())
    return p_among_first(values, -(-ranked // 5), higher_first=higher_is_worse)


def _drawn(values: npt.ArrayLike) -> FloatArray:
    """Return `values` as a (draws, n) matrix."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 2 or not len(numbers):
        raise ValueError(f"drawn must be draws by areas, a draw at least, not {numbers.shape}")
    return numbers
