"""The counts of record-level files, computed again by hand."""

import json
import math
from calendar import monthrange
from collections import Counter

import pytest

from etl.records.contracts.loader import contracts


def figures_of(caseload, name):
    frame = caseload[0][name].tables["figure"]
    whole = frame[frame["level"] == "departement"]
    keys = zip(whole["variable"], whole["period"], strict=True)
    return dict(zip(keys, whole["value"], strict=True))


def agree(told, counted):
    """Each count told is the one that is counted by hand; nearly all of them are told."""
    silent = [key for key in counted if math.isnan(told[key])]
    assert len(silent) <= 4, silent
    for key in counted.keys() - set(silent):
        assert told[key] == pytest.approx(counted[key]), key


def after_three_months(day):
    y, m, d = map(int, day.split("-"))
    y, m = (y, m + 3) if m <= 9 else (y + 1, m - 9)
    return f"{y}-{m:02d}-{min(d, monthrange(y, m)[1]):02d}"


def test_concerns_are_counted_as_by_hand(caseload, rows_of):
    told = figures_of(caseload, "own_concerns")
    rows = rows_of("own_concerns")
    years = Counter(row["received_on"][:4] for row in rows)
    by_source = Counter((row["source"], row["received_on"][:4]) for row in rows)
    counted = {}
    for year in ("2024", "2025"):
        counted["own_concerns_received", year] = years[year]
        named = {row["child_id"] for row in rows if row["received_on"].startswith(year)}
        counted["own_children_with_concern", year] = len(named)
        for source in contracts()["own_concerns"].columns["source"].values:
            counted[f"own_concerns_from_{source}", year] = by_source[source, year]
    agree(told, counted)
    assert ("own_concerns_received", "2026") not in told


def test_assessments_are_counted_as_by_hand(caseload, rows_of, as_of):
    told = figures_of(caseload, "own_assessments")
    rows = rows_of("own_assessments")
    counted = {}
    for year in ("2024", "2025"):
        closed = [row for row in rows if row["closed_on"].startswith(year)]
        late = [row for row in closed if row["closed_on"] > after_three_months(row["received_on"])]
        counted["own_assessments_closed", year] = len(closed)
        counted["own_assessments_closed_late", year] = len(late)
        end = f"{year}-12-31"
        still = [
            row
            for row in rows
            if row["opened_on"] <= end and (not row["closed_on"] or row["closed_on"] > end)
        ]
        counted["own_assessments_open", year] = len(still)
    today = as_of.isoformat()
    still = [row for row in rows if not row["closed_on"]]
    late = [row for row in still if after_three_months(row["received_on"]) < today]
    counted["own_assessments_open_on_day", today] = len(still)
    counted["own_assessments_open_late", today] = len(late)
    agree(told, counted)


def test_measures_are_counted_as_by_hand(caseload, rows_of):
    told = figures_of(caseload, "own_measures")
    rows = rows_of("own_measures")
    counted = {}
    for year in ("2024", "2025"):
        end = f"{year}-12-31"
        running = [
            row
            for row in rows
            if "" < row["started_on"] <= end and (not row["ended_on"] or row["ended_on"] > end)
        ]
        counted["own_measures_in_force", year] = len(running)
        counted["own_children_with_measure", year] = len({r["child_id"] for r in running})
        for kind, count in Counter(row["kind"] for row in running).items():
            counted[f"own_measures_{kind}", year] = count
        for who in ("administrative", "judicial"):
            home = sum("home" in r["kind"] and r["decided_by"] == who for r in running)
            placed = sum("home" not in r["kind"] and r["decided_by"] == who for r in running)
            counted[f"own_home_measures_{who}", year] = home
            counted[f"own_placement_measures_{who}", year] = placed
        started = sum(row["started_on"].startswith(year) for row in rows)
        counted["own_measures_started", year] = started
        ended = [row for row in rows if row["ended_on"].startswith(year)]
        counted["own_measures_ended", year] = sum(row["started_on"] != "" for row in ended)
        moved = [row for row in ended if row["left_for"] == "other_place"]
        assert moved
    agree(told, counted)


