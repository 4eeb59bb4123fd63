"""Every cell is seen, whatever holds it; what cannot be read is passed over without a word."""

import gzip
import io
import json
import lzma
import zipfile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import pytest

from etl.reading.glance import glances

TABLE = pd.DataFrame({"code": ["43001", "43002"], "remark": ["first", "second"]})
CSV = TABLE.to_csv(index=False).encode()


def seen(content):
    """Every cell of every table, whatever its column, and the rows that may be headings."""
    cells, headings = set(), []
    for glance in glances(content):
        headings += [list(row) for row in glance.headings]
        cells |= {cell for column in glance.columns.values() for cell in column}
        cells |= set(glance.notes)
    return cells, headings


def workbook(rows, hidden=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if hidden:
        sheet = book.create_sheet("hidden")
        sheet.sheet_state = "veryHidden"
        for row in hidden:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def parquet(table):
    out = io.BytesIO()
    pa.parquet.write_table(pa.table(table), out)
    return out.getvalue()


FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": code, "remark": remark},
            "geometry": {"type": "Point", "coordinates": [3.5, 45]},
        }
        for code, remark in TABLE.itertuples(index=False)
    ],
}


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        CSV.replace(b",", b";"),
        b"\xef\xbb\xbf" + CSV.replace(b",", b"\t"),
        CSV.decode().encode("utf-16"),
        gzip.compress(CSV, mtime=0),
        lzma.compress(CSV),
        zipped(a=CSV, b=b"other\n1\n"),
        workbook([list(TABLE.columns), *TABLE.to_numpy().tolist()]),
        parquet(TABLE.to_dict("list")),
        json.dumps(TABLE.to_dict("records")).encode(),
        json.dumps({"deep": {"list": TABLE.to_dict("list")}}).encode(),
        json.dumps(FEATURES).encode(),
    ],
)
def test_every_cell_and_heading_is_seen(content):
    cells, headings = seen(content)
    assert {"43001", "43002", "first", "second"} <= cells
    assert any({"code", "remark"} <= set(row) for row in headings)


def test_the_layers_of_a_geopackage_are_seen(tmp_path):
    for layer in ("one", "two"):
        pyogrio.write_dataframe(TABLE, tmp_path / "x.gpkg", layer=layer, append=layer == "two")
    assert [bool(glance.headings) for glance in glances((tmp_path / "x.gpkg").read_bytes())] == [
        True,
        True,
    ]
    cells, headings = seen((tmp_path / "x.gpkg").read_bytes())
    assert {"43001", "second"} <= cells
    assert ["code", "remark"] in headings


def test_hidden_sheets_and_long_numbers_are_seen_and_short_ones_only_counted():
    content = workbook([["a", "b"], [12, 185057800608436]], hidden=[["Nom"], ["Martin"]])
    cells, headings = seen(content)
    assert {"0", "185057800608436", "Martin"} <= cells
    assert "12" not in cells
    assert ["Nom"] in headings


def test_a_sheet_with_a_cell_far_away_is_read_all_the_same():
    book = openpyxl.Workbook()
    book.active.append(["code", "remark"])
    book.active.append(["43001", "first"])
    book.active["ZZ1048576"] = "far"
    out = io.BytesIO()
    book.save(out)
    cells, _ = seen(out.getvalue())
    assert "first" in cells


def test_a_cell_alone_in_its_row_is_a_note():
    (glance,) = glances(b"code,n\n43001,3\nSource : x@y.fr,\n")
    assert list(glance.notes) == ["Source : x@y.fr"]
    assert sorted(glance.columns[0]) == ["43001", "code"]


def test_typed_columns_give_texts_days_and_long_numbers():
    content = parquet(
        {
            "day": pd.to_datetime(["2012-05-01", None]),
            "number": [185057800608436, 3],
            "many": [["a@b.fr"], []],
            "inside": [{"tel": "04 71 00 00 00"}, None],
            "kind": pd.Categorical(["x", "y"]),
            "share": [0.5, 0.25],
        }
    )
    cells, _ = seen(content)
    assert cells == {
        "2012-05-01",
        "185057800608436",
        "a@b.fr",
        "04 71 00 00 00",
        "x",
        "y",
    }


def test_ragged_rows_and_other_code_pages_hide_nothing():
    cells, _ = seen("a,b\n1,é,extra\n2\n".encode("cp1252"))
    assert {"extra", "é"} <= cells


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1broken",
        b"PK\x03\x04broken",
        b"{",
        b"[" * 100_000,
        b"\x1f\x8bbroken",
        b"SQLite format 3\0",
    ],
)
def test_what_cannot_be_read_is_left_to_the_readers(content):
    assert seen(content)[0] == set()


def test_a_long_table_is_seen_some_rows_at_a_time():
    rows = "".join(f"{n},x{n}\n" for n in range(45_000))
    found = list(glances(b"code,remark\n" + rows.encode()))
    assert [bool(glance.headings) for glance in found] == [True, False, False]
    assert "x44999" in found[-1].columns[1]
