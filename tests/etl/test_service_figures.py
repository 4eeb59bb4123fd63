"""The figures of a service side by side: people by age and use, what is unknown, who is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl.coverage import coverages
from etl.scene import DRAWS, scene
from etl.service_figures import people_and_supply, side_by_side, unknown_figures
from etl.source import RejectedFile
from geodata.model import ServiceMethod

YOUNG, OLD = "population_0_19", "population_65_plus"
PLACES = ("childcare_places_collective", "childcare_places_childminder", "childcare_places_other")


@pytest.fixture
def by_age(words):
    """A service that the old use three times as much as the young, counted in another year."""
    return replace(
        words.services["childcare"],
        id="by_age",
        method=ServiceMethod.APL,
        use_rates=((YOUNG, 1.0), (OLD, 3.0)),
        demand_period="2022",
    )


@pytest.fixture
def aged_figures(village_figures):
    """A is all young, B all old, C empty; of the two parts of the country, one is half old."""
    counted = {
        "commune": {"A": (100, 0), "B": (0, 100), "C": (0, 0)},
        "departement": {"43": (100, 100), "63": (600, 0)},
    }
    rows = [
        (name, level, area_id, "2022", float(people))
        for level, areas in counted.items()
        for area_id, ages in areas.items()
        for name, people in zip((YOUNG, OLD), ages, strict=True)
    ]
    aged = pd.DataFrame(rows, columns=["variable", "level", "area_id", "period", "value"])
    return pd.concat([village_figures, aged.assign(status="observed")], ignore_index=True)


def counts(figures, service, level="commune"):
    wide = side_by_side(figures, level, service, "2020")
    return people_and_supply(wide, side_by_side(figures, "departement", service, "2020"), service)


def without(figures, variable, area_id):
    return figures[~(figures["variable"].eq(variable) & figures["area_id"].eq(area_id))]


def test_people_and_places_are_each_of_their_own_period(aged_figures, by_age):
    wide = side_by_side(aged_figures, "commune", by_age, "2020")
    assert list(wide) == [*PLACES, YOUNG, OLD]
    assert wide.loc["A"].tolist() == [12, 0, 0, 100, 0]
    moved = aged_figures.assign(
        period=aged_figures["period"].mask(aged_figures["variable"] == OLD, "2020")
    )
    assert side_by_side(moved, "commune", by_age, "2020")[OLD].isna().all()


def test_people_count_by_the_use_of_their_age(aged_figures, by_age):
    """700 young and 100 old use 1000 in all, 1.25 a head: the young are 0.8 each, the old 2.4."""
    made = counts(aged_figures, by_age)
    np.testing.assert_allclose(made["demand"], [80, 240, 0])
    assert made["supply"].tolist() == [12, 0, 5]
    # In the reference there are as many as there are people.
    assert counts(aged_figures, by_age, "departement")["demand"].sum() == pytest.approx(800)


def test_an_age_unknown_makes_the_people_unknown(aged_figures, by_age):
    made = counts(without(aged_figures, OLD, "A"), by_age)
    np.testing.assert_allclose(made["demand"], [np.nan, 240, 0])
    assert made["supply"].tolist() == [12, 0, 5]
    # A part of the country of which an age is unknown is left out of the mean use: 0.5 and 1.5.
    made = counts(without(aged_figures, YOUNG, "63"), by_age)
    np.testing.assert_allclose(made["demand"], [50, 150, 0])


def test_places_unknown_in_part_are_unknown(aged_figures, by_age, words):
    short = without(aged_figures, PLACES[1], "B")
    assert np.isnan(counts(short, by_age).loc["B", "supply"])
    assert np.isnan(counts(short, words.services["childcare"]).loc["B", "supply"])


def test_without_a_reference_the_areas_are_their_own(aged_figures, by_age):
    fine = aged_figures[aged_figures["level"] == "commune"]
    np.testing.assert_allclose(counts(fine, by_age)["demand"], [50, 150, 0])
    nobody = fine[~fine["variable"].isin([YOUNG, OLD])]
    assert counts(nobody, by_age)["demand"].isna().all()


def test_an_age_unknown_is_told_under_its_own_name(aged_figures, by_age, words):
    wide = side_by_side(without(aged_figures, OLD, "C"), "commune", by_age, "2020")
    own = np.array([True, True, False])
    (issue,) = unknown_figures(wide, own, by_age, "2020", words)
    assert (issue.severity, issue.column, issue.rows) == ("note", OLD, 1)
    assert "unknown in 2022 for 1 areas, such as C, all of them neighbours" in issue.message_en
    assert "inconnu en 2022 pour 1 aires, dont C, toutes voisines" in issue.message_fr
    with pytest.raises(RejectedFile, match="unknown in 2022 for 1 areas, such as C"):
        unknown_figures(wide, ~own, by_age, "2020", words)


# Through the engine.


@pytest.fixture
def at(village_areas, village_membership, words):
    return scene(village_areas, village_membership, words)


def judged_by_one(figures, service, words, at):
    fixed = replace(service, standards=(service.standard("one_per_child"),))
    made, issues = coverages(figures, fixed, words, at)
    return made[made["level"] == "commune"].set_index("area_id"), issues


def test_villages_share_by_age_and_use(aged_figures, by_age, words, at):
    """B's 240 count 0.22 at A's 12 places, 11.76 minutes off: 80 + 52.8 share them."""
    rows, issues = judged_by_one(aged_figures, by_age, words, at)
    assert issues == []
    assert rows.loc["A", "effective"] == pytest.approx(12 * 80 / 132.8, rel=1e-9)
    assert rows.loc["B", "effective"] == pytest.approx(12 * 52.8 / 132.8, rel=1e-9)
    assert rows.loc["B", ["demand", "need"]].tolist() == pytest.approx([240, 240])


def test_the_reference_is_places_per_person_counted_by_use(aged_figures, by_age, words, at):
    """150 places for 800: as many standardised people as people."""
    made, _issues = coverages(aged_figures, by_age, words, at)
    tau = made.loc[made["standard"] == "france_2020", "tau"]
    assert tau.unique() == pytest.approx(150 / 800)


def test_two_services_of_the_same_people_do_not_share_draws(aged_figures, by_age, words, at):
    """People counted by use are not those counted by head, though both name the same variable."""
    plain = replace(by_age, id="plain", method=ServiceMethod.ENHANCED, use_rates=(), demand=OLD)
    named_alike = replace(by_age, demand=OLD)
    alone, _ = judged_by_one(aged_figures, named_alike, words, at)
    beside = replace(at, _drawn={})
    judged_by_one(aged_figures, plain, words, beside)
    second, _ = judged_by_one(aged_figures, named_alike, words, beside)
    pd.testing.assert_frame_equal(second, alone)
    assert (alone.loc["A", "gap_low"], alone.loc["A", "gap_high"]) != (0, 0)
    assert DRAWS.count == len(next(iter(beside._drawn.values())))
