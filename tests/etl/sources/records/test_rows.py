"""Every row of a record-level file is accounted for: none lost, none wrong in silence."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.records.commands import workbook_bytes
from etl.source import Known
from etl.sources import records


def test_every_generated_row_is_accounted_for(caseload, rows_of):
    for name, staged in caseload[0].items():
        assert staged.rows_read == len(rows_of(name))
        assert (staged.rows_quarantined, staged.rows_dropped) == (0, 0)


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"ended_on": "2024-01-31"}, "end_before_start", "ended_on"),
        ({"started_on": "2024-02-30"}, "bad_date", "started_on"),
        ({"started_on": "01/02/24"}, "bad_date", "started_on"),
        ({"started_on": "2025-02-01"}, "future", "started_on"),
        ({"started_on": ""}, "empty_cell", "started_on"),
        ({"kind": "aemo"}, "bad_code", "kind"),
        ({"sex": "x"}, "bad_code", "sex"),
        ({"birth_month": "2002-12"}, "too_old", "birth_month"),
        ({"birth_month": "2025-03"}, "future_birth", "birth_month"),
        ({"birth_month": "2014-13"}, "bad_month", "birth_month"),
        ({"area_id": "43999"}, "unknown_area", "area_id"),
        ({"measure_id": "9" * 65}, "bad_id", "measure_id"),
    ],
)
def test_a_wrong_row_is_held_back_without_its_cells(
    known, cells, code, column, measure, stage, many
):
    staged = stage(many(measure(301, **cells)), known)
    (issue,) = [i for i in staged.issues if i.severity.value == "quarantine"]
    assert (issue.code, issue.column, issue.line) == (code, column, 302)
    assert issue.mend_fr
    assert issue.mend_en
    assert (staged.rows_loaded, staged.rows_quarantined) == (300, 1)
    assert staged.held["cells"].tolist() == ["{}"]


def test_repetitions_are_dropped_and_contradictions_held_back(known, measure, stage, many):
    again = measure(1)
    twice = measure(2, decided_by="administrative")
    staged = stage(many(again, twice), known)
    assert staged.dropped == {"repeated": 1}
    assert staged.rows_quarantined == 2
    assert staged.rows_loaded == 299


def test_a_date_of_birth_loses_its_day_and_it_is_said(known, measure, stage, many):
    staged = stage(many(measure(301, birth_month="2014-05-17")), known)
    assert [i.rows for i in staged.issues if i.code == "day_dropped"] == [5]
    kept = next((known.records / "own_measures").glob("*.parquet"))
    assert set(pd.read_parquet(kept)["birth_month"]) == {"2014-05"}


def test_a_lost_zero_is_given_back(words, tmp_path, measure, stage, members):
    table = members(["01001"])
    known = Known(
        words,
        areas={"commune": frozenset({"01001"})},
        tables={"membership": {"area_membership": table}},
        records=tmp_path / "records",
        key=tmp_path / "keys" / "k",
    )
    staged = stage([measure(n, area_id="1001") for n in range(5)], known)
    assert staged.rows_loaded == 5
    assert [i.rows for i in staged.issues if i.code == "leading_zero"] == [5]


def test_a_few_children_live_elsewhere_but_a_whole_file_is_refused(
    known, measure, stage, many, refusal
):
    staged = stage(many(measure(301, area_id="07001")), known)
    assert staged.rows_loaded == 301
    assert [i.rows for i in staged.issues if i.code == "elsewhere"] == [1]
    assert refusal([measure(n, area_id="07001") for n in range(9)], known).code == "wrong_territory"


def test_a_workbook_gives_what_the_csv_gives(caseload, entry, rows_of, tmp_path):
    staged, known = caseload
    aside = replace(known, records=tmp_path / "records", key=tmp_path / "keys" / "k")
    short = {name: rows_of(name) for name in ("own_staff", "own_places")}
    book = workbook_bytes(
        {n: (list(r[0]), [list(x.values()) for x in r]) for n, r in short.items()}
    )
    made = records.stage(entry("own_staff"), "x.xlsx", book, aside)
    pd.testing.assert_frame_equal(made.tables["figure"], staged["own_staff"].tables["figure"])
    assert (made.rows_read, made.rows_loaded) == (staged["own_staff"].rows_read,) * 2
