"""What stands on a map: places that share a point, names inside their areas."""

from __future__ import annotations

import json
from math import nan

import pandas as pd
import pytest
import shapely

from dashboard.placing import names_json, places_json, sizes


def test_services_of_one_point_stand_together_the_largest_point_first():
    frame = pd.DataFrame(
        [
            (3.12346, 45.0, False, "School <b>", 40.0, "43001"),
            (3.9, 45.2, True, "Centre", nan, None),
            (3.12346, 45.0, False, "College", 25.5, "43001"),
            (3.5, 45.1, True, "Large", 90.0, "43002"),
            (nan, nan, False, "Nowhere", 500.0, None),
        ],
        columns=["longitude", "latitude", "is_exact", "name", "capacity", "area_id"],
    )
    assert json.loads(places_json(frame)) == [
        [3.5, 45.1, 1, [["Large", 90.0]], "43002"],
        [3.1235, 45.0, 0, [["School <b>", 40.0], ["College", 25.5]], "43001"],
        [3.9, 45.2, 1, [["Centre", None]], None],
    ]


def placed(*capacities):
    columns = ["longitude", "latitude", "is_exact", "capacity"]
    return pd.DataFrame(
        [(3.0 + n, 45.0, True, one) for n, one in enumerate(capacities)], None, columns
    )


def test_a_legend_shows_round_capacities_whose_surfaces_are_as_on_the_map():
    made = sizes(placed(334.0, 12.0, nan))
    assert [capacity for capacity, _ in made] == [200.0, 50.0, 20.0]  # of 334, 83.5 and 20.9
    largest = 334.0
    for capacity, radius in made:
        assert radius**2 == pytest.approx(capacity / largest)
    twice = pd.concat([placed(334.0), placed(66.0)])  # two services of one point are one circle
    assert sizes(twice)[0][0] == 200.0
    assert sizes(twice)[0][1] ** 2 == pytest.approx(200 / 400)


def test_a_legend_of_small_or_unknown_capacities_shows_what_there_is():
    assert sizes(placed(3.0)) == [(2.0, pytest.approx((2 / 3) ** 0.5))]
    assert sizes(placed(1.0)) == [(1.0, 1.0)]
    assert sizes(placed(nan, nan)) == []
    assert sizes(placed()) == []


def test_a_name_stands_at_the_seat_or_inside_the_area():
    horseshoe = shapely.Polygon([(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9)])
    frame = pd.DataFrame(
        [
            ("a", "Seat", 3.0, 45.0, None),
            ("b", "Horseshoe", nan, nan, shapely.to_wkb(horseshoe)),
            ("c", "Unknown", nan, nan, None),
        ],
        columns=["area_id", "name", "longitude", "latitude", "geometry"],
    )
    seat, inside = json.loads(names_json(frame))
    assert seat == [3.0, 45.0, "Seat"]
    assert inside[2] == "Horseshoe"
    assert horseshoe.contains(shapely.Point(inside[:2]))
