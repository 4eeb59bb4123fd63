"""Intervals, smoothed values and standings by hand, on frames of a few villages."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl import statistics
from geodata.catalogue.nouns import CoverageMeasure
from geodata.model import Chance

STATISTICS = ("low", "high", "interval", "smoothed", "smoothed_low", "smoothed_high", "standing")


@pytest.fixture
def rate(words):
    """Cases per thousand people."""
    return replace(words.indicators["care_rate"], chance=Chance.RATE, per=1000.0, breaks=())


@pytest.fixture
def share(words):
    """A part of a whole, in percent."""
    return replace(words.indicators["rsa_share"], chance=Chance.PROPORTION, per=100.0, breaks=())


def observed(rows, per, level="commune", period="2020"):
    """Observations of counts among people; a count that is None is suppressed."""
    frame = pd.DataFrame(rows, columns=["area_id", "numerator", "denominator"])
    frame = frame.astype({"numerator": "float64", "denominator": "float64"})
    value = per * frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    silent = np.where(frame["numerator"].isna(), "suppressed", "not_applicable")
    status = np.where(value.notna(), "observed", silent)
    return frame.assign(level=level, period=period, value=value, status=status)


def all_of(frame, indicator, territory, parents=None):
    made = statistics.with_intervals(frame, indicator)
    made = statistics.with_smoothed(made, indicator, parents or {})
    return statistics.with_standing(made, indicator, territory).set_index("area_id")


def test_a_rate_has_the_exact_interval_under_ten_cases_and_byar_s_from_ten(rate):
    # 5 cases: Garwood's 1.623 and 11.668. 100 cases: Byar's 81.36 and 121.63.
    frame = observed([("A", 5, 1000), ("B", 100, 10_000), ("C", 0, 500)], rate.per)
    made = statistics.with_intervals(frame, rate)
    assert made["low"].round(3).tolist() == [1.623, 8.136, 0.0]
    assert made["high"].round(3).tolist() == [11.668, 12.163, 7.378]
    assert made["interval"].tolist() == ["exact", "byar", "exact"]


def test_a_share_has_wilson_s_interval(share):
    made = statistics.with_intervals(observed([("A", 65, 100), ("B", 10, 10)], share.per), share)
    assert made["low"].round(2).tolist() == [55.25, 72.25]
    assert made["high"].round(2).tolist() == [73.64, 100.0]
    assert set(made["interval"]) == {"wilson"}


def test_more_than_the_whole_has_no_interval_and_stops_nothing(share, words):
    frame = observed([("A", 12, 10), *((f"B{k}", k, 10) for k in range(6))], share.per)
    made = all_of(frame, share, words.territory)
    assert made.loc["A", list(STATISTICS)].isna().all()
    assert made.loc["B3", ["low", "smoothed", "standing"]].notna().all()


@pytest.mark.parametrize("rows", [[], [("A", None, 100), ("B", None, 50)], [("A", 0, 0)]])
def test_what_is_suppressed_or_has_no_denominator_has_nothing(rows, rate, share, words):
    for indicator in (rate, share):
        made = all_of(observed(rows, indicator.per), indicator, words.territory)
        assert len(made) == len(rows)
        assert made[list(STATISTICS)].isna().all(axis=None)


def test_a_suppressed_area_changes_nothing_for_the_others(rate, words):
    rows = [(f"B{k}", k + 1, 1000 * (k + 1)) for k in range(6)]
    alone = all_of(observed(rows, rate.per), rate, words.territory)
    beside = all_of(observed([*rows, ("A", None, 700)], rate.per), rate, words.territory)
    assert beside.loc["A", list(STATISTICS)].isna().all()
    pd.testing.assert_frame_equal(alone, beside.drop("A"))


def test_the_smoothed_value_lies_between_the_value_and_the_mean(rate, words):
    # Four of 2 expected and 20 expected, twice: small areas are drawn further.
    rows = [("A", 1, 2), ("B", 4, 2), ("C", 10, 20), ("D", 40, 20), ("E", 20, 20)]
    made = all_of(observed(rows, rate.per), rate, words.territory)
    drawn = (made["smoothed"] - made["value"]).abs() / rate.per
    assert (made["smoothed_low"] < made["smoothed"]).all()
    assert (made["smoothed"] < made["smoothed_high"]).all()
    assert drawn["B"] > drawn["D"]
    assert made.loc["B", "smoothed"] < made.loc["B", "value"]
    assert made.loc["A", "smoothed"] > made.loc["A", "value"]


def test_areas_are_drawn_towards_those_of_their_own_parent(rate):
    low = [(f"L{k}", 1 + k % 3, 100) for k in range(8)]
    high = [(f"H{k}", 20 + 4 * (k % 3), 100) for k in range(8)]
    parents = {"commune": {name: name[0] for name, _count, _people in [*low, *high]}}
    frame = observed([*low, *high], rate.per)
    apart = statistics.with_smoothed(frame, rate, parents)
    together = statistics.with_smoothed(frame, rate, {})
    is_low = frame["area_id"].str.startswith("L")
    # Towards the mean of all, the low ones rise; towards their own, their mean stays.
    mean = frame.loc[is_low, "value"].mean()
    assert apart.loc[is_low, "smoothed"].mean() == pytest.approx(mean, rel=1e-6)
    assert together.loc[is_low, "smoothed"].mean() > mean


def test_fewer_than_five_areas_are_not_smoothed(rate, words):
    rows = [(f"A{k}", k + 1, 100) for k in range(4)]
    assert all_of(observed(rows, rate.per), rate, words.territory)["smoothed"].isna().all()


def test_the_whole_is_the_benchmark_of_its_parts(rate, words):
    territory = words.territory
    # The whole: 5 per thousand. 959 people expect 4.8 cases: 11 are higher, 9 are not.
    parts = observed([("A", 11, 959), ("B", 9, 959), ("C", 5, 1000)], rate.per)
    key = territory.area
    whole = observed([(key.area_id, 500, 100_000)], rate.per, level=key.level)
    made = all_of(pd.concat([parts, whole], ignore_index=True), rate, territory)
    assert made["standing"][["A", "B", "C"]].tolist() == ["higher", "within", "within"]
    # Without it, they are held against their own sum: 25 cases for 2918 people, 8.6 per thousand.
    alone = all_of(parts, rate, territory)
    assert set(alone["standing"]) == {"within"}


def test_a_suppressed_whole_is_no_benchmark(rate, words):
    parts = observed([("A", 11, 959), ("B", 10, 959), ("C", 5, 1000)], rate.per)
    key = words.territory.area
    whole = observed([(key.area_id, None, 100_000)], rate.per, level=key.level)
    made = all_of(pd.concat([parts, whole], ignore_index=True), rate, words.territory)
    assert set(made["standing"].dropna()) == {"within"}
    assert made["standing"].isna()[key.area_id]


def test_the_country_is_the_benchmark_of_the_level_of_the_whole(rate, words):
    territory = words.territory
    parts = observed([("43", 40, 1000), ("63", 10, 1000)], rate.per, level=territory.area.level)
    country = territory.country
    whole = observed([(country.area_id, 1000, 100_000)], rate.per, level=country.level)
    made = all_of(pd.concat([parts, whole], ignore_index=True), rate, territory)
    assert made["standing"][["43", "63"]].tolist() == ["much_higher", "within"]
    assert made["standing"].isna()[country.area_id]


def test_many_areas_that_differ_widen_their_own_limits(share, words):
    # Shares of 20 and 80 %, of a thousand people each: far outside what chance allows, all alike.
    rows = [(f"A{k}", 200 if k % 2 else 800, 1000) for k in range(20)]
    many = all_of(observed(rows, share.per), share, words.territory)
    few = all_of(observed(rows[:8], share.per), share, words.territory)
    assert set(many["standing"]) == {"within"}
    assert set(few["standing"]) == {"much_higher", "much_lower"}


def test_the_engine_s_draws_are_the_interval_of_its_gap(words):
    gap = words.indicators["childcare_gap"]
    frame = observed([("A", 5, 100), ("B", 5, 100)], 100)
    bounds = pd.DataFrame({"gap_low": [1.0, np.nan], "gap_high": [9.0, np.nan]})
    made = statistics.with_intervals(frame, gap, bounds)
    assert made["low"].tolist()[0] == 1.0
    assert made["high"].tolist()[0] == 9.0
    assert made["interval"].tolist() == ["drawn", None]
    # The draws are of the gap: they say nothing of the coverage itself.
    coverage = replace(gap, coverage=CoverageMeasure("childcare", "france_2020", "coverage"))
    assert statistics.with_intervals(frame, coverage, bounds)["interval"].isna().all()


def test_what_was_told_beforehand_is_told(rate, share, words):
    assert statistics.parameters(rate)["smoothing"] == "poisson_gamma"
    assert statistics.parameters(share)["funnel"] == "overdispersed from 10 areas, else wilson"
    assert statistics.parameters(words.indicators["childcare_gap"])["confidence"] == 0.9
    assert statistics.parameters(words.indicators["median_income"]) == {}
