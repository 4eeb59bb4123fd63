"""Comparison: the need that other areas' rates make one expect, never the area's own.

Indirect standardisation: the rates of the reference areas, stratum by stratum (age, say), applied
to the people of the area judged. An area that belongs to the reference is compared with the rest
of it: judged by its own rates it would always be found to get what it needs.

Sources:
    A. J. Dobson et al., "Confidence intervals for weighted sums of Poisson parameters", Statistics
    in Medicine 10 (1991), 457-462 (the interval of the expected number).
    N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II, IARC (1987), 65-72 (the
    standardised ratio and its limits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray, known_amounts
from geodata.methods.drawn_amounts import Counted, drawn_amounts
from geodata.methods.keyed_random import Draws, Purpose
from geodata.methods.need import (  # noqa: F401 (the examples)
    DrawnNeed,
    ExpectedNeed,
    IntervalOf,
    Need,
    normative_need,
)
from geodata.methods.poisson import poisson_interval


@dataclass(frozen=True, eq=False)
class Reference:
    """The areas that others are compared with, and which of them each judged area belongs to.

    Args:
        events: (a, s) what was counted in each reference area and stratum (say, age); NaN where
            unknown.
        people: (a, s) who it was counted among; a cell unknown in either is left out of both.
        own: (n,) position of the reference area that each judged area is, or lies in; -1 where it
            lies in none. Its rates are made of the others.

    Raises:
        ValueError: for negative or infinite counts, shapes or positions that do not match.
    """

    events: FloatArray
    people: FloatArray
    own: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        if self.events.ndim != 2 or self.events.shape != self.people.shape:
            raise ValueError(
                f"events and people must be areas by strata, not {self.events.shape} and "
                f"{self.people.shape}"
            )
        if ((self.own < -1) | (self.own >= len(self.events))).any():
            raise ValueError("own must be a position among the reference areas, or -1")
        known_amounts(self.events.ravel(), "events")
        known_amounts(self.people.ravel(), "people")

    def without_own(self, cells: FloatArray) -> FloatArray:
        """Return (n, s): the sum of `cells` over the reference areas other than one's own."""
        known = np.where(np.isnan(self.events) | np.isnan(self.people), 0.0, cells)
        sums = np.tile(known.sum(axis=0), (self.own.size, 1))
        is_in = self.own >= 0
        # Added up anew for each own area: a difference would leave crumbs where nothing is left.
        for own in np.unique(self.own[is_in]):
            sums[self.own == own] = np.delete(known, own, axis=0).sum(axis=0)
        return sums


def comparative_need(
    people: npt.ArrayLike, reference: Reference, level: float = 0.95
) -> ExpectedNeed:
    """Return the need that the rates of the reference areas make one expect (ISR).

    E_i = sum_s P_is r_s, with r_s = events / people of the reference areas but one's own. The
    reference's counts are chance too: with w_s = P_is / N_s and O = sum of O_s over the strata that
    the area has,

        limit = E + sqrt(sum_s w_s^2 O_s / O) (limit of O - O)    (Dobson et al.)

    with Byar's limits of O from 10 up and the exact ones below. The people are taken as exact.

    Args:
        people: (n, s) people of the judged areas by stratum; NaN where unknown.
        reference: whom they are compared with.
        level: of the interval, in (0, 1).

    Raises:
        ValueError: for shapes that do not match, or a stratum with people for whom the reference
            has none.

    Two reference villages, 10 events among 100 young and 2 among 100 old, 30 and 6 likewise. A
    village of 50 young and 50 old that is not among them is expected to have
    50 * 40/200 + 50 * 8/200 = 12; the first itself, 100 * 30/100 + 100 * 6/100 = 36:

    >>> events, people = np.array([[10.0, 2], [30, 6]]), np.array([[100.0, 100], [100, 100]])
    >>> reference = Reference(events, people, own=np.array([-1, 0]))
    >>> need = comparative_need([[50, 50], [100, 100]], reference)
    >>> need.value.tolist(), need.low.round(1).tolist(), need.high.round(1).tolist()
    ([12.0, 36.0], [8.8, 25.2], [15.9, 49.8])
    """
    judged = _by_stratum(people, reference)
    events = reference.without_own(reference.events)
    share = _shares(judged, reference)
    expected = (share * events).sum(axis=1)
    counted = np.where(share > 0, events, 0.0).sum(axis=1)
    variance = (share**2 * events).sum(axis=1)
    low, high = poisson_interval(counted, level)
    spread = np.sqrt(np.divide(variance, counted, out=np.zeros_like(variance), where=counted > 0))
    # Where nothing was counted there is no variance to scale by: the widest weight stands in.
    spread = np.where(counted > 0, spread, np.max(share, axis=1, initial=0.0))
    return ExpectedNeed(
        Need.COMPARATIVE,
        expected,
        expected + spread * (low - counted),
        expected + spread * (high - counted),
        IntervalOf.REFERENCE_COUNTS,
    )


