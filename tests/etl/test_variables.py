"""Sources that tell the same figure: the most trusted stands, and a difference is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.figures import KEY
from etl.snapshot import Passport, Snapshot
from etl.staging import Stock
from etl.steps import Steps
from etl.variables import ground_of, merged_figures, variable_steps

deterministic = settings(derandomize=True, deadline=None, max_examples=30)
_NO_PASSPORT = Passport(*[""] * 8)


@pytest.fixture(scope="module")
def births(words):
    return words.variables["births"]


@pytest.fixture(scope="module")
def stock():
    """Snapshots of three sources, as the warnings name their files."""
    return Stock(
        {
            x: Snapshot(x, f"{x}.csv", "incoming", "", _NO_PASSPORT, Path())
            for x in ("first", "second", "third")
        }
    )


def figures(source, values, period="2020"):
    rows = [("births", "commune", area, period, value) for area, value in values.items()]
    frame = pd.DataFrame(rows, columns=[*KEY, "value"]).astype({"value": "float64"})
    status = np.where(frame["value"].isna(), "suppressed", "observed")
    return frame.assign(status=status, source_id=source)


def values_of(made):
    return made.set_index("area_id")["value"].to_dict()


def test_the_first_source_stands_and_the_others_fill_in(births, stock):
    frames = [figures("first", {"A": 10}), figures("second", {"A": 10, "B": 5})]
    made, issues = merged_figures([*frames, figures("third", {"C": 1, "B": 5})], births, stock)
    assert values_of(made) == {"A": 10, "B": 5, "C": 1}
    assert made["source_id"].tolist() == ["first", "second", "third"]
    assert issues == []


def test_one_source_is_taken_as_it_is_and_none_makes_nothing(births, stock):
    alone = figures("first", {"A": 10, "B": None})
    assert merged_figures([alone], births, stock)[0] is alone
    none, issues = merged_figures([], births, stock)
    assert none.empty
    assert set(KEY) < set(none.columns)
    assert issues == []


def test_values_that_differ_are_counted_and_the_first_is_named(births, stock):
    first = figures("first", {"A": 10, "B": 5, "C": 3})
    second = figures("second", {"A": 10, "B": 6, "C": 4})
    made, (issue,) = merged_figures([first, second], births, stock)
    assert values_of(made) == {"A": 10, "B": 5, "C": 3}
    assert (issue.severity, issue.code, issue.rows) == ("warning", "sources_disagree", 2)
    assert (issue.source_id, issue.file, issue.column) == ("second", "second.csv", "births")
    assert "the first: commune B 2020, 6 instead of 5" in issue.message_en
    assert "first, which stands" in issue.message_en
    assert "commune B 2020, 6 au lieu de 5" in issue.message_fr


def test_the_one_that_stands_is_named_even_when_it_is_the_second(births, stock):
    frames = [figures("first", {"A": 1}), figures("second", {"B": 2}), figures("third", {"B": 3})]
    _, (issue,) = merged_figures(frames, births, stock)
    assert issue.source_id == "third"
    assert "second, which stands" in issue.message_en


def test_what_the_first_withholds_is_not_taken_from_the_second(births, stock):
    """A suppressed figure is a figure: another source does not unveil it, and nothing differs."""
    made, issues = merged_figures(
        [figures("first", {"A": None}), figures("second", {"A": 3})], births, stock
    )
    assert made["status"].tolist() == ["suppressed"]
    assert issues == []


def test_two_years_or_levels_are_two_figures(births, stock):
    older, upper = figures("second", {"A": 9}, "2019"), figures("second", {"A": 8})
    upper["level"] = "epci"
    made, issues = merged_figures(
        [figures("first", {"A": 10}), pd.concat([older, upper])], births, stock
    )
    assert sorted(made["value"]) == [8, 9, 10]
    assert issues == []


@pytest.mark.parametrize(("other", "differs"), [(1e9 + 0.5, False), (1e9 + 2, True)])
def test_a_difference_of_rounding_is_none(births, stock, other, differs):
    _, issues = merged_figures(
        [figures("first", {"A": 1e9}), figures("second", {"A": other})], births, stock
    )
    assert len(issues) == differs


figure_maps = st.dictionaries(
    st.sampled_from("ABCDEF"), st.one_of(st.none(), st.integers(0, 3)), max_size=6
)


@deterministic
@given(st.lists(figure_maps, min_size=1, max_size=3))
def test_merging_agrees_with_dictionaries(births, stock, given_by):
    names = ("first", "second", "third")[: len(given_by)]
    frames = [figures(x, one) for x, one in zip(names, given_by, strict=True)]
    made, issues = merged_figures(frames, births, stock)
    expected: dict[str, tuple[str, float | None]] = {}
    apart = dict.fromkeys(names, 0)
    for name, values in zip(names, given_by, strict=True):
        for area, value in values.items():
            known = expected.get(area, (name, None))[1]
            apart[name] += None not in (known, value) and known != value
            expected.setdefault(area, (name, value))
    values = [None if np.isnan(value) else value for value in made["value"]]
    told = dict(zip(made["area_id"], zip(made["source_id"], values, strict=True), strict=True))
    assert told == expected
    assert not made.duplicated(KEY).any()
    assert {i.source_id: i.rows for i in issues} == {k: n for k, n in apart.items() if n}


def test_the_unit_of_the_warning_is_the_variables_name(births, stock):
    named = replace(births, name=replace(births.name, en="Births, all"))
    _, (issue,) = merged_figures(
        [figures("first", {"A": 1}), figures("second", {"A": 2})], named, stock
    )
    assert issue.message_en.startswith("1 values of Births, all differ")


def test_services_that_do_not_say_their_area_are_told_of_their_file(tmp_path, words, village_areas):
    """One of three counters has no area: the file says nothing of the villages, and why."""
    variable = words.variables["france_services_points"]
    members = pd.DataFrame(
        [("commune", x, "departement", "43") for x in "AB"],
        columns=["level", "area_id", "parent_level", "parent_id"],
    )
    services = pd.DataFrame({"service_id": ["1", "2", "3"], "area_id": ["A", "A", None]})
    services = services.assign(category="france_services", period="2024", capacity=np.nan)
    steps = Steps(tmp_path, "1")
    name = variable.sources[1]
    snapshot = Snapshot(name, "counters.csv", "incoming", "", _NO_PASSPORT, Path())
    stock = Stock(
        {name: snapshot},
        {name: steps.step(name, ["x"], lambda: ({"service": services}, {}))},
        steps.step("territory", ["x"], lambda: ({"area": village_areas}, {})),
    )
    ground = ground_of(village_areas, members, words)
    made = variable_steps(stock, ground, words, steps, lambda *_: None)
    step = made[variable.id]
    assert step.frame("figure").empty
    (issue,) = step.account["issues"]
    assert (issue["source_id"], issue["file"], issue["rows"]) == (name, "counters.csv", 1)
    assert issue["code"] == "rows_without_area"
