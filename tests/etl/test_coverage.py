from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl import figures, solution
from etl.coverage import coverages
from etl.scene import scene
from etl.source import RejectedFile
from etl.standards import parts_of, standard_value
from geodata.methods.decay import StepWeights
from geodata.model import ServiceMethod, ServiceMode

NOWHERE = np.array([-1])


@pytest.fixture
def complete(village_figures, village_membership, words):
    derived = figures.derived_figures(village_figures, words)
    published = pd.concat([village_figures, derived], ignore_index=True)
    sums = figures.sums_of_parts(published, figures.parts_of(village_membership), words)
    return figures.completed_figures(published, sums)


@pytest.fixture
def made(complete, village_areas, village_membership, words):
    at = scene(village_areas, village_membership, words)
    return coverages(complete, words.services["childcare"], words, at)[0]


def test_the_standard_is_places_over_children_of_the_whole_country(complete, words):
    # 3 x (10 + 40) places over 3 x (20 + 80) births: one place for two children.
    service = words.services["childcare"]
    parts = parts_of(complete, service, "2020", words, pd.Index(["43", "63"]), NOWHERE)
    france, one = (service.standard(name) for name in ("france_2020", "one_per_child"))
    assert standard_value(france, parts, service, words) == 0.5
    assert standard_value(one, parts, service, words) == 1.0


def test_a_standard_needs_most_of_the_country(complete, words):
    service = words.services["childcare"]
    three = pd.Index(["43", "63", "07"])  # two of three known: 67 %
    parts = parts_of(complete, service, "2020", words, three, NOWHERE)
    with pytest.raises(RejectedFile, match="only 2 of 3"):
        standard_value(service.standard("france_2020"), parts, service, words)


def test_three_villages_by_hand(made):
    """7 km x 1.4 / 50 km/h = 11.76 minutes between A and B: weight 0.22; C is beyond reach.

    R_A = 12 / (30 + 0.22 x 30) = 12 / 36.6; A gets 30 R_A, B gets 0.22 x 30 R_A.
    """
    at = made[(made["standard"] == "france_2020") & (made["level"] == "commune")]
    rows = at.set_index("area_id")
    ratio = 12 / 36.6
    assert rows.loc["A", "effective"] == pytest.approx(30 * ratio, abs=1e-9)
    assert rows.loc["B", "effective"] == pytest.approx(6.6 * ratio, abs=1e-9)
    assert rows.loc["B", "nearest_minutes"] == pytest.approx(11.76, abs=1e-3)
    assert rows.loc["A", "need"] == 15
    assert rows.loc["B", "within_reach"] == pytest.approx(15 - 6.6 * ratio, abs=1e-9)
    assert rows["out_of_reach"].eq(0).all()
    assert "C" not in rows.index  # counts in the engine, is never returned


def test_larger_areas_are_sums_then_ratios(made):
    at = made[made["standard"] == "one_per_child"].set_index("area_id")
    for column in ("demand", "supply", "need", "effective", "served", "unmet", "gap"):
        assert at.loc["AB", column] == pytest.approx(at.loc[["A", "B"], column].sum())
    assert at.loc["AB", "coverage"] == pytest.approx(100 * 12 / 60)
    # A mean over the people: A's are there, B's have 11.76 minutes to go.
    share = at.loc["B", "demand"] / at.loc["AB", "demand"]
    assert at.loc["AB", "nearest_minutes"] == pytest.approx(11.76 * share, abs=1e-3)


def test_unknown_supply_stops_the_engine(complete, village_areas, village_membership, words):
    unknown = complete[
        ~(complete["area_id"].eq("B") & complete["variable"].eq("childcare_places_other"))
    ]
    at = scene(village_areas, village_membership, words)
    with pytest.raises(RejectedFile, match=r"unknown in 2020 for 1 areas, such as B") as caught:
        coverages(unknown, words.services["childcare"], words, at)
    issue = caught.value.issue
    assert (issue.source_id, issue.column) == ("cnaf_childcare_places", "childcare_places_other")
    assert issue.mend_en == "Add the missing rows: unknown is not zero."


