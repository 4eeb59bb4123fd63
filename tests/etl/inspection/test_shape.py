"""Whole files of every format: what they hold, and what is refused."""

from __future__ import annotations

import io
import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from etl.source import RejectedFile

COMMUNES = [f"43{n:03d}" for n in range(1, 41)]


def frame(**more) -> pd.DataFrame:
    table = {"code": COMMUNES, "nom": [f"lieu {n}" for n in range(40)]}
    return pd.DataFrame(table | {"births_2023": range(40)} | more)


def as_xlsx(table: pd.DataFrame, hidden: list[list[str]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(table.columns))
    for row in table.to_numpy().tolist():
        sheet.append(row)
    if hidden:
        other = book.create_sheet("noms")
        other.sheet_state = "hidden"
        for row in hidden:
            other.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_features(table: pd.DataFrame, driver: str, kind: str = "polygon") -> bytes:
    points = [shapely.Point(3.5 + n / 100, 45.0) for n in range(len(table))]
    shapes = points if kind == "point" else [point.buffer(0.004) for point in points]
    features = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    if driver == "GeoJSON":
        return features.to_json(drop_id=True).encode()
    out = io.BytesIO()
    features.to_file(out, driver="GPKG", layer="counts", engine="pyogrio")
    return out.getvalue()


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet", "geojson", "gpkg"])
def test_the_same_table_in_every_format(format_, places, look):
    table = frame()
    out = io.BytesIO()
    content = {
        "csv": lambda: table.to_csv(index=False, sep=";").encode(),
        "xlsx": lambda: as_xlsx(table),
        "parquet": lambda: table.to_parquet(out) or out.getvalue(),
        "geojson": lambda: as_features(table, "GeoJSON"),
        "gpkg": lambda: as_features(table, "GPKG"),
    }[format_]()
    found = look("anything", content, places)
    assert found.container["format"] == format_
    assert (found.areas.column, found.areas.level) == ("code", "commune")
    assert found.values == ("births_2023",)
    assert found.dated["births_2023"].pattern == "births_{yyyy}"
    assert found.row_count == 40
    assert found.makes == "figure"


def test_points_make_services(places, look):
    found = look("x.geojson", as_features(frame(), "GeoJSON", "point"), places)
    assert found.makes == "service"
    table = frame(longitude=[3.5 + n / 100 for n in range(40)], latitude=[45.0] * 40)
    found = look("x.csv", table.to_csv(index=False).encode(), places)
    assert (found.makes, found.longitude, found.latitude) == ("service", "longitude", "latitude")


def test_a_list_of_numbered_things_makes_services(places, look):
    table = pd.DataFrame({"code": ["43001"] * 20, "id": range(100, 120), "lits": range(20)})
    assert look("x.csv", table.to_csv(index=False).encode(), places).makes == "service"


def test_wide_with_a_period_in_each_row(places, look):
    table = pd.concat([frame().assign(year=year) for year in (2021, 2022)])
    found = look("x.csv", table.to_csv(index=False).encode(), places)
    assert (found.period_column, found.grammar, found.variable_column) == ("year", "year", "")


def test_long_with_a_quantity_and_a_dimension_in_each_row(places, look):
    rows = [
        (code, "A", measure, sex, "2022", n)
        for n, code in enumerate(COMMUNES)
        for measure in ("BIRTHS", "DEATHS", "MARRIAGES")
        for sex in ("F", "_T")
    ]
    columns = ["GEO", "FREQ", "MEASURE", "SEX", "TIME_PERIOD", "OBS_VALUE"]
    content = pd.DataFrame(rows, columns=columns).to_csv(index=False, sep=";").encode()
    found = look("x.csv", content, places)
    assert found.variable_column == "MEASURE"
    assert found.dimensions == {"SEX": "_T"}
    assert found.values == ("OBS_VALUE",)
    assert (found.period_column, found.grammar) == ("TIME_PERIOD", "year")


def test_a_file_without_codes_is_refused_with_what_was_looked_for(places, look):
    with pytest.raises(RejectedFile) as refused:
        look("x.csv", b"ville;n\nAgnat;1\nAlly;2\n", places)
    assert refused.value.issue.code == "no_code_column"
    assert "municipality" in refused.value.issue.mend_en


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("remarque", ["né le 3, NIR 2 55 08 14 168 025 38", *["rien"] * 39]),
        ("contact", ["claire.martin@exemple.fr", *["-"] * 39]),
        ("contact", ["06 12 34 56 78", *["-"] * 39]),
        ("Prénom", ["Claire"] * 40),
        ("Date de naissance", ["2012-05-01"] * 40),
    ],
)
def test_a_file_that_tells_who_somebody_is_is_refused(column, cells, places, look):
    table = frame() if column != "Date de naissance" else frame().rename(columns={"nom": "Nom"})
    table[column] = cells
    with pytest.raises(RejectedFile) as refused:
        look("x.csv", table.to_csv(index=False).encode(), places)
    assert refused.value.issue.code == "personal_data"
    assert cells[0] not in json.dumps(refused.value.issue.text("fr"), ensure_ascii=False)
    assert not refused.value.issue.sample


def test_a_hidden_sheet_of_names_refuses_the_workbook(places, look):
    content = as_xlsx(frame(), hidden=[["Nom", "Prénom"], ["Martin", "Claire"]])
    with pytest.raises(RejectedFile) as refused:
        look("x.xlsx", content, places)
    assert refused.value.issue.code == "personal_data"


def test_the_telephone_of_a_service_is_no_secret(places, look):
    table = frame(
        longitude=[3.5 + n / 100 for n in range(40)],
        latitude=[45.0] * 40,
        tel=["04 71 00 00 00"] * 40,
        date_naissance_service=["2012"] * 40,
    ).drop(columns=["nom"])
    found = look("x.csv", table.to_csv(index=False).encode(), places)
    assert found.makes == "service"
