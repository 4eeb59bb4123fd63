"""Catchments: villages by hand, a second implementation from the papers, and their laws."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata.methods.accessibility import Catchments, three_step_catchments, two_step_catchments
from geodata.methods.decay import Decay, Exponential, Gaussian, Logistic, Power, StepWeights
from geodata.methods.travel import straight_line_minutes, straight_line_trips
from geodata.methods.trips import Trips
from geodata.methods.weighted_trips import WeightedTrips, e2sfca, e2sfca_trips

deterministic = settings(derandomize=True, deadline=None, max_examples=40)
ZONES = StepWeights((10, 20), (1, 0.5))


def trip(origin: int, destination: int, minutes: float) -> Trips:
    """Return one trip."""
    return Trips(np.array([origin]), np.array([destination]), np.array([minutes]))


ROAD = [[0.0, 10.0, 20.0], [10.0, 0.0, 10.0], [20.0, 10.0, 0.0]]


@dataclass(frozen=True)
class Territory:
    """What the methods take, as plain lists."""

    demand: list[float]
    supply: list[float]
    minutes: list[list[float]]
    weights: Decay

    def shared(self) -> Catchments:
        """Return the catchments of the territory."""
        minutes = np.array(self.minutes).reshape(len(self.demand), len(self.supply))
        return e2sfca(self.demand, self.supply, minutes, self.weights)

    def trips(self) -> Trips:
        """Return the pairs within the threshold, found by two loops, as the trips are written."""
        near = [
            (i, j, minutes)
            for i, row in enumerate(self.minutes)
            for j, minutes in enumerate(row)
            if minutes <= self.weights.threshold
        ]
        return Trips(
            np.array([i for i, _, _ in near], dtype=np.int32),
            np.array([j for _, j, _ in near], dtype=np.int32),
            np.array([minutes for _, _, minutes in near], dtype=np.float64),
        )

    def interaction(self) -> WeightedTrips:
        """Return the weighted trips of the territory."""
        return WeightedTrips(self.trips(), self.weights, len(self.demand), len(self.supply))

    def weight(self, i: int, j: int) -> float:
        """Return the weight of one pair."""
        return float(self.weights.of(self.minutes[i][j]))


people_or_places = st.one_of(st.just(0.0), st.floats(0.01, 1e5))
travel = st.one_of(st.sampled_from([0.0, 5.0, 10.0, 15.0, 20.0, math.inf]), st.floats(0, 90))


decays = st.sampled_from(
    [
        ZONES,
        StepWeights((0, 15), (0.9, 0.4)),
        StepWeights((30,), (1,)),
        Gaussian(30, 12),
        Gaussian(20, 20, reaches_zero=True),
        Exponential(45, 0.1),
        Power(30, 1.5, near=2),
        Logistic(30, 15, 4),
    ]
)


@st.composite
def territories(draw: st.DrawFn) -> Territory:
    """Draw up to seven areas and five suppliers, empty ones and unreachable ones among them."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    return Territory(
        draw(st.lists(people_or_places, min_size=n, max_size=n)),
        draw(st.lists(people_or_places, min_size=m, max_size=m)),
        draw(st.lists(st.lists(travel, min_size=m, max_size=m), min_size=n, max_size=n)),
        draw(decays),
    )


def access_by_hand(territory: Territory) -> tuple[list[float], list[float]]:
    """Return R and A of Luo and Qi (2009), equations 1 and 2, one pair at a time."""
    ratio, access = [], []
    for j, places in enumerate(territory.supply):
        sharers = 0.0
        for k, people in enumerate(territory.demand):
            sharers += people * territory.weight(k, j)
        ratio.append(places / sharers if sharers > 0 else math.nan)
    for i in range(len(territory.demand)):
        total = 0.0
        for j, share in enumerate(ratio):
            if not math.isnan(share):
                total += share * territory.weight(i, j)
        access.append(total)
    return ratio, access


def test_three_villages_by_hand() -> None:
    """30 places among 100 + 40 + 20/2, 11 among 100/2 + 40 + 20; none lost."""
    shared = e2sfca([100, 40, 20], [30, 0, 11], ROAD, ZONES)
    np.testing.assert_allclose(shared.ratio, [0.2, 0, 0.1], rtol=1e-12)
    np.testing.assert_allclose(shared.access, [0.25, 0.3, 0.2], rtol=1e-12)
    np.testing.assert_allclose(shared.effective, [25, 12, 4], rtol=1e-12)
    assert shared.allocated.tolist() == [30, 0, 11]
    assert shared.unreachable_supply == 0


