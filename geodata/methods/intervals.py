"""Intervals of rates and shares: what the truth may be, given that what was counted is chance.

A rate is cases among people: its numerator is taken for a Poisson count. A share is a part of a
whole: its numerator is taken for a binomial one. Both are those of PHEindicatormethods 2.1.0, the
implementation of England's public health indicators.

Sources:
    N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II, IARC (1987), 69
    (Byar's).
    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936), 437-442.
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
    of the American Statistical Association 22 (1927), 209-212.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from geodata.methods.amounts import FloatArray, counted_among
from geodata.methods.poisson import FEW, poisson_interval

ROUNDING = 1e-9
"""A part may exceed its whole by this share of it: sums of decimals do."""


@dataclass(frozen=True, eq=False)
class Interval:
    """The interval of each of n figures, in the unit of the figure.

    Attributes:
        low: (n,) NaN where there is no figure.
        high: (n,) likewise.
        method: (n,) "exact", "byar" or "wilson"; None where there is no figure.
    """

    low: FloatArray
    high: FloatArray
    method: npt.NDArray[np.object_]


def rate_interval(
    count: npt.ArrayLike, denominator: npt.ArrayLike, per: float, level: float = 0.95
) -> Interval:
    """Return the interval of per * count / denominator, the count being Poisson.

    The exact limits under 10 cases, Byar's from 10 up. The denominator is taken as exact.

    Args:
        count: (n,) cases; NaN where unknown.
        denominator: (n,) people among whom they were counted; NaN where unknown, no interval at 0.
        per: 1000 for a rate per thousand; above 0.
        level: of the interval, in (0, 1).

    Raises:
        ValueError: for amounts that are negative or infinite, arrays of different lengths, or
            `per` or `level` out of range.

    Five cases among 1000 people, and 100 among 10,000:

    >>> found = rate_interval([5, 100], [1000, 10_000], per=1000)
    >>> found.low.round(3).tolist(), found.high.round(3).tolist(), found.method.tolist()
    ([1.623, 8.136], [11.668, 12.163], ['exact', 'byar'])
    """
    _refuse_per(per)
    counted, people = counted_among(count, denominator)
    low, high = poisson_interval(counted, level)
    method = np.where(counted < FEW, "exact", "byar").astype(object)
    method[np.isnan(counted)] = None
    return Interval(per * low / people, per * high / people, method)


def share_interval(
    count: npt.ArrayLike, total: npt.ArrayLike, per: float = 100, level: float = 0.95
) -> Interval:
    """Return the interval of per * count / total, the count being binomial (Wilson's).

    Args, Raises: as `wilson_interval`, and `per` above 0 (100 for a percentage).

    >>> found = share_interval([65, 0], [100, 0])
    >>> found.low.round(2).tolist(), found.high.round(2).tolist(), found.method.tolist()
    ([55.25, nan], [73.64, nan], ['wilson', None])
    """
    _refuse_per(per)
    low, high = wilson_interval(count, total, level)
    method = np.full(low.shape, "wilson", dtype=object)
    method[np.isnan(low)] = None
    return Interval(per * low, per * high, method)


def wilson_interval(
    count: npt.ArrayLike, total: npt.ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return Wilson's limits of count / total, as shares of 1.

    (2x + z^2 -+ z sqrt(z^2 + 4x(1 - x/n))) / (2(n + z^2)), z the normal quantile.

    Args:
        count: (n,) the part; NaN where unknown.
        total: (n,) the whole; NaN where unknown, no limits at 0.
        level: of the interval, in (0, 1).

    Raises:
        ValueError: for amounts that are negative or infinite, arrays of different lengths, a part
            above its whole, or a level out of range.

    None of ten, and five of ten. With z^2 = 3.84 the first may be up to 3.84 / 13.84:

    >>> low, high = wilson_interval([0, 5], [10, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.237], [0.278, 0.763])
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    x, n = counted_among(count, total)
    refuse_above_whole(x, n)
    z = -float(ndtri((1 - level) / 2))
    share = np.minimum(x / n, 1.0)
    middle, half = 2 * x + z**2, z * np.sqrt(z**2 + 4 * x * (1 - share))
    width = 2 * (n + z**2)
    # The least and the greatest share are limits of themselves: rounding must not pass them.
    return (
        np.where(x == 0, 0.0 * share, (middle - half) / width),
        np.where(x >= n, 0.0 * share + 1, (middle + half) / width),
    )


def refuse_above_whole(part: FloatArray, whole: FloatArray) -> None:
    """Raise ValueError where a part is above its whole by more than rounding.

    >>> refuse_above_whole(np.array([0.1 + 0.2, np.nan]), np.array([0.3, 1]))
    """
    above = part > whole * (1 + ROUNDING)
    if above.any():
        first = int(np.flatnonzero(above)[0])
        raise ValueError(
            f"{int(above.sum())} part(s) above the whole, the first at position {first} "
            f"({part[first]} of {whole[first]}): a figure that may be is a rate, not a share"
        )


def _refuse_per(per: float) -> None:
    """Raise ValueError for a `per` that scales nothing."""
    if not (np.isfinite(per) and per > 0):
        raise ValueError(f"per must be finite and above 0, not {per}")
