"""The interface: as the screen, page by page, of one release, and plain in its refusals."""

from __future__ import annotations

import csv
import io
import shutil
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from dashboard.app import create_app
from dashboard.interface.parameters import MOST
from dashboard.wording import texts
from geodata.queries import published

TABLES = {
    "releases": "",
    "sources": "",
    "indicators": "",
    "areas": "level=commune",
    "observations": "indicator=rsa_share,poverty_rate&level=epci",
    "services": "category=france_services",
    "coverage": "service=childcare&level=epci",
    "gaps": "service=childcare&level=epci",
}
RSA = "indicator=rsa_share&level=commune&period=2023"


def whole(client, path, query=""):
    """Every item, one request."""
    return client.get(f"/api/v1/{path}?{query}&limit={MOST}").get_json()["items"]


def following(answer):
    """The address that the link next has, or None."""
    links = [link for link in answer.get_json()["links"] if link["rel"] == "next"]
    if not links:
        return None
    parts = urlsplit(links[0]["href"])
    return f"{parts.path}?{parts.query}"


def pages(client, path, query, limit):
    """The items of each page, as a program that follows the links reads them."""
    address, made = f"/api/v1/{path}?{query}&limit={limit}", []
    while address:
        answer = client.get(address)
        made.append(answer.get_json())
        address = following(answer)
    return made


def test_every_value_is_that_of_the_file_of_the_screen(real_client):
    text = real_client.get(f"/en/map.csv?{RSA}").get_data(as_text=True)
    screen = {row["Code"]: row for row in csv.DictReader(io.StringIO(text))}
    items = whole(real_client, "observations", RSA)
    assert len(items) == len(screen) == 257
    told = ("value", "numerator", "denominator", "low", "high", "smoothed", "smoothed_low")
    columns = {name: texts("en")[f"value_column.{name}"] for name in told}
    for item in items:
        row = screen[item["area_id"]]
        assert (item["area"], item["unit_en"]) == (row["Area"], row["Unit"])
        for name, column in columns.items():
            try:
                shown = float(row[column])
            except ValueError:
                shown = None
            assert item[name] == shown, (item["area_id"], name)


