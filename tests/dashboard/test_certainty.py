"""What is sure of a gap, in words: numbers, and the silences that are none."""

import pytest

from dashboard.certainty import interval_words, verdict, verdict_words
from dashboard.components.gap_table import Column, cell_text
from dashboard.wording import Words
from etl.coverage import DRAWS

FR, EN = Words("fr"), Words("en")
NAN = float("nan")


@pytest.mark.parametrize(
    ("gap", "p_gap", "status", "expected"),
    [
        (2.0, 1.0, "estimated", "shortage"),
        (2.0, 0.9, "estimated", "shortage"),
        (2.0, 0.89, "estimated", "unsure"),
        (-2.0, 0.11, "estimated", "unsure"),
        (-2.0, 0.1, "estimated", "surplus"),
        (-2.0, 0.0, "estimated", "surplus"),
        (NAN, NAN, "estimated", "missing"),
        (NAN, 1.0, "estimated", "missing"),
        (NAN, NAN, "missing", "missing"),
        (NAN, NAN, "suppressed", "suppressed"),
        (0.0, 0.0, "not_applicable", "not_applicable"),
        (2.0, NAN, "not_applicable", "not_applicable"),
    ],
)
def test_a_verdict_is_sure_from_nine_draws_out_of_ten(gap, p_gap, status, expected):
    assert verdict(gap, p_gap, status) == expected


@pytest.mark.parametrize(
    ("gap", "p_gap"),
    [
        (-0.0035, 0.91),  # as computed places are left, as drawn they are missing
        (-5.0, 1.0),
        (0.3, 0.1),
        (0.3, 0.0),
        (0.0, 1.0),  # none is missing and none is left
        (0.0, 0.0),
        (3.0, NAN),  # no draws: nothing says how sure
        (-3.0, NAN),
    ],
)
def test_a_gap_that_its_draws_contradict_or_that_has_none_is_never_certain(gap, p_gap):
    assert verdict(gap, p_gap, "estimated") == "unsure"
    assert verdict_words(FR, gap, p_gap, "estimated") == "incertain"
    assert verdict_words(EN, gap, p_gap, "estimated") == "uncertain"


def test_the_words_of_both_languages():
    assert verdict_words(FR, 4.0, 0.95, "estimated") == "manque certain"
    assert verdict_words(EN, -4.0, 0.05, "estimated") == "certain surplus"
    assert verdict_words(FR, NAN, NAN, "missing") == "– manquant"
    assert verdict_words(FR, 0.0, 0.0, "not_applicable") == "sans objet"


def test_a_gap_without_draws_has_its_number_and_is_uncertain_on_the_screen_but_not_in_the_file():
    row = {"gap": 3.0, "gap_low": NAN, "gap_high": NAN, "p_gap": NAN, "status": "estimated"}
    number = Column("p_gap", 2)
    shown = (Column("gap", 1, is_signed=True), Column("interval", 1))
    said = [cell_text(EN, column, row) for column in (*shown, Column("p_gap", 2, parts=(number,)))]
    assert said == ["+3.0", "– missing", "uncertain"]
    assert cell_text(EN, number, row) == "– missing"


def test_an_interval_has_signs_and_never_a_bound_made_up():
    assert interval_words(FR, -83.18, -46.86, "estimated") == "−83,2\u00a0à −46,9"
    assert interval_words(EN, -1.04, 14.93, "estimated") == "−1.0\u00a0to +14.9"
    assert interval_words(FR, 0.0, 0.0, "estimated") == "0,0\u00a0à 0,0"
    assert interval_words(FR, NAN, NAN, "estimated") == "– manquant"
    assert interval_words(EN, NAN, NAN, "suppressed") == "suppressed"


@pytest.mark.parametrize("words", [FR, EN])
def test_the_sentence_says_how_many_draws_were_made(words):
    assert str(DRAWS.count) in words("gaps.drawn", travel="", capacity="10")
