"""Funnels: how far from the benchmark chance alone may carry an area of its size.

Small areas swing wide, large ones little, so the limits around the benchmark have the shape of a
funnel. Three conventions, and every funnel says which one it is:

    wilson          a share among areas that differ by chance only. Limits of Wilson's type.
    poisson         a rate, likewise. Exact Poisson limits.
    overdispersed   areas differ by more than chance for reasons that no one judges (their people,
                    their registers). The spread between them, tau, is estimated and added.

The first two are those of England's public health indicators (PHEindicatormethods 2.1.0, Funnels),
the third that of its hospital mortality indicator (FunnelPlotR). The third is the one to use where
many areas lie outside the others' limits: there the limits, not the areas, are wrong.

Sources:
    D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in
    Medicine 24 (2005), 1185-1202.
    D. J. Spiegelhalter, "Handling over-dispersion of performance indicators", Quality and Safety
    in Health Care 14 (2005), 347-351 (phi, winsorising, tau).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import chdtriv, ndtri
from scipy.stats import rankdata

from geodata.methods.amounts import FloatArray, counted_among
from geodata.methods.intervals import refuse_above_whole
from geodata.model import Standing

P_OUTSIDE = 0.025
"""Chance alone puts this part of the areas beyond the inner limit, on each side."""

P_FAR_OUTSIDE = 0.001
"""And this one beyond the outer limit."""

WINSORISED = 0.1
"""The part of the areas at each end whose scores are pulled in before the spread is estimated."""


class Convention(StrEnum):
    """How the limits are made."""

    WILSON = "wilson"
    POISSON = "poisson"
    OVERDISPERSED = "overdispersed"


class Trimming(StrEnum):
    """What is done with the scores at both ends, so that outliers do not widen their own limits.

    WINSORISED: set to the 10 % and 90 % quantiles. TRUNCATED: left out, by rank (as England's
    hospital mortality indicator does).
    """

    WINSORISED = "winsorised"
    TRUNCATED = "truncated"


@dataclass(frozen=True, eq=False)
class Funnel:
    """The funnel of n areas, its limits in the unit of the figure.

    Attributes:
        convention: how the limits were made.
        benchmark: the figure they surround.
        far_low, low, high, far_high: (n,) limits of 99.8 % and 95 % for an area of this size; NaN
            where it has no figure.
        standing: (n,) `Standing`, None where it has no figure. A figure on a limit is within.
        phi: how many times more the scores vary than chance makes them; NaN if not estimated.
        tau2: variance between areas beyond chance, on the scale of the scores; 0 if not estimated.
    """

    convention: Convention
    benchmark: float
    far_low: FloatArray
    low: FloatArray
    high: FloatArray
    far_high: FloatArray
    standing: npt.NDArray[np.object_]
    phi: float = float("nan")
    tau2: float = 0.0


def share_funnel(
    counts: npt.ArrayLike,
    totals: npt.ArrayLike,
    per: float = 100,
    benchmark: float | None = None,
) -> Funnel:
    """Return the funnel of shares per * counts / totals, by the convention "wilson".

    The limits b -+ q sqrt(b (1 - b) / n) are the shares whose own Wilson interval ends at the
    benchmark b, kept within 0 and `per`. (`sigma_adjustment` of PHEindicatormethods, which solves
    Wilson's equation at length, comes to the same.)

    Args:
        counts: (n,) the part; NaN where unknown.
        totals: (n,) the whole; NaN where unknown, no figure at 0.
        per: 100 for a percentage.
        benchmark: in the figure's unit; the sum of parts over the sum of wholes if None.

    Raises:
        ValueError: for amounts that are negative or infinite, arrays of different lengths, a part
            above its whole, or a benchmark or `per` out of range.

    A benchmark of 50 %: 1.96 sqrt(0.25 / 100) is 9.8 points for a hundred people, 31 for ten.

    >>> made = share_funnel([50, 9, 75], [100, 10, 100], benchmark=50)
    >>> made.low.round(1).tolist(), made.high.round(1).tolist()
    ([40.2, 19.0, 40.2], [59.8, 81.0, 59.8])
    >>> [standing.value for standing in made.standing]
    ['within', 'higher', 'much_higher']
    """
    part, whole = counted_among(counts, totals)
    refuse_above_whole(part, whole)
    middle = _benchmark(part, whole, per, benchmark) / per
    if middle > 1:
        raise ValueError(f"a benchmark of {benchmark} is above the whole, {per}")
    limits = [
        np.clip(_wilson_limit(whole, middle, p, side), 0, 1) * per
        for p, side in ((P_FAR_OUTSIDE, -1), (P_OUTSIDE, -1), (P_OUTSIDE, 1), (P_FAR_OUTSIDE, 1))
    ]
    return _funnel(Convention.WILSON, middle * per, per * part / whole, limits)


def rate_funnel(
    counts: npt.ArrayLike,
    people: npt.ArrayLike,
    per: float = 1,
    benchmark: float | None = None,
) -> Funnel:
    """Return the funnel of rates per * counts / people, by the convention "poisson".

    With E the events that the benchmark makes one expect, the limits are the k / E at which an
    exact Poisson limit of k events is E: an area is outside where its own exact interval misses
    the benchmark. An area that expects under 3.7 events is never low.

    Args:
        counts: (n,) events; NaN where unknown.
        people: (n,) among whom, or the events expected of them; no figure at 0.
        per: 1000 for a rate per thousand.
        benchmark: in the figure's unit; the sum of events over the sum of people if None.

    Raises:
        ValueError: as `share_funnel`, but for parts above their wholes.

    Garwood's limits of 10 events are 4.795 and 18.39, those of none 0 and 3.689. Where 4.8 events
    are expected 10 are just within; where 3.7 are, none at all is lower:

    >>> made = rate_funnel([10, 11, 0, 0], [960, 960, 740, 730], per=1000, benchmark=5)
    >>> (made.high[:2] * 0.96).round(2).tolist(), made.low.round(3).tolist()
    ([10.01, 10.01], [0.591, 0.591, 0.007, 0.0])
    >>> [standing.value for standing in made.standing]
    ['within', 'higher', 'lower', 'within']
    """
    events, base = counted_among(counts, people)
    middle = _benchmark(events, base, per, benchmark)
    expected = base * (middle / per)
    limits = [
        _poisson_limit(expected, p, side) * per / base
        for p, side in ((P_FAR_OUTSIDE, -1), (P_OUTSIDE, -1), (P_OUTSIDE, 1), (P_FAR_OUTSIDE, 1))
    ]
    return _funnel(Convention.POISSON, middle, per * events / base, limits)


def overdispersed_funnel(
    counts: npt.ArrayLike,
    people: npt.ArrayLike,
    per: float = 1,
    benchmark: float | None = None,
    *,
    is_share: bool = False,
    trimming: Trimming = Trimming.WINSORISED,
) -> Funnel:
    """Return the funnel by the convention "overdispersed".

    Each area's score is z = (y - target) / s. For rates, with E expected by the benchmark,
    y = ln(O / E), s = 1 / sqrt E, target 0; for shares y = asin(sqrt(x / n)), s = 1 / (2 sqrt n),
    target asin(sqrt benchmark). The scores are trimmed; then over the n that are left, w = 1/s^2,

        phi = sum z^2 / n        tau^2 = max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w))

    and the limits are target -+ q sqrt(s^2 + tau^2), brought back to the unit. No event has no
    logarithm: it counts as half a one, in the score and in the standing.

    Args:
        counts: (n,) events or the part; NaN where unknown.
        people: (n,) among whom, the events expected of them, or the whole; no figure at 0.
        per: 1000 for a rate per thousand, 100 for a percentage.
        benchmark: in the figure's unit; the sum of counts over the sum of people if None.
        is_share: whether the counts are parts of the people.
        trimming: what is done with the scores at both ends.

    Raises:
        ValueError: as `share_funnel`.

    Four areas that expect 100 each: scores of 10 ln(O / E) = -2.23, -1.05, 0.95 and 1.82, the ends
    pulled in to -1.88 and 1.56. They still vary more than chance makes them; tau^2 = (4 phi - 3) /
    (400 - 100), and exp(1.96 sqrt(0.01 + tau^2)) = 1.38:

    >>> made = overdispersed_funnel([80, 90, 110, 120], [100, 100, 100, 100])
    >>> round(made.phi, 2), round(made.tau2, 4)
    (2.0, 0.0166)
    >>> made.low.round(3).tolist()[0], made.high.round(3).tolist()[0], made.standing[0].value
    (0.726, 1.377, 'within')
    """
    events, base = counted_among(counts, people)
    if is_share:
        refuse_above_whole(events, base)
    middle = _benchmark(events, base, per, benchmark)
    if is_share and middle > per:
        raise ValueError(f"a benchmark of {benchmark} is above the whole, {per}")
    value = per * events / base
    expected = base * (middle / per)
    if is_share:
        target = float(np.arcsin(np.sqrt(middle / per)))
        y, s = np.arcsin(np.sqrt(np.minimum(events / base, 1.0))), 1 / (2 * np.sqrt(base))
    else:
        target, is_expected = 0.0, expected > 0
        value = np.where((events == 0) & is_expected, per * 0.5 / base, value)
        y = np.log(value / (middle or np.nan))
        s = 1 / np.sqrt(np.where(is_expected, expected, np.nan))
    phi, tau2 = _dispersion((y - target) / s, s, trimming)
    limits = []
    for p, side in ((P_FAR_OUTSIDE, -1), (P_OUTSIDE, -1), (P_OUTSIDE, 1), (P_FAR_OUTSIDE, 1)):
        reach = target - side * float(ndtri(p)) * np.sqrt(s**2 + tau2)
        if is_share:
            limits.append(per * np.sin(np.clip(reach, 0, np.pi / 2)) ** 2)
        else:
            limits.append(np.where(is_expected, middle * np.exp(reach), 0.0 * base))
    return _funnel(Convention.OVERDISPERSED, middle, value, limits, phi, tau2)


def _benchmark(events: FloatArray, base: FloatArray, per: float, given: float | None) -> float:
    """Return the figure that the areas are held against; NaN where nothing is known."""
    if not (np.isfinite(per) and per > 0):
        raise ValueError(f"per must be finite and above 0, not {per}")
    if given is None:
        total = float(np.nansum(base))
        return per * float(np.nansum(events)) / total if total > 0 else float("nan")
    if not (np.isfinite(given) and given >= 0):
        raise ValueError(f"benchmark must be finite and at least 0, not {given}")
    return given


def _wilson_limit(whole: FloatArray, middle: float, p: float, side: int) -> FloatArray:
    """Return the share at which Wilson's own limit is `middle`."""
    return middle - side * float(ndtri(p)) * np.sqrt(middle * (1 - middle) / whole)