def test_places_are_counted_as_by_hand_in_every_area(caseload, rows_of):
    frame = caseload[0]["own_places"].tables["figure"]
    rows = rows_of("own_places")
    end = "2025-12-31"
    by_area = Counter()
    for row in rows:
        ours = row["area_id"].startswith("43")
        if (
            ours
            and row["authorised_on"] <= end
            and (not row["closed_on"] or row["closed_on"] > end)
        ):
            by_area[row["kind"], row["area_id"]] += int(row["capacity"])
    fine = frame[(frame["level"] == "commune") & (frame["period"] == "2025")]
    fine = fine[fine["variable"] != "own_place_days"]
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
    assert told["own_staff_filled", as_of.isoformat()] == pytest.approx(by_state["filled"])


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


def test_every_count_has_its_words_in_the_catalogue(caseload, words):
    for staged in caseload[0].values():
        assert set(staged.tables["figure"]["variable"]) <= set(words.variables)


def test_no_count_under_five_is_told_at_any_level(caseload, words):
    """Nor is zero, of children; and nothing about persons is told of the finest areas."""
    for staged in caseload[0].values():
        frame = staged.tables["figure"]
        persons = frame[[words.profile(name) is not None for name in frame["variable"]]]
        assert not (persons["value"] < 5).any()
        assert "commune" not in set(persons["level"])
        assert (persons["value"].isna() == (persons["status"] == "suppressed")).all()


def test_what_is_withheld_has_its_mask(caseload):
    for name in ("own_concerns", "own_assessments", "own_measures"):
        tables = caseload[0][name].tables
        frame, masks = tables["figure"], tables["mask"]
        cell = ["variable", "level", "area_id", "period"]
        hidden = frame[frame["status"] == "suppressed"]
        assert set(hidden[cell].itertuples(index=False, name=None)) == set(
            masks[cell].itertuples(index=False, name=None)
        )
        assert len(masks) == len(hidden) > 0
        assert set(masks["reason"]) == {"few_people", "protected"}, "why bounds the count"


def test_the_audit_is_told_and_finds_nothing_below_the_guarantee(caseload):
    for name in ("own_concerns", "own_assessments", "own_places", "own_measures"):
        audit = caseload[0][name].tables["disclosure_audit"]
        said = audit[audit["scope"] == "release"].set_index("measure")["value"]
        assert said["below"] == 0
        assert said["narrowest"] >= 4
        assert said["cells"] > said["protected"] > 0
        assert {"epci", "canton_or_town", "arrondissement"} <= set(audit["scope"])


def test_the_audit_that_is_told_is_made_of_what_is_told(caseload, words):
    """Each of its shares is found again from the figures of the release, without one withheld."""
    for name in ("own_concerns", "own_assessments", "own_measures"):
        tables = caseload[0][name].tables
        frame, audit = tables["figure"], tables["disclosure_audit"]
        derived = {v for v in frame["variable"] if words.profile(v) is None}
        counts = frame[~frame["variable"].isin(derived)]
        whole = counts[(counts["level"] == "departement") & counts["value"].notna()]
        key = ["variable", "period"]
        both = counts.merge(whole[[*key, "value"]], on=key, suffixes=("", "_whole"))
        for level, share in (
            audit[audit["measure"] == "utility_count"].set_index("scope")["value"].items()
        ):
            here = both[both["level"] == level]
            asked = here.drop_duplicates(key)["value_whole"].sum()
            assert here["value"].sum() / asked == pytest.approx(share, rel=1e-12)
        assert set(audit.loc[audit["measure"] == "secondary", "scope"]) <= {"release"}


