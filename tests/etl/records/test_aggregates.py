"""From an extract to the tables of a release: what is told, what is withheld and why."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from etl.records import aggregates, protecting
from etl.records.contracts.loader import contracts
from etl.source import Known, Ledger, RejectedFile
from geodata.methods.disclosure.protection import AlreadyToldError

CODES = ("43001", "43002", "43003", "43004")
ZONES = {"43001": ("E", "C"), "43002": ("E", "D"), "43003": ("F", "C"), "43004": ("F", "D")}


def members(zones=ZONES):
    rows = [
        ("commune", code, level, parent)
        for code, (epci, canton) in zones.items()
        for level, parent in (("departement", "43"), ("epci", epci), ("canton_or_town", canton))
    ]
    return pd.DataFrame(rows, columns=["level", "area_id", "parent_level", "parent_id"])


def census(children):
    row = {"variable": "population_0_14", "level": "commune", "period": "2022"}
    return pd.DataFrame([{**row, "area_id": c, "value": n} for c, n in children.items()])


@pytest.fixture(scope="module")
def known(words):
    tables = {
        "membership": {"area_membership": members()},
        "census": {"figure": census(dict.fromkeys(CODES, 1000.0))},
    }
    return Known(words, tables=tables)


@pytest.fixture(scope="module")
def tables(counting):
    def made(name, rows, known, **how):
        of = counting(name, rows, own=frozenset(CODES), **how)
        return aggregates.tables_of(of, known, Ledger(name, name, is_record_level=True))

    return made


def heard(per_area, source="school", born="2015-01", child=None, year=2025):
    """So many children named once in each area; ``child`` tells them from others."""
    return [
        {
            "child_id": f"{area}-{child or source}-{number}",
            "area_id": area,
            "birth_month": born,
            "received_on": f"{year}-05-01",
            "source": source,
        }
        for area, count in per_area.items()
        for number in range(count)
    ]


def usual():
    """In each area 20 children named by each source, 15 of them twice and 15 over 14 years."""
    rows = []
    for source in contracts()["own_concerns"].columns["source"].values:
        rows += heard(dict.fromkeys(CODES, 20), source)
    rows += heard(dict.fromkeys(CODES, 15), "family", child="school")
    return rows + heard(dict.fromkeys(CODES, 15), "justice", "2008-01", child="older")


def value_of(frame, variable, level, area, period="2025"):
    row = frame[
        (frame["variable"] == variable)
        & (frame["level"] == level)
        & (frame["area_id"] == area)
        & (frame["period"] == period)
    ]
    (found,) = row.itertuples(index=False)
    return found.value if found.status == "observed" else found.status


def test_counts_about_children_are_told_of_the_whole_and_of_the_areas_between(tables, known):
    frame = tables("own_concerns", usual(), known)["figure"]
    assert set(frame["level"]) == {"departement", "epci", "canton_or_town"}
    assert value_of(frame, "own_concerns_received", "departement", "43") == 4 * 190
    assert value_of(frame, "own_concerns_received", "epci", "E") == 2 * 190
    assert value_of(frame, "own_concerns_from_health", "canton_or_town", "C") == 2 * 20
    assert value_of(frame, "own_children_0_14_with_concern", "epci", "F") == 2 * 160
    assert value_of(frame, "own_children_with_concern", "departement", "43") == 4 * 175
    # Sources but two are told of the whole alone.
    family = frame[(frame["variable"] == "own_concerns_from_family") & (frame["period"] == "2025")]
    assert family["level"].tolist() == ["departement"]
    assert family["value"].tolist() == [4 * 35]
    # That there is none at all tells of everybody.
    assert value_of(frame, "own_concerns_received", "departement", "43", "2024") == "suppressed"


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_none_to_four_children_are_never_told(tables, known, count):
    rows = [row for row in usual() if row["source"] != "health"]
    rows += heard({"43001": count, "43003": 30, "43004": 35}, "health")
    made = tables("own_concerns", rows, known)
    frame, masks = made["figure"], made["mask"].set_index(["variable", "level", "area_id"])
    assert value_of(frame, "own_concerns_from_health", "epci", "E") == "suppressed"
    counts = frame[frame["variable"] != "own_detection_gap"]
    assert not (counts["value"] < 5).any()
    here = masks.xs(("own_concerns_from_health", "epci", "E"))
    assert here[here["period"] == "2025"]["reason"].item() == "protected"
    # The other half of the same whole would give it back.
    assert value_of(frame, "own_concerns_from_health", "departement", "43") == 65 + count
    assert value_of(frame, "own_concerns_from_health", "epci", "F") == "suppressed"


@pytest.mark.parametrize(("ours", "theirs"), [(0, 4), (1, 3), (2, 1)])
def test_what_is_withheld_leaves_no_trace_in_anything_that_is_told(known, counting, ours, theirs):
    """Two extracts that differ only in what is withheld give one release, to the last byte.

    Children named by health move from a small count of one zone into the other, whose count guards
    it, and as many named by social services the other way, so that the districts, which cross
    both, the zones of all sources and the whole stay as they are. Figures, masks, the audit, what
    is derived and every message must be equal: nothing made of them later can then differ.
    """

    def told(count):
        rows = [row for row in usual() if row["source"] not in ("health", "social")]
        rows += heard({"43001": count, "43003": 30 - count, "43004": 35}, "health")
        others = {"43001": 24 - count, "43002": 20, "43003": 20 + count, "43004": 20}
        rows += heard(others, "social")
        of = counting("own_concerns", rows, own=frozenset(CODES))
        ledger = Ledger("own_concerns", "own_concerns", is_record_level=True)
        return aggregates.tables_of(of, known, ledger), ledger.issues

    tables, issues = told(ours)
    other_tables, other_issues = told(theirs)
    assert set(tables) == set(other_tables) == {"figure", "mask", "disclosure_audit"}
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, other_tables[name], check_exact=True)
    assert issues == other_issues
    health = tables["figure"].query("variable == 'own_concerns_from_health' and period == '2025'")
    silent = health.set_index(["level", "area_id"])["status"].eq("suppressed")
    assert silent["epci", "E"]
    assert silent["epci", "F"]
    assert not silent["canton_or_town", "C"]


def test_children_of_few_people_are_counted_in_the_whole_alone(tables, known):
    """A thousand minors are 833 children under 15: the first zone has fewer."""
    few = {"43001": 400.0, "43002": 400.0, "43003": 2000.0, "43004": 2000.0}
    small = replace(known, tables={**known.tables, "census": {"figure": census(few)}})
    made = tables("own_concerns", usual(), small)
    masks = made["mask"]
    reasons = masks.loc[(masks["area_id"] == "E") & (masks["period"] == "2025"), "reason"]
    assert set(reasons) == {"few_people"}, "small or not: the reason must not tell"
    assert value_of(made["figure"], "own_concerns_received", "epci", "E") == "suppressed"
    assert value_of(made["figure"], "own_concerns_received", "departement", "43") == 4 * 190


def test_an_area_that_is_not_ours_alone_is_not_counted_in(tables, known):
    shared = members({**ZONES, "07001": ("F", "X")})
    shared.loc[(shared["area_id"] == "07001") & (shared["parent_id"] == "43"), "parent_id"] = "07"
    other = replace(known, tables={**known.tables, "membership": {"area_membership": shared}})
    frame = tables("own_concerns", usual(), other)["figure"]
    assert set(frame.loc[frame["level"] == "epci", "area_id"]) == {"E"}


def test_without_a_census_only_the_whole_is_told(tables, known, counting):
    alone = replace(known, tables={"membership": known.tables["membership"]})
    of = counting("own_concerns", usual(), own=frozenset(CODES))
    ledger = Ledger("own_concerns", "x", is_record_level=True)
    frame = aggregates.tables_of(of, alone, ledger)["figure"]
    assert set(frame.loc[frame["value"].notna(), "level"]) == {"departement"}
    assert [issue.code for issue in ledger.issues] == ["no_people"]


def test_years_that_the_extract_does_not_cover_are_not_given(tables, known):
    row = {"kind": "home_support", "decided_by": "judicial", "started_on": "2022-06-01"}
    rows = [{**row, "child_id": f"c{n}", "area_id": "43001"} for n in range(30)]
    how = {"on": date(2025, 10, 31), "since": date(2023, 6, 1)}
    frame = tables("own_measures", rows, known, **how)["figure"]
    by_variable = frame.groupby("variable")["period"].apply(set)
    assert by_variable["own_measures_in_force"] == {"2023", "2024"}
    assert by_variable["own_measures_started"] == {"2024"}
    assert by_variable["own_children_with_measure_on_day"] == {"2025-10-31"}


def test_establishments_are_counted_in_every_area_and_families_in_none(tables, known):
    home = {"kind": "children_home", "area_id": "43001", "capacity": 3}
    families = [
        {"kind": "foster_family", "area_id": code, "capacity": 2} for code in CODES for _ in "xyz"
    ]
    rows = [{**row, "authorised_on": "2020-01-01"} for row in (home, *families)]
    frame = tables("own_places", rows, known)["figure"]
    homes = frame[(frame["variable"] == "own_places_children_home") & (frame["period"] == "2025")]
    told = homes.set_index(["level", "area_id"])["value"].to_dict()
    assert told["commune", "43001"] == told["epci", "E"] == told["departement", "43"] == 3
    assert told["commune", "43002"] == told["epci", "F"] == 0
    places = frame[frame["variable"] == "own_places_foster_family"]
    assert set(places["level"]) == {"departement"}
    assert set(places["value"]) == {24}


def test_posts_are_told_when_enough_stand_behind_them(tables, known):
    rows = [
        {"function": function, "state": state, "full_time_equivalents": 0.8}
        for function, state, count in (
            ("educator", "filled", 30),
            ("social_worker", "filled", 20),
            ("nurse", "filled", 3),
            ("lead", "filled", 12),
            ("educator", "vacant", 6),
        )
        for _ in range(count)
    ]
    day = date(2026, 6, 30)
    frame = tables("own_staff", rows, known, on=day, since=day)["figure"]
    told = frame.set_index("variable")["value"]
    assert told["own_staff_filled"] == pytest.approx(0.8 * 65)
    assert told["own_staff_vacant"] == pytest.approx(0.8 * 6)
    assert pd.isna(told["own_staff_nurse"])
    assert told[["own_staff_educator", "own_staff_social_worker", "own_staff_lead"]].isna().any()
    assert told["own_staff_office"] == 0  # that there is no such post tells of nobody


def test_the_few_children_with_two_measures_are_not_found(tables, known):
    row = {"kind": "home_support", "decided_by": "judicial", "started_on": "2025-06-01"}
    rows = [{**row, "child_id": f"c{n % 59}", "area_id": CODES[n % 4]} for n in range(60)]
    frame = tables("own_measures", rows, known)["figure"]
    both = [
        value_of(frame, name, "departement", "43")
        for name in ("own_measures_in_force", "own_children_with_measure")
    ]
    assert "suppressed" in both
    assert both != ["suppressed", "suppressed"]


def test_detection_is_judged_by_the_areas_whose_count_is_told(tables, known):
    rows = usual() + heard({"43003": 40, "43004": 40}, "health", child="more")
    frame = tables("own_concerns", rows, known)["figure"]
    assert value_of(frame, "own_children_0_14_with_concern", "epci", "E") == 320
    assert value_of(frame, "own_children_0_14_with_concern", "epci", "F") == 400
    assert value_of(frame, "own_detection_gap", "epci", "E") == pytest.approx(100 * 80 / 400)
    assert value_of(frame, "own_detection_gap", "epci", "F") == pytest.approx(-25)
    assert value_of(frame, "own_detection_gap", "canton_or_town", "C") == pytest.approx(0)


def assessed(count, area, days, year=2025):
    start = pd.Timestamp(f"{year}-03-01")
    return [
        {
            "child_id": f"{area}{days}-{n}",
            "area_id": area,
            "received_on": str(start.date()),
            "opened_on": str(start.date()),
            "closed_on": None if days is None else str((start + pd.Timedelta(days=days)).date()),
            "decision": None if days is None else "judicial",
        }
        for n in range(count)
    ]


def test_delays_are_told_where_their_counts_are(tables, known):
    rows = [row for code in CODES for row in assessed(30, code, 40)]
    rows += [row for code in CODES for row in assessed(20, code, 120)]
    rows += [row for code in CODES for row in assessed(10, code, None)]
    frame = tables("own_assessments", rows, known)["figure"]
    assert value_of(frame, "own_assessments_begun", "epci", "E") == 120
    # The middle one took 40 days: 42 are the nearest weeks, which many share.
    assert value_of(frame, "own_assessment_days_median", "epci", "E") == 42
    assert value_of(frame, "own_assessments_in_time_share", "epci", "E") == pytest.approx(50)
    # Of nine in ten, a sixth being open, nobody knows yet.
    assert value_of(frame, "own_assessment_days_p90", "departement", "43") == "missing"


def test_a_delay_of_few_is_withheld_with_them(tables, known):
    rows = [row for code in CODES[1:] for row in assessed(60, code, 40)]
    rows += [row for code in CODES[1:] for row in assessed(40, code, 120)]
    for children in (8, 3):
        some = [*assessed(children, "43001", 40)]
        other = members({**ZONES, "43001": ("G", "C")})
        apart = replace(known, tables={**known.tables, "membership": {"area_membership": other}})
        frame = tables("own_assessments", [*rows, *some], apart)["figure"]
        assert value_of(frame, "own_assessment_days_median", "epci", "G") == "suppressed"
        assert value_of(frame, "own_assessments_in_time_share", "epci", "G") == "suppressed"


def test_a_share_of_open_cases_tells_neither_those_not_due_nor_those_late(tables, known):
    """160 of 240 in time: the share by Kaplan and Meier would tell how many are not yet due.

    It is told once everybody's time is up, and before that of the whole alone, of enough of both.
    """
    rows = [row for code in CODES for row in [*assessed(40, code, 80), *assessed(15, code, 120)]]
    young = {"received_on": "2025-12-15", "opened_on": "2025-12-15"}
    name, on = "own_assessments_in_time_share", date(2026, 1, 31)
    for per_area, whole in ((1, "suppressed"), (5, pytest.approx(100 * 160 / 240))):
        late = [row for code in CODES for row in assessed(5 - per_area % 5, code, 120)]
        some = [row | young for code in CODES for row in assessed(per_area, code, None)]
        frame = tables("own_assessments", [*rows, *late, *some], known, on=on)["figure"]
        assert value_of(frame, "own_assessments_begun", "epci", "E") >= 110
        told = frame[(frame["variable"] == name) & (frame["period"] == "2025")]
        assert told["level"].tolist() == ["departement"]
        assert value_of(frame, name, "departement", "43") == whole
    later = tables("own_assessments", rows, known, on=date(2026, 3, 31))["figure"]
    assert value_of(later, name, "epci", "E") == pytest.approx(100 * 40 / 55)


def test_children_of_a_known_place_do_not_tell_of_the_others(tables, known):
    """120 of the 122 children of an area are placed: the two others must not be found.

    The records that stand for a child of both counts are not of the same day.
    """
    homes = [{"place_id": "p", "kind": "children_home", "area_id": "43001"}]
    rows = []
    for code in CODES:
        for sex, born, n in product("fm", (2021, 2016, 2012, 2008, 2006), range(6)):
            child = {"child_id": f"{code}{sex}{born}{n}", "sex": sex, "birth_month": f"{born}-01"}
            child |= {"area_id": code, "decided_by": "judicial"}
            rows.append({**child, "kind": "home_support", "started_on": "2025-01-01"})
            rows.append(
                {**child, "kind": "institution", "started_on": "2025-06-01", "place_id": "p"}
            )
        child = {"sex": "f", "birth_month": "2016-01", "area_id": code, "decided_by": "judicial"}
        rows += [
            {**child, "child_id": f"{code}{n}", "kind": "home_support", "started_on": "2025-01-01"}
            for n in range({"43001": 2, "43002": 0}.get(code, 30))
        ]
    frame = tables("own_measures", rows, known, own_places=homes)["figure"]
    names = ("own_children_with_measure", "own_children_in_known_place")
    assert [value_of(frame, name, "departement", "43") for name in names] == [302, 240]
    assert value_of(frame, names[0], "epci", "F") == 180
    for area in "EF":  # the one would give the other back
        assert "suppressed" in [value_of(frame, name, "epci", area) for name in names]


def test_what_one_way_of_splitting_leaves_no_room_for_is_protected_together(
    tables, known, monkeypatch
):
    rows = [
        {
            "child_id": f"{code}{sex}{born}{n}",
            "sex": sex,
            "birth_month": f"{born}-01",
            "area_id": code,
            "kind": "home_support",
            "decided_by": "judicial",
            "started_on": "2025-01-01",
            "plan_signed_on": "2025-02-01" if n % 2 else None,
        }
        for code in CODES
        for sex, born, n in product("fm", (2021, 2016, 2012, 2008, 2006), range(12))
    ]
    alone = tables("own_measures", rows, known)["figure"]
    real, asked = protecting.protected, []

    def no_room_the_second_time(some, *hints):
        asked.append(some)
        if len(asked) == 3:  # the whole, by age, and by plan
            raise AlreadyToldError("no room")
        return real(some, *hints)

    monkeypatch.setattr(protecting, "protected", no_room_the_second_time)
    frame = tables("own_measures", rows, known)["figure"]
    assert len(asked) > 3
    name = "own_children_with_plan"
    assert value_of(frame, name, "epci", "E") == value_of(alone, name, "epci", "E") == 120


def test_what_was_told_before_stays_and_what_was_revised_is_said(tables, known, counting):
    rows = usual()
    first = tables("own_concerns", rows, known)["figure"].dropna(subset="value")
    told = replace(known, told=first.drop(columns=["status"]).assign(is_invented=False))
    again = tables("own_concerns", rows, told)["figure"].dropna(subset="value")
    pd.testing.assert_frame_equal(first, again)
    more = [*rows, *heard({"43001": 1}, "family", child="late")]
    of = counting("own_concerns", more, own=frozenset(CODES))
    ledger = Ledger("own_concerns", "x", is_record_level=True)
    aggregates.tables_of(of, told, ledger)
    (revised,) = [issue for issue in ledger.issues if issue.code == "revised"]
    assert revised.rows > 0


def autumn(outside, on):
    """The usual 760 concerns, all of one day, and some of the same year's spring."""
    return [row | {"received_on": on} for row in usual()] + heard(
        {CODES[0]: outside}, "family", child="spring"
    )


