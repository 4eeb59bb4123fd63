"""The change since the first period."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.trend import Change, change_since_first

deterministic = settings(derandomize=True, deadline=None)


def test_a_quarter_more() -> None:
    """From 80 to 100: 20 more, 25 %."""
    change = change_since_first(["2018", "2019", "2020"], [80, None, 100])
    assert change == Change("2018", "2020", 20, 25)


@pytest.mark.parametrize("absent", [None, math.nan])
def test_no_first_or_last_value_no_change(absent: float | None) -> None:
    """The periods remain, so that the page can say since when it does not know."""
    unknown = Change("2018", "2020", None, None)
    assert change_since_first(["2018", "2020"], [absent, 5]) == unknown
    assert change_since_first(["2018", "2020"], [5, absent]) == unknown


@pytest.mark.parametrize("first", [0, -10])
def test_no_percentage_of_nothing_nor_of_a_surplus(first: float) -> None:
    """From 0, or from a gap of -10, the change is 5 - first, and no percentage."""
    assert change_since_first(["2018", "2020"], [first, 5]) == Change(
        "2018", "2020", 5 - first, None
    )


def test_one_period_is_no_change() -> None:
    """Neither is none."""
    assert change_since_first(["2020"], [5]) == Change("2020", "2020", None, None)
    assert change_since_first([], []) == Change(None, None, None, None)


def test_no_change_is_computed_across_a_break() -> None:
    """What came before the last break that is not after the last period is left out."""
    periods, values = ["2014", "2015", "2016", "2017"], [50, 60, 200, 210]
    assert change_since_first(periods, values, ["2016"]) == Change("2016", "2017", 10, 5)
    assert change_since_first(periods, values, ["2016", "2015"]) == Change("2016", "2017", 10, 5)
    assert change_since_first(periods, values, ["2017"]) == Change("2017", "2017", None, None)
    whole = change_since_first(periods, values)
    assert change_since_first(periods, values, ["2010", "2014", "2018"]) == whole
    assert change_since_first(["2014", "2017"], [50, 60], ["2016"]).absolute is None


@deterministic
@given(st.floats(0.01, 1e5), st.floats(0, 1e5))
def test_the_change_leads_from_first_to_last(first: float, last: float) -> None:
    """First plus the change is last, either way of counting."""
    change = change_since_first(["2002", "2020"], [first, last])
    assert change.absolute is not None
    assert change.percent is not None
    assert first + change.absolute == pytest.approx(last, rel=1e-9, abs=1e-9)
    assert first * (1 + change.percent / 100) == pytest.approx(last, rel=1e-9, abs=1e-9)


def test_periods_that_do_not_match_or_ascend_are_refused() -> None:
    """The first must be the first."""
    with pytest.raises(ValueError, match="2 periods but 1 values"):
        change_since_first(["2018", "2020"], [1])
    with pytest.raises(ValueError, match="ascending"):
        change_since_first(["2020", "2018"], [1, 2])
    with pytest.raises(ValueError, match="ascending"):
        change_since_first(["2020", "2020"], [1, 2])
