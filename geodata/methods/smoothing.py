"""Smoothing: a small area's figure drawn towards the others', as far as chance shook it.

Ten children more or less change the rate of a village and not that of a town. Empirical Bayes
takes the areas' true rates for outcomes of one distribution, finds its mean and spread from the
areas themselves, and gives each area the mean of what its rate may be: near its own figure where
it has many people, near the mean of all where it has few. The smoothed value is shown beside the
raw one, never instead of it.

The mean may be that of a group: the areas of one parent, or peers. A figure that is withheld must
stay out: whoever knows the mean and spread could turn its smoothed value back into it.

Sources:
    R. J. Marshall, "Mapping disease and mortality rates using empirical Bayes estimators", Applied
    Statistics 40 (1991), 283-294 (moments; `EBest` of R's spdep, `Empirical_Bayes` of esda).
    D. Clayton and J. Kaldor, "Empirical Bayes estimates of age-standardized relative risks for use
    in disease mapping", Biometrics 43 (1987), 671-681 (gamma; `empbaysmooth` of R's DCluster).
    M. Martuzzi and P. Elliott, "Empirical Bayes estimation of small area prevalence of
    non-rare conditions", Statistics in Medicine 15 (1996), 1867-1873 (shares).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv, gammaincinv

from geodata.methods.amounts import FloatArray, counted_among
from geodata.methods.intervals import refuse_above_whole

FEWEST = 5
"""A group of fewer areas says too little of their spread: they are drawn to the mean of all."""

_HALVINGS = 56

Positions = npt.NDArray[np.int64]
Pair = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Smoothed:
    """The smoothed figures of n areas: events per person (or observed over expected).

    Attributes:
        value: (n,) NaN where the area has no figure.
        low: (n,) lower limit of what the true figure may be, given the others; NaN too where no
            spread beyond chance was found, and the one mean stands for all.
        high: (n,) likewise.
        mean: (n,) what the area was drawn towards.
        weight: (n,) how much of its own figure it kept, 0 to 1.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    weight: FloatArray


