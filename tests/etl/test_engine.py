"""The engine: unknown is not zero, catchments share evenly, tiles give what the whole gives."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from etl.engine import joined, shares, tasks, tile
from etl.problem import Problem, Shares
from etl.roads import Roads
from etl.solution import solved
from geodata.methods.decay import Decay, Gaussian, StepWeights
from geodata.methods.keyed_random import Draws, place_keys
from geodata.methods.travel import straight_line_minutes
from geodata.methods.travel_times import StraightLine

TIMES = StraightLine(1.4, 50.0, 0.0)
NEAR = StepWeights((5.0, 10.0, 15.0), (1.0, 0.68, 0.22))
#: Five villages on a meridian, 4.8 km of road and 5.7 minutes from one to the next.
ROAD = np.array([(3.9, 45.0 + 0.0308 * k) for k in range(5)])


def roads(places: np.ndarray) -> Roads:
    ids = [f"P{k}" for k in range(len(places))]
    frame = pd.DataFrame({"id": ids, "longitude": places[:, 0], "latitude": places[:, 1]})
    return Roads(TIMES, frame, frame)


def problem(
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    decay: Decay | None = NEAR,
    catchment: list[int] | None = None,
    travel_error: float = 0.0,
) -> Problem:
    people = np.asarray(demand, dtype=np.float64)
    inside = None if catchment is None else (np.array(catchment), np.array(catchment))
    keys = place_keys([f"P{k}" for k in range(len(people))])
    places = np.asarray(supply, dtype=np.float64)
    return Problem(people, places, decay, keys, Draws(8, seed=5), travel_error, inside)


def scattered(
    count: int, seed: int, are_known: bool = False
) -> tuple[Roads, np.ndarray, np.ndarray]:
    """Places at random over a hundred kilometres; a few have no seat, a few amounts are unknown."""
    random = np.random.default_rng(seed)
    places = np.column_stack((random.uniform(3.0, 4.4, count), random.uniform(44.6, 45.6, count)))
    demand = random.poisson(40, count).astype(np.float64)
    supply = random.poisson(2, count).astype(np.float64)
    if not are_known:
        places[random.integers(0, count, 3)] = np.nan
        demand[random.integers(0, count, 2)] = np.nan
        supply[random.integers(0, count, 2)] = np.nan
    return roads(places), demand, supply


def by_hand(given: Problem, ways: Roads) -> np.ndarray:
    """Effective places by two plain loops over all pairs, for amounts that are all known."""
    places = ways.origins[["longitude", "latitude"]].to_numpy()
    minutes = straight_line_minutes(places, places, 1.4, 50.0)
    size, decay = len(given.demand), given.decay
    assert decay is not None
    found = np.zeros(size)
    for j in range(size):
        weights = decay.of(minutes[:, j])
        people = sum(weights[k] * given.demand[k] for k in range(size))
        for i in range(size):
            if people > 0:
                found[i] += weights[i] * given.supply[j] / people * given.demand[i]
    return found


def same(one: Shares, other: Shares) -> None:
    for part in fields(Shares):
        ours, theirs = getattr(one, part.name), getattr(other, part.name)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=0, err_msg=part.name)


@pytest.mark.parametrize("decay", [NEAR, Gaussian(threshold=20, bandwidth=9)])
def test_known_amounts_are_shared_as_two_loops_share_them(decay: StepWeights | Gaussian) -> None:
    ways, demand, supply = scattered(60, seed=1, are_known=True)
    given = problem(demand, supply, decay)
    found = solved(given, ways)
    np.testing.assert_allclose(found.effective, by_hand(given, ways), rtol=1e-11)
    assert found.is_known.all()


def test_draws_without_error_of_travel_share_out_all_the_places() -> None:
    ways, demand, supply = scattered(60, seed=1, are_known=True)
    found = solved(problem(demand, supply), ways)
    assert found.effective_drawn.shape == (60, 8)
    np.testing.assert_allclose(found.effective_drawn.sum(axis=0), supply.sum(), rtol=1e-12)
    assert found.people_drawn.std(axis=1).min() > 0


def test_unknown_people_wrong_all_who_share_a_place_with_them() -> None:
    # Only the second village has places; the last two reach no place that it is shared at.
    found = solved(problem([10, 10, 10, np.nan, 10.0], [0, 5, 0, 0, 0.0]), roads(ROAD))
    # The fourth reaches the second's places (11.4 minutes); the fifth does not (17.1).
    assert found.is_known.tolist() == [False, False, False, False, True]
    assert found.effective[4] == 0
    assert np.isnan(found.effective[:4]).all()


def test_unknown_people_who_reach_no_place_wrong_nobody_else() -> None:
    found = solved(problem([10, 10, 10, 10, np.nan], [5, 0, 0, 0, 0.0]), roads(ROAD))
    assert found.is_known.tolist() == [True, True, True, True, False]
    assert found.effective[:4].sum() == pytest.approx(5)


def test_unknown_places_wrong_those_who_reach_them_and_hide_what_is_farther() -> None:
    found = solved(problem([10] * 5, [5, 0, 0, 0, np.nan]), roads(ROAD))
    assert found.is_known.tolist() == [True, True, False, False, False]
    # The third is as near to the places known as to those unknown: it cannot be said which.
    assert np.isnan(found.nearest_minutes).tolist() == [False, False, True, True, True]
    assert found.is_within.tolist() == [True, True, False, False, False]


def test_an_area_without_a_seat_is_unknown_and_harms_no_other() -> None:
    places = ROAD.copy()
    places[4] = np.nan
    found = solved(problem([10] * 5, [5, 0, 0, 0, 3]), roads(places))
    assert found.is_known.tolist() == [True, True, True, True, False]
    assert found.effective[:4].sum() == pytest.approx(5)


def test_a_catchment_shares_its_places_evenly_whatever_the_distance() -> None:
    given = problem([10, 30, 60, 5, 5], [0, 0, 20, 0, np.nan], None, [0, 0, 0, 1, 1])
    found = solved(given, roads(ROAD))
    assert found.effective[:3].tolist() == [2.0, 6.0, 12.0]
    assert found.is_known.tolist() == [True, True, True, False, False]
    assert found.is_within.tolist() == [True, True, True, False, False]
    assert np.isnan(found.nearest_minutes).all()


def test_a_remote_service_is_within_reach_of_all() -> None:
    found = solved(problem([10, 30], [4, 0], None), roads(ROAD[:2]))
    assert found.effective.tolist() == [1.0, 3.0]
    assert found.is_within.all()


@pytest.mark.parametrize("count", [1, 2, 7, 400])
def test_tiles_give_what_the_whole_gives(count: int) -> None:
    ways, demand, supply = scattered(300, seed=2)
    given = problem(demand, supply, travel_error=0.3)
    tiles = [tile(*task) for task in tasks(given, ways, count)]
    owned = np.sort(np.concatenate([own for own, _found in tiles]))
    assert owned.tolist() == list(range(300))  # each area in one tile, and in one only
    same(joined(tiles, 300), solved(given, ways))


def test_a_pool_of_processes_gives_what_one_process_gives() -> None:
    ways, demand, supply = scattered(200, seed=3)
    given = problem(demand, supply, travel_error=0.3)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        same(shares(given, ways, pool, tiles=4), shares(given, ways))


def test_shorter_trips_are_taken_from_longer_ones() -> None:
    ways, _demand, _supply = scattered(200, seed=4)
    longer = ways.trips(30.0)
    shorter = ways.trips(10.0)
    alone = Roads(TIMES, ways.origins, ways.destinations).trips(10.0)
    assert len(shorter.minutes) < len(longer.minutes)
    for name in ("origin", "destination", "minutes"):
        assert (getattr(shorter, name) == getattr(alone, name)).all()
