"""Steps are kept by what they were made from; half of one is none."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from etl.steps import Steps, hashed

deterministic = settings(derandomize=True, deadline=None)
FRAME = pd.DataFrame(
    {"area_id": ["A", "B"], "value": [1.5, np.nan], "whole": pd.array([1, None], dtype="Int64")}
)


class Bench:
    """A folder of steps whose maker counts how often it worked."""

    def __init__(self, folder):
        self.folder, self.made = folder, 0

    def do(self, *depends, name="births", code="1", tables=None, account=None):
        def make():
            self.made += 1
            return tables or {"figure": FRAME}, account or {"rows_read": 2}

        self.steps = Steps(self.folder, code)
        return self.steps.step(name, depends, make)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "steps")


def test_a_step_is_made_once_and_read_back_as_it_was(bench):
    first = bench.do("a", account={"rows_read": 2, "issues": [{"code": "à voir"}]})
    again = bench.do("a")
    assert bench.made == 1
    assert again.key == first.key
    assert again.tables == ("figure",)
    assert again.account == {"rows_read": 2, "issues": [{"code": "à voir"}]}
    frame = again.frame("figure")
    assert frame["area_id"].tolist() == ["A", "B"]
    assert frame["value"].isna().tolist() == [False, True]
    assert frame["whole"].isna().tolist() == [False, True]
    (timing,) = bench.steps.timings
    assert (timing.step, timing.is_reused, timing.rows) == ("births", True, 2)
    assert timing.seconds >= 0


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_rows_are_those_whose_column_says_a_word(bench, kind):
    areas = FRAME.assign(area_id=pd.Series(["A", None], dtype=kind))
    step = bench.do(kind, tables={"figure": areas, "none": areas.iloc[:0]})
    assert step.rows("figure", "area_id", "A")["value"].tolist() == [1.5]
    assert step.rows("figure", "area_id", "B").empty
    none = step.rows("none", "area_id", "A")
    assert none.empty
    assert list(none) == list(FRAME)


def test_a_step_is_held_once_it_is_made_and_while_it_is_whole(bench):
    step = bench.do("a")
    assert bench.steps.holds("births", ["a"])
    assert not bench.steps.holds("births", ["b"])
    cut_in_two(step.folder / "figure.arrow")
    assert not bench.steps.holds("births", ["a"])


def test_a_frame_of_a_step_is_ones_own(bench):
    step = bench.do("a")
    mine = step.frame("figure")
    mine.loc[0, "value"] = 9
    assert step.frame("figure").loc[0, "value"] == 1.5


@pytest.mark.parametrize("change", [{"name": "deaths"}, {"code": "2"}])
def test_another_name_or_code_is_another_step(bench, change):
    assert bench.do("a").key != bench.do("a", **change).key
    assert bench.made == 2


texts = st.lists(st.text(st.characters() | st.sampled_from("\x1f',\\")), max_size=4)


@deterministic
@given(texts, texts)
def test_a_key_changes_if_and_only_if_an_input_changes(one, other):
    assert (hashed(*one) == hashed(*other)) == (one == other)


@deterministic
@given(texts, st.data())
def test_where_one_input_ends_and_the_next_begins_is_part_of_the_key(parts, data):
    """Joined, cut elsewhere, moved: other inputs, another key."""
    assume(len(parts) > 1)
    place = data.draw(st.integers(1, len(parts) - 1))
    for glue in ("", "\x1f", ",", "', '"):
        joined = [*parts[: place - 1], parts[place - 1] + glue + parts[place], *parts[place + 1 :]]
        assert hashed(*joined) != hashed(*parts)


def test_a_file_name_that_is_no_text_has_a_key_all_the_same():
    assert hashed("births\udce9.csv") != hashed("births\udce8.csv")


def test_what_fails_leaves_nothing_behind(bench, tmp_path):
    def refused():
        raise ValueError("refused")

    steps = Steps(tmp_path / "steps", "1")
    with pytest.raises(ValueError, match="refused"):
        steps.step("births", ["a"], refused)
    assert not list((tmp_path / "steps").glob("*"))
    assert steps.timings == []
    # What cannot be written is not kept either: neither its tables nor its account.
    with pytest.raises(TypeError):
        bench.do("a", account={"rows_read": object()})
    assert not list((tmp_path / "steps").glob("*"))
    bench.do("a")
    assert bench.made == 2


def cut_in_two(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "done.json").unlink(),
        lambda folder: cut_in_two(folder / "done.json"),
        lambda folder: cut_in_two(folder / "figure.arrow"),
        lambda folder: (folder / "figure.arrow").write_bytes(b""),
        lambda folder: (folder / "figure.arrow").write_bytes(b"not arrow at all"),
    ],
    ids=["no account", "account cut", "table cut", "table empty", "another file"],
)
def test_a_step_that_is_half_written_or_damaged_is_made_again(bench, harm):
    step = bench.do("a")
    harm(step.folder)
    again = bench.do("a")
    assert bench.made == 2
    assert not bench.steps.timings[0].is_reused
    assert again.frame("figure")["area_id"].tolist() == ["A", "B"]
    bench.do("a")
    assert bench.made == 2, "and then it is whole"


def test_what_a_killed_run_left_aside_is_not_found_and_goes(bench):
    step = bench.do("a")
    aside = bench.folder / "making-0123"
    step.folder.rename(aside)
    bench.do("a")
    assert bench.made == 2
    bench.steps.forget_others()
    assert [folder.name for folder in bench.folder.glob("*")] == [step.key]


def test_only_the_steps_that_were_used_stay(bench):
    old, new = bench.do("a"), bench.do("b")
    bench.do("b")
    bench.steps.forget_others()
    assert not old.folder.exists()
    assert json.loads((new.folder / "done.json").read_text()) == {"rows_read": 2}
