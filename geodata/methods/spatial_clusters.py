"""Spatial clusters: areas that are high or low together with those beside them.

Local Moran's I sets an area's value against the mean of its neighbours. How often chance alone
puts such neighbours beside it is counted by dealing out the other areas' values anew. Thousands
of areas are judged at once, so that some look special by luck: only those that hold when the share
of false ones among them is kept under 5 % are sure (Benjamini and Hochberg).

Neighbours are those who share a border, wherever the border of the territory runs: pass the areas
around it too, and read the results of its own.

Sources:
    L. Anselin, "Local indicators of spatial association - LISA", Geographical Analysis 27 (1995),
    93-115 (local Moran, conditional permutation).
    A. D. Cliff and J. K. Ord, Spatial Processes, Pion (1981), 17-21, 46 (global Moran, variance
    under randomisation).
    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal
    Statistical Society B 57 (1995), 289-300.
    R. M. Assuncao and E. A. Reis, "A new proposal to adjust Moran's I for population density",
    Statistics in Medicine 18 (1999), 2147-2162.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import false_discovery_control

from geodata.methods.amounts import FloatArray, counted_among
from geodata.methods.contiguity import Neighbours
from geodata.methods.deals import distinct_positions

SURE = 0.05
"""The share of false clusters that is borne among the sure ones; and the p-value of the others."""

_TIE = 1e-10


class Kind(StrEnum):
    """What an area is among its neighbours.

    NONE: no more alike or unlike than chance makes it. ALONE: no neighbour has a value.
    """

    HIGH_HIGH = "high_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"
    LOW_HIGH = "low_high"
    NONE = "none"
    ALONE = "alone"


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """The clusters among n areas.

    Attributes:
        local_i: (n,) z times the mean z of the neighbours; NaN without value or neighbours.
        p_value: (n,) two-sided, likewise.
        adjusted_p: (n,) the least false discovery rate at which the area is found, likewise.
        kind: (n,) `Kind`, by the p-value; None without a value.
        is_sure: (n,) whether the kind holds under the false discovery rate.
    """

    local_i: FloatArray
    p_value: FloatArray
    adjusted_p: FloatArray
    kind: npt.NDArray[np.object_]
    is_sure: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GlobalMoran:
    """How far areas are like their neighbours: -1 to 1 or so, `expected` where not at all.

    NaN throughout with fewer than four areas that have a neighbour, or all values the same. The
    variance and the two-sided p-value are those under randomisation.
    """

    i: float
    expected: float
    variance: float
    p_value: float
    areas: int


def local_moran(
    values: npt.ArrayLike,
    neighbours: Neighbours,
    permutations: int = 99_999,
    seed: int = 0,
    level: float = SURE,
) -> LocalMoran:
    """Return local Moran's I of each area, with how likely chance makes it.

    I_i = z_i * mean of the neighbours' z / m2, with z = x - mean and m2 = sum z^2 / n. The values
    of the other areas are dealt out to the neighbours R times; with M the fewer of the deals that
    have as high a mean and of those that have as low a one, p = min(1, 2 (M + 1) / (R + 1)).

    The deals depend on the area only through how many neighbours it has, and on whether its own
    value was among those dealt. So each number of neighbours is dealt once, one value more than
    needed: where an area's own was dealt, that one takes its place. It does not matter in what
    order the areas come.

    Args:
        values: (n,) values; NaN where there is none: such an area is nobody's neighbour.
        neighbours: who is beside whom.
        permutations: R, at least 1.
        seed: of the deals; shown beside what is made with them.
        level: the p-value under which an area is of a kind, and the false discovery rate.

    Raises:
        ValueError: for infinite values, not as many as areas, or a number out of range.

    Eight areas in a row: four high, four low. z is 1 or -1. Inside a half I is 1, and where the
    halves meet 0:

    >>> from geodata.methods.contiguity import neighbours_of
    >>> row = neighbours_of([(i, i + 1) for i in range(7)], 8)
    >>> made = local_moran([9, 9, 9, 9, 1, 1, 1, 1], row, permutations=9999)
    >>> made.local_i.tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0]

    Two of the three other high values lie beside the second: one chance in 7, twice for two sides.

    >>> made.p_value[1].round(1).tolist(), made.kind[1].value
    (0.3, 'none')
    """
    if permutations < 1 or seed < 0 or not 0 < level < 1:
        raise ValueError("permutations must be at least 1, seed at least 0, level in (0, 1)")
    x = _values(values, neighbours)
    known = np.flatnonzero(~np.isnan(x))
    size = x.size
    made = np.full((3, size), np.nan)
    kind = np.full(size, None, dtype=object)
    kind[known] = Kind.ALONE
    is_sure = np.zeros(size, dtype=bool)
    z, beside = _centred(x[known]), neighbours.among(known)
    degree = beside.degree()
    linked = np.flatnonzero(degree > 0)
    if linked.size:
        lag = beside.sums(z)
        square = float((z**2).mean())
        least = _extremes(z, lag, degree, permutations, seed)[linked]
        p = np.minimum(1.0, 2 * (least + 1.0) / (permutations + 1))
        own = np.where(square > 0, z * lag / np.maximum(degree, 1) / (square or 1.0), 0.0)
        adjusted = false_discovery_control(p)
        at = known[linked]
        made[:, at] = own[linked] + 0.0, p, adjusted
        is_high, beside_high = z[linked] > 0, lag[linked] > 0
        for both, word in (
            (is_high & beside_high, Kind.HIGH_HIGH),
            (~is_high & ~beside_high, Kind.LOW_LOW),
            (is_high & ~beside_high, Kind.HIGH_LOW),
            (~is_high & beside_high, Kind.LOW_HIGH),
            (p > level, Kind.NONE),
        ):
            kind[at[both]] = word
        is_sure[at] = adjusted <= level
    return LocalMoran(made[0], made[1], made[2], kind, is_sure)


def global_moran(values: npt.ArrayLike, neighbours: Neighbours) -> GlobalMoran:
    """Return Moran's I of all areas that have a value and a neighbour with one.

    I = (n / S0) z'Wz / z'z, W having 1 / (number of neighbours) for each neighbour.

    Args:
        values: (n,) values; NaN where there is none.
        neighbours: who is beside whom.

    Raises:
        ValueError: for infinite values, or not as many as areas.

    Four areas in a row, high, high, low, low: the ends are like their neighbours, those in the
    middle half: I = (1 + 0 + 0 + 1) / 4.

    >>> from geodata.methods.contiguity import neighbours_of
    >>> made = global_moran([9, 9, 1, 1], neighbours_of([(0, 1), (1, 2), (2, 3)], 4))
    >>> made.i, round(made.expected, 3), made.areas
    (0.5, -0.333, 4)
    """
    x = _values(values, neighbours)
    known = np.flatnonzero(~np.isnan(x))
    known = known[neighbours.among(known).degree() > 0]
    beside, n = neighbours.among(known), known.size
    nothing = GlobalMoran(np.nan, np.nan, np.nan, np.nan, n)
    if n < 4:
        return nothing
    z = _centred(x[known])
    if not z.any():
        return nothing
    weight = 1 / beside.degree()
    s0 = float(n)
    # Over pairs: (w_ij + w_ji)^2, a pair being counted from both sides. Over areas: both sums.
    here = beside.owners()
    s1 = float(((weight[here] + weight[beside.other]) ** 2).sum()) / 2
    into = np.bincount(beside.other, weight[here], n)
    s2 = float(((1 + into) ** 2).sum())
    i = float((n / s0) * (z * weight * beside.sums(z)).sum() / (z**2).sum())
    peak = float((z**4).mean() / (z**2).mean() ** 2)
    expected = -1 / (n - 1)
    whole = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    less = peak * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (whole - less) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    if not variance > 0:
        return GlobalMoran(i, expected, np.nan, np.nan, n)
    p_value = float(2 * ndtr(-abs(i - expected) / np.sqrt(variance)))
    return GlobalMoran(i, expected, variance, p_value, n)


def standardised_rates(counts: npt.ArrayLike, people: npt.ArrayLike) -> FloatArray:
    """Return rates as deviations from their mean, in units of what chance and spread make likely.

    (p - b) / sqrt(a + b/P), b and a as in Marshall's smoothing but for a, which may be below 0;
    where a + b/P is below 0, b/P alone. A village's wild rate thus weighs as little as it should.
    It is what local and global Moran's I of rates are computed on.

    Args:
        counts: (n,) events; NaN where unknown.
        people: (n,) among whom; NaN where unknown, no value at 0.

    Raises:
        ValueError: for amounts that are negative or infinite, or arrays of different lengths.

    Rates of 0.1, 0.3 and 0.2 among 100 people each: a + b/P = s^2 = 0.02/3.

    >>> standardised_rates([10, 30, 20], [100, 100, 100]).round(4).tolist()
    [-1.2247, 1.2247, 0.0]
    """
    events, base = counted_among(counts, people)
    known = ~np.isnan(events)
    made = np.full(base.shape, np.nan)
    o, e = events[known], base[known]
    if not o.size:
        return made
    mean, rate = o.sum() / e.sum(), o / e
    excess = (e * (rate - mean) ** 2).sum() / e.sum() - mean / e.mean()
    variance = np.where(excess + mean / e < 0, mean / e, excess + mean / e)
    # Where there is no event at all every rate is the mean.
    made[known] = (rate - mean) / np.sqrt(np.where(variance > 0, variance, 1.0))
    return made


def _values(values: npt.ArrayLike, neighbours: Neighbours) -> FloatArray:
    """Return (n,) values, as many as areas."""
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (neighbours.size,) or np.isinf(x).any():
        raise ValueError(f"values must be finite, one for each of {neighbours.size} areas")
    return x


def _centred(x: FloatArray) -> FloatArray:
    """Return the deviations from the mean; exactly 0 where all are the same."""
    return x - x.mean() if (x != x[:1]).any() else x * 0.0


def _extremes(
    z: FloatArray, lag: FloatArray, degree: npt.NDArray[np.int64], permutations: int, seed: int
) -> npt.NDArray[np.int64]:
    """Return, for each area, the fewer of the deals as high as its lag and of those as low."""
    order = np.argsort(z, kind="stable")
    ranked, place = z[order], np.argsort(order, kind="stable")
    least = np.zeros(z.size, dtype=np.int64)
    # Sums of the same values in another order differ by rounding: that is no difference.
    tie = _TIE * float(np.abs(z).max(initial=0.0))
    for k in np.unique(degree[degree > 0]).tolist():
        dealt = distinct_positions(z.size, k + 1, permutations, np.random.default_rng([seed, k]))
        sums, spare = ranked[dealt[:, :k]].sum(axis=1), ranked[dealt[:, k]]
        at = np.flatnonzero(degree == k)
        low, high = lag[at] - tie * k, lag[at] + tie * k
        ordered = np.sort(sums)
        as_high = permutations - np.searchsorted(ordered, low, side="left")
        as_low = np.searchsorted(ordered, high, side="right")
        # Where an area was dealt its own value, the spare one takes its place.
        mine = np.full(z.size, -1)
        mine[place[at]] = np.arange(at.size)
        deal, seat = np.nonzero(mine[dealt[:, :k]] >= 0)
        who = mine[dealt[deal, seat]]
        before = sums[deal]
        after = before - ranked[dealt[deal, seat]] + spare[deal]
        rise = (after >= low[who]).astype(float) - (before >= low[who])
        fall = (after <= high[who]).astype(float) - (before <= high[who])
        as_high = as_high + np.bincount(who, rise, at.size).astype(np.int64)
        as_low = as_low + np.bincount(who, fall, at.size).astype(np.int64)
        least[at] = np.minimum(as_high, as_low)
    return least
