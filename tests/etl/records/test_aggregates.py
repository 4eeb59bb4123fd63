from datetime import date

import pandas as pd
import pytest

from etl.records import aggregates
from etl.records.contracts.loader import contracts
from etl.records.vault import Extract
from etl.source import Known

WHOLE = Extract("x", "", "", date(2025, 12, 31), date(2025, 1, 1), False, 0)


@pytest.fixture(scope="module")
def known(words):
    members = [
        ("commune", code, level, parent)
        for code in ("43001", "43002")
        for level, parent in (("departement", "43"), ("epci", "E"))
    ]
    table = pd.DataFrame(members, columns=["level", "area_id", "parent_level", "parent_id"])
    return Known(words, tables={"membership": {"area_membership": table}})


def measures(kinds, who="judicial", started="2025-06-01", ended=None):
    count = len(kinds)
    return pd.DataFrame(
        {
            "child_id": [f"c{n}" for n in range(count)],
            "area_id": "43001",
            "kind": kinds,
            "decided_by": who,
            "started_on": pd.Timestamp(started),
            "ended_on": pd.Series([ended] * count, dtype="datetime64[s]"),
        }
    )


def told(contract, records, known, extract=WHOLE):
    made = aggregates.figures(contracts()[contract], records, extract, known)
    assert ((made["status"] == "suppressed") == made["value"].isna()).all()
    return made


def values(made, **where):
    for name, value in where.items():
        made = made[made[name] == value]
    return made.set_index("variable")["value"].to_dict()


def test_persons_are_counted_for_the_whole_territory_alone(known):
    made = told("own_measures", measures(["home_support"] * 9), known)
    assert set(zip(made["level"], made["area_id"], strict=True)) == {("departement", "43")}


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_to_four_persons_are_never_told(known, count):
    made = told("own_measures", measures(["home_support"] * count), known)
    assert not (made["value"] == count).any()
    row = made[made["variable"] == "own_measures_in_force"].iloc[0]
    assert row["status"] == "suppressed"


def test_zero_and_five_are_told(known):
    made = values(told("own_measures", measures(["home_support"] * 5), known))
    assert made["own_measures_in_force"] == 5
    assert made["own_measures_foster_family"] == 0


def test_a_whole_minus_its_parts_tells_nothing(known):
    """One part of three: no other part of the same whole is told, so that none can be found."""
    kinds = ["home_support"] * 20 + ["institution"] * 3 + ["foster_family"] * 9
    made = values(told("own_measures", measures(kinds), known))
    assert made["own_measures_in_force"] == 32
    for kind in contracts()["own_measures"].columns["kind"].values:
        assert pd.isna(made[f"own_measures_{kind}"])


def test_the_few_in_time_are_not_found_from_the_late_ones(known):
    rows = pd.DataFrame(
        {
            "received_on": pd.to_datetime(["2025-01-01"] * 10),
            "opened_on": pd.to_datetime(["2025-01-02"] * 10),
            "closed_on": pd.to_datetime(["2025-02-01"] * 2 + ["2025-06-01"] * 8),
            "decision": "judicial",
        }
    )
    made = values(told("own_assessments", rows, known))
    assert made["own_assessments_closed"] == 10
    assert pd.isna(made["own_assessments_closed_late"])


def test_three_months_are_calendar_months(known):
    """From 30 November the third month ends on the last day of February."""
    closed = ["2025-02-28"] * 6 + ["2025-03-01"] * 7
    rows = pd.DataFrame(
        {
            "received_on": pd.to_datetime(["2024-11-30"] * 13),
            "opened_on": pd.to_datetime(["2024-12-02"] * 13),
            "closed_on": pd.to_datetime(closed),
            "decision": "no_follow_up",
        }
    )
    made = values(told("own_assessments", rows, known))
    assert made["own_assessments_closed_late"] == 7


def test_the_few_children_with_two_measures_are_not_found(known):
    rows = measures(["home_support"] * 20)
    rows.loc[19, "child_id"] = "c0"
    made = values(told("own_measures", rows, known))
    assert made["own_measures_in_force"] == 20
    assert pd.isna(made["own_children_with_measure"])


def test_a_measure_that_ends_on_31_december_is_no_more_in_force(known):
    rows = measures(["home_support"] * 6, ended=pd.Timestamp("2025-12-31"))
    assert values(told("own_measures", rows, known))["own_measures_in_force"] == 0


def test_years_that_the_extract_does_not_cover_are_not_given(known):
    extract = Extract("x", "", "", date(2025, 10, 31), date(2023, 6, 1), False, 0)
    made = told("own_measures", measures(["home_support"] * 9), known, extract)
    by_variable = made.groupby("variable")["period"].apply(set)
    assert by_variable["own_measures_in_force"] == {"2023", "2024"}
    assert by_variable["own_measures_started"] == {"2024"}


def test_establishments_are_counted_in_every_area_and_families_in_none(known):
    rows = pd.DataFrame(
        {
            "kind": ["children_home", "foster_family"] + ["foster_family"] * 5,
            "area_id": ["43001", "43002"] + ["43001"] * 5,
            "capacity": [12.0, 2.0] + [1.0] * 5,
            "authorised_on": pd.Timestamp("2020-01-01"),
            "closed_on": pd.Series([None] * 7, dtype="datetime64[s]"),
        }
    )
    made = told("own_places", rows, known)
    homes = made[made["variable"] == "own_places_children_home"]
    assert homes.set_index(["level", "area_id"])["value"].to_dict() == {
        ("departement", "43"): 12,
        ("commune", "43001"): 12,
        ("commune", "43002"): 0,
        ("epci", "E"): 12,
    }
    families = made[made["variable"] == "own_places_foster_family"]
    assert families["level"].tolist() == ["departement"]
    assert families["value"].tolist() == [7]


def test_staff_is_told_when_enough_posts_stand_behind_it(known):
    rows = pd.DataFrame(
        {"state": ["filled"] * 9 + ["vacant"] * 5, "full_time_equivalents": [0.8] * 14}
    )
    made = values(told("own_staff", rows, known))
    assert made == {"own_staff_filled": 7.2, "own_staff_vacant": 4.0}
    fewer = values(told("own_staff", rows.iloc[:-1], known))
    assert all(pd.isna(value) for value in fewer.values())


def test_every_variable_is_known_before_any_record(known):
    for name in contracts():
        variables = aggregates.variables(name)
        assert len(variables) == len(set(variables)) > 0
    made = told("own_measures", measures(["home_support"] * 9), known)
    assert set(made["variable"]) == set(aggregates.variables("own_measures"))
