"""The workbook as another program reads it: typed, framed, equal to the table, and nothing else."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from dashboard.exports.naming import TABLES
from dashboard.exports.table import Kind
from dashboard.exports.workbook import number_format, workbook

SHEETS = {
    "fr": ["Valeurs", "Définitions", "Sources", "Précautions"],
    "en": ["Values", "Definitions", "Sources", "Caveats"],
}


def read(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def parts(content):
    """The text of every file in the archive, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_equals_the_table_cell_by_cell(table_of, file_of, name, language):
    table, book = table_of(name, language), read(file_of(name, "xlsx", language))
    assert book.sheetnames == SHEETS[language]
    sheet = book.worksheets[0]
    kept = [n for n, column in enumerate(table.columns) if not column.is_repeated]
    heads = [table.columns[n].title for n in kept]
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == heads
    said = list(table.rows())
    assert len(rows) == len(said) + 1
    for place, (told, cells) in enumerate(zip(said, rows[1:], strict=True)):
        for n, cell in zip(kept, cells, strict=True):
            column = table.columns[n]
            assert cell.value == told[n]
            if isinstance(told[n], float):
                assert cell.data_type == "n"
                decimals = table.decimals(column, place)
                expected = number_format(decimals, is_signed=column.is_signed)
                assert cell.number_format == expected
            elif told[n] is not None:
                assert cell.data_type in ("s", "inlineStr")


@pytest.mark.parametrize("name", TABLES)
def test_it_is_framed_and_says_no_more_than_it_should(file_of, table_of, name):
    content = file_of(name, "xlsx")
    book = read(content)
    values = book.worksheets[0]
    names = [column.name for column in table_of(name).columns]
    frozen = values.cell(2, names.index("name") + 2).coordinate if "name" in names else "B2"
    assert values.freeze_panes == frozen
    assert values.auto_filter.ref == values.dimensions
    widths = [values.column_dimensions[x].width for x in ("A", "B", "C")]
    assert all(8 < width < 60 for width in widths)
    assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    assert not book.defined_names or set(book.defined_names) <= {"_xlnm._FilterDatabase"}
    told = book.properties
    assert (told.creator, told.lastModifiedBy) == ("Vigie", "Vigie")
    assert told.subject == told.description == table_of(name).context.release_id
    inside = parts(content)
    assert not [x for x in inside if re.search("comment|vba|external|custom|embed", x.lower())]
    assert not any("<f>" in text or "<f " in text for text in inside.values())
    sheets = [text for name, text in inside.items() if name.startswith("xl/worksheets/sheet")]
    assert not any("hidden=" in text for text in sheets)
    assert "state=" not in inside["xl/workbook.xml"]


def test_the_other_sheets_say_where_it_comes_from_and_lead_back(file_of, view_of):
    view = view_of("map")
    book = read(file_of("map", "xlsx"))
    told = {row[0]: row[1] for row in book["Précautions"].iter_rows(values_only=True) if row[0]}
    link = told["Revoir cette page"]
    release = view.release.release_id
    assert link.startswith("http://127.0.0.1:8050/fr/carte?indicator=poverty_rate&level=commune")
    assert link.endswith(f"release={release}")
    again = view_of("map", "fr", link.partition("?")[2])
    assert again.remarks == ()
    assert replace(again.selection, release="") == view.selection
    assert "secret : Secret statistique" in told
    assert told["Période"] == "année 2021"
    (source,) = list(book["Sources"].iter_rows(min_row=2, values_only=True))
    assert source[1] == "INSEE-DGFiP-CNAF-CNAV-CCMSA"
    assert re.fullmatch("[0-9a-f]{64}", source[-1])
    definition = next(book["Définitions"].iter_rows(min_row=2, values_only=True))
    assert definition[0] == "Taux de pauvreté"
    assert "60 %" in definition[2]


def test_a_formula_in_data_stays_a_text_even_when_it_is_edited(table_of):
    table = table_of("map")
    evil = ["=1+1", "@SUM(A1)", "+33", "https://example.org", '=HYPERLINK("http://x")', "12"]
    names = table.frame["name"].tolist()
    frame = table.frame.assign(name=[*evil, *names[len(evil) :]])
    content = workbook(replace(table, frame=frame), "http://127.0.0.1/")
    cells = [read(content).worksheets[0].cell(row, 2) for row in range(2, 2 + len(evil))]
    assert [cell.value for cell in cells] == evil
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert [cell.quotePrefix for cell in cells] == [True, True, True, False, True, False]
    inside = parts(content)
    assert not any("<f>" in text for text in inside.values())
    assert "example.org" not in inside.get("xl/worksheets/_rels/sheet1.xml.rels", "")


def test_the_same_view_gives_the_same_bytes(file_of):
    assert file_of("gaps", "xlsx") == file_of("gaps", "xlsx")


def test_silences_are_words_and_no_number_stands_in_their_place(file_of, table_of):
    table = table_of("map")
    place = [column.name for column in table.columns].index("value")
    sheet = read(file_of("map", "xlsx")).worksheets[0]
    values = [row[place] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values.count("secret") == 235
    assert sum(isinstance(value, int | float) for value in values) == 22
    assert table.columns[place].kind is Kind.NUMBER


def test_a_number_has_its_decimals_and_its_sign():
    assert number_format(0) == "#,##0"
    assert number_format(2) == "#,##0.00"
    assert number_format(1, is_signed=True) == "+#,##0.0;-#,##0.0;#,##0.0"
