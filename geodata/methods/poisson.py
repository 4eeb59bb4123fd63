"""Counts as outcomes of chance: what mean they may have come from.

Sources:
    N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II, IARC (1987), 69 (Byar's
    approximation, from 10 up).
    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936), 437-442 (the
    exact limits, under 10).
"""

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtri

from geodata.methods.amounts import FloatArray, known_amounts

FEW = 10
"""Counts under this have exact limits, others Byar's."""


def poisson_interval(counts: npt.ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Return the limits of the mean that these counts are outcomes of; NaN for NaN.

    Byar's from 10 up; under 10 the exact ones, chi-square quantiles. With z the normal quantile:
    low = x (1 - 1/(9x) - z/(3 sqrt(x)))^3, high the same of x + 1 with + z.

    Raises:
        ValueError: for counts that are negative or infinite, or a level out of range.

    >>> low, high = poisson_interval([0, 5, 100])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 1.623, 81.362], [3.689, 11.668, 121.628])
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    x = known_amounts(counts, "counts")
    tail = (1 - level) / 2
    z = -float(ndtri(tail))
    many = np.maximum(x, FEW)
    byar_low = many * (1 - 1 / (9 * many) - z / (3 * np.sqrt(many))) ** 3
    byar_high = (many + 1) * (1 - 1 / (9 * (many + 1)) + z / (3 * np.sqrt(many + 1))) ** 3
    few = np.where(x > 0, x, 1.0)
    exact_low = np.where(x > 0, chdtri(2 * few, 1 - tail) / 2, 0.0)
    exact_high = chdtri(2 * np.minimum(x, FEW) + 2, tail) / 2
    is_few, unknown = x < FEW, np.isnan(x)
    low = np.where(unknown, np.nan, np.where(is_few, exact_low, byar_low))
    high = np.where(unknown, np.nan, np.where(is_few, exact_high, byar_high))
    return low, high
