"""Haute-Loire checked by hand on the real release: figures anyone can verify at the producers'."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.model import AreaKey
from geodata.queries import areas, coverage, indicators, refreshes
from geodata.release import current_release, reading_engine

WHOLE = AreaKey("departement", "43")


@pytest.fixture(scope="module")
def engine(release_data):
    return reading_engine(current_release(release_data).database)


def figure(engine, variable, level, period):
    frame = pd.read_sql(
        f"SELECT area_id, value, status FROM figure WHERE variable = '{variable}' "
        f"AND level = '{level}' AND period = '{period}'",
        engine,
    )
    return frame.set_index("area_id")


def ours(engine, level):
    frame = areas.areas(engine, level)
    return frame[frame["role"] == "territory"]


def test_areas(engine):
    counts = {
        level: len(ours(engine, level))
        for level in ("commune", "epci", "canton_or_town", "arrondissement", "departement")
    }
    assert counts == {
        "commune": 257,
        "epci": 11,
        "canton_or_town": 20,
        "arrondissement": 3,
        "departement": 1,
    }
    assert len(areas.areas(engine, "departement")) == 101
    assert int(ours(engine, "commune")["legal_population"].sum()) == 228_654


@pytest.mark.parametrize(("variable", "period"), [("births", "2023"), ("job_seekers", "2023")])
def test_births_and_job_seekers_add_up_over_levels(engine, variable, period):
    own = set(ours(engine, "commune")["area_id"])
    communes = figure(engine, variable, "commune", period)
    communes = communes[communes.index.isin(own)]["value"].sum()
    epci = figure(engine, variable, "epci", period)["value"].sum()
    assert communes == epci == figure(engine, variable, "departement", period).loc["43", "value"]
    if variable == "births":
        assert communes == 1746


def test_places_do_not_add_up_and_each_level_keeps_its_own(engine):
    kinds = ("collective", "childminder", "other")
    own = set(ours(engine, "commune")["area_id"])

    def total(level, kind):
        frame = figure(engine, f"childcare_places_{kind}", level, "2020")
        kept = frame[frame.index.isin(own | {"43"})] if level != "epci" else frame
        return kept["value"].sum()

    assert [total("commune", kind) for kind in kinds] == [1006, 2804, 906]
    assert sum(total("epci", kind) for kind in kinds) == 4720
    assert sum(total("departement", kind) for kind in kinds) == 4721
    told = refreshes.reconciliations(engine, tuple(f"childcare_places_{k}" for k in kinds))
    whole = told[told["level"] == "departement"]
    assert whole["difference"].sum() == 4716 - 4721


def test_aeeh_adds_up_worse(engine):
    told = refreshes.reconciliations(engine, ("aeeh_households",))
    whole = told[(told["level"] == "departement") & (told["period"] == "2021")].iloc[0]
    assert (whole["parts_sum"], whole["published"]) == (1516, 1553)


def observed(engine, indicator, period, key=WHOLE):
    frame = indicators.series(engine, indicator, [key])
    (row,) = frame[frame["period"] == period].to_dict("records")
    return row


def test_raw_coverage_is_4721_places_for_5910_children(engine):
    row = observed(engine, "childcare_raw_coverage", "2020")
    assert (row["numerator"], row["denominator"]) == (4721, 5910)
    assert row["value"] == pytest.approx(79.9, abs=0.05)
    assert row["status"] == "estimated"
    published = observed(engine, "childcare_published_coverage", "2021")
    assert published["value"] == 80.4
    assert abs(row["value"] - published["value"]) < 2


def test_judicial_shares_of_2020(engine):
    assert observed(engine, "care_judicial_share", "2020")["value"] == pytest.approx(87.2, abs=0.05)
    actions = observed(engine, "educational_action_judicial_share", "2020")
    assert actions["value"] == pytest.approx(73.6, abs=0.05)


def test_child_protection_reaches_back_to_2002(engine):
    series = indicators.series(engine, "protection_measure_rate", [WHOLE])
    assert series["period"].tolist() == [str(year) for year in range(2002, 2021)]


def test_france_stands_beside_with_the_number_of_departements_it_rests_on(engine):
    row = observed(engine, "childcare_raw_coverage", "2020", AreaKey("country", "FR"))
    assert (row["parts"], row["parts_expected"]) == (100, 101)
    assert row["value"] == pytest.approx(58.8, abs=0.05)


def test_poverty_is_suppressed_for_most_communes_never_zero(engine):
    frame = indicators.values(engine, "poverty_rate", "commune", "2021")
    own = frame[frame["role"] == "territory"]
    assert own["status"].value_counts().to_dict() == {"suppressed": 235, "observed": 22}
    assert own.loc[own["status"] == "suppressed", "value"].isna().all()


def test_suppressed_missing_zero_and_not_applicable_are_four_things(engine):
    published = indicators.values(engine, "childcare_published_coverage", "commune", "2021")
    raw = indicators.values(engine, "childcare_raw_coverage", "commune", "2020")
    raw = raw[raw["role"] == "territory"]
    nobody = raw["denominator"] == 0
    assert (published["status"] == "suppressed").sum() == 98
    assert (raw.loc[nobody, "status"] == "not_applicable").all()
    assert nobody.any()
    assert ((raw["value"] == 0) & raw["status"].eq("estimated")).any()


@pytest.mark.parametrize("standard", ["france_2020", "one_per_child"])
@pytest.mark.parametrize("level", ["commune", "epci", "canton_or_town", "departement"])
def test_the_triad_adds_up_to_the_need(engine, standard, level):
    gaps = coverage.gaps(engine, "childcare", standard, "2020", level)
    triad = gaps["served"] + gaps["within_reach"] + gaps["out_of_reach"]
    assert np.abs(triad - gaps["need"]).max() < 1e-9
    assert np.abs(gaps["unmet"] - gaps["within_reach"] - gaps["out_of_reach"]).max() < 1e-9
    assert np.abs(gaps["need"] - gaps["effective"] - gaps["gap"]).max() < 1e-9
    assert gaps["unmet"].sum() >= gaps["gap"].sum()
    assert gaps["demand"].sum() == 5910


def test_allocated_places_are_those_any_child_can_reach(engine, words):
    """An independent loop over 1,225 communes, written from the definition."""
    seats = areas.areas(engine, "commune").set_index("area_id")
    children = figure(engine, "children_under_3", "commune", "2020")["value"].reindex(seats.index)
    kinds = ("collective", "childminder", "other")
    places = sum(figure(engine, f"childcare_places_{k}", "commune", "2020")["value"] for k in kinds)
    places = places.reindex(seats.index)
    travel, service = words.territory.travel, words.services["childcare"]
    lon, lat = (np.radians(seats[f"seat_{name}"]) for name in ("longitude", "latitude"))
    effective = pd.Series(0.0, index=seats.index)
    reachable = 0.0
    for j in seats.index[places > 0]:
        half = (
            np.sin((lat - lat[j]) / 2) ** 2
            + np.cos(lat) * np.cos(lat[j]) * np.sin((lon - lon[j]) / 2) ** 2
        )
        km = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
        minutes = km * travel.detour_factor / travel.speed_kmh * 60
        weight = pd.Series(0.0, index=seats.index)
        zones = zip(service.decay.upper_minutes[::-1], service.decay.weights[::-1], strict=True)
        for upper, share in zones:
            weight[minutes <= upper] = share
        crowd = (weight * children).sum()
        if crowd > 0:
            effective += weight * children * places[j] / crowd
            reachable += places[j]
    assert effective.sum() == pytest.approx(reachable, abs=1e-9 * reachable)
    gaps = coverage.gaps(engine, "childcare", "france_2020", "2020", "commune")
    gaps = gaps.set_index("area_id")
    assert np.abs(gaps["effective"] - effective.reindex(gaps.index)).max() < 1e-9


def test_loire_et_semene_is_the_telling_case(engine):
    names = ("childcare_raw_coverage", "childcare_effective_coverage")
    told = indicators.values_at(engine, dict.fromkeys(names, "2020"), ["epci"]).pivot(
        index="name", columns="indicator", values="value"
    )
    difference = told["childcare_raw_coverage"] - told["childcare_effective_coverage"]
    assert "Loire et Semène" in difference.abs().idxmax()


def test_neighbours_count_in_the_engine_and_are_never_returned(engine):
    edges = areas.areas(engine, "commune").query("role == 'edge'")
    assert len(edges) == 968
    observations = pd.read_sql(
        "SELECT DISTINCT area_id FROM observation WHERE level = 'commune'", engine
    )
    assert not set(observations["area_id"]) & set(edges["area_id"])
    gaps = coverage.gaps(engine, "childcare", "france_2020", "2020", "commune")
    assert not set(gaps["area_id"]) & set(edges["area_id"])
