"""Files read from the text of their description alone."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from etl.descriptions import shipped_descriptions
from etl.source import Known, RejectedFile
from etl.sources import census_extract, described, filosofi
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text
from geodata.model import Additivity

AREAS = {
    "commune": frozenset({"43001", "43002", "43003", "01004", "75056"}),
    "departement": frozenset({"43", "01"}),
}
KEY = ["variable", "level", "area_id", "period"]


def known_with(*variables: str, known: Known | None = None) -> Known:
    """France, with variables that the source ``own`` feeds too."""
    known = known or Known(catalogue("france"), areas=AREAS)
    words = known.catalogue
    fed = {
        name: replace(words.variables[name], sources=(*words.variables[name].sources, "own"))
        for name in variables
    }
    return replace(known, catalogue=replace(words, variables=words.variables | fed))


def staged(content: bytes | str, known: Known, **options):
    entry = SourceEntry(id="own", reader="described", name=Text("x", "x"), options=options)
    raw = content.encode() if isinstance(content, str) else content
    return described.stage(entry, "own.file", raw, known)


def indexed(made) -> pd.DataFrame:
    return made.tables["figure"].set_index(KEY)


WIDE = {
    "format": "csv",
    "separator": ";",
    "area_column": "code",
    "level": "commune",
    "period": "2022",
    "columns": {"n": {"variable": "births"}},
}


def test_wide_with_marks_years_and_both_decimal_signs():
    text = "code;n;med21;part\n43001;12;21220,5;1.5\n43002;s;;2\n43003;0;nd;s\n"
    columns = {
        "n": {"variable": "births"},
        "med{yy}": {"variable": "median_income", "decimal": ","},
        "part": {"variable": "poverty_rate"},
    }
    marks = {"s": "suppressed", "nd": "not_applicable"}
    known = known_with("births", "median_income", "poverty_rate")
    made = staged(text, known, **WIDE | {"columns": columns, "marks": marks})
    rows = indexed(made)
    assert rows.loc[("births", "commune", "43001", "2022"), "value"] == 12
    assert rows.loc[("births", "commune", "43002", "2022"), "status"] == "suppressed"
    assert rows.loc[("births", "commune", "43003", "2022"), "value"] == 0
    assert rows.loc[("median_income", "commune", "43001", "2021"), "value"] == 21220.5
    assert rows.loc[("median_income", "commune", "43002", "2021"), "status"] == "missing"
    assert rows.loc[("median_income", "commune", "43003", "2021"), "status"] == "not_applicable"
    assert rows.loc[("poverty_rate", "commune", "43001", "2022"), "value"] == 1.5
    assert (made.rows_read, made.rows_loaded) == (3, 3)
    assert set(rows["source_id"]) == {"own"}


def test_long_with_levels_dimensions_and_a_column_of_statuses():
    text = (
        "GEO;KIND;FREQ;MEASURE;CONF;TIME;VALUE\n"
        "43001;COM;A;MED;;2021;20000\n43002;COM;A;MED;C;2021;\n43003;COM;A;MED;C;2021;19000\n"
        "43;DEP;A;MED;;2021;21000\n43001;COM;A;PR;;2021;12.5\n43001;COM;A;GINI;;2021;0.3\n"
        "43001;COM;Q;MED;;2021;1\n75101;ARM;A;MED;;2021;30000\n"
    )
    made = staged(
        text,
        known_with("median_income", "poverty_rate"),
        format="csv",
        separator=";",
        only={"FREQ": ["A"]},
        area_column="GEO",
        level_column="KIND",
        levels={"COM": "commune", "DEP": "departement", "ARM": ""},
        period_column="TIME",
        value_column="VALUE",
        variable_column="MEASURE",
        variables={"MED": "median_income", "PR": "poverty_rate"},
        status_column="CONF",
        statuses={"C": "suppressed"},
    )
    rows = indexed(made)
    assert made.dropped == {"not_asked": 1, "other_level": 1, "other_variable": 1}
    assert rows.loc[("median_income", "departement", "43", "2021"), "value"] == 21000
    for code in ("43002", "43003"):  # a secret stays one, even where the file lets it out
        assert rows.loc[("median_income", "commune", code, "2021"), "status"] == "suppressed"
        assert pd.isna(rows.loc[("median_income", "commune", code, "2021"), "value"])
    assert len(rows) == 5


def test_levels_mixed_in_one_column_and_lost_zeros():
    text = "code,n\n1004,5\n43001,6\n43,7\n1,8\n"
    options = WIDE | {"separator": ",", "levels": ["commune", "departement"]}
    made = staged(text, known_with("births"), **{k: v for k, v in options.items() if k != "level"})
    assert set(indexed(made).index.droplevel([0, 3])) == {
        ("commune", "01004"),
        ("commune", "43001"),
        ("departement", "43"),
        ("departement", "01"),
    }


def test_parts_are_refused_left_out_or_summed():
    both = "code;n\n75056;30\n75101;10\n75102;20\n43001;1\n"
    alone = "code;n\n75101;10\n75102;20\n43001;1\n"
    known = known_with("births", "poverty_rate")
    with pytest.raises(RejectedFile) as refused:
        staged(both, known, **WIDE)
    assert refused.value.issue.code == "parts_of_areas"
    with pytest.raises(RejectedFile):
        staged(alone, known, **WIDE, parts="left_out")  # Paris would be lost
    left = staged(both, known, **WIDE, parts="left_out")
    assert left.dropped == {"counted_with_its_whole": 2}
    rows = indexed(staged(alone, known, **WIDE, parts="summed"))
    assert rows.loc[("births", "commune", "75056", "2022"), "value"] == 30
    rate = WIDE | {"columns": {"n": "poverty_rate"}, "parts": "summed"}
    rows = indexed(staged(alone, known, **rate))
    assert rows.loc[("poverty_rate", "commune", "75056", "2022"), "status"] == "missing"
    assert rows.loc[("poverty_rate", "commune", "43001", "2022"), "value"] == 1
    hole = indexed(staged(alone.replace("20", ""), known, **WIDE, parts="summed"))
    assert pd.isna(hole.loc[("births", "commune", "75056", "2022"), "value"])


def test_codes_of_an_older_edition_are_carried():
    events = pd.DataFrame(
        [
            ("commune", "2022-01-01", 1, "43900", "43001", "merged"),
            ("commune", "2022-01-01", 1, "43001", "43001", "merged"),
        ],
        columns=["level", "on", "step", "before_id", "after_id", "kind"],
    )
    known = known_with("births", "median_income")
    assert known.catalogue.variables["births"].additivity is Additivity.EXACT
    known = replace(known, tables={"events": {"area_event": events}})
    text = "code;n;m\n43001;10;20000\n43900;5;30000\n43002;3;25000\n"
    columns = {"n": {"variable": "births"}, "m": {"variable": "median_income"}}
    rows = indexed(staged(text, known, **WIDE | {"columns": columns, "edition": "2021"}))
    assert rows.loc[("births", "commune", "43001", "2022"), "value"] == 15
    assert rows.loc[("median_income", "commune", "43001", "2022"), "status"] == "missing"
    assert rows.loc[("median_income", "commune", "43002", "2022"), "value"] == 25000


def test_an_unknown_level_in_the_codes_and_a_missing_column_are_refused():
    with pytest.raises(RejectedFile) as refused:
        staged("code;n\n43;1\n01;2\n", known_with("births"), **WIDE)
    assert refused.value.issue.code == "wrong_level"
    with pytest.raises(RejectedFile) as refused:
        staged("code;m\n43001;1\n", known_with("births"), **WIDE)
    assert refused.value.issue.column == "n"


@pytest.mark.parametrize("format_", ["xlsx", "parquet", "geojson", "gpkg"])
def test_typed_formats_give_the_same_figures(format_):
    table = pd.DataFrame({"code": ["43001", "43002"], "n": [12, 3], "rate": [1.25, None]})
    out = io.BytesIO()
    if format_ == "xlsx":
        book = openpyxl.Workbook()
        book.active.title = "Données"
        for row in (["Titre"], ["code", "n", "rate"], [None, "naissances", "en %"]):
            book.active.append(row)
        for code, count, rate in (("43001", 12, 1.25), ("43002", 3, None)):
            book.active.append([code, count, rate])
        book.save(out)
    elif format_ == "parquet":
        table.to_parquet(out)
    else:
        shapes = [shapely.Point(3.5 + n, 45).buffer(0.1) for n in range(2)]
        features = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
        if format_ == "geojson":
            out.write(features.to_json(drop_id=True).encode())
        else:
            features.to_file(out, driver="GPKG", layer="x", engine="pyogrio")
    options = {
        "format": format_,
        "area_column": "code",
        "level": "commune",
        "period": "2022",
        "columns": {"n": "births", "rate": "poverty_rate"},
    }
    if format_ == "xlsx":
        options |= {"sheet": "Données", "header_line": 2, "unit_lines": 1}
    made = staged(out.getvalue(), known_with("births", "poverty_rate"), **options)
    rows = indexed(made)
    assert rows.loc[("births", "commune", "43001", "2022"), "value"] == 12
    assert rows.loc[("poverty_rate", "commune", "43001", "2022"), "value"] == 1.25
    assert rows.loc[("poverty_rate", "commune", "43002", "2022"), "status"] == "missing"
    assert made.dropped == ({"unit_line": 1} if format_ == "xlsx" else {})


def test_services_by_their_code_and_their_point():
    text = "id,nom,insee,lon,lat,lits,genre\nA,Un,43001,3.5,45.1,12,MAT\nB,Deux,43002,,,s,MAT\n"
    made = staged(
        text + "C,Trois,43001,3.5,45.1,1,AUTRE\n",
        known_with(),
        format="csv",
        makes="service",
        area_column="insee",
        period="2024",
        id_column="id",
        name_column="nom",
        longitude_column="lon",
        latitude_column="lat",
        capacity_column="lits",
        capacity_unit="lits",
        category_column="genre",
        categories={"MAT": "maternity"},
        marks={"s": "suppressed"},
    )
    rows = made.tables["service"].set_index("service_id")
    assert made.dropped == {"other_category": 1}
    assert rows.loc["own:A", ["area_id", "capacity", "position"]].tolist() == [
        "43001",
        12,
        "address",
    ]
    assert pd.isna(rows.loc["own:B", "capacity"])
    assert rows.loc["own:B", "category"] == "maternity"


def test_equipment_of_areas_that_became_one_is_summed():
    text = "insee,type,n\n43001,A1,2\n43001,A2,1\n43002,A1,\n"
    made = staged(
        text,
        known_with(),
        format="csv",
        makes="equipment",
        area_column="insee",
        code_column="type",
        count_column="n",
        category="sport",
        period="2024",
    )
    assert made.dropped == {"no_count": 1}
    assert made.tables["equipment"]["count"].tolist() == [2, 1]


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Both have the same figures, cell for cell."""
    ours, theirs = (x.sort_values(KEY).reset_index(drop=True) for x in (ours, theirs))
    assert ours[KEY].astype("str").equals(theirs[KEY].astype("str"))
    assert ours["value"].fillna(-1).equals(theirs["value"].fillna(-1))
    assert (ours["status"] == theirs["status"]).all()


