"""How a file is written, found in its bytes alone."""

import io

import openpyxl
import pytest

from etl.inspection.container import container_options
from etl.source import Ledger, RejectedFile


def options(content: bytes):
    return container_options(content, Ledger("own", "file"))


def workbook(**sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_the_one_that_gives_regular_columns(separator):
    lines = [("code", "nom", "valeur"), ("43001", "Agnat", "1"), ("43002", "Aiguilhe", "2")]
    found = options("".join(separator.join(line) + "\n" for line in lines).encode())
    assert found == {"format": "csv", "encoding": "utf-8", "separator": separator}


def test_decimal_commas_are_no_separators():
    found = options(b"code;a;b\n43001;1,5;2,5\n43002;1,5;2\n43003;3;2,25\n")
    assert found["separator"] == ";"


def test_the_encoding_is_utf8_when_every_byte_is_else_cp1252():
    text = "code;libellé\n43001;Œuvre à 3 €\n"
    assert options(text.encode())["encoding"] == "utf-8"
    assert options(text.encode("cp1252"))["encoding"] == "cp1252"


def test_bytes_of_no_western_code_page_are_refused():
    with pytest.raises(RejectedFile) as refused:
        options(b"code;nom\n43001;caf\x81\x8e\n")
    assert refused.value.issue.code == "wrong_encoding"


def test_titles_footnotes_and_a_missing_last_end_of_line_are_found():
    text = (
        "Naissances par commune\n\ncode;naissances;taux\n43001;1;2\n43002;3;4\n43003;5;6\n"
        "43004;5;6\nSource : INSEE, état civil"
    )
    found = options(text.encode())
    assert found["header_line"] == 3
    assert found["footnotes"] == ["Source : INSEE, état civ"]
    assert found["last_newline"] is False


def test_a_file_without_header_or_without_columns_is_refused():
    for content, code in (
        (b"43001;1;2\n43002;3;4\n", "no_header"),
        (b"one\ntwo\nthree\n", "no_separator"),
        (b"%PDF-1.4 and the rest", "not_text"),
        (b"<html><body>503</body></html>", "html_page"),
        (b"", "empty"),
    ):
        with pytest.raises(RejectedFile) as refused:
            options(content)
        assert refused.value.issue.code == code


def test_the_sheet_with_the_table_its_header_its_units_and_its_notes():
    rows = [["Indicateur", None], [], ["Code", "Nom", "Valeur"], [None, None, "en euros"]]
    rows += [[f"43{n:03d}", f"lieu {n}", n] for n in range(1, 9)]
    rows += [["Source : DREES 2023", None, None]]
    found = options(workbook(Lisez_moi=[["Ce classeur", "est à lire"]], Données=rows))
    assert found == {
        "format": "xlsx",
        "sheet": "Données",
        "header_line": 3,
        "unit_lines": 1,
        "footnotes": ["Source : DREES 2023"],
    }


def test_of_sheets_of_several_years_the_latest_is_taken():
    rows = [["Code", "Valeur"], ["43001", 1], ["43002", 2], ["43003", 3]]
    assert options(workbook(APL_2022=rows, APL_2023=rows))["sheet"] == "APL 2023"
