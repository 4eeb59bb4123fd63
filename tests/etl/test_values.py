import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.source import Ledger, RejectedFile
from etl.values import day, measured, period
from geodata.model import Severity, Status

MARKS = {
    "s": Status.SUPPRESSED,
    "nd": Status.MISSING,
    "///": Status.NOT_APPLICABLE,
    "...": Status.MISSING,
    "-": Status.OBSERVED,
}


def read(cells, **options):
    """The values, statuses, and the ledger that read them."""
    frame = pd.DataFrame({"v": pd.Series(cells)}).set_axis(range(10, 10 + len(cells)))
    frame["line"] = range(2, len(cells) + 2)
    ledger = Ledger("births", "births.csv")
    made = measured(ledger.begin(frame), "v", ledger, **options)
    assert made.index.equals(frame.index)
    assert made["value"].dtype == "float64"
    return made, ledger


def codes(ledger, severity):
    return [issue.code for issue in ledger.issues if issue.severity is severity]


SPACE, COMMA = {"grouping": " "}, {"decimal": ","}
#: Case, cell, options, value, status, note.
READ = [
    ("plain", "12.5", {}, 12.5, "observed", None),
    ("zero", "0", {}, 0, "observed", None),
    ("zeros", "007", {}, 7, "observed", None),
    ("plus", "+5", {}, 5, "observed", None),
    ("F01", "12,5", COMMA, 12.5, "observed", None),
    ("F02-space", "1 234", SPACE, 1234, "observed", None),
    ("F02-no-break", "1\u00a0234\u202f567", SPACE, 1_234_567, "observed", None),
    ("F02-apostrophe", "1'234.5", {"grouping": "'"}, 1234.5, "observed", None),
    ("F03", "1.234,5", {"decimal": ",", "grouping": "."}, 1234.5, "observed", None),
    ("F04", "12,5 %", {"decimal": ",", "unit": "ratio"}, 0.125, "observed", "percent_signs"),
    ("F06-secret", "s", {"marks": MARKS}, None, "suppressed", None),
    ("F06-unknown", " nd ", {"marks": MARKS}, None, "missing", None),
    ("F06-none", "///", {"marks": MARKS}, None, "not_applicable", None),
    ("F06-dots", "...", {"marks": MARKS}, None, "missing", None),
    ("F06-zero", "-", {"marks": MARKS}, 0, "observed", "zero_marks"),
    ("F06-number", "999", {"marks": {"999": Status.MISSING}}, None, "missing", None),
    ("F07", "", {}, None, "missing", None),
    ("F07-declared", "", {"marks": {"": Status.SUPPRESSED}}, None, "suppressed", None),
    ("F07-zero", "", {"marks": {"": Status.OBSERVED}}, 0, "observed", "zero_marks"),
    ("F08-less", "<5", {}, None, "suppressed", "bounds"),
    ("F08-range", "[1-4]", {}, None, "suppressed", "bounds"),
    ("F08-more", "≥ 10", {}, None, "suppressed", "bounds"),
    ("F09-allowed", "-3", {"minimum": None}, -3, "observed", None),
    ("F14", "12.0", {"is_whole": True}, 12, "observed", None),
    ("F17-note", "12(1)", {}, 12, "observed", "footnote_markers"),
    ("F17-star", "12*", {}, 12, "observed", "footnote_markers"),
    ("F17-sup", "12 ²", {}, 12, "observed", "footnote_markers"),
    ("F17-provisional", "12 p", {}, 12, "estimated", "footnote_markers"),
    ("F17-estimated", "12 (e)", {}, 12, "estimated", "footnote_markers"),
    ("F17-grouped", "1 234 (1)", SPACE, 1234, "observed", "footnote_markers"),
    ("F18", "1 234,50 €", {"unit": "euro", **SPACE, **COMMA}, 1234.5, "observed", "currency_signs"),
    ("F21", "0.30000000000000004", {}, 0.30000000000000004, "observed", None),
    ("F22", str(1 / 7), {}, 1 / 7, "observed", None),
]


