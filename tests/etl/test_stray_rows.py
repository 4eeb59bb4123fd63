"""Rows as wide as the table that are none of it; and codes that lost a zero."""

import pandas as pd
import pytest

from etl.source import LINE, Known, Ledger, RejectedFile
from etl.stray_rows import refuse_strays, refuse_subtotals, with_zeros

GOOD = [("01001", "2020", "3"), ("01002", "2020", "4"), ("2A004", "2020", "5")]


@pytest.fixture
def known(words):
    areas = {"commune": frozenset({"01001", "01002", "2A004", "FRK"}), "departement": {"01"}}
    return Known(words, {level: frozenset(codes) for level, codes in areas.items()})


def frame(rows):
    made = pd.DataFrame(rows, columns=["code", "period", "n"], dtype="str")
    return made.assign(**{LINE: range(2, len(rows) + 2)})


def refusal(rows, known, marks=()):
    """The code and line of the refusal, or nothing."""
    try:
        refuse_strays(frame(rows), "code", ("period", "n"), known, Ledger("a", "a.csv"), marks)
    except RejectedFile as error:
        return error.issue.code, error.issue.line
    return None


@pytest.mark.parametrize(
    "last",
    [
        ("Source : INSEE", " note (1)", ""),
        ("", "", "Source : INSEE, RP 2021"),
        ("Source", "", ""),
        ("Total", "tout", "tout"),
    ],
)
def test_text_under_the_table_is_refused(known, last):
    assert refusal([*GOOD, last], known) == ("unknown_trailer", 5)
    assert refusal([*GOOD, last, ("", "", "")], known) == ("unknown_trailer", 5)
    assert refusal([last, *GOOD], known) is None  # held back by itself, as any wrong row


@pytest.mark.parametrize(
    "header", [("commune", "annee", "deces"), ("code commune", "année 1", "décès 2021")]
)
def test_a_second_table_is_refused_wherever_it_begins(known, header):
    assert refusal([*GOOD, header, *GOOD], known) == ("stacked_tables", 5)
    assert refusal([*GOOD, header], known) == ("stacked_tables", 5)


def test_two_words_are_a_header_only_where_the_codes_begin_again(known):
    def looked_at(rows):
        table = frame(rows).drop(columns="period")
        refuse_strays(table, "code", ("n",), known, Ledger("a", "a.csv"))

    words = ("Lyon", "", "inconnu")
    looked_at([GOOD[0], words, *GOOD[1:]])
    with pytest.raises(RejectedFile, match="a second table begins here"):
        looked_at([*GOOD, words, *GOOD])


@pytest.mark.parametrize(
    "wrong",
    [
        ("01999", "", ""),  # a code that is not known
        ("FRK", "", ""),  # a known one, without a digit
        ("", "2020", "9"),  # a figure without a code
        ("Lyon", "2020", "x"),  # a name for a code
        ("Lyon", "", "s"),  # a declared mark is a figure
        ("1001", "", ""),
    ],
)
def test_a_wrong_row_is_not_a_note(known, wrong):
    assert refusal([*GOOD, wrong], known, marks=("s",)) is None


def test_nothing_is_refused_of_no_rows_or_of_notes_alone(known):
    assert refusal([], known) is None
    assert refusal([("a b", "", "")], known) is None


def subtotal(rows):
    """The line of the subtotal that is refused, or nothing."""
    table = frame(rows)
    values = table[["n"]].apply(pd.to_numeric, errors="coerce")
    try:
        refuse_subtotals(table, "code", values, ("period",), Ledger("a", "a.csv"))
    except RejectedFile as error:
        return error.issue.line if error.issue.code == "subtotal_row" else -1
    return None


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([*GOOD, ("", "2020", "12")], 5),  # the whole
        ([("", "2020", "12"), *GOOD], 2),  # the whole, first
        ([*GOOD[:2], ("", "2020", "7"), *GOOD[2:]], 4),  # a block
        ([*GOOD, ("", "2020", "1"), *GOOD[:2], ("", "2020", "7")], 8),  # the block under another
        ([*GOOD, ("9", "2021", "50"), ("", "2020", "12")], 6),  # of its period only
        ([*GOOD, ("9", "2021", "50"), ("", "", "62")], 6),  # of all periods
        ([*GOOD, ("", "2020", "11")], None),  # a row that lost its code
        ([*GOOD, ("", "2020", "")], None),
        ([*GOOD, ("", "2020", "0")], None),
        ([*GOOD, ("", "2020", "9" * 400)], None),
        ([GOOD[0], ("", "2020", "3")], None),  # one row is no sum
        ([("1", "2020", "4000"), ("2", "2020", "3000"), ("", "2020", "7020")], 4),  # rounded parts
        (GOOD, None),
    ],
)
def test_a_row_without_a_code_is_refused_when_it_is_a_sum(rows, line):
    assert subtotal(rows) == line


def test_every_quantity_of_a_subtotal_adds_up():
    table = frame([("1", "", ""), ("2", "", ""), ("", "", "")])
    ledger = Ledger("a", "a.csv")
    one_of_two = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [5.0, 5.0, 11.0]})
    refuse_subtotals(table, "code", one_of_two, (), ledger)
    with pytest.raises(RejectedFile):
        refuse_subtotals(table, "code", one_of_two.assign(b=[5.0, 5.0, 10.0]), (), ledger)


def test_a_lost_zero_is_given_back_where_the_whole_code_is_known(known):
    ledger = Ledger("a", "a.csv")
    rows = frame([("1001", "2020", "3"), ("1001", "2021", "4"), ("1999", "2020", "5")])
    made = with_zeros(ledger.begin(rows), "code", "commune", known, ledger, key=("period",))
    assert made["code"].tolist() == ["01001", "01001", "1999"]
    (note,) = ledger.issues
    assert (note.code, note.line, note.column, note.sample, note.rows) == (
        *("padded", 2, "code", "1001"),
        2,
    )


def test_a_lost_zero_is_that_of_the_level_of_the_row(known):
    rows = frame([("1", "2020", "3"), ("1", "2020", "4")])
    levels = pd.Series(["departement", "commune"])
    made = with_zeros(rows, "code", levels, known, Ledger("a", "a.csv"))
    assert made["code"].tolist() == ["01", "1"]


def test_a_code_that_is_there_in_full_is_not_told_twice(known):
    ledger = Ledger("a", "a.csv")
    rows = ledger.begin(frame([("01001", "2020", "3"), ("1001", "2020", "9"), GOOD[1]]))
    made = with_zeros(rows, "code", "commune", known, ledger, key=("period",))
    assert made["code"].tolist() == ["01001", "1001", "01002"]
    assert {line: issue.code for line, issue in ledger.quarantined.items()} == {3: "code_twice"}
    assert [issue.code for issue in ledger.issues] == ["code_twice"]
