"""Need: the kinds, the standard, and that expressed need makes no gap."""

import numpy as np
import pytest

from geodata.methods.drawn_amounts import EXACT, Counted, Within, drawn_amounts
from geodata.methods.keyed_random import Draws, Purpose
from geodata.methods.need import (
    DrawnNeed,
    ExpectedNeed,
    IntervalOf,
    Need,
    normative_need,
    normative_need_draws,
    refuse_expressed,
)


def test_normative_need_by_hand() -> None:
    """Half a place a person, 0.4 to 0.6; the unknown stays unknown, nobody needs nothing."""
    need = normative_need([100, np.nan, 0], 0.5, 0.4, 0.6)
    np.testing.assert_array_equal(need.value, [50, np.nan, 0])
    np.testing.assert_array_equal(need.low, [40, np.nan, 0])
    np.testing.assert_array_equal(need.high, [60, np.nan, 0])
    assert (need.kind, need.interval_of) == (Need.NORMATIVE, IntervalOf.STANDARD)


def test_a_standard_without_an_interval_has_none() -> None:
    """Not an interval of no width: none is declared."""
    need = normative_need([100], 0.5)
    assert np.isnan([need.low, need.high]).all()
    assert need.interval_of is IntervalOf.NOTHING


def test_expressed_need_is_refused_wherever_a_gap_begins() -> None:
    """By the guard, and by both kinds of need that a gap takes."""
    one = np.ones(1)
    with pytest.raises(ValueError, match="makes no gap"):
        refuse_expressed(Need.EXPRESSED)
    with pytest.raises(ValueError, match="makes no gap"):
        ExpectedNeed(Need.EXPRESSED, one, one, one, IntervalOf.NOTHING)
    with pytest.raises(ValueError, match="makes no gap"):
        DrawnNeed(Need.EXPRESSED, one[np.newaxis])
    for kind in (Need.NORMATIVE, Need.COMPARATIVE):
        refuse_expressed(kind)
        assert DrawnNeed(kind, one[np.newaxis]).kind is kind


def test_drawn_need_is_the_drawn_people_times_one_standard() -> None:
    """In each draw all areas share the standard's error, within its share."""
    draws = Draws(50, seed=4)
    people = drawn_amounts([100, 200, np.nan], Counted(), draws, Purpose.DEMAND)
    exact = normative_need_draws(people, 0.5, EXACT, draws)
    np.testing.assert_allclose(exact.drawn, 0.5 * people, rtol=1e-15)
    standard = normative_need_draws(people, 0.5, Within(0.2), draws).drawn / people
    np.testing.assert_allclose(standard[:, 0], standard[:, 1], rtol=1e-12)
    assert np.isnan(standard[:, 2]).all()
    assert 0.4 <= standard[:, 0].min() < 0.44
    assert 0.56 < standard[:, 0].max() <= 0.6


def test_impossible_standards_are_refused() -> None:
    """Out of range, half an interval, or one that does not enclose it."""
    for standard in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="standard"):
            normative_need([1], standard)
        with pytest.raises(ValueError, match="standard"):
            normative_need_draws(np.ones((1, 1)), standard, EXACT, Draws(1))
    with pytest.raises(ValueError, match="both ends"):
        normative_need([1], 0.5, low=0.4)
    for low, high in ((0.6, 0.7), (0.3, 0.4), (-0.1, 0.6), (0.4, np.inf)):
        with pytest.raises(ValueError, match="does not enclose"):
            normative_need([1], 0.5, low, high)
    with pytest.raises(ValueError, match="people has 1"):
        normative_need([-1], 0.5)
    with pytest.raises(ValueError, match="2 draws of people"):
        normative_need_draws(np.ones((2, 1)), 0.5, EXACT, Draws(3))
