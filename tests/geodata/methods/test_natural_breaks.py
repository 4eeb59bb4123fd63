"""Natural breaks: by hand, against every way to cut, and what any best cut must be."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.natural_breaks import natural_breaks, spread_within

deterministic = settings(derandomize=True, deadline=None)
few = st.lists(st.one_of(st.integers(-9, 9).map(float), st.floats(-1e3, 1e3)), max_size=11)
sizes = st.integers(1, 6)


def least_spread(values: list[float], k: int) -> float:
    """Return the least spread of every way to cut the values into as many classes as can be."""
    distinct = sorted(set(values))
    parts = min(k, len(distinct))
    cuts = combinations(distinct[1:], parts - 1)
    return min(spread_within(values, list(cut)) for cut in cuts)


def test_three_heaps_by_hand() -> None:
    """Means 5/3, 10.5 and 50: (4 + 1 + 1) / 9 + 1 / 2 + 0."""
    values = [2, 50, 1, 10, 2, 11]
    assert natural_breaks(values, 3).tolist() == [10, 50]
    assert spread_within(values, [10, 50]) == pytest.approx(2 / 3 + 1 / 2)


def test_few_values_make_few_classes() -> None:
    """Each distinct value is a class of its own; no value makes none."""
    assert natural_breaks([3, 1, 3, math.nan], 5).tolist() == [3]
    assert natural_breaks([4, 4], 5).tolist() == []
    assert natural_breaks([], 5).tolist() == []
    assert natural_breaks([1, 2, 3], 1).tolist() == []


def test_what_cannot_be_cut_is_refused() -> None:
    """An infinite value, no class."""
    with pytest.raises(ValueError, match="infinite"):
        natural_breaks([1, math.inf])
    with pytest.raises(ValueError, match="at least 1"):
        natural_breaks([1, 2], 0)


@given(few, sizes)
@deterministic
def test_no_other_cut_is_better(values: list[float], k: int) -> None:
    """Against every way to cut, one by one."""
    breaks = natural_breaks(values, k)
    if not values:
        assert breaks.size == 0
        return
    assert breaks.size == min(k, len(set(values))) - 1
    assert set(breaks) <= set(values)
    best = least_spread(values, k)
    assert spread_within(values, breaks) <= best + 1e-9 * (1 + best)


@given(st.lists(st.integers(0, 400).map(float), min_size=2, max_size=150), st.integers(2, 6))
@deterministic
def test_the_unit_does_not_matter(values: list[float], k: int) -> None:
    """The same cut in tenths, and where every value is counted twice."""
    once = spread_within(values, natural_breaks(values, k))
    tenths = np.array(values) / 10
    assert spread_within(tenths, natural_breaks(tenths, k)) == pytest.approx(once / 100)
    assert spread_within(values, natural_breaks(values * 2, k)) == pytest.approx(once)