@dataclass(frozen=True, eq=False)
class ObservedRatio:
    """Observed over expected, as `observed_ratio` gives it; each (n,), NaN where there is none."""

    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    interval_of: IntervalOf


def observed_ratio(
    observed: npt.ArrayLike, need: ExpectedNeed, level: float = 0.95
) -> ObservedRatio:
    """Return O / E and its limits, Byar(O) / E: what was expressed beside what was expected.

    The interval accounts for the chance in the observed counts, not for that in the expected
    number (`ExpectedNeed.low` and `high` do). A ratio below 1 says that less was counted than
    expected: lower need, or lower detection; it does not say which.

    Raises:
        ValueError: for counts that are negative or infinite, or not as many as the areas.

    >>> made = observed_ratio([6.0], normative_need([100], 0.12))
    >>> made.ratio.tolist(), made.low.round(2).tolist(), made.high.round(2).tolist()
    ([0.5], [0.18], [1.09])
    """
    counts = known_amounts(observed, "observed")
    if counts.shape != need.value.shape:
        raise ValueError(f"{counts.size} areas observed, {need.value.size} expected")
    low, high = poisson_interval(counts, level)
    expected = np.where(need.value > 0, need.value, np.nan)
    return ObservedRatio(
        counts / expected, low / expected, high / expected, IntervalOf.OBSERVED_COUNTS
    )


def comparative_need_draws(people: npt.ArrayLike, reference: Reference, draws: Draws) -> DrawnNeed:
    """Return the comparative need of each draw: the reference's counts are drawn, people are not.

    All areas compared with a reference share its chance, so that a sum over areas is as uncertain
    as it should be.

    Args, Raises: as `comparative_need`.
    """
    share = _shares(_by_stratum(people, reference), reference)
    shape = (draws.count, *reference.events.shape)
    counts = drawn_amounts(reference.events.ravel(), Counted(), draws, Purpose.RATE).reshape(shape)
    drawn = [(share * reference.without_own(cells)).sum(axis=1) for cells in counts]
    return DrawnNeed(Need.COMPARATIVE, np.array(drawn))


def _by_stratum(people: npt.ArrayLike, reference: Reference) -> FloatArray:
    """Return people as (n, s), matching the reference."""
    judged = np.asarray(people, dtype=np.float64)
    if judged.shape != (reference.own.size, reference.events.shape[1]):
        raise ValueError(
            f"people must be {(reference.own.size, reference.events.shape[1])}, areas by strata, "
            f"not {judged.shape}"
        )
    known_amounts(judged.ravel(), "people")
    return judged


def _shares(people: FloatArray, reference: Reference) -> FloatArray:
    """Return (n, s): P_is / N_s, the area's people per person of the reference."""
    base = reference.without_own(reference.people)
    bare = (people > 0) & (base == 0)
    if bare.any():
        first = np.argwhere(bare)[0].tolist()
        raise ValueError(f"nobody to compare with in the reference: (area, stratum) {first}")
    return np.divide(people, base, out=people * 0.0, where=base > 0)
