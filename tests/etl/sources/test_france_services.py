"""France services: a file of the exact layout, its faults, and the real list."""

import pandas as pd
import pytest

from etl.source import Known
from etl.sources import france_services

HEADER = (
    '"id_fs","insee_dep","lib_fs","adresse","complement_adresse","insee_com","code_postal",'
    '"lib_com","latitude","longitude","mail","telephone","h_lundi","h_mardi","h_mercredi",'
    '"h_jeudi","h_vendredi","h_samedi","prise_rdv","commentaire","type_fs","format_fs",'
    '"groupe_fs","labellisation_fs"\n'
)
FILE = "france_services_20240801.csv"


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43148"})})


def row(number=1, code="43148", latitude="45.2", longitude="3.5", kind="Fixe", comment=""):
    return (
        f'"{number}","43","France services Paulhaguet","Place",,"{code}","43230","Paulhaguet",'
        f'{latitude},{longitude},"a@b.fr","04","9-12",,,,,,"Non","{comment}","Principal",'
        f'"{kind}",,"x"\n'
    )


def staged(known, *rows):
    entry = known.catalogue.sources["anct_france_services"]
    return france_services.stage(entry, FILE, (HEADER + "".join(rows)).encode(), known)


def test_a_counter_is_at_its_address_and_says_how_it_is_open(known):
    made = staged(known, row(), row(2, kind="Itinérante", comment="mardi\njeudi"), row(3))
    first, second, third = made.tables["service"].to_dict("records")
    assert first["service_id"] == "france_services:1"
    assert (first["longitude"], first["latitude"]) == (3.5, 45.2)
    assert (first["position"], first["period"], first["area_id"]) == ("address", "2024", "43148")
    assert pd.isna(first["capacity"])
    assert pd.isna(first["capacity_unit"])
    assert second["detail"] == "Itinérante"
    assert third["service_id"] == "france_services:3"
    assert "a@b.fr" not in made.tables["service"].to_string()


def test_a_counter_with_a_door_is_told_from_one_that_tours(known):
    kinds = ("Fixe", "Fixe_antenne(s)", "Multisites", "Bus_équivalent", "Itinérante")
    made = staged(known, *(row(n, longitude=f"3.{n}", kind=k) for n, k in enumerate(kinds)))
    table = made.tables["service"]
    assert table["detail"].tolist() == list(kinds)
    assert table["category"].tolist() == [
        *["france_services"] * 3,
        *["france_services_itinerant"] * 2,
    ]


def test_a_counter_without_a_point_is_at_its_commune(known):
    made = staged(known, row(latitude="", longitude=""), row(2))
    assert made.tables["service"]["position"].tolist() == ["commune", "address"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (row(999, latitude="0", longitude="0"), "null_island"),
        (row(999, latitude="nd"), "bad_point"),
        (row(999, code="", latitude="", longitude=""), "blank_code"),
        (row(999, kind="Dirigeable"), "unknown_code"),
        (row(999, kind=""), "unknown_code"),
    ],
)
def test_a_wrong_counter_is_held_back(known, wrong, code):
    rows = [row(number, longitude=f"3.5{number}") for number in range(1, 150)]
    made = staged(known, *rows, wrong)
    assert [(i.code, i.line) for i in made.issues if i.code != "extra_columns"] == [(code, 151)]
    assert made.rows_quarantined == 1
    assert "a@b.fr" not in made.held.to_string()


@pytest.mark.shared
def test_every_real_counter_is_accounted_for(drawn_france, shared_data):
    entry = drawn_france.catalogue.sources["anct_france_services"]
    content = (shared_data / "service" / FILE).read_bytes()
    made = france_services.stage(entry, FILE, content, drawn_france)
    print(made.rows_read, made.rows_loaded, made.rows_quarantined, made.dropped)
    print(*(i.text("en") for i in made.issues), sep="\n")
    assert made.rows_read == 2_845
    assert made.dropped == {}
    assert made.held["code"].tolist() == ["unknown_area"] * 2
    assert made.held["cells"].str.contains('"insee_com": "97801"').all()  # Saint-Martin
    table = made.tables["service"]
    assert table["detail"].value_counts()["Itinérante"] == 29
    assert table["category"].value_counts().to_dict() == {
        "france_services": 2_680,
        "france_services_itinerant": 163,
    }
    assert table[["longitude", "latitude", "area_id"]].notna().all(axis=None)
    assert [i.rows for i in made.issues if i.code == "point_outside_area"] == [1]
    areas = table.set_index("service_id")["area_id"]
    assert areas["france_services:99"] == "15141"  # Neussargues, divided since: its point says
    assert areas["france_services:280"] == "49126"  # Orée d'Anjou has another code since 2025


@pytest.mark.shared
def test_the_share_of_the_week_is_that_of_one_stop_of_ten(words, shared_data):
    """The hours of the whole tour, over those of a fixed counter, over ten stops."""
    frame = pd.read_csv(shared_data / "service" / FILE, dtype="str", keep_default_na=False)
    days = frame.filter(regex="^h_").sum(axis=1, skipna=False)
    spans = days.str.extractall(r"(\d\d):(\d\d) - (\d\d):(\d\d)").astype("int64")
    hours = (spans[2] - spans[0] + (spans[3] - spans[1]) / 60).groupby(level=0).sum()
    of_format = hours.groupby(frame["format_fs"])
    touring = hours[frame["format_fs"].map(france_services.CATEGORIES) == france_services.ITINERANT]
    assert (len(touring), touring.median()) == (151, 27.5)
    assert of_format.median()[["Fixe", "Multisites"]].tolist() == [29.5, 27.0]
    service = words.services[france_services.ITINERANT]
    assert round(27.5 / 29.5 / 10, 2) == service.week_share


@pytest.mark.shared
def test_the_counters_of_haute_loire_are_those_carried_with_the_project(
    drawn_france, shared_data, embedded
):
    entry = drawn_france.catalogue.sources["anct_france_services"]
    content = (shared_data / "service" / FILE).read_bytes()
    ours = france_services.stage(entry, FILE, content, drawn_france).tables["service"]
    ours = ours[ours["area_id"].str.startswith("43")].set_index("service_id").sort_index()
    theirs = embedded("services/anct_france_services.csv").set_index("service_id").sort_index()
    assert len(ours) == 22
    assert ours.index.tolist() == theirs.index.tolist()
    for column in ("name", "category", "area_id", "position", "detail", "period"):
        assert ours[column].tolist() == theirs[column].tolist(), column
    for column in ("longitude", "latitude"):
        assert ours[column].tolist() == theirs[column].astype("float64").tolist(), column
    assert ours["capacity"].isna().all()
    assert set(theirs["capacity"]) == {""}
