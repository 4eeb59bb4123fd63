"""The counts of record-level files, computed again by hand."""

import json
from calendar import monthrange
from collections import Counter

import pytest

from etl.records.contracts.loader import contracts


def figures_of(caseload, name):
    frame = caseload[0][name].tables["figure"]
    whole = frame[frame["level"] == "departement"]
    keys = zip(whole["variable"], whole["period"], strict=True)
    return dict(zip(keys, whole["value"], strict=True))


def after_three_months(day):
    y, m, d = map(int, day.split("-"))
    y, m = (y, m + 3) if m <= 9 else (y + 1, m - 9)
    return f"{y}-{m:02d}-{min(d, monthrange(y, m)[1]):02d}"


def test_concerns_are_counted_as_by_hand(caseload, rows_of):
    told = figures_of(caseload, "own_concerns")
    rows = rows_of("own_concerns")
    years = Counter(row["received_on"][:4] for row in rows)
    by_source = Counter((row["source"], row["received_on"][:4]) for row in rows)
    for year in ("2021", "2022", "2023", "2024", "2025"):
        assert told["own_concerns_received", year] == years[year]
        for source in contracts()["own_concerns"].columns["source"].values:
            assert told[f"own_concerns_from_{source}", year] == by_source[source, year]
    assert ("own_concerns_received", "2026") not in told


def test_assessments_are_counted_as_by_hand(caseload, rows_of, as_of):
    told = figures_of(caseload, "own_assessments")
    rows = rows_of("own_assessments")
    for year in ("2022", "2023", "2024", "2025"):
        closed = [row for row in rows if row["closed_on"].startswith(year)]
        late = [row for row in closed if row["closed_on"] > after_three_months(row["received_on"])]
        assert told["own_assessments_closed", year] == len(closed)
        assert told["own_assessments_closed_late", year] == len(late)
        end = f"{year}-12-31"
        still = [
            row
            for row in rows
            if row["opened_on"] <= end and (not row["closed_on"] or row["closed_on"] > end)
        ]
        assert told["own_assessments_open", year] == len(still)
    today = as_of.isoformat()
    still = [row for row in rows if not row["closed_on"]]
    late = [row for row in still if after_three_months(row["received_on"]) < today]
    assert told["own_assessments_open_on_day", today] == len(still)
    assert told["own_assessments_open_late", today] == len(late)


def test_measures_are_counted_as_by_hand(caseload, rows_of):
    told = figures_of(caseload, "own_measures")
    rows = rows_of("own_measures")
    for year in ("2022", "2023", "2024", "2025"):
        end = f"{year}-12-31"
        running = [
            row
            for row in rows
            if row["started_on"] <= end and (not row["ended_on"] or row["ended_on"] > end)
        ]
        assert told["own_measures_in_force", year] == len(running)
        assert told["own_children_with_measure", year] == len({r["child_id"] for r in running})
        for kind, count in Counter(row["kind"] for row in running).items():
            assert told[f"own_measures_{kind}", year] == count
        for who in ("administrative", "judicial"):
            home = sum("home" in r["kind"] and r["decided_by"] == who for r in running)
            placed = sum("home" not in r["kind"] and r["decided_by"] == who for r in running)
            assert told[f"own_home_measures_{who}", year] == home
            assert told[f"own_placement_measures_{who}", year] == placed
        started = sum(row["started_on"].startswith(year) for row in rows)
        assert told["own_measures_started", year] == started
        ended = sum(row["ended_on"].startswith(year) for row in rows)
        assert told["own_measures_ended", year] == ended


def test_places_are_counted_as_by_hand_in_every_area(caseload, rows_of):
    frame = caseload[0]["own_places"].tables["figure"]
    rows = rows_of("own_places")
    end = "2025-12-31"
    by_area = Counter()
    for row in rows:
        if row["authorised_on"] <= end and (not row["closed_on"] or row["closed_on"] > end):
            by_area[row["kind"], row["area_id"]] += int(row["capacity"])
    fine = frame[(frame["level"] == "commune") & (frame["period"] == "2025")]
    homes = {kind for kind, _ in by_area} - {"foster_family"}
    assert set(fine["variable"]) == {f"own_places_{kind}" for kind in homes}
    assert len(fine) == len(homes) * 257
    for row in fine.itertuples():
        assert row.value == by_area[row.variable.removeprefix("own_places_"), row.area_id]
    whole = figures_of(caseload, "own_places")
    for kind in {kind for kind, _ in by_area}:
        total = sum(count for (k, _), count in by_area.items() if k == kind)
        assert whole[f"own_places_{kind}", "2025"] == total


def test_staff_is_counted_as_by_hand(caseload, rows_of, as_of):
    told = figures_of(caseload, "own_staff")
    by_state = Counter()
    for row in rows_of("own_staff"):
        by_state[row["state"]] += float(row["full_time_equivalents"])
    for state, total in by_state.items():
        assert told[f"own_staff_{state}", as_of.isoformat()] == pytest.approx(total)


def test_what_says_which_extract_was_read_holds_no_row(caseload):
    for name, staged in caseload[0].items():
        (row,) = staged.tables["record_extract"].to_dict("records")
        assert set(row) == {
            "source_id",
            "snapshot_id",
            "key_id",
            "extracted_on",
            "covered_since",
            "is_invented",
            "rows",
        }
        assert row["source_id"] == name
        assert json.dumps(row)
