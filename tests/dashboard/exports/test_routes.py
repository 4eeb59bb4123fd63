"""The files by their addresses: names, types, marks, what is not there, and who may ask."""

from __future__ import annotations

import re

import pytest

from dashboard.addresses import LANGUAGES
from dashboard.app import create_app
from dashboard.exports.naming import FORMS, TABLES, file_path
from geodata.release import current_release


@pytest.fixture(scope="module")
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


FILES = [(name, form) for name, table in TABLES.items() for form in table.forms]


@pytest.mark.parametrize(("name", "form"), FILES)
def test_every_table_comes_in_every_form(client, release_data, addresses, name, form):
    release = current_release(release_data).release_id
    for language in LANGUAGES:
        answer = client.get(f"{file_path(language, name, form)}?{addresses[name]}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.mimetype == FORMS[form].mimetype
        assert answer.headers["Cache-Control"] == "no-store"
        found = re.fullmatch(
            rf'attachment; filename="(vigie_haute_loire_[\w-]+_{release}\.{form})"',
            answer.headers["Content-Disposition"],
        )
        assert found
        assert len(answer.get_data()) > 500


def test_file_names_tell_tables_and_selections_apart(client, addresses):
    def named(name, query):
        answer = client.get(f"{file_path('fr', name, 'csv')}?{query}")
        return answer.headers["Content-Disposition"]

    found = [named(name, query) for name, query in addresses.items()]
    found.append(named("compare", "indicator=rsa_share&level=commune&form=heat"))
    found.append(named("gaps", "level=commune&only=shortage"))
    found.append(named("profile", "level=epci"))
    assert len(set(found)) == len(found)


def test_the_query_may_ask_for_a_byte_order_mark_or_none(client):
    mark = "\ufeff".encode()
    for path, query, expected in (
        ("/fr/carte.csv", "", True),
        ("/fr/carte.csv", "?bom=no", False),
        ("/en/map.csv", "", False),
        ("/en/map.csv", "?level=epci&bom=yes", True),
        ("/en/map.csv", "?bom=perhaps", False),
    ):
        assert client.get(path + query).get_data().startswith(mark) is expected


def test_a_csv_comes_in_pieces(client):
    answer = client.get("/en/map.csv?level=commune&indicator=rsa_share")
    assert answer.content_length is None
    assert answer.get_data(as_text=True).count("\r\n") == 258


def test_what_a_page_has_no_table_for_is_not_found_and_says_so(client):
    answer = client.get("/fr/priorites.csv?level=epci&weights=0,0,0,10,0&priority=none")
    assert answer.status_code == 200  # what is not understood is as on the page: left out
    answer = client.get("/fr/profil.gpkg?level=epci")
    assert answer.status_code == 404


def test_without_a_release_there_is_no_file(tmp_path, settings_of):
    empty = create_app(settings_of(tmp_path)).server.test_client()
    for name, form in FILES:
        assert empty.get(file_path("fr", name, form)).status_code == 503


def test_a_stranger_gets_no_file(client):
    assert client.get("/fr/carte.xlsx", headers={"Host": "evil.example"}).status_code == 403


def test_an_area_code_that_is_none_does_not_reach_the_name(client):
    answer = client.get("/fr/profil.csv?level=epci&area=%22%3B..%2F..%2Fx")
    assert answer.status_code == 200
    assert ".." not in answer.headers["Content-Disposition"]
