"""One cap on columns, told in one way, at every door."""

from __future__ import annotations

import io
import json
import time

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point

from etl.inspection.container import container_options
from etl.layout import Layout
from etl.layout_rows import header_names
from etl.reading import csv_text, geo_frame, json_rows, parquet_frame, sheet_text, width
from etl.reading.width import MOST_COLUMNS, has_too_many_keys
from etl.records.sheets import sheets
from etl.source import Ledger, RejectedFile
from etl.sources.persons import refuse_persons

WIDE = {f"c{number}": 1 for number in range(MOST_COLUMNS + 1)}
MOST = {f"c{number}": 1 for number in range(MOST_COLUMNS)}


def delimited(cells):
    return (",".join(cells) + "\n" + ",".join(map(str, cells.values())) + "\n").encode()


def workbook(cells):
    book = openpyxl.Workbook()
    book.active.title = "data"
    book.active.append(list(cells))
    book.active.append(list(cells.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(cells):
    out = io.BytesIO()
    pd.DataFrame([cells]).to_parquet(out)
    return out.getvalue()


def collection(cells):
    point = {"type": "Point", "coordinates": [3.9, 45.0]}
    feature = {"type": "Feature", "properties": cells, "geometry": point}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def geojson(content, ledger):
    return geo_frame(content, ["c0"], ledger, suffix=".geojson", kind="point")


def named(kind):
    """What `vigie add` looks at: the container, then the names of the columns."""

    def looked_at(content, ledger):
        options = container_options(content, ledger)
        assert options["format"] == kind
        names = header_names(
            content, Layout(format=kind, makes="figure", sheet=options.get("sheet", "")), ledger
        )
        assert len(names) == MOST_COLUMNS

    return looked_at


#: How a file is made and read, and what is told of the place.
DOORS = {
    "csv": (delimited, lambda c, ledger: csv_text(c, ["c0"], ledger), (1, None)),
    "json": (
        lambda cells: json.dumps([{"c0": 1}, cells]).encode(),
        lambda c, ledger: json_rows(c, ["c0"], ledger),
        (3, None),
    ),
    "xlsx": (
        workbook,
        lambda c, ledger: sheet_text(c, ["c0"], ledger, sheet="data"),
        (1, "BXY1"),
    ),
    "parquet": (parquet, lambda c, ledger: parquet_frame(c, ["c0"], ledger), (None, None)),
    "geojson": (collection, geojson, (None, None)),
    "records csv": (delimited, lambda c, ledger: sheets(c, "c0", ledger), (1, None)),
    "records xlsx": (workbook, lambda c, ledger: sheets(c, "c0", ledger), (1, "BXY1")),
    "add csv": (delimited, named("csv"), (1, None)),
    "add xlsx": (workbook, named("xlsx"), (1, "BXY1")),
    "add parquet": (parquet, named("parquet"), (None, None)),
    "add geojson": (collection, named("geojson"), (None, None)),
}


@pytest.mark.parametrize("door", list(DOORS))
def test_one_column_too_many_is_refused_and_one_less_is_read(door):
    made, read, where = DOORS[door]
    ledger = Ledger("own", "own.file", is_record_level=door.startswith("records"))
    with pytest.raises(RejectedFile) as caught:
        read(made(WIDE), ledger)
    issue = caught.value.issue
    assert (issue.code, issue.file) == ("too_many_columns", "own.file")
    assert (issue.line, issue.column) == where
    assert issue.message_fr == "2001 colonnes, plus que les 2000 qu’un tableau peut avoir"
    assert issue.message_en == "2001 columns, more than the 2000 a table may have"
    assert "colonnes utiles" in issue.mend_fr
    assert "columns that serve" in issue.mend_en
    read(made(MOST), ledger)


def test_the_columns_of_a_geopackage_are_counted(monkeypatch):
    """SQLite itself takes no more than 2,000 columns: the cap is lowered here to be met."""
    out = io.BytesIO()
    frame = gpd.GeoDataFrame({f"c{n}": [1] for n in range(4)}, geometry=[Point(3, 45)], crs=4326)
    frame.to_file(out, driver="GPKG", layer="data")
    content, ledger = out.getvalue(), Ledger("own", "own.gpkg")
    assert len(geo_frame(content, ["c0"], ledger, suffix=".gpkg", kind="point")) == 1
    monkeypatch.setattr(width, "MOST_COLUMNS", 3)
    with pytest.raises(RejectedFile, match="4 columns, more than the 3"):
        geo_frame(content, ["c0"], ledger, suffix=".gpkg", kind="point")
    with pytest.raises(RejectedFile, match="4 columns, more than the 3"):
        header_names(content, Layout(format="gpkg", makes="figure", kind="point"), ledger)


def test_a_wide_row_of_records_is_refused_before_it_is_parted_and_never_shown():
    content = b"case_id,kind\nsomebody," + b"x," * 3_000_000 + b"x\n"
    start = time.process_time()
    with pytest.raises(RejectedFile) as caught:
        sheets(content, "case_id", Ledger("own", "own.csv", is_record_level=True))
    assert time.process_time() - start < 1
    assert (caught.value.issue.code, caught.value.issue.line) == ("too_many_columns", 2)
    assert "somebody" not in repr(caught.value.issue)


@pytest.mark.parametrize("made", [delimited, collection])
def test_persons_are_looked_for_in_a_file_of_too_many_columns_in_good_time(made):
    cells = {f"c{number}": 1 for number in range(20_000)}
    start = time.process_time()
    refuse_persons(made(cells), Ledger("own", "own.file"))
    assert time.process_time() - start < 2
    with pytest.raises(RejectedFile) as caught:
        refuse_persons(made(cells | {"c7": "claire@exemple.fr"}), Ledger("own", "own.file"))
    assert caught.value.issue.code == "personal_data"


@pytest.mark.parametrize(
    ("content", "is_wide"),
    [
        (collection(MOST), False),
        (collection(WIDE), True),
        (collection({"c": ", ".join(f'"{name}":' for name in WIDE)}), False),
        (b'"' + b'\\"' * 100_000, False),
        (b'{"a": 1}' * 10_000, False),
    ],
)
def test_keys_are_told_from_texts(content, is_wide):
    assert has_too_many_keys(content) is is_wide
