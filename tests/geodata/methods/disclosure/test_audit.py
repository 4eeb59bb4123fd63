"""What a reader learns: a worked example, a slow twin, and the attacks that must be seen."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack

from geodata.methods.disclosure import bands
from geodata.methods.disclosure.audit import audited, utility
from geodata.methods.disclosure.feasible import ContradictionError
from geodata.methods.disclosure.release_set import Guarantee, release_set
from geodata.methods.disclosure.subtraction import recovered

deterministic = settings(derandomize=True, deadline=None, max_examples=25)
FIVE = Guarantee(5, 0.2, is_zero_sensitive=True)


def rows(*members, atoms):
    made = np.zeros((len(members), atoms), dtype="int64")
    for row, inside in zip(made, members, strict=True):
        row[list(inside)] = 1
    return csr_array(made)


def spans(audit):
    """Intervals of the cells below the guarantee, by cell."""
    return {b.cell if b.cell >= 0 else ("atom", b.atom): (b.low, b.high) for b in audit.below}


def test_geurts_1992_with_its_third_row_known():
    """Handbook: rows sum to 7, 3, 6, columns to 9, 7; the third row is 3 and 3."""
    counts = [4, 3, 2, 1, 3, 3]
    cells = rows((0, 1), (2, 3), (4, 5), (0, 2, 4), (1, 3, 5), *((a,) for a in range(6)), atoms=6)
    known = release_set(counts, cells, Guarantee(5))
    is_told = np.array([True] * 5 + [False] * 4 + [True] * 2)
    found = spans(audited(known, is_told))
    assert found.pop(1) == (3, 3)  # told as it is
    assert found == {5: (3, 6), 6: (1, 4), 7: (0, 3), 8: (0, 3), 9: (3, 3), 10: (3, 3)}


def test_the_cells_below_are_those_that_trying_every_table_finds(table_cells, spans_by_trial):
    """On two-way tables, whose ends are whole: for any reader, then for each contributor."""
    cells, _ = table_cells(2, 3)

    @deterministic
    @given(
        st.lists(st.integers(0, 5), max_size=5),
        st.lists(st.booleans(), min_size=12, max_size=12),
        st.integers(2, 4),
    )
    def agree(persons, told, smallest):
        counts = np.bincount(np.array(persons, dtype="int64"), minlength=6)
        known = release_set(counts, cells, Guarantee(smallest, is_zero_sensitive=True))
        is_told = np.array(told) & ~known.is_primary
        is_told[0] = True  # the whole, be it small: every table can be tried
        primary = np.flatnonzero(known.is_primary)
        most, values = int(known.values[0]), known.values[is_told]
        expected = set()
        for contributor in (None, *np.flatnonzero(counts).tolist()):
            found = spans_by_trial(cells[is_told], values, cells[primary], most, contributor)
            expected |= set(primary[found[:, 1] - found[:, 0] < smallest - 1].tolist())
            if contributor is None:
                anyone = {int(c): span for c, span in zip(primary, found.tolist(), strict=True)}
        audit = audited(known, is_told)
        assert {b.cell for b in audit.below} == expected
        for breach in audit.below:
            if breach.contributor < 0:
                assert [breach.low, breach.high] == pytest.approx(anyone[breach.cell], abs=1e-6)

    agree()


def test_whole_tables_are_among_all_tables(table_cells, spans_by_trial):
    """On three-way tables: what is found too narrow is so for whoever tries whole tables too."""
    cells, _ = table_cells(2, 2, 2)

    @deterministic
    @given(
        st.lists(st.integers(0, 7), max_size=3),
        st.lists(st.booleans(), min_size=27, max_size=27),
    )
    def within(persons, told):
        known = release_set(
            np.bincount(np.array(persons, dtype="int64"), minlength=8),
            cells,
            Guarantee(3, is_zero_sensitive=True),
        )
        is_told = np.array(told) & ~known.is_primary
        is_told[0] = True
        most, values = int(known.values[0]), known.values[is_told]
        spans = spans_by_trial(cells[is_told], values, cells, most)
        for breach in audited(known, is_told).below:
            if breach.contributor < 0:
                low, high = spans[breach.cell]
                assert breach.low <= low + 1e-6
                assert breach.high >= high - 1e-6

    within()


def test_a_contributor_takes_its_own_unit_away():
    """3 + 1 = 4 hidden in a told 10: anybody is left 0 to 4 of each, who is in one 1 to 4."""
    cells = rows((0, 1, 2), (2,), (0, 1), (0,), (1,), atoms=3)
    known = release_set([3, 1, 6], cells, Guarantee(5))
    audit = audited(known, np.array([True, True, False, False, False]))
    # The sum of the two is known to be 4, which is protected itself.
    assert spans(audit)[2] == (4, 4)
    alone = [b for b in audit.below if b.cell in (3, 4)]
    assert {b.cell for b in alone if b.contributor < 0} == set()
    assert {(b.cell, b.low, b.high) for b in alone if b.contributor == 0} == {(3, 1, 4), (4, 0, 3)}


def test_a_contributor_who_shares_a_class_knows_that_one_unit_of_it_is_its_own():
    """Two atoms told as a sum of 4: within it nobody sees anything, but the one who is in it."""
    cells = rows((0, 1), (0,), (1,), atoms=2)
    known = release_set([3, 1], cells, Guarantee(4))
    audit = audited(known, np.array([True, False, False]))
    assert {(b.cell, b.high - b.low) for b in audit.below} == set()
    known = release_set([3, 1], cells, Guarantee(5))
    audit = audited(replace(known, guarantee=Guarantee(5)), np.array([False, False, False]))
    assert audit.below == ()
    assert audit.narrowest == np.inf


def test_a_zero_is_protected_where_it_tells_of_everybody():
    """All 6 are in the first of two parts: the second is 0, and so told by the first."""
    cells = rows((0, 1), (0,), (1,), atoms=2)
    both = np.array([True, True, False])
    sensitive = release_set([6, 0], cells, FIVE)
    assert spans(audited(sensitive, both)) == {2: (0, 0)}
    assert audited(release_set([6, 0], cells, Guarantee(5)), both).below == ()
    assert audited(sensitive, np.array([True, False, False])).below == ()


def test_a_rate_beside_a_withheld_count_gives_it_away():
    """2.4 per 1,000 of 1,250 persons is 3 and nothing else; per 100 without decimals it is safe."""
    cells = rows((0, 1), (0,), atoms=2)
    known = release_set([3, 40], cells, FIVE)
    told = np.array([True, False])
    sharp = bands.rates(cells[[1]], [2.4], [1250], per=1000, decimals=1)
    assert spans(audited(known, told, sharp))[1] == pytest.approx((2.9375, 3.0625))
    blunt = bands.rates(cells[[1]], [0], [1250], per=100, decimals=0)
    assert 1 not in spans(audited(known, told, blunt))


def test_ranks_tell_of_counts_between_others():
    """Third of four between told 7 and told 6: the withheld count would have to be between."""
    cells = rows((0,), (1,), (2,), (0, 1, 2, 3), atoms=4)
    known = release_set([9, 4, 3, 20], cells, Guarantee(5))
    told = np.array([True, False, False, True])
    order = bands.ranks(cells[:3], [1, 2, 3])
    assert audited(known, told, order).below == ()
    tied = bands.ranks(cells[[1, 2]], [1, 1])
    both = bands.together([tied, bands.rounded(cells[[1]], [5], 5, is_nearest=True)])
    known = release_set([9, 3, 3, 20], cells, Guarantee(6))
    found = spans(audited(known, told, both))
    assert found[1] == found[2] == (3, 7)


def test_rates_of_ranked_areas_compare_by_population():
    cells = rows((0,), (1,), (0, 1, 2), atoms=3)
    known = release_set([2, 8, 30], cells, Guarantee(5))
    ranked = bands.ranks(cells[:2], [1, 2], populations=[10, 100])
    told = np.array([False, True, True])
    assert spans(audited(known, told, ranked)) == {}
    above = bands.ranks(cells[:2], [2, 1], populations=[100, 100])
    assert spans(audited(known, told, above)) == {}
    close = bands.ranks(cells[:2], [2, 1], populations=[10, 100])
    with pytest.raises(ContradictionError):
        audited(known, told, close)


def test_what_more_tells_never_widens(table_cells):
    cells, _ = table_cells(2, 3)

    @deterministic
    @given(
        st.lists(st.integers(0, 6), min_size=6, max_size=6),
        st.lists(st.booleans(), min_size=12, max_size=12),
        st.lists(st.booleans(), min_size=12, max_size=12),
    )
    def never(counts, first, second):
        known = release_set(counts, cells, FIVE)
        less = np.array(first) & ~known.is_primary
        more = (less | np.array(second)) & ~known.is_primary
        few = {b.cell: b for b in audited(known, less).below}
        many = {b.cell: b for b in audited(known, more).below}
        assert set(few) <= set(many)
        both = [c for c in few if few[c].contributor < 0 and many[c].contributor < 0]
        assert all(many[c].high - many[c].low <= few[c].high - few[c].low + 1e-6 for c in both)
        gone = recovered(known, less)
        assert not (gone & ~recovered(known, more)).any()
        assert set(np.flatnonzero(gone)) <= set(few)

    never()


def test_tables_that_do_not_agree_with_what_is_told_prove_nothing():
    cells = rows((0, 1), (0,), (1,), atoms=2)
    known = release_set([6, 0], cells, FIVE)
    told = np.array([True, True, False])
    false = csr_array(np.array([[1.0, 5.0], [6.0, 9.0]]))
    assert spans(audited(known, told, tables=false)) == {2: (0, 0)}


def test_counts_that_no_table_has_are_a_contradiction():
    cells = rows((0,), atoms=1)
    known = release_set([9], cells, FIVE)
    impossible = bands.Bands(csr_array(np.array([[1.0]])), np.array([20.0]), np.array([30.0]))
    with pytest.raises(ContradictionError):
        audited(release_set([3], cells, FIVE), np.array([False]), impossible)
    assert audited(known, np.array([False]), impossible).below == ()  # nothing is protected


def test_the_account_of_what_is_told():
    cells = csr_array(vstack([rows((0, 1), (0,), (1,), atoms=2)]))
    known = release_set([6, 9], cells, FIVE, ("whole", "part", "part"))
    audit = audited(known, np.array([True, True, False]))
    assert (audit.cells, audit.told, audit.primary, audit.secondary) == (3, 2, 0, 1)
    kept = utility(known, np.array([True, True, False]))
    assert list(kept) == ["whole", "part"]
    assert (kept["part"].cells, kept["part"].told) == (2, 1)
    assert (kept["part"].count, kept["part"].count_told) == (15, 6)
    assert audit.utility == kept
