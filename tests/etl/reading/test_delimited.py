import csv
import io
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.reading import Dialect, csv_names, csv_text
from etl.reading.width import MOST_COLUMNS
from etl.source import Ledger, RejectedFile
from geodata.model import Severity

COLUMNS = ("code", "value")
SEMICOLON = Dialect(separator=";")
WINDOWS = Dialect(encoding="cp1252")


def read(content: bytes, columns=COLUMNS, dialect=SEMICOLON):
    """The rows kept, their ledger, once every record read is accounted for."""
    ledger = Ledger("births", "births.csv")
    frame = ledger.begin(csv_text(content, columns, ledger, dialect))
    kept = ledger.kept(frame)
    assert len(frame) == len(kept) + len(ledger.quarantined) + len(ledger.dropped)
    return kept, ledger


def refused(content: bytes, columns=COLUMNS, dialect=SEMICOLON):
    with pytest.raises(RejectedFile) as caught:
        read(content, columns, dialect)
    issue = caught.value.issue
    assert issue.file == "births.csv"
    assert issue.message_fr
    assert issue.message_en
    assert issue.mend_fr
    assert issue.mend_en
    return issue


def codes(ledger, severity=Severity.NOTE):
    return [issue.code for issue in ledger.issues if issue.severity is severity]


def test_text_stays_text_and_lines_are_those_of_the_file():
    frame, ledger = read(b"code;value\n01001;7\n\n02A04;NA\n")
    assert frame["code"].tolist() == ["01001", "02A04"]
    assert frame["value"].tolist() == ["7", "NA"]
    assert frame["line"].tolist() == [2, 4]
    assert codes(ledger) == ["blank_lines"]


def test_columns_are_found_by_name_whatever_their_order():
    frame, ledger = read(b"value;code\n7;01001\n")
    assert frame["code"].tolist() == ["01001"]
    assert not ledger.issues


def test_a_quoted_cell_may_hold_a_separator_and_a_new_line():
    frame, _ = read(b'code;value\n1;"a; b\nc ""d"""\n2;e\n')
    assert frame["value"].tolist() == ['a; b\nc "d"', "e"]
    assert frame["line"].tolist() == [2, 4]


