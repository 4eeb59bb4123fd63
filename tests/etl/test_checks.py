import pandas as pd
import pytest

from etl.checks import jumps, orphans, vanished
from etl.source import RejectedFile, Staged
from geodata.model import Severity


@pytest.mark.parametrize(
    ("rows", "severity"),
    [(100, None), (110, None), (111, "warning"), (69, "hold"), (131, "hold"), (0, "hold")],
)
def test_a_jump_in_rows_is_said_then_held(rows, severity):
    before = pd.DataFrame({"source_id": ["b"], "file": ["b.csv"], "rows_read": [100]})
    found = jumps({"b": Staged({}, rows, rows)}, before)
    assert [issue.severity for issue in found] == ([Severity(severity)] if severity else [])


def test_nothing_to_compare_with_the_first_time():
    assert jumps({"b": Staged({}, 1, 1)}, None) == []


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
    staged = Staged({"figure": key.iloc[lost:]}, 100 - lost, 100 - lost)
    found = vanished({"b": staged}, key.assign(source_id="b"))
    assert [issue.severity for issue in found] == ([Severity(severity)] if severity else [])
    if found:
        assert found[0].sample == "births commune 000 2020"
