"""Tested trends: whether a short series rises or falls, by how much a year, and how surely.

A trend is a line through the logarithms: the same percentage every year. At most one break is
looked for, since short series have no room for more: two lines that meet at a period. A break is
kept only where it pays for its two more unknowns (BIC) and where chance would seldom make so good a
one (F test, its p-value times the number of places tried). A verdict of rising or falling needs a
p-value under 0.05; anything else is unclear, which does not say that nothing changed.

Counts are taken as quasi-Poisson: they may vary more than chance, never less. Values (prices,
indices, medians) are taken as they are.

Sources:
    H.-J. Kim et al., "Permutation tests for joinpoint regression with applications to cancer
    rates", Statistics in Medicine 19 (2000), 335-351 (lines that meet at a period).
    L. X. Clegg et al., "Estimating average annual per cent change in trend analysis", Statistics in
    Medicine 28 (2009), 3670-3682 (the average over segments).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtr, stdtrit

from geodata.methods.amounts import FloatArray, known_amounts
from geodata.methods.line_fits import (
    LineFits,
    Mask,
    least_squares_fits,
    merged_fits,
    padded_fits,
    poisson_fits,
)

FEWEST = 3
"""Fewer periods make no trend, nor a segment of one; two segments share the one they meet at."""

P_CLEAR = 0.05
"""The p-value under which a trend is rising or falling, and a break is one."""

COUNTED = "quasi_poisson"
"""The method of counts, whose dispersion is at least 1."""

Positions = npt.NDArray[np.int64]
Fit = Callable[[FloatArray, Positions], LineFits]


class Verdict(StrEnum):
    """What the test says of a segment."""

    RISING = "rising"
    FALLING = "falling"
    UNCLEAR = "unclear"


@dataclass(frozen=True, eq=False)
class Trends:
    """The trends of n series, in m segments; a series has none, one or two.

    Of each segment, in the order of series and time:

    Attributes:
        series: (m,) position of the series.
        first: (m,) position of the segment's first period that has a figure.
        last: (m,) position of its last.
        periods: (m,) how many have a figure, both ends counted.
        change: (m,) percent a year.
        low: (m,) lower limit of the change.
        high: (m,) upper limit.
        p_value: (m,) how likely chance makes as much change, were there none.
        verdict: (m,) `Verdict`.
        method: (m,) "quasi_poisson", "log_linear", or "linear" (percent of the series' mean).
        average: (n,) of each series, percent a year over its segments by their length; NaN where
            it has none.
        average_low: (n,) lower limit of the average.
        average_high: (n,) upper limit.
        break_p: (n,) p-value of the break; NaN where there is none.
    """

    series: Positions
    first: Positions
    last: Positions
    periods: Positions
    change: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    verdict: npt.NDArray[np.object_]
    method: npt.NDArray[np.object_]
    average: FloatArray
    average_low: FloatArray
    average_high: FloatArray
    break_p: FloatArray


def rate_trends(
    counts: npt.ArrayLike,
    people: npt.ArrayLike,
    periods: npt.ArrayLike,
    level: float = 0.95,
    has_breaks: bool = True,
) -> Trends:
    """Return the trends of rates counts / people, the counts being quasi-Poisson.

    log E(count) = log people + a + b t, and + c (t - break) after a break. The dispersion is
    Pearson's, at least 1; limits and p-values are Student's.

    Args:
        counts: (n, t) events; NaN where unknown.
        people: (n, t) among whom; a period is left out where they are unknown or none.
        periods: (t,) years or parts of years, ascending.
        level: of the limits, in (0, 1).
        has_breaks: whether a break is looked for.

    Raises:
        ValueError: for amounts that are negative or infinite, shapes that do not match, periods
            that do not ascend, or a level out of range.

    1000, 1100, 1210 and 1331 events among as many people: 10 % a year, with the spread of chance.

    >>> made = rate_trends([[1000, 1100, 1210, 1331]], [[10_000] * 4], [2019, 2020, 2021, 2022])
    >>> made.change.round(6).tolist(), made.first.tolist(), made.last.tolist()
    ([10.0], [0], [3])
    >>> made.low.round(1).tolist(), made.high.round(1).tolist(), made.verdict[0].value
    ([3.9], [16.4], 'rising')
    """
    time = _ascending(periods)
    y, base = _table(counts, time, "counts"), _table(people, time, "people")
    if y.shape != base.shape:
        raise ValueError(f"counts are {y.shape} but people {base.shape}")
    known = ~np.isnan(y) & (base > 0)
    y, base = np.where(known, y, 0.0), np.where(known, base, 1.0)
    # Events in the first known period only, or in the last, fit any steepness: no estimate.
    after_first = np.where(np.cumsum(known, axis=1) > 1, y, 0.0).sum(axis=1)
    before_last = np.where(np.cumsum(known[:, ::-1], axis=1)[:, ::-1] > 1, y, 0.0).sum(axis=1)
    has_estimate = (after_first > 0) & (before_last > 0)

    def fit(design: FloatArray, rows: Positions) -> LineFits:
        return poisson_fits(design, y[rows], base[rows], known[rows])

    method = np.full(len(y), COUNTED, dtype=object)
    return _trends(fit, known & has_estimate[:, None], time, level, has_breaks, method, y[:, 0])


def value_trends(
    values: npt.ArrayLike,
    periods: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    level: float = 0.95,
    has_breaks: bool = True,
) -> Trends:
    """Return the trends of values, by weighted least squares on their logarithms.

    A series with a value of 0 or below is fitted as it is, and its change is told in percent of
    its mean (it has none where that is not above 0).

    Args:
        values: (n, t) values; NaN where unknown.
        periods: (t,) years or parts of years, ascending.
        weights: (n, t) how much each value counts, above 0; alike if None.
        level: of the limits, in (0, 1).
        has_breaks: whether a break is looked for.

    Raises:
        ValueError: for infinite values, weights that are not above 0 where there is a value,
            shapes that do not match, periods that do not ascend, or a level out of range.

    Half as much each year for three years, then twice as much each year:

    >>> made = value_trends([[8, 4, 2, 1, 2, 4, 8]], [2016, 2017, 2018, 2019, 2020, 2021, 2022])
    >>> made.change.round(6).tolist(), made.first.tolist(), made.last.tolist()
    ([-50.0, 100.0], [0, 3], [3, 6])
    >>> [verdict.value for verdict in made.verdict], abs(made.average.round(6)).tolist()
    (['falling', 'rising'], [0.0])
    """
    time = _ascending(periods)
    y = np.asarray(values, dtype=np.float64)
    if y.ndim != 2 or y.shape[1] != time.size or np.isinf(y).any():
        raise ValueError(f"values must be finite, series by {time.size} periods, not {y.shape}")
    known = ~np.isnan(y)
    weight = np.ones(y.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != y.shape or not ((weight > 0) & np.isfinite(weight))[known].all():
        raise ValueError("weights must be above 0 and finite, one for each value")
    is_log: Mask = np.min(np.where(known, y, 1.0), axis=1, initial=1.0) > 0
    y, weight = np.where(known, y, 0.0), np.where(known, weight, 0.0)
    mean = y.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    y = np.log(y, out=y.copy(), where=known & is_log[:, None])

    def fit(design: FloatArray, rows: Positions) -> LineFits:
        return least_squares_fits(design, y[rows], weight[rows], known[rows])

    method = np.where(is_log, "log_linear", "linear").astype(object)
    has_estimate = is_log | (mean > 0)
    return _trends(fit, known & has_estimate[:, None], time, level, has_breaks, method, mean)


def _trends(
    fit: Fit,
    known: Mask,
    time: FloatArray,
    level: float,
    has_breaks: bool,
    method: npt.NDArray[np.object_],
    mean: FloatArray,
) -> Trends:
    """Return the trends of the series that `fit` fits, given a design and positions of series."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    x, is_count = time - time.mean(), bool((method == COUNTED).all())
    made, place, break_p = _chosen(fit, known, x, has_breaks, 1.0 if is_count else 0.0)
    is_fitted = ~np.isnan(made.beta[:, 1])
    is_broken = is_fitted & (place >= 0)
    first = known.argmax(axis=1)
    last = time.size - 1 - known[:, ::-1].argmax(axis=1)
    end = np.where(is_broken, place, last)

    rows = np.concatenate([np.flatnonzero(is_fitted), np.flatnonzero(is_broken)])
    is_second = np.arange(rows.size) >= is_fitted.sum()
    order = np.lexsort((is_second, rows))
    rows, is_second = rows[order], is_second[order]
    starts = np.where(is_second, end[rows], first[rows])
    stops = np.where(is_second, last[rows], end[rows])
    counted = np.cumsum(known, axis=1)
    change, low, high, p_value = _changes(made, rows, is_second * 1.0, method, mean, level)
    verdict = np.empty(rows.size, dtype=object)
    verdict[:] = Verdict.UNCLEAR  # numpy.full would make plain text of it
    verdict[(p_value < P_CLEAR) & (change > 0)] = Verdict.RISING
    verdict[(p_value < P_CLEAR) & (change < 0)] = Verdict.FALLING

    average = np.full((3, len(known)), np.nan)
    at = np.flatnonzero(is_fitted)
    late = (x[last] - x[end])[at] / (x[last] - x[first])[at]
    average[:, at] = _changes(made, at, late, method, mean, level)[:3]
    return Trends(
        series=rows,
        first=starts,
        last=stops,
        periods=counted[rows, stops] - counted[rows, starts] + 1,
        change=change,
        low=low,
        high=high,
        p_value=p_value,
        verdict=verdict,
        method=method[rows],
        average=average[0],
        average_low=average[1],
        average_high=average[2],
        break_p=np.where(is_broken, break_p, np.nan),
    )


def _chosen(
    fit: Fit, known: Mask, x: FloatArray, has_breaks: bool, least: float
) -> tuple[LineFits, Positions, FloatArray]:
    """Return each series' line, bent where that is better, the place of the break, its p-value.

    The place is -1 where there is no break. `least` is the least dispersion that a fit has.
    """
    count = known.sum(axis=1)
    line = _fits(fit, np.stack([x * 0 + 1, x], axis=1), count >= FEWEST)
    places = range(FEWEST - 1, x.size - FEWEST + 1) if has_breaks else range(0)
    seen = np.cumsum(known, axis=1)
    may_be = known & (seen >= FEWEST) & (count[:, None] - seen + 1 >= FEWEST)
    tried = may_be.sum(axis=1)
    # No break explains more than all that the line leaves: where that is little, none is tried.
    most = np.divide(line.deviance, least, out=np.full(count.shape, np.inf), where=least > 0)
    may_be &= (tried * fdtrc(1, np.maximum(count - 3, 1), most) < P_CLEAR)[:, None]
    best, place = line, np.full(len(known), -1)
    for at in places:
        design = np.stack([x * 0 + 1, x, np.maximum(x - x[at], 0)], axis=1)
        bent = _fits(fit, design, may_be[:, at])
        is_better = bent.deviance < np.where(place < 0, np.inf, best.deviance)
        best = merged_fits(is_better, bent, best)
        place[is_better] = at
    with np.errstate(invalid="ignore", divide="ignore"):
        f = np.maximum(line.deviance - best.deviance, 0) / best.dispersion
        p = np.minimum(1.0, tried * fdtrc(1, best.freedom, f))
        # The criterion of Bayes: the slope and the place of a break are two unknowns more.
        pays = count * np.log1p(f / best.freedom) > 2 * np.log(np.maximum(count, 1))
    is_broken = (place >= 0) & pays & (p < P_CLEAR)
    return merged_fits(is_broken, best, line), np.where(is_broken, place, -1), p


def _fits(fit: Fit, design: FloatArray, rows: Mask) -> LineFits:
    """Return fits of all series with three coefficients, none out of `rows`."""
    at = np.flatnonzero(rows)
    return padded_fits(fit(design, at), at, rows.size, 3)


def _changes(
    made: LineFits,
    rows: Positions,
    late: FloatArray,
    method: npt.NDArray[np.object_],
    mean: FloatArray,
    level: float,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return percent a year, its limits and p-value, for the slope and `late` times its bend."""
    contrast = np.stack([late * 0, late * 0 + 1, late], axis=1)
    estimate = (contrast * made.beta[rows]).sum(axis=1)
    variance = np.einsum("mp,mpq,mq->m", contrast, made.covariance[rows], contrast)
    error, freedom = np.sqrt(np.maximum(variance, 0)), made.freedom[rows]
    reach = stdtrit(freedom, (1 + level) / 2) * error
    sure = np.where(estimate == 0, 0.0, np.inf)
    ratio = np.divide(np.abs(estimate), error, out=sure, where=error > 0)
    slopes = np.stack([estimate, estimate - reach, estimate + reach])
    with np.errstate(over="ignore"):
        percent = np.expm1(slopes)
    is_linear = method[rows] == "linear"
    percent[:, is_linear] = slopes[:, is_linear] / mean[rows][is_linear]
    return 100 * percent[0], 100 * percent[1], 100 * percent[2], 2 * stdtr(freedom, -ratio)


def _ascending(periods: npt.ArrayLike) -> FloatArray:
    """Return the periods as numbers, found to ascend."""
    time = np.asarray(periods, dtype=np.float64)
    if (
        time.ndim != 1
        or not time.size
        or not (np.isfinite(time).all() and (np.diff(time) > 0).all())
    ):
        raise ValueError("periods must be finite numbers that ascend, one at least")
    return time


def _table(values: npt.ArrayLike, time: FloatArray, name: str) -> FloatArray:
    """Return (n, t) known or unknown amounts."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != time.size:
        raise ValueError(f"{name} must be series by {time.size} periods, not {array.shape}")
    known_amounts(array.ravel(), name)
    return array