def test_places_where_nobody_lives_near_are_counted_apart() -> None:
    """A day nursery an hour from every child shares its 7 places with nobody."""
    shared = e2sfca([50, 0], [10, 7], [[0, 60], [60, 0]], ZONES)
    assert shared.ratio[0] == 0.2
    assert np.isnan(shared.ratio[1])
    assert shared.access.tolist() == [0.2, 0.0]
    assert shared.allocated.tolist() == [10, 0]
    assert shared.unreachable_supply == 7


def test_a_village_without_children_still_has_access() -> None:
    """It shares in nothing, but a family that settled there would find 0.2 places a child."""
    shared = e2sfca([50, 0], [10], [[0], [10]], ZONES)
    assert shared.access.tolist() == [0.2, 0.2]
    assert shared.effective.tolist() == [10, 0]


@deterministic
@given(territories())
def test_agrees_with_the_papers_one_pair_at_a_time(territory: Territory) -> None:
    """Ratios, access and effective places, to 1e-12."""
    shared = territory.shared()
    ratio, access = access_by_hand(territory)
    np.testing.assert_allclose(shared.ratio, ratio, rtol=1e-12)
    np.testing.assert_allclose(shared.access, access, rtol=1e-12)
    effective = [a * d for a, d in zip(access, territory.demand, strict=True)]
    np.testing.assert_allclose(shared.effective, effective, rtol=1e-12)


@deterministic
@given(territories())
def test_what_is_shared_out_is_what_there_is(territory: Territory) -> None:
    """Effective places add up to reachable ones; with the unreachable, to all."""
    shared = territory.shared()
    allocated = shared.allocated.sum()
    assert shared.effective.sum() == pytest.approx(allocated, rel=1e-9)
    total = allocated + shared.unreachable_supply
    assert total == pytest.approx(sum(territory.supply), rel=1e-9)


@deterministic
@given(territories(), st.data(), st.floats(0.01, 1e4))
def test_more_places_never_lower_access(
    territory: Territory, data: st.DataObject, more: float
) -> None:
    """Wherever they are added, nobody anywhere has less."""
    place = data.draw(st.integers(0, len(territory.supply) - 1))
    supply = [s + more * (j == place) for j, s in enumerate(territory.supply)]
    after = Territory(territory.demand, supply, territory.minutes, territory.weights).shared()
    before = territory.shared().access
    assert (after.access >= before * (1 - 1e-12)).all()


@deterministic
@given(territories(), st.data(), st.floats(0.01, 1e4))
def test_more_children_never_raise_access_where_places_were_shared(
    territory: Territory, data: st.DataObject, more: float
) -> None:
    """Unless they are the first within reach of places that nobody could use before."""
    place = data.draw(st.integers(0, len(territory.demand) - 1))
    before = territory.shared()
    assume(not np.isnan(before.ratio).any())
    demand = [d + more * (i == place) for i, d in enumerate(territory.demand)]
    after = Territory(demand, territory.supply, territory.minutes, territory.weights).shared()
    assert (after.access <= before.access * (1 + 1e-12)).all()


@deterministic
@given(territories(), st.floats(0.1, 10))
def test_access_goes_as_the_places(territory: Territory, factor: float) -> None:
    """Twice the places everywhere, twice the access everywhere."""
    supply = [s * factor for s in territory.supply]
    scaled = Territory(territory.demand, supply, territory.minutes, territory.weights).shared()
    np.testing.assert_allclose(scaled.access, territory.shared().access * factor, rtol=1e-12)


@deterministic
@given(territories())
def test_the_order_of_areas_does_not_matter(territory: Territory) -> None:
    """Areas the other way round, access the other way round."""
    turned = Territory(
        territory.demand[::-1], territory.supply, territory.minutes[::-1], territory.weights
    )
    np.testing.assert_allclose(turned.shared().access[::-1], territory.shared().access, rtol=1e-12)


