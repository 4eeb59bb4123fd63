"""Inequality of ten areas by hand: who has more, and whether the deprived do."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.inequalities import COLUMNS, inequalities, is_measured
from geodata.model import Chance, Direction

TEN = [f"A{k}" for k in range(10)]


@pytest.fixture
def coverage(words):
    return replace(words.indicators["childcare_raw_coverage"], kind="coverage")


@pytest.fixture
def income(words):
    """Areas from the poorest (A0) to the richest (A9); more is better."""
    indicator = words.indicators["median_income"]
    assert indicator.direction is Direction.BETTER
    return {indicator: observed([1000 + k for k in range(10)], period="2019")}


@pytest.fixture
def areas():
    return pd.DataFrame({"level": "commune", "area_id": TEN, "legal_population": 100})


def observed(values, people=100.0, period="2020", level="commune"):
    frame = pd.DataFrame({"area_id": TEN[: len(values)], "value": values, "denominator": people})
    frame = frame.astype({"value": "float64", "denominator": "float64"})
    return frame.assign(level=level, period=period, low=float("nan"), high=float("nan"))


def told(frame, indicator, ranked_by, areas):
    made = inequalities(frame, indicator, ranked_by, areas)
    return made.set_index("measure")


def test_all_alike_is_no_inequality(coverage, income, areas):
    made = told(observed([30.0] * 10), coverage, income, areas)
    assert made["value"].round(9).to_dict() == {"gini": 0, "concentration": 0, "sii": 0, "rii": 1}
    assert set(made["areas"]) == {10}


def test_more_for_the_rich_is_a_slope_down_to_the_deprived(coverage, income, areas):
    # Coverage of 1 to 10, rising with income. Gini without people: 2 sum(k k) / (10 sum k) - 1.1.
    made = told(observed([k + 1 for k in range(10)]), coverage, income, areas)
    gini = 2 * sum(k * k for k in range(1, 11)) / (10 * 55) - 1.1
    assert made.loc["gini", "value"] == pytest.approx(gini)
    # Ranked from the least deprived: 10 down to 1, a line from 10.5 to 0.5.
    assert made.loc["concentration", "value"] == pytest.approx(-gini)
    assert made.loc["sii", "value"] == pytest.approx(-10.0)
    assert made.loc["rii", "value"] == pytest.approx(0.5 / 10.5)
    assert made["low"].isna().all()


def test_areas_count_by_their_people_then_by_law(coverage, income, areas):
    values = [10.0] * 5 + [20.0] * 5
    people = [300.0] * 5 + [100.0] * 5
    by_people = told(observed(values, people), coverage, income, areas)
    # 1500 people have 10, 500 have 20: they hold 15,000 and 10,000. L(0.75) = 0.6.
    assert by_people.loc["gini", "value"] == pytest.approx(0.75 - 0.6)
    by_law = told(observed(values, None), coverage, income, areas)
    assert by_law.loc["gini", "value"] == pytest.approx(0.5 - 1 / 3)


def test_a_rate_has_a_slope_with_limits_and_no_gini(words, income, areas):
    rate = replace(words.indicators["care_rate"], chance=Chance.RATE, kind="process")
    frame = observed([k + 1 for k in range(10)]).assign(low=0.0)
    frame["high"] = 2 * frame["value"]
    made = told(frame, rate, income, areas)
    assert list(made.index) == ["sii", "rii"]
    assert made.loc["sii", "low"] < made.loc["sii", "value"] < made.loc["sii", "high"]


def test_where_too_few_are_known_nothing_is_measured(coverage, income, areas):
    withheld = observed([1.0] * 9 + [None])
    assert inequalities(withheld, coverage, income, areas).empty
    assert inequalities(observed([None] * 10), coverage, income, areas).empty
    nobody = observed([1.0] * 10, people=0.0)
    assert inequalities(nobody, coverage, income, areas).empty
    assert list(inequalities(nobody.iloc[:0], coverage, income, areas).columns) == COLUMNS


def test_without_a_ranking_only_the_spread_is_measured(coverage, areas):
    made = told(observed([k + 1 for k in range(10)]), coverage, {}, areas)
    assert list(made.index) == ["gini"]


def test_the_ranking_is_the_first_that_the_level_has(coverage, words, income, areas):
    poverty = words.indicators["poverty_rate"]
    few = {indicator: frame.iloc[:3] for indicator, frame in income.items()}
    ranked = {**few, poverty: observed([20 - k for k in range(10)])}
    by_poverty = told(observed([k + 1 for k in range(10)]), coverage, ranked, areas)
    assert by_poverty.loc["sii", "value"] == pytest.approx(-10.0)


def test_what_ranks_and_what_may_be_negative_is_not_measured(words):
    measured = {x.id for x in words.indicators.values() if is_measured(x, words)}
    assert {"childcare_effective_coverage", "care_rate"} <= measured
    assert not {"median_income", "poverty_rate", "childcare_gap"} & measured
