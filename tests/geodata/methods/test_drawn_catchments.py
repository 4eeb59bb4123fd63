"""Drawn catchments: each draw is the engine's own answer, however the work is cut."""

import numpy as np
import pytest

from geodata.methods import drawn_catchments
from geodata.methods.decay import Decay, Exponential, Gaussian, StepWeights
from geodata.methods.drawn_catchments import TravelDraws, effective_draws
from geodata.methods.trips import Trips
from geodata.methods.weighted_trips import e2sfca_trips

STEPS = StepWeights((5, 10, 15), (1, 0.68, 0.22))
AREAS, SUPPLIERS, DRAWS = 40, 12, 11


@pytest.fixture
def trips() -> Trips:
    """Every area to every supplier, up to 30 minutes; some none at all."""
    minutes = np.random.default_rng(0).uniform(0, 40, (AREAS, SUPPLIERS))
    minutes[3], minutes[:, 5], minutes[7, 2] = 99, 99, 5.0
    origin, destination = np.nonzero(minutes <= 30)
    return Trips(origin, destination, minutes[origin, destination])


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray, TravelDraws]:
    """People, places and travel factors of each draw, empty ones among them."""
    chance = np.random.default_rng(1)
    people = chance.integers(0, 4, (DRAWS, AREAS)) * chance.uniform(0, 50, (DRAWS, AREAS))
    places = chance.integers(0, 3, (DRAWS, SUPPLIERS)) * chance.uniform(0, 9, (DRAWS, SUPPLIERS))
    common = chance.uniform(0.7, 1.3, DRAWS)
    return people, places, TravelDraws(common, chance.uniform(0.8, 1.2, (DRAWS, AREAS)))


@pytest.mark.parametrize("decay", [STEPS, Gaussian(15, 8, True), Exponential(12, 0.1)])
@pytest.mark.parametrize("is_by_place", [False, True])
def test_each_draw_is_the_engines_answer(
    trips: Trips,
    drawn: tuple[np.ndarray, np.ndarray, TravelDraws],
    decay: Decay,
    is_by_place: bool,
) -> None:
    """As e2sfca_trips gives it for the trips of that draw, one draw at a time."""
    people, places, travel = drawn
    if not is_by_place:
        travel = TravelDraws(travel.common)
    made = effective_draws(people, places, trips, decay, travel)
    assert made.shape == (DRAWS, AREAS)
    for k in range(DRAWS):
        minutes = trips.minutes * travel.common[k]
        if travel.of_origin is not None:
            minutes *= travel.of_origin[k, trips.origin]
        alone = Trips(trips.origin, trips.destination, minutes)
        expected = e2sfca_trips(people[k], places[k], alone, decay)
        np.testing.assert_allclose(made[k], expected.effective, rtol=1e-12, atol=1e-12)
        assert made[k].sum() == pytest.approx(expected.allocated.sum(), rel=1e-12)


def test_a_trip_of_exactly_a_bound_counts(trips: Trips) -> None:
    """Its zone includes the bound; a hair more and it is in the next."""
    people, places = np.full((3, AREAS), 1.0), np.ones((3, SUPPLIERS))
    one = Trips(np.array([7]), np.array([2]), np.array([5.0]))
    near = StepWeights((5,), (1,))
    made = effective_draws(
        people, places, one, near, TravelDraws(np.array([1.0, 1.0000001, 0.9999999]))
    )
    assert made[:, 7].tolist() == [1, 0, 1]


def test_threads_and_blocks_change_no_bit(
    trips: Trips,
    drawn: tuple[np.ndarray, np.ndarray, TravelDraws],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One thread or three, long blocks of trips or short, all draws or some."""
    people, places, travel = drawn
    whole = effective_draws(people, places, trips, STEPS, travel)
    threaded = effective_draws(people, places, trips, STEPS, travel, threads=3)
    np.testing.assert_array_equal(threaded, whole)
    monkeypatch.setattr(drawn_catchments, "TRIPS", 7)
    np.testing.assert_array_equal(effective_draws(people, places, trips, STEPS, travel), whole)
    assert travel.of_origin is not None
    part = TravelDraws(travel.common[4:7], travel.of_origin[4:7])
    some = effective_draws(people[4:7], places[4:7], trips, STEPS, part)
    np.testing.assert_array_equal(some, whole[4:7])


def test_draws_that_do_not_match_are_refused(trips: Trips) -> None:
    """As many of each, and factors of as many places."""
    people, places, flat = np.ones((2, AREAS)), np.ones((2, SUPPLIERS)), TravelDraws(np.ones(2))
    with pytest.raises(ValueError, match="as many draws"):
        effective_draws(people, places[:1], trips, STEPS, flat)
    with pytest.raises(ValueError, match="as many draws"):
        effective_draws(people, places, trips, STEPS, TravelDraws(np.ones(3)))
    with pytest.raises(ValueError, match="of_origin"):
        effective_draws(people, places, trips, STEPS, TravelDraws(np.ones(2), places))
