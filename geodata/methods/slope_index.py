"""Slope index: how much worse a figure is at the deprived end than at the other.

The areas (or deciles of them) are ranked by deprivation and laid out on a line from 0 to 1, each as
long as its share of people. A straight line is put through their figures; the slope index (SII) is
its rise from one end to the other, the relative index (RII) the ratio of its ends.

Source:
    A. Low and A. Low, "Measuring the gap: quantifying and comparing local health inequalities",
    Journal of Public Health 26 (2004), 388-395; as `phe_sii` of PHEindicatormethods 2.1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

from geodata.methods.amounts import FloatArray
from geodata.methods.inequality import known_ranked, ridits

_CELLS = 4_000_000


class Spread(StrEnum):
    """On what scale the chance in a figure is normal: as it is, its logarithm, or its logit."""

    PLAIN = "plain"
    LOG = "log"
    LOGIT = "logit"


@dataclass(frozen=True)
class SlopeIndex:
    """The slope index (last less first, in the figure's unit) and the relative one (last / first).

    NaN where undefined: fewer than two ranks, or a line that is not above 0 at the first.
    """

    sii: float
    sii_low: float
    sii_high: float
    rii: float
    rii_low: float
    rii_high: float
    areas: int


def standard_errors(
    low: npt.ArrayLike, high: npt.ArrayLike, spread: Spread = Spread.PLAIN, level: float = 0.95
) -> FloatArray:
    """Return the standard errors that intervals stand for, on the scale of `spread`.

    (high - low) / (2 z), of logarithms or logits where those are normal; infinite at their ends.

    >>> standard_errors([8.04], [11.96]).round(3).tolist()
    [1.0]
    """
    ends = np.array([low, high], dtype=np.float64)
    with np.errstate(divide="ignore"):
        if spread is Spread.LOG:
            ends = np.log(ends)
        elif spread is Spread.LOGIT:
            ends = np.log(ends) - np.log1p(-ends)
    return np.asarray((ends[1] - ends[0]) / (-2 * ndtri((1 - level) / 2)), dtype=np.float64)


def slope_index(
    values: npt.ArrayLike,
    people: npt.ArrayLike,
    rank_by: npt.ArrayLike,
    errors: npt.ArrayLike | None = None,
    *,
    spread: Spread = Spread.PLAIN,
    level: float = 0.95,
    draws: int = 100_000,
    seed: int = 0,
) -> SlopeIndex:
    """Return the slope and the relative index, with limits if the figures' errors are given.

    Least squares of the figure on the ridit, weighted by people. The limits are quantiles of the
    indices of drawn figures, each normal on the scale of `spread` about its own; those of the slope
    of plainly normal figures are known without drawing.

    Args:
        values: (n,) figures of areas or deciles; NaN where unknown.
        people: (n,) of each; left out where there are none.
        rank_by: (n,) ascending from the end that the slope starts at: a deprivation score makes a
            slope above 0 say that the deprived have more of it.
        errors: (n,) standard errors on the scale of `spread`; left out where unknown.
        spread: the scale on which chance is normal.
        level: of the limits, in (0, 1).
        draws: how many figures are drawn, at least 1000.
        seed: of the draws.

    Raises:
        ValueError: for arrays of different lengths, errors below 0, figures out of the scale, or
            a number out of range.

    Two halves with 10 and 20: ridits 0.25 and 0.75, the line rises from 5 to 25.

    >>> made = slope_index([10, 20], [100, 100], rank_by=[1, 2], errors=[1, 1])
    >>> round(made.sii, 9), round(made.rii, 9)
    (20.0, 5.0)

    The slope is twice the difference of the two: its error 2 sqrt 2, its limits 5.5 away.

    >>> round(made.sii_low, 1), round(made.sii_high, 1)
    (14.5, 25.5)
    """
    if draws < 1000 or seed < 0 or not 0 < level < 1:
        raise ValueError("draws must be at least 1000, seed at least 0, level in (0, 1)")
    x, p, rank, known = known_ranked(values, people, rank_by)
    error = np.full(x.size, np.nan)
    if errors is not None:
        given = np.asarray(errors, dtype=np.float64)
        if given.shape != known.shape or (given < 0).any():
            raise ValueError("errors must be at least 0, one for each value")
        seen = ~np.isnan(given[known])
        x, p, rank, error = x[seen], p[seen], rank[seen], given[known][seen]
    if np.unique(rank).size < 2:
        return SlopeIndex(np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, x.size)
    room = ridits(rank, p)
    share = p / p.sum()
    # Slope and start of the line are weighted sums of the figures.
    away = share * (room - share @ room)
    slope = away / (away @ room)
    start = share - slope * (share @ room)
    sii, at_first = float(slope @ x), float(start @ x)
    rii = (at_first + sii) / at_first if at_first > 0 else float("nan")
    if errors is None:
        return SlopeIndex(sii, np.nan, np.nan, rii, np.nan, np.nan, x.size)
    rises, starts = _drawn(np.stack([slope, start]), x, error, spread, draws, seed)
    tails = [(1 - level) / 2, (1 + level) / 2]
    sii_low, sii_high = np.quantile(rises, tails).tolist()
    if spread is Spread.PLAIN:
        reach = float(ndtri(tails[1]) * np.sqrt((slope * error) @ (slope * error)))
        sii_low, sii_high = sii - reach, sii + reach
    # A line that may start at 0 or below has a ratio without end.
    ratios = np.where(starts > 0, (starts + rises) / np.where(starts > 0, starts, 1.0), np.nan)
    is_ratio = at_first > 0 and not np.isnan(ratios).any()
    rii_low, rii_high = np.quantile(ratios, tails).tolist() if is_ratio else (np.nan, np.nan)
    return SlopeIndex(sii, sii_low, sii_high, rii, rii_low, rii_high, x.size)


def _drawn(
    sums: FloatArray, x: FloatArray, error: FloatArray, spread: Spread, draws: int, seed: int
) -> FloatArray:
    """Return (2, draws): the two weighted sums of drawn figures."""
    random = np.random.default_rng(seed)
    if spread is Spread.PLAIN:
        # Sums of normal figures are normal: they can be drawn themselves, however many figures.
        covariance = (sums * error**2) @ sums.T
        return np.asarray(random.multivariate_normal(sums @ x, covariance, draws).T)
    is_log = spread is Spread.LOG
    if (x <= 0).any() or (not is_log and (x >= 1).any()):
        raise ValueError(f"a figure is out of the scale {spread.value}")
    middle = np.log(x) if is_log else logit(x)
    rows = max(1, _CELLS // x.size)
    parts = []
    for done in range(0, draws, rows):
        some = middle + error * random.standard_normal((min(rows, draws - done), x.size))
        parts.append((np.exp(some) if is_log else expit(some)) @ sums.T)
    return np.concatenate(parts).T
