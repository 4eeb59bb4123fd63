"""Flags in words and in marks."""

import pandas as pd
import pytest

from dashboard.flags import MARKS, flag_why, flag_words, flags_of, marked
from dashboard.wording import Words
from geodata.model import Flag


def values(*rows):
    return pd.DataFrame(rows, columns=["role", "value", "flags"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_flag_has_a_mark_a_name_and_a_sentence(language):
    words = Words(language)
    whole = sum(flag.value for flag in Flag)
    assert flags_of(whole) == list(Flag) == list(MARKS)
    assert len(flag_words(words, whole).split(", ")) == len(Flag)
    sentences = {flag_why(words, flag) for flag in Flag}
    assert len(sentences) == len(Flag)
    assert all(text.endswith(".") and "{" not in text for text in sentences)


def test_the_words_of_a_value_without_a_flag_are_none():
    assert flag_words(Words("fr"), 0) == ""
    assert flag_words(Words("fr"), 1 | 2) == "fragile, estimé"
    assert "moins de 200 habitants" in flag_why(Words("fr"), Flag.FRAGILE)


def test_what_holds_for_every_value_is_not_drawn():
    made = marked(values(("territory", 1.0, 1 | 2), ("comparison", 2.0, 2), ("edge", 3.0, 1 | 16)))
    assert made.counts == {Flag.FRAGILE: 1, Flag.ESTIMATED: 2}
    assert made.everywhere == (Flag.ESTIMATED,)
    assert made.drawn == Flag.FRAGILE


def test_a_silence_is_not_counted_and_one_value_alone_is_drawn():
    made = marked(values(("territory", 1.0, 2), ("territory", None, 0)))
    assert made.everywhere == ()
    assert made.drawn == Flag.ESTIMATED
    assert marked(values(("territory", None, 0))).drawn == 0
