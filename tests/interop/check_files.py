"""Files of the selection: opened by QGIS's GDAL and by LibreOffice, equal to the CSV.

Each check asks `vigie export`; without that command it is skipped.
"""

from __future__ import annotations

import csv
import io

import pytest

QUERY = "indicator=rsa_share&level=epci&period=2023"
EXPORT = ("export", "--page", "map", "--query", QUERY, "--language", "en")


@pytest.mark.parametrize(("form", "suffix"), [("gpkg", ".gpkg"), ("geojson", ".geojson")])
def test_gdal_opens_a_file_of_areas(written, tool, form, suffix):
    path = written(f"map{suffix}", *EXPORT, "--form", form)
    said = tool("ogrinfo", "-so", "-al", str(path))
    assert "Feature Count: 11" in said
    assert "Polygon" in said


def test_a_geoparquet_is_read_by_gdal(written):
    pyogrio = pytest.importorskip("pyogrio")
    path = written("map.parquet", *EXPORT, "--form", "parquet")
    if "Parquet" not in pyogrio.list_drivers():
        geopandas = pytest.importorskip("geopandas")
        assert len(geopandas.read_parquet(path)) == 11
        return
    assert pyogrio.read_info(path)["features"] == 11


def test_libreoffice_opens_the_workbook_and_says_the_csv(written, tool, tmp_path):
    book = written("map.xlsx", *EXPORT, "--form", "xlsx")
    told = written("map.csv", *EXPORT, "--form", "csv")
    tool(
        *("soffice", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"),
        *("--outdir", str(tmp_path), str(book)),
        timeout=300,
    )
    opened = next(tmp_path.glob("*.csv")).read_text("utf-8-sig")
    rows = csv.reader(io.StringIO(told.read_text("utf-8-sig")))
    areas = {cell for row in rows for cell in row if cell.isdigit() and len(cell) == 9}
    assert len(areas) == 11
    assert all(area in opened for area in areas)
    assert not any(error in opened for error in ("#REF!", "#NAME?", "Err:5"))