def test_nobody_lives_there_is_not_applicable(complete, village_areas, village_membership, words):
    nobody = complete["area_id"].eq("B") & complete["variable"].eq("children_under_3")
    complete.loc[nobody, "value"] = 0.0
    service = words.services["childcare"]
    at = scene(village_areas, village_membership, words)
    made, _ = coverages(complete, service, words, at)
    row = made[(made["area_id"] == "B") & (made["standard"] == "one_per_child")].iloc[0]
    assert row["status"] == "not_applicable"
    assert np.isnan(row["coverage"])
    assert row["need"] == 0


def test_one_that_tours_counts_its_share_of_the_week(
    complete, village_areas, village_membership, words
):
    """The same places, there a tenth of the week: a tenth falls to each village, as far away."""
    fixed = words.services["childcare"]
    touring = replace(fixed, mode=ServiceMode.ITINERANT, week_share=0.1)
    at = scene(village_areas, village_membership, words)
    (whole, _), (made, _) = (coverages(complete, one, words, at) for one in (fixed, touring))
    whole, made = (
        whole[whole["standard"] == "one_per_child"],
        made[whole["standard"] == "one_per_child"],
    )
    assert (made["effective"] > 0).all()
    for column in ("effective", "coverage"):
        np.testing.assert_allclose(made[column], 0.1 * whole[column])
    for column in ("supply", "demand", "need", "nearest_minutes"):
        np.testing.assert_allclose(made[column], whole[column])


# Areas whose demand or supply nobody knows: they and those they could change are missing.


@pytest.fixture
def row_of_villages(village_figures, village_areas):
    """Forty villages 7 km apart on a meridian, each with 10 births and 3 places; two EPCIs.

    At 11.76 minutes from one to the next and 15 at most, each reaches its neighbours only.
    """
    names = [f"V{i:02d}" for i in range(40)]
    seats = [44.0 + i * 7.0 / 111.195 for i in range(40)]
    own = pd.DataFrame(
        {
            "level": "commune",
            "area_id": names,
            "role": "territory",
            "seat_longitude": 3.9,
            "seat_latitude": seats,
        }
    )
    above = village_areas[village_areas["level"] == "departement"]
    epcis = above.iloc[:2].assign(level="epci", area_id=["south", "north"], role="territory")
    parents = [("epci", "south" if i < 20 else "north") for i in range(40)]
    members = pd.DataFrame(
        [("commune", a, *p) for a, p in zip(names, parents, strict=True)],
        columns=["level", "area_id", "parent_level", "parent_id"],
    )
    kinds = ("collective", "childminder", "other")
    rows = [(f"childcare_places_{kind}", name, 1.0) for kind in kinds for name in names]
    rows += [("children_under_3", name, 30.0) for name in names]
    fine = pd.DataFrame(rows, columns=["variable", "area_id", "value"]).assign(
        level="commune", period="2020", status="observed"
    )
    whole = village_figures[village_figures["level"] == "departement"]
    children = whole[(whole["variable"] == "births") & (whole["period"] == "2020")]
    whole = pd.concat([whole, children.assign(variable="children_under_3")])
    areas = pd.concat([own, epcis, above], ignore_index=True)
    return pd.concat([fine, whole], ignore_index=True), areas, members


def missing_of(made, level="commune"):
    at = made[(made["standard"] == "one_per_child") & (made["level"] == level)]
    return set(at.loc[at["status"] == "missing", "area_id"])


def run(row_of_villages, words, drop=None, areas=None):
    figures, own, members = row_of_villages
    if drop is not None:
        figures = figures[~(figures[list(drop)] == pd.Series(drop)).all(axis=1)]
    own = own if areas is None else areas
    at = scene(own, members, words)
    return coverages(figures, words.services["childcare"], words, at)


def test_the_service_reaches_one_village_either_way(words):
    """What the examples below stand on."""
    assert 11.76 < words.services["childcare"].threshold_minutes < 2 * 11.76


def test_every_area_known_is_an_estimate_and_nothing_is_told(row_of_villages, words):
    made, issues = run(row_of_villages, words)
    assert issues == []
    assert set(made["status"]) == {"estimated"}
    at = made[(made["standard"] == "one_per_child") & (made["level"] == "commune")]
    assert at["effective"].sum() == pytest.approx(40 * 3, rel=1e-12)