def test_every_gap_is_that_of_the_file_of_the_screen(real_client):
    query = "service=childcare&standard=france_2020&level=epci&period=2020"
    text = real_client.get(f"/en/gaps.csv?{query}").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text)))
    by_code = {row[rows[0].index("Code")]: row for row in rows[1:]}
    for path in ("coverage", "gaps"):
        for item in whole(real_client, path, query):
            cells = {float(cell) for cell in by_code[item["area_id"]] if _is_number(cell)}
            told = {x for x in item.values() if isinstance(x, float)}
            assert told <= cells


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("path", list(TABLES))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 300))
def test_pages_join_up_to_the_whole_whatever_their_size(real_client, path, limit):
    everything = whole(real_client, path, TABLES[path])
    limit = max(limit, len(everything) // 20 + 1)
    made = pages(real_client, path, TABLES[path], limit)
    assert [item for page in made for item in page["items"]] == everything
    assert {page["numberMatched"] for page in made} == {len(everything)}
    assert all(page["numberReturned"] == len(page["items"]) <= limit for page in made)
    assert len({page["release"] for page in made}) == 1


def test_a_csv_leaves_while_it_is_read(real_client, monkeypatch):
    """Nobody gathers it: the first lines are sent when most of the rows are still to be read."""
    parts, begun = published._parts, []

    def counted(wanted):
        for part in parts(wanted):
            begun.append(part)
            yield part

    monkeypatch.setattr(published, "_parts", counted)
    answer = real_client.get("/api/v1/observations?f=csv")
    assert answer.status_code == 200
    assert answer.headers["ETag"]
    assert len(begun) == 1
    lines = sum(chunk.count(b"\r\n") for chunk in answer.iter_encoded())
    assert len(begun) > 20
    total = real_client.get("/api/v1/observations?limit=1").get_json()["numberMatched"]
    assert lines == total + 1


@pytest.mark.parametrize("path", list(TABLES))
def test_a_csv_has_every_row_and_the_fields_of_the_items(real_client, path):
    answer = real_client.get(f"/api/v1/{path}?{TABLES[path]}&f=csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    items = whole(real_client, path, TABLES[path])
    assert len(rows) == len(items)
    for row, item in zip(rows, items, strict=True):
        assert list(row) == list(item)
        for name, cell in row.items():
            value = item[name]
            if value is None:
                assert cell == ""
            elif isinstance(value, list):
                assert cell.split() == value
            elif isinstance(value, bool):
                assert cell == str(value).lower()
            elif isinstance(value, float):
                assert float(cell) == value
            else:
                assert cell.removeprefix("'") == str(value)


@pytest.mark.parametrize("path", ["areas", "observations", "services", "coverage", "gaps"])
def test_geojson_has_the_same_items_with_their_shapes(real_client, path):
    query = f"{TABLES[path]}&limit=20"
    body = real_client.get(f"/api/v1/{path}?{query}&f=geojson").get_json()
    items = real_client.get(f"/api/v1/{path}?{query}").get_json()["items"]
    assert [feature["properties"] for feature in body["features"]] == items
    kinds = {feature["geometry"]["type"] for feature in body["features"]}
    assert kinds <= ({"Point"} if path == "services" else {"Polygon", "MultiPolygon"})
    assert len({feature["id"] for feature in body["features"]}) == len(items)


def test_a_release_published_between_two_pages_changes_no_page(
    release_data, settings_of, tiny_release, tables, tmp_path
):
    folder = tmp_path / "data"
    shutil.copytree(release_data, folder)
    client = create_app(settings_of(folder)).server.test_client()
    first = client.get("/api/v1/areas?level=commune&limit=200")
    everything = whole(client, "areas", "level=commune")
    tag = first.headers["ETag"]
    made = tiny_release(folder, tables)
    second = client.get(following(first))
    assert second.get_json()["release"] == first.get_json()["release"] != made.release_id
    joined = first.get_json()["items"] + second.get_json()["items"]
    assert joined == everything
    now = client.get("/api/v1/areas?level=commune&limit=200", headers={"If-None-Match": tag})
    assert now.status_code == 200
    assert now.get_json()["release"] == made.release_id
    assert now.get_json()["numberMatched"] == 3


def test_a_page_without_a_release_is_refused(real_client):
    answer = real_client.get("/api/v1/areas?offset=10")
    assert answer.status_code == 400
    assert answer.get_json()["parameter"] == "offset"


def test_an_answer_is_not_sent_again_and_lasts_where_its_release_is_named(real_client):
    first = real_client.get(f"/api/v1/observations?{RSA}")
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = real_client.get(f"/api/v1/observations?{RSA}", headers=tag)
    assert (again.status_code, again.get_data()) == (304, b"")
    named = first.get_json()["release"]
    pinned = real_client.get(f"/api/v1/observations?{RSA}&release={named}")
    assert "immutable" in pinned.headers["Cache-Control"]
    assert pinned.get_json()["items"] == first.get_json()["items"]
    other = real_client.get(f"/api/v1/observations?{RSA}&f=csv", headers=tag)
    assert other.status_code == 200


@pytest.mark.parametrize("path", list(TABLES))
@pytest.mark.parametrize("form", ["json", "csv"])
def test_head_says_what_get_does(real_client, path, form):
    address = f"/api/v1/{path}?{TABLES[path]}&f={form}"
    told, asked = real_client.head(address), real_client.get(address)
    assert (told.status_code, told.get_data()) == (200, b"")
    for name in ("ETag", "Content-Type", "Cache-Control", "Link"):
        assert told.headers.get(name) == asked.headers.get(name)


@pytest.mark.parametrize(
    ("address", "status", "parameter"),
    [
        ("areas?levle=epci", 400, "levle"),
        ("areas?limit=0", 400, "limit"),
        ("areas?limit=5001", 400, "limit"),
        ("areas?limit=many", 400, "limit"),
        ("areas?offset=-1", 400, "offset"),
        ("areas?limit=1&limit=2", 400, "limit"),
        ("areas?bbox=1,2,3", 400, "bbox"),
        ("areas?bbox=nan,2,3,4", 400, "bbox"),
        ("areas?f=xml", 400, "f"),
        ("sources?f=geojson", 400, "f"),
        ("areas?level=village", 404, "level"),
        ("areas?area=99999", 404, "area"),
        ("areas?within=epci/1", 404, "within"),
        ("areas?within=43157", 404, "within"),
        ("areas?release=999999-0", 404, "release"),
        ("areas?release=../../etc/passwd", 404, "release"),
        ("observations?indicator=happiness", 404, "indicator"),
        ("observations?indicator=rsa_share&period=1789", 404, "period"),
        ("observations?indicator=care_rate&level=commune", 404, "level"),
        ("services?category=bakery", 404, "category"),
        ("gaps?service=bakery", 404, "service"),
        ("gaps?standard=none", 404, "standard"),
        ("ogc/collections/commune/items?limit=0", 400, "limit"),
        ("ogc/collections/commune/items?crs=x", 400, "crs"),
        ("ogc/collections/commune/items?datetime=yesterday", 400, "datetime"),
        ("ogc/collections/commune/items?period=2023", 400, "period"),
        ("ogc/collections/village/items", 404, "level"),
        ("ogc/collections/commune/items/99999", 404, "area"),
    ],
)
def test_a_refusal_names_the_parameter_and_the_mend(real_client, address, status, parameter):
    for language in ("fr", "en"):
        answer = real_client.get(f"/api/v1/{address}", headers={"Accept-Language": language})
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        body = answer.get_json()
        assert (body["status"], body["parameter"]) == (status, parameter)
        assert body["title"]
        assert body["detail"]
        page, _, anchor = body["type"].partition("#")
        assert f'id="{anchor}"' in real_client.get(page).get_data(as_text=True)
        assert page.startswith(f"/{language}/")


def test_every_fault_of_a_request_is_said_at_once(real_client):
    body = real_client.get("/api/v1/areas?limit=0&levle=epci").get_json()
    assert {error["parameter"] for error in body["errors"]} == {"limit", "levle"}


@pytest.mark.parametrize("path", ["nothing", "areas/", "areas/43157", "openapi.yaml", "%00"])
def test_an_address_that_is_none_is_a_problem(real_client, path):
    answer = real_client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_written(real_client, method):
    answer = getattr(real_client, method)("/api/v1/areas")
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "GET" in answer.headers["Allow"]


def test_the_form_is_as_accept_says(real_client):
    def media(accept):
        return real_client.get("/api/v1/areas?level=epci", headers={"Accept": accept}).mimetype

    assert media("text/csv") == "text/csv"
    assert media("application/geo+json") == "application/geo+json"
    assert media("text/html,application/xml;q=0.9,*/*;q=0.8") == "application/json"
    assert media("image/png") == "application/problem+json"


def test_the_door_is_that_of_the_pages(real_client):
    answer = real_client.get("/api/v1/areas", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_without_a_release_it_says_so(settings_of, tmp_path):
    client = create_app(settings_of(tmp_path)).server.test_client()
    answer = client.get("/api/v1/areas")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert client.get("/api/v1/openapi.json").status_code == 200
    assert client.get("/fr/interface").status_code == 200


def test_areas_are_found_by_place_and_by_what_they_are_within(real_client):
    within = whole(real_client, "areas", "level=commune&within=epci/200073419")
    assert 60 < len(within) < 90
    assert all("epci/200073419" in item["parents"] for item in within)
    (one,) = whole(real_client, "areas", "level=commune&area=43157")
    assert one["name"] == "Le Puy-en-Velay"
    near = whole(real_client, "areas", "level=commune&bbox=3.87,45.03,3.89,45.05")
    assert "43157" in {item["area_id"] for item in near}
    assert len(near) < 10


def test_latest_is_the_last_period_of_each_indicator(real_client):
    known = {item["indicator"]: item for item in whole(real_client, "indicators")}
    query = "indicator=rsa_share,poverty_rate&level=epci&period=latest"
    for item in whole(real_client, "observations", query):
        assert item["period"] == known[item["indicator"]]["periods"][-1]


def test_the_document_is_openapi_and_tells_every_field(real_client):
    document = real_client.get("/api/v1/openapi.json").get_json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    for path in TABLES:
        operation = document["paths"][f"/api/v1/{path}"]["get"]
        assert all(parameter["description"] for parameter in operation["parameters"])
        assert {"200", "304", "400", "404"} <= set(operation["responses"])
        page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        of_page = document["components"]["schemas"][page.rsplit("/", 1)[1]]
        item = of_page["properties"]["items"]["items"]["$ref"].rsplit("/", 1)[1]
        fields = document["components"]["schemas"][item]["properties"]
        assert list(fields) == list(whole(real_client, path, TABLES[path])[0])
        assert all(field["description"] for field in fields.values())