@deterministic
@given(st.lists(st.floats(1, 1e4), min_size=1), st.lists(people_or_places, min_size=1))
def test_where_all_is_near_everyone_has_the_mean(demand: list[float], supply: list[float]) -> None:
    """With no distance to speak of, access is places over people."""
    minutes = np.zeros((len(demand), len(supply)))
    access = e2sfca(demand, supply, minutes, ZONES).access
    np.testing.assert_allclose(access, sum(supply) / sum(demand), rtol=1e-12)


@pytest.mark.parametrize("unknown", [math.nan, math.inf, -1.0])
def test_unknown_people_or_places_are_refused(unknown: float) -> None:
    """A capacity that is missing is not a capacity of zero."""
    with pytest.raises(ValueError, match="demand has 1"):
        e2sfca([100, unknown, 20], [30, 0, 11], ROAD, ZONES)
    with pytest.raises(ValueError, match="supply has 1"):
        e2sfca([100, 40, 20], [30, unknown, 11], ROAD, ZONES)


@pytest.mark.parametrize("minutes", [math.nan, -1.0])
def test_unknown_minutes_are_refused(minutes: float) -> None:
    """Where there is no way one writes inf; NaN says that nobody looked."""
    with pytest.raises(ValueError, match="must be known"):
        e2sfca([100], [30], [[minutes]], ZONES)


def test_shapes_must_match() -> None:
    """A table the wrong way round is refused."""
    with pytest.raises(ValueError, match=r"shape \(3, 2\)"):
        e2sfca([1, 2, 3], [1, 2], np.zeros((2, 3)), ZONES)
    village = WeightedTrips(trip(0, 0, 5), ZONES, n=1, m=1)
    for method in (two_step_catchments, three_step_catchments):
        with pytest.raises(ValueError, match=r"2 and 1, but .* shape \(1, 1\)"):
            method([1, 2], [3], village)


@deterministic
@given(territories())
def test_trips_share_out_what_the_papers_do(territory: Territory) -> None:
    """Without the far pairs: the same ratios and access as one pair at a time, all conserved."""
    shared = e2sfca_trips(territory.demand, territory.supply, territory.trips(), territory.weights)
    ratio, access = access_by_hand(territory)
    np.testing.assert_allclose(shared.ratio, ratio, rtol=1e-12)
    np.testing.assert_allclose(shared.access, access, rtol=1e-12)
    assert shared.effective.sum() == pytest.approx(shared.allocated.sum(), rel=1e-9)
    total = shared.allocated.sum() + shared.unreachable_supply
    assert total == pytest.approx(sum(territory.supply), rel=1e-9)


@deterministic
@given(territories())
def test_trips_that_are_too_long_weigh_nothing(territory: Territory) -> None:
    """Given all pairs, those beyond the threshold change nothing."""
    shape = (len(territory.demand), len(territory.supply))
    area, supplier = (index.ravel() for index in np.indices(shape))
    minutes = np.array(territory.minutes, dtype=np.float64).ravel()
    everyone = e2sfca_trips(
        territory.demand, territory.supply, Trips(area, supplier, minutes), territory.weights
    )
    near = e2sfca_trips(territory.demand, territory.supply, territory.trips(), territory.weights)
    np.testing.assert_array_equal(everyone.ratio, near.ratio)
    np.testing.assert_array_equal(everyone.effective, near.effective)


def test_random_villages_of_the_whole_earth_agree_with_the_matrix() -> None:
    """Two hundred places, some across the antimeridian and at the poles: matrix and trips agree."""
    random = np.random.default_rng(43)
    seats = np.column_stack((random.uniform(-180, 180, 200), random.uniform(-90, 90, 200)))
    seats[:40, 0] = random.choice([-179.95, 179.95, -180, 180], 40)
    seats[:40, 1] = random.uniform(-1, 1, 40)
    seats[40:60, 1] = random.choice([-89.95, 89.95, 90, -90], 20)
    people, places = random.integers(0, 50, 200), random.integers(0, 9, 200)
    zones = StepWeights((15, 30, 45), (1, 0.5, 0.2))
    near = straight_line_trips(seats, seats, 1.4, 50, zones.threshold)
    assert 200 < near.minutes.size < 4000
    trips = e2sfca_trips(people, places, near, zones)
    matrix = e2sfca(people, places, straight_line_minutes(seats, seats, 1.4, 50), zones)
    np.testing.assert_allclose(trips.effective, matrix.effective, rtol=1e-12)
    np.testing.assert_allclose(trips.ratio, matrix.ratio, rtol=1e-12)
    assert trips.effective.sum() + trips.unreachable_supply == pytest.approx(places.sum())


