"""Typed cells as the text that a description speaks of."""

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest

from etl.layout import Layout
from etl.layout_rows import header_names, texts
from etl.source import Ledger, RejectedFile


def test_numbers_dates_and_nothing_as_text():
    cells = [1, 2.0, 0.25, np.float64("nan"), None, True, "x", dt.date(2024, 1, 2), np.int64(7)]
    found = texts(pd.Series(cells, dtype="object"), ",")
    assert found.tolist() == ["1", "2", "0,25", "", "", "true", "x", "2024-01-02", "7"]
    whole = pd.Series([1, None], dtype="Int64")
    assert texts(whole).tolist() == ["1", ""]
    days = pd.Series(pd.to_datetime(["2024-01-02", None]))
    assert texts(days).tolist() == ["2024-01-02", ""]


def test_the_names_of_a_parquet_file_and_of_a_broken_one():
    out = io.BytesIO()
    pd.DataFrame({"a": [1], "b": ["x"]}).to_parquet(out)
    made = Layout(format="parquet", makes="figure")
    assert header_names(out.getvalue(), made, Ledger("own", "x")) == ["a", "b"]
    with pytest.raises(RejectedFile) as refused:
        header_names(out.getvalue()[:-20], made, Ledger("own", "x"))
    assert refused.value.issue.code == "unreadable"
