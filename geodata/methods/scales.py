"""Scales: how a figure in its own unit becomes a score that can be added to others.

A scale is fitted once, on the figures as published, and then applied to any value: to each draw
of an uncertain figure, to next year's figure. A score always rises as things get worse.

Sources:
    OECD and JRC, "Handbook on constructing composite indicators: methodology and user guide",
    OECD Publishing, Paris (2008), steps 5 (normalisation) and its part on outliers.
    W. Becker et al., "COINr: an R package for developing composite indicators", Journal of Open
    Source Software 7(78) (2022), 4567 (points brought in one by one, then a logarithm).
    D. N. Joanes and C. A. Gill, "Comparing measures of sample skewness and kurtosis", The
    Statistician 47 (1998), 183-189 (G1 and G2, those of spreadsheets).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.stats import kurtosis, skew

from geodata.methods.amounts import FloatArray
from geodata.model import Direction

MOST_SKEW = 2.0
"""Absolute skewness (G1) above which, with `MOST_KURTOSIS`, a figure has outliers."""
MOST_KURTOSIS = 3.5
"""Excess kurtosis (G2) likewise: both must be passed."""
MOST_POINTS = 5
"""Points that may be brought in to the next value before a logarithm is taken instead."""
LOG_MARGIN = 0.01
"""Share of the range added before the logarithm, so that the lowest value has one."""


class Normalisation(StrEnum):
    """How values are brought to one scale."""

    MIN_MAX = "min_max"
    Z_SCORE = "z_score"
    RANK = "rank"


@dataclass(frozen=True, eq=False)
class Scale:
    """A rising function from a figure to its score; `fitted_scale` makes one.

    Attributes:
        normalisation: how the score is made.
        sign: 1 where a higher figure is worse, -1 where it is better.
        lowest: the least oriented value (sign * figure) that counts; what is under it counts as
            it does. -inf where nothing is brought in.
        highest: the greatest, likewise.
        takes_log: 0, or 1 for log(x - lowest + margin), -1 for -log(highest - x + margin).
        origin: what scores zero (z-score: the mean; min-max: the minimum), after any logarithm.
        unit: what one more step of score takes.
        least_score: score of the origin.
        points: how many points were brought in.
        known: (k,) the oriented values, sorted, for ranks; empty otherwise.
    """

    normalisation: Normalisation
    sign: float
    lowest: float
    highest: float
    takes_log: int
    origin: float
    unit: float
    least_score: float
    points: int
    known: FloatArray = field(default_factory=lambda: np.empty(0))

    def of(self, values: npt.ArrayLike) -> FloatArray:
        """Return the score of each value, in the shape of `values`; NaN where there is none."""
        oriented = self.sign * np.asarray(values, dtype=np.float64)
        if self.normalisation is Normalisation.RANK:
            return self._ranked(oriented)
        held = np.clip(oriented, self.lowest, self.highest)
        return self.least_score + (self._bent(held) - self.origin) / self.unit

    def _bent(self, held: FloatArray) -> FloatArray:
        """Return the values after the logarithm, if one is taken."""
        if not self.takes_log:
            return held
        from_edge = held - self.lowest if self.takes_log > 0 else self.highest - held
        margin = LOG_MARGIN * (self.highest - self.lowest)
        return np.asarray(self.takes_log * np.log(from_edge + margin), dtype=np.float64)

    def _ranked(self, oriented: FloatArray) -> FloatArray:
        """Return the share of known values below, equals counted half."""
        below = np.searchsorted(self.known, oriented, side="left")
        up_to = np.searchsorted(self.known, oriented, side="right")
        share = (below + up_to) / (2 * self.known.size)
        scores = self.least_score + (100 - self.least_score) * share
        return np.where(np.isnan(oriented), np.nan, scores)


def has_outliers(values: FloatArray) -> bool:
    """Return whether |skewness| > 2 and excess kurtosis > 3.5, of known values.

    Both are corrected for bias (Joanes and Gill's G1 and G2). Under four values there is no
    kurtosis, and no outlier.

    >>> has_outliers(np.array([1., 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 100]))
    True
    """
    if values.size < 4 or np.ptp(values) == 0:
        return False
    skewness, excess = skew(values, bias=False), kurtosis(values, bias=False)
    return bool(abs(skewness) > MOST_SKEW and excess > MOST_KURTOSIS)


def fitted_scale(
    values: npt.ArrayLike,
    direction: Direction,
    normalisation: Normalisation,
    treats_outliers: bool = True,
    least_score: float = 0.0,
) -> Scale:
    """Return the scale of a figure, fitted on its known values.

    1. Orientation: a figure whose higher values are better is turned round.
    2. Outliers, where `has_outliers`: the farthest value on the long side is brought in to the
       next, one point after another, until there are none or `MOST_POINTS` have been. If that
       is not enough, the figure is taken whole and its logarithm is used (COINr's log_CT,
       mirrored where the long side is the low one).
    3. Normalisation: min-max, 100 (x - min) / (max - min), from `least_score` to 100, and what
       lies outside counts as the end it passed; z-score, (x - mean) / s with s of n - 1; rank,
       the percentage of values below, equals counted half (outliers need no treatment).

    Args:
        values: (n,) figures; NaN where there is none.
        direction: worse or better; a neutral figure has no place in an index.
        normalisation: see above.
        treats_outliers: whether step 2 is taken.
        least_score: 0, or 1 where scores are to be multiplied.

    Raises:
        ValueError: for a neutral figure, an infinite value, or one that is the same everywhere
            (it cannot tell areas apart and would be divided by zero).

    >>> scale = fitted_scale([10, 20, 40], Direction.BETTER, Normalisation.MIN_MAX)
    >>> scale.of([10, 20, 40, 50, float("nan")]).round(2).tolist()
    [100.0, 66.67, 0.0, 0.0, nan]

    Twelve values of which two lie far out; bringing 100 in to 30 is enough (skewness 1.9):

    >>> far = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 100]
    >>> scale = fitted_scale(far, Direction.WORSE, Normalisation.MIN_MAX)
    >>> scale.points, scale.of([1, 15.5, 30, 100]).tolist()
    (1, [0.0, 50.0, 100.0, 100.0])
    """
    if direction is Direction.NEUTRAL:
        raise ValueError("a neutral figure has no worse side: it has no place in an index")
    figures = np.asarray(values, dtype=np.float64)
    if np.isinf(figures).any():
        raise ValueError("a figure is infinite: it has no score")
    sign = 1.0 if direction is Direction.WORSE else -1.0
    known = np.sort(sign * figures[~np.isnan(figures)])
    if known.size == 0 or known[0] == known[-1]:
        raise ValueError("a figure that is unknown or the same everywhere cannot tell areas apart")
    if normalisation is Normalisation.RANK:
        ends = float(known[0]), float(known[-1])
        return Scale(normalisation, sign, *ends, 0, 0.0, 1.0, least_score, 0, known)
    lowest, highest, points, takes_log = -np.inf, np.inf, 0, 0
    if treats_outliers and has_outliers(known):
        lowest, highest, points, takes_log = _treatment(known)
    if normalisation is Normalisation.MIN_MAX or takes_log:
        lowest, highest = max(lowest, float(known[0])), min(highest, float(known[-1]))
    bare = Scale(normalisation, sign, lowest, highest, takes_log, 0.0, 1.0, 0.0, points)
    bent = bare.of(sign * known)
    if normalisation is Normalisation.Z_SCORE:
        origin, unit = float(bent.mean()), float(bent.std(ddof=1))
    else:
        origin, unit = float(bent[0]), float(bent[-1] - bent[0]) / (100 - least_score)
    return Scale(normalisation, sign, lowest, highest, takes_log, origin, unit, least_score, points)


def _treatment(known: FloatArray) -> tuple[float, float, int, int]:
    """Return lowest, highest, points brought in, and the logarithm, for sorted outlying values.

    Equals are brought in together, and counted each, as they are in COINr.
    """
    held, low, high = known.copy(), 0, known.size - 1
    while low + known.size - 1 - high < MOST_POINTS:
        if skew(held, bias=False) >= 0:
            high = int(np.searchsorted(known, known[high], side="left")) - 1
        else:
            low = int(np.searchsorted(known, known[low], side="right"))
        if low >= high or known[low] == known[high]:
            break
        held = np.clip(known, known[low], known[high])
        if not has_outliers(held):
            points = low + known.size - 1 - high
            return float(known[low]), float(known[high]), points, 0
    return -np.inf, np.inf, 0, 1 if skew(known, bias=False) >= 0 else -1
