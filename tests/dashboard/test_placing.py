"""What stands on a map: places that share a point, names inside their areas."""

from __future__ import annotations

import json
from math import nan

import pandas as pd
import shapely

from dashboard.placing import names_json, places_json


def test_services_of_one_point_stand_together_the_largest_point_first():
    frame = pd.DataFrame(
        [
            (3.12346, 45.0, False, "School <b>", 40.0),
            (3.9, 45.2, True, "Centre", nan),
            (3.12346, 45.0, False, "College", 25.5),
            (3.5, 45.1, True, "Large", 90.0),
            (nan, nan, False, "Nowhere", 500.0),
        ],
        columns=["longitude", "latitude", "is_exact", "name", "capacity"],
    )
    assert json.loads(places_json(frame)) == [
        [3.5, 45.1, 1, [["Large", 90.0]]],
        [3.1235, 45.0, 0, [["School <b>", 40.0], ["College", 25.5]]],
        [3.9, 45.2, 1, [["Centre", None]]],
    ]


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
