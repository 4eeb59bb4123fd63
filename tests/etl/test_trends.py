"""Trends of series of a few villages, by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from etl import trends
from geodata.catalogue.nouns import Break, Text
from geodata.model import Chance

YEARS = ("2016", "2017", "2018", "2019", "2020", "2021")


@pytest.fixture
def rate(words):
    return replace(words.indicators["care_rate"], chance=Chance.RATE, per=1000.0, breaks=())


def series(counts, people=100_000, area="A", years=YEARS, level="commune"):
    frame = pd.DataFrame({"period": years, "numerator": counts}).astype({"numerator": "float64"})
    return frame.assign(
        area_id=area,
        level=level,
        denominator=float(people),
        value=1000 * frame["numerator"] / people,
    )


def test_ten_percent_a_year_is_rising(rate):
    # 1000 x 1.1^t, to the nearest one: the slope is ln 1.1.
    (row,) = trends.tested_trends(series([1000, 1100, 1210, 1331, 1464, 1611]), rate, 1).to_dict(
        "records"
    )
    assert row["yearly_change"] == pytest.approx(10.0, abs=0.01)
    assert row["low"] < 10 < row["high"]
    assert (row["verdict"], row["method"]) == ("rising", "quasi_poisson")
    assert (row["first_period"], row["last_period"], row["periods"]) == ("2016", "2021", 6)


def test_what_chance_explains_is_unclear(rate):
    (row,) = trends.tested_trends(series([9, 12, 8, 11, 13, 9]), rate, 1).to_dict("records")
    assert row["verdict"] == "unclear"
    assert row["low"] < 0 < row["high"]


def test_a_change_of_pace_makes_two_segments(rate):
    counts = [1000, 1200, 1440, 1200, 1000, 833]
    made = trends.tested_trends(series(counts), rate, 1)
    assert made["verdict"].tolist() == ["rising", "falling"]
    assert made["first_period"].tolist() == ["2016", "2018"]
    # Of few cases a period none is looked for: chance hides it.
    few = trends.tested_trends(series([1, 3, 9, 9, 3, 1]), rate, 1)
    assert len(few) == 1


def test_no_trend_crosses_a_break_of_the_indicator(rate):
    broken = replace(rate, breaks=(Break("2019", Text("nouveau", "new")),))
    made = trends.tested_trends(series([1000, 2000, 4000, 1000, 1100, 1210]), broken, 1)
    assert made["first_period"].tolist() == ["2019"]
    assert made["yearly_change"].round(1).tolist() == [10.0]
    # Two periods since the break are no trend.
    late = replace(rate, breaks=(Break("2020", Text("nouveau", "new")),))
    assert trends.tested_trends(series([1000, 2000, 4000, 1000, 1100, 1210]), late, 1).empty


def test_withheld_periods_are_left_out_and_few_make_no_trend(rate):
    frame = series([1000, 1100, None, None, 1464, 1611])
    (row,) = trends.tested_trends(frame, rate, 1).to_dict("records")
    assert (row["periods"], row["yearly_change"]) == (4, pytest.approx(10.0, abs=0.01))
    assert trends.tested_trends(series([1000, None, None, None, None, 1611]), rate, 1).empty
    assert trends.tested_trends(series([None] * 6), rate, 1).empty
    assert list(trends.tested_trends(frame.iloc[:0], rate, 1).columns) == trends.COLUMNS


def test_zero_people_are_no_period(rate):
    frame = series([1000, 1100, 1210, 1331, 1464, 1611])
    frame.loc[0, ["value", "denominator"]] = [None, 0.0]
    (row,) = trends.tested_trends(frame, rate, 1).to_dict("records")
    assert (row["first_period"], row["periods"]) == ("2017", 5)


def test_a_value_that_is_not_counted_has_the_trend_of_its_logarithm(rate):
    price = replace(rate, chance=Chance.NONE)
    frame = pd.concat(
        [
            series([1000, 1100, 1210, 1331, 1464.1, 1610.51]),
            series([5] * 6, area="B", level="epci"),
        ],
        ignore_index=True,
    )
    made = trends.tested_trends(frame, price, 1).set_index("area_id")
    assert made.loc["A", "yearly_change"] == pytest.approx(10.0)
    assert made.loc["A", "method"] == "log_linear"
    assert made.loc["B", "verdict"] == "unclear"


def test_what_the_engine_estimates_has_no_trend(words):
    frame = series([1000, 1100, 1210, 1331, 1464, 1611])
    assert trends.tested_trends(frame, words.indicators["childcare_gap"], 1).empty


def test_a_day_is_a_part_of_its_year():
    assert trends.moment("2020") == 2020
    assert trends.moment("2024-07-01") == pytest.approx(2024.5, abs=0.01)
    assert trends.moment("2020-2021") is None


def test_sums_of_several_years_are_compared_where_they_share_none(rate, words):
    """Windows of three years move together: births that only vary would seem to rise or fall."""
    years = [str(year) for year in range(2012, 2021)]
    counts = [3000, 1, 2, 3300, 3, 4, 3630, 5, 6]  # every third from the end: 6, 4, 2
    (row,) = trends.tested_trends(series(counts, years=years), rate, 3).to_dict("records")
    assert (row["first_period"], row["last_period"], row["periods"]) == ("2014", "2020", 3)
    assert trends.tested_trends(series(counts[3:], years=years[3:]), rate, 3).empty
    assert trends.years_of(words.indicators["children_under_3_share"], words) == 3
    assert trends.years_of(words.indicators["care_rate"], words) == 1
