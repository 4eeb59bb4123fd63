"""Successive real years are not held for their values, whatever really grew between them."""

import itertools

import pandas as pd
import pytest

from etl.shifts import compared
from etl.source import Known, Ledger
from etl.sources import aide_sociale, terribot

NO_NAMES = pd.DataFrame(columns=["level", "area_id", "name"])


def year_by_year(frame, words):
    """What each year of a table of figures says against the one before."""
    years = dict(list(frame.groupby("period")))
    ledger = Ledger("years", "years.csv")
    for then, now in itertools.pairwise(sorted(years)):
        compared(ledger, years[now], years[then], NO_NAMES, words)
    return [(issue.code, issue.severity.value) for issue in ledger.issues]


@pytest.mark.parametrize(
    ("source", "warned"),
    [
        ("insee_births", []),
        ("cnaf_rsa", ["rounding_changed"]),  # in 2022, to fives
        ("france_travail_job_seekers", []),
        ("cnaf_low_income", []),
    ],
)
def test_successive_years_carried_with_the_project_are_not_held(words, embedded, source, warned):
    frame = embedded(f"figures/{source}.csv").rename(columns={"area_level": "level"})
    frame["value"] = pd.to_numeric(frame["value"].replace("", None)).astype("float64")
    assert year_by_year(frame, words) == [(code, "warning") for code in warned]


@pytest.mark.shared
def test_successive_years_of_the_whole_country_are_not_held(france, shared_data):
    """A hundred thousand figures: the households on RSA, whose rounding changed in 2022."""
    words = france.catalogue
    entry = words.sources["terribot_rsa"]
    file = shared_data / "need" / "terribot" / "rsa.parquet"
    made = terribot.stage(entry, file.name, file.read_bytes(), france)
    rows = made.tables["figure"]
    rows = rows[rows["period"].isin(["2020", "2021", "2022"])]
    assert year_by_year(rows, words) == [("rounding_changed", "warning")]


@pytest.mark.shared
def test_a_survey_that_a_fifth_did_not_answer_is_held(france, shared_data):
    words = france.catalogue
    file = shared_data / "need" / "drees_asdep_departements.csv"
    made = aide_sociale.stage(
        words.sources["drees_asdep"], file.name, file.read_bytes(), Known(words, france.areas)
    )
    rows = made.tables["figure"]
    rows = rows[rows["variable"].eq("foster_carers_employed") & rows["period"].ge("2012")]
    assert year_by_year(rows, words) == [("silence_jump", "hold")]
