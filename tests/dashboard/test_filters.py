"""Filters keep what they say, combine, say what nobody can tell, and which one to loosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.filters import kept, kept_words
from dashboard.inside import insides
from dashboard.wording import Words

#: A: certain shortage, many children. B: certain shortage, few. C: surplus. D: nothing is known.
ROWS = pd.DataFrame(
    {
        "area_id": list("ABCD"),
        "name": list("ABCD"),
        "rank": [1.0, 2.0, 3.0, np.nan],
        "gap": [50.0, 10.0, -20.0, np.nan],
        "p_gap": [1.0, 0.95, 0.0, np.nan],
        "status": ["estimated", "estimated", "estimated", "missing"],
        "out_of_reach": [0.0, 3.0, 0.0, np.nan],
        "demand": [400.0, 90.0, 300.0, np.nan],
        "nearest_minutes": [np.nan] * 4,
        "flags": [0, 1, 0, 0],
    }
)


def names(*only, members=()):
    return kept(ROWS, only, members).rows["name"].tolist()


def test_each_filter_alone_by_hand():
    assert names() == list("ABCD")
    assert names("shortage") == ["A", "B"]
    assert names("nothing_near") == ["B"]
    assert names("solid") == ["A", "C", "D"]
    assert names("people:300") == ["A", "C"]
    assert names("within:epci/1", members={"B", "D"}) == ["B", "D"]


def test_filters_combine_and_leave_ranks_as_they_are():
    found = kept(ROWS, ("shortage", "people:200"))
    assert found.rows["name"].tolist() == ["A"]
    assert found.rows["rank"].tolist() == [1.0]
    assert found.without == {"shortage": 2, "people:200": 2}
    assert found.unknown == 1  # D: neither its gap nor its children are known
    assert names("people:300", "shortage") == names("shortage", "people:300")


@pytest.mark.parametrize("one", ["shortage", "solid", "people:100", "nothing_near"])
@pytest.mark.parametrize("other", ["shortage", "solid", "people:350", "nothing_near"])
def test_one_more_filter_never_keeps_more(one, other):
    assert set(names(one, other)) == set(names(one)) & set(names(other))


def test_what_is_not_known_at_this_level_is_said_and_not_applied():
    found = kept(ROWS, ("minutes:10", "shortage"))
    assert found.untold == ("minutes:10",)
    assert found.rows["name"].tolist() == ["A", "B"]
    said = kept_words(Words("fr"), found, "cantons", {})
    assert said[0] == "2 cantons sur 4 : manque certain de places."
    assert "10 minutes" in said[-1]


def test_an_empty_result_says_which_filter_to_loosen():
    found = kept(ROWS, ("nothing_near", "people:350", "within:epci/1"), {"A", "B"})
    assert found.rows.empty
    said = kept_words(Words("fr"), found, "cantons", {"epci/1": "CC des Sucs"})
    assert said[0].startswith("Aucun territoire sur 4 (cantons)")
    assert "dans CC des Sucs" in said[0]
    assert "« des enfants sans aucune place à portée », il en resterait 1" in said[1]
    alone = kept(ROWS, ("people:9000",))
    assert kept_words(Words("en"), alone, "cantons", {})[1].startswith("Remove the filters")


def test_an_area_is_inside_another_when_all_of_its_communes_are():
    rows = [
        ("a", "epci", "E1", "one"),
        ("b", "epci", "E1", "one"),
        ("c", "epci", "E2", "two"),
        ("a", "arrondissement", "R1", "north"),
        ("b", "arrondissement", "R1", "north"),
        ("c", "arrondissement", "R1", "north"),
        ("a", "canton", "C1", "left"),
        ("b", "canton", "C2", "right"),
        ("c", "canton", "C2", "right"),
    ]
    known = pd.DataFrame(rows, columns=["area_id", "parent_level", "parent_id", "name"])
    found = insides(known, "commune", "epci")
    pairs = set(zip(found["area_id"], found["parent_id"], strict=True))
    assert pairs == {("E1", "R1"), ("E2", "R1"), ("E2", "C2")}  # E1 lies across two cantons
    assert len(insides(known, "commune", "commune")) == len(known)
