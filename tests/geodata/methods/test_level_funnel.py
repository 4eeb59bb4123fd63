"""The funnel of a level: which convention, and limits that are those of the areas themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.funnel import Convention
from geodata.methods.level_funnel import LEAST_SPREAD, level_funnel, limits_at, usable_counts

AREAS = st.lists(
    st.tuples(st.integers(1, 5000), st.floats(0.01, 0.6)), min_size=2, max_size=2 * LEAST_SPREAD
)


@settings(deadline=None)
@given(AREAS, st.booleans())
def test_the_limits_at_an_areas_own_size_are_its_own(areas, is_share):
    people = np.array([count for count, _ in areas], dtype=float)
    counts = np.maximum(1, np.floor([n * share for n, share in areas]))
    made = level_funnel(counts, people, 100, None, is_share=is_share)
    expected = Convention.WILSON if is_share else Convention.POISSON
    if len(areas) >= LEAST_SPREAD:
        expected = Convention.OVERDISPERSED
    assert made.convention is expected
    found = limits_at(made, people, 100, is_share=is_share)
    for limit, own in zip(found, (made.far_low, made.low, made.high, made.far_high), strict=True):
        assert limit == pytest.approx(own, rel=1e-9, abs=1e-9)


def test_larger_areas_have_narrower_limits():
    made = level_funnel([5, 9] * 10, [50, 60] * 10, 100, None, is_share=True)
    far_low, low, high, far_high = limits_at(made, [10, 100, 1000], 100, is_share=True)
    assert (np.diff(high - low) < 0).all()
    assert (np.diff(far_high - far_low) < 0).all()


def test_a_benchmark_above_the_whole_is_none_and_odd_counts_are_left_out():
    made = level_funnel([1, 1], [2, 2], 100, 120.0, is_share=True)
    assert made.benchmark == 50
    count, people = usable_counts([1, 1, 1], [3, -1, 1], [2, 2, 0], is_share=True)
    assert np.isnan(count).all()
    assert np.isnan(people).all()
    assert usable_counts([1], [3], [2], is_share=False)[0].tolist() == [3]
