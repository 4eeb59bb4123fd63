"""Association: whether areas that are high in one figure are high in another, by their ranks.

Ranks ask for no straight line and bend to no single large area. What holds of areas need not hold
of the people who live in them (W. S. Robinson, American Sociological Review 15, 1950, 351-357).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import spearmanr

FEWEST = 5
"""With fewer areas no interval is given: it would hold nearly everything."""


@dataclass(frozen=True, slots=True)
class Association:
    """Spearman's rank correlation, -1 to 1, with its interval; NaN where it cannot be told."""

    rho: float
    low: float
    high: float
    areas: int


def rank_correlation(x: npt.ArrayLike, y: npt.ArrayLike, confidence: float = 0.95) -> Association:
    """Return the rank correlation of two figures, over the areas that have both.

    Equals share the mean of their ranks. The interval is that of Fisher's z with the variance
    (1 + rho^2 / 2) / (n - 3) (D. G. Bonett and T. A. Wright, Psychometrika 65, 2000, 23-28).

    Args:
        x, y: (n,) figures; NaN where unknown.
        confidence: of the interval.

    Raises:
        ValueError: for arrays of different lengths.

    Ranks 1 2 3 4 5 against 2 1 4 3 5: differences of 1, 1, 1, 1, 0 give 1 - 6 * 4 / (5 * 24).

    >>> found = rank_correlation([1, 2, 3, 4, 5], [20, 10, 40, 30, 500])
    >>> round(found.rho, 3), found.areas
    (0.8, 5)
    """
    a, b = (np.asarray(values, dtype=np.float64) for values in (x, y))
    if a.shape != b.shape:
        raise ValueError(f"{a.size} figures beside {b.size}")
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    count = int(both.sum())
    nothing = float("nan")
    if count < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return Association(nothing, nothing, nothing, count)
    rho = float(np.clip(spearmanr(a, b).statistic, -1, 1))
    if count < FEWEST or abs(rho) == 1:
        return Association(rho, nothing, nothing, count)
    reach = -float(ndtri((1 - confidence) / 2)) * np.sqrt((1 + rho**2 / 2) / (count - 3))
    low, high = np.tanh(np.arctanh(rho) + np.array([-reach, reach]))
    return Association(rho, float(low), float(high), count)