def marshall(
    counts: npt.ArrayLike,
    people: npt.ArrayLike,
    groups: Sequence[object] | None = None,
    level: float = 0.95,
) -> Smoothed:
    """Return rates smoothed by the method of moments, for events among people.

    With p = O/P, b = sum O / sum P, s^2 = sum P (p - b)^2 / sum P over the areas of a group:
    a = max(0, s^2 - b / mean P), and value = b + (p - b) a / (a + b/P). It is the mean of a gamma
    distribution of shape O + b^2/a and rate P + b/a, whose quantiles are the limits.

    Args:
        counts: (n,) events; NaN where unknown.
        people: (n,) among whom; NaN where unknown, no value at 0.
        groups: (n,) the group of each area; None for one group of all. See `FEWEST`.
        level: of the interval, in (0, 1).

    Raises:
        ValueError: for amounts that are negative or infinite, arrays of different lengths, or a
            level out of range.

    Rates of 0.1, 0.3 and 0.2: b = 0.2, s^2 = 0.02/3 and b/P = 0.002, so that a = 0.0047 and each
    keeps 0.0047 / 0.0067 = 0.7 of its distance from b:

    >>> made = marshall([10, 30, 20], [100, 100, 100])
    >>> made.value.round(9).tolist(), made.weight.round(9).tolist()
    ([0.13, 0.27, 0.2], [0.7, 0.7, 0.7])
    >>> made.low.round(3).tolist(), made.high.round(3).tolist()
    ([0.078, 0.192, 0.134], [0.195, 0.362, 0.28])
    """
    _refuse_level(level)
    observed, base = counted_among(counts, people)
    mean, spread = _priors(observed, base, groups, lambda o, e, g: _moments(o, e, g, _of_rate))
    value, weight = _kept(observed, base, mean, spread, mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        shape, rate = observed + mean**2 / spread, base + mean / spread
    low, high = _gamma_limits(shape, rate, level)
    return Smoothed(value, low, high, mean, weight)


def martuzzi_elliott(
    counts: npt.ArrayLike,
    totals: npt.ArrayLike,
    groups: Sequence[object] | None = None,
    level: float = 0.95,
) -> Smoothed:
    """Return shares smoothed by the method of moments, for a part of a whole.

    As `marshall`, with the variance b (1 - b) / n of a share instead of b / P. The value is the
    mean of a beta distribution, whose quantiles are the limits: a share never leaves 0 to 1.

    Args, Raises: as `marshall`; and ValueError for a part above its whole.

    Shares of 0.1, 0.3 and 0.2: b (1 - b) / n = 0.0016, a = 0.00507, weight 0.76.

    >>> made = martuzzi_elliott([10, 30, 20], [100, 100, 100])
    >>> made.value.round(9).tolist(), made.high.round(3).tolist()
    ([0.124, 0.276, 0.2], [0.185, 0.355, 0.272])
    """
    _refuse_level(level)
    part, whole = counted_among(counts, totals)
    refuse_above_whole(part, whole)
    mean, spread = _priors(part, whole, groups, lambda o, e, g: _moments(o, e, g, _of_share))
    value, weight = _kept(part, whole, mean, spread, _of_share(mean))
    with np.errstate(divide="ignore", invalid="ignore"):
        size = _of_share(mean) / spread
        first, second = part + size * mean, np.maximum(whole - part, 0.0) + size * (1 - mean)
    is_spread = np.isfinite(first) & np.isfinite(second) & (first > 0) & (second > 0)
    first, second = np.where(is_spread, first, np.nan), np.where(is_spread, second, np.nan)
    tail = (1 - level) / 2
    low, high = betaincinv(first, second, tail), betaincinv(first, second, 1 - tail)
    return Smoothed(value, low, high, mean, weight)


def poisson_gamma(
    counts: npt.ArrayLike,
    expected: npt.ArrayLike,
    groups: Sequence[object] | None = None,
    level: float = 0.95,
) -> Smoothed:
    """Return ratios O / E smoothed with a gamma distribution of the true ratios.

    value = (O + nu) / (E + alpha), where nu and alpha solve, over the n areas of a group,
    nu / alpha = mean of the values and nu / alpha^2 = sum (1 + alpha/E)(value - nu/alpha)^2 /
    (n - 1). The limits are quantiles of the gamma distribution of shape O + nu and rate E + alpha.
    `expected` may as well be people: the values are then rates.

    With m = nu / alpha the first equation gives m = sum O/(E + alpha) / sum E/(E + alpha), and the
    second m = sum (O - mE)^2 / E * alpha/(E + alpha) / (n - 1): one unknown, found by halving. It
    is infinite where the areas differ no more than chance makes them; all then have the mean.

    Args:
        counts: (n,) events; NaN where unknown.
        expected: (n,) how many were expected; NaN where unknown, no value at 0.
        groups: (n,) the group of each area; None for one group of all. See `FEWEST`.
        level: of the interval, in (0, 1).

    Raises:
        ValueError: as `marshall`.

    Two areas of 2 expected, with 1 and 4, and two of 20, with 10 and 40: the small ones are drawn
    further.

    >>> made = poisson_gamma([1, 4, 10, 40], [2, 2, 20, 20])
    >>> made.value.round(2).tolist(), made.weight.round(2).tolist()
    ([0.92, 1.58, 0.58, 1.92], [0.44, 0.44, 0.89, 0.89])
    """
    _refuse_level(level)
    observed, base = counted_among(counts, expected)
    mean, alpha = _priors(observed, base, groups, _gamma_prior)
    weight = base / (base + alpha)
    with np.errstate(invalid="ignore"):
        value = np.where(np.isinf(alpha), mean, (observed + alpha * mean) / (base + alpha))
        low, high = _gamma_limits(observed + alpha * mean, base + alpha, level)
    return Smoothed(value, low, high, mean, weight)


def _priors(
    observed: FloatArray,
    base: FloatArray,
    groups: Sequence[object] | None,
    estimate: Callable[[FloatArray, FloatArray, Positions], Pair],
) -> Pair:
    """Return (n,) mean and spread of each area's group, of all areas where it is too small.

    `estimate` takes known observed and base and their groups 0..g-1, and returns (g,) two numbers.
    """
    if groups is not None and len(groups) != base.size:
        raise ValueError(f"{base.size} areas but {len(groups)} groups")
    known = ~np.isnan(base)
    made = np.full((2, base.size), np.nan)
    if not known.any():
        return made[0], made[1]
    o, e = observed[known], base[known]
    found = np.array(estimate(o, e, np.zeros(o.size, dtype=np.int64)))[:, np.zeros(o.size, int)]
    if groups is not None:
        labels = pd.Series(list(groups), dtype=object)[known]
        group = pd.factorize(labels, use_na_sentinel=False)[0].astype(np.int64)
        large = np.bincount(group)[group] >= FEWEST
        if large.any():
            _, own = np.unique(group[large], return_inverse=True)
            found[:, large] = np.array(estimate(o[large], e[large], own))[:, own]
    made[:, known] = found
    return made[0], made[1]


def _of_rate(mean: FloatArray) -> FloatArray:
    """Return the variance of a rate of one person, all chance."""
    return mean


def _of_share(mean: FloatArray) -> FloatArray:
    """Return the variance of a share of one, all chance."""
    return mean * (1 - mean)


def _moments(
    observed: FloatArray,
    base: FloatArray,
    group: Positions,
    chance: Callable[[FloatArray], FloatArray],
) -> Pair:
    """Return the mean of each group and the variance that chance does not explain."""
    total = np.bincount(group, base)
    mean = np.bincount(group, observed) / total
    squared = np.bincount(group, base * (observed / base - mean[group]) ** 2) / total
    return mean, np.maximum(0.0, squared - chance(mean) / (total / np.bincount(group)))


def _kept(
    observed: FloatArray, base: FloatArray, mean: FloatArray, spread: FloatArray, chance: FloatArray
) -> Pair:
    """Return the smoothed value, and how much each area kept of its own."""
    # Where all have the same certain share there is neither spread nor chance: nothing to keep.
    whole = spread + chance / base
    weight = np.where(whole > 0, spread / np.where(whole > 0, whole, 1.0), 0.0 * base)
    return mean + weight * (observed / base - mean), weight


def _gamma_prior(observed: FloatArray, base: FloatArray, group: Positions) -> Pair:
    """Return the mean and the rate alpha of each group's gamma; alpha infinite for no spread."""
    count = np.bincount(group).astype(np.float64)
    scale = np.bincount(group, base) / count

    def mean_and_excess(alpha: FloatArray) -> Pair:
        """Return m, and the left side less the right one of the second equation."""
        share = 1 / (1 + base / alpha[group])
        mean = np.bincount(group, observed * share) / np.bincount(group, base * share)
        squares = (observed - mean[group] * base) ** 2 / base * share
        return mean, np.bincount(group, squares) / np.maximum(count - 1, 1) - mean

    widest = np.full(scale.shape, np.inf)
    is_spread = (mean_and_excess(widest)[1] > 0) & (count > 1)
    low, high = np.log(scale * 1e-9), np.log(scale * 1e9)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = mean_and_excess(np.exp(middle))[1] > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    alpha = np.where(is_spread, np.exp((low + high) / 2), np.inf)
    return mean_and_excess(alpha)[0], alpha


def _gamma_limits(shape: FloatArray, rate: FloatArray, level: float) -> Pair:
    """Return the quantiles of gamma distributions; NaN where the shape is not finite."""
    is_spread = np.isfinite(shape) & (shape > 0)
    shape = np.where(is_spread, shape, np.nan)
    tail = (1 - level) / 2
    return gammaincinv(shape, tail) / rate, gammaincinv(shape, 1 - tail) / rate


def _refuse_level(level: float) -> None:
    """Raise ValueError for a level that leaves nothing."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