@pytest.mark.shared
def test_filosofi_described_equals_its_module(dated_france, shared_data):
    file = shared_data / "need" / "FILO2019_DISP_COM.csv"
    columns = {
        "NBMEN{yy}": "tax_households",
        "NBPERS{yy}": "tax_household_persons",
        "Q2{yy}": "median_income",
        "PPSOC{yy}": "social_benefits_income_share",
    }
    known = known_with(*columns.values(), known=dated_france)
    made = staged(
        file.read_bytes(),
        known,
        format="csv",
        separator=";",
        last_newline=False,
        area_column="CODGEO",
        level="commune",
        edition="2020",
        parts="left_out",
        decimal=",",
        marks={"": "suppressed"},
        columns=columns,
    )
    entry = known.catalogue.sources["insee_filosofi_2019"]
    theirs = filosofi.stage(entry, file.name, file.read_bytes(), dated_france)
    print(made.rows_read, made.rows_loaded, made.dropped)
    assert (made.rows_read, made.rows_loaded) == (theirs.rows_read, theirs.rows_loaded)
    same(made.tables["figure"], theirs.tables["figure"])


@pytest.mark.shared
def test_the_census_extract_described_equals_its_module(dated_france, shared_data):
    file = shared_data / "need" / "insee_census2022_communes_43_extract.csv"
    columns = {
        name: {"variable": variable, "period": period}
        for name, (variable, period) in census_extract.COLUMNS.items()
    } | {"TP6021": {"variable": "poverty_rate", "period": "2021", "decimal": ","}}
    known = known_with(*(one["variable"] for one in columns.values()), known=dated_france)
    made = staged(
        file.read_bytes(),
        known,
        format="csv",
        separator=";",
        area_column="CODGEO",
        level="commune",
        marks={"s": "suppressed"},
        columns=columns,
    )
    entry = known.catalogue.sources["insee_census_2022_haute_loire"]
    theirs = census_extract.stage(entry, file.name, file.read_bytes(), dated_france)
    same(made.tables["figure"], theirs.tables["figure"])


