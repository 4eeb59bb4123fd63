"""The interface: an OpenAPI validator, schemathesis, QGIS's GDAL, pandas."""

from __future__ import annotations

import pandas as pd
import pytest
import requests

#: Seconds that schemathesis may try; more finds the same.
_SECONDS = 45
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "unsupported_method"),
)


def test_the_document_is_valid(site, tool, tmp_path):
    path = tmp_path / "openapi.json"
    path.write_bytes(requests.get(f"{site}/api/v1/openapi.json", timeout=30).content)
    assert "OK" in tool("openapi-spec-validator", str(path))


def test_no_request_gives_a_fault(site, tool):
    said = tool(
        "schemathesis",
        *("run", f"{site}/api/v1/openapi.json", "--no-color"),
        *("--phases", "examples,coverage,fuzzing", "--max-time", str(_SECONDS)),
        *("--checks", ",".join(CHECKS)),
        timeout=_SECONDS * 8,
    )
    assert "Selected: 14/14" in said


def test_an_address_too_long_is_refused_as_the_document_says(site):
    document = requests.get(f"{site}/api/v1/openapi.json", timeout=30).json()
    for path, operations in document["paths"].items():
        assert "414" in operations["get"]["responses"], path
    many = ",".join(["rsa_share"] * 400)
    short = requests.get(f"{site}/api/v1/indicators?indicator={many}", timeout=30)
    assert short.status_code == 200
    long = requests.get(f"{site}/api/v1/indicators?indicator={many},{many},{many}", timeout=30)
    assert (long.status_code, long.headers["Content-Type"]) == (414, "text/html")


@pytest.mark.parametrize(("level", "count"), [("commune", 257), ("epci", 11), ("departement", 101)])
def test_gdal_opens_the_areas(site, tool, level, count):
    address = f"OAPIF:{site}/api/v1/ogc"
    said = tool("ogrinfo", "-so", "-oo", "PAGE_SIZE=100", address, level)
    assert f"Feature Count: {count}" in said
    every = tool("ogrinfo", "-q", "-al", "-geom=NO", "-oo", "PAGE_SIZE=100", address, level)
    assert every.count("area_id (String)") == count
    box = ["-spat", "3.8", "45.0", "3.95", "45.1"]
    near = tool("ogrinfo", "-so", *box, address, level)
    assert f"Feature Count: {count}" not in near or level == "departement"


def test_gdal_reads_the_geojson_of_the_interface(site, tool):
    query = "indicator=rsa_share&level=epci&period=latest&f=geojson"
    said = tool("ogrinfo", "-so", "-al", f"{site}/api/v1/observations?{query}")
    assert "Feature Count: 11" in said
    for field in ("value: Real", "status: String", "low: Real", "is_invented: Integer(Boolean)"):
        assert field in said


def test_one_line_of_python_reads_the_values(site):
    query = "indicator=rsa_share&level=commune&period=latest"
    frame = pd.read_csv(f"{site}/api/v1/observations?{query}&f=csv", dtype={"area_id": "str"})
    assert len(frame) == 257
    assert frame["area_id"].str.fullmatch("43[0-9]{3}").all()
    body = pd.read_json(f"{site}/api/v1/observations?{query}", typ="series")
    assert len(body["items"]) == 257
