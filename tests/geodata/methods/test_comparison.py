"""Comparative need: by hand, against a slow loop, its intervals, and never one's own rates."""

import math

import numpy as np
import pytest

from geodata.methods.comparison import (
    Reference,
    comparative_need,
    comparative_need_draws,
    observed_ratio,
)
from geodata.methods.keyed_random import Draws
from geodata.methods.need import IntervalOf, Need, normative_need
from geodata.methods.poisson import poisson_interval

nan = math.nan


def reference(events: list[list[float]], people: list[list[float]], own: list[int]) -> Reference:
    """Return a reference from plain lists."""
    return Reference(np.array(events), np.array(people), np.array(own, np.int64))


def slow(
    people: np.ndarray, events: np.ndarray, base: np.ndarray, own: np.ndarray
) -> tuple[list[float], list[float], list[float]]:
    """Return expected, low, high: one area, one stratum, one reference area at a time."""
    expected, lows, highs = [], [], []
    for i, row in enumerate(people):
        total, variance, counted = 0.0, 0.0, 0.0
        for s, living in enumerate(row):
            above = below = 0.0
            for a in range(len(events)):
                if a == own[i] or math.isnan(events[a, s]) or math.isnan(base[a, s]):
                    continue
                above, below = above + events[a, s], below + base[a, s]
            if living > 0:
                total += living * above / below
                variance += (living / below) ** 2 * above
                counted += above
        low, high = (float(limit[0]) for limit in poisson_interval([counted]))
        spread = math.sqrt(variance / counted)
        expected.append(total)
        lows.append(total + spread * (low - counted))
        highs.append(total + spread * (high - counted))
    return expected, lows, highs


def test_two_villages_by_hand() -> None:
    """30 of 100 young and 6 of 100 old elsewhere: 15 + 3 for 50 of each."""
    need = comparative_need(
        [[50, 50]], reference([[10, 2], [30, 6]], [[100, 100], [100, 100]], [0])
    )
    assert need.value.tolist() == [18]
    assert (need.kind, need.interval_of) == (Need.COMPARATIVE, IntervalOf.REFERENCE_COUNTS)
    # One weight, 1/2, for all the 36 counted: their own limits, halved.
    low, high = poisson_interval([36])
    assert need.low[0] == pytest.approx(low[0] / 2, rel=1e-12)
    assert need.high[0] == pytest.approx(high[0] / 2, rel=1e-12)


def test_agrees_with_a_slow_loop() -> None:
    """Random areas, some in the reference, some reference cells unknown."""
    chance = np.random.default_rng(1)
    for _ in range(20):
        events = chance.poisson(20, (5, 3)).astype(float)
        base = chance.integers(100, 1000, (5, 3)).astype(float)
        events[chance.random((5, 3)) < 0.1], base[chance.random((5, 3)) < 0.1] = nan, nan
        events[:2], base[:2] = [[3, 9, 4], [8, 1, 2]], 400
        people = chance.integers(0, 80, (12, 3)).astype(float)
        people[:, 0] += 1
        own = chance.integers(-1, 5, 12)
        need = comparative_need(people, Reference(events, base, own))
        expected, low, high = slow(people, events, base, own)
        np.testing.assert_allclose(need.value, expected, rtol=1e-12)
        np.testing.assert_allclose(need.low, low, rtol=1e-9)
        np.testing.assert_allclose(need.high, high, rtol=1e-9)


def test_an_areas_own_events_never_count_for_it() -> None:
    """Whatever it reports, its expected need stays; another's moves."""
    people, base, own = [[50.0], [50.0]], [[100.0], [200], [300]], [0, 1]
    few = comparative_need(people, reference([[1], [20], [30]], base, own))
    many = comparative_need(people, reference([[90], [20], [30]], base, own))
    assert few.value[0] == many.value[0] == 5
    assert many.value[1] > few.value[1]


