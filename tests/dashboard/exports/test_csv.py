"""CSV: no formula, no accent lost, and a country's lines without its room."""

from __future__ import annotations

import csv
import io
import tracemalloc

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.exports.csv import csv_text, file_number, file_text
from dashboard.exports.naming import TABLES
from dashboard.exports.table import Column, Context, Kind, Sheet, Table
from dashboard.wording import Words

NOTHING = Sheet((), (), ())
CONTEXT = Context("t", (), NOTHING, NOTHING, (), (), "/fr/carte?", "1", "2026-01-02T03:04:05")
COLUMNS = (Column("name", "Nom"), Column("n", "N", Kind.NUMBER, decimals=1))


def named(names, language="fr"):
    frame = pd.DataFrame({"name": names, "n": [1234.56] * len(names)})
    return Table("t", COLUMNS, frame, {}, CONTEXT, Words(language))


@pytest.mark.parametrize("text", ["=1+1", "+33", "-x", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_a_text_never_becomes_a_formula(text):
    assert file_text(text) == f"'{text}"
    written = "".join(csv_text(named([text])))
    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert rows[1][0] == f"'{text}"


def test_numbers_stay_numbers():
    assert file_text("Agnat") == "Agnat"
    assert file_number(-1065.04, 1, "fr") == "-1065,0"
    assert file_number(-0.04, 1, "en") == "0.0"
    assert file_number(12345.0, 0, "fr") == "12345"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_any_name_is_read_back(names):
    rows = list(
        csv.reader(io.StringIO("".join(csv_text(named(names, "en"))), newline=""), strict=True)
    )
    assert rows[0] == ["Nom", "N"]
    read = [row[0] for row in rows[1:]]
    assert read == [file_text(name) for name in names]
    assert {row[1] for row in rows[1:]} == {"1234.6"}


@pytest.mark.parametrize(
    ("language", "has_mark", "expected"),
    [("fr", None, True), ("en", None, False), ("fr", False, False), ("en", True, True)],
)
def test_a_byte_order_mark_stands_where_it_is_asked_for(language, has_mark, expected):
    text = "".join(csv_text(named(["Évêché"], language), has_mark=has_mark))
    assert text.startswith("\ufeff") is expected
    assert "Évêché" in text


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_table_is_read_back_cell_by_cell(table_of, file_of, csv_rows, name, language):
    table, read = (
        table_of(name, language),
        csv_rows(file_of(name, "csv", language), language),
    )
    assert read[0] == [column.title for column in table.columns]
    rows = list(table.rows())
    assert len(read) == len(rows) + 1
    for said, written in zip(rows, read[1:], strict=True):
        for cell, text in zip(said, written, strict=True):
            if isinstance(cell, float):
                assert float(text.replace(",", ".")) == cell
            else:
                assert text == (cell or "")


@pytest.mark.parametrize("name", TABLES)
def test_headings_have_the_spaces_of_a_keyboard(file_of, csv_rows, name):
    heads = csv_rows(file_of(name, "csv"), "fr")[0]
    book = openpyxl.load_workbook(io.BytesIO(file_of(name, "xlsx")), read_only=True)
    heads += [str(cell) for cell in next(book.worksheets[0].iter_rows(values_only=True))]
    book.close()
    assert not [head for head in heads if "\u00a0" in head or "\u202f" in head]


def test_ten_times_the_lines_need_no_more_room():
    def peak(count):
        table = named([f"commune {n}" for n in range(count)])
        tracemalloc.start()
        written = sum(len(text) for text in csv_text(table))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, most

    peak(1000)
    few, small = peak(3000)
    many, large = peak(30_000)
    assert many > 9 * few
    assert large < 1.5 * small
