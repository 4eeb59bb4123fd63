"""What is withheld leaves in no file: not in a cell, a sheet, a name, a property or an address."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import duckdb
import pyarrow.parquet as pq
import pyogrio
import pytest

from dashboard.exports.naming import TABLES
from geodata.release import current_release

#: What is put where nothing should be told: digits that nothing else has.
SECRET = 7391846.25
DIGITS = "7391846"
AREAS = ("43157", "244301123")
_NUMBERS = ("value", "numerator", "denominator", "low", "high")
_SMOOTHED = ("smoothed", "smoothed_low", "smoothed_high")
QUERIES = {
    "map": ("indicator=rsa_share&level=commune", "indicator=rsa_share&level=epci"),
    "gaps": ("level=commune", "level=epci"),
    "priorities": ("level=epci",),
    "chain": ("level=epci", "level=commune"),
    "compare": (
        "indicator=rsa_share&level=commune&form=scatter&beside=poverty_rate",
        "indicator=rsa_share&level=epci&form=heat",
        "indicator=rsa_share&level=epci&form=funnel",
    ),
    "profile": ("level=epci&area=244301123", "level=commune&area=43157"),
    "level": ("level=commune", "level=epci"),
}
FILES = [
    (name, query, form)
    for name, queries in QUERIES.items()
    for query in queries
    for form in TABLES[name].forms
]


@pytest.fixture(scope="module")
def leaking(release_data, tmp_path_factory):
    """A release whose withheld figures hold a number after all, as a fault upstream would."""
    data = tmp_path_factory.mktemp("leaking") / "data"
    shutil.copytree(release_data, data)
    numbers = ", ".join(f"{name} = {SECRET}" for name in (*_NUMBERS, *_SMOOTHED))
    names = ", ".join(f"'{area}'" for area in AREAS)
    with duckdb.connect(str(current_release(data).database)) as connection:
        connection.execute(
            f"UPDATE observation SET status = 'suppressed', {numbers} WHERE area_id IN ({names})"
        )
        connection.execute(f"UPDATE observation SET {numbers} WHERE status = 'suppressed'")
        columns = "demand, need, effective, served, within_reach, out_of_reach, unmet, gap"
        columns += ", coverage, unmet_rate, gap_rate, gap_low, gap_high, p_gap, nearest_minutes"
        told = ", ".join(f"{name.strip()} = {SECRET}" for name in columns.split(","))
        connection.execute(
            f"UPDATE coverage SET status = 'suppressed', {told} WHERE area_id IN ({names})"
        )
    return data


def texts(content, form, folder):
    """All that a file holds, as text: archives opened, tables read, metadata too."""
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(name).decode("utf-8") for name in archive.namelist())
    if form == "gpkg":
        path = folder / "read.gpkg"
        path.write_bytes(content)
        layers = [layer for layer, _kind in pyogrio.list_layers(path)]
        read = [pyogrio.read_dataframe(path, layer=layer) for layer in layers]
        return "".join(frame.to_csv() for frame in read)
    if form == "parquet":
        table = pq.read_table(io.BytesIO(content))
        return table.drop_columns("geometry").to_pandas().to_csv() + str(table.schema.metadata)
    if form == "geojson":
        return json.dumps([x["properties"] for x in json.loads(content)["features"]])
    return content.decode("utf-8")


@pytest.mark.parametrize(("name", "query", "form"), FILES)
def test_no_withheld_number_is_in_any_file(file_of, leaking, tmp_path, name, query, form):
    told = texts(file_of(name, form, "en", query, data=leaking), form, tmp_path)
    assert DIGITS not in told.replace(",", "").replace(" ", "")


def test_the_number_is_found_where_it_is_not_withheld(release_data, file_of, tmp_path):
    """The search finds what it looks for, were it told."""
    data = tmp_path / "telling"
    shutil.copytree(release_data, data)
    with duckdb.connect(str(current_release(data).database)) as connection:
        connection.execute(
            f"UPDATE observation SET value = {SECRET}"
            " WHERE indicator = 'birth_rate' AND area_id = '43157'"
        )
    query = "indicator=birth_rate&level=commune"
    for form in TABLES["map"].forms:
        told = texts(file_of("map", form, "en", query, data=data), form, tmp_path)
        assert DIGITS in told.replace(",", "")


def test_a_withheld_area_has_its_word_its_status_and_no_rank(table_of, leaking):
    table = table_of("map", "en", "indicator=rsa_share&level=commune", data=leaking)
    names = [column.name for column in table.columns]
    row = next(row for row in table.rows() if row[names.index("area_id")] == "43157")
    told = dict(zip(names, row, strict=True))
    assert (told["value"], told["status"], told["rank"]) == ("suppressed", "Suppressed", None)
    assert all(told[name] is None for name in (*_NUMBERS[1:], *_SMOOTHED))
