import pandas as pd
import pytest

from etl import figures


@pytest.fixture
def published(village_figures, words):
    derived = figures.derived_figures(village_figures, words)
    return pd.concat([village_figures, derived], ignore_index=True)


def value(frame, **key):
    for name, wanted in key.items():
        frame = frame[frame[name] == wanted]
    (row,) = frame.to_dict("records")
    return row


def test_children_under_3_are_three_years_of_births_and_an_estimate(published):
    row = value(published, variable="children_under_3", area_id="A")
    assert (row["period"], row["value"], row["status"]) == ("2020", 30.0, "estimated")


def test_sums_of_parts_by_hand(published, village_membership, words):
    sums = figures.sums_of_parts(published, figures.parts_of(village_membership), words)
    births = value(sums, variable="births", level="epci", area_id="AB", period="2020")
    assert (births["value"], births["status"], births["parts"]) == (20.0, "observed", 2)
    places = value(sums, variable="childcare_places_collective", level="epci", area_id="AB")
    assert (places["value"], places["status"]) == (12.0, "estimated")  # rounded by its producer


def test_a_sum_with_a_hole_has_no_value(published, village_membership, words):
    hole = published["variable"].eq("births") & published["area_id"].eq("B")
    published.loc[hole, ["value", "status"]] = [float("nan"), "suppressed"]
    sums = figures.sums_of_parts(published, figures.parts_of(village_membership), words)
    row = value(sums, variable="births", level="epci", area_id="AB", period="2020")
    assert row["status"] == "suppressed"
    assert row["value"] != row["value"]
    assert (row["parts"], row["parts_expected"]) == (1, 2)


def test_each_level_keeps_its_published_value_and_the_difference_is_told(
    published, village_membership, words
):
    sums = figures.sums_of_parts(published, figures.parts_of(village_membership), words)
    complete = figures.completed_figures(published, sums)
    key = {"variable": "childcare_places_collective", "level": "departement", "area_id": "43"}
    assert value(complete, **key)["value"] == 10.0  # published, though the communes make 12
    assert value(figures.reconciliations(published, sums), **key)["difference"] == 2.0
