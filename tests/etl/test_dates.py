from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.source import Ledger, RejectedFile
from etl.values import day, period

FIRST, LAST, TODAY = date(1990, 1, 1), date(2024, 12, 31), date(2024, 9, 15)


def rows(cells):
    frame = pd.DataFrame({"d": pd.Series(cells)}).set_axis(range(5, 5 + len(cells)))
    return frame.assign(line=range(2, len(cells) + 2))


def days(cells, **options):
    ledger = Ledger("measures", "measures.csv")
    made = day(rows(cells), "d", ledger, earliest=FIRST, latest=LAST, **options)
    return [None if text != text else text for text in made], ledger


def periods(cells, grammar):
    ledger = Ledger("births", "births.csv")
    made = period(rows(cells), "d", ledger, grammar, today=TODAY)
    return [None if text != text else text for text in made], ledger


@pytest.mark.parametrize(
    ("cell", "form", "made", "note"),
    [
        pytest.param("2024-01-31", "yyyy-mm-dd", "2024-01-31", None, id="iso"),
        pytest.param("31/01/2024", "dd/mm/yyyy", "2024-01-31", None, id="day-first"),
        pytest.param("2024-01-31", "dd/mm/yyyy", "2024-01-31", None, id="iso-among-day-first"),
        pytest.param("", "yyyy-mm-dd", None, None, id="empty"),
        pytest.param("45322", "yyyy-mm-dd", "2024-01-31", "excel_days", id="G02"),
        pytest.param("45322.0", "yyyy-mm-dd", "2024-01-31", "excel_days", id="G02-decimal"),
        pytest.param(45322, "yyyy-mm-dd", "2024-01-31", "excel_days", id="G02-number"),
        pytest.param("2024-02-29", "yyyy-mm-dd", "2024-02-29", None, id="G15"),
        pytest.param("2024-01-31T10:00:00", "yyyy-mm-dd", "2024-01-31", "hours", id="G13-hour"),
        pytest.param(datetime(2024, 1, 31), "yyyy-mm-dd", "2024-01-31", None, id="datetime"),  # noqa: DTZ001
    ],
)
def test_a_date_is_read_as_it_is_declared(cell, form, made, note):
    got, ledger = days([cell], format=form)
    assert got == [made]
    assert [issue.code for issue in ledger.issues] == ([note] if note else [])


@pytest.mark.parametrize(
    ("cell", "form", "code"),
    [
        pytest.param("1900-02-29", "yyyy-mm-dd", "bad_date", id="G05-1900"),
        pytest.param("31/02/2024", "dd/mm/yyyy", "bad_date", id="G05-february"),
        pytest.param("00/00/0000", "dd/mm/yyyy", "bad_date", id="G05-zero"),
        pytest.param("01/02/2024", "yyyy-mm-dd", "bad_date", id="G05-undeclared"),
        pytest.param("1234", "yyyy-mm-dd", "bad_date", id="G02-out"),
        pytest.param("2024-03-31T22:30:00Z", "yyyy-mm-dd", "bad_date", id="G13-zone"),
        pytest.param("2025-01-01", "yyyy-mm-dd", "out_of_range", id="G09-future"),
        pytest.param("1989-12-31", "yyyy-mm-dd", "out_of_range", id="G10-before"),
        pytest.param("２０２４-01-31", "yyyy-mm-dd", "bad_date", id="B13"),
    ],
)
def test_a_date_that_never_was_or_is_out_of_range_is_held_back(cell, form, code):
    got, ledger = days(["2024-01-01", cell], format=form)
    assert got == ["2024-01-01", None]
    issue = ledger.quarantined[3]
    assert (issue.code, issue.line, issue.column) == (code, 3, "d")
    assert issue.mend_fr


@pytest.mark.parametrize("cell", ["31/01/24", "31-01-24", "1.1.99"])
def test_a_year_of_two_digits_refuses_the_file_g07(cell):
    with pytest.raises(RejectedFile) as caught:
        days(["2024-01-01", cell])
    assert (caught.value.issue.code, caught.value.issue.line) == ("two_digit_year", 3)
    with pytest.raises(RejectedFile):
        periods(["24"], "year")


def test_a_column_of_timestamps_is_read():
    got, _ = days(pd.to_datetime(["2024-01-31", None]))
    assert got == ["2024-01-31", None]


@pytest.mark.parametrize(
    ("grammar", "cells", "made"),
    [
        ("year", ["2024", 2023, " 2022 ", ""], ["2024", "2023", "2022", None]),
        ("school_year", ["2023-2024", "2023/24", "2024-2025"], ["2023-2024"] * 2 + ["2024-2025"]),
        ("quarter", ["T1 2024", "2024-Q3", "2024T2"], ["2024-Q1", "2024-Q3", "2024-Q2"]),
        ("half", ["S2 2023", "2024-S1", "H1 2024"], ["2023-S2", "2024-S1", "2024-S1"]),
        ("month", ["2024-01", "03/2024", "2024M09"], ["2024-01", "2024-03", "2024-09"]),
    ],
)
def test_a_period_is_read_by_its_grammar_g12(grammar, cells, made):
    got, ledger = periods(cells, grammar)
    assert got == made
    assert not ledger.issues


@pytest.mark.parametrize(
    ("grammar", "cell", "code"),
    [
        pytest.param("year", "2025", "out_of_range", id="G10-future"),
        pytest.param("year", "1850", "out_of_range", id="G10-past"),
        pytest.param("year", "2024-2025", "bad_date", id="G12-other-grammar"),
        pytest.param("school_year", "2023-2025", "bad_date", id="G12-two-years"),
        pytest.param("school_year", "2025-2026", "out_of_range", id="G10-school"),
        pytest.param("quarter", "T5 2024", "bad_date", id="G12-fifth"),
        pytest.param("quarter", "T4 2024", "out_of_range", id="G10-quarter"),
        pytest.param("half", "S2", "bad_date", id="G12-no-year"),
        pytest.param("month", "2024-13", "bad_date", id="G12-month"),
        pytest.param("month", "2024-10", "out_of_range", id="G10-month"),
    ],
)
def test_a_period_to_come_or_of_no_grammar_is_held_back(grammar, cell, code):
    got, ledger = periods([cell], grammar)
    assert got == [None]
    assert ledger.quarantined[2].code == code


def test_a_year_in_a_column_of_floats_is_a_year():
    got, _ = periods(np.array([2023.0, np.nan]), "year")
    assert got == ["2023", None]


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.text("0123456789/-T: Q", max_size=12),
            st.none(),
            st.floats(),
            st.integers(),
            st.dates(),
            st.datetimes(),
        ),
        max_size=5,
    )
)
@settings(deadline=None, max_examples=60)
def test_whatever_the_cells_only_a_refusal_leaves(cells):
    frame = rows(pd.Series(cells, dtype="object"))
    for act in (
        lambda ledger: day(frame, "d", ledger, earliest=FIRST, latest=LAST, format="dd/mm/yyyy"),
        *(
            lambda ledger, g=grammar: period(frame, "d", ledger, g, today=TODAY)
            for grammar in ("year", "school_year", "quarter", "half", "month")
        ),
    ):
        ledger = Ledger("measures", "measures.csv")
        try:
            made = act(ledger)
        except RejectedFile as refusal:
            assert refusal.issue.code == "two_digit_year"  # noqa: PT017
            continue
        held = frame["line"].isin(list(ledger.quarantined))
        assert made[held].isna().all()
