"""What need is measured by: declared, of the whole country, or of all of it but one's own part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl.coverage import coverages
from etl.scene import DRAWS, scene
from etl.source import RejectedFile
from etl.standards import Parts, measure, parts_of, standard_value, standards_apart
from geodata.catalogue.nouns import Standard, Text
from geodata.methods.drawn_amounts import Counted, drawn_amounts
from geodata.methods.keyed_random import Purpose
from geodata.methods.need import Need
from geodata.model import ServiceMode, StandardKind

PLACES = ("childcare_places_collective", "childcare_places_childminder", "childcare_places_other")
#: Children and places of the country's parts: 1 place for two children in all.
COUNTRY = {"07": (100, 20), "15": (200, 100), "43": (100, 80), "63": (600, 300)}
#: The part, children and places of each village; they lie too far apart to share anything.
VILLAGES = {"W": ("63", 60, 30), "V": ("43", 40, 10), "U": ("43", 20, 0), "T": ("07", 80, 50)}
NAME = Text("essai", "trial")
OTHERS = Standard("others", StandardKind.COMPARATIVE, "2020", NAME)
ONE = Standard("one", StandardKind.FIXED, "2020", NAME, 1.0)
MEAN = Standard("mean", StandardKind.REFERENCE, "2020", NAME)


@pytest.fixture
def service(words):
    made = words.services["childcare"]
    return replace(made, standards=(OTHERS, ONE, MEAN), capacity_error=0.0, demand_period="2020")


@pytest.fixture
def figures():
    return figures_of(COUNTRY, VILLAGES)


def figures_of(country, villages, period="2020"):
    counted = [("departement", name, *counts) for name, counts in country.items()]
    counted += [("commune", name, *counts) for name, (_part, *counts) in villages.items()]
    rows = []
    for level, name, people, places in counted:
        rows.append(("children_under_3", level, name, period, people))
        rows.append((PLACES[0], level, name, period, places))
        rows += [(other, level, name, period, 0) for other in PLACES[1:]]
    columns = ["variable", "level", "area_id", "period", "value"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "float64"})


@pytest.fixture
def at(words):
    return scene_of(VILLAGES, words)


def scene_of(villages, words):
    fine = pd.DataFrame(
        {
            "level": "commune",
            "area_id": list(villages),
            "role": "territory",
            "seat_longitude": 3.9,
            "seat_latitude": [44.0 + k for k in range(len(villages))],
        }
    )
    parts = pd.DataFrame({"level": "departement", "area_id": list(COUNTRY), "role": "territory"})
    members = [("commune", name, "departement", part) for name, (part, *_) in villages.items()]
    members += [("commune", name, "region", "all") for name in villages]
    columns = ["level", "area_id", "parent_level", "parent_id"]
    membership = pd.DataFrame(members, columns=columns).dropna()
    return scene(pd.concat([fine, parts], ignore_index=True), membership, words)


def parts(people, places, part=(0,)):
    people, places = pd.Series(people, dtype="float64"), pd.Series(places, dtype="float64")
    wide = pd.DataFrame({"children_under_3": people, PLACES[0]: places})
    return Parts(wide, people, places, np.array(part))


def rows_of(made, standard, level="commune"):
    at = made[(made["standard"] == standard) & (made["level"] == level)]
    return at.set_index("area_id")


# Declared, and of the whole country.


def test_a_reference_is_the_places_per_person_of_the_country(figures, at, service, words):
    made = parts_of(figures, service, "2020", words, at.country_parts, at.part)
    assert standard_value(MEAN, made, service, words) == 0.5
    assert standard_value(ONE, made, service, words) == 1.0
    assert made.known == 4


def test_an_itinerant_service_is_judged_in_full_weeks(figures, at, service, words):
    """There a tenth of the week: a tenth of the places for each, and in the country too."""
    tours = replace(service, mode=ServiceMode.ITINERANT, week_share=0.1)
    whole, _ = coverages(figures, service, words, at)
    made, issues = coverages(figures, tours, words, at)
    for standard, share in (("mean", 0.1), ("others", 0.1), ("one", 1.0)):
        ours, theirs = rows_of(made, standard), rows_of(whole, standard)
        np.testing.assert_allclose(ours["tau"], share * theirs["tau"], rtol=1e-12)
        np.testing.assert_allclose(ours["effective"], 0.1 * theirs["effective"], rtol=1e-12)
    np.testing.assert_allclose(
        rows_of(made, "mean")["gap"], 0.1 * rows_of(whole, "mean")["gap"], atol=1e-12
    )
    assert [issue.code for issue in issues] == []


def test_a_reference_that_cannot_be_computed_is_as_declared_or_refused(service, words):
    few = parts([100, 100, np.nan, 100, 100], [50, 50, 50, np.nan, 50])
    declared = replace(MEAN, value=0.4)
    assert standard_value(declared, few, service, words) == 0.4
    # Each is known in four of five parts, both together in three: that is what is told.
    with pytest.raises(RejectedFile, match="only 3 of 5 areas for the standard trial") as caught:
        standard_value(MEAN, few, service, words)
    assert "3 aires sur 5 seulement pour la référence essai" in caught.value.issue.message_fr
    most = parts([100, 100, 100, np.nan, 100], [50, 50, 50, 7, 50])
    assert standard_value(declared, most, service, words) == 0.5


def test_each_standard_is_computed_from_its_own_period(figures, at, service, words):
    """The first one's period is not the second's, whichever comes first."""
    before = figures_of({name: (people, 10) for name, (people, _) in COUNTRY.items()}, {}, "2019")
    both = pd.concat([figures, before.assign(period="2019")], ignore_index=True)
    old = replace(MEAN, id="old", period="2019")
    for standards in ((old, MEAN), (MEAN, old)):
        made, issues = coverages(both, replace(service, standards=standards), words, at)
        assert set(rows_of(made, "mean")["tau"]) == {0.5}
        assert set(rows_of(made, "old")["tau"]) == {40 / 1000}
        # Of another year it may well differ from the places of this one: nothing is told.
        assert issues == []


def test_a_standard_that_may_be_off_widens_the_interval_and_leaves_the_gap(
    figures, at, service, words
):
    sure, unsure = replace(ONE, id="sure"), replace(ONE, id="unsure", error=0.2)
    crowd = figures.assign(value=100 * figures["value"])
    made, _ = coverages(crowd, replace(service, standards=(sure, unsure)), words, at)
    for level in ("commune", "region"):
        one, other = rows_of(made, "sure", level), rows_of(made, "unsure", level)
        for column in ("gap", "need", "effective", "tau"):
            np.testing.assert_array_equal(one[column], other[column])
        assert (other["gap_low"] < one["gap_low"]).all()
        assert (other["gap_high"] > one["gap_high"]).all()
        # Nine draws in ten are within 0.9 x 20 % of the need: one standard for all, so that in a
        # larger area it does not cancel out.
        half = (other["gap_high"] - other["gap_low"]) / 2
        np.testing.assert_allclose(half, 0.9 * 0.2 * other["need"], rtol=0.15)


# Comparative: of the others.


def test_an_area_is_judged_by_the_other_parts_of_the_country(figures, at, service, words):
    """500 places for 1000 children in all; less 300 for 600, 80 for 100, and 20 for 100."""
    made, _ = coverages(figures, service, words, at)
    rows = rows_of(made, "others")
    tau = {"W": 200 / 400, "V": 420 / 900, "U": 420 / 900, "T": 480 / 900}
    for name, value in tau.items():
        assert rows.loc[name, "tau"] == pytest.approx(value, rel=1e-12)
        people = VILLAGES[name][1]
        assert rows.loc[name, "need"] == pytest.approx(value * people, rel=1e-12)
    # A larger area needs what its parts need, and its standard is their people's mean.
    need = sum(value * VILLAGES[name][1] for name, value in tau.items())
    whole = rows_of(made, "others", "region").loc["all"]
    assert whole["need"] == pytest.approx(need)
    assert whole["tau"] == pytest.approx(need / 200)
    assert rows_of(made, "others", "departement").loc["43", "need"] == pytest.approx(28)


def test_its_own_places_change_nothing(figures, at, service, words):
    ours = figures["variable"].eq(PLACES[0]) & figures["area_id"].eq("43")
    richer = figures.assign(value=figures["value"].mask(ours, 1e6))
    (before, _), (after, _) = (coverages(x, service, words, at) for x in (figures, richer))
    before, after = (rows_of(x, "others")["tau"] for x in (before, after))
    assert after[["V", "U"]].tolist() == before[["V", "U"]].tolist()
    assert (after[["W", "T"]] > 1000 * before[["W", "T"]]).all()


def test_an_area_of_no_part_is_judged_by_all(figures, service, words):
    at = scene_of(VILLAGES | {"S": (None, 10, 5)}, words)
    more = pd.concat([figures, figures_of({}, {"S": (None, 10, 5)})])
    made, _ = coverages(more, service, words, at)
    assert rows_of(made, "others").loc["S", "tau"] == 0.5


def test_where_nobody_lives_there_is_a_standard_all_the_same(figures, at, service, words):
    """The mean of a larger area's parts, where it has no people to weigh them by."""
    of_43 = figures["area_id"].isin(["V", "U"]) & figures["variable"].eq("children_under_3")
    nobody = figures.assign(value=figures["value"].mask(of_43, 0.0))
    made, _ = coverages(nobody, service, words, at)
    row = rows_of(made, "others", "departement").loc["43"]
    assert (row["status"], row["need"]) == ("not_applicable", 0)
    assert row["tau"] == pytest.approx(420 / 900)
    unknown = figures[~(of_43 & figures["area_id"].eq("V"))]
    large = {f"F{k:02d}": ("07", 10, 5) for k in range(30)}
    many = pd.concat([unknown, figures_of({}, large)])
    made, _ = coverages(many, service, words, scene_of(VILLAGES | large, words))
    assert made["tau"].notna().all()
    assert rows_of(made, "others", "departement").loc["43", "status"] == "missing"


