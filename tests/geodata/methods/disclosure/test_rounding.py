"""Rounding that adds up, and what a reader learns from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geodata.methods.disclosure import bands
from geodata.methods.disclosure.audit import audited
from geodata.methods.disclosure.release_set import Guarantee, release_set
from geodata.methods.disclosure.rounding import NoRoundingError, controlled_rounding

deterministic = settings(derandomize=True, deadline=None, max_examples=25)


def test_a_two_way_table_is_rounded_to_neighbours_and_adds_up(table_cells):
    cells, words = table_cells(3, 4)

    @deterministic
    @given(st.lists(st.integers(0, 30), min_size=12, max_size=12))
    def law(counts):
        true = cells @ np.array(counts)
        found = controlled_rounding(cells, counts)
        assert (found.values % 5 == 0).all()
        assert (abs(found.values - true) < 5).all()
        assert (found.values[true % 5 == 0] == true[true % 5 == 0]).all()
        assert not found.is_relaxed.any()
        by_word = dict(zip(words, found.values.tolist(), strict=True))
        for row in range(3):
            assert sum(by_word[row, c] for c in range(4)) == by_word[row, None]
        for column in range(4):
            assert sum(by_word[r, column] for r in range(3)) == by_word[None, column]
        assert sum(by_word[None, c] for c in range(4)) == by_word[None, None]

    law()


def test_a_lone_count_goes_to_the_nearest():
    cells = csr_array(np.eye(4, dtype="int64"))
    assert controlled_rounding(cells, [2, 3, 10, 0]).values.tolist() == [0, 5, 10, 0]


def test_parts_that_cannot_all_be_neighbours_go_one_further():
    """Three 1s of a whole of 3, in pairs of 2 told too: 0 and 5 alone do not add up."""
    cells = csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]]))
    found = controlled_rounding(cells, [3, 3, 3], base=5)
    assert found.values[:3].sum() == 2 * found.values[3]
    assert (found.values % 5 == 0).all()


def test_a_search_without_time_says_so(table_cells):
    cells, _ = table_cells(4, 5, 5)
    counts = np.random.default_rng(0).integers(0, 9, 100)
    with pytest.raises(NoRoundingError, match="no rounding found in 0 s"):
        controlled_rounding(cells, counts, seconds=0.0)


def test_what_base_five_leaves_of_small_counts(table_cells):
    """Counts under 5 keep their width for anyone else; those under 4 for contributors too."""
    cells, _ = table_cells(2, 3)
    counts = np.array([1, 4, 12, 0, 7, 3])
    shown = controlled_rounding(cells, counts).values
    told = bands.rounded(cells, shown, 5, is_nearest=False)
    none = np.zeros(cells.shape[0], dtype=bool)
    for smallest in (4, 5):
        known = release_set(counts, cells, Guarantee(smallest, is_zero_sensitive=True))
        below = audited(known, none, told).below
        assert {b.contributor >= 0 for b in below} <= ({True} if smallest == 5 else set())
