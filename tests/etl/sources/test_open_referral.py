"""Open Referral HSDS 3: small files of the documented schema, and their faults. None was met."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import open_referral, readers

CATEGORIES = {"LT-2800": "shelter", "Counselling": "family_counselling"}


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43157"})})


@pytest.fixture
def entry(known):
    found = known.catalogue.sources["open_referral_services"]
    return replace(found, options={**found.options, "categories": CATEGORIES})


def place(number=1, **cells):
    location = {
        "id": f"l{number}",
        "location_type": "physical",
        "latitude": 45.04,
        "longitude": 3.88 + number / 1e4,
        "external_identifier": "43157",
        "external_identifier_type": "INSEE",
        "addresses": [{"id": "a", "address_1": "1 rue", "city": "Le Puy", "country": "FR"}],
        "contacts": [{"id": "c", "name": "Camille Martin", "email": "camille@example.org"}],
        **cells,
    }
    return {"id": f"sl{number}", "location": location}


def term(code, name=""):
    return {"id": "x", "taxonomy_term": {"id": "t", "code": code, "name": name}}


def service(**cells):
    return {
        "id": "s1",
        "name": "Écoute des familles",
        "status": "active",
        "last_modified": "2026-03-15T10:30:45.123Z",
        "organization": {"id": "o", "name": "Association Écoute", "description": "x"},
        "service_at_locations": [place()],
        "attributes": [term("y", "Counselling")],
        "contacts": [{"id": "c", "name": "Camille Martin", "email": "camille@example.org"}],
        "phones": [{"id": "p", "number": "04 71 00 00 00"}],
        **cells,
    }


def beds(maximum, unit="beds"):
    return {"id": "c", "unit": {"id": "u", "name": unit}, "available": 1, "maximum": maximum}


def staged(entry, known, *services, as_page=False):
    body = {"total_items": len(services), "contents": list(services)}
    content = json.dumps(body if as_page else list(services)).encode()
    return readers()["open_referral"](entry, "hsds-services-2026.json", content, known)


@pytest.mark.parametrize("as_page", [False, True])
def test_a_service_is_told_of_at_each_of_its_locations(entry, known, as_page):
    two = service(id="s2", service_at_locations=[place(1), place(2)], capacities=[beds(12)])
    made = staged(entry, known, service(capacities=[beds(8)]), two, as_page=as_page)
    first, *others = made.tables["service"].to_dict("records")
    assert first["service_id"] == "open_referral:s1@l1"
    assert (first["name"], first["category"]) == ("Écoute des familles", "family_counselling")
    assert (first["longitude"], first["latitude"]) == (3.8801, 45.04)
    assert (first["area_id"], first["position"], first["period"]) == ("43157", "address", "2026")
    assert (first["capacity"], first["capacity_unit"]) == (8.0, "beds")
    assert first["detail"] == "Association Écoute"
    assert [row["service_id"] for row in others] == ["open_referral:s2@l1", "open_referral:s2@l2"]
    assert all(pd.isna(row["capacity"]) for row in others)
    assert (made.rows_read, made.rows_loaded) == (2, 2)


@pytest.mark.parametrize(
    ("told", "capacity"),
    [
        ([], None),
        ([beds(0)], 0.0),
        ([beds(3), beds(4)], 7.0),
        ([beds(3), beds(4, "hours")], None),
        ([beds(None)], None),
        ([beds(-1)], None),
        ([beds(True)], None),
    ],
)
def test_an_unknown_capacity_is_never_zero(entry, known, told, capacity):
    made = staged(entry, known, service(capacities=told)).tables["service"]["capacity"]
    assert made.isna().all() if capacity is None else made.tolist() == [capacity]


@pytest.mark.parametrize(
    ("terms", "category"),
    [
        ([term("LT-2800")], "shelter"),
        ([term("LT-2800"), term("", "Counselling")], "open_referral_several_needs"),
        ([term("unheard-of")], "open_referral_other"),
        ([], "open_referral_other"),
        (None, "open_referral_other"),
    ],
)
def test_terms_say_the_category(entry, known, terms, category):
    made = staged(entry, known, service(attributes=terms))
    assert made.tables["service"]["category"].tolist() == [category]


def test_what_is_closed_or_nowhere_is_dropped_by_its_rule(entry, known):
    made = staged(
        entry,
        known,
        service(),
        service(id="s2", status="defunct"),
        service(id="s3", service_at_locations=[]),
        service(id="s4", service_at_locations=None),
    )
    assert made.dropped == {"not_active": 1, "no_place": 2}
    assert made.rows_read == made.rows_loaded + made.rows_dropped == 4


def test_who_answers_is_never_read(entry, known):
    rows = [service(id=f"s{n}", service_at_locations=[place(n)]) for n in range(1, 150)]
    wrong = service(id="x", service_at_locations=[place(longitude=0.0, latitude=0.0)])
    made = staged(entry, known, *rows, wrong)
    assert made.held["code"].tolist() == ["null_island"]
    for told in (made.tables["service"].to_string(), made.held.to_string(), str(made.issues)):
        assert "Camille" not in told
        assert "camille@" not in told
        assert "04 71" not in told


@pytest.mark.parametrize(
    ("wrong", "code", "column"),
    [
        ({"id": ""}, "blank_cell", "id"),
        ({"name": None}, "blank_cell", "name"),
        ({"last_modified": "hier"}, "bad_period", "updated"),
        ({"service_at_locations": [place(longitude=300)]}, "out_of_the_world", "longitude"),
        ({"service_at_locations": [place(latitude=None)]}, "bad_point", "longitude"),
    ],
)
def test_a_wrong_service_is_held_back_with_its_line_and_its_mend(entry, known, wrong, code, column):
    rows = [service(id=f"s{n}", service_at_locations=[place(n)]) for n in range(1, 300)]
    made = staged(entry, known, *rows, service(**{"id": "x", **wrong}))
    assert made.held["code"].tolist() == [code]
    assert made.held["line"].tolist() == [301]
    assert made.held["column"].tolist() == [column]
    assert made.held["mend_fr"].all()
    assert made.rows_quarantined == 1


def test_a_code_that_nobody_knows_is_a_question(entry, known):
    lost = {"external_identifier": "43999", "longitude": None, "latitude": None}
    rows = [service(id=f"s{n}", service_at_locations=[place(n)]) for n in range(1, 300)]
    made = staged(entry, known, *rows, service(id="x", service_at_locations=[place(**lost)]))
    assert made.held["code"].tolist() == ["unknown_area"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"services": []}', "not_a_list"),
        (b"[]", "no_rows"),
        (b'[{"id": "1"}]', "missing_column"),
        (b"[1]", "not_an_object"),
        (b"{", "truncated"),
    ],
)
def test_another_file_is_refused(entry, known, content, code):
    with pytest.raises(RejectedFile) as caught:
        open_referral.stage(entry, "hsds-services.json", content, known)
    assert caught.value.issue.code == code
    assert caught.value.issue.mend_fr


def test_every_category_that_is_given_is_in_the_catalogue(words):
    """A service under a category that nobody described would be shown nowhere."""
    assert {open_referral.SEVERAL, open_referral.OTHER} <= words.services.keys()
    entries = [source for source in words.sources.values() if source.reader == "open_referral"]
    said = {name for source in entries for name in source.options.get("categories", {}).values()}
    assert said <= words.services.keys()