def test_the_draws_of_the_others_are_counts(figures, at, service, words):
    """As far apart as a Poisson count of the others' places, and the same for a whole part."""
    of_country = parts_of(figures, service, "2020", words, at.country_parts, at.part)
    by = measure(OTHERS, of_country, service, words)
    assert by.kind is Need.COMPARATIVE
    assert by.drawn is not None
    assert by.drawn.shape == (DRAWS.count, 5)
    people, events = np.array([900, 800, 900, 400, 1000]), np.array([480, 400, 420, 200, 500])
    drawn = by.drawn * people
    np.testing.assert_allclose(drawn.mean(axis=0), events, rtol=0.02)
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(events), rtol=0.25)
    # What one leaves out, another counts: of one draw, the four others' sums hold each part thrice.
    np.testing.assert_allclose(drawn[:, :4].sum(axis=1), 3 * drawn[:, 4], rtol=1e-12)
    area = np.array([1, 2])
    counted = drawn_amounts([40.0, 20.0], Counted(), DRAWS, Purpose.DEMAND)
    need = by.need(counted, area, DRAWS)
    np.testing.assert_allclose(need.drawn, by.drawn[:, [2]] * counted, rtol=1e-12)


def test_the_interval_holds_the_chance_of_the_others(figures, at, service, words):
    """With few places counted elsewhere, a comparative gap is less sure than one declared alike."""
    few = figures.assign(
        value=figures["value"].where(
            figures["level"].eq("commune") | figures["variable"].eq("children_under_3"),
            figures["value"] / 10,
        )
    )
    alike = replace(ONE, value=42 / 900)
    made, _ = coverages(few, replace(service, standards=(OTHERS, alike)), words, at)
    compared, declared = (rows_of(made, name).loc["V"] for name in ("others", "one"))
    assert compared["gap"] == pytest.approx(declared["gap"])
    width = [row["gap_high"] - row["gap_low"] for row in (compared, declared)]
    assert width[0] > 1.1 * width[1]