#: Case of the list of bad inputs, bytes, dialect, code of the refusal, line, column.
REFUSED = [
    ("A01", b"", SEMICOLON, "empty", None, None),
    ("A02", b"code;value\n", SEMICOLON, "no_rows", 1, None),
    ("A03-spaces", b"  \n \n", SEMICOLON, "empty", None, None),
    ("A03-no-break", "\u00a0\n\u00a0\n".encode(), SEMICOLON, "empty", None, None),
    ("A04", b"<!DOCTYPE html>\n<html><body>502 Bad Gateway", SEMICOLON, "html_page", 1, None),
    ("A04-late", b"\n <html lang='fr'>code;value", SEMICOLON, "html_page", 1, None),
    ("A04-bom", b"\xef\xbb\xbf<!-- x --><html >", SEMICOLON, "html_page", 1, None),
    ("A04-utf16", "\ufeff<html><p>503".encode("utf-16-le"), SEMICOLON, "html_page", 1, None),
    ("A06", b"\x1f\x8b\x08\x00rest", SEMICOLON, "not_text", None, None),
    ("A07", b"PK\x03\x04rest", SEMICOLON, "not_text", None, None),
    ("A08-pdf", b"%PDF-1.7", SEMICOLON, "not_text", None, None),
    ("A08-url", b"[InternetShortcut]\nURL=x\n", SEMICOLON, "not_text", None, None),
    ("A08-eml", b"Return-Path: <a@b>\nTo: c\n", SEMICOLON, "not_text", None, None),
    ("A09", b"code;value\n1;2\n3", SEMICOLON, "truncated", 3, "code"),
    ("A09-whole", b"code;value\n1;2\n3;4", SEMICOLON, "truncated", 3, "value"),
    ("A09-quoted", b'code;value\n1;2\n3;"ab', SEMICOLON, "truncated", 3, None),
    ("B03-latin", b"code;value\n1;\x8cuvre\n", Dialect(";", "latin-1"), "wrong_encoding", 2, None),
    ("B03-hole", b"code;value\n1;\x81\n", Dialect(";", "cp1252"), "wrong_encoding", 2, None),
    ("B04", "code;value\n1;Ã‰vÃªchÃ©\n".encode(), SEMICOLON, "mojibake", 2, None),
    ("B05", "code;value\n1;l’Ã©tÃ©\n2;3\n".encode(), SEMICOLON, "mojibake", 2, None),
    ("B05-quote", "code;value\n1;lâ€™an\n".encode(), SEMICOLON, "mojibake", 2, None),
    ("B06-no-mark", b"c\0;\0", Dialect(";", "utf-16"), "wrong_encoding", 1, None),
    ("B08", "code;value\n1;é\n".encode() + b"2;caf\xe9\n", SEMICOLON, "not_utf8", 3, None),
    (
        "B08-windows",
        "code;value\n1;é\n".encode(),
        Dialect(";", "cp1252"),
        "wrong_encoding",
        None,
        None,
    ),
    ("B09", "code;value\n1;Cléden\n".encode("mac_roman"), SEMICOLON, "not_utf8", 2, None),
    (
        "B09-windows",
        "code;value\n1;Cléden\n".encode("mac_roman"),
        Dialect(";", "cp1252"),
        "wrong_encoding",
        2,
        None,
    ),
    ("B10", b"code;value\n1;2\n3;\x004\n", SEMICOLON, "nul_bytes", 3, None),
    ("C01", b"code,value\n1,2\n", SEMICOLON, "missing_column", 1, "code"),
    ("C02", b"code\tvalue\n1\t2\n", SEMICOLON, "missing_column", 1, "code"),
    (
        "C03",
        "code;value\n1;Saint-Denis; La Réunion\n2;3\n".encode(),
        SEMICOLON,
        "ragged_row",
        2,
        "value",
    ),
    ("C04", b"code;value\n1;2;3\n4;5;6\n", SEMICOLON, "ragged_row", 2, "value"),
    ("C05", b"code;value\n1\n3;4\n", SEMICOLON, "ragged_row", 2, "code"),
    ("C08", b'code;value\n1;"a \\"b\\" c"\n', SEMICOLON, "unreadable_csv", 2, None),
    ("C08-end", b'code;value\n1;"a \\""\n', SEMICOLON, "escaped_quotes", 2, None),
    ("C10-other", b"sep=,\ncode;value\n1;2\n", SEMICOLON, "wrong_separator", 1, None),
    (
        "C12",
        b"code;value\n1;2\n3;4\nSource : office, note (1)\n",
        SEMICOLON,
        "unknown_trailer",
        4,
        None,
    ),
    (
        "C12-padded",
        b"code;value;n\n1;2;3\n3;4;5\nSource : office;;\n",
        SEMICOLON,
        "unknown_trailer",
        4,
        None,
    ),
    (
        "C15",
        b"code;value\n1;2\n3;4\n\nname;total\n5;6\n7;8\n",
        SEMICOLON,
        "stacked_tables",
        5,
        None,
    ),
    ("C15-wider", b"code;value\n1;2\n3;4\n\na;b;c\n5;6;7\n", SEMICOLON, "stacked_tables", 5, None),
    ("C15-alike", b"code;value\n1;2\ncode;total\n3;4\n", SEMICOLON, "stacked_tables", 3, None),
    ("C18", b"code;value\n#1;2\n3;4\n", SEMICOLON, "comment_line", 2, None),
    ("D01", b"code_2025;value\n1;2\n", SEMICOLON, "missing_column", 1, "code"),
    ("D04", b"code\n1\n", SEMICOLON, "missing_column", 1, "value"),
    ("D07", b"code;value;n\narea;men;women\n1;2;3\n4;5;6\n", SEMICOLON, "header_rows", 2, None),
    ("D11", b"Gebiet;Wert\nx;2\n", SEMICOLON, "missing_column", 1, "code"),
    ("D12", b"01001;7\n01002;8\n", SEMICOLON, "no_header", 1, "code"),
    ("D13", b"code;2019;2020\n1;2;3\n", SEMICOLON, "missing_column", 1, "value"),
    ("twice", b"code;value;code\n1;2;3\n", SEMICOLON, "duplicate_column", 1, "code"),
    ("open-quote", b'code;value\n1;"open\n2;3\n', SEMICOLON, "unreadable_csv", 2, None),
    ("no-such-line", b"code;value\n", Dialect(";", header_line=5), "no_header", None, None),
]