def test_no_trip_at_all_leaves_every_place_unreached() -> None:
    """Nobody reaches anything: no access, and all the places told apart."""
    none = np.empty(0, dtype=np.int32)
    nowhere = WeightedTrips(Trips(none, none, np.empty(0)), ZONES, n=2, m=2)
    for method in (two_step_catchments, three_step_catchments):
        shared = method([10, 0], [3, 4], nowhere)
        assert shared.access.tolist() == [0, 0]
        assert np.isnan(shared.ratio).all()
        assert shared.unreachable_supply == 7


@pytest.mark.parametrize("unknown", [math.nan, math.inf, -1.0])
def test_unknown_amounts_are_refused_with_trips_too(unknown: float) -> None:
    """A capacity that is missing is not a capacity of zero."""
    one = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="demand has 1"):
        e2sfca_trips([unknown], [3], Trips(one, one, np.zeros(1)), ZONES)
    with pytest.raises(ValueError, match="supply has 1"):
        e2sfca_trips([3], [unknown], Trips(one, one, np.zeros(1)), ZONES)
    with pytest.raises(ValueError, match="must be known"):
        e2sfca_trips([3], [3], Trips(one, one, np.array([math.nan])), ZONES)


def three_steps_by_hand(territory: Territory) -> tuple[list[float], list[float]]:
    """Return R and A of Wan, Zou and Sternberg (2012), equations 3 to 5, one pair at a time."""
    n, m = range(len(territory.demand)), range(len(territory.supply))
    chance = {}
    for i in n:
        options = sum(territory.weight(i, k) for k in m if territory.supply[k] > 0)
        for j in m:
            chance[i, j] = territory.weight(i, j) / options if options > 0 else 0.0
        # Exactly one of the places that somebody can turn to, where there is any.
        assert sum(chance[i, j] for j in m if territory.supply[j] > 0) == pytest.approx(
            float(options > 0)
        )
    ratio, access = [], []
    for j, places in enumerate(territory.supply):
        sharers = sum(chance[k, j] * territory.weight(k, j) * territory.demand[k] for k in n)
        ratio.append(places / sharers if sharers > 0 else math.nan)
    for i in n:
        parts = [chance[i, j] * territory.weight(i, j) * ratio[j] for j in m]
        access.append(sum(part for part in parts if not math.isnan(part)))
    return ratio, access


@deterministic
@given(territories())
def test_three_steps_agree_with_the_paper_one_pair_at_a_time(territory: Territory) -> None:
    """Ratios and access to 1e-11; all that is reached is shared out."""
    shared = three_step_catchments(territory.demand, territory.supply, territory.interaction())
    ratio, access = three_steps_by_hand(territory)
    np.testing.assert_allclose(shared.ratio, ratio, rtol=1e-11)
    np.testing.assert_allclose(shared.access, access, rtol=1e-11)
    allocated = shared.allocated.sum()
    assert shared.effective.sum() == pytest.approx(allocated, rel=1e-9)
    assert allocated + shared.unreachable_supply == pytest.approx(sum(territory.supply), rel=1e-9)


@deterministic
@given(territories(), st.floats(1, 50))
def test_more_places_where_there_are_some_never_lower_three_step_access(
    territory: Territory, factor: float
) -> None:
    """The chances stay as they are: nobody anywhere has less."""
    near, supply = territory.interaction(), np.array(territory.supply)
    before = three_step_catchments(territory.demand, supply, near).access
    supply[0] *= factor
    after = three_step_catchments(territory.demand, supply, near).access
    assert (after >= before * (1 - 1e-12)).all()


