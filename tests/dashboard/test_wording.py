"""Numbers in words: those of a second implementation, in both languages."""

from __future__ import annotations

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from dashboard.wording import LOCALES, Words


@pytest.mark.parametrize(
    ("language", "value", "decimals", "written"),
    [
        ("fr", 1234567.891, 1, "1\u202f234\u202f567,9"),
        ("fr", -0.04, 1, "0,0"),
        ("fr", -12.5, 1, "\u221212,5"),
        ("en", 1234.5, 2, "1,234.50"),
        ("en", 999, 0, "999"),
    ],
)
def test_a_number_has_the_marks_of_its_language(language, value, decimals, written):
    assert Words(language).number(value, decimals) == written


@given(
    st.sampled_from(sorted(LOCALES)),
    st.floats(-1e12, 1e12) | st.integers(-(10**12), 10**12),
    st.integers(0, 4),
)
def test_a_number_is_written_as_babel_writes_it(language, value, decimals):
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    theirs = format_decimal(round(value, decimals) + 0.0, pattern, locale=LOCALES[language])
    assert Words(language).number(value, decimals) == theirs.replace("-", "\u2212")
