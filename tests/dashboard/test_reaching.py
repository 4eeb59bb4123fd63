"""Reach: how a release was travelled, and from where its places can be reached."""

from __future__ import annotations

import json
from math import asin, cos, nan, radians, sin, sqrt

import pandas as pd
import pytest

from dashboard import data
from dashboard.reaching import Travelled, reached, travelled
from dashboard.wording import Words
from geodata.model import Principal
from geodata.queries import places as place_queries
from geodata.release import current_release, reading_engine

LOCAL = Principal("local", "director", ("haute_loire",))
STRAIGHT = Travelled("straight_line", 0.3, 1.5, 50.0)


def minutes_between(one, other, detour, speed):
    """Great-circle minutes, written out: 6,371.0088 km of radius, as the haversine has it."""
    (x, y), (u, v) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((v - y) / 2) ** 2 + cos(y) * cos(v) * sin((u - x) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half)) * detour / speed * 60


def test_lineage_tells_how_trips_were_timed():
    ratio = json.dumps({"numerator": "a"})
    line = {"travel": "straight_line", "travel_error": 0.3, "detour_factor": 1.5, "speed_kmh": 50}
    assert travelled([ratio, json.dumps(line)]) == STRAIGHT
    table = travelled([json.dumps({"travel": "supplied", "travel_error": 0.0})])
    assert table == Travelled("supplied", 0.0)
    assert not table.is_straight
    assert travelled([ratio]) is None


def test_who_is_near_enough_by_hand():
    """0.1 degree of a meridian is 11.12 km: 20.0 min here, 24.0 where one end is 1.4 as slow."""
    seats = pd.DataFrame(
        {
            "area_id": ["a", "b", "c", "nowhere"],
            "longitude": [3.9, 3.9, 3.9, nan],
            "latitude": [45.0, 45.1, 45.3, nan],
        }
    )
    even = pd.Series(1.0, index=seats["area_id"])
    found = reached(seats, ["a"], STRAIGHT, even, 20.1)
    assert found["area_id"].tolist() == ["a", "b"]
    assert found["minutes"].round(1).tolist() == [0.0, 20.0]
    slow = even.mask(even.index == "a", 1.4)
    assert reached(seats, ["a"], STRAIGHT, slow, 20.1)["area_id"].tolist() == ["a"]
    assert reached(seats, ["a"], STRAIGHT, slow, 24.1)["area_id"].tolist() == ["a", "b"]
    assert reached(seats, ["nowhere"], STRAIGHT, even, 20.1).empty
    assert reached(seats, ["a"], Travelled("roads", 0.0), even, 20.1) is None


def test_the_reach_of_a_release_is_that_of_its_engine(release_data):
    """Against all pairs, one by one, with the parameters that the lineage tells."""
    release = current_release(release_data)
    lineages = data.lineages(LOCAL, release).set_index("indicator")
    told = json.loads(lineages.at["childcare_effective_coverage", "parameters"])
    places = data.service_places(LOCAL, release, "childcare")["area_id"].head(5)
    found = data.reach(LOCAL, release, "childcare", tuple(places))
    engine = reading_engine(release.database)
    where = place_queries.seats(engine, "commune").set_index("area_id")[["longitude", "latitude"]]
    for place in places:
        slowly = {
            str(area)
            for area, point in where.iterrows()
            if minutes_between(point, where.loc[place], told["detour_factor"], told["speed_kmh"])
            <= told["upper_minutes"][-1]
        }
        assert set(found.loc[found["place"] == place, "area_id"]) == slowly
        assert place in slowly


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["straight_line", "supplied", "roads"])
def test_every_way_to_time_trips_has_its_words(language, kind):
    words = Words(language)
    for key in ("gaps.method_travel", "gaps.drawn_travel", "gaps.nearest", "panel.engine_travel"):
        said = words(f"{key}_{kind}", error="30", detour="1,4", speed="50")
        assert said
        assert "{" not in said
        assert kind == "straight_line" or not {"30", "1,4", "50"} & set(said.split())