LATELY = "own_concerns_last_12_weeks"


@pytest.mark.parametrize(("outside", "is_told"), [(40, True), (2, False), (0, False)])
def test_the_last_weeks_are_told_of_the_whole_and_not_beside_a_year_that_they_nearly_fill(
    tables, known, outside, is_told
):
    """762 in the year, 760 of them in the last weeks: 2 came before, and would be known."""
    how = {"on": date(2025, 12, 31), "since": date(2025, 1, 1)}
    frame = tables("own_concerns", autumn(outside, "2025-12-01"), known, **how)["figure"]
    assert set(frame.loc[frame["variable"] == LATELY, "level"]) == {"departement"}
    assert value_of(frame, "own_concerns_received", "departement", "43") == 760 + outside
    lately = value_of(frame, LATELY, "departement", "43", "2025-12-31")
    assert lately == (760 if is_told else "suppressed")


@pytest.mark.parametrize("outside", [0, 1, 2, 3, 4, 40])
def test_weeks_told_by_one_extract_and_the_year_by_the_next_do_not_tell_the_rest(
    tables, known, outside
):
    """An extract of autumn tells a window of 760, one of the next year the year around it."""
    since = date(2025, 1, 1)
    rows = autumn(0, "2025-10-01")
    first = tables("own_concerns", rows, known, on=date(2025, 10, 31), since=since)["figure"]
    assert value_of(first, LATELY, "departement", "43", "2025-10-31") == 760
    told = first.dropna(subset="value").drop(columns="status").assign(is_invented=False)
    then = replace(known, told=told)
    later = {"on": date(2026, 4, 30), "since": since}
    frame = tables("own_concerns", autumn(outside, "2025-10-01"), then, **later)["figure"]
    assert "2025-10-31" not in set(frame["period"])
    year = frame[(frame["period"] == "2025") & frame["value"].notna()]
    received = value_of(frame, "own_concerns_received", "departement", "43")
    if outside == 40:
        assert received == 800
        return
    # Neither the year nor parts that add up to it, of any level.
    assert received == "suppressed"
    assert "own_concerns_received" not in set(year["variable"])
    sources = year[year["variable"].str.startswith("own_concerns_from_")]
    whole = sources[sources["level"] == "departement"]
    assert len(whole) < len(contracts()["own_concerns"].columns["source"].values)
    # What was told of invented children does not bind this.
    free = replace(known, told=told.assign(is_invented=True))
    frame = tables("own_concerns", autumn(outside, "2025-10-01"), free, **later)["figure"]
    assert value_of(frame, "own_concerns_received", "departement", "43") == 760 + outside


