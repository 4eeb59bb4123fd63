"""Survival: how long it takes until a case is closed, open cases counted for what they tell.

A case that is still open has taken at least so long. To leave it out would make the delays look
shorter than they are; to count it as late, longer. Kaplan and Meier let it count up to the day it
was last seen: at each delay at which cases were closed, the share still open is multiplied by the
part of those at risk that stayed open.

Sources:
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of
    the American Statistical Association 53 (1958), 457-481.
    J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data, Wiley
    (1980), 15 (limits through log(-log)).
    R. Brookmeyer and J. Crowley, "A confidence interval for the median survival time", Biometrics
    38 (1982), 29-41 (limits of quantiles: where the limits of the curve pass).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from geodata.methods.amounts import FloatArray, known_amounts

_TIE = 1e-12


@dataclass(frozen=True)
class Estimate:
    """A value with its limits; None where the cases do not tell: where too many are open."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class Survival:
    """How the cases were closed in time.

    Attributes:
        times: (m,) delays at which cases were closed, ascending.
        open: (m,) share still open after each.
        open_low, open_high: (m,) its limits; NaN where nothing is open any more.
        at_risk: (m,) cases that were open just before.
        closed: (m,) of those, closed at that delay.
        followed: the longest delay that a case was seen for; 0 without cases.
        cases: how many there are.
    """

    times: FloatArray
    open: FloatArray
    open_low: FloatArray
    open_high: FloatArray
    at_risk: FloatArray
    closed: FloatArray
    followed: float
    cases: int

    def share_within(self, limit: float) -> Estimate:
        """Return the share of cases closed within `limit`, that delay included.

        None throughout where no case was seen for so long and some were left open: nobody knows
        how many of those were closed in between.
        """
        at = int(np.searchsorted(self.times, limit, side="right")) - 1
        left = self.open[at] if at >= 0 else 1.0
        if not self.cases or (limit > self.followed and left > 0):
            return Estimate(None, None, None)
        if at < 0:
            return Estimate(0.0, None, None)
        low, high = 1 - self.open_high[at], 1 - self.open_low[at]
        return Estimate(float(1 - left), _known(low), _known(high))

    def quantile(self, share: float) -> Estimate:
        """Return the least delay within which `share` of the cases was closed.

        A limit is None where the curve's own limit does not pass that share.
        """
        if not 0 < share < 1:
            raise ValueError(f"share must be between 0 and 1, not {share}")
        # Where nothing is open any more the limits of the curve are gone: it has passed.
        curves = [self.open, *(np.nan_to_num(c) for c in (self.open_low, self.open_high))]
        value, low, high = (self._first(curve, 1 - share) for curve in curves)
        return Estimate(value, low, high)

    @property
    def median(self) -> Estimate:
        """Half of the cases are closed within it."""
        return self.quantile(0.5)

    @property
    def p90(self) -> Estimate:
        """Nine cases in ten are closed within it."""
        return self.quantile(0.9)

    def _first(self, curve: FloatArray, level: float) -> float | None:
        """Return the first time at which `curve` is at `level` or below."""
        there = np.flatnonzero(curve <= level + _TIE)
        return float(self.times[there[0]]) if there.size else None


def delay(
    durations: npt.ArrayLike,
    is_closed: npt.ArrayLike,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Survival:
    """Return how cases were closed in time, by Kaplan and Meier.

    Where each case has a term of its own (three calendar months are 89 to 92 days), give durations
    in parts of that term: `share_within(1)` is then the share closed in time.

    Args:
        durations: (n,) from the start of each case to its end, or to when it was last seen open;
            in any unit.
        is_closed: (n,) whether it ended.
        entry: (n,) from the start of each case to when it was first looked at, if later: a case
            closed before that would not be known. Below its duration.
        level: of the limits, in (0, 1).

    Raises:
        ValueError: for durations that are unknown, negative or infinite, arrays of different
            lengths, entries that are not before the ends, or a level out of range.

    Five cases: closed after 10, 20 and 30 days, open after 15 and 40. After 10 days 4/5 are open;
    at 20 days three are at risk and one is closed: 4/5 * 2/3; at 30 days two: half of that.

    >>> made = delay([10, 15, 20, 30, 40], [True, False, True, True, False])
    >>> made.open.round(4).tolist(), made.at_risk.tolist()
    ([0.8, 0.5333, 0.2667], [5.0, 3.0, 2.0])
    >>> made.median.value, made.p90.value, round(made.share_within(29).value, 4)
    (30.0, None, 0.4667)
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    time, closed = known_amounts(durations, "durations"), np.asarray(is_closed, dtype=bool)
    first = None if entry is None else np.asarray(entry, dtype=np.float64)
    if np.isnan(time).any():
        raise ValueError("durations has unknown values: a case without dates is not a case")
    if closed.shape != time.shape or (first is not None and first.shape != time.shape):
        raise ValueError(f"{time.size} durations, {closed.size} ends")
    if first is not None and not (first < time).all():
        raise ValueError("a case must be looked at before it ends")
    followed = float(time.max(initial=0.0))
    if not closed.any():
        none = np.empty(0)
        return Survival(none, none, none, none, none, none, followed, time.size)
    from statsmodels.duration.survfunc import SurvfuncRight  # a second that others need not wait

    curve = SurvfuncRight(time, closed.astype(np.float64), entry=first)
    left = np.asarray(curve.surv_prob, dtype=np.float64)
    z = -float(ndtri((1 - level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        # The error of log(-log S) is that of S over S log S.
        wide = np.exp(z * curve.surv_prob_se / (left * np.log(left)))
        low, high = left ** (1 / wide), left**wide
    return Survival(
        np.asarray(curve.surv_times, dtype=np.float64),
        left,
        np.where(left > 0, low, np.nan),
        np.where(left > 0, high, np.nan),
        np.asarray(curve.n_risk, dtype=np.float64),
        np.asarray(curve.n_events, dtype=np.float64),
        followed,
        time.size,
    )


def _known(value: float) -> float | None:
    """Return the value, None for NaN."""
    return None if np.isnan(value) else float(value)
