import pandas as pd
import pytest

from geodata.methods.area_events import LAST, areas_in_force, checked, contradictions, walk
from geodata.methods.area_events import steps as steps_of

COLUMNS = ["on", "before_id", "after_id", "kind"]


def table(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_a_code_that_ends_and_is_created_again_holds_together():
    events = table(
        ("1973-01-01", "X", "Y", "merge"),
        ("1973-01-01", "Y", "Y", "merge"),
        ("2014-01-07", "Z", "X", "recode"),
    )
    assert contradictions(events).empty
    assert areas_in_force(events, ["X", "Y"], LAST, "2000-01-01") == {"Y", "Z"}
    assert areas_in_force(events, ["X", "Y"], LAST, "1970-01-01") == {"X", "Y", "Z"}


@pytest.mark.parametrize(
    ("rows", "area"),
    [
        # it ends twice
        ([("2015-01-01", "C", "B", "merge"), ("2018-01-01", "C", "D", "recode")], "C"),
        # it is made while it stands
        ([("2015-01-01", "A", "A", "rename"), ("2018-01-01", "C", "A", "merge")], "A"),
    ],
)
def test_events_that_cannot_be_are_told(rows, area):
    events = table(*rows)
    assert contradictions(events)["area_id"].tolist() == [area]
    with pytest.raises(ValueError, match=f"2018-01-01, {area} "):
        checked(events)


def test_a_part_of_a_country_keeps_to_its_own():
    events = table(
        ("2015-01-01", "A", "A", "merge"),
        ("2015-01-01", "B", "A", "merge"),
        ("2015-01-01", "P", "P", "merge"),
        ("2015-01-01", "Q", "P", "merge"),
    )
    assert areas_in_force(events, ["A"], LAST, "2014-12-31") == {"A", "B"}
    assert areas_in_force(events, ["Q"], "2014-12-31", "2015-01-01") == {"P"}


def test_created_out_of_nothing_and_lost():
    events = table(("1947-09-17", "", "N", "create"), ("1950-01-01", "O", "", "end"))
    assert areas_in_force(events, ["O"], "1947-01-01", "1948-01-01") == {"N", "O"}
    assert areas_in_force(events, ["N"], "1960-01-01", "1948-01-01") == {"N", "O"}
    assert areas_in_force(events, ["N", "O"], "1948-01-01", "1947-01-01") == {"O"}


def test_the_walk_back_undoes_the_walk():
    events = table(("2015-01-01", "A", "B", "recode"), ("2018-01-01", "B", "C", "merge"))
    told = steps_of(events)
    forward, back = walk(told, "2014-01-01", LAST), walk(told, LAST, "2014-01-01")
    assert [tuple(edge) for (edge,) in forward] == [("A", "B", "recode"), ("B", "C", "merge")]
    assert [tuple(edge) for (edge,) in back] == [("C", "B", "split"), ("B", "A", "recode")]
    assert [edge.turned for (edge,) in back][::-1] == [edge for (edge,) in forward]


def test_an_event_counts_from_its_day():
    told = steps_of(table(("2015-01-01", "A", "B", "recode")))
    assert walk(told, "2014-12-31", "2015-01-01")
    assert not walk(told, "2015-01-01", "2016-01-01")
    assert not walk(told, "2016-01-01", "2015-01-01")
