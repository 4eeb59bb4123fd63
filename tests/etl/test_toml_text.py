"""What is written is read back."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.toml_text import toml_comment, toml_key, toml_value

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30)
VALUE = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**53), 2**53), TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(TEXT, VALUE)
def test_any_value_is_read_back(key, value):
    assert tomllib.loads(f"{toml_key(key)} = {toml_value(value)}") == {key: value}


def test_the_least_of_what_may_be_negative():
    assert tomllib.loads(f"x = {toml_value(float('-inf'))}")["x"] == float("-inf")


@given(TEXT)
def test_a_comment_stays_on_its_line(text):
    assert tomllib.loads(f"# {toml_comment(text)}\nx = 1") == {"x": 1}


def test_what_toml_has_no_word_for():
    with pytest.raises(TypeError):
        toml_value(None)
