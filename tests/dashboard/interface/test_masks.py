"""What is withheld leaves by no door: every protected number is sought in every answer."""

from __future__ import annotations

import re

import pytest

TABLES = ("observations", "coverage", "gaps", "areas", "services", "indicators", "sources")
ADDRESSES = [
    f"/api/v1/{table}?f={form}"
    for table in TABLES
    for form in ("json", "csv", "geojson")
    if form != "geojson" or table not in ("indicators", "sources")
] + [
    "/api/v1/ogc/collections/commune/items?indicator=rsa_share&period=2023",
    "/api/v1/ogc/collections/commune/items/01003?indicator=rsa_share",
]


def numbers_in(text: str) -> set[float]:
    return {float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)}


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_protected_number_is_in_an_answer(client, protected, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = numbers_in(answer.get_data(as_text=True))
    told = {round(number, decimals) for number in protected for decimals in range(6)}
    assert not found & told
    assert not {number for number in found if 7000 < number < 8000}


def test_the_numbers_that_are_sought_are_there_to_be_found(tables, protected):
    frame = tables["observation"]
    hidden = frame[frame["status"] == "suppressed"]
    assert set(protected) & set(hidden["value"])
    assert set(protected) & set(tables["coverage"]["need"])


def test_of_a_withheld_value_only_its_status_is_told(client):
    items = client.get("/api/v1/observations?indicator=rsa_share").get_json()["items"]
    (hidden,) = [item for item in items if item["area_id"] == "01003"]
    left = {name for name, value in hidden.items() if value not in (None, [])}
    assert left == {
        *("indicator", "level", "area_id", "area", "period", "unit_fr", "unit_en"),
        *("status", "is_invented"),
    }
    assert hidden["status"] == "suppressed"
    (gap,) = [
        item
        for item in client.get("/api/v1/gaps").get_json()["items"]
        if item["area_id"] == "01003"
    ]
    assert all(gap[name] is None for name in ("demand", "need", "unmet", "gap_low", "p_gap"))


def test_what_is_beyond_the_edge_is_in_no_answer(client):
    for address in ADDRESSES:
        text = client.get(address).get_data(as_text=True)
        assert "99999" not in text
        assert "Dehors" not in text
    assert client.get("/api/v1/areas?area=99999").status_code == 404
    assert client.get("/api/v1/ogc/collections/commune/items/99999").status_code == 404


def test_silence_is_the_same_in_sum(client):
    """How many rows there are does not hang on what is withheld, nor does the order."""
    body = client.get("/api/v1/observations?indicator=rsa_share").get_json()
    assert [item["area_id"] for item in body["items"]] == ["01001", "01002", "01003"]
    assert body["numberMatched"] == 3


def test_real_suppressed_values_are_silent(real_client):
    query = "indicator=poverty_rate&level=commune&period=2021&limit=5000"
    items = real_client.get(f"/api/v1/observations?{query}").get_json()["items"]
    hidden = [item for item in items if item["status"] == "suppressed"]
    assert len(hidden) == 235
    for item in hidden:
        assert [name for name, x in item.items() if isinstance(x, float)] == []


def test_no_formula_and_no_lost_zero_in_a_csv(client):
    lines = client.get("/api/v1/observations?indicator=rsa_share&f=csv").get_data(as_text=True)
    assert "rsa_share,commune,01001,'=HYPERLINK(1),2023," in lines
    services = client.get("/api/v1/services?f=csv").get_data(as_text=True)
    assert ",'=1+1," in services
    assert ",=1+1" not in services


def test_rows_of_an_invented_source_say_so(client):
    items = client.get("/api/v1/services").get_json()["items"]
    assert [item["service"] for item in items] == ["s0", "s1", "s3"]
    assert all(item["is_invented"] for item in items)
    assert all(item["capacity"] is None for item in items)
