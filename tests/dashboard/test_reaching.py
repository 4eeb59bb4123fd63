"""Reach: how a release was travelled, and from where its places can be reached."""

from __future__ import annotations

import json
from math import asin, cos, nan, radians, sin, sqrt

import duckdb
import pandas as pd
import pytest

from dashboard import data
from dashboard.app import create_app
from dashboard.reaching import Travelled, reached, travelled
from dashboard.wording import Words
from geodata.catalogue.loader import catalogue
from geodata.model import Principal
from geodata.queries import places as place_queries
from geodata.release import current_release, reading_engine

LOCAL = Principal("local", "director", ("haute_loire",))
STRAIGHT = Travelled("straight_line", 0.3, 1.5, 50.0, "seats")


def minutes_between(one, other, detour, speed):
    """Great-circle minutes, written out: 6,371.0088 km of radius, as the haversine has it."""
    (x, y), (u, v) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((v - y) / 2) ** 2 + cos(y) * cos(v) * sin((u - x) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half)) * detour / speed * 60


def test_lineage_tells_how_trips_were_timed():
    ratio = json.dumps({"numerator": "a"})
    line = {"travel": "straight_line", "travel_error": 0.3, "detour_factor": 1.5, "speed_kmh": 50}
    assert travelled([ratio, json.dumps(line | {"leaves_from": "seats"})]) == STRAIGHT
    assert STRAIGHT.is_repeatable
    # Before lineage said so it called everything a straight line; a grid is not kept.
    assert not travelled([json.dumps(line)]).is_repeatable
    assert not travelled([json.dumps(line | {"leaves_from": "grid"})]).is_repeatable
    table = travelled([json.dumps({"travel": "supplied", "travel_error": 0.0})])
    assert table == Travelled("supplied", 0.0)
    assert not table.is_repeatable
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


def test_the_reach_of_a_release_is_that_of_all_pairs(release_data):
    """One by one, with the parameters that the lineage tells; no trait slows its roads."""
    release = current_release(release_data)
    lineages = data.lineages(LOCAL, release).set_index("indicator")
    told = json.loads(lineages.at["childcare_effective_coverage", "parameters"])
    places = data.service_places(LOCAL, release, "childcare")["area_id"].head(5)
    found = data.reach(LOCAL, release, "childcare", tuple(places))
    engine = reading_engine(release.database)
    where = place_queries.seats(engine, "commune").set_index("area_id")[["longitude", "latitude"]]
    assert place_queries.traits(engine, "commune").empty
    for place in places:
        slowly = {
            str(area)
            for area, point in where.iterrows()
            if minutes_between(point, where.loc[place], told["detour_factor"], told["speed_kmh"])
            <= told["upper_minutes"][-1]
        }
        assert set(found.loc[found["place"] == place, "area_id"]) == slowly
        assert place in slowly


def told_otherwise(release, **told):
    """Have the lineage of a release tell other parameters of its trips, None leaving one out."""
    with duckdb.connect(str(release.database)) as connection:
        for name, text in connection.execute(
            "SELECT indicator, parameters FROM lineage"
        ).fetchall():
            parts = json.loads(text)
            if "travel" in parts:
                parts = {key: part for key, part in (parts | told).items() if part is not None}
                given = [json.dumps(parts), name]
                connection.execute("UPDATE lineage SET parameters = ? WHERE indicator = ?", given)


def test_slow_roads_make_a_reach_smaller(own_data, release_data):
    release, as_is = current_release(own_data), current_release(release_data)
    place = data.service_places(LOCAL, as_is, "childcare")["area_id"].iloc[0]
    before = data.reach(LOCAL, as_is, "childcare", (place,))
    with duckdb.connect(str(release.database)) as connection:
        connection.execute(
            "INSERT INTO area_trait (level, area_id, trait, code, period, source_id)"
            " SELECT level, area_id, 'mountain', '03', '2025', 'anct_mountain' FROM area"
            " WHERE level = 'commune'"
        )
    (pace,) = catalogue("haute_loire").territory.travel.paces
    assert "03" in pace.codes
    after = data.reach(LOCAL, release, "childcare", (place,))
    slower = before.assign(minutes=before["minutes"] * pace.factor)
    assert set(after["area_id"]) == set(slower.loc[slower["minutes"] <= 15, "area_id"])
    assert 0 < len(after) < len(before)


@pytest.mark.parametrize(
    "told",
    [
        {"travel": "supplied", "detour_factor": None, "speed_kmh": None},
        {"travel": "roads", "detour_factor": None, "speed_kmh": None},
        {"leaves_from": "grid"},
        {"leaves_from": None},
    ],
)
def test_what_cannot_be_timed_again_is_not_drawn(own_data, settings_of, told):
    release = current_release(own_data)
    told_otherwise(release, **told)
    assert not data.is_reach_known(LOCAL, release, "childcare")
    assert data.reach(LOCAL, release, "childcare", ("43157",)) is None
    client = create_app(settings_of(own_data)).server.test_client()
    assert client.get(f"/reach/2/{release.release_id}/childcare/43157.json").status_code == 404


def test_only_places_of_the_release_have_a_reach(release_data, settings_of):
    release = current_release(release_data)
    client = create_app(settings_of(release_data)).server.test_client()
    answer = client.get(f"/reach/2/{release.release_id}/childcare/43157.json")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    rows = answer.get_json()
    assert rows[0][1] == "Le Puy-en-Velay", "the nearest to it is itself"
    assert len({fid for fid, _ in rows}) == len(rows) > 5
    for path in ("childcare/nowhere", "prisons/43157"):
        assert client.get(f"/reach/2/{release.release_id}/{path}.json").status_code == 404
    assert client.get("/reach/000001-0000000000/childcare/43157.json").status_code == 404
    with pytest.raises(data.Forbidden):
        data.reach(Principal("other", "director", ("elsewhere",)), release, "childcare", ("43157",))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["straight_line", "supplied", "roads"])
def test_every_way_to_time_trips_has_its_words(language, kind):
    words = Words(language)
    for key in ("gaps.method_travel", "gaps.drawn_travel", "gaps.nearest", "panel.engine_travel"):
        said = words(f"{key}_{kind}", error="30", detour="1,4", speed="50")
        assert said
        assert "{" not in said
        has_numbers = any(number in said for number in ("30", "1,4"))
        assert has_numbers == (kind == "straight_line")
