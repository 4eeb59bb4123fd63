"""Masks that hold: laws, the traps of linked tables, releases one after the other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack

from geodata.methods.disclosure.audit import audited
from geodata.methods.disclosure.protection import AlreadyToldError, protected
from geodata.methods.disclosure.release_set import (
    Guarantee,
    carried,
    complemented,
    joined,
    release_set,
    told_before,
)
from geodata.methods.disclosure.subtraction import recovered
from geodata.methods.disclosure.system import system
from geodata.methods.disclosure.witnesses import apart
from geodata.model import Withheld

deterministic = settings(derandomize=True, deadline=None, max_examples=20)
FIVE = Guarantee(5, 0.2, is_zero_sensitive=True)


def grouped(codes, groups=None):
    """One row a group of atoms: (m, n)."""
    codes = np.asarray(codes)
    return csr_array(
        np.array([codes == g for g in (np.unique(codes) if groups is None else groups)]).astype(int)
    )


@pytest.fixture(scope="module")
def crossing():
    """Six places in two groupings that cross, by three kinds: every cell of either, and the whole.

    Places 0 to 2 and 3 to 5 are one grouping; 0 and 1, and 2 to 5, the other: the place 2 is the
    difference of two areas that may both be told.
    """
    places, kinds = np.divmod(np.arange(18), 3)
    west, north = places >= 3, places >= 2
    codes = [
        0 * kinds,
        kinds,
        west * 1,
        west * 3 + kinds,
        north * 1,
        north * 3 + kinds,
        places,
        np.arange(18),
    ]
    cells = csr_array(vstack([grouped(code) for code in codes]))
    level = np.repeat(["whole", "first", "second", "place"], [4, 8, 8, 24])
    return cells, tuple(level.tolist())


def clean(known, masks):
    """The audit is clean, with the tables of the masks and without; no primary cell is told."""
    for tables in (masks.tables, None):
        audit = audited(known, masks.is_told, tables=tables)
        assert audit.below == ()
        assert audit.recovered == 0
        assert audit.narrowest >= known.guarantee.smallest - 1 - 1e-6
    assert not (masks.is_told & known.is_primary).any()
    assert [r is None for r in masks.reason] == masks.is_told.tolist()
    return True


def test_what_is_protected_passes_the_audit(crossing):
    cells, level = crossing

    @deterministic
    @given(
        st.lists(st.integers(0, 9), min_size=18, max_size=18),
        st.booleans(),
        st.sampled_from([3, 5]),
        st.booleans(),
    )
    def law(counts, is_zero_sensitive, smallest, with_places):
        guarantee = Guarantee(smallest, 0.2, is_zero_sensitive)
        known = release_set(counts, cells, guarantee, level)
        if not with_places:
            known = replace(known, may_tell=np.array(level) != "place")
        masks = protected(known)
        assert clean(known, masks)
        again = protected(known)
        assert again.is_told.tolist() == masks.is_told.tolist()
        assert not (masks.is_told & ~known.may_tell).any()

    law()


def test_two_groupings_that_cross_isolate_no_place(crossing):
    """The trap: the first group less the part of the second that it holds is one place, of 3."""
    cells, level = crossing
    counts = np.full(18, 20)
    counts[6:9] = [1, 2, 0]  # the place that both groupings isolate
    known = release_set(counts, cells, FIVE, level)
    known = replace(known, may_tell=np.array(level) != "place")
    everything = known.may_tell & ~known.is_primary
    attacked = recovered(known, everything)
    place = 4 + 8 + 8 + 2
    assert known.values[place] == 3
    assert attacked[place]
    exposed = {b.cell: (b.low, b.high) for b in audited(known, everything).below}
    assert exposed[place] == (3, 3)
    masks = protected(known)
    assert clean(known, masks)
    assert not recovered(known, masks.is_told).any()
    assert masks.is_told[:4].all()  # the dearest are kept
    assert Withheld.SECONDARY in masks.reason
    assert {masks.reason[place], masks.reason[place + 1]} == {Withheld.SMALL, Withheld.FEW_PEOPLE}


def test_a_single_small_cell_needs_others_withheld():
    """A table of 3 by 3, one 2 in it: more than the one other cell in its row and column go."""
    atoms = np.arange(9)
    cells = csr_array(
        vstack([grouped(0 * atoms), grouped(atoms // 3), grouped(atoms % 3), grouped(atoms)])
    )
    known = release_set([2, 30, 40, 20, 30, 50, 60, 40, 20], cells, Guarantee(5))
    masks = protected(known)
    assert clean(known, masks)
    assert masks.is_told[:7].all()
    hidden = np.flatnonzero(~masks.is_told[7:])
    assert len(hidden) == 4
    assert 0 in hidden
    assert [masks.reason[7 + a] for a in hidden[1:]] == [Withheld.SECONDARY] * 3


def test_two_singletons_do_not_guard_each_other():
    """1 and 1 in a told row of 2 are open to each of the two: the row is small, and goes too."""
    atoms = np.arange(4)
    cells = csr_array(vstack([grouped(0 * atoms), grouped(atoms // 2), grouped(atoms)]))
    known = release_set([1, 1, 9, 9], cells, Guarantee(3))
    masks = protected(known)
    assert clean(known, masks)
    assert not masks.is_told[[1, 3, 4]].any()


def test_all_of_a_whole_in_one_part_tells_of_all():
    """The complement of a part that is the whole is 0; that cell is added and protected."""
    cells = csr_array(np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0]]))
    known = release_set([8, 9, 0], cells, FIVE, ("whole", "part", "finer", "finer"))
    full = complemented(known, parts=[1], wholes=[0])
    assert full.cells.toarray()[4:].tolist() == [[0, 0, 1]]
    assert not full.may_tell[4]
    masks = protected(full)
    assert clean(full, masks)
    assert masks.reason[4] is Withheld.ZERO
    assert not (masks.is_told[0] and masks.is_told[1])
    assert complemented(full, parts=[1, 2], wholes=[0, 1]).cells.shape == (5, 3)
    with pytest.raises(ValueError, match="not within"):
        complemented(known, parts=[0], wholes=[1])


def test_zeros_are_told_where_they_tell_nothing():
    cells = csr_array(np.array([[1, 1], [1, 0], [0, 1]]))
    known = release_set([8, 0], cells, Guarantee(5))
    assert protected(known).is_told.all()
    known = release_set([8, 0], cells, FIVE)
    assert protected(known).is_told.tolist() == [True, False, False]


def test_a_part_nobody_depends_on_is_decided_by_itself():
    cells = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 0]]))
    masks = protected(release_set([8, 9, 3, 20], cells, Guarantee(5)))
    assert masks.is_told.tolist() == [True, True, False]
    assert masks.tables.shape[1] == 4


def test_what_was_told_and_may_not_be_is_an_error():
    cells = csr_array(np.array([[1, 1], [1, 0]]))
    known = release_set([3, 20], cells, Guarantee(5))
    with pytest.raises(AlreadyToldError, match="1 protected cells were told, the first: 1"):
        protected(replace(known, was_told=np.array([False, True])))


def test_what_was_told_and_exposes_others_is_an_error():
    """20 and 17 were told: their difference is 3, whatever is withheld now."""
    cells = csr_array(np.array([[1, 1], [0, 1], [1, 0]]))
    known = release_set([3, 17], cells, Guarantee(5))
    with pytest.raises(AlreadyToldError, match="too narrow"):
        protected(replace(known, was_told=np.array([True, True, False])))


def test_a_count_that_cannot_go_up_enough_goes_down_for_the_rest():
    # 4 and 4 of a told 8: at most 4 more, hence 4 less too. Of 20 and 24 = 20 + 4 one is withheld.
    cells = csr_array(np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1]]))
    known = release_set([4, 4, 20], cells, FIVE)
    told = np.array([False, False, True, False, False])
    masks = protected(replace(known, was_told=told))
    assert masks.is_told.tolist() == [False, False, True, False, True]
    assert clean(known, masks)


def test_room_is_found_however_much_must_be_withheld_for_it():
    # A count of 4 is in 26 dear sums whose other part is told: all 26 must go, while 40 cheap
    # sums of the same stage make each of them 50 times the usual loss.
    dear, cheap = 26, 40
    rows = np.zeros((1 + 2 * dear + cheap, 1 + dear + cheap), dtype=int)
    rows[0, 0] = 1
    for n in range(dear):
        rows[1 + n, n + 1] = 1
        rows[1 + dear + n, [0, n + 1]] = 1
    for n in range(cheap):
        rows[1 + 2 * dear + n, [1, 1 + dear + n]] = 1
    place = np.arange(len(rows))
    is_part = (place >= 1) & (place <= dear)
    is_dear = (place > dear) & (place <= 2 * dear)
    known = release_set([4] + [50] * (dear + cheap), csr_array(rows), FIVE)
    known = replace(known, was_told=is_part, loss=np.where(is_dear, 1e4, 1.0))
    masks = protected(known)
    assert not masks.is_told[is_dear].any()
    assert clean(known, masks)


def test_two_tables_at_once_are_as_far_apart_as_each_end_found_alone(crossing):
    cells, _ = crossing

    @deterministic
    @given(st.lists(st.integers(0, 9), min_size=18, max_size=18), st.data())
    def check(counts, data):
        given_rows = st.lists(st.booleans(), min_size=cells.shape[0], max_size=cells.shape[0])
        is_told = np.array(data.draw(given_rows))
        if not is_told.any():
            return
        made = system(cells[is_told], np.array(counts))
        for row in np.flatnonzero(~is_told)[:6]:
            met, held = made.reach(csr_array(cells[[row]]))
            if (met @ made.is_free.astype("float64")).any():
                continue
            weights = np.asarray(met.toarray()).ravel(), np.asarray(held.toarray()).ravel()
            ends = weights[0] @ made.table(weights[0]), weights[1] @ made.table(-weights[1])
            hard = np.full(len(made.low), np.inf)
            found = apart(made, met, held, 1e3, hard)
            assert found.short == pytest.approx(1e3 - (ends[0] - ends[1]), abs=1e-5)
            assert made.allows(np.array([found.high, found.low])).all()
            assert not found.changed.any()
            soft = apart(made, met, held, 5.0, np.ones(len(made.low)))
            assert soft.short <= max(0.0, 5.0 - (ends[0] - ends[1])) + 1e-5
            kept = ~soft.changed
            left = replace(made, matrix=made.matrix[kept], low=made.low[kept], high=made.high[kept])
            assert left.allows(np.array([soft.high, soft.low])).all()

    check()


def test_what_one_release_told_safely_leaves_room_for_the_next(crossing):
    cells, level = crossing

    @deterministic
    @given(
        st.lists(st.integers(0, 30), min_size=18, max_size=18),
        st.lists(st.booleans(), min_size=cells.shape[0], max_size=cells.shape[0]),
    )
    def check(counts, first):
        known = release_set(counts, cells, FIVE, level)
        before = protected(replace(known, may_tell=np.array(first))).is_told
        masks = protected(replace(known, was_told=before))
        assert (masks.is_told >= before).all()
        assert clean(known, masks)

    check()


@pytest.fixture(scope="module")
def years(crossing):
    """Three releases of the same places; a late record changes one atom in each."""
    cells, level = crossing
    first = np.random.default_rng(3).integers(0, 12, 18)
    sets = []
    for late in (None, 4, 11):
        first = first.copy()
        if late is not None:
            first[late] += 1
        known = release_set(first, cells, FIVE, level)
        sets.append(replace(known, may_tell=np.array(level) != "place"))
    return sets


def test_a_release_after_others_tells_nothing_with_them(years):
    before, tables = [], None
    for number, fresh in enumerate(years):
        together = joined([*before, fresh])
        start = carried(tables, before, [*before, fresh]) if before else None
        masks = protected(together, start)
        assert clean(together, masks)
        count = len(fresh.loss)
        now = masks.is_told[-count:]
        assert masks.is_told[:-count].tolist() == [t for s in before for t in s.was_told]
        tables = masks.tables
        before.append(told_before(fresh, now))
        assert now.any(), number


def test_a_release_protected_alone_gives_the_one_before_away():
    """One more record, two sets of masks: each is safe alone, the two together are not."""
    cells = csr_array(np.array([[1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    level = ("whole", "left", "right", "place", "place", "place")
    known = replace(
        release_set([3, 30, 2], cells, FIVE, level), may_tell=np.array([1, 1, 1, 0, 0, 0]) > 0
    )
    one, other = (np.array(t) for t in ([1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0]))
    left = told_before(replace(known), one > 0)
    right = told_before(replace(known), other > 0)
    assert recovered(left, left.was_told).tolist() == [False, False, False, False, False, True]
    both = joined([left, right])
    told = np.concatenate([left.was_told, right.was_told])
    assert {int(c) % 6 for c in np.flatnonzero(recovered(both, told))} == {3, 5}


def test_releases_share_what_did_not_change(years):
    together = joined(years)
    assert len(together.counts) == 18 + 2
    assert together.cells.shape == (3 * 44, 20)
    assert together.values.tolist() == [v for s in years for v in s.values]
    with pytest.raises(ValueError, match="same atoms"):
        joined([years[0], release_set([1], csr_array(np.array([[1]])), FIVE)])
    with pytest.raises(ValueError, match="one guarantee"):
        joined([years[0], replace(years[1], guarantee=Guarantee(3))])


def test_tables_carried_stay_possible(years):
    first = protected(years[0])
    seen = told_before(years[0], first.is_told)
    moved = carried(first.tables, [seen], [seen, years[1]])
    both = joined([seen, years[1]])
    told = np.concatenate([first.is_told, first.is_told])
    sums = both.cells[told] @ moved.T.toarray()
    assert np.allclose(sums, both.values[told][:, None])


def test_a_set_says_what_is_wrong_with_it():
    cells = csr_array(np.array([[1, 1]]))
    with pytest.raises(ValueError, match="one count an atom"):
        replace(release_set([1, 2], cells, FIVE), counts=np.array([1]))
    with pytest.raises(ValueError, match="0 or more"):
        replace(release_set([1, 2], cells, FIVE), counts=np.array([-1, 2]))
    with pytest.raises(ValueError, match="smallest"):
        Guarantee(0)
    assert FIVE.width([0, 4, 100]).tolist() == [4, 4, 20]


def test_a_guarded_cell_keeps_a_share_of_its_count_whatever_it_is():
    """100 of a total of 400 are withheld by policy: a part beside them has to go with them."""
    cells = csr_array(np.array([*np.eye(3, dtype=int).tolist(), [1, 1, 1]]))
    known = release_set([100, 150, 150], cells, Guarantee(5, 0.2, is_zero_sensitive=True))
    first = np.arange(4) == 0
    alone = protected(replace(known, may_tell=~first))
    assert alone.is_told.tolist() == [False, True, True, True], "found by subtraction"
    guarded = replace(known, may_tell=~first, guarded=first)
    masks = protected(guarded)
    assert not masks.is_told[0]
    assert masks.is_told.sum() == 2
    audit = audited(guarded, masks.is_told)
    assert (audit.below, audit.protected) == ((), 1)
    assert audit.narrowest >= 20
    (breach,) = audited(guarded, alone.is_told).below
    assert (breach.low, breach.high) == (100, 100)
    with pytest.raises(AlreadyToldError):
        protected(replace(guarded, was_told=first))