@pytest.mark.parametrize(
    ("people", "places", "told"),
    [
        ([100, 100, np.nan, np.nan, 100], [50.0] * 5, "only 3 of 5"),
        ([100, 100, 100, 100, 100], [50, np.nan, np.nan, np.nan, 50], "only 2 of 5"),
        ([100], [50], "only 1 of 1"),
    ],
)
def test_too_few_others_are_refused(service, words, people, places, told):
    with pytest.raises(RejectedFile, match=told) as caught:
        measure(OTHERS, parts(people, places), service, words)
    issue = caught.value.issue
    assert issue.mend_fr == "Ajouter les lignes manquantes : inconnu n’est pas zéro."
    assert issue.file


def test_parts_unknown_are_left_out_of_the_others(service, words):
    by = measure(
        OTHERS,
        parts([100, 100, 100, 100, 500], [50, 30, np.nan, 10, 60], (0, 2, 4, -1)),
        service,
        words,
    )
    expected = [100 / 700, 150 / 800, 90 / 300, 150 / 800]
    np.testing.assert_allclose(by.tau, expected, rtol=1e-12)


# The country's parts and its finest areas.


def told_apart(share, service, words, part=(0, 1, 2), standard=MEAN, supply=50.0):
    """The parts have so much more than the finest areas, one a part."""
    counts = pd.DataFrame({"demand": [100.0] * 3, "supply": [supply] * 3})
    country = parts([100] * 3, [50 * (1 + share)] * 3, part)
    return standards_apart(standard, country, counts, np.ones(3, bool), service, words)