@pytest.mark.parametrize(
    ("variable", "silenced"),
    [
        ("childcare_places_other", {"V09", "V10", "V11"}),
        ("children_under_3", {"V08", "V09", "V10", "V11", "V12"}),
    ],
)
def test_an_unknown_area_silences_those_it_could_change(row_of_villages, words, variable, silenced):
    """V09 and V11 reach V10's places; V08 and V12 share those of V09 and V11 with its children."""
    made, (issue,) = run(row_of_villages, words, {"variable": variable, "area_id": "V10"})
    assert missing_of(made) == silenced
    assert (issue.severity, issue.code, issue.rows) == ("warning", "unknown_figure", 1)
    assert issue.column == variable
    assert "V10" in issue.message_fr
    # The larger area that holds them is missing, the other is whole.
    assert missing_of(made, "epci") == {"south"}
    rows = made[made["standard"] == "one_per_child"].set_index("area_id")
    assert rows.loc["V09", ["need", "effective", "unmet", "gap_low", "p_gap"]].isna().all()
    assert rows.loc["south", ["demand", "supply", "need", "effective"]].isna().all()
    assert rows.loc["north", "supply"] == 60


def test_who_is_not_touched_finds_what_he_found_before(row_of_villages, words):
    whole, _ = run(row_of_villages, words)
    made, _ = run(row_of_villages, words, {"variable": "children_under_3", "area_id": "V10"})
    key = ["standard", "level", "area_id"]
    both = made[made["status"] == "estimated"].merge(whole, on=key, suffixes=("", "_whole"))
    assert len(both) == len(words.services["childcare"].standards) * (40 - 5 + 1)
    for column in ("effective", "need", "unmet", "nearest_minutes"):
        np.testing.assert_allclose(both[column], both[f"{column}_whole"], rtol=1e-12)


def test_a_village_without_a_place_on_the_map_is_missing_alone(row_of_villages, words):
    areas = row_of_villages[1].copy()
    areas.loc[areas["area_id"] == "V10", ["seat_longitude", "seat_latitude"]] = np.nan
    made, issues = run(row_of_villages, words, areas=areas)
    assert missing_of(made) == {"V10"}
    assert issues == []


def test_one_village_in_twenty_may_be_unknown_not_more(row_of_villages, words):
    figures, areas, members = row_of_villages
    service = words.services["childcare"]
    of_demand = figures["variable"].eq("children_under_3")
    two = figures[~(of_demand & figures["area_id"].isin(["V00", "V39"]))]
    at = scene(areas, members, words)
    assert coverages(two, service, words, at)[1][0].rows == 2
    three = figures[~(of_demand & figures["area_id"].isin(["V00", "V20", "V39"]))]
    with pytest.raises(RejectedFile, match="unknown in 2020 for 3 areas, such as V00"):
        coverages(three, service, words, at)


def test_a_gap_has_an_interval_and_a_probability(row_of_villages, words):
    made, _ = run(row_of_villages, words)
    at = made[made["level"] == "commune"].set_index(["standard", "area_id"])
    assert (at["gap_low"] < at["gap_high"]).all()
    # 30 children who need 30 places and find 3: that places are missing is beyond doubt.
    sure = at.loc["one_per_child"]
    assert sure["p_gap"].eq(1).all()
    assert ((sure["gap_low"] < sure["gap"]) & (sure["gap"] < sure["gap_high"])).all()
    # The interval of a larger area is that of the sum of its parts: narrower than their sum.
    width = made["gap_high"] - made["gap_low"]
    one = made["standard"] == "one_per_child"
    parts = width[one & made["area_id"].isin([f"V{i:02d}" for i in range(20)])].sum()
    assert width[one & (made["area_id"] == "south")].item() < 0.5 * parts


def test_neighbours_may_be_unknown_and_silence_the_border_only(row_of_villages, words):
    figures, areas, members = row_of_villages
    beyond = [f"V{i:02d}" for i in range(30, 40)]
    areas = areas.assign(role=areas["role"].mask(areas["area_id"].isin(beyond), "edge"))
    supply = figures["variable"].str.startswith("childcare_places")
    figures = figures[~(supply & figures["area_id"].isin(beyond))]
    own = members[~members["area_id"].isin(beyond)]
    made, issues = run((figures, areas, own), words)
    assert missing_of(made) == {"V29"}
    assert len(issues) == 3
    assert "all of them neighbours" in issues[0].message_en
    assert {issue.severity for issue in issues} == {"note"}