@pytest.mark.parametrize(
    ("content", "dialect", "code", "line", "column"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
def test_what_is_no_table_is_refused_with_line_column_and_mend(
    content, dialect, code, line, column
):
    issue = refused(content, dialect=dialect)
    assert (issue.code, issue.line, issue.column) == (code, line, column)


#: Case, bytes, dialect, codes kept, values kept, notes.
READ = [
    ("B01", b"\xef\xbb\xbfcode;value\n1;2\n", SEMICOLON, ["1"], ["2"], ["byte_order_mark"]),
    (
        "B03",
        "code;value\n1;Œuvre 3 €\n".encode("cp1252"),
        Dialect(";", "cp1252"),
        ["1"],
        ["Œuvre 3 €"],
        ["transcoded"],
    ),
    (
        "B03-late",
        "code;value\n1;Sacré C\x9cur\n".encode(),
        SEMICOLON,
        ["1"],
        ["Sacré Cœur"],
        ["windows_characters"],
    ),
    (
        "B06-le",
        "\ufeffcode;value\n1;é\n".encode("utf-16-le"),
        SEMICOLON,
        ["1"],
        ["é"],
        ["byte_order_mark", "transcoded"],
    ),
    (
        "B06-be",
        "\ufeffcode;value\n1;é\n".encode("utf-16-be"),
        SEMICOLON,
        ["1"],
        ["é"],
        ["byte_order_mark", "transcoded"],
    ),
    ("B11", "code;value\n1;e\u0301\n".encode(), SEMICOLON, ["1"], ["é"], ["composed_accents"]),
    (
        "B11-greek",
        "code;value\n1;e\u0301\u037e\n".encode(),
        SEMICOLON,
        ["1"],
        ["é\u037e"],
        ["composed_accents"],
    ),
    ("B13", "code;value\n1;１２\n".encode(), SEMICOLON, ["1"], ["１２"], []),
    (
        "B14",
        "code;value\n\u200b1\u00ad;2\ufeff\n".encode(),
        SEMICOLON,
        ["1"],
        ["2"],
        ["invisible_characters"],
    ),
    ("C02", b"code|value\n1|2\n", Dialect("|"), ["1"], ["2"], []),
    ("C07", b'code;value\n1;"a\nb"\n', SEMICOLON, ["1"], ["a\nb"], []),
    ("C09-mac", b"code;value\r1;2\r", SEMICOLON, ["1"], ["2"], ["line_ends"]),
    ("C09-mixed", b"code;value\r\n1;2\n3;4\r\n", SEMICOLON, ["1", "3"], ["2", "4"], ["line_ends"]),
    (
        "C10",
        b"\xef\xbb\xbfsep=;\ncode;value\n1;2\n",
        SEMICOLON,
        ["1"],
        ["2"],
        ["byte_order_mark", "separator_line"],
    ),
    (
        "C12",
        b"code;value\n1;2\n\nSource : office;x;y\n",
        Dialect(";", footnotes=("Source",)),
        ["1"],
        ["2"],
        ["footnote", "blank_lines"],
    ),
    (
        "C12-no-end",
        b"code;value\n1;2\n(1) estimated",
        Dialect(";", footnotes=(r"\(1\)",)),
        ["1"],
        ["2"],
        ["footnote"],
    ),
    ("C13", b"code;value\n1;2\n\n  \n3;4\n", SEMICOLON, ["1", "3"], ["2", "4"], ["blank_lines"]),
    (
        "C14",
        b"code;value\n1;2\ncode;value\n3;4\n",
        SEMICOLON,
        ["1", "3"],
        ["2", "4"],
        ["repeated_header"],
    ),
    ("C17", b'code;value\n\'01001;"12"\n', SEMICOLON, ["01001"], ["12"], ["leading_apostrophe"]),
    ("C17-name", b"code;value\n1;'s Gravenmoer\n", SEMICOLON, ["1"], ["'s Gravenmoer"], []),
    ("C18", b"code;value\n# said\n1;2\n", Dialect(";", comment="#"), ["1"], ["2"], ["comment"]),
    ("D01", b"CODGEO;value\n1;2\n", Dialect(";", aliases={"CODGEO": "code"}), ["1"], ["2"], []),
    ("D02", b"value;code\n2;1\n", SEMICOLON, ["1"], ["2"], []),
    ("D03", b"code;value;note\n1;2;3\n", SEMICOLON, ["1"], ["2"], ["extra_columns"]),
    (
        "D06",
        "C\u00d3DE ;\u00a0Va lue\n1;2\n".encode(),
        SEMICOLON,
        ["1"],
        ["2"],
        ["no_break_spaces", "header_spelling"],
    ),
    ("E15-empty", b"code;value\n1;2\n;\n", SEMICOLON, ["1"], ["2"], ["empty_row"]),
    (
        "E17",
        "code;value\n 01001\u00a0;2\n".encode(),
        SEMICOLON,
        ["01001"],
        ["2"],
        ["no_break_spaces", "outer_spaces"],
    ),
    ("E18", b"code;value\nNA;None\n", SEMICOLON, ["NA"], ["None"], []),
    ("F01", b"code;value\n1;2,5\n", SEMICOLON, ["1"], ["2,5"], []),
    ("no-header", b"1;2\n3;4\n", Dialect(";", has_header=False), ["1", "3"], ["2", "4"], []),
    (
        "titles",
        b"Table 3\n\ncode;value\n1;2\n",
        Dialect(";", header_line=3),
        ["1"],
        ["2"],
        ["title_lines"],
    ),
    (
        "no-last-end",
        b"code;value\n1;2",
        Dialect(";", needs_last_newline=False),
        ["1"],
        ["2"],
        ["no_last_newline"],
    ),
    ("no-quote", b'code;value\n1;"2\n', Dialect(";", quote=""), ["1"], ['"2'], []),
]


@pytest.mark.parametrize(
    ("content", "dialect", "kept", "values", "notes"),
    [case[1:] for case in READ],
    ids=[case[0] for case in READ],
)
def test_what_can_be_mended_is_and_it_is_said(content, dialect, kept, values, notes):
    frame, ledger = read(content, dialect=dialect)
    assert frame["code"].tolist() == kept
    assert frame["value"].tolist() == values
    assert codes(ledger) == notes
    assert all(issue.message_fr and issue.message_en for issue in ledger.issues)


def test_lines_count_from_the_top_of_the_file_whatever_is_skipped():
    frame, _ = read(b"sep=;\nTitle\ncode;value\n1;2\n", dialect=Dialect(";", header_line=2))
    assert frame["line"].tolist() == [4]


def test_a_few_broken_accents_hold_their_rows_back_and_no_other():
    good = "".join(f"{n};Évêché\n" for n in range(300))
    frame, ledger = read(f"code;value\n{good}x;Ã‰vÃªchÃ©\n".encode())
    assert len(frame) == 300
    assert codes(ledger, Severity.QUARANTINE) == ["mojibake"]
    assert list(ledger.quarantined) == [302]


def test_a_lost_character_is_told_and_in_a_key_it_holds_the_row_back():
    content = "code;value\n1;caf\ufffd\n\ufffd2;3\n".encode()
    ledger = Ledger("births", "births.csv")
    frame = ledger.begin(csv_text(content, COLUMNS, ledger, SEMICOLON, keys=("code",)))
    assert ledger.kept(frame)["code"].tolist() == ["1"]
    assert codes(ledger, Severity.WARNING) == ["lost_characters"]
    assert list(ledger.quarantined) == [3]


def test_a_source_may_be_empty_when_it_says_so():
    frame, _ = read(b"code;value\n", dialect=Dialect(";", may_be_empty=True))
    assert frame.empty
    assert list(frame.columns) == ["code", "value", "line"]


def test_a_cell_may_be_very_long_and_the_limit_of_csv_is_left_as_it_was():
    before = csv.field_size_limit()
    frame, _ = read(b"code;value\n1;" + b"f" * 200_000 + b"\n")
    assert frame["value"].str.len().tolist() == [200_000]
    assert csv.field_size_limit() == before


def test_the_names_of_the_columns_can_be_asked_for():
    ledger = Ledger("births", "births.csv")
    assert csv_names("sep=;\ncode; N° \n1;2\n".encode(), ledger, SEMICOLON) == ["code", "N°"]


def test_a_dialect_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="one character"):
        Dialect(separator=";;")


@given(
    st.lists(
        st.tuples(st.text("ab1;\"'\n é", max_size=6), st.text('ab1;"\n é', max_size=6)),
        min_size=1,
        max_size=8,
    )
)
@settings(deadline=None, max_examples=150)
def test_what_csv_writes_is_read_back(rows):
    rows = [(f"x{a}", b) for a, b in rows]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, *rows])
    try:
        frame, _ = read(out.getvalue().encode())
    except RejectedFile as refusal:
        assert refusal.issue.code == "escaped_quotes"  # noqa: PT017
        return
    assert frame["code"].tolist() == [a.strip() for a, _ in rows]
    assert frame["value"].tolist() == [b.strip().removeprefix("'") for _, b in rows]


