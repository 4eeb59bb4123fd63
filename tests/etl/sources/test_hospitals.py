"""Hospitals: a file of the exact layout, its faults, and Eurostat's real file."""

import pandas as pd
import pytest

from etl.source import Known
from etl.sources import hospitals

HEADER = (
    "id,hospital_name,site_name,lat,lon,geo_qual,street,house_number,postcode,city,cc,country,"
    "cap_beds,cap_prac,cap_rooms,emergency,facility_type,public_private,list_specs,tel,email,url,"
    "ref_date,pub_date,comments\n"
)
FILE = "eurostat_healthcare_FR.csv"
#: FINESS numbers with their right key, made from 430000000 up.
NUMBERS = ["430000026", "430000109", "430000117", "430000141", "430000158", "430000166"]


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43157"})})


def row(number="430000117", lat="45.05", lon="3.87", quality="1", beds="", date="06/03/2020"):
    return (
        f"{number},CENTRE HOSPITALIER D'YSSINGEAUX,,{lat},{lon},{quality},R,1,43000,LE PUY,FR,"
        f"France,{beds},,,,Centre Hospitalier (C.H.),public,,4,,,{date},16/04/2020,\n"
    )


def staged(known, *rows):
    entry = known.catalogue.sources["eurostat_healthcare"]
    return hospitals.stage(entry, FILE, (HEADER + "".join(rows)).encode(), known)


def test_a_hospital_gets_its_zero_back_and_no_capacity(known):
    made = staged(known, row("10000024"), row("2A0000022", quality="3"), row(beds="12"))
    first, second, third = made.tables["service"].to_dict("records")
    assert first["service_id"] == "finess:010000024"
    assert first["name"] == "Centre Hospitalier D'Yssingeaux"
    assert (first["category"], first["period"]) == ("hospital", "2020")
    assert pd.isna(first["capacity"])
    assert pd.isna(first["area_id"])
    assert first["capacity_unit"] == "beds"
    assert (second["service_id"], second["position"]) == ("finess:2A0000022", "commune")
    assert third["capacity"] == 12
    assert [i.rows for i in made.issues if i.code == "leading_zero"] == [1]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (row("10000025"), "bad_identifier"),
        (row("1E+07"), "bad_identifier"),
        (row("430000190", date="2020-03-06"), "bad_period"),
        (row("430000190", date="31/02/2020"), "bad_period"),
        (row("430000190", lat="0", lon="0"), "null_island"),
    ],
)
def test_a_wrong_hospital_is_held_back(known, wrong, code):
    rows = [row(number) for number in true_numbers(200)]
    made = staged(known, *rows, wrong)
    assert [i.code for i in made.issues if i.line == 202] == [code]
    assert made.rows_quarantined == 1


def true_numbers(count):
    """The first ``count`` numbers of a département with a right key."""
    found = []
    for body in range(count):
        text = f"4301{body:04d}"
        digits = [int(d) for d in reversed(text)]
        total = sum(
            sum(divmod(2 * d, 10)) if place % 2 == 0 else d for place, d in enumerate(digits)
        )
        found.append(f"{text}{-total % 10}")
    return found


@pytest.mark.shared
def test_every_real_hospital_is_accounted_for_and_located(drawn_france, shared_data):
    entry = drawn_france.catalogue.sources["eurostat_healthcare"]
    content = (shared_data / "service" / FILE).read_bytes()
    made = hospitals.stage(entry, FILE, content, drawn_france)
    print(made.rows_read, made.rows_loaded, made.rows_quarantined, made.dropped)
    print(*(i.text("en") for i in made.issues), sep="\n")
    assert made.rows_read == 5_368
    assert made.rows_quarantined == 0
    assert [i.rows for i in made.issues if i.code == "leading_zero"] == [324]
    table = made.tables["service"]
    assert table["service_id"].is_unique
    assert table["area_id"].notna().all()
    assert table["capacity"].isna().all()
    located = table.set_index("service_id")["area_id"]
    assert located["finess:010000024"] == "01451"  # Viriat, as its address says
    assert located["finess:430000117"] == "43157"  # Le Puy-en-Velay


@pytest.mark.shared
def test_the_hospitals_of_haute_loire_are_those_carried_with_the_project(
    drawn_france, shared_data, embedded
):
    entry = drawn_france.catalogue.sources["eurostat_healthcare"]
    content = (shared_data / "service" / FILE).read_bytes()
    ours = hospitals.stage(entry, FILE, content, drawn_france).tables["service"]
    ours = ours[ours["service_id"].str.startswith("finess:43")].set_index("service_id").sort_index()
    theirs = embedded("services/eurostat_healthcare.csv").set_index("service_id").sort_index()
    assert len(ours) == 25
    assert ours.index.tolist() == theirs.index.tolist()
    for column in ("name", "category", "position", "capacity_unit", "detail", "period"):
        assert ours[column].tolist() == theirs[column].tolist(), column
    for column in ("longitude", "latitude"):
        assert ours[column].tolist() == theirs[column].astype("float64").tolist(), column
    assert set(theirs["capacity"]) == {""}
    assert ours["area_id"].str.startswith("43").all()