def test_the_reference_expects_of_itself_what_it_has() -> None:
    """Areas that tile the reference, none left out: expected adds up to observed."""
    chance = np.random.default_rng(2)
    events = chance.poisson(15, (8, 4)).astype(float)
    base = chance.integers(50, 500, (8, 4)).astype(float)
    need = comparative_need(base, Reference(events, base, np.full(8, -1)))
    assert need.value.sum() == pytest.approx(events.sum(), rel=1e-12)
    assert ((need.low < need.value) & (need.value < need.high)).all()


def test_nothing_counted_elsewhere_still_has_an_upper_limit() -> None:
    """None in 100 is 0 to 3.69 in 100."""
    need = comparative_need([[50]], reference([[0]], [[100]], [-1]))
    assert need.value.tolist() == need.low.tolist() == [0]
    assert need.high[0] == pytest.approx(3.689 / 2, abs=1e-3)


def test_unknown_people_have_an_unknown_need() -> None:
    """The others keep theirs."""
    need = comparative_need([[50, nan], [50, 0]], reference([[20, 5]], [[100, 100]], [-1, -1]))
    np.testing.assert_array_equal(need.value, [nan, 10])
    assert np.isnan([need.low[0], need.high[0]]).all()


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """1,000 references drawn from known rates: 95 % within 2 points."""
    chance, base = np.random.default_rng(3), np.array([[4000.0, 9000.0]])
    rates, people = np.array([0.01, 0.002]), np.tile([300.0, 100.0], (1000, 1))
    truth = float((people[0] * rates).sum())
    held = 0
    for _ in range(1000):
        made = comparative_need(
            people[:1], Reference(chance.poisson(base * rates).astype(float), base, np.array([-1]))
        )
        held += int(made.low[0] <= truth <= made.high[0])
    assert held / 1000 == pytest.approx(0.95, abs=0.02)


def test_draws_have_the_mean_and_the_spread_of_the_interval() -> None:
    """And areas with the same reference are off together; own events are drawn, and left out."""
    people = [[50.0, 50.0], [100, 20], [70, 70]]
    compared = reference([[60, 20], [150, 60]], [[500, 500], [900, 900]], [-1, 1, 0])
    draws = Draws(4000, seed=7)
    drawn = comparative_need_draws(people, compared, draws)
    need = comparative_need(people, compared, level=0.9)
    assert drawn.kind is Need.COMPARATIVE
    np.testing.assert_allclose(drawn.drawn.mean(axis=0), need.value, rtol=0.01)
    low, high = np.quantile(drawn.drawn, [0.05, 0.95], axis=0)
    np.testing.assert_allclose(low, need.low, rtol=0.03)
    np.testing.assert_allclose(high, need.high, rtol=0.03)
    together = np.corrcoef(drawn.drawn.T)
    assert together[0, 2] > 0.8
    assert abs(together[1, 2]) < 0.1


def test_observed_beside_expected_by_hand() -> None:
    """6 of 12 expected; nothing expected, no ratio; unknown, unknown."""
    made = observed_ratio([6, 3, nan], normative_need([100, 0, 100], 0.12))
    np.testing.assert_array_equal(made.ratio, [0.5, nan, nan])
    low, high = poisson_interval([6])
    assert made.low[0] == low[0] / 12
    assert made.high[0] == high[0] / 12
    assert made.interval_of is IntervalOf.OBSERVED_COUNTS


def test_what_cannot_be_compared_is_refused() -> None:
    """Shapes, positions, counts, and strata without anyone to compare with."""
    with pytest.raises(ValueError, match="areas by strata"):
        reference([[1, 2]], [[1]], [0])
    with pytest.raises(ValueError, match="own must be"):
        reference([[1]], [[1]], [1])
    with pytest.raises(ValueError, match="events has 1"):
        reference([[-1]], [[1]], [0])
    with pytest.raises(ValueError, match=r"people must be \(1, 1\)"):
        comparative_need([[1, 2]], reference([[1]], [[1]], [-1]))
    with pytest.raises(ValueError, match=r"nobody to compare with.*\[0, 0\]"):
        comparative_need([[5]], reference([[1]], [[10]], [0]))
    with pytest.raises(ValueError, match="2 areas observed, 1 expected"):
        observed_ratio([1, 2], normative_need([100], 0.1))
