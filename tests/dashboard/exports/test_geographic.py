"""The files with contours as other programs read them: GDAL, geopandas, Arrow."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from dashboard import data
from dashboard.exports.naming import GEOGRAPHIC, TABLES
from dashboard.exports.table import Kind

NAMES = [name for name, table in TABLES.items() if "gpkg" in table.forms]


def read(content, form, layer=None):
    if form == "parquet":
        return gpd.read_parquet(io.BytesIO(content))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"read.{form}"
        path.write_bytes(content)
        return pyogrio.read_dataframe(path, layer=layer)


@pytest.mark.parametrize("form", GEOGRAPHIC)
@pytest.mark.parametrize("name", NAMES)
def test_it_equals_the_table_cell_by_cell(table_of, file_of, name, form):
    table = table_of(name)
    frame = read(file_of(name, form), form, None if form == "geojson" else name)
    names = [column.name for column in table.columns]
    assert [x for x in frame.columns if x not in ("geometry", "id")] == names
    assert frame.crs.to_epsg() == 4326 or frame.crs.to_string() == "OGC:CRS84"
    rows = list(table.rows(is_said=False))
    assert len(frame) == len(rows)
    for place, column in enumerate(table.columns):
        told = [row[place] for row in rows]
        found = frame[column.name].tolist()
        for said, written in zip(told, found, strict=True):
            if said is None:
                assert pd.isna(written)
            elif column.kind is Kind.NUMBER:
                assert float(written) == said
            else:
                assert str(written) == said


@pytest.mark.parametrize("form", GEOGRAPHIC)
def test_the_contours_are_those_of_the_release_and_no_edge_is_among_them(view_of, file_of, form):
    view = view_of("map")
    frame = read(file_of("map", form), form, None if form == "geojson" else "map")
    known = data.contours(view.principal, view.release, "commune").set_index("area_id")["geometry"]
    assert set(frame["area_id"]) == set(known.index)
    assert all(code.startswith("43") for code in frame["area_id"])
    for code, shape in zip(frame["area_id"], frame.geometry, strict=True):
        drawn = shapely.from_wkb(known[code])
        assert shape.symmetric_difference(drawn).area < 1e-9
    west, south, east, north = frame.total_bounds
    assert 3 < west < east < 5
    assert 44 < south < north < 46


def test_rings_turn_as_the_rfc_asks_and_longitude_is_first(file_of):
    told = json.loads(file_of("map", "geojson"))
    assert told["type"] == "FeatureCollection"
    assert "crs" not in told
    for feature in told["features"]:
        assert feature["id"] == feature["properties"]["area_id"]
        shape = shapely.geometry.shape(feature["geometry"])
        for part in shapely.get_parts(shape):
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
            longitude, latitude = part.exterior.coords[0]
            assert 3 < longitude < 5
            assert 44 < latitude < 46


@pytest.mark.parametrize("form", GEOGRAPHIC)
def test_a_silence_is_null_and_its_status_says_which(file_of, form):
    frame = read(file_of("map", form), form, None if form == "geojson" else "map")
    assert frame["status"].value_counts().to_dict() == {"suppressed": 235, "observed": 22}
    assert frame["value"].isna().equals(frame["status"] == "suppressed")
    frame = read(file_of("gaps", form), form, None if form == "geojson" else "gaps")
    nobody = frame[frame["status"] == "not_applicable"]
    assert len(nobody) == 20
    assert (nobody["demand"] == 0).all()
    assert nobody["coverage"].isna().all()


def test_what_is_said_around_the_table_goes_with_it(file_of, view_of):
    release = view_of("map").release.release_id
    member = json.loads(file_of("map", "geojson"))["vigie"]
    metadata = pq.read_schema(io.BytesIO(file_of("map", "parquet"))).metadata
    assert json.loads(metadata[b"vigie"]) == member
    assert json.loads(metadata[b"geo"])["version"] == "1.1.0"
    assert member["about"]["release_id"] == release
    assert member["about"]["link"].endswith(f"release={release}")
    assert member["sources"][0]["licence"] == "Licence Ouverte 2.0"
    package = file_of("map", "gpkg")
    columns = read(package, "gpkg", "columns").set_index("name")
    assert columns.at["value", "title"] == "Valeur"
    assert columns.at["value", "unit"] == "% des personnes"
    assert json.loads(columns.at["status", "codes"])["suppressed"] == "Secret statistique"
    about = read(package, "gpkg", "about")
    assert release in set(about["said"])