def shipped(name: str, content: bytes, tmp_path):
    """What a shipped description makes of a file of its documented layout."""
    path = tmp_path / f"{name}.toml"
    path.write_text(shipped_descriptions("france")[name], "utf-8")
    words = catalogue("france", None, path)
    known = Known(words, areas=AREAS)
    return described.stage(words.sources[name], "x", content, known)


def test_the_workbook_of_drees_as_it_is_documented(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Lisez-moi"
    sheet = book.create_sheet("APL 2023")
    for n in range(8):
        sheet.append([f"Titre {n}"] if n else ["Indicateur d’accessibilité potentielle localisée"])
    sheet.append(["Code commune INSEE", "Commune", "APL aux médecins généralistes ", "Population"])
    sheet.append(
        [None, None, "En nombre de consultations par habitant standardisé", "En habitants"]
    )
    for row in (("43001", "Agnat", 2.5, 171), ("43002", "Aiguilhe", None, 1483)):
        sheet.append(row)
    for row in (("75101", "Paris 1er", 6, 1), ("75102", "Paris 2e", 5, 1), ("Total", None, 4, 1)):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    made = shipped("drees_apl_general_practitioner", out.getvalue(), tmp_path)
    rows = indexed(made).droplevel(["level", "period"]).loc["apl_general_practitioner"]
    assert made.dropped == {"footnote": 1, "unit_line": 1}
    assert rows.loc["43001", "value"] == 2.5
    assert rows.loc["43002", "status"] == "missing"
    assert rows.loc["75056", "status"] == "missing"  # rates of parts do not add up


@pytest.mark.parametrize(
    ("name", "content", "key", "value", "status"),
    [
        (
            "insee_births_table",
            "CODGEO;NAISD20;NAISD21\n43001;1;2\n75056;9;8\n75101;4;4\n",
            ("births", "commune", "43001", "2021"),
            2,
            "observed",
        ),
        (
            "insee_census_structure",
            "CODGEO;P22_POP;P22_POP0014;P16_POP\n43001;171.5;16.71;170\n",
            ("population_0_14", "commune", "43001", "2022"),
            16.71,
            "observed",
        ),
        (
            "insee_filosofi_by_commune",
            '"GEO";"GEO_OBJECT";"FILOSOFI_MEASURE";"UNIT_MEASURE";"CONF_STATUS";"OBS_STATUS";'
            '"TIME_PERIOD";"OBS_VALUE"\n"43001";"COM";"MED_SL";"EUR";"F";"A";"2021";"21220"\n'
            '"43002";"COM";"PR_MD60";"PT";"C";"A";"2021";""\n'
            '"43002";"COM";"GI";"";"F";"A";"2021";"0.3"\n',
            ("poverty_rate", "commune", "43002", "2021"),
            None,
            "suppressed",
        ),
    ],
)
def test_files_of_insee_as_they_are_documented(name, content, key, value, status, tmp_path):
    rows = indexed(shipped(name, content.encode(), tmp_path))
    assert rows.loc[key, "status"] == status
    assert pd.isna(rows.loc[key, "value"]) if value is None else rows.loc[key, "value"] == value