PIECES = [
    b"code;value\n", b"1;2\n", b"\n", b'"', b";", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"#",
    b"sep=;\n", "é".encode(), b"\xe9", b"\x8c", "Ã©".encode(), b"'1", b"code", b"Source : x\n",
    "\u200b\u00a0\ufffd\x9c".encode(), b"a b", b"\\", b"<html>", b"PK\x03\x04", b"\x1c\x0b",
]  # fmt: skip
DIALECTS = [
    SEMICOLON,
    Dialect(";", "cp1252"),
    Dialect(";", "latin-1"),
    Dialect(";", "utf-16"),
    Dialect(";", has_header=False),
    Dialect(";", header_line=2, footnotes=("Source",), needs_last_newline=False),
    Dialect(";", quote="", comment="#", may_be_empty=True, aliases={"a b": "code"}),
]


@given(
    st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)),
    st.sampled_from(DIALECTS),
)
@example(b"code;value\n1;2\n", SEMICOLON)
@settings(deadline=None, max_examples=600)
def test_whatever_the_bytes_only_a_refusal_leaves_and_every_row_is_accounted_for(content, dialect):
    try:
        frame, ledger = read(content, dialect=dialect)
    except RejectedFile as refusal:
        assert refusal.issue.message_fr  # noqa: PT017
        return
    lines = [*frame["line"], *ledger.quarantined, *ledger.dropped]
    assert len(set(lines)) == len(lines)
    assert all(isinstance(cell, str) for name in COLUMNS for cell in frame[name])


