"""The file of the map's values: the rows of the table, with what weakens each in words."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.app import create_app

FRENCH, ENGLISH = "/fr/carte.csv", "/en/map.csv"


@pytest.fixture(scope="module")
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


def rows_of(client, path, **query):
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    text = answer.get_data().decode("utf-8")
    mark = "\ufeff" if path == FRENCH else ""
    assert text.startswith(mark)
    delimiter = ";" if path == FRENCH else ","
    return list(csv.DictReader(io.StringIO(text.removeprefix(mark)), delimiter=delimiter))


def test_it_has_every_area_of_the_level_and_no_edge(client):
    rows = rows_of(client, FRENCH, indicator="rsa_share", level="commune", period="2023")
    assert len(rows) == 257
    assert all(row["Code"].startswith("43") for row in rows)
    ranks = [int(row["Rang"]) for row in rows if row["Rang"]]
    assert ranks == sorted(ranks)


def test_a_value_has_its_interval_its_smoothed_value_and_its_words(client):
    rows = rows_of(client, FRENCH, indicator="rsa_share", level="commune", period="2023")
    by_code = {row["Code"]: row for row in rows}
    craponne = by_code["43080"]
    # 35 of 385 are 9.1 in a hundred; Byar's limits of 35 are 24.4 and 48.7, over 385.
    assert (craponne["Valeur"], craponne["Statut"]) == ("9,1", "Observé")
    assert (craponne["Numérateur"], craponne["Dénominateur"]) == ("35,0", "385,0")
    assert craponne["Intervalle"] == "95 % (Byar)"
    low, high = (float(craponne[x].replace(",", ".")) for x in ("Borne basse", "Borne haute"))
    assert (round(low, 1), round(high, 1)) == (6.3, 12.6)
    smooth = [craponne[x] for x in craponne if x.startswith("Valeur lissée")]
    assert len(smooth) == 3
    assert all(smooth)
    assert craponne["Face à l’ensemble"] == "pas de différence sûre"
    assert craponne["À savoir"] == "arrondi à la source"
    fragile = [row for row in rows if "fragile" in row["À savoir"]]
    assert 50 < len(fragile) < 120
    assert all(row["Valeur"] != "sans objet" for row in fragile)


def test_a_withheld_value_takes_all_that_is_made_of_it_away(client):
    rows = rows_of(client, ENGLISH, indicator="poverty_rate", level="commune", period="2021")
    withheld = [row for row in rows if row["Status"] == "Suppressed"]
    assert len(withheld) == 235
    kept = {"Area", "Code", "Value", "Unit", "Status", "Indicator", "Observatory", "Level"}
    kept |= {"Period", "Release"}
    for row in withheld:
        assert {name for name, text in row.items() if text} == kept
        assert not any(letter.isdigit() for letter in row["Value"])


def test_its_name_says_what_it_holds(client):
    answer = client.get(FRENCH, query_string={"indicator": "care_rate"})
    assert (
        'filename="vigie_haute_loire_care_rate_departement_2020'
        in (answer.headers["Content-Disposition"])
    )
