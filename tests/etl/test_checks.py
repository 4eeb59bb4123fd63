import pandas as pd
import pytest

from etl.checks import jump, orphans, vanished
from etl.source import Ledger, RejectedFile, Staged
from geodata.model import Severity


@pytest.mark.parametrize(
    ("rows", "severity"),
    [(100, None), (110, None), (111, "warning"), (69, "hold"), (131, "hold"), (40, "hold")],
)
def test_a_jump_in_rows_is_said_then_held(rows, severity):
    ledger = Ledger("b", "b.csv")
    jump(ledger, rows, 100)
    assert [issue.severity for issue in ledger.issues] == ([Severity(severity)] if severity else [])


def test_a_file_that_lost_most_of_its_rows_is_refused():
    with pytest.raises(RejectedFile) as caught:
        jump(Ledger("b", "b.csv"), 39, 100)
    assert caught.value.issue.message_en == "39 rows instead of 100 (-61%)"


def test_rows_must_be_accounted_for():
    with pytest.raises(AssertionError, match="3 rows read, 2 accounted"):
        Staged({}, 3, 2)


def test_an_area_without_a_parent_is_refused(village_areas, village_membership, words):
    with pytest.raises(RejectedFile) as caught:
        orphans(village_areas, village_membership, words)
    assert "canton_or_town" in caught.value.issue.message_en


@pytest.mark.parametrize(("lost", "severity"), [(0, None), (1, "warning"), (2, "hold")])
def test_figures_that_vanish_are_said_then_held(lost, severity):
    key = pd.DataFrame(
        {
            "variable": "births",
            "level": "commune",
            "area_id": [f"{n:03d}" for n in range(100)],
            "period": "2020",
        }
    )
    ledger = Ledger("b", "b.csv")
    vanished(ledger, key.iloc[lost:], key)
    assert [issue.severity for issue in ledger.issues] == ([Severity(severity)] if severity else [])
    if ledger.issues:
        assert ledger.issues[0].sample == "births commune 000 2020"


def test_an_older_file_is_refused():
    key = pd.DataFrame(
        {"variable": "births", "level": "commune", "area_id": "A", "period": ["2019", "2020"]}
    )
    with pytest.raises(RejectedFile) as caught:
        vanished(Ledger("b", "b.csv"), key.iloc[:1], key)
    assert caught.value.issue.code == "older"
