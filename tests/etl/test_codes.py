import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from etl.codes import among

CODES = st.lists(st.sampled_from(["01", "1", "2A", "", "é"]))


@given(CODES, CODES)
def test_it_says_what_isin_says(codes, wanted):
    frame = pd.Series(codes, dtype="str", index=range(3, 3 + len(codes)))
    pd.testing.assert_series_equal(among(frame, wanted), frame.isin(wanted))


def test_the_example_of_its_page():
    assert among(pd.Series(["01", "02"], index=[5, 7]), {"02"}).to_dict() == {5: False, 7: True}
