"""What sums tell of withheld cells: a worked example, a slow twin that tries all tables, laws."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geodata.methods.disclosure.feasible import (
    ContradictionError,
    groups,
    intervals,
    narrow_intervals,
)

deterministic = settings(derandomize=True, deadline=None, max_examples=12)


def margins(rows, columns):
    """Rows and columns of a table, its cells read row by row, as sums over these cells."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    sums = np.zeros((rows + columns, rows * columns))
    for number, members in enumerate([*cells, *cells.T]):
        sums[number, members] = 1
    return sums


def spans_by_trial(sums, totals):
    """The slow twin: every table of whole numbers that no total forbids at once is tried."""
    most = [int(min(totals[column > 0])) for column in sums.T]
    every = np.array(list(product(*(range(greatest + 1) for greatest in most))))
    tables = every[(every @ sums.T == totals).all(axis=1)]
    return np.stack([np.min(tables, axis=0), np.max(tables, axis=0)], axis=1)


def test_geurts_1992_with_its_third_row_known():
    """Handbook: rows sum to 7, 3, 6, columns to 9, 7; the third row is 3 and 3."""
    sums = csr_array(margins(3, 2))
    known = np.array([np.nan, np.nan, np.nan, np.nan, 3, 3])
    is_hidden = np.isnan(known)
    totals = np.array([7, 3, 6, 9, 7]) - sums @ np.nan_to_num(known)
    found = intervals(csr_array(sums[:, is_hidden]), totals)
    assert found.tolist() == [[3, 6], [1, 4], [0, 3], [0, 3]]


def test_one_hidden_cell_in_a_sum_is_known_exactly():
    assert intervals(csr_array(np.array([[1]])), [4]).tolist() == [[4, 4]]


def test_a_hidden_whole_is_bounded_by_nothing_but_its_parts():
    """Two hidden parts of a hidden whole: only that none is negative."""
    found = intervals(csr_array(np.array([[1, 1, -1]])), [0])
    assert found.tolist() == [[0, np.inf]] * 3
    cells, _ = narrow_intervals(csr_array(np.array([[1, 1, -1]])), [0], [0, 1, 2], width=5)
    assert cells.tolist() == []


def test_a_part_known_beside_a_hidden_whole_is_its_least():
    assert intervals(csr_array(np.array([[1, -1]])), [-7], [1]).tolist() == [[7, np.inf]]


@pytest.mark.parametrize("call", [intervals, lambda s, t: narrow_intervals(s, t, [0], 5)])
def test_sums_that_no_cells_have_are_a_contradiction(call):
    with pytest.raises(ContradictionError):
        call(csr_array(np.array([[1, 1], [1, 1]])), [3, 4])


def test_parts_that_tell_nothing_of_one_another_are_apart():
    sums = csr_array(np.array([[1, 0, 1, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 1, 0]]))
    found = [(rows.tolist(), cells.tolist()) for rows, cells in groups(sums)]
    assert found == [([0], [0, 2]), ([1, 2], [1, 3])]


tables = st.tuples(st.integers(1, 3), st.integers(1, 2)).flatmap(
    lambda shape: st.tuples(
        st.just(shape),
        st.lists(st.integers(0, 2), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]),
    )
)


@deterministic
@given(tables)
def test_intervals_agree_with_trying_every_table(given_by):
    (rows, columns), cells = given_by
    sums = margins(rows, columns)
    totals = sums @ cells
    assert intervals(csr_array(sums), totals).tolist() == spans_by_trial(sums, totals).tolist()


systems = st.integers(2, 5).flatmap(
    lambda cells: st.tuples(
        st.lists(st.integers(0, 30), min_size=cells, max_size=cells),
        st.lists(st.lists(st.booleans(), min_size=cells, max_size=cells), min_size=1, max_size=5),
    )
)


@deterministic
@given(systems)
def test_the_true_value_is_inside_and_one_more_sum_never_widens(given_by):
    cells, rows = np.array(given_by[0]), np.array(given_by[1], dtype=float)
    fewer = intervals(csr_array(rows[:-1]), rows[:-1] @ cells) if len(rows) > 1 else None
    every = intervals(csr_array(rows), rows @ cells)
    assert (every[:, 0] <= cells + 1e-6).all()
    assert (every[:, 1] >= cells - 1e-6).all()
    if fewer is not None:
        assert (fewer[:, 0] <= every[:, 0] + 1e-6).all()
        assert (fewer[:, 1] >= every[:, 1] - 1e-6).all()


@deterministic
@given(systems, st.integers(1, 12))
def test_narrow_intervals_are_those_of_all_intervals_that_are_narrow(given_by, width):
    cells, rows = np.array(given_by[0]), np.array(given_by[1], dtype=float)
    every = intervals(csr_array(rows), rows @ cells)
    narrow = np.flatnonzero(every[:, 1] - every[:, 0] < width - 1e-6)
    found, ends = narrow_intervals(csr_array(rows), rows @ cells, np.arange(len(cells)), width)
    assert found.tolist() == narrow.tolist()
    np.testing.assert_allclose(ends, every[narrow], atol=1e-6)