@pytest.mark.parametrize("share", [0.01, -0.01])
def test_averages_of_the_country_that_differ_are_told(service, words, share):
    (issue,) = told_apart(share, service, words)
    assert (issue.code, issue.severity, issue.column) == ("standards_apart", "warning", PLACES[0])
    ours, theirs = "50", f"{50 * (1 + share):g}"
    assert f"{theirs} places for 100 by the published areas, {ours} by the sum" in issue.message_en
    assert (
        f"{theirs} places pour 100 d’après les aires publiées, {ours} d’après" in issue.message_fr
    )
    assert "1.0% apart" in issue.message_en
    assert issue.mend_fr
    assert issue.mend_en


def test_places_that_only_the_published_areas_have_are_told(service, words):
    (issue,) = told_apart(1.0, service, words, supply=0.0)
    assert "100 places for 100 by the published areas, 0 by the sum" in issue.message_en
    assert "100.0% apart" in issue.message_en


def test_averages_alike_or_of_a_part_of_the_country_are_not(service, words):
    assert told_apart(0.001, service, words) == []
    assert told_apart(0.5, service, words, part=(1, 1, 1)) == []
    assert told_apart(0.5, service, words, part=(-1, -1, -1)) == []
    assert told_apart(0.5, service, words, standard=ONE) == []
    assert told_apart(0.5, service, words, standard=OTHERS) == []


def test_averages_that_differ_are_told_with_the_coverage(service, words):
    """A village for each part, the parts with a place more in a hundred."""
    villages = {f"{name}01": (name, *counts) for name, counts in COUNTRY.items()}
    more = {name: (people, 1.01 * places) for name, (people, places) in COUNTRY.items()}
    at = scene_of(villages, words)
    (issue,) = coverages(figures_of(more, villages), service, words, at)[1]
    assert issue.code == "standards_apart"
    assert coverages(figures_of(COUNTRY, villages), service, words, at)[1] == []
    tours = replace(service, mode=ServiceMode.ITINERANT, week_share=0.1)
    assert coverages(figures_of(COUNTRY, villages), tours, words, at)[1] == []
    (issue,) = coverages(figures_of(more, villages), tours, words, at)[1]
    assert "5.05 places for 100 by the published areas, 5 by the sum" in issue.message_en
    # Of another year the parts may well have another average.
    years = [figures_of(COUNTRY, villages), figures_of(more, {}, "2019")]
    old = replace(service, standards=(replace(MEAN, id="old", period="2019"),))
    assert coverages(pd.concat(years), old, words, at)[1] == []


@pytest.mark.parametrize("standard", [MEAN, OTHERS])
def test_a_country_without_any_place_gives_no_standard(standard, service, words):
    with pytest.raises(RejectedFile, match="no place at all") as caught:
        measure(standard, parts([100, 50, 70], [0, 0, 0]), service, words)
    assert "norme fixe" in caught.value.issue.mend_fr