def test_what_the_whole_does_not_tell_is_not_the_sum_of_its_areas(tables, known):
    """59 children have 60 measures: told in every area, they would add up to 59."""
    row = {"kind": "home_support", "decided_by": "judicial", "started_on": "2025-06-01"}
    rows = [{**row, "child_id": f"c{n % 119}", "area_id": CODES[n % 4]} for n in range(120)]
    frame = tables("own_measures", rows, known)["figure"]
    names = ("own_measures_in_force", "own_children_with_measure")
    whole = [value_of(frame, name, "departement", "43") for name in names]
    assert "suppressed" in whole
    assert whole[1] == 119, "what every area tells is worth more"
    some = frame[frame["level"] != "departement"]
    for variable, period in frame.loc[
        (frame["level"] == "departement") & frame["value"].isna(), ["variable", "period"]
    ].itertuples(index=False, name=None):
        here = some[(some["variable"] == variable) & (some["period"] == period)]
        assert here["value"].isna().all(), variable


def test_what_is_withheld_among_few_people_is_not_found_by_subtraction(tables, known):
    """The first zone has few people: its 380 concerns are the whole less those of the second.

    A fifth of it is to stay unknown: 76, while the other zone alone would leave nothing.
    """
    few = {"43001": 400.0, "43002": 400.0, "43003": 2000.0, "43004": 2000.0}
    small = replace(known, tables={**known.tables, "census": {"figure": census(few)}})
    frame = tables("own_concerns", usual(), small)["figure"]
    for name in ("own_concerns_received", "own_children_0_14_with_concern"):
        assert value_of(frame, name, "epci", "E") == "suppressed"
        rows, sums = [], []
        here = frame[(frame["variable"] == name) & (frame["period"] == "2025")]
        for row in here.dropna(subset="value").itertuples():
            rows.append([row.area_id in ("43", *ZONES[code]) for code in CODES])
            sums.append(row.value)
        assert len(sums) >= 3, "the rest is told"
        count = 380 if name == "own_concerns_received" else 320
        ours = np.array([ZONES[code][0] == "E" for code in CODES], dtype="float64")
        ends = [
            linprog(sign * ours, A_eq=np.array(rows, dtype="float64"), b_eq=sums).fun * sign
            for sign in (1, -1)
        ]
        assert ends[0] <= count <= ends[1]
        assert ends[1] - ends[0] >= 0.2 * count