def test_people_of_a_grid_live_where_the_grid_says(row_of_villages, words):
    """Half of V10's children live at V12's seat: they find what V12's find, and share it."""
    figures, areas, members = row_of_villages
    seats = areas.set_index("area_id")
    points = pd.DataFrame(
        {
            "point_id": ["here", "there", "elsewhere"],
            "area_id": ["V10", "V10", "unheard of"],
            "longitude": 3.9,
            "latitude": seats.loc[["V10", "V12", "V12"], "seat_latitude"].to_numpy(),
            "people": [70.0, 70.0, 9.0],
        }
    )
    service = words.services["childcare"]
    at = scene(areas, members, words, points=points)
    assert at.people.share.sum() == 40
    made, _ = coverages(figures, service, words, at)
    rows = made[(made["standard"] == "one_per_child") & (made["level"] == "commune")]
    rows = rows.set_index("area_id")
    assert rows["effective"].sum() == pytest.approx(40 * 3, rel=1e-12)
    assert rows.loc["V10", "demand"] == 30
    # V12's places are shared by 30 + 15 children there and 30 at 11.76 minutes on either side.
    ratio = {
        "V10": 3 / (15 + 0.22 * 60),
        "V09": 3 / (30 + 0.22 * (30 + 15)),
        "V11": 3 / (30 + 0.22 * (30 + 15 + 15)),
        "V12": 3 / (45 + 0.22 * 60),
        "V13": 3 / (30 + 0.22 * (45 + 30)),
    }
    here = ratio["V10"] + 0.22 * (ratio["V09"] + ratio["V11"])
    there = ratio["V12"] + 0.22 * (ratio["V11"] + ratio["V13"])
    assert rows.loc["V10", "effective"] == pytest.approx(15 * (here + there), rel=1e-9)


def test_people_unknown_in_a_few_areas_are_estimated_from_the_residents(row_of_villages, words):
    """V10's 20 residents have 10 children, at the rate of the others: 30 in 60 residents."""
    figures, areas, members = row_of_villages
    residents = pd.Series(60.0, index=areas.index).mask(areas["area_id"] == "V10", 20.0)
    areas = areas.assign(legal_population=residents)
    part = members.assign(parent_level="departement", parent_id="43")
    members = pd.concat([members, part], ignore_index=True)
    made, (issue,) = run(
        (figures, areas, members), words, {"variable": "children_under_3", "area_id": "V10"}
    )
    assert issue.rows == 1
    rows = made[(made["standard"] == "one_per_child")].set_index("area_id")
    assert rows.loc["V10", "demand"] == pytest.approx(10)
    assert missing_of(made) == set()
    assert rows.loc["south", "effective"] + rows.loc["north", "effective"] == pytest.approx(120)


def test_a_large_area_is_told_from_its_parts_where_nearly_all_are_known(words, row_of_villages):
    figures, areas, members = row_of_villages
    far = [f"F{i:03d}" for i in range(160)]
    more = pd.DataFrame({"area_id": far}).assign(
        level="commune", role="territory", seat_longitude=3.9
    )
    more["seat_latitude"] = 46.0 + more.index * 7.0 / 111.195
    kinds = ("childcare_places_collective", "childcare_places_childminder")
    rows = [(kind, x, 1.0) for kind in (*kinds, "childcare_places_other") for x in far]
    rows += [("children_under_3", x, 30.0) for x in far]
    fine = pd.DataFrame(rows, columns=["variable", "area_id", "value"]).assign(
        level="commune", period="2020", status="observed"
    )
    all_of_them = pd.DataFrame(
        [("commune", x, "region", "all") for x in [*members["area_id"], *more["area_id"]]],
        columns=["level", "area_id", "parent_level", "parent_id"],
    )
    seats = areas["area_id"].eq("V00")  # without a place on the map, and with people
    areas = areas.assign(
        seat_longitude=areas["seat_longitude"].mask(seats),
        seat_latitude=areas["seat_latitude"].mask(seats),
    )
    made, _ = run(
        (
            pd.concat([figures, fine], ignore_index=True),
            pd.concat([areas, more], ignore_index=True),
            pd.concat([members, all_of_them], ignore_index=True),
        ),
        words,
    )
    rows = made[made["standard"] == "one_per_child"].set_index("area_id")
    assert missing_of(made) == {"V00"}
    assert missing_of(made, "epci") == {"south"}  # one in twenty
    assert rows.loc["all", ["parts", "parts_expected"]].tolist() == [199, 200]
    assert rows.loc["all", "demand"] == 199 * 30
    assert rows.loc["all", "gap_low"] < rows.loc["all", "gap"] < rows.loc["all", "gap_high"]


