"""The file of gaps without a browser: its form, its laws, its guards."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.app import create_app
from geodata.release import current_release

FRENCH, ENGLISH = "/fr/ecarts.csv", "/en/gaps.csv"


@pytest.fixture(scope="module")
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


def rows_of(client, path, **query):
    """The rows of a file by heading, numbers read as its language writes them."""
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8")
    is_french = path == FRENCH
    assert text.startswith("\ufeff") is is_french
    rows = list(
        csv.DictReader(
            io.StringIO(text.removeprefix("\ufeff")), delimiter=";" if is_french else ","
        )
    )
    assert not any(None in row or None in row.values() for row in rows)
    return rows


def number(text):
    return float(text.replace(",", "."))


@pytest.mark.parametrize(
    ("level", "count"),
    [("commune", 257), ("epci", 11), ("canton_or_town", 20), ("arrondissement", 3)],
)
@pytest.mark.parametrize("standard", ["france_2020", "one_per_child"])
def test_every_area_is_there_and_its_triad_adds_up_to_its_need(client, level, count, standard):
    rows = rows_of(client, ENGLISH, level=level, standard=standard)
    assert len(rows) == count
    half = 0.05
    for row in rows:
        parts = [
            number(row[f"{part} (places)"])
            for part in ("Served", "Within reach, no place", "Out of reach")
        ]
        need, unmet = number(row["Need (places)"]), number(row["Unmet need (places)"])
        gap = number(row["Net gap (places)"])
        assert sum(parts) == pytest.approx(need, abs=4 * half + 1e-9)
        assert sum(parts[1:]) == pytest.approx(unmet, abs=3 * half + 1e-9)
        if level == "commune":
            assert unmet == max(gap, 0.0)
        else:
            assert unmet >= max(gap, 0.0)


def test_the_gap_lies_within_its_interval_and_has_a_probability(client):
    rows = rows_of(client, FRENCH, level="commune")
    nobody = 0
    for row in rows:
        gap = number(row["Écart net (places)"])
        low = number(row["Écart net, borne basse (places)"])
        high = number(row["Écart net, borne haute (places)"])
        chance = row["Probabilité d’un manque (de 0 à 1)"]
        assert low <= high
        if chance == "sans objet":
            nobody += 1
            assert (gap, low, high) == (0, 0, 0)
            continue
        assert 0 <= number(chance) <= 1
        if number(chance) == 0:
            assert high <= 0.05
        if number(chance) == 1:
            assert low >= -0.05
    assert nobody == 20


def test_communes_add_up_to_each_larger_level(client):
    totals = []
    for level in ("commune", "epci", "canton_or_town", "arrondissement"):
        rows = rows_of(client, ENGLISH, level=level)
        assert sum(number(row["Children (under 3)"]) for row in rows) == 5910
        totals.append(sum(number(row["Unmet need (places)"]) for row in rows))
    assert totals == pytest.approx([totals[0]] * 4, abs=257 * 0.05)


@pytest.mark.parametrize("name", ["Need (places)", "Net gap (places)", "Travel time (minutes)"])
def test_rows_are_ranked_by_the_chosen_column_and_equals_share_a_rank(client, name):
    column = {"Need": "need", "Net": "gap", "Travel": "nearest_minutes"}[name.split()[0]]
    down = rows_of(client, ENGLISH, level="commune", sort=f"-{column}")
    up = rows_of(client, ENGLISH, level="commune", sort=column)
    values = [number(row[name]) for row in down]
    assert values == sorted(values, reverse=True)
    assert [number(row[name]) for row in up] == sorted(values)
    ranks = [int(row["Rank"]) for row in down]
    assert ranks[0] == 1
    assert all(rank == place + 1 or rank == ranks[place - 1] for place, rank in enumerate(ranks))


def test_names_are_sorted_without_their_accents(client):
    names = [row["Territoire"] for row in rows_of(client, FRENCH, level="commune", sort="name")]
    assert names[0] == "Agnat"
    assert names.index("Le Brignon") < names.index("Lempdes-sur-Allagnon")
    backwards = rows_of(client, FRENCH, level="commune", sort="-name")
    assert [row["Territoire"] for row in backwards] == names[::-1]


def test_areas_without_children_come_last_and_say_so(client):
    rows = rows_of(client, FRENCH, level="commune", sort="-coverage")
    silent = [row for row in rows if row["Couverture (places pour 100 enfants)"] == "sans objet"]
    assert len(silent) == 20
    assert silent == rows[-20:]
    assert {row["Rang"] for row in silent} == {""}
    assert {row["Statut"] for row in silent} == {"Sans objet"}


def test_both_languages_say_the_same_numbers(client):
    french = rows_of(client, FRENCH, level="epci")
    english = rows_of(client, ENGLISH, level="epci")
    for one, other in zip(french, english, strict=True):
        for said, written in list(zip(one.values(), other.values(), strict=True))[:12]:
            assert said.replace(",", ".") == written


def test_the_file_name_says_what_it_holds(client, release_data):
    answer = client.get(FRENCH, query_string={"level": "epci", "standard": "one_per_child"})
    release = current_release(release_data)
    name = f"vigie_haute_loire_childcare_epci_one_per_child_2020_{release.release_id}.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.mimetype == "text/csv"


def test_neighbours_are_not_exported(client):
    codes = {row["Code"] for row in rows_of(client, ENGLISH, level="commune")}
    assert len(codes) == 257
    assert all(code.startswith("43") for code in codes)


def test_without_a_release_there_is_no_file(tmp_path, settings_of):
    empty = create_app(settings_of(tmp_path)).server.test_client()
    assert empty.get(FRENCH).status_code == 503


def test_what_weakens_a_gap_is_there_in_words(client):
    for path, column, word in ((FRENCH, "À savoir", "estimé"), (ENGLISH, "To know", "estimated")):
        rows = rows_of(client, path, level="commune")
        told = [row[column] for row in rows]
        assert sum(word in text for text in told) == 237
        assert any("fragile" in text for text in told)
        assert told.count("") == 20  # nobody to count, hence nothing to weaken
