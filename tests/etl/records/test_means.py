"""Places, those who hold them, and posts, counted by hand."""

from datetime import date

import pytest


def place(kind, capacity, area="43001", authorised="2020-01-01", closed=None, **cells):
    row = {"kind": kind, "capacity": capacity, "area_id": area}
    return {**row, "authorised_on": authorised, "closed_on": closed, **cells}


def test_places_beyond_the_territory_are_not_ours(counts):
    rows = [place("children_home", 12), place("children_home", 9, "07001")]
    made = counts("own_places", rows)
    assert made["own_places_children_home", "2025"] == 12
    assert made["own_place_days", "2025"] == 12 * 365


def test_days_are_those_that_a_place_is_open(counts):
    rows = [
        place("children_home", 10, closed="2025-01-11"),
        place("small_home", 2, authorised="2025-12-30"),
        place("foster_family", 3),
    ]
    made = counts("own_places", rows)
    assert made["own_place_days", "2025"] == 10 * 10 + 2 * 2
    assert made["own_place_days", "2024"] == 10 * 366
    assert made["own_places_foster_family", "2025"] == 3


def test_foster_carers_are_counted_by_the_year_they_turn_55(counts):
    rows = [
        place("foster_family", 1, holder_birth_year=1970),
        place("foster_family", 1, holder_birth_year=1971),
        place("foster_family", 1),
        place("foster_family", 1, closed="2025-12-31", holder_birth_year=1950),
    ]
    made = counts("own_places", rows)
    assert made["own_foster_carers", "2025"] == 2
    assert made["own_foster_carers_55", "2025"] == 1
    assert made["own_foster_carers_55", "2024"] == 1


def test_posts_are_added_up_by_what_they_are_for(counts):
    rows = [
        {"function": "educator", "state": "filled", "full_time_equivalents": 0.8},
        {"function": "educator", "state": "vacant", "full_time_equivalents": 1.0},
        {"function": "nurse", "state": "filled", "full_time_equivalents": 0.5},
    ]
    made = counts("own_staff", rows, since=date(2026, 6, 30))
    assert made["own_staff_filled", "2026-06-30"] == pytest.approx(1.3)
    assert made["own_staff_vacant", "2026-06-30"] == 1.0
    assert made["own_staff_educator", "2026-06-30"] == 0.8
    assert made["own_staff_nurse", "2026-06-30"] == 0.5