def test_three_steps_count_those_with_a_choice_once() -> None:
    """Two nurseries next door to one village, a third far off: 2SFCA counts its children twice.

    60 children with two nurseries of 10 at home: by two steps each nursery has 60 to share with,
    20 places in all. A second village of 40 reaches the second nursery only, with weight 1. Two
    steps: R = 10/60 and 10/100, so 0.2667 and 0.1. Three steps: half of the 60 turn to each, so
    R = 10/30 and 10/(30 + 40); A = 1/2 * 1/3 + 1/2 * 1/7 = 5/21 and 1/7.
    """
    minutes = [[5.0, 5.0], [math.inf, 5.0]]
    villages = Territory([60, 40], [10, 10], minutes, ZONES)
    shared = three_step_catchments([60, 40], [10, 10], villages.interaction())
    np.testing.assert_allclose(shared.access, [5 / 21, 1 / 7], rtol=1e-12)
    np.testing.assert_allclose(villages.shared().access, [10 / 60 + 0.1, 0.1], rtol=1e-12)
    np.testing.assert_allclose(shared.effective.sum(), 20, rtol=1e-12)


def test_a_place_without_supply_is_nobodys_choice() -> None:
    """Empty buildings near the first village change nothing for anyone."""
    bare = Territory([60, 40], [10, 8], [[5, 15], [15, 5]], ZONES)
    ruins = Territory([60, 40], [10, 8, 0, 0], [[5, 15, 1, 2], [15, 5, 99, 99]], ZONES)
    expected = three_step_catchments(bare.demand, bare.supply, bare.interaction())
    shared = three_step_catchments(ruins.demand, ruins.supply, ruins.interaction())
    np.testing.assert_allclose(shared.access, expected.access, rtol=1e-12)


@deterministic
@given(territories())
def test_with_a_longer_threshold_fewer_places_are_beyond_everyone(territory: Territory) -> None:
    """Places are shared out wherever some demand is in reach, and the reach only grows."""
    minutes = np.array(territory.minutes)
    lost = [
        e2sfca(territory.demand, territory.supply, minutes, StepWeights((bound,), (1,)))
        for bound in (0, 10, 20, 60, 90)
    ]
    assert (np.diff([shared.unreachable_supply for shared in lost]) <= 1e-9).all()
    is_reached = ((minutes <= 20) & (np.array(territory.demand)[:, np.newaxis] > 0)).any(axis=0)
    assert lost[2].allocated.tolist() == np.where(is_reached, territory.supply, 0).tolist()


@deterministic
@given(territories(), st.integers(1, 3))
def test_weighted_trips_are_the_matrix_of_weights(territory: Territory, power: int) -> None:
    """Both products, and those of the weights raised, as with a dense matrix."""
    near = territory.interaction()
    shape = (len(territory.demand), len(territory.supply))
    dense = territory.weights.of(np.array(territory.minutes).reshape(shape))
    here, there = np.arange(1.0, shape[0] + 1), np.arange(1.0, shape[1] + 1)
    raised = near.raised(power)
    assert near.shape == raised.shape == shape
    np.testing.assert_allclose(raised.at_destinations(here), here @ dense**power, rtol=1e-12)
    np.testing.assert_allclose(raised.at_origins(there), dense**power @ there, rtol=1e-12)


def test_trips_given_twice_count_twice_and_are_left_as_they_were() -> None:
    """Two roads of 5 and 15 minutes: 1 + 0.5, squared 1 + 0.25."""
    twice = Trips(np.array([0, 0, 0]), np.array([1, 0, 1]), np.array([5.0, 5.0, 15.0]))
    near = WeightedTrips(twice, ZONES, n=1, m=2)
    assert near.raised(2).at_origins(np.array([10.0, 1.0])).tolist() == [11.25]
    assert near.at_origins(np.array([10.0, 1.0])).tolist() == [11.5]
    assert twice.destination.tolist() == [1, 0, 1]
    assert twice.minutes.tolist() == [5, 5, 15]


@pytest.mark.parametrize(
    ("origin", "destination"),
    [([1, 0], [0, 0]), ([0, 2], [0, 0]), ([-1, 0], [0, 0]), ([0, 1], [0, 3]), ([0, 1], [-1, 0])],
)
def test_trips_that_do_not_fit_are_refused(origin: list[int], destination: list[int]) -> None:
    """Out of order, or to a place that is not there."""
    trips = Trips(np.array(origin), np.array(destination), np.zeros(2))
    with pytest.raises(ValueError, match="ascending order"):
        WeightedTrips(trips, ZONES, n=2, m=3)
