"""Ranks and how surely they are held: by hand, against a loop, and by law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.ranking import p_among_first, p_worst_fifth, rank_interval, ranks

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


drawn_values = st.integers(1, 8).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 4).map(float), min_size=n, max_size=n), min_size=1, max_size=6
    )
)


def test_three_draws_by_hand() -> None:
    """A leads twice, B once; the unknown in one draw has no rank in any."""
    nan = math.nan
    drawn = [[9, 5, 1, nan], [8, 7, 2, 9], [6, 7, 3, 9]]
    found = rank_interval(drawn, higher_first=True)
    np.testing.assert_array_equal(found.low, [1, 1, 3, nan])
    np.testing.assert_array_equal(found.median, [1, 2, 3, nan])
    np.testing.assert_array_equal(found.high, [2, 2, 3, nan])
    assert found.ranked == 3
    first = p_among_first(drawn, 1, higher_first=True)
    np.testing.assert_allclose(first, [2 / 3, 1 / 3, 0, nan])
    np.testing.assert_allclose(p_worst_fifth(drawn, higher_is_worse=True), first)
    np.testing.assert_allclose(p_worst_fifth(drawn, higher_is_worse=False), [0, 0, 1, nan])


@deterministic
@given(drawn_values, st.booleans(), st.integers(0, 9))
def test_places_agree_with_counting(
    drawn: list[list[float]], higher_first: bool, places: int
) -> None:
    """Draw by draw, area by area; equals share what is left; all places are given out."""
    found = p_among_first(drawn, places, higher_first)
    size = len(drawn[0])
    for area in range(size):
        won = 0.0
        for row in drawn:
            keys = [-value if higher_first else value for value in row]
            before = sum(key < keys[area] for key in keys)
            won += min(max((places - before) / keys.count(keys[area]), 0), 1)
        assert found[area] == pytest.approx(won / len(drawn), abs=1e-12)
    assert found.sum() == pytest.approx(min(places, size), rel=1e-12)


@deterministic
@given(drawn_values, st.booleans(), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_interval_holds_at_least_its_level(
    drawn: list[list[float]], higher_first: bool, level: float
) -> None:
    """Of the draws' ranks, in order, made of ranks that were drawn."""
    found = rank_interval(drawn, higher_first, level)
    by_hand = np.array([ranks(row, higher_first).rank for row in drawn])
    for area, placed in enumerate(by_hand.T):
        assert found.low[area] <= found.median[area] <= found.high[area]
        assert {found.low[area], found.high[area]} <= set(placed)
        held = (found.low[area] <= placed) & (placed <= found.high[area])
        assert held.mean() >= level - 1e-12


def test_certain_values_have_certain_ranks() -> None:
    """The same in every draw: no interval, and the worst fifth is the five first of 25."""
    drawn = np.tile(np.arange(25.0), (40, 1))
    found = rank_interval(drawn, higher_first=True)
    np.testing.assert_array_equal(found.low, np.arange(25, 0, -1))
    np.testing.assert_array_equal(found.high, found.low)
    np.testing.assert_array_equal(p_worst_fifth(drawn, True), [0] * 20 + [1] * 5)


def test_draws_of_nothing_known_have_no_ranks() -> None:
    """All unknown: no rank, no probability, no error."""
    nothing = np.full((3, 2), math.nan)
    found = rank_interval(nothing, higher_first=True)
    assert found.ranked == 0
    assert np.isnan([found.low, found.median, found.high]).all()
    assert np.isnan(p_worst_fifth(nothing, True)).all()


def test_what_is_no_draw_is_refused() -> None:
    """A row, no draw at all, a level or places out of range."""
    with pytest.raises(ValueError, match="draws by areas"):
        rank_interval([1.0, 2.0], True)
    with pytest.raises(ValueError, match="draws by areas"):
        p_among_first(np.empty((0, 3)), 1, True)
    with pytest.raises(ValueError, match="level"):
        rank_interval([[1.0]], True, level=1)
    with pytest.raises(ValueError, match="places"):
        p_among_first([[1.0]], -1, True)