# Methods that give a place to one person, or none.


def one_by_one(words, method):
    service = words.services["childcare"]
    return replace(
        service,
        method=method,
        decay=StepWeights((15.0,), (1.0,)),
        standards=(service.standard("one_per_child"),),
    )


def test_within_asks_only_whether_there_is_a_place(row_of_villages, words):
    """Only V10 has places: its 30 children and those of its neighbours are served, in full."""
    figures, areas, members = row_of_villages
    elsewhere = figures["variable"].str.startswith("childcare_places")
    elsewhere &= figures["level"].eq("commune") & figures["area_id"].ne("V10")
    figures = figures.assign(value=figures["value"].mask(elsewhere, 0.0))
    at = scene(areas, members, words)
    made, issues = coverages(figures, one_by_one(words, ServiceMethod.WITHIN), words, at)
    assert issues == []
    rows = made.set_index("area_id")
    near = ["V09", "V10", "V11"]
    assert rows.loc[near, "served"].tolist() == [30] * 3
    assert rows.loc[near, "gap"].tolist() == [0] * 3
    assert rows.loc["V10", ["p_gap", "gap_low", "gap_high"]].tolist() == [0] * 3
    assert rows.loc["V12", ["served", "out_of_reach", "gap", "within_reach"]].tolist() == [
        *(0, 30, 30, 0)
    ]
    # 11.76 minutes are 15.3 in the slowest draws: the neighbours may not be served after all.
    assert rows.loc[["V09", "V11"], "p_gap"].between(0.01, 0.1).all()
    assert rows.loc["south", ["demand", "effective", "out_of_reach"]].tolist() == [600, 90, 510]


def test_an_allocation_has_no_interval(row_of_villages, words):
    """Each village keeps its 3 places: whoever went to the next would only travel farther."""
    figures, areas, members = row_of_villages
    at = scene(areas, members, words)
    plan = one_by_one(words, ServiceMethod.ALLOCATION)
    made, issues = coverages(figures, plan, words, at)
    assert issues == []
    rows = made.set_index("area_id")
    np.testing.assert_allclose(rows.loc["V00":"V39", "effective"], 3, atol=1e-9)
    np.testing.assert_allclose(rows.loc["V00":"V39", "within_reach"], 27, atol=1e-9)
    assert rows.loc["south", "effective"] == pytest.approx(60)
    assert made[["gap_low", "gap_high", "p_gap"]].isna().all(axis=None)
    assert made[["gap", "unmet", "need"]].notna().all(axis=None)
    # One unknown, and all that is joined: a row of villages, each near the next.
    short = figures[~(figures["variable"].eq("children_under_3") & figures["area_id"].eq("V10"))]
    assert missing_of(coverages(short, plan, words, at)[0]) == {f"V{i:02d}" for i in range(40)}


def test_an_allocation_over_too_many_trips_is_refused(row_of_villages, words, monkeypatch):
    figures, areas, members = row_of_villages
    monkeypatch.setattr(solution, "MOST_TRIPS", 100)
    plan = one_by_one(words, ServiceMethod.ALLOCATION)
    with pytest.raises(RejectedFile) as caught:
        coverages(figures, plan, words, scene(areas, members, words))
    issue = caught.value.issue
    assert (issue.code, issue.column) == ("too_many_trips", "childcare_places_collective")
    assert issue.message_fr.endswith("trop de trajets pour une allocation (118, 100 au plus)")
    assert issue.message_en.endswith("too many trips for an allocation (118, at most 100)")
    assert issue.mend_fr.startswith("Donner à [childcare] la méthode e2sfca")
    assert issue.mend_en.startswith("Give [childcare] the method e2sfca")
