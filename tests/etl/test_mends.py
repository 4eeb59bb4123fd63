"""A correction is text; the column it goes into may hold something else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.mends import MendError, with_cells

deterministic = settings(derandomize=True, deadline=None)


def column(cells, dtype=None):
    return pd.Series(cells, index=range(2, len(cells) + 2), dtype=dtype)


@pytest.mark.parametrize(
    ("cells", "dtype", "text", "made", "kept"),
    [
        (["a", "b"], "str", "c", "c", "str"),
        (["a", "b"], "str", "", "", "str"),
        (["a", "b"], "object", "12", "12", "object"),
        ([1, 2], "int64", "-3", -3, "int64"),
        ([1, 2], "uint8", "255", 255, "uint8"),
        ([1, None], "Int64", " 3 ", 3, "Int64"),
        ([1.5, 2.0], "float64", "3", 3.0, "float64"),
        ([1.5, 2.0], "float64", "1e3", 1000.0, "float64"),
        ([1.5, 2.0], "float32", "0.1", np.float32(0.1), "float32"),
        ([True, False], "bool", "True", True, "bool"),
        ([True, None], "boolean", "false", False, "boolean"),
        ([1, 2, "12o"], "object", "12", 12, "object"),
        ([1, 2.5, 3], "object", "2.25", 2.25, "object"),
        ([None, None], "object", "43001", "43001", "object"),
    ],
)
def test_a_text_is_read_as_its_column_is_typed(cells, dtype, text, made, kept):
    before = column(cells, dtype)
    after = with_cells(before, {3: text})
    assert after[3] == made
    assert isinstance(after[3], str) == isinstance(made, str)
    assert after.dtype == kept
    assert after.drop(3).tolist() == before.drop(3).tolist()
    assert before.dtype == dtype
    assert before.tolist() == column(cells, dtype).tolist(), "the frame of the reader is its own"


@pytest.mark.parametrize(
    ("cells", "dtype", "kept"),
    [
        ([1, 2], "int64", "Int64"),
        ([1, 2], "Int64", "Int64"),
        ([1.5, 2.0], "float64", "float64"),
        ([True, False], "bool", "boolean"),
        ([1, 2.5], "object", "object"),
    ],
)
def test_an_emptied_cell_is_absent_not_zero(cells, dtype, kept):
    after = with_cells(column(cells, dtype), {2: " "})
    assert after.dtype == kept
    assert after.isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("dtype", "text", "said"),
    [
        ("int64", "douze", "a whole number"),
        ("int64", "2.5", "a whole number"),
        ("int64", "1_000", "a whole number"),
        ("int8", "128", "a whole number"),
        ("int64", str(2**63), "a whole number"),
        ("float64", "2,5", "decimal point"),
        ("float64", "nan", "decimal point"),
        ("float64", "1e999", "decimal point"),
        ("float64", "1_0", "decimal point"),
        ("float64", "٣", "decimal point"),
        ("bool", "1", "True or False"),
        ("datetime64[ns]", "2020-01-01", "mend the file itself"),
    ],
)
def test_a_text_that_the_column_does_not_take_is_refused_by_line(dtype, text, said):
    with pytest.raises(MendError, match=said) as caught:
        with_cells(column([1, 0], dtype), {3: text})
    assert caught.value.line == 3
    assert caught.value.fr


def test_a_column_of_lists_is_not_mended_by_hand():
    with pytest.raises(MendError, match="mend the file itself"):
        with_cells(column([[1], [2]], "object"), {2: "[3]"})


@deterministic
@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5), st.integers(0, 4), st.data()
)
def test_what_is_exported_and_not_touched_comes_back_the_same(cells, place, data):
    """`str` then `with_cells` is the identity, for whole numbers and for fractions."""
    line = 2 + place % len(cells)
    whole = column(cells, "int64")
    pd.testing.assert_series_equal(with_cells(whole, {line: str(whole[line])}), whole)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    number = column([data.draw(floats) for _ in cells], "float64")
    pd.testing.assert_series_equal(with_cells(number, {line: str(number[line])}), number)
