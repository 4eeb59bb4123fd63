"""E2SFCA: three villages by hand, a second implementation from the papers, and its laws."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata.methods.accessibility import (
    Catchments,
    StepWeights,
    e2sfca,
    e2sfca_trips,
    nearest_minutes,
)
from geodata.methods.travel import Trips, straight_line_minutes, straight_line_trips

deterministic = settings(derandomize=True, deadline=None)
ZONES = StepWeights((10, 20), (1, 0.5))
ROAD = [[0.0, 10.0, 20.0], [10.0, 0.0, 10.0], [20.0, 10.0, 0.0]]


@dataclass(frozen=True)
class Territory:
    """What e2sfca takes, as plain lists."""

    demand: list[float]
    supply: list[float]
    minutes: list[list[float]]
    weights: StepWeights

    def shared(self) -> Catchments:
        """Return the catchments of the territory."""
        minutes = np.array(self.minutes).reshape(len(self.demand), len(self.supply))
        return e2sfca(self.demand, self.supply, minutes, self.weights)


people_or_places = st.one_of(st.just(0.0), st.floats(0.01, 1e5))
travel = st.one_of(st.sampled_from([0.0, 5.0, 10.0, 15.0, 20.0, math.inf]), st.floats(0, 90))


@st.composite
def step_weights(draw: st.DrawFn) -> StepWeights:
    """Draw one to four zones."""
    bounds = draw(st.sets(st.sampled_from([0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0]), min_size=1))
    size = len(bounds)
    weights = draw(st.lists(st.floats(0.01, 1), min_size=size, max_size=size))
    return StepWeights(tuple(sorted(bounds)), tuple(sorted(weights, reverse=True)))


@st.composite
def territories(draw: st.DrawFn) -> Territory:
    """Draw up to seven areas and five suppliers, empty ones and unreachable ones among them."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    return Territory(
        draw(st.lists(people_or_places, min_size=n, max_size=n)),
        draw(st.lists(people_or_places, min_size=m, max_size=m)),
        draw(st.lists(st.lists(travel, min_size=m, max_size=m), min_size=n, max_size=n)),
        draw(step_weights()),
    )


def weight_by_hand(minutes: float, zones: StepWeights) -> float:
    """Return the weight of the first zone that the journey does not outlast."""
    for bound, weight in zip(zones.upper_minutes, zones.weights, strict=True):
        if minutes <= bound:
            return weight
    return 0.0


def access_by_hand(territory: Territory) -> tuple[list[float], list[float]]:
    """Return R and A of Luo and Qi (2009), equations 1 and 2, one pair at a time."""
    ratio, access = [], []
    for j, places in enumerate(territory.supply):
        sharers = 0.0
        for k, people in enumerate(territory.demand):
            sharers += people * weight_by_hand(territory.minutes[k][j], territory.weights)
        ratio.append(places / sharers if sharers > 0 else math.nan)
    for i in range(len(territory.demand)):
        total = 0.0
        for j, share in enumerate(ratio):
            if not math.isnan(share):
                total += share * weight_by_hand(territory.minutes[i][j], territory.weights)
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


@deterministic
@given(step_weights(), st.floats(0, 100))
def test_weights_are_those_of_the_zone(zones: StepWeights, minutes: float) -> None:
    """Upper bounds included, none beyond the threshold."""
    assert float(zones.of(minutes)) == weight_by_hand(minutes, zones)
    assert bool(zones.of(minutes) > 0) == (minutes <= zones.threshold_minutes)
    assert zones.of(zones.upper_minutes).tolist() == list(zones.weights)


@pytest.mark.parametrize(
    ("upper_minutes", "weights", "complaint"),
    [
        ((), (), "at least one"),
        ((10,), (1, 0.5), "as many"),
        ((20, 10), (1, 0.5), "ascending"),
        ((10, 10), (1, 0.5), "ascending"),
        ((-1,), (1,), "finite"),
        ((math.inf,), (1,), "finite"),
        ((math.nan,), (1,), "finite"),
        ((10, 20), (0.5, 1), "rise"),
        ((10,), (0,), "above 0"),
        ((10,), (1.1,), "at most 1"),
        ((10,), (math.nan,), "above 0"),
    ],
)
def test_zones_that_are_no_staircase_are_refused(
    upper_minutes: tuple[float, ...], weights: tuple[float, ...], complaint: str
) -> None:
    """Each fault has its message."""
    with pytest.raises(ValueError, match=complaint):
        StepWeights(upper_minutes, weights)


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
    with pytest.raises(ValueError, match="minutes must be known"):
        e2sfca([100], [30], [[minutes]], ZONES)
    with pytest.raises(ValueError, match="minutes must be known"):
        nearest_minutes([[minutes]], [True])


