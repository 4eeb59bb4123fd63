"""Level funnels: the funnel of all areas of a level, the same wherever it is made or drawn.

Of :data:`LEAST_SPREAD` areas or more, the limits allow for what the areas differ by beyond chance
(`overdispersed_funnel`); of fewer, that cannot be told, and they are those of chance alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from geodata.methods.amounts import FloatArray
from geodata.methods.funnel import (
    P_FAR_OUTSIDE,
    P_OUTSIDE,
    Convention,
    Funnel,
    overdispersed_funnel,
    rate_funnel,
    share_funnel,
)
from geodata.methods.intervals import ROUNDING

LEAST_SPREAD = 10
"""With fewer areas the spread between them beyond chance cannot be told."""

_SIDES = ((P_FAR_OUTSIDE, -1), (P_OUTSIDE, -1), (P_OUTSIDE, 1), (P_FAR_OUTSIDE, 1))


def usable_counts(
    value: npt.ArrayLike, part: npt.ArrayLike, whole: npt.ArrayLike, *, is_share: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the counts and people that chance can be told of; both NaN elsewhere.

    Left out are areas without a value, without people, with a negative part and, for a share, with
    a part above its whole, as counts of two sources may have.

    >>> usable_counts([50, 50, np.nan, 200], [1, 1, 1, 4], [2, 0, 2, 2], is_share=True)
    (array([ 1., nan, nan, nan]), array([ 2., nan, nan, nan]))
    """
    said, above, below = (np.asarray(x, dtype=np.float64) for x in (value, part, whole))
    usable = ~np.isnan(said) & (above >= 0) & (below > 0)
    if is_share:
        usable &= above <= below * (1 + ROUNDING)
    return np.where(usable, above, np.nan), np.where(usable, below, np.nan)


def level_funnel(
    counts: npt.ArrayLike,
    people: npt.ArrayLike,
    per: float,
    benchmark: float | None,
    *,
    is_share: bool,
) -> Funnel:
    """Return the funnel of the areas of a level.

    Args:
        counts, people: (n,) as `usable_counts` gives them.
        per: so many that the figure is given for.
        benchmark: in the figure's unit; the sum of counts over that of people where None, or where
            a share is told to be above the whole.
        is_share: whether the counts are parts of the people.

    Raises:
        ValueError: as the funnels do.

    Two areas, by chance alone; ten, with what they differ by beyond it:

    >>> level_funnel([1, 9], [10, 10], 100, None, is_share=True).convention.value
    'wilson'
    >>> level_funnel([5] * 10, [10] * 10, 100, None, is_share=True).convention.value
    'overdispersed'
    """
    known = int(np.isfinite(np.asarray(counts, dtype=np.float64)).sum())
    if is_share and benchmark is not None and benchmark > per:
        benchmark = None
    if known >= LEAST_SPREAD:
        return overdispersed_funnel(counts, people, per, benchmark, is_share=is_share)
    by = share_funnel if is_share else rate_funnel
    return by(counts, people, per, benchmark)


def limits_at(
    made: Funnel, people: npt.ArrayLike, per: float, *, is_share: bool
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the limits of a funnel for areas of other sizes: far low, low, high, far high.

    Args:
        made: as `level_funnel` gives it. people: (m,) above 0. per, is_share: as it was made with.

    Four areas that expect 100 each: those limits again, as `overdispersed_funnel` works them out.

    >>> made = overdispersed_funnel([80, 90, 110, 120], [100, 100, 100, 100])
    >>> [round(float(x[0]), 3) for x in limits_at(made, [100], 1, is_share=False)[1:3]]
    [0.726, 1.377]
    """
    base = np.asarray(people, dtype=np.float64)
    if made.convention is not Convention.OVERDISPERSED:
        by = share_funnel if is_share else rate_funnel
        same = by(np.zeros_like(base), base, per, made.benchmark)
        return same.far_low, same.low, same.high, same.far_high
    far_low, low, high, far_high = (
        _spread(made, base, per, p, side, is_share) for p, side in _SIDES
    )
    return far_low, low, high, far_high


def _spread(
    made: Funnel, base: FloatArray, per: float, p: float, side: int, is_share: bool
) -> FloatArray:
    """Return one over-dispersed limit, on the scale of its scores and back."""
    if is_share:
        target = np.arcsin(np.sqrt(made.benchmark / per))
        reach = target - side * float(ndtri(p)) * np.sqrt(1 / (4 * base) + made.tau2)
        return np.asarray(per * np.sin(np.clip(reach, 0, np.pi / 2)) ** 2)
    expected = base * (made.benchmark / per)
    reach = -side * float(ndtri(p)) * np.sqrt(1 / expected + made.tau2)
    return np.asarray(made.benchmark * np.exp(reach))