@pytest.mark.parametrize(
    ("cell", "options", "value", "status", "note"), [c[1:] for c in READ], ids=[c[0] for c in READ]
)
def test_a_cell_is_a_number_a_status_and_never_a_guess(cell, options, value, status, note):
    made, ledger = read([cell], **options)
    assert made["status"].tolist() == [status]
    assert made["value"].isna().tolist() == [value is None]
    if value is not None:
        assert made["value"].tolist() == [value]
    assert codes(ledger, Severity.NOTE) == ([note] if note else [])
    assert not ledger.quarantined


HELD = [
    ("B13", "１２", {}, "not_a_number"),
    ("B13-arabic", "٣", {}, "not_a_number"),
    ("E03", "1E05", {}, "not_a_number"),
    ("E03-comma", "2,51E+13", COMMA, "not_a_number"),
    ("F01", "12,5", {}, "not_a_number"),
    ("F02", "1 234", {}, "not_a_number"),
    ("F02-four", "1 2345", SPACE, "not_a_number"),
    ("F03", "1.234", COMMA, "not_a_number"),
    ("F06", "nd", {}, "not_a_number"),
    ("F09", "-3", {}, "below_minimum"),
    ("F12-inf", "inf", {}, "not_a_number"),
    ("F12-nan", "nan", {}, "not_a_number"),
    ("F12-huge", "1e400", {}, "not_a_number"),
    ("F12-zero", "-0", {"minimum": None}, "not_a_number"),
    ("F12-zero-comma", "-0,0", {"minimum": None, **COMMA}, "not_a_number"),
    ("F13", "36252187900034123", {}, "not_a_number"),
    ("F14", "12.5", {"is_whole": True}, "not_whole"),
    ("F17-other", "12 x", {}, "not_a_number"),
    ("F18-other", "12 $", {"unit": "euro"}, "not_a_number"),
    ("F19", "12o", {}, "not_a_number"),
    ("dot", "5.", {}, "not_a_number"),
    ("above", "101", {"maximum": 100}, "above_maximum"),
    ("date", "12/01/2024", {}, "not_a_number"),
    ("negative", "(12)", {}, "not_a_number"),
]


@pytest.mark.parametrize(
    ("cell", "options", "code"), [c[1:] for c in HELD], ids=[c[0] for c in HELD]
)
def test_what_is_no_figure_is_held_back_with_its_line_and_column(cell, options, code):
    made, ledger = read(["1", cell, "2"], **options)
    assert list(ledger.quarantined) == [3]
    issue = ledger.quarantined[3]
    assert (issue.code, issue.line, issue.column) == (code, 3, "v")
    assert issue.mend_fr
    assert issue.mend_en
    assert made["value"].tolist()[::2] == [1, 2]
    assert np.isnan(made["value"].tolist()[1])
    assert made["status"].tolist() == ["observed", "missing", "observed"]


@pytest.mark.parametrize(
    ("cells", "options", "code"),
    [
        pytest.param(["1", "12 %"], {}, "undeclared_unit", id="F04"),
        pytest.param(["1", "12 %"], {"unit": "euro"}, "undeclared_unit", id="F04-euro"),
        pytest.param(["1", "12 €"], {}, "undeclared_unit", id="F18"),
        pytest.param(["1"] * 100 + ["-1"] * 2, {}, "negative_counts", id="F09"),
    ],
)
def test_what_makes_a_whole_column_doubtful_refuses_the_file(cells, options, code):
    with pytest.raises(RejectedFile) as caught:
        read(cells, **options)
    assert caught.value.issue.code == code
    assert caught.value.issue.column == "v"


def test_columns_of_numbers_are_read_with_the_same_rules():
    made, ledger = read(np.array([1.5, np.nan, np.inf, -0.0, 2.0]))
    assert made["status"].tolist() == ["observed", "missing", "missing", "missing", "observed"]
    assert list(ledger.quarantined) == [4, 5]
    made, ledger = read(pd.array([1, None, 2**60], dtype="Int64"))
    assert made["value"].tolist()[0] == 1
    assert list(ledger.quarantined) == [4]
    _, ledger = read(np.array([True, False]))
    assert list(ledger.quarantined) == [2, 3]


