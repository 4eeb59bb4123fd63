"""What a release changes is told; what an officer must see first is held."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.diff import COLUMNS, LEAST_SHARE, LOST_SHARE, allowed_share, changes, moved_totals
from geodata import schema
from geodata.release import draft, refresh_lock

deterministic = settings(derandomize=True, deadline=None)
INDICATOR = "poverty_rate"


def totals(values, variable="births", source="insee_births"):
    rows = [(variable, period, total, 3, source) for period, total in values.items()]
    return pd.DataFrame(rows, columns=["variable", "period", "total", "areas", "source_id"])


#: Yearly changes of +2, -2 and +2 %: mean 0.7 %, deviation 2.3 %, so 12 % may be expected.
STEADY = {"2017": 1000.0, "2018": 1020.0, "2019": 999.6, "2020": 1019.6}


def test_what_a_total_may_move_by_is_its_own_history():
    moved = [1020 / 1000 - 1, 999.6 / 1020 - 1, 1019.6 / 999.6 - 1]
    expected = abs(np.mean(moved)) + 5 * np.std(moved, ddof=1)
    assert allowed_share(pd.Series(STEADY)) == pytest.approx(expected)
    assert 0.11 < expected < 0.13
    assert allowed_share(pd.Series(dict.fromkeys(STEADY, 50.0))) == LEAST_SHARE
    assert allowed_share(pd.Series({"2019": 1.0, "2020": 2.0, "2021": 4.0})) == LOST_SHARE


@deterministic
@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_years_does_not_matter(values, random):
    series = pd.Series(values, index=[str(2000 + i) for i in range(len(values))])
    shuffled = random.sample(range(len(values)), len(values))
    assert allowed_share(series.iloc[shuffled]) == allowed_share(series) >= LEAST_SHARE


@pytest.mark.parametrize(
    ("after", "held"),
    [
        ({"2020": 1060.0}, 0),  # +4 %
        ({"2020": 800.0}, 1),  # -22 %
        ({"2020": 1160.0}, 1),  # +14 %
        ({"2021": 1100.0}, 0),  # a new year beside the one before
        ({"2021": 1200.0}, 1),
        ({"2016": 1.0}, 0),  # an older year than any: nothing to compare it with
        ({"2020": np.nan}, 0),  # an unknown total is told by the values that go
        ({"2019": 10.0, "2020": 10.0}, 2),
    ],
)
def test_a_total_that_moves_more_than_its_history_is_held(words, after, held):
    issues = moved_totals(totals(STEADY), totals(after), words)
    assert [(i.severity, i.code) for i in issues] == [("hold", "total_moved")] * held
    for issue in issues:
        assert (issue.source_id, issue.column) == ("insee_births", "births")
        assert issue.mend_fr


def test_the_hold_says_both_totals_and_what_was_expected(words):
    (issue,) = moved_totals(totals(STEADY), totals({"2020": 800.0}), words)
    assert "2020: 800 instead of 1,020 (-21.5%), more than the ±12" in issue.message_en


def test_a_total_that_was_unknown_is_no_yardstick(words):
    """Everything suppressed before, and known now: a first total, not a move."""
    unknown = totals({"2019": np.nan, "2020": np.nan})
    assert moved_totals(unknown, totals({"2020": 100.0}), words) == []
    assert moved_totals(unknown, totals({"2021": 100.0}), words) == []
    # The last year that is known stands.
    before = totals(STEADY | {"2021": np.nan})
    assert moved_totals(before, totals({"2021": 1030.0}), words) == []
    assert len(moved_totals(before, totals({"2021": 2030.0}), words)) == 1


def test_what_is_never_summed_or_unheard_of_has_no_total(words):
    never = next(v.id for v in words.variables.values() if v.additivity == "no")
    for name in (never, "weddings"):
        assert moved_totals(totals(STEADY, name), totals({"2020": 1.0}, name), words) == []
    assert moved_totals(totals({}), totals({"2020": 1.0}), words) == []


def test_a_total_of_figures_without_a_source_is_held_all_the_same(words):
    now = totals({"2020": 1.0}, source=None)
    (issue,) = moved_totals(totals(STEADY), now, words)
    assert issue.source_id == "insee_births"


# A whole release against another.


def tables(values, names=None, births=10.0):
    """Three villages: an indicator, the births, the areas."""
    names = names or {"A": "Aurec", "B": "Beaux", "C": "Céaux"}
    areas = pd.DataFrame(
        {
            "level": "commune",
            "area_id": list(names),
            "fid": range(len(names)),
            "name": list(names.values()),
            "role": "territory",
        }
    )
    observed = pd.DataFrame(
        {
            "indicator": INDICATOR,
            "level": "commune",
            "area_id": list(values),
            "period": "2020",
            "value": pd.Series(list(values.values()), dtype="float64"),
        }
    )
    observed["status"] = np.where(observed["value"].isna(), "suppressed", "observed")
    figures = areas[["level", "area_id"]].assign(
        variable="births", period="2020", value=births, status="observed", source_id="insee_births"
    )
    return {"area": areas, "observation": observed, "figure": figures}


@pytest.fixture
def compared(tmp_path, tiny_release, words):
    def compare(before, after, folder="data"):
        data = tmp_path / folder
        base = tiny_release(data, before) if before is not None else None
        with refresh_lock(data), draft(data) as made:
            for name, rows in after.items():
                made.load(schema.release.tables[name], rows)
            frame, issues = changes(made, base, words)
            made.load(schema.change, frame)  # the release takes it as it is
            return frame.astype("object").where(frame.notna(), None), issues

    return compare


VALUES = {"A": 10.0, "B": 20.0, "C": 30.0}


def test_the_first_release_has_nothing_to_be_compared_with(compared):
    frame, issues = compared(None, tables(VALUES))
    assert frame.empty
    assert list(frame.columns) == list(COLUMNS)
    assert issues == []


def test_a_release_against_itself_is_empty(compared):
    frame, issues = compared(tables(VALUES | {"C": None}), tables(VALUES | {"C": None}))
    assert frame.empty
    assert issues == []


def test_a_village_that_moves_is_told_in_values_moves_and_areas(compared):
    frame, issues = compared(
        tables(VALUES), tables(VALUES | {"A": 12.0}, {"A": "Aurec-le-Haut", "B": "Beaux"})
    )
    told = [tuple(row) for row in frame.to_numpy().tolist()]
    assert told == [
        ("area_removed", None, "commune", "C", None, None, None, None, "Céaux"),
        ("area_renamed", None, "commune", "A", None, None, None, None, "Aurec → Aurec-le-Haut"),
        ("values", INDICATOR, "commune", None, None, None, None, 1, "added 0, removed 0, moved 1"),
        ("moved", INDICATOR, "commune", "A", "2020", 10, 12, None, None),
    ]
    # A third of the births went with the village that is gone.
    assert [issue.code for issue in issues] == ["total_moved"]


def test_values_that_are_hidden_or_shown_are_counted(compared):
    before, after = {"A": None, "B": 20.0, "C": 30.0}, {"A": 10.0, "B": None, "C": 30.0}
    frame, issues = compared(tables(before), tables(after))
    rows = frame.set_index("kind")["rows"]
    assert rows["suppressed"] == rows["shown"] == 1
    (lost,) = issues
    assert (lost.severity, lost.code, lost.rows) == ("hold", "values_lost", 1)
    assert "1 of 2 values go" in lost.message_en


def test_a_tenth_of_the_values_may_go_not_more(compared):
    names = {f"{i}": f"Village {i}" for i in range(20)}
    values = dict.fromkeys(names, 5.0)
    two_less = values | {"0": None, "1": None}
    assert compared(tables(values, names), tables(two_less, names), "two")[1] == []
    (lost,) = compared(tables(values, names), tables(two_less | {"2": None}, names), "three")[1]
    assert lost.code == "values_lost"


@pytest.mark.parametrize(
    ("after", "is_told"), [(99.0, False), (100.0, True), (1.0, True), (1.1, False), (0.0, True)]
)
def test_ten_times_or_a_tenth_is_told(compared, after, is_told):
    _, issues = compared(tables(VALUES), tables(VALUES | {"A": after}))
    assert [(i.severity, i.code) for i in issues] == [("warning", "value_jump")] * is_told


def test_ranks_that_move_are_told_at_the_default_level(compared, words):
    level = words.territory.default_level
    before, after = tables(VALUES), tables({"A": 30.0, "B": 20.0, "C": 10.0})
    for made in (before, after):
        made["observation"]["level"] = level
    frame, _ = compared(before, after)
    ranks = frame[frame["kind"] == "rank"]
    assert ranks[["level", "area_id", "before", "after"]].to_numpy().tolist() == [
        [level, "A", 3, 1],
        [level, "C", 1, 3],
    ]