def test_counts_that_cannot_be_protected_say_whether_something_told_before_is_why(
    tables, known, monkeypatch
):
    def no_room(*_some, **_how):
        raise AlreadyToldError("no room")

    rows = usual()
    first = tables("own_concerns", rows, known)["figure"].dropna(subset="value")
    told = replace(known, told=first.drop(columns="status").assign(is_invented=False))
    monkeypatch.setattr(protecting, "protected", no_room)
    said = []
    for some in (known, told):
        with pytest.raises(RejectedFile) as refusal:
            tables("own_concerns", rows, some)
        assert refusal.value.issue.code == "disclosure_audit"
        said.append(refusal.value.issue.message_en)
    assert said[0] == "these counts cannot be protected"
    assert "before" in said[1]


def released(known, counting, name, rows, **how):
    """All that a release says of an extract: its tables and its messages."""
    of = counting(name, rows, own=frozenset(CODES), **how)
    ledger = Ledger(name, name, is_record_level=True)
    return aggregates.tables_of(of, known, ledger), ledger.issues


def are_the_same(one, other):
    assert set(one[0]) == set(other[0])
    for name, table in one[0].items():
        pd.testing.assert_frame_equal(table, other[0][name], check_exact=True)
    assert one[1] == other[1]


def test_derived_figures_leave_no_trace_of_what_is_withheld(known, counting):
    """Assessments of the least areas last longer in one of two extracts, none of them told."""
    apart = members({**ZONES, "43001": ("G", "C")})
    alone = replace(known, tables={**known.tables, "membership": {"area_membership": apart}})
    rows = [row for code in CODES[1:] for row in assessed(60, code, 40)]
    rows += [row for code in CODES[1:] for row in assessed(40, code, 120)]
    made = [
        released(alone, counting, "own_assessments", [*rows, *assessed(3, "43001", days)])
        for days in (38, 44)  # both in time, and of one side of the middle
    ]
    are_the_same(*made)
    told = made[0][0]["figure"].query("variable == 'own_assessment_days_median'")
    silent = told.set_index(["area_id", "period"])["status"].eq("suppressed")
    assert silent["G", "2025"]
    assert not silent["43", "2025"]


