"""Expected need: how many places an area's people would call for, and how sure that is.

Bradshaw tells four needs apart. Normative: what a standard says. Comparative: what people like
them get elsewhere. Expressed: what is asked for or reported, such as requests and preoccupying
information. (Felt need, the fourth, is in no register.) The first two can be set against supply.
Expressed need cannot: where nothing is on offer nothing is asked for, and a service that detects
badly would seem to face little need. It is shown beside the others, and refused in a gap.

Source:
    J. Bradshaw, "A taxonomy of social need", in G. McLachlan (ed.), Problems and Progress in
    Medical Research, Oxford University Press (1972), 71-82.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray, known_amounts
from geodata.methods.drawn_amounts import Within, drawn_amounts
from geodata.methods.keyed_random import Draws, Purpose


class Need(StrEnum):
    """What kind of need a figure states, after Bradshaw."""

    NORMATIVE = "normative"
    COMPARATIVE = "comparative"
    EXPRESSED = "expressed"


class IntervalOf(StrEnum):
    """What an interval accounts for; anything else is taken as exact, and that is shown."""

    NOTHING = "nothing"
    STANDARD = "standard"
    REFERENCE_COUNTS = "reference_counts"
    OBSERVED_COUNTS = "observed_counts"


@dataclass(frozen=True, eq=False)
class ExpectedNeed:
    """The need of n areas, in the service's own unit.

    Attributes:
        kind: normative or comparative.
        value: (n,) NaN where the people are unknown.
        low: (n,) NaN where no interval is declared, which does not say that there is none.
        high: (n,) likewise.
        interval_of: what the interval accounts for.
    """

    kind: Need
    value: FloatArray
    low: FloatArray
    high: FloatArray
    interval_of: IntervalOf

    def __post_init__(self) -> None:
        """Refuse expressed need: nobody expects it, it is counted."""
        refuse_expressed(self.kind)


@dataclass(frozen=True, eq=False)
class DrawnNeed:
    """The need of n areas in each draw; `drawn` is (draws, n).

    Raises:
        ValueError: for expressed need.
    """

    kind: Need
    drawn: FloatArray

    def __post_init__(self) -> None:
        """Refuse expressed need."""
        refuse_expressed(self.kind)


def refuse_expressed(kind: Need) -> None:
    """Raise ValueError for expressed need, which is never set against supply.

    >>> refuse_expressed(Need.COMPARATIVE)
    """
    if kind is Need.EXPRESSED:
        raise ValueError(
            "expressed need (requests, reports) makes no gap: where little is offered or detected, "
            "little is asked for; show it beside the expected need"
        )


def normative_need(
    people: npt.ArrayLike, standard: float, low: float | None = None, high: float | None = None
) -> ExpectedNeed:
    """Return N_i = standard * people_i, with the standard's own interval if it has one.

    Args:
        people: (n,) whom the standard speaks of; NaN where unknown.
        standard: places (hours, posts) per person, above 0.
        low: lower end of the standard, if it is published with one; high: upper end.

    Raises:
        ValueError: for negative or infinite people, a standard out of range, or ends that do not
            enclose it.

    >>> need = normative_need([100, 40], 0.5, low=0.4, high=0.6)
    >>> need.value.tolist(), need.low.tolist(), need.high.tolist()
    ([50.0, 20.0], [40.0, 16.0], [60.0, 24.0])
    """
    counted = known_amounts(people, "people")
    if not (np.isfinite(standard) and standard > 0):
        raise ValueError(f"standard must be finite and above 0, not {standard}")
    if (low is None) != (high is None):
        raise ValueError("a standard has both ends of its interval, or neither")
    if low is None or high is None:
        nothing = np.full(counted.shape, np.nan)
        return ExpectedNeed(
            Need.NORMATIVE, standard * counted, nothing, nothing, IntervalOf.NOTHING
        )
    if not 0 <= low <= standard <= high < np.inf:
        raise ValueError(f"the interval {low} to {high} does not enclose the standard {standard}")
    return ExpectedNeed(
        Need.NORMATIVE, standard * counted, low * counted, high * counted, IntervalOf.STANDARD
    )


def normative_need_draws(
    people: FloatArray, standard: float, error: Within, draws: Draws
) -> DrawnNeed:
    """Return the normative need of each draw: drawn people times the drawn standard.

    Args:
        people: (draws, n) as `drawn_amounts` gives them; NaN where unknown.
        standard: places per person, above 0.
        error: what the standard may be off by. It is one standard: all areas share its error.
        draws: as for the people.

    Raises:
        ValueError: for a standard out of range, or draws that are not as many.
    """
    if not (np.isfinite(standard) and standard > 0):
        raise ValueError(f"standard must be finite and above 0, not {standard}")
    if len(people) != draws.count:
        raise ValueError(f"{len(people)} draws of people, {draws.count} of the standard")
    drawn = drawn_amounts([standard], error, draws, Purpose.STANDARD)
    return DrawnNeed(Need.NORMATIVE, drawn * people)
