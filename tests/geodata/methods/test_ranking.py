"""Ranks: by hand, against a loop, and by law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.ranking import ranks

deterministic = settings(derandomize=True, deadline=None)
values_to_rank = st.lists(
    st.one_of(st.just(math.nan), st.integers(-5, 5).map(float), st.floats(-1e5, 1e5))
)


def test_four_villages_and_one_unknown() -> None:
    """Two share the second rank, the third is skipped, the unknown has none."""
    highest = ranks([30, 20, math.nan, 20, 10], higher_first=True)
    np.testing.assert_array_equal(highest.rank, [1, 2, math.nan, 2, 4])
    assert highest.ranked == 4
    lowest = ranks([30, 20, math.nan, 20, 10], higher_first=False)
    np.testing.assert_array_equal(lowest.rank, [4, 2, math.nan, 2, 1])


@deterministic
@given(values_to_rank, st.booleans())
def test_agrees_with_counting(values: list[float], higher_first: bool) -> None:
    """One more than those strictly before, among those with a value."""
    result = ranks(values, higher_first)
    by_hand = [
        math.nan
        if math.isnan(value)
        else 1.0 + sum(other > value if higher_first else other < value for other in values)
        for value in values
    ]
    np.testing.assert_array_equal(result.rank, by_hand)
    assert result.ranked == sum(not math.isnan(value) for value in values)


@deterministic
@given(values_to_rank, st.booleans(), st.data())
def test_the_order_of_areas_does_not_matter(
    values: list[float], higher_first: bool, data: st.DataObject
) -> None:
    """Shuffled areas take their ranks along."""
    order = data.draw(st.permutations(range(len(values))))
    shuffled = ranks([values[i] for i in order], higher_first)
    original = ranks(values, higher_first)
    np.testing.assert_array_equal(shuffled.rank, original.rank[list(order)])
    assert shuffled.ranked == original.ranked


@deterministic
@given(values_to_rank)
def test_the_other_way_round_is_of_the_opposites(values: list[float]) -> None:
    """Highest first is lowest first of the negated values."""
    opposite = [-value for value in values]
    np.testing.assert_array_equal(ranks(values, True).rank, ranks(opposite, False).rank)


def test_a_table_has_no_ranks() -> None:
    """Two dimensions are refused."""
    with pytest.raises(ValueError, match="one-dimensional"):
        ranks([[1.0, 2.0]], higher_first=True)