def test_areas_of_few_people_leave_no_trace_of_what_is_withheld(known, counting):
    """A child more in the zone of few people, one less in the one that guards it."""
    few = {"43001": 400.0, "43002": 400.0, "43003": 2000.0, "43004": 2000.0}
    small = replace(known, tables={**known.tables, "census": {"figure": census(few)}})

    def moved(count):
        """So many concerns of the first district are of the first zone rather than the other."""
        rows = [row for row in usual() if row["source"] != "social"]
        others = {"43001": 20 + count, "43002": 20, "43003": 20 - count, "43004": 20}
        return released(small, counting, "own_concerns", rows + heard(others, "social"))

    are_the_same(moved(0), moved(1))


def test_two_extracts_leave_no_trace_of_what_neither_tells(known, counting):
    """The first extract's figures bind the second; what both withhold may be 1 or 3."""

    def both(count):
        rows = [row for row in usual() if row["source"] not in ("health", "social")]
        rows += heard({"43001": count, "43003": 30 - count, "43004": 35}, "health")
        others = {"43001": 24 - count, "43002": 20, "43003": 20 + count, "43004": 20}
        rows += heard(others, "social")
        since = date(2024, 1, 1)
        first = released(known, counting, "own_concerns", rows, on=date(2026, 1, 31), since=since)
        told = first[0]["figure"].dropna(subset="value").drop(columns="status")
        then = replace(known, told=told.assign(is_invented=False))
        later = [*rows, *heard(dict.fromkeys(CODES, 30), "family", child="later", year=2026)]
        return first, released(
            then, counting, "own_concerns", later, on=date(2026, 6, 30), since=since
        )

    for one, other in zip(both(1), both(3), strict=True):
        are_the_same(one, other)
