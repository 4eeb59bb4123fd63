"""Numbers, how they are written, marks, periods."""

import pandas as pd
import pytest

from etl.inspection.columns import facts

MARKS = {"s": "suppressed", "nd": "missing"}


def of(*cells):
    return facts("x", pd.Series(cells, dtype="str"), MARKS)


@pytest.mark.parametrize(
    ("cells", "decimal", "grouping", "is_whole"),
    [
        (("1", "25", "300"), ".", "", True),
        (("1.5", "25", "300.25"), ".", "", False),
        (("1,5", "25", "300,25"), ",", "", False),
        (("1 500", "25", "12 300,5"), ",", " ", False),
        (("1.234.567,5", "2"), ",", ".", False),
        (("7,0", "9,0"), ",", "", False),
    ],
)
def test_how_numbers_are_written(cells, decimal, grouping, is_whole):
    found = of(*cells)
    assert found.is_number
    assert (found.decimal, found.grouping, found.is_whole) == (decimal, grouping, is_whole)


def test_marks_are_told_apart_from_wrong_numbers_and_blanks():
    found = of("1", "2", "3", "s", "s", "", "nd", "12o")
    assert not found.is_number  # one text in seven has digits and is no number: codes
    found = of(*["1"] * 300, "s", "s", "", "tbc")
    assert found.is_number
    assert found.marks == {"s": 2, "tbc": 1}
    assert found.blanks == 1


def test_codes_with_leading_zeros_are_no_numbers():
    assert not of("01", "02", "43").is_number
    assert of("0.5", "0,5".replace(",", "."), "2").is_number


def test_thousands_that_could_be_decimals_are_told():
    assert of("1.234", "2.500").is_ambiguous
    assert not of("1.234", "2.5").is_ambiguous
    assert not of("1.234.567", "2.500").is_ambiguous


@pytest.mark.parametrize(
    ("cells", "grammar"),
    [
        (("2019", "2020"), "year"),
        (("1996.0", "1997.0"), "year"),
        (("2022-2023",), "school_year"),
        (("T1 2024", "2024-Q2"), "quarter"),
        (("2024-01",), "month"),
        (("31/12/2023", "2022-12-31"), "day"),
        (("2019", "2"), ""),
        ((), ""),
    ],
)
def test_grammars_of_periods(cells, grammar):
    assert of(*cells).grammar == grammar
