"""Rank correlation: by hand, against ranks counted one by one, and by its laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.association import rank_correlation

NUMBERS = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=6, max_size=30)


def slow_ranks(values):
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]


@settings(deadline=None)
@given(NUMBERS)
def test_it_is_the_correlation_of_ranks_counted_one_by_one(pairs):
    x, y = zip(*pairs, strict=True)
    found = rank_correlation(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert math.isnan(found.rho)
        return
    assert found.rho == pytest.approx(np.corrcoef(slow_ranks(x), slow_ranks(y))[0, 1], abs=1e-9)
    if not math.isnan(found.low):
        assert -1 <= found.low <= found.rho <= found.high <= 1


@settings(deadline=None)
@given(NUMBERS)
def test_it_is_the_same_either_way_and_on_any_rising_scale(pairs):
    x, y = (np.array(values, dtype=float) for values in zip(*pairs, strict=True))
    here, there = rank_correlation(x, y), rank_correlation(y, x**3 + x)
    assert (here.rho, here.low) == pytest.approx((there.rho, there.low), nan_ok=True)
    assert rank_correlation(x, -y).rho == pytest.approx(-here.rho, nan_ok=True)


def test_the_interval_by_hand():
    # rho 0.8 of five: Fisher's z 1.0986, sqrt((1 + 0.32) / 2) = 0.8124, reach 1.5923.
    found = rank_correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    assert (found.low, found.high) == pytest.approx((np.tanh(-0.4937), np.tanh(2.6909)), abs=1e-4)


def test_areas_without_one_of_the_two_are_left_out_and_few_have_no_interval():
    nothing = float("nan")
    found = rank_correlation([1, 2, 3, nothing], [1, 3, 2, 9])
    assert (found.rho, found.areas) == (0.5, 3)
    assert math.isnan(found.low)
    with pytest.raises(ValueError, match="beside"):
        rank_correlation([1], [1, 2])
