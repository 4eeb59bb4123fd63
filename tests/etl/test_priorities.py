"""The order of areas by several indicators: by hand, with the errors that it is told with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl.priorities import priorities, standard_errors, with_gap_bounds
from geodata.catalogue.nouns import Catalogue, Priority
from geodata.methods.composite import Component, Recipe
from geodata.model import Direction

AREAS = list("ABCDEF")


@pytest.fixture
def priority(words: Catalogue) -> Priority:
    """Poverty, which counts double, and job seekers."""
    parts = (
        Component("poverty_rate", 2, Direction.WORSE),
        Component("job_seeker_rate", 1, Direction.WORSE),
    )
    return replace(words.priorities["family_prevention"], levels=("epci",), recipe=Recipe(parts))


def rows(indicator: str, period: str, values: list[float | None]) -> pd.DataFrame:
    made = pd.DataFrame({"area_id": AREAS, "value": pd.Series(values, dtype="float64")}).assign(
        indicator=indicator, level="epci", period=period
    )
    return made.assign(numerator=made["value"] * 10, denominator=1000.0)


@pytest.fixture
def observed() -> pd.DataFrame:
    return pd.concat(
        [
            rows("poverty_rate", "2020", [90.0] * 6),
            rows("poverty_rate", "2021", [10, 20, 30, 40, 50, None]),
            rows("poverty_rate", "2022", [None] * 6),
            rows("job_seeker_rate", "2023", [10, 5, 0, 20, 10, 20]),
        ],
        ignore_index=True,
    )


@pytest.fixture
def areas() -> pd.DataFrame:
    own = pd.DataFrame({"level": "epci", "area_id": AREAS, "role": "territory"})
    beyond = pd.DataFrame({"level": ["epci"], "area_id": ["Z"], "role": ["edge"]})
    return pd.concat([own, beyond], ignore_index=True)


def test_six_areas_by_hand(
    priority: Priority, observed: pd.DataFrame, areas: pd.DataFrame, words: Catalogue
) -> None:
    whole, part = priorities(priority, observed, areas, words)
    at = whole.set_index("area_id")
    # D: poverty 30 of 40 up the scale, twice; job seekers at the top: (2 x 75 + 100) / 3.
    assert at.loc["D", "value"] == pytest.approx(250 / 3)
    assert at.loc["E", "value"] == pytest.approx((2 * 100 + 50) / 3)
    assert at["ranked"].eq(5).all()
    # F lacks two thirds of the weight: it has no rank, and it is not said to be last.
    assert np.isnan(at.loc["F", "value"])
    assert at.loc["F", ["rank", "p_worst_fifth", "share_in_top"]].isna().all()
    assert at.loc["F", "status"] == "missing"
    assert at.loc["A", "rank"] == 5
    assert at["p_worst_fifth"].sum() == pytest.approx(1)  # one place in five
    assert at["share_in_top"].sum() == pytest.approx(1)
    assert (at["rank_low"].dropna() <= at["rank_high"].dropna()).all()
    # The latest period with a value, and contributions that add up.
    assert set(part.loc[part["indicator"] == "poverty_rate", "period"]) == {"2021"}
    sums = part.groupby("area_id")["contribution"].sum(min_count=1)
    np.testing.assert_allclose(sums[list("ABCDE")], at.loc[list("ABCDE"), "value"], rtol=1e-12)


def test_a_level_that_cannot_be_told_apart_is_not_ordered(
    priority: Priority, observed: pd.DataFrame, areas: pd.DataFrame, words: Catalogue
) -> None:
    same = observed.assign(
        value=observed["value"].where(observed["indicator"] != "job_seeker_rate", 7.0)
    )
    few = observed[observed["area_id"].isin(["A", "B", "C", "D"])]
    for frame in (same.assign(value=7.0), few):
        whole, part = priorities(priority, frame, areas, words)
        assert whole.empty
        assert part.empty


def test_an_indicator_that_does_not_tell_is_left_out_with_its_weight(
    priority: Priority, observed: pd.DataFrame, areas: pd.DataFrame, words: Catalogue
) -> None:
    same = observed.assign(
        value=observed["value"].where(observed["indicator"] != "job_seeker_rate", 7.0)
    )
    # A third of the weight is left out, all that may be missing: poverty alone makes the order.
    lenient = replace(priority, recipe=replace(priority.recipe, most_missing=0.34))
    whole, part = priorities(lenient, same, areas, words)
    at = whole.set_index("area_id")
    assert at.loc[list("ABCDE"), "value"].tolist() == [0, 25, 50, 75, 100]
    assert at.loc["A", "missing_weight"] == pytest.approx(1 / 3)
    assert part.loc[part["indicator"] == "job_seeker_rate", "contribution"].isna().all()
    strict = replace(priority, recipe=replace(priority.recipe, most_missing=0.3))
    assert priorities(strict, same, areas, words)[0].empty


def test_the_error_of_a_share_of_people_is_a_binomial_one(words: Catalogue) -> None:
    indicator = words.indicators["single_parent_share"]
    frame = pd.DataFrame({"numerator": [30.0], "denominator": [120.0]})
    # 25 % of 120: sqrt(0.25 x 0.75 / 120) = 3.95 points.
    assert standard_errors(frame, indicator).item() == pytest.approx(3.9528, abs=1e-4)


def test_the_error_of_a_rate_is_that_of_its_count(words: Catalogue) -> None:
    indicator = replace(
        words.indicators["single_parent_share"],
        unit=replace(words.indicators["single_parent_share"].unit, en="per 1,000"),
        per=1000,
    )
    frame = pd.DataFrame({"numerator": [16.0, 0.0], "denominator": [2000.0, 2000.0]})
    assert standard_errors(frame, indicator).tolist() == [2.0, 0.5]


def test_the_error_of_what_the_engine_estimates_is_that_of_its_interval(words: Catalogue) -> None:
    indicator = words.indicators["childcare_unmet"]
    observed = pd.DataFrame(
        {"level": ["epci"], "area_id": ["A"], "period": ["2020"], "value": [12.0]}
    )
    coverage = observed.drop(columns="value").assign(
        standard="france_2020", demand=200.0, gap_low=10.0, gap_high=30.0
    )
    bounds = with_gap_bounds(observed, coverage, "france_2020", 100.0)
    assert bounds[["gap_low", "gap_high"]].to_numpy().tolist() == [[5.0, 15.0]]
    assert standard_errors(bounds, indicator).item() == pytest.approx(10 / 3.28971, abs=1e-4)


def test_a_figure_published_without_an_error_is_taken_as_exact(words: Catalogue) -> None:
    frame = pd.DataFrame({"numerator": [np.nan], "denominator": [np.nan]})
    assert standard_errors(frame, words.indicators["poverty_rate"]).tolist() == [0.0]