SECRET = "zq7391"
PERSONAL = [
    ("D12", f"{SECRET};1990\n{SECRET}b;1991\n"),
    ("D11", f"{SECRET};{SECRET}\n1;2\n"),
    ("D12-text", f"{SECRET}, x\n"),
    ("C03", f"code;value\n{SECRET};{SECRET};{SECRET}\n1;2\n"),
    ("A09", f"code;value\n1;{SECRET}\n{SECRET}"),
    ("C08", f'code;value\n1;"{SECRET} \\"b\\""\n'),
    ("C10", f"sep=q\n{SECRET}\n"),
    ("C12", f"code;value;c\n1;2;3\n3;4;5\n{SECRET} {SECRET};;\n"),
    ("C15", f"code;value\n1;2\n3;4\n\n{SECRET};{SECRET}\n5;6\n"),
    ("C17", f"code;value\n'1{SECRET};2\n"),
    ("C18", f"code;value\n#{SECRET};2\n"),
    ("B04", f"code;value\n1;{SECRET}Ã©\n"),
    ("B14", f"code;value\n1;{SECRET}\u200b\ufffd\n"),
    ("twice", f"code;code;value\n{SECRET};2;3\n"),
]


@pytest.mark.parametrize("text", [text for _, text in PERSONAL], ids=[case for case, _ in PERSONAL])
def test_no_cell_of_a_record_about_a_person_is_ever_told(text):
    ledger = Ledger("measures", "measures.csv", is_record_level=True)
    told = ledger.issues
    try:
        csv_text(text.encode(), COLUMNS, ledger, SEMICOLON, keys=COLUMNS)
    except RejectedFile as refusal:
        told = [*told, refusal.issue]
        assert SECRET not in str(refusal)  # noqa: PT017
        assert refusal.__cause__ is None  # noqa: PT017
    assert told
    assert not any(SECRET in str(issue) for issue in told)


