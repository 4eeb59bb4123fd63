"""Trend: how far a figure has moved since it was first taken, or since it last meant the same."""

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """The change from the first period to the last.

    Attributes:
        first_period: None where there is no period.
        last_period: likewise.
        absolute: last less first, in the figure's unit; None where either has no value or there
            are fewer than two periods.
        percent: 100 * absolute / first; None too where the first is 0 or below, since a part of
            that is no measure of change.
    """

    first_period: str | None
    last_period: str | None
    absolute: float | None
    percent: float | None


def change_since_first(
    periods: Sequence[str], values: Sequence[float | None], breaks: Sequence[str] = ()
) -> Change:
    """Return the change from the first period to the last, never across a break of the series.

    Args:
        periods: strictly ascending as text.
        values: one per period; None or NaN where there is none.
        breaks: periods from which the figure means something else, in any order: what comes
            before the last one that is not after the last period is left out.

    Raises:
        ValueError: if there are not as many values as periods, or they do not ascend.

    >>> change_since_first(["2018", "2019", "2020"], [80, None, 100])
    Change(first_period='2018', last_period='2020', absolute=20, percent=25.0)
    >>> change_since_first(["2018", "2019", "2020"], [80, 90, 100], breaks=["2019"])
    Change(first_period='2019', last_period='2020', absolute=10, percent=11.11111111111111)
    """
    if len(periods) != len(values):
        raise ValueError(f"{len(periods)} periods but {len(values)} values")
    if any(after <= before for before, after in itertools.pairwise(periods)):
        raise ValueError(f"periods must be strictly ascending: {list(periods)}")
    if not periods:
        return Change(None, None, None, None)
    since = max((one for one in breaks if one <= periods[-1]), default="")
    start = bisect.bisect_left(periods, since)
    periods, values = periods[start:], values[start:]
    first, last = values[0], values[-1]
    absolute = percent = None
    if len(periods) > 1 and first is not None and last is not None:
        difference = last - first
        if not math.isnan(difference):
            absolute = difference
            percent = 100 * difference / first if first > 0 else None
    return Change(periods[0], periods[-1], absolute, percent)
