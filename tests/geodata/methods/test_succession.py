"""Where areas go: by hand, beside a slow walker of one code at a time, and by laws."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.area_events import LAST, areas_in_force, contradictions
from geodata.methods.succession import destinations, passage

COLUMNS = ["on", "step", "before_id", "after_id", "kind"]
FIRST, MIDDLE, END = "2000-01-01", "2007-01-01", "2030-01-01"


def table(*rows):
    return pd.DataFrame(
        [(on, 1, before, after, kind) for on, before, after, kind in rows], columns=COLUMNS
    )


def shares(way):
    return {(b, a): pytest.approx(s) for b, a, s in way.iloc[:, :3].itertuples(index=False)}


def slow_ends(events, code, on, to_on, step=10):
    """Every area a code may be in at the end, one event at a time."""
    later = [
        row
        for row in events.itertuples(index=False)
        if (row.on, row.step) > (on, step) and row.on <= to_on and row.before_id == code
    ]
    if not later:
        return {code}
    when = min((row.on, row.step) for row in later)
    found = set()
    for row in later:
        if (row.on, row.step) == when:
            found |= slow_ends(events, row.after_id, row.on, to_on, row.step)
    return found


# A merger (2012) undone two years after (2014): B is what it was, and so is A.
UNDONE = table(
    ("2012-01-01", "A", "A", "merge"),
    ("2012-01-01", "B", "A", "merge"),
    ("2014-01-01", "A", "A", "split"),
    ("2014-01-01", "A", "B", "split"),
)


def test_a_merger_undone_is_followed_exactly_across_it():
    across = passage(UNDONE, "2011-01-01", "2015-01-01")
    assert shares(across) == {("A", "A"): 1, ("B", "B"): 1}
    assert not across["is_estimate"].any()
    assert shares(passage(UNDONE, "2015-01-01", "2011-01-01")) == {("A", "A"): 1, ("B", "B"): 1}


def test_from_the_middle_of_it_the_parts_are_an_estimate():
    way = passage(UNDONE, "2013-01-01", "2015-01-01", weights={"A": 30, "B": 10})
    assert shares(way) == {("A", "A"): 0.75, ("A", "B"): 0.25}
    assert way["is_estimate"].all()
    assert shares(passage(UNDONE, "2015-01-01", "2013-01-01")) == {("A", "A"): 1, ("B", "A"): 1}


def test_the_rest_of_a_divided_area_may_change_its_code():
    """Beaumont (B) takes its code back; what stays of the Hauts-Talican (N, V) takes that of V."""
    events = table(
        ("2019-01-01", "B", "B", "merge"),
        ("2019-01-01", "N", "B", "merge"),
        ("2019-01-01", "V", "B", "merge"),
        ("2024-01-01", "B", "B", "split"),
        ("2024-01-01", "B", "V", "recode"),
    )
    forward = passage(events, "2018-01-01", "2024-01-01")
    assert shares(forward) == {("B", "B"): 1, ("N", "V"): 1, ("V", "V"): 1}
    back = passage(events, "2024-01-01", "2018-01-01", weights={"B": 9, "N": 1, "V": 3})
    assert shares(back) == {("B", "B"): 1, ("V", "N"): 0.25, ("V", "V"): 0.75}


def test_what_is_not_restored_stays_with_the_rest():
    """D stays in A when B and C leave it; C had come in before the figures begin."""
    events = table(
        ("1970-01-01", "A", "A", "merge"),
        ("1970-01-01", "C", "A", "merge"),
        ("1980-01-01", "A", "A", "merge"),
        ("1980-01-01", "B", "A", "merge"),
        ("1980-01-01", "D", "A", "merge"),
        ("1990-01-01", "A", "A", "rename"),
        ("1990-01-01", "A", "B", "split"),
        ("1990-01-01", "A", "C", "split"),
    )
    way = passage(events, "1975-01-01", "1995-01-01", weights={"A": 3, "C": 1})
    assert shares(way) == {("A", "A"): 0.75, ("A", "C"): 0.25, ("B", "B"): 1, ("D", "A"): 1}
    before = passage(events, "1960-01-01", "1995-01-01")
    assert shares(before) == {("A", "A"): 1, ("B", "B"): 1, ("C", "C"): 1, ("D", "A"): 1}


def test_a_chain_through_a_restored_area():
    """P went into B, B into A; B comes back with P in it."""
    events = table(
        ("2001-01-01", "B", "B", "merge"),
        ("2001-01-01", "P", "B", "merge"),
        ("2002-01-01", "A", "A", "merge"),
        ("2002-01-01", "B", "A", "merge"),
        ("2003-01-01", "A", "A", "rename"),
        ("2003-01-01", "A", "B", "split"),
    )
    assert shares(passage(events, FIRST, END)) == {("A", "A"): 1, ("B", "B"): 1, ("P", "B"): 1}


def test_a_code_that_changes_and_changes_back():
    events = table(("2021-01-01", "X", "Y", "recode"), ("2023-01-01", "Y", "X", "recode"))
    assert shares(passage(events, "2020-01-01", "2022-01-01")) == {("X", "Y"): 1}
    assert shares(passage(events, "2020-01-01", "2024-01-01")) == {("X", "X"): 1}
    assert shares(passage(events, "2024-01-01", "2020-01-01")) == {("X", "X"): 1}


def test_a_code_used_again_is_another_area():
    events = table(
        ("1973-01-01", "X", "Y", "merge"),
        ("1973-01-01", "Y", "Y", "merge"),
        ("2014-01-01", "Z", "X", "recode"),
    )
    assert shares(passage(events, "1970-01-01", "2020-01-01")) == {
        ("X", "Y"): 1,
        ("Y", "Y"): 1,
        ("Z", "X"): 1,
    }
    assert "X" not in set(passage(events, "2000-01-01", "2020-01-01")["before_id"])
    spans = destinations(events).set_index(["area_id", "from_on"])["after_id"].to_dict()
    assert spans == {("X", ""): "Y", ("X", "2014-01-01"): "X", ("Y", ""): "Y", ("Z", ""): "X"}


def test_steps_of_one_day_follow_one_another():
    """Freigné changes département, and merges, on one 1 January."""
    events = pd.DataFrame(
        [
            ("2018-01-01", 1, "44225", "44180", "merge"),
            ("2018-01-01", 1, "44180", "44180", "merge"),
            ("2018-01-01", 0, "49144", "44225", "recode"),
        ],
        columns=COLUMNS,
    )
    way = passage(events, "2017-01-01", "2018-01-01")
    assert shares(way) == {("44180", "44180"): 1, ("49144", "44180"): 1}
    assert "44225" not in set(destinations(events)["area_id"])


def test_an_area_shared_out_among_its_neighbours_and_one_made_of_pieces():
    shared_out = table(
        ("1968-03-02", "H", "G", "end"),
        ("1968-03-02", "H", "T", "end"),
        ("1968-03-02", "G", "G", "end"),
        ("1968-03-02", "T", "T", "end"),
    )
    assert shares(passage(shared_out, "1960-01-01", "1970-01-01")) == {
        ("G", "G"): 1,
        ("H", "G"): 0.5,
        ("H", "T"): 0.5,
        ("T", "T"): 1,
    }
    pieces = table(
        ("1989-01-01", "U", "U", "create"),
        ("1989-01-01", "U", "N", "create"),
        ("1989-01-01", "V", "V", "create"),
        ("1989-01-01", "V", "N", "create"),
    )
    way = passage(pieces, "1980-01-01", "1990-01-01", weights={"U": 300, "V": 150, "N": 100})
    assert shares(way)["U", "N"] == pytest.approx(50 / 350)
    assert shares(way)["V", "N"] == pytest.approx(50 / 200)


def test_lost_and_found():
    events = table(("1947-09-17", "", "N", "create"), ("1950-01-01", "O", "", "end"))
    assert shares(passage(events, "1940-01-01", "1960-01-01")) == {("O", ""): 1}
    assert shares(passage(events, "1960-01-01", "1940-01-01")) == {("N", ""): 1}


def test_weights_of_areas_in_between_are_those_of_what_they_became():
    events = table(
        ("2005-01-01", "A", "A", "rename"),
        ("2005-01-01", "A", "B", "split"),
        ("2010-01-01", "B", "B", "rename"),
        ("2010-01-01", "B", "C", "split"),
    )
    way = passage(events, FIRST, END, weights={"A": 60, "B": 30, "C": 10})
    assert shares(way) == {("A", "A"): 0.6, ("A", "B"): 0.3, ("A", "C"): 0.1}


def test_without_all_the_weights_parts_are_equal():
    events = table(("2005-01-01", "A", "A", "rename"), ("2005-01-01", "A", "B", "split"))
    for weights in (None, {"A": 3}, {"A": 0, "B": 0}):
        way = passage(events, FIRST, END, weights=weights)
        assert shares(way) == {("A", "A"): 0.5, ("A", "B"): 0.5}


def test_areas_asked_for():
    way = passage(UNDONE, "2013-01-01", "2015-01-01", ["Z", "B", "A"])
    assert set(way["before_id"]) == {"A", "Z"}  # B was not there; Z was never named
    assert passage(UNDONE.iloc[:0], FIRST, END, ["Z"])["after_id"].tolist() == ["Z"]
    assert passage(UNDONE.iloc[:0], FIRST, END).empty
    assert destinations(UNDONE.iloc[:0]).empty


@st.composite
def worlds(draw, may_restore):
    """An event table that could be, the areas at its start and at its end."""
    codes = iter(f"{n:03}" for n in range(500))
    start = [next(codes) for _ in range(draw(st.integers(2, 6)))]
    alive, dead, rows = list(start), [], []
    for year in range(2001, 2001 + draw(st.integers(1, 12))):
        on = f"{year}-01-01"
        what = draw(st.sampled_from(["merge", "split", "recode", "create", "end"]))
        one = draw(st.sampled_from(alive))
        others = [area for area in alive if area != one]
        old = dead if may_restore else []
        new = draw(st.sampled_from(old)) if old and draw(st.booleans()) else next(codes)
        if what == "recode":
            rows.append((on, one, new, "recode"))
            gone, born = {one}, {new}
        elif what == "split":
            stays = draw(st.sampled_from(["rename", "split"])) if may_restore else "rename"
            rows += [(on, one, one, stays), (on, one, new, "split")]
            gone, born = set(), {new}
        elif what == "create":
            rows += [(on, a, b, "create") for a in {one, *others[:1]} for b in (a, new)]
            gone, born = set(), {new}
        elif not others:
            continue
        elif what == "merge":
            rows += [(on, one, one, "merge"), (on, others[0], one, "merge")]
            gone, born = {others[0]}, set()
        else:
            rows += [(on, one, other, "end") for other in others[:2]]
            rows += [(on, other, other, "end") for other in others[:2]]
            gone, born = {one}, set()
        alive = [area for area in alive if area not in gone] + sorted(born)
        dead = [area for area in {*dead, *gone} if area not in alive]
        dead.sort()
    return table(*rows), start, alive


@settings(max_examples=150, deadline=None)
@given(worlds(may_restore=True))
def test_everything_goes_somewhere_and_nothing_twice(world):
    events, start, alive = world
    assert contradictions(events).empty
    assert areas_in_force(events, start, FIRST, END) == set(alive)
    assert areas_in_force(events, alive, END, FIRST) == set(start)
    for from_on, to_on, first, last in ((FIRST, END, start, alive), (END, FIRST, alive, start)):
        way = passage(events, from_on, to_on, first)
        sums = way.groupby("before_id")["share"].sum()
        assert set(sums.index) == set(first)
        assert sums.to_numpy() == pytest.approx(1)
        assert set(way["after_id"]) <= set(last)
        assert (way["is_estimate"] == (way["share"] < 1)).all()


@settings(max_examples=150, deadline=None)
@given(worlds(may_restore=True))
def test_the_slow_walker_agrees(world):
    events, start, _alive = world
    way = passage(events, FIRST, END, start).groupby("before_id")["after_id"].agg(set)
    spans = destinations(events)
    for code in start:
        slow = slow_ends(events, code, FIRST, END)
        assert way[code] <= slow
        assert len(slow) > 1 or way[code] == slow
        span = spans[(spans["area_id"] == code) & (spans["from_on"] == "")]
        assert not len(span) or set(span["after_id"]) == slow


@settings(max_examples=150, deadline=None)
@given(worlds(may_restore=False))
def test_through_a_date_in_between_is_the_same(world):
    events, start, _alive = world
    direct = passage(events, FIRST, END, start)
    there = passage(events, FIRST, MIDDLE, start)
    on = passage(events, MIDDLE, END, set(there["after_id"]))
    both = there.merge(on, left_on="after_id", right_on="before_id")
    both["share"] = both["share_x"] * both["share_y"]
    composed = both.groupby(["before_id_x", "after_id_y"])["share"].sum()
    straight = direct.set_index(["before_id", "after_id"])["share"]
    assert composed.to_dict() == pytest.approx(straight.to_dict())


def test_destinations_at_a_date_before_the_last_event():
    spans = destinations(UNDONE, "2013-01-01")
    assert spans.to_numpy().tolist() == [["A", "", "", "A"], ["B", "", "2012-01-01", "A"]]
    assert destinations(UNDONE, LAST)["after_id"].tolist() == ["A", "B", "A", "A", "B", "B"]
