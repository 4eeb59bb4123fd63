"""Figures against those published: silences that jump, values that shift, and what is real."""

import numpy as np
import pandas as pd
import pytest

from etl.shifts import LEAST_AREAS, compared
from etl.source import Ledger
from geodata.model import Severity

NAMES = pd.DataFrame(
    {"level": "commune", "area_id": [f"{n:03d}" for n in range(100)], "name": "Village"}
)


def figures(values, period="2020", status="observed", variable="births", level="commune"):
    """One figure for each value, in areas 000, 001...; None is suppressed."""
    frame = pd.DataFrame(
        {
            "variable": variable,
            "level": level,
            "area_id": [f"{n:03d}" for n in range(len(values))],
            "period": period,
            "value": pd.array([np.nan if x is None else x for x in values], dtype="float64"),
        }
    )
    return frame.assign(status=np.where(frame["value"].isna(), "suppressed", status))


def issues(now, then, words):
    ledger = Ledger("b", "b.csv")
    compared(ledger, now, then, NAMES, words)
    for issue in ledger.issues:
        assert issue.file == "b.csv"
        assert issue.mend_fr
        assert issue.mend_en
    return ledger.issues


def codes(now, then, words):
    return [(issue.code, issue.severity) for issue in issues(now, then, words)]


GROWN = np.random.default_rng(2).lognormal(3, 1, 100).round()


def test_silences_that_jump_are_held_with_shares_and_areas(words):
    then = figures([None] * 3 + [5.0] * 97, "2019")
    now = figures([None] * 45 + [5.0] * 55)
    (issue,) = issues(now, then, words)
    assert (issue.code, issue.severity) == ("silence_jump", Severity.HOLD)
    assert (issue.column, issue.rows) == ("births", 42)
    assert issue.message_en == (
        "Births (commune), 2020: 45% of areas without a value, instead of 3% in 2019; "
        "42 areas changed, first Village (003), Village (004), Village (005)"
    )
    assert "45 % des aires sans valeur, au lieu de 3 % en 2019" in issue.message_fr


@pytest.mark.parametrize("silent", ["suppressed", "missing", "not_applicable"])
def test_each_silence_counts_and_so_does_a_figure_that_comes_back(words, silent):
    full, empty = figures([5.0] * 100), figures([None] * 30 + [5.0] * 70)
    empty.loc[empty["value"].isna(), "status"] = silent
    assert codes(empty, full, words) == [("silence_jump", Severity.HOLD)]
    assert codes(full, empty, words) == [("silence_jump", Severity.HOLD)]


@pytest.mark.parametrize(("lost", "is_held"), [(10, False), (11, True)])
def test_ten_points_may_move(words, lost, is_held):
    now = figures([None] * lost + [5.0] * (100 - lost))
    assert bool(issues(now, figures([5.0] * 100), words)) is is_held


@pytest.mark.parametrize(("areas", "is_held"), [(7, False), (8, True)])
def test_a_few_areas_tell_nothing_unless_all_fall_silent(words, areas, is_held):
    assert bool(issues(figures([None] * areas), figures([5.0] * areas), words)) is is_held


def test_as_many_silences_elsewhere_are_no_jump(words):
    then, now = figures([None] * 40 + [5.0] * 60), figures([5.0] * 60 + [None] * 40)
    assert issues(now, then, words) == []


def test_an_area_absent_from_a_new_period_has_no_value_there(words):
    then, now = figures([5.0] * 100, "2019"), figures([5.0] * 80)
    (issue,) = issues(now, then, words)
    assert (issue.code, issue.rows) == ("silence_jump", 20)
    assert issues(now, then.assign(period="2020"), words) == []  # `vanished` tells of these


def test_another_unit_is_held(words):
    (issue,) = issues(figures(1000 * GROWN), figures(GROWN, "2019"), words)
    assert (issue.code, issue.severity, issue.rows) == ("value_shift", Severity.HOLD, 100)
    assert "Births (commune), 2020: the distribution is not that of 2019" in issue.message_en
    assert "Village (" in issue.message_en
    assert "la répartition n’est plus celle de 2019" in issue.message_fr


@pytest.mark.parametrize("growth", [0.9, 1.0, 1.1, 1.2])
def test_growth_is_not(words, growth):
    assert issues(figures(growth * GROWN), figures(GROWN, "2019"), words) == []


def test_fewer_than_thirty_areas_say_nothing_of_values(words):
    small, enough = GROWN[: LEAST_AREAS - 1], GROWN[:LEAST_AREAS]
    assert issues(figures(1000 * small), figures(small), words) == []
    assert codes(figures(1000 * enough), figures(enough), words) == [("value_shift", Severity.HOLD)]


def test_a_new_rounding_is_a_warning_and_a_new_unit_with_it_is_held(words):
    real = np.random.default_rng(3).geometric(0.12, 3000) - 1.0
    masked = np.where(real < 5, 0, real)
    rounded = 5 * np.round(real / 5)
    then = figures(masked, "2019")
    assert codes(figures(rounded), then, words) == [("rounding_changed", Severity.WARNING)]
    assert codes(figures(100 * rounded), then, words) == [("value_shift", Severity.HOLD)]


def test_one_issue_for_a_variable_and_level_at_its_worst_period(words):
    then = pd.concat([figures(GROWN, "2018"), figures(GROWN, "2019")])
    now = pd.concat([figures(2.5 * GROWN, "2018"), figures(1000 * GROWN, "2019")])
    (issue,) = issues(now, then, words)
    assert ", 2019:" in issue.message_en


def test_nothing_is_said_without_a_period_or_a_variable_to_compare_with(words):
    now = figures(1000 * GROWN)
    assert issues(now, figures(GROWN, "2021"), words) == []
    assert issues(now, figures(GROWN, variable="rsa_households"), words) == []
    assert issues(now, figures(GROWN, level="departement"), words) == []
    assert issues(now, now, words) == []