def test_sixty_thousand_rows_of_twenty_columns_take_a_second_or_two():
    names = [f"c{n}" for n in range(20)]
    row = ";".join(f"{n}.5" for n in range(20))
    content = (";".join(names) + "\n" + f"{row}\n" * 60_000).encode()
    start = time.process_time()
    frame = csv_text(content, names, Ledger("births", "births.csv"), SEMICOLON)
    assert frame.shape == (60_000, 21)
    assert time.process_time() - start < 4


def test_a_million_columns_are_refused_before_they_are_parted():
    header = ",".join(f"c{number}" for number in range(1_000_000)) + "\n"
    content = (header + "1," * 999_999 + "1\n").encode()
    start = time.perf_counter()
    issue = refused(content, ("c1", "c2"), Dialect())
    took = time.perf_counter() - start
    assert (issue.code, issue.line) == ("too_many_columns", 1)
    assert "1000000 columns" in issue.message_en
    assert took < 1
    with pytest.raises(RejectedFile, match="1000000 columns"):
        csv_names(content, Ledger("births", "births.csv"))


def test_the_most_columns_are_read_and_a_few_of_them_named():
    names = [f"c{number:05d}" for number in range(MOST_COLUMNS)]
    content = (";".join(names) + "\n" + ";".join("1" * MOST_COLUMNS) + "\n").encode()
    kept, ledger = read(content, names[:1])
    assert kept["c00000"].tolist() == ["1"]
    assert ledger.issues[0].message_en.endswith(f"c00040 and {MOST_COLUMNS - 41} others")
    assert refused(content.replace(b"c00000", b"c0;c1", 1), ("c0",)).code == "too_many_columns"


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"code;value\n1;2\n" + b";" * 30_000 + b"\n", "too_many_columns", 3),
        (b"code;value\n1;2\n3;" + b'"x";' * 30_000 + b"\n", "too_many_columns", 3),
        (b'code;value\n1;"x\ny";' + b";" * 30_000 + b"\n", "too_many_columns", 3),
    ],
)
def test_a_row_of_too_many_cells_is_refused_by_its_line(content, code, line):
    issue = refused(content)
    assert (issue.code, issue.line) == (code, line)


@pytest.mark.parametrize("shape", [";" * 30_000, "a\n" + ";" * 30_000 + "\nb"])
def test_a_cell_may_hold_as_many_separators_as_it_likes(shape):
    kept, _ledger = read(f'code;value\n1;"{shape}"\n'.encode())
    assert kept["value"].tolist() == [shape]
