import pytest

from etl.reading import csv_text, parquet_frame
from etl.source import Ledger, RejectedFile

COLUMNS = ("code", "value")


def read(content: bytes, columns=COLUMNS):
    return csv_text(content, columns, Ledger("births", "births.csv"))


def refused(content: bytes, columns=COLUMNS):
    with pytest.raises(RejectedFile) as caught:
        read(content, columns)
    issue = caught.value.issue
    assert issue.file == "births.csv"
    assert issue.message_fr
    assert issue.message_en
    return issue


def test_text_stays_text_and_lines_are_those_of_the_file():
    frame = read(b"code,value\n01001,7\n\n02A04,NA\n")
    assert frame["code"].tolist() == ["01001", "02A04"]
    assert frame["value"].tolist() == ["7", "NA"]
    assert frame["line"].tolist() == [2, 4]


def test_columns_are_found_by_name_whatever_their_order():
    assert read(b"value,code\n7,01001\n")["code"].tolist() == ["01001"]


def test_a_quoted_cell_may_hold_a_comma_and_a_new_line():
    frame = read(b'code,value\n1,"a, b\nc"\n2,d\n')
    assert frame["value"].tolist() == ["a, b\nc", "d"]
    assert frame["line"].tolist() == [2, 4]


def test_marks_spaces_and_accents_are_mended():
    ledger = Ledger("births", "births.csv")
    content = "\ufeffcode,value\r\n 01001\u00a0,e\u0301\u200b\r\n".encode()
    frame = csv_text(content, COLUMNS, ledger)
    assert frame.loc[0, ["code", "value"]].tolist() == ["01001", "é"]
    assert [issue.code for issue in ledger.issues] == ["byte_order_mark"]


def test_an_extra_column_is_said_and_left_aside():
    ledger = Ledger("births", "births.csv")
    frame = csv_text(b"code,value,note\n1,2,3\n", COLUMNS, ledger)
    assert "note" not in frame
    assert "note" in ledger.issues[0].message_en


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (b"", "empty", None, None),
        (b"  \n \n", "empty", None, None),
        (b"<!DOCTYPE html>\n<html><body>502 Bad Gateway", "html_page", 1, None),
        (b"\n <html lang='fr'>code,value", "html_page", 1, None),
        (b"PK\x03\x04rest", "not_text", None, None),
        (b"code,value\n1,2\n3", "truncated", 3, "code"),
        (b"code,value\n1,2\n3,4,5\n6,7\n", "ragged_row", 3, "value"),
        (b"code,value\n1\n3,4\n", "ragged_row", 2, "code"),
        (b"code,count\n1,2\n", "missing_column", 1, "value"),
        (b"code;value\n1;2\n", "missing_column", 1, "code"),
        (b"code,value,code\n1,2,3\n", "duplicate_column", 1, "code"),
        (b"code,value\n", "no_rows", 1, None),
        (b"code,value\n1,caf\xe9\n", "not_utf8", 2, None),
        (b"code,value\n1,2\n3,\x004\n", "nul_bytes", 3, None),
        ("code,value\n1,MontrÃ©al\n".encode(), "mojibake", 2, None),
        (b'code,value\n1,"open\n2,3\n', "unreadable_csv", 3, None),
    ],
)
def test_what_is_no_table_is_refused_with_line_column_and_mend(content, code, line, column):
    issue = refused(content)
    assert (issue.code, issue.line, issue.column) == (code, line, column)
    assert issue.mend_fr
    assert issue.mend_en


def test_parquet_cut_short_or_not_parquet_is_refused():
    for content, code in ((b"PAR1 and no end", "truncated"), (b"code,value\n1,2\n", "not_parquet")):
        with pytest.raises(RejectedFile) as caught:
            parquet_frame(content, COLUMNS, Ledger("territory", "areas.parquet"))
        assert caught.value.issue.code == code