def test_shapes_must_match() -> None:
    """A table the wrong way round is refused."""
    with pytest.raises(ValueError, match=r"shape \(3, 2\)"):
        e2sfca([1, 2, 3], [1, 2], np.zeros((2, 3)), ZONES)
    with pytest.raises(ValueError, match="areas by suppliers"):
        nearest_minutes(np.zeros((2, 3)), [True, False])
    with pytest.raises(ValueError, match="boolean"):
        nearest_minutes(np.zeros((2, 2)), [30, 0])


def test_nearest_counts_only_suppliers_with_places() -> None:
    """Nobody drives to a day nursery without places; no way at all is NaN, not inf."""
    minutes = [[0.0, 10.0, 20.0], [10.0, 0.0, math.inf], [math.inf, 5.0, math.inf]]
    nearest = nearest_minutes(minutes, [True, False, True])
    np.testing.assert_array_equal(nearest, [0, 10, math.nan])
    np.testing.assert_array_equal(nearest_minutes(minutes, [False] * 3), [math.nan] * 3)


@deterministic
@given(territories())
def test_access_is_above_zero_only_within_the_threshold(territory: Territory) -> None:
    """The weights and the threshold draw one and the same line."""
    has_places = np.array(territory.supply) > 0
    nearest = nearest_minutes(territory.minutes, has_places)
    by_hand = [
        min((t for t, has in zip(row, has_places, strict=True) if has), default=math.inf)
        for row in territory.minutes
    ]
    np.testing.assert_array_equal(nearest, [t if t < math.inf else math.nan for t in by_hand])
    is_within = nearest <= territory.weights.threshold_minutes
    assert not (territory.shared().effective[~is_within] > 0).any()


def trips_of(territory: Territory) -> Trips:
    """Return the pairs within the threshold, found by two loops, as the trips are written."""
    longest = territory.weights.threshold_minutes
    near = [
        (i, j, minutes)
        for i, row in enumerate(territory.minutes)
        for j, minutes in enumerate(row)
        if minutes <= longest
    ]
    return Trips(
        np.array([i for i, _, _ in near], dtype=np.int64),
        np.array([j for _, j, _ in near], dtype=np.int64),
        np.array([minutes for _, _, minutes in near], dtype=np.float64),
    )


@deterministic
@given(territories())
def test_trips_share_out_what_the_papers_do(territory: Territory) -> None:
    """Without the far pairs: the same ratios and access as one pair at a time, all conserved."""
    shared = e2sfca_trips(
        territory.demand, territory.supply, trips_of(territory), territory.weights
    )
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
    near = e2sfca_trips(territory.demand, territory.supply, trips_of(territory), territory.weights)
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
    near = straight_line_trips(seats, seats, 1.4, 50, zones.threshold_minutes)
    assert 200 < near.minutes.size < 4000
    trips = e2sfca_trips(people, places, near, zones)
    matrix = e2sfca(people, places, straight_line_minutes(seats, seats, 1.4, 50), zones)
    np.testing.assert_allclose(trips.effective, matrix.effective, rtol=1e-12)
    np.testing.assert_allclose(trips.ratio, matrix.ratio, rtol=1e-12)
    assert trips.effective.sum() + trips.unreachable_supply == pytest.approx(places.sum())


def test_no_trip_at_all_leaves_every_place_unreached() -> None:
    """Nobody reaches anything: no access, and all the places told apart."""
    none = np.empty(0, dtype=np.int64)
    shared = e2sfca_trips([10, 0], [3, 4], Trips(none, none, np.empty(0)), ZONES)
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
    with pytest.raises(ValueError, match="minutes must be known"):
        e2sfca_trips([3], [3], Trips(one, one, np.array([math.nan])), ZONES)
