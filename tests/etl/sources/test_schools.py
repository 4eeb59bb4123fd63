"""Schools: a file of the exact layout, its faults, and the three real files of the ministry."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import schools
from etl.sources.service_table import COLUMNS

HEADER = (
    "rentree_scolaire;academie;code_du_departement;departement;uai;nom_de_l_etablissment;"
    "code_insee_de_la_commune;nom_de_la_commune;secteur;effectifs;ips\r\n"
)
FILES = {
    "menj_ips_schools": "fr-en-ips-ecoles-ap2022.csv",
    "menj_ips_lower_secondary": "fr-en-ips-colleges-ap2022.csv",
    "menj_ips_upper_secondary": "fr-en-ips-lycees-ap2022.csv",
}
ROWS = {
    "menj_ips_schools": 30_059,
    "menj_ips_lower_secondary": 6_973,
    "menj_ips_upper_secondary": 3_598,
}


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43001"})})


def row(number=430001, *, uai="", year="2022-2023", code="43001", pupils="58.0", name="ECOLE"):
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    uai = uai or f"{number:07d}{letters[number % 23]}"
    cells = (year, "C", "043", "HAUTE-LOIRE", uai, name, code, "X", "public", pupils, "95.1")
    return ";".join(cells) + "\r\n"


def staged(known, *rows):
    entry = known.catalogue.sources["menj_ips_schools"]
    content = (HEADER + "".join(rows)).encode()
    return schools.stage(entry, "fr-en-ips-ecoles-ap2022.csv", content, known)


def many(*others, count=200):
    return [*(row(number) for number in range(430100, 430100 + count)), *others]


def test_a_school_is_at_its_commune_with_its_pupils(known):
    made = staged(known, row(430001, name="ECOLE DE L'ETANG", pupils=""), row(430002))
    table = made.tables["service"]
    assert list(table.columns) == list(COLUMNS)
    first, second = table.to_dict("records")
    assert first["service_id"] == "uai:0430001T"
    assert first["name"] == "Ecole De L'Etang"
    assert (first["category"], first["position"]) == ("primary_school", "commune")
    assert (first["area_id"], first["period"]) == ("43001", "2022")
    assert pd.isna(first["capacity"])
    assert pd.isna(first["longitude"])
    assert second["capacity"] == 58
    assert second["capacity_unit"] == "pupils"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (row(uai="0430001A"), "bad_identifier"),
        (row(uai="430001T"), "bad_identifier"),
        (row(pupils="58.5"), "not_whole"),
        (row(year="2022"), "bad_period"),
        (row(year="2022-2024"), "bad_period"),
        (row(code="ZZZZZ"), "malformed_code"),
    ],
)
def test_a_wrong_row_is_held_back(known, wrong, code):
    made = staged(known, *many(wrong))
    assert [issue.code for issue in made.issues if issue.line == 202] == [code]
    assert (made.rows_loaded, made.rows_quarantined) == (200, 1)
    assert made.held["line"].tolist() == [202]


def test_earlier_years_are_dropped_by_their_rule(known):
    made = staged(known, row(430001, year="2021-2022"), row(430001, pupils="60.0"))
    assert made.dropped == {"earlier_year": 1}
    assert made.tables["service"]["capacity"].tolist() == [60.0]


def test_a_school_said_twice_is_kept_once_or_not_at_all(known):
    made = staged(known, *many(row(430001), row(430001)))
    assert made.dropped == {"repeated": 1}
    made = staged(known, *many(row(430001), row(430001, pupils="9.0")))
    assert made.rows_quarantined == 2
    assert "uai:0430001T" not in set(made.tables["service"]["service_id"])


def test_a_column_renamed_refuses_the_file(known):
    entry = known.catalogue.sources["menj_ips_schools"]
    content = (HEADER.replace("effectifs", "eleves") + row()).encode()
    with pytest.raises(RejectedFile) as caught:
        schools.stage(entry, "x.csv", content, known)
    assert (caught.value.issue.code, caught.value.issue.column) == ("missing_column", "effectifs")


@pytest.mark.shared
@pytest.mark.parametrize("source_id", FILES)
def test_every_real_school_is_accounted_for(dated_france, shared_data, source_id):
    entry = dated_france.catalogue.sources[source_id]
    file = FILES[source_id]
    made = schools.stage(entry, file, (shared_data / "service" / file).read_bytes(), dated_france)
    print(source_id, made.rows_read, made.rows_loaded, made.rows_quarantined, made.dropped)
    print(*(i.text("en") for i in made.issues), sep="\n")
    assert made.rows_read == ROWS[source_id]
    assert made.dropped == {}
    codes = made.held["cells"].str.extract('"code_insee_de_la_commune": "([0-9A-Z]+)"')[0]
    # Saint-Barthélemy and Saint-Martin; Neussargues and Essarts-en-Bocage, divided since.
    assert set(codes) <= {"97701", "97801", "15141", "85084"}
    assert made.tables["service"]["service_id"].is_unique
    assert made.tables["service"]["capacity"].notna().all()


@pytest.mark.shared
def test_the_schools_of_haute_loire_are_those_carried_with_the_project(
    dated_france, shared_data, embedded
):
    """Cell for cell; the embedded lycées count pupils of the general path only: read so here."""
    frames = []
    for source_id, file in FILES.items():
        entry = dated_france.catalogue.sources[source_id]
        if source_id == "menj_ips_upper_secondary":
            entry = replace(entry, options={**entry.options, "pupils": "effectifs_voie_gt"})
        content = (shared_data / "service" / file).read_bytes()
        frames.append(schools.stage(entry, file, content, dated_france).tables["service"])
    ours = pd.concat(frames)
    ours = ours[ours["area_id"].str.startswith("43")].set_index("service_id").sort_index()
    theirs = embedded("services/menj_ips.csv").set_index("service_id").sort_index()
    assert len(ours) == 201
    assert ours.index.tolist() == theirs.index.tolist()
    for column in ("name", "category", "area_id", "position", "capacity_unit", "detail", "period"):
        assert ours[column].tolist() == theirs[column].tolist(), column
    capacity = pd.to_numeric(theirs["capacity"].replace("", None)).astype("float64")
    assert ours["capacity"].fillna(-1).tolist() == capacity.fillna(-1).tolist()
    assert ours["longitude"].isna().all()


@pytest.mark.shared
def test_a_lycee_takes_all_its_pupils(dated_france, shared_data):
    """Jean Monnet at Le Puy is vocational: 319 pupils, none of them in the general path."""
    entry = dated_france.catalogue.sources["menj_ips_upper_secondary"]
    content = (shared_data / "service" / FILES[entry.id]).read_bytes()
    table = schools.stage(entry, FILES[entry.id], content, dated_france).tables["service"]
    assert table.set_index("service_id").loc["uai:0430024T", "capacity"] == 319
