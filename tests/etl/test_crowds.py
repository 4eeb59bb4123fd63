"""The engine on a plane finds what the engine on trips finds, without keeping a trip."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from etl import scene as scenes
from etl.coverage import coverages
from etl.crowds import crowded_shares, on_plane
from etl.problem import Problem
from etl.roads import Roads
from etl.solution import TooManyTripsError, solved
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue
from geodata.methods.decay import StepWeights
from geodata.methods.keyed_random import Draws, place_keys
from geodata.methods.travel_times import StraightLine
from geodata.model import ServiceMethod

TIMES = StraightLine(1.4, 50.0, 0.3)
NEAR = StepWeights((5.0, 10.0, 15.0), (1.0, 0.68, 0.22))
#: A plane true to distances from its middle, for points at most 40 km from it.
LOCAL = "+proj=aeqd +lat_0=45.1 +lon_0=3.9 +datum=WGS84"


@pytest.fixture
def problem() -> tuple[Problem, pd.DataFrame, np.ndarray]:
    """Forty areas, 200 points where their people live; some amounts and places are unknown."""
    random = np.random.default_rng(7)
    seats = np.column_stack((random.uniform(3.7, 4.1, 40), random.uniform(44.95, 45.25, 40)))
    area = random.integers(0, 40, 200)
    places = seats[area] + random.normal(0, 0.02, (200, 2))
    places[3] = np.nan
    demand = random.poisson(20, 200).astype(np.float64)
    demand[50] = np.nan
    supply = random.poisson(3, 40).astype(np.float64)
    supply[11] = np.nan
    ids = [f"P{k}" for k in range(200)]
    frame = pd.DataFrame({"id": ids, "longitude": places[:, 0], "latitude": places[:, 1]})
    ends = pd.DataFrame(
        {"id": [f"A{k}" for k in range(40)], "longitude": seats[:, 0], "latitude": seats[:, 1]}
    )
    given = Problem(demand, supply, NEAR, place_keys(ids), Draws(6, seed=2), 0.3)
    return given, pd.concat([frame, ends], ignore_index=True), area


def local(places: pd.DataFrame) -> np.ndarray:
    points = gpd.GeoSeries.from_xy(places["longitude"], places["latitude"], crs="EPSG:4326")
    there = points.to_crs(LOCAL)
    return np.column_stack((there.x, there.y))


@pytest.mark.parametrize(
    ("method", "least"), [(ServiceMethod.ENHANCED, 51), (ServiceMethod.THREE_STEP, 199)]
)
def test_a_plane_gives_what_trips_give(
    problem: tuple[Problem, pd.DataFrame, np.ndarray], method: ServiceMethod, least: int
) -> None:
    given, places, area = problem
    given = replace(given, method=method, supply_error=0.1)
    if method is ServiceMethod.THREE_STEP:  # an unknown would reach nearly everyone
        given = replace(
            given, demand=np.nan_to_num(given.demand, nan=20.0), supply=np.nan_to_num(given.supply)
        )
    origins, ends = places.iloc[:200], places.iloc[200:]
    flat = crowded_shares(given, TIMES, local(origins), local(ends), area)
    round_ = solved(given, Roads(TIMES, origins, ends))
    # One point without a place: on trips it is unknown, on the plane too.
    assert flat.is_known.tolist() == round_.is_known.tolist()
    known = flat.is_known
    assert least <= known.sum() <= 199
    # A sphere and an ellipsoid differ by three in a thousand: few pairs change their zone.
    apart = np.abs(flat.effective[known] / round_.effective[known] - 1)
    assert np.median(apart) < 5e-3
    assert np.nansum(flat.effective) == pytest.approx(np.nansum(round_.effective), rel=2e-3)
    sure = ~np.isnan(round_.nearest_minutes)
    np.testing.assert_allclose(
        flat.nearest_minutes[sure], round_.nearest_minutes[sure], rtol=3e-3, atol=1e-6
    )
    # The draws are told by area, and are those of the points.
    for name in ("people_drawn", "effective_drawn"):
        points = getattr(round_, name)
        by_area = np.zeros((40, 6))
        np.add.at(by_area, area, np.where(np.isnan(points), 1e9, points))
        told = getattr(flat, name)
        clear = ~np.isnan(told).any(axis=1) & (by_area < 1e9).all(axis=1)
        assert clear.sum() >= 5
        np.testing.assert_allclose(told[clear].mean(), by_area[clear].mean(), rtol=2e-2)


def test_where_people_choose_the_unknown_reaches_as_far_on_a_plane(
    problem: tuple[Problem, pd.DataFrame, np.ndarray],
) -> None:
    given, places, area = problem
    origins, ends = places.iloc[:200], places.iloc[200:]
    two, three = (
        replace(given, decay=StepWeights((6.0,), (1.0,)), method=method)
        for method in (ServiceMethod.TWO_STEP, ServiceMethod.THREE_STEP)
    )
    flat = crowded_shares(three, TIMES, local(origins), local(ends), area)
    round_ = solved(three, Roads(TIMES, origins, ends))
    np.testing.assert_array_equal(flat.is_known, round_.is_known)
    assert 20 < flat.is_known.sum() < solved(two, Roads(TIMES, origins, ends)).is_known.sum()
    is_told = np.ones(40, dtype=bool)
    is_told[area[np.isnan(round_.effective_drawn[:, 0])]] = False
    np.testing.assert_array_equal(np.isfinite(flat.effective_drawn[:, 0]), is_told)
    assert 0 < is_told.sum() < 40


def test_whoever_is_near_enough_on_trips_is_so_on_a_plane(
    problem: tuple[Problem, pd.DataFrame, np.ndarray],
) -> None:
    given, places, area = problem
    few = np.where(given.supply > 5, given.supply, 0 * given.supply)
    supply_known = np.nan_to_num(few)
    for supply, sure in ((few, 100), (supply_known, 198)):
        given = replace(
            given, supply=supply, decay=StepWeights((7.1,), (1.0,)), method=ServiceMethod.WITHIN
        )
        origins, ends = places.iloc[:200], places.iloc[200:]
        flat = crowded_shares(given, TIMES, local(origins), local(ends), area)
        round_ = solved(given, Roads(TIMES, origins, ends))
        assert flat.is_known.tolist() == round_.is_known.tolist()
        assert flat.is_known.sum() >= sure
        np.testing.assert_array_equal(flat.effective, round_.effective)
        assert 0 < flat.is_within.sum() < 200
        np.testing.assert_array_equal(flat.is_within, round_.is_within)
        np.testing.assert_allclose(
            flat.nearest_minutes, round_.nearest_minutes, rtol=3e-3, atol=1e-6
        )
        # An area has draws where all of its points have: their sums.
        for name in ("people_drawn", "effective_drawn"):
            summed = np.zeros((40, 6))
            np.add.at(summed, area, getattr(round_, name))
            told = getattr(flat, name)
            np.testing.assert_array_equal(np.isnan(told), np.isnan(summed))
            # Few points lie where a draw reaches on the globe and not on the plane.
            assert (np.abs(told - summed) > 1e-6).sum() <= 0.02 * np.isfinite(told).sum()
            assert np.isfinite(told[:, 0]).sum() > 10
        assert given.drawn().shape == (6, 200)


def test_a_crowd_is_given_no_plan(problem: tuple[Problem, pd.DataFrame, np.ndarray]) -> None:
    given, places, area = problem
    plan = replace(given, method=ServiceMethod.ALLOCATION)
    origins, ends = local(places.iloc[:200]), local(places.iloc[200:])
    with pytest.raises(TooManyTripsError) as caught:
        crowded_shares(plan, TIMES, origins, ends, area)
    assert (caught.value.fr, caught.value.en) == ("à partir de 200 points", "from 200 points")


def test_zones_lie_too_far_apart_to_meet() -> None:
    france = catalogue("france").territory
    places = pd.DataFrame({"longitude": [3.88, 55.45, np.nan], "latitude": [45.04, -20.88, 45.0]})
    made = on_plane(places, pd.Series(["43157", "97411", "43001"]), france)
    assert np.hypot(*(made[0] - made[1])) > 5e6
    assert np.isnan(made[2]).all()


def test_a_scene_with_a_crowd_runs_on_the_plane(
    monkeypatch: pytest.MonkeyPatch, words: Catalogue
) -> None:
    """The same service, from trips and on the plane: the same places for each area."""
    areas = pd.DataFrame(
        {
            "level": "commune",
            "area_id": ["43001", "43002", "43003"],
            "role": "territory",
            "seat_longitude": 3.9,
            "seat_latitude": [45.0, 45.05, 45.4],
        }
    )
    members = pd.DataFrame(columns=["level", "area_id", "parent_level", "parent_id"])
    rows = [("childcare_places_collective", 6.0), ("childcare_places_childminder", 2.0)]
    rows += [("childcare_places_other", 1.0), ("children_under_3", 30.0)]
    figures = pd.DataFrame(
        [
            {"variable": name, "level": "commune", "area_id": x, "period": "2020", "value": value}
            for name, value in rows
            for x in areas["area_id"]
        ]
    )
    service = words.services["childcare"]
    one = replace(service, standards=tuple(x for x in service.standards if x.kind == "fixed"))
    plain, _ = coverages(figures, one, words, scenes.scene(areas, members, words))
    monkeypatch.setattr(scenes, "CROWD", 2)
    crowd = scenes.scene(areas, members, words)
    assert crowd.planes is not None
    flat, _ = coverages(figures, one, words, crowd)
    for name in ("effective", "nearest_minutes", "gap"):
        np.testing.assert_allclose(flat[name], plain[name], rtol=2e-3, atol=1e-9)
    np.testing.assert_allclose(flat["gap_low"], plain["gap_low"], rtol=2e-2)
