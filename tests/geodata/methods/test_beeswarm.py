"""Beeswarms: by hand, against a slow search, and by their law: no dot lies over another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.beeswarm import swarm

PLACES = st.lists(st.floats(0, 60, width=32), min_size=1, max_size=40)


def slow(places, diameter):
    """Tries every offset where a dot may touch another, over all dots laid out so far."""
    laid = {}
    for dot in sorted(range(len(places)), key=lambda k: places[k]):
        wanted = [0.0]
        for other, offset in laid.items():
            apart = places[dot] - places[other]
            if abs(apart) < diameter:
                reach = (diameter**2 - apart**2) ** 0.5
                wanted += [offset + reach, offset - reach]

        def is_free(at, dot=dot):
            return all(
                np.hypot(places[dot] - places[k], at - offset) >= diameter - 1e-7
                for k, offset in laid.items()
            )

        free = [at for at in wanted if is_free(at)]
        laid[dot] = min(free, key=lambda at: (round(abs(at), 9), -at))
    return [laid[k] for k in range(len(places))]


def test_three_dots_at_one_place_stand_above_and_below():
    assert swarm([5, 5, 5], 2).tolist() == [0, 2, -2]


@settings(deadline=None)
@given(PLACES)
def test_no_dot_lies_over_another_and_the_first_is_on_the_line(places):
    made = swarm(places, 4.0)
    for a in range(len(places)):
        for b in range(a):
            assert np.hypot(places[a] - places[b], made[a] - made[b]) >= 4.0 - 1e-6
    assert abs(made[int(np.argmin(places))]) == 0


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=15))
def test_each_dot_lies_where_a_slow_search_puts_it(places):
    assert swarm(places, 4.0) == pytest.approx(slow(places, 4.0), abs=1e-6)


def test_what_cannot_be_laid_out_is_refused():
    with pytest.raises(ValueError, match="diameter"):
        swarm([1], 0)
    with pytest.raises(ValueError, match="no place"):
        swarm([float("nan")], 1)
    assert swarm([], 1).size == 0
