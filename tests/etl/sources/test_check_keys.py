"""Check keys of French identifiers, on numbers of real establishments and schools."""

import pandas as pd
import pytest

from etl.source import LINE, Ledger
from etl.sources.check_keys import finess_numbers, has_uai_key, have_finess_keys


def test_true_finess_numbers_have_their_key():
    numbers = pd.Series(["010000024", "430000117", "2A0000022", "2B0000012", "970100400"])
    assert have_finess_keys(numbers).all()


def test_other_texts_have_not():
    texts = ["010000025", "10000024", "4300001170", "2C0000012", "43000011X", "", "٤30000117"]
    assert not have_finess_keys(pd.Series(texts)).any()


def test_one_number_in_ten_passes_by_chance():
    """A key that lets more through, or less, is not a key modulo ten."""
    numbers = pd.Series([f"43000{n:04d}" for n in range(10_000)])
    assert have_finess_keys(numbers).sum() == 1_000


@pytest.mark.parametrize("number", ["0430001T", "0430024T", "9760102G"])
def test_true_schools_have_their_letter(number):
    assert has_uai_key(number)
    assert not has_uai_key(number[:-1] + "A")


def test_a_lost_zero_comes_back_only_where_the_key_says_so():
    frame = pd.DataFrame(
        {"id": ["10000024", "430000117", "10000025", "4300001"], LINE: range(2, 6)}
    )
    ledger = Ledger("s", "s.csv")
    ledger.begin(frame)
    found = finess_numbers(frame, "id", ledger)
    assert found.tolist()[:2] == ["010000024", "430000117"]
    assert list(ledger.quarantined) == [4, 5]
    note, held = ledger.issues
    assert (note.code, note.rows) == ("leading_zero", 1)
    assert (held.code, held.rows, held.line) == ("bad_identifier", 2, 4)