def test_what_the_whole_does_not_tell_no_area_tells(caseload):
    """The areas of a level add up to the whole."""
    hidden = 0
    for name in ("own_concerns", "own_assessments", "own_places", "own_measures"):
        frame = caseload[0][name].tables["figure"]
        cells = frame.pivot_table(
            index=["variable", "period"], columns="level", values="value", aggfunc="count"
        )
        counts = [v for v in cells.index.levels[0] if "_days" not in v and v != "own_detection_gap"]
        silent = cells.loc[counts]
        silent = silent[silent["departement"].eq(0)]
        assert silent.fillna(0).eq(0).all(axis=None), name
        hidden += len(silent)
    assert hidden > 0


def test_delays_are_whole_weeks(caseload):
    for name in ("own_assessments", "own_measures"):
        frame = caseload[0][name].tables["figure"]
        days = frame.loc[frame["variable"].str.contains("_days_(?:median|p90)"), "value"].dropna()
        assert len(days) > 10
        assert (days % 7 == 0).all()


def test_a_derived_figure_is_told_only_where_its_counts_are(caseload):
    frame = caseload[0]["own_assessments"].tables["figure"]
    told = frame.pivot_table(
        index=["level", "area_id", "period"], columns="variable", values="value", dropna=False
    )
    share = told["own_assessments_in_time_share"].notna()
    counts = told[["own_assessments_begun", "own_assessments_begun_in_time"]].notna().all(axis=1)
    assert (share <= counts).all()
    assert share.sum() > 20  # of the year that ends on the day many are not due yet
    median = told["own_assessment_days_median"].notna()
    assert (told.loc[median, "own_assessments_begun"] >= 10).all()
    tail = told["own_assessment_days_p90"].notna()
    assert (told.loc[tail, "own_assessments_begun"] >= 50).all()


@pytest.mark.parametrize(
    ("variable", "levels"),
    [
        ("own_children_0_14_with_concern", ("epci", "departement")),
        ("own_concerns_from_school", ("epci", "departement")),
        ("own_concerns_from_health", ("epci", "departement")),
        ("own_assessments_in_time_share", ("epci", "departement")),
        ("own_assessment_days_median", ("epci", "departement")),
        ("own_assessment_days_p90", ("epci", "departement")),
        ("own_assessments_under_2_in_target_share", ("departement",)),
        ("own_assessments_open_on_day", ("epci", "departement")),
        ("own_assessments_concluded_judicial", ("epci", "departement")),
        ("own_children_seen_again", ("departement",)),
        ("own_detection_gap", ("epci",)),
        ("own_children_0_14_with_measure", ("epci", "departement")),
        ("own_home_measures_waiting", ("departement",)),
        ("own_home_measure_wait_days_median", ("epci", "departement")),
        ("own_children_with_measure_on_day", ("departement",)),
        ("own_staff_educator", ("departement",)),
        ("own_places_children_home", ("commune", "epci", "departement")),
        ("own_place_days_used", ("departement",)),
        ("own_placements_not_begun", ("departement",)),
        ("own_children_placed_outside", ("departement",)),
        ("own_home_to_place_minutes_median", ("epci", "departement")),
        ("own_foster_carers_55", ("departement",)),
        ("own_children_with_plan", ("epci", "departement")),
        ("own_children_in_many_places", ("departement",)),
        ("own_children_placed_again", ("departement",)),
        ("own_staff_social_worker", ("departement",)),
        ("own_staff_nurse", ("departement",)),
        ("own_children_girls_11_14", ("arrondissement", "departement")),
    ],
)
def test_the_generated_caseload_feeds_each_indicator(caseload, as_of, variable, levels):
    if variable == "own_children_placed_again" and as_of.month == 12:
        pytest.skip("too few are followed for a year in this caseload: withheld")
    frames = [staged.tables["figure"] for staged in caseload[0].values()]
    told = {
        level
        for frame in frames
        for level in frame.loc[(frame["variable"] == variable) & frame["value"].notna(), "level"]
    }
    assert set(levels) <= told
