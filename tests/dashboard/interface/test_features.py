"""OGC API - Features: what a map of another program asks, and gets."""

from __future__ import annotations

from datetime import datetime

import pytest
import shapely
from shapely.geometry import shape

ROOT = "/api/v1/ogc"


def links(body):
    return {link["rel"]: link for link in body["links"]}


def test_from_the_landing_page_everything_is_found(real_client):
    landing = real_client.get(ROOT, base_url="http://127.0.0.1:8050").get_json()
    found = links(landing)
    assert set(found) >= {"self", "service-desc", "service-doc", "conformance", "data"}
    for link in found.values():
        assert link["href"].startswith("http://127.0.0.1:8050/")
        answer = real_client.get(link["href"], base_url="http://127.0.0.1:8050")
        assert answer.status_code == 200
        assert answer.mimetype == link["type"].partition(";")[0]
    kept = real_client.get(f"{ROOT}/conformance").get_json()["conformsTo"]
    assert any(x.endswith("/conf/core") for x in kept)
    assert any(x.endswith("/conf/geojson") for x in kept)


def test_a_collection_is_a_level(real_client):
    found = real_client.get(f"{ROOT}/collections").get_json()["collections"]
    assert [x["id"] for x in found][:2] == ["commune", "epci"]
    for one in found:
        assert real_client.get(f"{ROOT}/collections/{one['id']}").get_json() == one
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        items = real_client.get(f"{ROOT}/collections/{one['id']}/items?limit=5000").get_json()
        for feature in items["features"]:
            box = shape(feature["geometry"]).bounds
            assert west - 1e-5 <= box[0] <= box[2] <= east + 1e-5
            assert south - 1e-5 <= box[1] <= box[3] <= north + 1e-5


def test_contours_are_whole_and_wound_as_geojson_has_them(real_client):
    body = real_client.get(f"{ROOT}/collections/epci/items").get_json()
    assert body["numberMatched"] == body["numberReturned"] == len(body["features"]) == 11
    assert datetime.fromisoformat(body["timeStamp"]).tzinfo is not None
    for feature in body["features"]:
        drawn = shape(feature["geometry"])
        assert drawn.is_valid
        parts = drawn.geoms if drawn.geom_type == "MultiPolygon" else [drawn]
        assert all(shapely.is_ccw(part.exterior) for part in parts)


def test_an_area_is_the_same_alone_as_among_others(real_client):
    query = "indicator=rsa_share&period=2023"
    many = real_client.get(f"{ROOT}/collections/epci/items?{query}").get_json()["features"]
    for feature in many:
        address = f"{ROOT}/collections/epci/items/{feature['id']}"
        one = real_client.get(f"{address}?{query}").get_json()
        assert {"self", "collection"} <= set(links(one))
        assert {name: one[name] for name in feature} == feature
        assert feature["properties"]["area_id"] == feature["id"]


def test_an_area_bears_the_value_of_the_interface(real_client):
    query = "indicator=rsa_share&period=2023"
    told = real_client.get(f"/api/v1/observations?{query}&level=epci").get_json()["items"]
    drawn = real_client.get(f"{ROOT}/collections/epci/items?{query}").get_json()["features"]
    values = {x["id"]: (x["properties"]["value"], x["properties"]["status"]) for x in drawn}
    assert values == {x["area_id"]: (x["value"], x["status"]) for x in told}


@pytest.mark.parametrize("limit", [1, 100, 256, 257, 10_000])
def test_pages_join_up(real_client, limit):
    step = max(limit, 60)
    address, found = f"{ROOT}/collections/commune/items?limit={step}", []
    while address:
        body = real_client.get(address).get_json()
        found += [feature["id"] for feature in body["features"]]
        address = links(body).get("next", {}).get("href", "").removeprefix("http://localhost")
    assert len(found) == len(set(found)) == 257


def test_a_rectangle_keeps_what_it_meets(real_client):
    every = real_client.get(f"{ROOT}/collections/commune/items").get_json()["features"]
    box = (3.8, 45.0, 3.95, 45.1)
    query = ",".join(map(str, box))
    kept = real_client.get(f"{ROOT}/collections/commune/items?bbox={query}").get_json()
    met = {
        feature["id"]
        for feature in every
        if shapely.box(*shape(feature["geometry"]).bounds).intersects(shapely.box(*box))
    }
    assert {feature["id"] for feature in kept["features"]} == met
    assert kept["numberMatched"] == len(met) > 5


@pytest.mark.parametrize("moment", ["2020-01-01", "2020-01-01T00:00:00Z", "../2020-01-01", "/.."])
def test_areas_have_no_date_of_their_own(real_client, moment):
    body = real_client.get(
        f"{ROOT}/collections/epci/items", query_string={"datetime": moment}
    ).get_json()
    assert body["numberMatched"] == 11