def _poisson_limit(expected: FloatArray, p: float, side: int) -> FloatArray:
    """Return the events, not rounded, at which an exact limit is `expected`."""
    # The chi-square function is solved for its degrees of freedom: 2k at the lower limit of k
    # events, 2k + 2 at the upper one.
    x = 2 * np.where(expected > 0, expected, 1.0)
    events = chdtriv(p, x) / 2 if side > 0 else np.maximum(chdtriv(1 - p, x) / 2 - 1, 0.0)
    return np.where(np.isnan(expected), np.nan, np.where(expected > 0, events, 0.0))


def _dispersion(score: FloatArray, s: FloatArray, trimming: Trimming) -> tuple[float, float]:
    """Return phi and tau^2 of the scores, trimmed at both ends; NaN and 0 of fewer than two."""
    known = np.isfinite(score)
    z, weight = score[known], s[known] ** -2
    if trimming is Trimming.TRUNCATED:
        tenth = np.floor(rankdata(z) / (WINSORISED * (z.size + 1)))
        kept = (tenth > 0) & (tenth < 1 / WINSORISED - 1)
        z, weight = z[kept], weight[kept]
    if z.size < 2:
        return float("nan"), 0.0
    if trimming is Trimming.WINSORISED:
        z = np.clip(z, *np.quantile(z, [WINSORISED, 1 - WINSORISED]))
    phi = float(np.mean(z**2))
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    return phi, max(0.0, float((z.size * phi - (z.size - 1)) / spread))


def _funnel(
    convention: Convention,
    benchmark: float,
    value: FloatArray,
    limits: list[FloatArray],
    phi: float = float("nan"),
    tau2: float = 0.0,
) -> Funnel:
    """Return the funnel with where each value stands in it."""
    far_low, low, high, far_high = limits
    standing = np.full(value.shape, None, dtype=object)
    standing[~np.isnan(value)] = Standing.WITHIN
    # From the inside out: what is far outside is outside too.
    for is_there, word in (
        (value < low, Standing.LOWER),
        (value > high, Standing.HIGHER),
        (value < far_low, Standing.MUCH_LOWER),
        (value > far_high, Standing.MUCH_HIGHER),
    ):
        standing[is_there] = word
    return Funnel(convention, benchmark, far_low, low, high, far_high, standing, phi, tau2)
