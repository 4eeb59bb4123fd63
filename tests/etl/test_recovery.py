"""A withheld count that the published totals give away holds the publication."""

from dataclasses import replace

import pandas as pd
import pytest

import etl.recovery
from etl.recovery import check_recovery
from etl.source import Ledger
from geodata.model import Additivity

VARIABLE = "children_entrusted"
#: Four communes in two EPCI and, crosswise, in two cantons; one département.
PARENTS = {
    "A": ("E1", "K1"),
    "B": ("E1", "K2"),
    "C": ("E2", "K1"),
    "D": ("E2", "K2"),
}
LEVELS = ("epci", "canton_or_town")


@pytest.fixture
def membership():
    rows = [
        ("commune", area, level, parent)
        for area, parents in PARENTS.items()
        for level, parent in zip((*LEVELS, "departement"), (*parents, "43"), strict=True)
    ]
    return pd.DataFrame(rows, columns=["level", "area_id", "parent_level", "parent_id"])


@pytest.fixture
def areas(membership):
    own = membership[["level", "area_id"]]
    above = membership[["parent_level", "parent_id"]].set_axis(own.columns, axis=1)
    return pd.concat([own, above]).drop_duplicates(ignore_index=True).assign(role="territory")


@pytest.fixture
def check(areas, membership, words):
    """Checks figures (level, area, value; None is suppressed, ``?`` missing) of one period."""

    def run(*rows, areas=areas, links=membership, **changed):
        variable = replace(words.variables[VARIABLE], **changed)
        frame = pd.DataFrame(rows, columns=["level", "area_id", "value"])
        status = frame["value"].map(lambda x: "suppressed" if pd.isna(x) else "observed")
        frame = frame.assign(
            status=status.where(frame["value"] != "?", "missing"),
            value=pd.to_numeric(frame["value"], errors="coerce"),
            period="2024",
        )
        ledger = Ledger("own", "own.csv")
        profile = words.profile(VARIABLE)
        check_recovery(frame, areas, links, variable, profile, words.territory, ledger)
        return ledger.issues

    return run


def communes(**values):
    return [("commune", area, value) for area, value in values.items()]


def test_one_secret_beside_its_total_is_found_by_subtraction(check):
    (issue,) = check(*communes(A=None, B=20, C=30, D=12), ("epci", "E1", 23))
    assert (issue.severity, issue.code, issue.rows) == ("hold", "recoverable", 1)
    assert (issue.source_id, issue.file, issue.column) == ("own", "own.csv", VARIABLE)
    assert "commune A 2024, exactement" in issue.message_fr
    assert "commune A 2024, exactly" in issue.message_en
    assert "commune A" in issue.mend_fr
    assert "commune A" in issue.mend_en


def test_two_secrets_that_add_up_to_little_are_found_too(check):
    (issue,) = check(*communes(A=None, B=None, C=30, D=12), ("epci", "E1", 4))
    assert issue.rows == 2
    assert "commune A 2024, within 4" in issue.message_en


def test_two_secrets_that_add_up_to_enough_are_safe(check):
    assert check(*communes(A=None, B=None, C=30, D=12), ("epci", "E1", 5)) == []


def test_levels_that_cross_give_away_what_neither_does(check):
    """Geurts's table: EPCI by rows, cantons by columns; apart each leaves 0 to 7."""
    secret = communes(A=None, B=None, C=None, D=None)
    epci = [("epci", "E1", 7), ("epci", "E2", 7)]
    assert check(*secret, *epci) == []
    (issue,) = check(*secret, *epci, ("canton_or_town", "K1", 11), ("canton_or_town", "K2", 3))
    assert issue.rows == 4
    assert "commune A 2024, within 3" in issue.message_en


def test_the_whole_minus_its_parts_gives_a_secret_total_away(check):
    published = communes(A=10, B=20, C=30, D=12)
    (issue,) = check(*published, ("epci", "E1", None), ("departement", "43", 72))
    assert "epci E1 2024, exactly" in issue.message_en


def test_an_area_without_a_figure_or_missing_protects_those_beside_it(check):
    assert check(*communes(A=None), ("epci", "E1", 3)) != []  # 0 to 3, all the same
    assert check(*communes(A=None), ("epci", "E1", 30)) == []
    assert check(*communes(A=None, B="?"), ("epci", "E1", 30)) == []


def test_areas_without_figures_still_add_up_between_the_levels(check):
    """No commune is published: the EPCI and the département alone give E2 away."""
    (issue,) = check(("epci", "E1", 20), ("epci", "E2", None), ("departement", "43", 23))
    assert "epci E2 2024, exactly" in issue.message_en


def test_totals_of_areas_beyond_the_territory_are_no_sums(check, areas):
    outside = areas.assign(role=areas["role"].where(areas["area_id"] != "E1", "comparison"))
    figures = [*communes(A=None, B=20, C=30, D=12), ("epci", "E1", 23)]
    assert check(*figures)
    assert check(*figures, areas=outside) == []


def test_rounded_and_unsummed_variables_give_nothing_away(check):
    figures = [*communes(A=None, B=20, C=30, D=12), ("epci", "E1", 23)]
    for additivity in (Additivity.ROUNDED, Additivity.NO):
        assert check(*figures, additivity=additivity) == []


def test_totals_that_cannot_be_sums_are_told(check):
    (issue,) = check(*communes(A=None, B=20, C=30, D=12), ("epci", "E1", 3))
    assert (issue.severity, issue.code) == ("warning", "sums_contradict")
    assert "commune A" in issue.message_fr


def test_too_many_secrets_are_told_to_be_unchecked(check, monkeypatch):
    monkeypatch.setattr(etl.recovery, "MOST_WITHHELD", 1)
    (issue,) = check(*communes(A=None, B=None, C=30, D=12), ("epci", "E1", 4))
    assert (issue.severity, issue.code, issue.rows) == ("warning", "not_audited", 2)


def test_nothing_withheld_nothing_said(check):
    assert check(*communes(A=1, B=20), ("epci", "E1", 21)) == []
