"""Benchmarks: the value of a free choice of areas, and whether a value differs from a benchmark.

The value of several areas is what was counted in them over those it was counted among, never the
mean of their values. The benchmark is taken as it is; the chance is that of the value compared.

Sources:
    Public Health England, "Technical guide: assigning deprivation categories and comparing areas"
    and the Fingertips public health profiles (a value differs from its benchmark where its 95 %
    interval excludes it).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan

import pandas as pd

from geodata.methods.intervals import rate_interval, share_interval
from geodata.methods.rates import severity, status_of_severity
from geodata.model import Chance, Status


class Verdict(StrEnum):
    """How a value stands to its benchmark; not tested where it has no interval."""

    LOWER = "lower"
    SIMILAR = "similar"
    HIGHER = "higher"
    NOT_TESTED = "not_tested"


@dataclass(frozen=True, slots=True)
class Together:
    """Several areas taken as one.

    Attributes:
        value: NaN unless every part is known.
        status: that of the least sure part; where there is no value, why not. Not applicable where
            the parts have values that nothing can be added up of (medians, published rates).
        numerator: NaN without a value, like the denominator and the limits of 95 %.
        parts: how many of the areas are known, of `parts_expected`.
    """

    value: float
    status: Status
    numerator: float
    denominator: float
    low: float
    high: float
    parts: int
    parts_expected: int


def together(frame: pd.DataFrame, per: float, chance: Chance = Chance.NONE) -> Together:
    """Return the value of some areas: per * sum of numerators / sum of denominators.

    An area where a figure is withheld or unknown leaves the whole without a value: what the others
    sum up to would pass for it.

    Args:
        frame: one row per area: status, numerator, denominator (NaN where unknown).
        per: 100 for a percentage; above 0.
        chance: what the interval takes the numerator for; without one there is no interval.

    Raises:
        ValueError: for no area, or as `rate_interval` and `share_interval`.

    Two villages, 1 in 10 and 9 in 30; then one more whose count is withheld:

    >>> villages = pd.DataFrame({
    ...     "status": ["observed", "observed", "suppressed"],
    ...     "numerator": [1, 9, None], "denominator": [10, 30, 20],
    ... })
    >>> both = together(villages[:2], per=100, chance=Chance.PROPORTION)
    >>> both.value, round(both.low, 1), round(both.high, 1), both.parts
    (25.0, 14.2, 40.2, 2)
    >>> all_three = together(villages, per=100)
    >>> all_three.value, all_three.status.value, all_three.parts, all_three.parts_expected
    (nan, 'suppressed', 2, 3)
    """
    if frame.empty:
        raise ValueError("no area to take together")
    above, below = (frame[name].astype("float64") for name in ("numerator", "denominator"))
    is_known = above.notna() & below.notna()
    parts = int(is_known.sum())
    # A value without terms is no silence of the area's: there is nothing in it to add up.
    status = frame["status"].where(
        is_known | ~frame["status"].isin([s.value for s in Status if s.has_value]),
        Status.NOT_APPLICABLE.value,
    )
    if parts < len(frame):
        return Together(nan, _worst(status[~is_known]), nan, nan, nan, nan, parts, len(frame))
    # Nobody among whom to count (0 of 0) is known, and adds nothing.
    counted = status[below > 0]
    total, people = float(above.sum()), float(below.sum())
    if people == 0:
        return Together(nan, Status.NOT_APPLICABLE, total, people, nan, nan, parts, len(frame))
    low = high = nan
    if chance is not Chance.NONE:
        interval = rate_interval if chance is Chance.RATE else share_interval
        found = interval([total], [people], per)
        low, high = float(found.low[0]), float(found.high[0])
    value = per * total / people
    return Together(value, _worst(counted), total, people, low, high, parts, len(frame))


def verdict(low: float, high: float, benchmark: float) -> Verdict:
    """Return how a value stands to a benchmark, from the value's 95 % interval.

    Two-sided: it differs where the interval excludes the benchmark. Both limits belong to it.

    Args:
        low: lower limit, NaN without one; high: the upper one. benchmark: NaN where unknown.

    Raises:
        ValueError: if low is above high.

    >>> [verdict(10, 20, benchmark).value for benchmark in (9, 10, 20, 21, nan)]
    ['higher', 'similar', 'similar', 'lower', 'not_tested']
    """
    if low > high:
        raise ValueError(f"the interval is upside down: {low} to {high}")
    if isnan(low) or isnan(high) or isnan(benchmark):
        return Verdict.NOT_TESTED
    if benchmark < low:
        return Verdict.HIGHER
    return Verdict.LOWER if benchmark > high else Verdict.SIMILAR


def _worst(status: pd.Series) -> Status:
    """Return the least sure of some statuses."""
    worst = severity(status).max(keepdims=True)
    return Status(status_of_severity(worst, pd.RangeIndex(1)).iloc[0])
