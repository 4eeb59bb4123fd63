import csv
import io
from collections import Counter
from datetime import date

import pytest

from etl.records.commands import embedded_volumes
from etl.records.contracts.loader import contracts
from etl.records.invented import SEASON, caseload, targets
from etl.records.volumes import NoVolumes, Volumes, volumes

AS_OF = date(2026, 10, 31)
SMALL = Volumes(
    {"A": 3000.0, "B": 1000.0, "C": 0.0},
    {
        "educational_actions_administrative": 20,
        "educational_actions_judicial": 60,
        "entrusted_administrative": 15,
        "entrusted_judicial": 85,
        "placed_in_foster_family": 40,
        "placed_in_institution": 45,
        "children_placed_directly_by_judge": 6,
    },
)


@pytest.fixture(scope="module")
def size(words):
    return embedded_volumes(words)


@pytest.fixture(scope="module")
def made(size):
    return {name: frame.to_dict("records") for name, frame in caseload(size, AS_OF, 43).items()}


def in_force(rows, day):
    begun = [r for r in rows if "" < r["started_on"] <= day]
    return [r for r in begun if not ("" < r["ended_on"] <= day)]


def test_one_seed_gives_one_caseload_and_another_seed_another():
    first, again, other = (caseload(SMALL, AS_OF, seed) for seed in (1, 1, 2))
    for name, frame in first.items():
        assert frame.equals(again[name])
        assert not frame.equals(other[name])


def test_every_row_is_marked_and_has_the_columns_of_its_contract(made):
    for name, rows in made.items():
        assert {row["invented"] for row in rows} == {"yes"}
        assert list(rows[0]) == list(contracts()[name].columns)


def test_measures_in_force_are_as_many_as_published(made, size):
    running = in_force(made["own_measures"], "2025-12-31")
    found = Counter((row["kind"], row["decided_by"]) for row in running)
    assert found == Counter(targets(size.published))
    assert len(running) == sum(
        size.published[name]
        for name in (
            "educational_actions_administrative",
            "educational_actions_judicial",
            "entrusted_administrative",
            "entrusted_judicial",
            "children_placed_directly_by_judge",
        )
    )


def test_the_judicial_share_is_the_published_one(made, size):
    running = in_force(made["own_measures"], "2025-12-31")
    home = [row for row in running if "home_support" in row["kind"]]
    share = sum(row["decided_by"] == "judicial" for row in home) / len(home)
    said = size.published["educational_actions_judicial"] / (
        size.published["educational_actions_judicial"]
        + size.published["educational_actions_administrative"]
    )
    assert share == pytest.approx(said, abs=0.005)


def test_targets_split_the_published_counts():
    split = targets(SMALL.published)
    assert sum(split.values()) == 20 + 60 + 15 + 85 + 6
    assert sum(n for (kind, _), n in split.items() if kind == "foster_family") == 40
    assert sum(n for (kind, _), n in split.items() if kind == "institution") == 45
    assert split["trusted_person", "judicial"] == 6
    placed = [(k, w) for k, w in split if k in ("foster_family", "institution", "other_placement")]
    assert sum(split[k, w] for k, w in placed if w == "administrative") == 15


def test_about_a_third_of_assessments_are_late_and_some_are_open(made):
    rows = made["own_assessments"]
    closed = [row for row in rows if row["closed_on"]]
    late = [r for r in closed if _months(r["received_on"], r["closed_on"]) >= 3.0]
    assert 0.27 < len(late) / len(closed) < 0.4
    still = [row for row in rows if not row["closed_on"]]
    assert 0.01 < len(still) / len(rows) < 0.1
    assert any(_months(row["received_on"], AS_OF.isoformat()) > 3 for row in still)


def test_concerns_follow_the_school_year(made):
    months = Counter(int(row["received_on"][5:7]) for row in made["own_concerns"])
    assert months[8] < 0.6 * months[11]
    expected = [weight / sum(SEASON) for weight in SEASON]
    total = sum(n for m, n in months.items() if m <= 10)  # all months but the two of the last year
    for month in range(1, 11):
        share = expected[month - 1] / sum(expected[:10])
        assert months[month] / total == pytest.approx(share, abs=0.025)


def test_concerns_are_spread_as_the_people_are(made, size):
    people = sum(size.under_21.values())
    big = max(size.under_21, key=size.under_21.get)
    found = Counter(row["area_id"] for row in made["own_concerns"])
    share = found[big] / len(made["own_concerns"])
    assert share == pytest.approx(size.under_21[big] / people, abs=0.03)
    assert set(found) <= set(size.under_21)


def test_cases_places_and_children_hold_together(made):
    cases = {row["case_id"] for row in made["own_concerns"]}
    places = {row["place_id"] for row in made["own_places"]}
    born = {}
    for row in made["own_measures"]:
        assert row["started_on"] < "2023" or row["case_id"] in cases
        assert not row["place_id"] or row["place_id"] in places
        assert born.setdefault(row["child_id"], row["birth_month"]) == row["birth_month"]
    assert {row["case_id"] for row in made["own_assessments"]} <= cases
    assert len(born) < len(made["own_measures"])


def test_posts_are_filled_but_for_a_few(made):
    vacant = Counter(row["state"] for row in made["own_staff"])
    assert 0.02 < vacant["vacant"] / len(made["own_staff"]) < 0.2


def test_no_area_without_people_has_a_case():
    for rows in caseload(SMALL, AS_OF, 3).values():
        assert "C" not in set(rows["area_id"])


def test_volumes_name_what_is_wanting(words):
    import pandas as pd

    nothing = pd.DataFrame(columns=["variable", "level", "area_id", "period", "value"])
    with pytest.raises(NoVolumes, match="educational_actions_administrative"):
        volumes(nothing, frozenset(), words.territory)


def test_people_are_those_of_the_territory(size):
    assert len(size.under_21) == 257
    assert 45_000 < sum(size.under_21.values()) < 56_000


def _months(first, last):
    """Calendar months between two days, a day of the month being a thirty-first of one."""
    y, m, d = map(int, first.split("-"))
    yy, mm, dd = map(int, last.split("-"))
    return (yy - y) * 12 + mm - m + (dd - d) / 31


def test_the_files_are_csv_that_python_reads(size):
    from etl.records.commands import csv_bytes

    rows = list(csv.reader(io.StringIO(csv_bytes(["a", "b"], [["1", "é,è"]]).decode("utf-8"))))
    assert rows == [["a", "b"], ["1", "é,è"]]
