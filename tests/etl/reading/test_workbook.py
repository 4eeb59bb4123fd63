import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from etl.reading.workbook import sheet_cells, sheet_text, sheets
from etl.source import Ledger, RejectedFile

COLUMNS = ("code", "value")
ROWS = [["code", "value"], ["01001", 7], ["02A04", 8]]
ESTIMATES = (
    Path(__file__).parents[4] / "shared/data/need/insee_estim-pop-dep-sexe-aq-1975-2022.xlsx"
)


def ledger(**more):
    return Ledger("births", "births.xlsx", **more)


def book(rows=ROWS, change=None, title="data") -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(made, sheet)
    stream = io.BytesIO()
    made.save(stream)
    made.close()
    return stream.getvalue()


def repacked(content: bytes, change, **added: bytes) -> bytes:
    """The archive with each part passed through ``change(name, body)``, and parts added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, body in added.items():
            new.writestr(name, body)
    return stream.getvalue()


def in_sheet(content: bytes, old: bytes, new: bytes) -> bytes:
    def change(name, body):
        if name != "xl/worksheets/sheet1.xml":
            return body
        assert old in body
        return body.replace(old, new)

    return repacked(content, change)


def read(content, columns=COLUMNS, book_ledger=None, **options):
    return sheet_text(content, columns, book_ledger or ledger(), sheet="data", **options)


def refused(content, columns=COLUMNS, **options):
    with pytest.raises(RejectedFile) as caught:
        read(content, columns, **options)
    issue = caught.value.issue
    assert issue.file == "births.xlsx"
    assert issue.message_fr
    assert issue.message_en
    return issue


def codes(of: Ledger) -> list[str]:
    return [issue.code for issue in of.issues]


def test_a_table_is_found_under_titles_by_its_names_whatever_their_order():
    found = ledger()
    frame = read(
        book([["Births of 2024"], [], ["value", "Code", "note"], [7, "01001", "x"]]),
        (
            "code",
            "value",
        ),
        found,
    )
    assert frame.to_dict("list") == {"code": ["01001"], "value": ["7"], "line": [4]}
    assert codes(found) == ["header_spelling", "extra_columns"]


def test_a_table_need_not_begin_in_the_first_column():
    frame = read(book([[], ["", "", "code", "value"], ["", "", "01001", 7]]))
    assert frame.to_dict("list") == {"code": ["01001"], "value": ["7"], "line": [3]}


def test_values_become_text_as_they_are():
    values = [
        (7, "7"),
        (7.0, "7"),
        (-0.5, "-0.5"),
        (0.00001, "0.00001"),
        (1e15, "1000000000000000"),
        (True, "true"),
        (dt.date(2024, 1, 31), "2024-01-31"),
        (dt.datetime.fromisoformat("2024-01-31T12:30"), "2024-01-31T12:30:00"),
        (dt.time(3, 4), "03:04:00"),
        (dt.timedelta(hours=30), "30:00:00"),
        ("  é\u00a0x\ny ", "é x y"),
        ("00123", "00123"),
        ("NA", "NA"),
        (None, ""),
    ]
    frame = read(book([["code", "value"], *([f"k{n}", v] for n, (v, _) in enumerate(values))]))
    assert frame["value"].tolist() == [text for _, text in values]


def test_the_epoch_of_1904_is_honoured():
    def in_1904(made, _sheet):
        made.epoch = openpyxl.utils.datetime.MAC_EPOCH

    rows = [["code", "value"], ["a", dt.date(2024, 1, 31)]]
    content = book(rows, in_1904)
    assert b"date1904" in zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml")
    assert read(content)["value"].tolist() == ["2024-01-31"]


@pytest.mark.parametrize("shown_as", ["00000", "00\\ 000", "[$-40C]00000", "00000;@"])
def test_a_number_shown_with_leading_zeros_is_a_code(shown_as):
    def shown(_made, sheet):
        sheet["A2"].number_format = sheet["A3"].number_format = shown_as

    found = ledger()
    frame = read(
        book([["code", "value"], [1001, 7], [43157, 8], [12, 9]], shown), book_ledger=found
    )
    assert frame["code"].tolist() == ["01001", "43157", "12"]
    [issue] = found.issues
    assert (issue.code, issue.column, issue.rows) == ("zero_padded", "code", 1)


def test_percentages_are_told():
    def shown(_made, sheet):
        sheet["B2"].number_format = "0.0%"

    found = ledger()
    assert read(book([["code", "value"], ["a", 0.125]], shown), book_ledger=found)[
        "value"
    ].tolist() == ["0.125"]
    assert codes(found) == ["shown_as_percent"]


def test_a_row_with_an_error_cell_is_held_back():
    found = ledger()
    rows = [["code", "value", "other"], *([f"k{n}", n, "#REF!"] for n in range(200)), ["z", "#N/A"]]
    frame = found.begin(read(book(rows), book_ledger=found))
    assert found.kept(frame)["code"].tolist() == [f"k{n}" for n in range(200)]
    staged = found.staged({})
    assert (staged.rows_read, staged.rows_loaded, staged.rows_quarantined) == (201, 200, 1)
    [held] = staged.held.to_dict("records")
    assert (held["line"], held["code"], held["column"]) == (202, "error_cell", "value")


def test_a_formula_that_was_never_computed_refuses_the_file():
    issue = refused(book([*ROWS, ["03003", "=1+1"]]))
    assert (issue.code, issue.line) == ("uncached_formula", 4)
    assert "B4" in issue.message_en


def test_a_computed_formula_is_its_value():
    content = in_sheet(book([*ROWS, ["03003", "=1+1"]]), b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    assert read(content)["value"].tolist() == ["7", "8", "2"]


def test_merged_labels_are_repeated_only_where_declared():
    rows = [["code", "kind", "value"], ["a", "x", 1], ["", "y", 2], ["b", "", 3]]

    def merge(_made, sheet):
        sheet.merge_cells("A2:A3")

    found = ledger()
    columns = ("code", "kind", "value")
    frame = read(book(rows, merge), columns, found, fill=("code",))
    assert frame["code"].tolist() == ["a", "a", "b"]
    assert frame["kind"].tolist() == ["x", "y", ""]
    assert codes(found) == ["labels_filled"]
    assert read(book(rows, merge), columns)["code"].tolist() == ["a", "", "b"]


def test_footnotes_are_dropped_by_their_rule_and_counted():
    found = ledger()
    content = book([*ROWS, [], ["Source : INSEE"], ["(1) estimates"]])
    frame = found.begin(read(content, book_ledger=found, footnotes=("Source",)))
    staged = found.staged({"births": found.kept(frame)})
    assert (staged.rows_read, staged.rows_loaded, staged.dropped) == (4, 2, {"footnote": 2})


def test_a_repeated_header_is_dropped_and_an_empty_row_is_told():
    found = ledger()
    frame = found.begin(read(book([*ROWS, [], ["code", "value"], ["03003", 9]]), book_ledger=found))
    assert found.kept(frame)["code"].tolist() == ["01001", "02A04", "03003"]
    assert found.staged({}).dropped == {"repeated_header": 1}
    assert codes(found) == ["blank_lines", "repeated_header"]


WIDE = [["code", "name", "value"], ["01001", "A", 7], ["02A04", "B", 8]]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (book([*ROWS, [], ["Source : INSEE"]]), "unknown_trailer", 5),
        (book([*WIDE, ["Source : INSEE"]]), "unknown_trailer", 4),
        (book([["code", "count"], ["a", 1]]), "missing_column", 1),
        (book([["code", "value", "value"], ["a", 1, 2]]), "duplicate_column", 1),
        (book([["code", "value"]]), "no_rows", 1),
        (book([[]]), "missing_column", 1),
        (
            book([["code", "value", "", "code", "value"], ["a", 1, "", "b", 2]]),
            "two_tables",
            1,
        ),
        (book([["code", "value", "", "who", "age"], ["a", 1, "", "b", 2]]), "two_tables", 1),
        (
            book(
                [
                    ["code", "value", "n"],
                    *(["a", n, n] for n in range(9)),
                    [],
                    ["area", "births", "deaths"],
                    *(["b", n, n] for n in range(9)),
                ]
            ),
            "stacked_tables",
            12,
        ),
        (
            book(
                [
                    ["code", "value", "n"],
                    ["code", "births", "deaths"],
                    *(["b", n, n] for n in range(9)),
                ]
            ),
            "header_rows",
            2,
        ),
    ],
)
def test_what_is_not_one_table_is_refused(content, code, line):
    issue = refused(content)
    assert (issue.code, issue.line) == (code, line)
    assert issue.mend_fr
    assert issue.mend_en


def test_a_spacer_column_inside_a_table_is_no_second_table():
    frame = read(book([["code", "", "value"], ["a", "", 1], ["b", "", 2]]))
    assert frame["value"].tolist() == ["1", "2"]


def test_a_table_that_goes_on_after_a_footnote_is_refused():
    issue = refused(book([*ROWS, ["Source : x"], ["03003", 4]]), footnotes=("Source",))
    assert (issue.code, issue.line) == ("rows_after_footnote", 5)


def test_hidden_rows_and_columns_are_read_and_told():
    def hide(_made, sheet):
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True

    found = ledger()
    assert len(read(book(change=hide), book_ledger=found)) == 2
    assert codes(found) == ["hidden_column", "hidden_rows"]


def test_hidden_sheets_are_told_apart_and_warned_of():
    def hide(made, _sheet):
        made.create_sheet("names").sheet_state = "veryHidden"
        made.create_chartsheet("chart")

    content, found = book(change=hide), ledger()
    assert [(s.name, s.is_hidden) for s in sheets(content, found)] == [
        ("data", False),
        ("names", True),
    ]
    read(content, book_ledger=found)
    assert codes(found) == ["hidden_sheets"]


def test_a_missing_sheet_names_those_there_are():
    issue = refused(book(title="Lisez-moi"))
    assert issue.code == "missing_sheet"
    assert "Lisez-moi" in issue.message_fr


def test_cells_are_read_from_the_first_corner_with_their_errors():
    cells = sheet_cells(book([[], ["", "code", "#DIV/0!"], ["", 1.5, True]]), "data", ledger())
    assert cells == [["", "", ""], ["", "code", "#DIV/0!"], ["", 1.5, True]]


def far(_made, sheet):
    sheet["A5000"] = "far"


def test_a_cell_far_below_is_left_aside_and_told():
    found = ledger()
    assert len(read(book(change=far), book_ledger=found)) == 2
    assert [(issue.code, issue.rows) for issue in found.issues] == [("far_rows", 1)]


def test_formatted_empty_rows_far_below_cost_nothing():
    content = in_sheet(
        book(), b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"/></row></sheetData>'
    )
    found = ledger()
    assert len(read(content, book_ledger=found)) == 2
    assert codes(found) == []


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', None),
        (b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "too_many_rows"),
        (b'<row r="4"><c r="XFD4"><v>1</v></c></row>', "too_many_columns"),
        (b'<row r="4"><c r="XFD1048576"><v>1</v></c></row>', "unreadable_workbook"),
        (b'<row r="4"><c r="4"><v>1</v></c></row>', "unreadable_workbook"),
        (b'<row r="4"><c r="A4"><v>1</v></row>', "unreadable_workbook"),
        (
            b"".join(
                b'<row r="%d"><c r="BXX%d"><v>1</v></c></row>' % (n, n)
                for n in range(4, 20_000, 900)
            ),
            "too_many_cells",
        ),
    ],
)
def test_dimensions_that_lie_are_refused_before_they_cost(xml, code):
    content = in_sheet(book(), b"</sheetData>", xml + b"</sheetData>")
    if code is None:
        assert len(read(content)) == 2
    else:
        assert refused(content).code == code


def as_is(_name, body):
    return body


def doctyped(_name, body):
    lolz = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'
    return re.sub(rb"^(<\?xml[^>]*\?>)?", rb"\1" + lolz, body, count=1)


def doctyped_utf16(name, body):
    if name != "xl/worksheets/sheet1.xml":
        return body
    return doctyped(name, body).decode().encode("utf-16")


def with_part(name: str) -> bytes:
    return repacked(book(), as_is, **{name: b"x"})


def encrypted_flag(content: bytes) -> bytes:
    """The archive with the bit that says a part is encrypted, in both of its lists."""
    made = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[content.index(mark) + offset] |= 1
    return bytes(made)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<html><body>503", "html_page"),
        (b"code,value\n1,2\n", "not_a_workbook"),
        (OLE, "not_a_workbook"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password_protected"),
        (encrypted_flag(book()), "password_protected"),
        (book()[:-100], "unreadable_workbook"),
        (book()[:2000] + b"?" + book()[2001:], "unreadable_workbook"),
        (with_part("xl/vbaProject.bin"), "macros"),
        (with_part("xl/workbook.bin"), "not_a_workbook"),
        (with_part("content.xml"), "not_a_workbook"),
        (with_part("../../x"), "unreadable_workbook"),
        (repacked(book(), doctyped), "doctype"),
        (repacked(book(), doctyped_utf16), "doctype"),
    ],
)
def test_what_is_no_plain_workbook_is_refused(content, code):
    assert refused(content).code == code


def test_links_to_other_files_are_left_aside_and_told():
    found = ledger()
    read(with_part("xl/externalLinks/externalLink1.xml"), book_ledger=found)
    assert codes(found) == ["external_links"]


def test_a_zip_bomb_is_refused_by_its_list_of_parts():
    content = repacked(book(), as_is, **{"xl/media/zeros": b"\0" * (64 << 20)})
    assert len(content) < 200_000
    assert refused(content).code == "zip_bomb"


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too():
    content = bytearray(repacked(book(), as_is, **{"xl/media/zeros": b"\0" * (64 << 20)}))
    true_size = (64 << 20).to_bytes(4, "little")
    assert content.count(true_size) == 2
    lied = bytes(content).replace(true_size, (100).to_bytes(4, "little"))
    assert refused(lied).code == "unreadable_workbook"


def test_no_name_of_a_record_level_file_is_told():
    made = ledger(is_record_level=True)
    with pytest.raises(RejectedFile) as caught:
        sheet_text(book(title="Jeanne Martin"), COLUMNS, made, sheet="data")
    assert "Martin" not in str(caught.value) + caught.value.issue.text("fr")


@pytest.mark.shared
@pytest.mark.skipif(not ESTIMATES.exists(), reason="needs the folder of shared files")
def test_the_population_estimates_are_read_though_their_namespace_is_strict():
    content, found = ESTIMATES.read_bytes(), ledger()
    names = [sheet.name for sheet in sheets(content, found)]
    assert (len(names), names[:2]) == (49, ["À savoir", "2022"])
    cells = sheet_cells(content, "2022", found)
    assert cells[5][:3] == ["01", "Ain", 38379.0]
    assert found.issues == []
