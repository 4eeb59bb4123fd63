"""Maternities: two small files of the exact layout, their faults, and DREES's real ones."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import maternities

ID_HEADER = "bor;an;fi;rs;rscom;fi_ej;cat;COMINSEE;NOMCOM\n"
HEADER = "BOR;AN;FI;RS;FI_EJ;AUTOR;LACTA;LIT_OBS;SEJACC;CONSGYN\n"
FILES = {"drees_sae_identity": "SAE_2023_ID.csv", "drees_sae_perinatal": "SAE_2023_PERINAT.csv"}


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43157"})})


def identity_row(number="430000117", code="43157"):
    return f"ID;2023;{number};CH D’ÉMILE ROUX;;430000018;355;{code};LE PUY\n"


def row(number="430000117", kind="TYPE2", beds="21", births="861"):
    return f"PERINAT;2023;{number};CH ÉMILE ROUX;430000018;{kind};;{beds};{births};\n"


def placed(known, *rows):
    entry = known.catalogue.sources["drees_sae_identity"]
    content = (ID_HEADER + "".join(rows)).encode("cp1252")
    made = maternities.stage(entry, FILES[entry.id], content, known)
    return made, replace(known, tables={entry.id: made.tables})


def staged(known, *rows):
    entry = known.catalogue.sources["drees_sae_perinatal"]
    content = (HEADER + "".join(rows)).encode("cp1252")
    return maternities.stage(entry, FILES[entry.id], content, known)


def test_a_maternity_has_beds_births_and_the_commune_of_its_establishment(known):
    made, known = placed(known, identity_row(), identity_row("430000190"))
    assert made.tables["establishment_place"]["name"].iloc[0] == "CH D’ÉMILE ROUX"
    made = staged(known, row(), row("430000190", kind="CPPR", beds="", births="0"))
    first, second = made.tables["service"].to_dict("records")
    assert first["service_id"] == "sae_perinatal:430000117"
    assert (first["category"], first["area_id"]) == ("maternity", "43157")
    assert (first["capacity"], first["capacity_unit"]) == (21, "beds")
    assert first["detail"] == "type 2 · 861 accouchements"
    assert (first["position"], first["period"]) == ("commune", "2023")
    assert second["category"] == "perinatal_centre"
    assert pd.isna(second["capacity"])
    assert second["detail"] == "centre périnatal de proximité"


def test_a_row_without_a_unit_is_dropped_by_its_rule(known):
    _made, known = placed(known, identity_row(), identity_row("430000190"))
    made = staged(known, row(), row("430000190", kind="", beds="", births="0"))
    assert (made.rows_loaded, made.dropped) == (1, {"no_authorised_unit": 1})


def test_overseas_communes_are_given_their_official_codes(known):
    known = replace(known, areas={"commune": frozenset({"97101"})})
    _made, known = placed(known, identity_row("970100012", code="9A101"))
    made = staged(known, row("970100012"))
    assert made.tables["service"]["area_id"].tolist() == ["97101"]


def test_a_maternity_without_births_is_loaded_and_told(known):
    _made, known = placed(known, identity_row())
    made = staged(known, row(beds="0", births=""))
    (unit,) = made.tables["service"].to_dict("records")
    assert (unit["capacity"], unit["detail"]) == (0, "type 2")
    assert [i.rows for i in made.issues if i.code == "no_births"] == [1]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        (row("430000190"), "FI"),
        (row("430000191"), "FI"),
        (row(kind="TYPE9"), "AUTOR"),
        (row(beds="-2"), "LIT_OBS"),
        (row(births="many"), "SEJACC"),
    ],
)
def test_a_file_of_one_wrong_row_is_refused_for_it(known, wrong, column):
    _made, known = placed(known, identity_row())
    with pytest.raises(RejectedFile) as caught:
        staged(known, wrong)
    assert (caught.value.issue.line, caught.value.issue.column) == (2, column)
    assert caught.value.issue.mend_fr


def test_units_without_the_file_of_places_are_refused(known):
    with pytest.raises(RejectedFile) as caught:
        staged(known, row())
    assert caught.value.issue.code == "missing_source"


@pytest.mark.shared
def test_every_real_unit_is_accounted_for(dated_france, shared_data):
    known = dated_france
    made = {}
    for source_id, file in FILES.items():
        entry = known.catalogue.sources[source_id]
        content = (shared_data / "service" / file).read_bytes()
        made[source_id] = maternities.stage(entry, file, content, known)
        known = replace(known, tables={**known.tables, source_id: made[source_id].tables})
        print(source_id, made[source_id].rows_read, made[source_id].rows_loaded)
        print(made[source_id].rows_quarantined, made[source_id].dropped)
        print(*(i.text("en") for i in made[source_id].issues), sep="\n")
    assert made["drees_sae_identity"].rows_loaded == 3_975
    units = made["drees_sae_perinatal"]
    assert (units.rows_read, units.rows_loaded) == (634, 563)
    assert units.held["cells"].str.contains('"97127"').tolist() == [True]  # Saint-Martin
    assert units.dropped == {"no_authorised_unit": 70}
    table = units.tables["service"].set_index("service_id")
    assert table["category"].value_counts().to_dict() == {"maternity": 460, "perinatal_centre": 103}
    assert table["area_id"].notna().all()
    le_puy = table.loc["sae_perinatal:430000117"]
    assert (le_puy["capacity"], le_puy["area_id"]) == (21, "43157")
    assert le_puy["detail"] == "type 2 · 861 accouchements"
    assert table.loc["sae_perinatal:710010786", "detail"] == "type 1 · 0 accouchements"  # Autun
    assert pd.isna(table.loc["sae_perinatal:190013219", "capacity"])  # silent: unknown, not zero
    assert [i.rows for i in units.issues if i.code == "no_births"] == [2]
