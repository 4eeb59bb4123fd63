"""Flags by hand: a village of 22, a merger of 2017, a series that stops, one that breaks."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.flags import Facts, facts, flags, ground_changes
from geodata.catalogue.nouns import Break, Text
from geodata.model import Flag


@pytest.fixture
def rate(words):
    """A ratio of two variables that nobody rounds."""
    return replace(
        words.indicators["job_seeker_rate"], breaks=(Break("2020", Text("nouveau", "new")),)
    )


def observed(rows):
    columns = ["level", "area_id", "period", "value", "status"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "float64"})


def events(*rows):
    return pd.DataFrame(
        [("commune", on, before, after, kind) for on, before, after, kind in rows],
        columns=["level", "on", "before_id", "after_id", "kind"],
    )


def told(frame, indicator, known, words, present=("france_travail_job_seekers",)):
    return [Flag(int(x)) for x in flags(frame, indicator, known, words, present)]


def test_under_two_hundred_people_is_fragile_and_two_hundred_is_not(rate, words):
    areas = pd.DataFrame(
        {
            "level": "commune",
            "area_id": ["A", "B", "C"],
            "legal_population": pd.array([199, 200, None], dtype="Int64"),
        }
    )
    known = facts(areas, None, [])
    frame = observed([("commune", x, "2023", 1, "observed") for x in "ABC"])
    assert told(frame, rate, known, words) == [Flag.FRAGILE, Flag(0), Flag(0)]


def test_a_silence_has_no_flag(rate, words):
    known = Facts({"commune": frozenset("A")}, {"commune": {"A": "2020-01-01"}}, 2050)
    frame = observed(
        [("commune", "A", "2019", None, s) for s in ("suppressed", "missing", "not_applicable")]
    )
    assert told(frame, rate, known, words) == [Flag(0)] * 3


def test_the_status_is_a_flag(rate, words):
    frame = observed(
        [
            ("commune", "A", "2021", 0, "observed"),
            ("commune", "B", "2021", 1, "estimated"),
            ("commune", "C", "2021", 1, "imputed"),
        ]
    )
    assert told(frame, rate, Facts(), words) == [Flag(0), Flag.ESTIMATED, Flag.IMPUTED]


def test_rounded_at_source_comes_from_the_variables(words):
    frame = observed([("commune", "A", "2023", 1, "observed")])
    assert told(frame, words.indicators["rsa_share"], Facts(), words) == [Flag.ROUNDED]
    assert told(frame, words.indicators["single_parent_share"], Facts(), words) == [Flag(0)]


def test_the_ground_changes_by_mergers_and_splits_and_not_by_names():
    told = ground_changes(
        events(
            ("2010-01-01", "R", "R", "rename"),
            ("2017-01-01", "B", "B", "merge"),
            ("2017-01-01", "C", "B", "merge"),
            ("2018-01-01", "B", "X", "recode"),
            ("2019-01-01", "D", "D", "split"),
            ("2019-01-01", "D", "E", "split"),
        )
    )
    assert told == {"X": "2017-01-01", "D": "2019-01-01", "E": "2019-01-01"}


def test_codes_that_swap_keep_each_its_own_day():
    told = ground_changes(
        events(
            ("2001-01-01", "A", "A", "merge"),
            ("2001-01-01", "Z", "A", "merge"),
            ("2002-01-01", "A", "B", "recode"),
            ("2002-01-01", "B", "A", "recode"),
        )
    )
    assert told == {"B": "2001-01-01"}


def test_a_figure_before_the_merger_is_of_other_ground(rate, words):
    areas = pd.DataFrame({"level": ["commune"], "area_id": ["B"]})
    merged = events(("2017-01-01", "B", "B", "merge"), ("2017-01-01", "C", "B", "merge"))
    known = facts(areas, merged, [])
    periods = ("2015", "2016", "2017", "2018")
    frame = observed([("commune", "B", period, 1, "observed") for period in periods])
    apart = Flag.BOUNDARY_BREAK
    assert told(frame, rate, known, words) == [apart, apart, Flag(0), Flag(0)]


def test_only_the_latest_period_is_stale_and_from_the_fourth_year(rate, words):
    frame = observed([("commune", "A", p, 1, "observed") for p in ("2019", "2020")])
    plain = replace(rate, breaks=())
    assert told(frame, plain, Facts(latest_year=2023), words) == [Flag(0), Flag(0)]
    assert told(frame, plain, Facts(latest_year=2024), words) == [Flag(0), Flag.STALE]
    assert told(frame, plain, Facts(), words) == [Flag(0), Flag(0)]


def test_a_monthly_source_is_stale_sooner(rate, words):
    frame = observed([("commune", "A", "2022", 1, "observed")])
    source = "france_travail_job_seekers"
    often = replace(words.sources[source], schedule="monthly at 05:00")
    plain = replace(rate, breaks=(), denominator=rate.numerator)
    monthly = replace(words, sources={**words.sources, source: often})
    assert told(frame, plain, Facts(latest_year=2024), words) == [Flag(0)]
    assert told(frame, plain, Facts(latest_year=2024), monthly) == [Flag.STALE]


def test_the_latest_year_is_that_of_the_figures():
    areas = pd.DataFrame({"level": ["commune"], "area_id": ["A"]})
    assert facts(areas, None, ["2019", "2024-08-01", "", "x"]).latest_year == 2024
    assert facts(areas, None, []).latest_year is None


def test_the_series_breaks_at_its_first_period_from_the_break_on(rate, words):
    frame = observed([("commune", "A", p, 1, "observed") for p in ("2018", "2019", "2021", "2022")])
    found = told(frame, rate, Facts(), words)
    assert found == [Flag(0), Flag(0), Flag.SERIES_BREAK, Flag(0)]
    # Where nothing is known of before, nothing breaks.
    after = frame[frame["period"] >= "2021"].reset_index(drop=True)
    assert told(after, rate, Facts(), words) == [Flag(0), Flag(0)]


def test_no_observation_has_no_flags(rate, words):
    assert flags(observed([]), rate, Facts(latest_year=2024), words, ()).tolist() == []
