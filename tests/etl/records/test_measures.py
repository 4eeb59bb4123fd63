"""Measures and the children who have them, counted by hand."""

from datetime import date


def measure(child, started, ended=None, kind="home_support", **cells):
    row = {"child_id": child, "kind": kind, "decided_by": "judicial", "area_id": "43001"}
    return {**row, "started_on": started, "ended_on": ended, **cells}


def placed(child, started, ended=None, **cells):
    return measure(child, started, ended, "foster_family", **cells)


def test_a_measure_that_ends_on_31_december_is_no_more_in_force(counts):
    rows = [measure("a", "2024-05-01", "2025-12-31"), measure("b", "2025-12-31")]
    made = counts("own_measures", rows)
    assert made["own_measures_in_force", "2025"] == 1
    assert made["own_measures_in_force", "2024"] == 1
    assert made["own_measures_started", "2025"] == 1
    assert made["own_measures_ended", "2025"] == 1
    assert made["own_home_measures_judicial", "2025"] == 1


def test_a_child_with_two_measures_is_one_child_of_one_age_and_sex(counts):
    rows = [
        measure("a", "2025-01-01", birth_month="2014-12", sex="f"),  # 11 on 31 December 2025
        placed("a", "2025-02-01", birth_month="2014-12", sex="f"),
        measure("b", "2025-01-01", birth_month="2020-01", sex="m"),  # 5
        measure("c", "2025-01-01", birth_month="2010-12", sex="m"),  # 15
        measure("d", "2025-01-01", sex="m"),
    ]
    made = counts("own_measures", rows)
    assert made["own_measures_in_force", "2025"] == 5
    assert made["own_children_with_measure", "2025"] == 4
    assert made["own_children_0_14_with_measure", "2025"] == 2
    assert made["own_children_girls_11_14", "2025"] == 1
    assert made["own_children_boys_0_5", "2025"] == 1
    assert made["own_children_boys_15_17", "2025"] == 1
    told = {n: v for (n, p), v in made.items() if p == "2025" and n.startswith("own_children_boys")}
    assert sum(told.values()) == 2
    assert made["own_children_with_measure_on_day", "2026-06-30"] == 4


def test_what_is_ordered_and_not_begun_waits(counts):
    rows = [
        measure("a", "2025-03-01", ordered_on="2025-01-15"),
        measure("b", "2026-02-01", ordered_on="2025-11-01"),
        measure("c", None, ordered_on="2025-12-31"),
        measure("d", None, "2025-12-30", ordered_on="2025-10-01"),  # given up
        measure("e", "2024-01-01"),
        placed("f", None, ordered_on="2025-12-01"),
    ]
    made = counts("own_measures", rows)
    assert made["own_home_measures_due", "2025"] == 4
    assert made["own_home_measures_waiting", "2025"] == 2
    assert made["own_home_measures_ordered", "2025"] == 4
    assert made["own_measures_in_force", "2025"] == 2


def test_an_extract_without_orders_tells_nothing_of_them(counts):
    made = counts("own_measures", [measure("a", "2025-03-01")])
    absent = ("own_home_measures_due", "own_home_measures_ordered", "own_placements_ordered")
    absent += ("own_children_with_plan", "own_children_back_home", "own_children_placed_outside")
    assert not {name for name, _period in made} & set(absent)


def test_a_placement_begun_on_the_thirtieth_day_is_carried_out(counts):
    rows = [
        placed("a", "2025-03-31", ordered_on="2025-03-01"),
        placed("b", "2025-04-01", ordered_on="2025-03-01"),
        placed("c", None, ordered_on="2025-12-31"),
        placed("d", "2025-06-01", ordered_on="2025-01-01", decided_by="administrative"),
    ]
    made = counts("own_measures", rows)
    assert made["own_placements_ordered", "2025"] == 3
    assert made["own_placements_not_begun", "2025"] == 2
    early = counts("own_measures", rows, on=date(2026, 1, 15))
    assert ("own_placements_ordered", "2025") not in early
    assert ("own_placements_ordered", "2024") in early


def test_a_plan_counts_once_for_a_child_and_from_the_day_it_is_signed(counts):
    rows = [
        measure("a", "2025-01-01", plan_signed_on="2025-12-31"),
        placed("a", "2025-01-01", plan_signed_on="2025-06-01"),
        measure("b", "2025-01-01", plan_signed_on="2026-01-01"),
        measure("c", "2024-01-01", "2025-01-31", plan_signed_on="2024-06-01"),
    ]
    made = counts("own_measures", rows)
    assert made["own_children_with_plan", "2025"] == 1
    assert made["own_children_with_plan", "2024"] == 1


def test_children_back_home_are_looked_for_within_twelve_months(counts):
    rows = [
        placed("a", "2023-01-01", "2024-02-29", left_for="home"),
        placed("a", "2025-02-28"),
        placed("b", "2023-01-01", "2024-02-29", left_for="home"),
        placed("b", "2025-03-01"),
        placed("c", "2023-01-01", "2024-02-29", left_for="home"),
        measure("c", "2024-05-01"),  # helped at home: not placed again
        placed("d", "2023-01-01", "2024-02-29", left_for="other_place"),
        placed("d", "2024-03-01"),
    ]
    made = counts("own_measures", rows)
    assert made["own_children_back_home", "2024"] == 3
    assert made["own_children_placed_again", "2024"] == 1
    assert ("own_children_back_home", "2025") not in made


def test_places_tell_who_is_outside_and_how_many_days_are_used(counts):
    places = [
        {"place_id": "p", "kind": "children_home", "area_id": "43002"},
        {"place_id": "q", "kind": "foster_family", "area_id": "07001"},
    ]
    rows = [
        measure("a", "2024-12-22", "2025-01-11", "institution", place_id="p"),  # ten days of 2025
        measure("b", "2025-12-30", None, "institution", place_id="p"),  # two of 2025
        placed("c", "2025-01-01", place_id="q"),
        placed("d", "2025-01-01", place_id="nobody knows"),
    ]
    made = counts("own_measures", rows, own_places=places)
    assert made["own_children_in_known_place", "2025"] == 2
    assert made["own_children_placed_outside", "2025"] == 1
    assert made["own_place_days_used", "2025"] == 10 + 2
    assert made["own_place_days_used", "2024"] == 10


def test_three_places_in_two_years_are_many(counts):
    rows = [
        placed("a", "2022-01-01", "2024-06-01", place_id="p"),
        placed("a", "2024-06-01", "2025-06-01", place_id="q"),
        placed("a", "2025-06-01", place_id="r"),
        placed("b", "2022-01-01", "2024-06-01", place_id="p"),
        placed("b", "2024-06-01", "2025-06-01", place_id="q"),
        placed("b", "2025-06-01", place_id="p"),  # back where it was
        placed("c", "2024-06-01", "2025-01-01", place_id="p"),  # not placed two years before
        placed("c", "2025-01-01", "2025-06-01", place_id="q"),
        placed("c", "2025-06-01", place_id="r"),
    ]
    made = counts("own_measures", rows)
    assert made["own_children_placed_24_months", "2025"] == 2
    assert made["own_children_in_many_places", "2025"] == 1
    assert ("own_children_placed_24_months", "2024") not in made  # complete since 2023 only
