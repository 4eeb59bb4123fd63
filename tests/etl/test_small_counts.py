"""Small counts of protected variables refuse a file; others, and zero, do not."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.small_counts import check_small_counts
from etl.source import Ledger, RejectedFile
from geodata.catalogue.nouns import SourceEntry, Text

ENTRY = SourceEntry(id="own", reader="x", name=Text("x", "x"))
KEY = ["variable", "level", "area_id", "period", "value", "status"]


def checked(words, *rows, entry=ENTRY):
    frame = pd.DataFrame([(v, "commune", a, "2024", n, s) for v, a, n, s in rows], columns=KEY)
    frame["value"] = frame["value"].astype("float64")
    ledger = Ledger("own", "own.csv")
    check_small_counts({"figure": frame}, entry, words, ledger)
    return ledger.issues


@pytest.mark.parametrize(
    ("variable", "count"),
    [
        ("children_entrusted", 1),
        ("children_entrusted", 4),
        ("rsa_households", 4),
        ("domestic_violence_recorded", 2),
        ("tax_households", 10),
    ],
)
def test_a_protected_count_under_its_threshold_refuses_the_file(words, variable, count):
    with pytest.raises(RejectedFile) as caught:
        checked(words, ("births", "A", 1, "observed"), (variable, "A", count, "observed"))
    issue = caught.value.issue
    assert (issue.code, issue.column, issue.rows) == ("small_counts", variable, 1)
    smallest = words.profile(variable).smallest
    assert f"1 à {smallest - 1}" in issue.message_fr
    assert f"1 to {smallest - 1}" in issue.message_en
    assert "small_counts_at" in issue.mend_fr
    assert "small_counts_at" in issue.mend_en


def test_thresholds_zeros_secrets_and_unprotected_counts_pass(words):
    assert not checked(
        words,
        ("children_entrusted", "A", 5, "observed"),
        ("children_entrusted", "B", 0, "observed"),
        ("children_entrusted", "C", None, "suppressed"),
        ("tax_households", "A", 11, "observed"),
        ("births", "A", 1, "observed"),
        ("population", "A", 3, "observed"),
    )


def test_every_place_is_counted_and_the_first_ones_are_named(words):
    rows = [("rsa_households", f"C{n}", 2, "observed") for n in range(5)]
    with pytest.raises(RejectedFile) as caught:
        checked(words, *rows)
    assert caught.value.issue.rows == 5
    assert "C0 2024, commune C1 2024, commune C2 2024;" in caught.value.issue.message_en
    assert "C3" not in caught.value.issue.message_en


def test_what_the_producer_publishes_itself_is_only_told(words):
    public = replace(ENTRY, small_counts_at=("commune",))
    (issue,) = checked(words, ("rsa_households", "A", 3, "observed"), entry=public)
    assert (issue.severity, issue.code, issue.rows) == ("note", "small_counts_published", 1)


def test_a_source_without_figures_has_no_counts(words):
    check_small_counts({"service": pd.DataFrame()}, ENTRY, words, Ledger("own", "f"))


def test_a_window_is_protected_as_what_it_sums(words):
    sums = {v.id for v in words.variables.values() if v.window_of}
    assert {words.profile(name) for name in sums} == {None}  # births, which nothing protects
    made = replace(
        words,
        variables=words.variables
        | {"three_years": replace(words.variables["rsa_households"], window_of="rsa_households")},
    )
    assert made.profile("three_years").id == "benefits"