def test_a_column_of_both_texts_and_numbers_is_read_cell_by_cell():
    made, ledger = read(
        pd.Series(["3", 4, None, 10**400, [1], "s", 2.5], dtype="object"), marks=MARKS
    )
    assert made["status"].tolist() == [
        "observed", "observed", "missing", "missing", "missing", "suppressed", "observed",
    ]  # fmt: skip
    assert made["value"].dropna().tolist() == [3, 4, 2.5]
    assert set(ledger.quarantined) == {5, 6}


def test_rows_that_were_dropped_or_held_before_say_nothing_more():
    frame = pd.DataFrame({"v": ["value", "12 p", "oops"], "line": [2, 3, 4]})
    ledger = Ledger("births", "births.csv")
    ledger.begin(frame)
    ledger.drop([2], "repeated_header", "répété", "repeated")
    ledger.quarantine([3], "bad", "faux", "wrong")
    made = measured(frame, "v", ledger)
    assert made["status"].tolist() == ["missing"] * 3
    assert [issue.code for issue in ledger.issues] == ["repeated_header", "bad", "not_a_number"]


def test_decimal_and_grouping_cannot_be_the_same():
    with pytest.raises(ValueError, match="grouping"):
        read(["1"], decimal=",", grouping=",")


def test_a_million_figures_take_a_second_or_two():
    drawn = np.random.default_rng(1).random(1_000_000) * 1e4
    frame = pd.DataFrame({"v": pd.Series(np.char.mod("%.3f", drawn), dtype="str")})
    frame["line"] = np.arange(2, len(frame) + 2)
    start = time.process_time()
    made = measured(frame, "v", Ledger("births", "births.csv"))
    assert time.process_time() - start < 5
    np.testing.assert_allclose(made["value"], drawn, atol=5.1e-4)


CELLS = st.one_of(
    st.text(max_size=8),
    st.text("0123456789.,-+ %€<>[]()*pe\u00a0'EinfaN²", max_size=8),
    st.none(),
    st.integers(),
    st.floats(),
    st.booleans(),
)


@given(
    st.lists(CELLS, max_size=6),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "'"]),
    st.sampled_from([None, "ratio", "euro"]),
    st.booleans(),
)
@settings(deadline=None, max_examples=150)
def test_whatever_the_cells_only_a_refusal_leaves_and_a_value_has_its_status(
    cells, decimal, grouping, unit, is_whole
):
    options = {"decimal": decimal, "grouping": grouping, "unit": unit, "is_whole": is_whole}
    try:
        made, ledger = read(pd.Series(cells, dtype="object"), marks=MARKS, **options)
    except RejectedFile:
        return
    has_value = made["status"].isin([s for s in Status if s.has_value])
    assert (made["value"].notna() == has_value).all()
    assert not (np.isinf(made["value"]) | (made["value"] < 0)).any()
    assert set(ledger.quarantined) <= set(range(2, len(cells) + 2))


@given(st.lists(st.sampled_from(["zq7391", "12 zq7391", "-5", "1e5", "1"]), min_size=1))
@settings(deadline=None, max_examples=40)
def test_no_cell_of_a_record_about_a_person_is_ever_told(cells):
    frame = pd.DataFrame({"v": pd.Series(cells, dtype="str"), "line": range(2, len(cells) + 2)})
    for act in (
        lambda ledger: measured(frame, "v", ledger, minimum=None, maximum=3),
        lambda ledger: day(frame, "v", ledger, earliest=date(2000, 1, 1), latest=date(2020, 1, 1)),
        lambda ledger: period(frame, "v", ledger, "year"),
    ):
        ledger = Ledger("measures", "measures.csv", is_record_level=True)
        act(ledger)
        for issue in ledger.issues:
            assert "zq7391" not in str(issue)
            assert "1e5" not in str(issue)
