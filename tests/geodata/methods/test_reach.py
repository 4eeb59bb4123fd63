"""Reach: the nearest place, the share that is near enough, and what lies within reach."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.decay import Exponential, StepWeights
from geodata.methods.reach import covered_share, nearest_minutes, opportunities
from geodata.methods.trips import Trips
from geodata.methods.weighted_trips import WeightedTrips, e2sfca_trips

deterministic = settings(derandomize=True, deadline=None, max_examples=40)
VILLAGES, SUPPLIERS = 6, 4
pairs = st.dictionaries(
    st.tuples(st.integers(0, VILLAGES - 1), st.integers(0, SUPPLIERS - 1)),
    st.one_of(st.sampled_from([0.0, 15.0, 30.0]), st.floats(0, 90)),
)
people = st.lists(st.integers(0, 500), min_size=VILLAGES, max_size=VILLAGES)
places = st.lists(st.integers(0, 50), min_size=SUPPLIERS, max_size=SUPPLIERS)


def trips_of(minutes: dict[tuple[int, int], float]) -> Trips:
    """Return the pairs as trips, origins ascending."""
    ends = np.array(sorted(minutes), dtype=np.int32).reshape(-1, 2)
    return Trips(ends[:, 0], ends[:, 1], np.array([minutes[pair] for pair in sorted(minutes)]))


@deterministic
@given(pairs, places)
def test_nearest_is_the_least_of_those_with_places(
    minutes: dict[tuple[int, int], float], supply: list[int]
) -> None:
    """Nobody drives to a day nursery without places; no way at all is NaN, not inf."""
    nearest = nearest_minutes(trips_of(minutes), np.array(supply) > 0, VILLAGES)
    by_hand = [
        min((t for (i, j), t in minutes.items() if i == area and supply[j]), default=math.nan)
        for area in range(VILLAGES)
    ]
    np.testing.assert_array_equal(nearest, by_hand)


@deterministic
@given(pairs, people, places)
def test_access_is_above_zero_only_within_the_threshold(
    minutes: dict[tuple[int, int], float], demand: list[int], supply: list[int]
) -> None:
    """The weights and the threshold draw one and the same line."""
    trips, zones = trips_of(minutes), StepWeights((15, 30), (1, 0.4))
    nearest = nearest_minutes(trips, np.array(supply) > 0, VILLAGES)
    access = e2sfca_trips(demand, supply, trips, zones).access
    assert not (access[~(nearest <= zones.threshold)] > 0).any()


@deterministic
@given(pairs, people, places)
def test_a_longer_threshold_covers_no_fewer_people(
    minutes: dict[tuple[int, int], float], demand: list[int], supply: list[int]
) -> None:
    """From nobody but those at the door, up to all who have any way."""
    nearest = nearest_minutes(trips_of(minutes), np.array(supply) > 0, VILLAGES)
    shares = [covered_share(demand, nearest, bound) for bound in (0, 15, 30, 60, 90)]
    if not any(demand):
        assert np.isnan(shares).all()
        return
    for bound, share in zip((0, 15, 30, 60, 90), shares, strict=True):
        by_hand = sum(d for d, t in zip(demand, nearest, strict=True) if t <= bound)
        assert share == pytest.approx(by_hand / sum(demand), rel=1e-12)
    assert (np.diff(shares) >= 0).all()


@deterministic
@given(pairs, places)
def test_opportunities_are_the_places_within_reach(
    minutes: dict[tuple[int, int], float], supply: list[int]
) -> None:
    """Counted whole, then the less the further; never fewer with a longer threshold."""
    trips = trips_of(minutes)
    for decay in (StepWeights((30,), (1,)), Exponential(30, 0.05)):
        near = WeightedTrips(trips, decay, VILLAGES, SUPPLIERS)
        by_hand = np.zeros(VILLAGES)
        for (i, j), t in minutes.items():
            by_hand[i] += supply[j] * float(decay.of(t))
        np.testing.assert_allclose(opportunities(supply, near), by_hand, rtol=1e-12)
    near, far = (
        opportunities(
            supply, WeightedTrips(trips, StepWeights((bound,), (1,)), VILLAGES, SUPPLIERS)
        )
        for bound in (30, 60)
    )
    assert (far >= near).all()


def test_what_does_not_match_or_is_unknown_is_refused() -> None:
    """Shapes, kinds, unknown minutes, negative thresholds."""
    road = trips_of({(0, 0): 5.0, (1, 1): 9.0})
    with pytest.raises(ValueError, match="boolean"):
        nearest_minutes(road, [30, 0], n=2)
    with pytest.raises(ValueError, match="outside the 1 areas"):
        nearest_minutes(road, [True, True], n=1)
    with pytest.raises(ValueError, match="or the 1 suppliers"):
        nearest_minutes(road, [True], n=2)
    with pytest.raises(ValueError, match="must be known"):
        nearest_minutes(trips_of({(0, 0): math.nan}), [True], n=1)
    with pytest.raises(ValueError, match="as many"):
        covered_share([1, 2], [3], 15)
    with pytest.raises(ValueError, match="at least 0"):
        covered_share([1], [3], math.nan)
    with pytest.raises(ValueError, match="demand has 1"):
        covered_share([math.nan], [3], 15)
    with pytest.raises(ValueError, match="interaction has 2"):
        opportunities([1], WeightedTrips(road, StepWeights((10,), (1,)), 2, 2))
