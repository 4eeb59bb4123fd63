"""Allocation: against two independent algorithms on graphs, by hand, and its laws."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

from geodata.methods.allocation import Allocation, allocation
from geodata.methods.travel import straight_line_trips
from geodata.methods.trips import Trips

deterministic = settings(derandomize=True, deadline=None, max_examples=30)
MANY = 10**6


@dataclass(frozen=True)
class Plan:
    """What the method takes, as plain lists; minutes[i][j], inf where there is no trip."""

    demand: list[int]
    capacity: list[int]
    minutes: list[list[float]]
    threshold: float

    def trips(self) -> Trips:
        """Return the trips there are, those beyond the threshold included."""
        known = [
            (i, j, t)
            for i, row in enumerate(self.minutes)
            for j, t in enumerate(row)
            if math.isfinite(t)
        ]
        return Trips(
            np.array([i for i, _, _ in known], dtype=np.int32),
            np.array([j for _, j, _ in known], dtype=np.int32),
            np.array([t for _, _, t in known], dtype=np.float64),
        )

    def best(self, **changed: object) -> Allocation:
        """Return the allocation, with something changed."""
        given = {"demand": self.demand, "capacity": self.capacity, "threshold": self.threshold}
        return allocation(trips=self.trips(), **(given | changed))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw up to six areas and four suppliers, empty ones among them, and tied journeys."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    tenths = st.integers(0, 600).map(lambda tenths: tenths / 10)
    travel = st.one_of(st.sampled_from([0.0, 10.0, 20.0, 30.0, math.inf]), tenths)
    return Plan(
        draw(st.lists(st.integers(0, 20), min_size=n, max_size=n)),
        draw(st.lists(st.integers(0, 25), min_size=m, max_size=m)),
        draw(st.lists(st.lists(travel, min_size=m, max_size=m), min_size=n, max_size=n)),
        draw(st.sampled_from([0.0, 10.0, 20.0, 30.0, 60.0])),
    )


def most_served(demand: np.ndarray, capacity: np.ndarray, trips: Trips, threshold: float) -> int:
    """Return the maximum flow from a source through the areas and suppliers to a sink."""
    n, m, near = len(demand), len(capacity), trips.minutes <= threshold
    tails = (np.zeros(n), 1 + trips.origin[near], 1 + n + np.arange(m))
    heads = (1 + np.arange(n), 1 + n + trips.destination[near], np.full(m, n + m + 1))
    limits = np.concatenate((demand, np.full(near.sum(), MANY), capacity)).astype(np.int32)
    ends = (np.concatenate(tails).astype(np.int32), np.concatenate(heads).astype(np.int32))
    graph = coo_array((limits, ends), shape=(n + m + 2, n + m + 2)).tocsr()
    return int(maximum_flow(graph, 0, n + m + 1).flow_value)


def least_travel(plan: Plan) -> tuple[int, float]:
    """Return how many are served and their minutes, by successive shortest paths.

    Busacker and Gowen (1960): one person after the other is sent along the cheapest path of the
    residual graph, found by Bellman and Ford's loops, until there is none.
    """
    n, m = len(plan.demand), len(plan.capacity)
    source, sink = n + m, n + m + 1
    room = {(source, i): d for i, d in enumerate(plan.demand)}
    room |= {(n + j, sink): c for j, c in enumerate(plan.capacity)}
    cost = dict.fromkeys(room, 0.0)
    for i, row in enumerate(plan.minutes):
        for j, t in enumerate(row):
            if t <= plan.threshold:
                room[i, n + j], cost[i, n + j] = MANY, t
    for a, b in list(room):
        room[b, a], cost[b, a] = 0, -cost[a, b]
    served, minutes = 0, 0.0
    while True:
        far, before = {source: 0.0}, {}
        for _ in range(n + m + 2):
            for (a, b), left in room.items():
                if left and a in far and far[a] + cost[a, b] < far.get(b, math.inf) - 1e-9:
                    far[b], before[b] = far[a] + cost[a, b], a
        if sink not in far:
            return served, minutes
        path, end = [], sink
        while end != source:
            path.append((before[end], end))
            end = before[end]
        sent = min(room[arc] for arc in path)
        for a, b in path:
            room[a, b] -= sent
            room[b, a] += sent
        served, minutes = served + sent, minutes + sent * far[sink]


@deterministic
@given(plans())
def test_serves_as_many_as_a_maximum_flow_with_the_least_travel(plan: Plan) -> None:
    """Numbers served by two other algorithms, and minutes by one, to 1e-9."""
    best = plan.best()
    served, minutes = least_travel(plan)
    flow = most_served(np.array(plan.demand), np.array(plan.capacity), plan.trips(), plan.threshold)
    assert best.served.sum() == pytest.approx(served, abs=1e-9)
    assert flow == served
    assert best.total_minutes == pytest.approx(minutes, rel=1e-9, abs=1e-9)
    # Whole people and places: a plan in whole people.
    np.testing.assert_allclose(best.flows, best.flows.round(), atol=1e-7)


@deterministic
@given(plans())
def test_the_triad_is_the_demand_and_no_place_is_given_twice(plan: Plan) -> None:
    """Everybody is in one of three states, and the state is the right one."""
    best, trips = plan.best(), plan.trips()
    triad = best.served + best.within_reach + best.out_of_reach
    np.testing.assert_allclose(triad, plan.demand, rtol=1e-12, atol=1e-12)
    for part in (best.flows, best.served, best.within_reach, best.out_of_reach, best.used):
        assert (part >= 0).all()
    assert (best.used <= np.array(plan.capacity) * (1 + 1e-12)).all()
    assert best.used.sum() == pytest.approx(best.served.sum(), abs=1e-9)
    assert not best.flows[trips.minutes > plan.threshold].any()
    for i, row in enumerate(plan.minutes):
        is_near = any(
            t <= plan.threshold and c > 0 for t, c in zip(row, plan.capacity, strict=True)
        )
        assert (best.out_of_reach if is_near else best.within_reach)[i] == 0
        leaving = best.flows[trips.origin == i].sum()
        assert leaving == pytest.approx(best.served[i], abs=1e-9)


@deterministic
@given(plans(), st.integers(1, 20), st.floats(0.1, 30))
def test_more_places_or_a_longer_threshold_serve_no_fewer(
    plan: Plan, more: int, longer: float
) -> None:
    """In all; one area may lose."""
    served = plan.best().served.sum()
    capacity = [plan.capacity[0] + more, *plan.capacity[1:]]
    assert plan.best(capacity=capacity).served.sum() >= served - 1e-9
    assert plan.best(threshold=plan.threshold + longer).served.sum() >= served - 1e-9


@deterministic
@given(plans(), st.sampled_from([1e-6, 0.37, 1e5]))
def test_people_may_be_counted_in_any_unit(plan: Plan, unit: float) -> None:
    """Places in millions or in parts of a full-time post: the same plan, rescaled."""
    best, whole = (
        plan.best(),
        plan.best(demand=np.array(plan.demand) * unit, capacity=np.array(plan.capacity) * unit),
    )
    scale = unit * (1 + sum(plan.demand))
    assert whole.served.sum() == pytest.approx(best.served.sum() * unit, abs=1e-9 * scale)
    assert whole.total_minutes == pytest.approx(best.total_minutes * unit, abs=1e-7 * scale)


def test_a_chain_of_moves_serves_one_more() -> None:
    """By hand: the last child is served only if each of the others goes one village further.

    Villages 0, 1 and 2 of one child; places in A, B and C, one each. Child 0 reaches A (1 min)
    and B (29), child 1 reaches B (1) and C (29), child 2 reaches A only (29). Serving two takes
    2 minutes; serving all three takes 29 + 29 + 29 = 87, as child 2 must have A. All three are.
    """
    inf = math.inf
    plan = Plan([1, 1, 1], [1, 1, 1], [[1, 29, inf], [inf, 1, 29], [29, inf, inf]], 30)
    best = plan.best()
    np.testing.assert_allclose(best.served, [1, 1, 1])
    np.testing.assert_allclose(best.flows, [0, 1, 0, 1, 1], atol=1e-9)
    assert best.total_minutes == pytest.approx(87)
    short = plan.best(capacity=[1, 1, 0])
    np.testing.assert_allclose(short.served.sum(), 2)
    assert short.total_minutes == pytest.approx(2)
    np.testing.assert_allclose(short.within_reach, [0, 0, 1], atol=1e-9)


def test_a_country_in_small_serves_the_maximum_flow() -> None:
    """600 villages and 150 nurseries at random, too few places: thousands of trips."""
    random = np.random.default_rng(45)
    homes = np.column_stack((random.uniform(3, 4.5, 600), random.uniform(44.5, 45.5, 600)))
    trips = straight_line_trips(homes, homes[:150], 1.4, 50, 20)
    demand, capacity = random.poisson(20, 600), random.poisson(70, 150)
    best = allocation(demand, capacity, trips, 10)
    flow = most_served(demand, capacity, trips, 10)
    assert 0 < flow < min(demand.sum(), capacity.sum())
    assert best.served.sum() == pytest.approx(flow, rel=1e-12)
    assert (best.used <= capacity * (1 + 1e-12)).all()
    assert best.within_reach.sum() > 0
    assert best.out_of_reach.sum() > 0


def test_nobody_and_nothing() -> None:
    """No trips, no people, no places: nothing is solved, and nothing is lost."""
    none = np.empty(0, dtype=np.int32)
    empty = allocation([5, 0], [3], Trips(none, none, np.empty(0)), 30)
    assert empty.out_of_reach.tolist() == [5, 0]
    assert empty.used.tolist() == [0]
    at_home = Plan([5, 0], [0, 9], [[0, math.inf], [math.inf, 0]], 30).best()
    assert at_home.out_of_reach.tolist() == [5, 0]
    assert at_home.used.tolist() == [0, 0]
    assert at_home.total_minutes == 0


def test_what_is_unknown_or_does_not_fit_is_refused() -> None:
    """A capacity that is missing is not a capacity of zero."""
    road = Trips(np.array([0]), np.array([0]), np.array([5.0]))
    with pytest.raises(ValueError, match="demand has 1"):
        allocation([math.nan], [3], road, 30)
    with pytest.raises(ValueError, match="capacity has 1"):
        allocation([3], [math.nan], road, 30)
    with pytest.raises(ValueError, match="must be known"):
        allocation([3], [3], Trips(np.array([0]), np.array([0]), np.array([math.nan])), 30)
    with pytest.raises(ValueError, match="threshold"):
        allocation([3], [3], road, math.nan)
    with pytest.raises(ValueError, match="lead outside"):
        allocation([3], [3], Trips(np.array([0]), np.array([1]), np.array([5.0])), 30)
