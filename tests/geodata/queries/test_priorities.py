"""The order of four villages: who is asked for, in which order, and what it was made from."""

import pandas as pd
import pytest

from geodata.queries import priorities
from geodata.release import reading_engine

NAN = float("nan")


@pytest.fixture
def engine(tmp_path, tiny_release):
    """B is first, A second, C has no rank; D lies beyond the border."""
    areas = pd.DataFrame(
        {
            "level": "commune",
            "area_id": list("ABCD"),
            "fid": range(4),
            "name": ["Aurec", "Beaux", "Céaux", "Dunières"],
            "role": ["territory", "territory", "comparison", "edge"],
        }
    )
    order = pd.DataFrame(
        [
            ("A", 40.0, "estimated", 0.0, 2, 1, 2, 0.2, 0.1, 2),
            ("B", 60.0, "estimated", 0.25, 1, 1, 2, 0.8, 0.9, 2),
            ("C", NAN, "missing", 0.75, None, None, None, NAN, NAN, 2),
        ],
        columns=[
            *("area_id", "value", "status", "missing_weight", "rank", "rank_low", "rank_high"),
            *("p_worst_fifth", "share_in_top", "ranked"),
        ],
    ).assign(priority="family", level="commune")
    other = order.assign(priority="other", rank=[1, 2, None])
    parts = pd.DataFrame(
        [
            ("B", "poverty", "2021", 18.0, 0.5, 80.0, 0.5, 40.0),
            ("B", "births", "2020", 3.0, 0.0, 40.0, 0.25, 20.0),
            ("B", "rsa", "2023", NAN, NAN, NAN, 0.25, NAN),
            ("A", "poverty", "2021", 9.0, 0.5, 80.0, 0.5, 40.0),
        ],
        columns=[
            *("area_id", "indicator", "period", "value", "standard_error", "score"),
            *("weight", "contribution"),
        ],
    ).assign(priority="family", level="commune")
    values = {
        ("poverty", "2020"): (1.0, 2.0, 3.0, 4.0),
        ("poverty", "2021"): (5.0, 5.0, None, 9.0),
        ("births", "2020"): (1.0, None, 2.0, 3.0),
        ("births", "2021"): (None, None, None, 3.0),
    }
    observed = pd.DataFrame(
        [
            (indicator, "commune", area, period, value)
            for (indicator, period), known in values.items()
            for area, value in zip("ABCD", known, strict=True)
        ],
        columns=["indicator", "level", "area_id", "period", "value"],
    ).assign(status="observed")
    tables = {
        "area": areas,
        "priority": pd.concat([order, other]),
        "priority_part": parts,
        "observation": observed,
    }
    return reading_engine(tiny_release(tmp_path, tables).database)


def test_the_order_is_by_rank_and_those_without_come_last(engine):
    found = priorities.order(engine, "family", "commune")
    assert found["area_id"].tolist() == ["B", "A", "C"]
    assert found["rank"].isna().tolist() == [False, False, True]
    assert found["role"].tolist() == ["territory", "territory", "comparison"]
    first = found.iloc[0]
    assert (first["rank_low"], first["rank_high"], first["ranked"]) == (1, 2, 2)
    assert (first["p_worst_fifth"], first["share_in_top"]) == (0.8, 0.9)
    assert first["missing_weight"] == 0.25


def test_another_priority_or_level_is_another_order(engine):
    assert priorities.order(engine, "other", "commune")["area_id"].tolist() == ["A", "B", "C"]
    assert priorities.order(engine, "family", "epci").empty


def test_the_parts_are_those_of_one_area_the_heaviest_first(engine):
    found = priorities.parts(engine, "family", "commune", "B")
    assert found["indicator"].tolist() == ["poverty", "births", "rsa"]
    assert found["weight"].sum() == 1
    assert found["value"].isna().tolist() == [False, False, True]
    assert found["contribution"].sum() == 60


def test_figures_are_of_the_latest_period_with_a_value_inside_the_border(engine):
    """Poverty of 2021: A and B, alike; births: 2021 is known beyond the border only."""
    asked = ("poverty", "births", "rsa")
    found = priorities.figures(engine, asked, "commune")
    assert found.to_numpy().tolist() == [["births", "2020", 2, 2], ["poverty", "2021", 2, 1]]
    assert priorities.figures(engine, asked, "epci").empty
