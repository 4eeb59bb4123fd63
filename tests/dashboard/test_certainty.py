"""What is sure of a gap, in words: numbers, and the silences that are none."""

import pytest

from dashboard.certainty import interval_words, verdict, verdict_words
from dashboard.wording import Words
from etl.coverage import DRAWS

FR, EN = Words("fr"), Words("en")
NAN = float("nan")


@pytest.mark.parametrize(
    ("p_gap", "status", "expected"),
    [
        (1.0, "estimated", "shortage"),
        (0.9, "estimated", "shortage"),
        (0.89, "estimated", "unsure"),
        (0.11, "estimated", "unsure"),
        (0.1, "estimated", "surplus"),
        (0.0, "estimated", "surplus"),
        (NAN, "estimated", "missing"),
        (NAN, "missing", "missing"),
        (NAN, "suppressed", "suppressed"),
        (0.0, "not_applicable", "not_applicable"),
    ],
)
def test_a_verdict_is_sure_from_nine_draws_out_of_ten(p_gap, status, expected):
    assert verdict(p_gap, status) == expected


def test_the_words_of_both_languages():
    assert verdict_words(FR, 0.95, "estimated") == "manque certain"
    assert verdict_words(EN, 0.05, "estimated") == "certain surplus"
    assert verdict_words(FR, NAN, "missing") == "– manquant"
    assert verdict_words(FR, 0.0, "not_applicable") == "sans objet"


def test_an_interval_has_signs_and_never_a_bound_made_up():
    assert interval_words(FR, -83.18, -46.86, "estimated") == "−83,2\u00a0à −46,9"
    assert interval_words(EN, -1.04, 14.93, "estimated") == "−1.0\u00a0to +14.9"
    assert interval_words(FR, 0.0, 0.0, "estimated") == "0,0\u00a0à 0,0"
    assert interval_words(FR, NAN, NAN, "estimated") == "– manquant"
    assert interval_words(EN, NAN, NAN, "suppressed") == "suppressed"


@pytest.mark.parametrize("words", [FR, EN])
def test_the_sentence_says_how_many_draws_were_made(words):
    assert str(DRAWS.count) in words("gaps.drawn", error="30", capacity="10")
