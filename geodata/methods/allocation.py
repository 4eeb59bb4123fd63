"""Allocation: people given places one by one, as many as can be, then as near as can be.

The catchment methods share places out in parts, as people spread themselves. Allocation asks what
the best plan could do: each place is given to one person within reach, no place twice. First as
many people as possible are served; among all plans that serve as many, one is taken that makes
them travel least in total. What nobody could be given in the best plan is truly missing.

It is a bound, not a forecast: people do not go where a plan sends them. Nor is it fair: where
places are short, those who live nearest get them. Plans that tie in number and travel are equally
good, and which areas they serve may differ; the totals do not.

It is for a territory, not for a country of small catchments. Measured on one core, on places at
random within 15 minutes, about as many places as people: 260 areas x 260 suppliers (4,000 trips),
0.1 s; 3,000 x 3,000 (52,000 trips), 4 s, 140 MB; 35,000 x 5,000 (93,000 trips), 5 s, 230 MB;
10,000 x 10,000 (178,000 trips), 37 s, 290 MB. Where places are few and far between it is faster:
35,000 x 1,000 (19,000 trips), 0.2 s.

Sources:
    F. L. Hitchcock, "The distribution of a product from several sources to numerous localities",
    Journal of Mathematics and Physics 20 (1941), 224-230 (the transport problem).
    L. R. Ford and D. R. Fulkerson, "Maximal flow through a network", Canadian Journal of
    Mathematics 8 (1956), 399-404 (as many as possible).
    Q. Huangfu and J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical
    Programming Computation 10 (2018), 119-142 (HiGHS, which solves both).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from geodata.methods.amounts import FloatArray, amounts
from geodata.methods.decay import known_costs
from geodata.methods.trips import Positions, Trips

#: How far the solver may go beyond a limit, in people; it is taken off afterwards.
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Allocation:
    """Who is given a place where, for n areas of demand, m suppliers and the p trips given.

    demand = served + within_reach + out_of_reach, area by area.

    Attributes:
        flows: (p,) people of the trip's origin given a place at its destination.
        served: (n,) people given a place.
        within_reach: (n,) people without a place, though a supplier that has some is near enough.
        out_of_reach: (n,) people without a place, no supplier that has any being near enough.
        used: (m,) places given, at most the capacity.
        total_minutes: travel of all who are served, in person-minutes.
    """

    flows: FloatArray
    served: FloatArray
    within_reach: FloatArray
    out_of_reach: FloatArray
    used: FloatArray
    total_minutes: float


def allocation(
    demand: npt.ArrayLike, capacity: npt.ArrayLike, trips: Trips, threshold: float
) -> Allocation:
    """Return the plan that serves as many people as possible, then with the least travel.

    max sum_p x_p, then min sum_p t_p x_p, subject to
    sum_{p from i} x_p <= D_i;  sum_{p to j} x_p <= C_j;  x_p >= 0;  t_p <= threshold.

    More capacity or a longer threshold never serve fewer in all; a single area may lose, when
    serving others there takes less travel. Whole demand and capacity give whole flows, but for
    rounding. Journeys that differ by less than 1e-7 minutes are taken as alike.

    Args:
        demand: (n,) D, people, one amount per area.
        capacity: (m,) C, places, one amount per supplier. Zero says that there are none.
        trips: from areas to suppliers, in any order.
        threshold: the longest journey that counts, in minutes; itself included.

    Raises:
        ValueError: for an unknown, infinite or negative demand or capacity, unknown or negative
            minutes or threshold, or trips that lead outside the areas or suppliers.
        RuntimeError: if the solver gives up, with its reason.

    Three villages of 10, 5 and 5 children on a road; 8 places in the first village and 6 in the
    second, 10 minutes away; the third is 40 minutes from both. The first keeps its 8 places and
    sends 1 child to the second, which has 6 - 5 = 1 place left: 14 served, 10 minutes in all.
    One child of the first has no place within reach; the 5 of the third have none near.

    >>> road = Trips(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 1]),
    ...              np.array([0.0, 10, 10, 0, 40]))
    >>> plan = allocation([10, 5, 5], [8, 6], road, threshold=30)
    >>> plan.flows.round(6).tolist(), plan.total_minutes
    ([8.0, 1.0, 0.0, 5.0, 0.0], 10.0)
    >>> plan.served.tolist(), plan.within_reach.tolist(), plan.out_of_reach.tolist()
    ([9.0, 5.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 5.0])
    """
    people, places = amounts(demand, "demand"), amounts(capacity, "capacity")
    minutes = known_costs(trips.minutes)
    if not threshold >= 0:
        raise ValueError(f"threshold must be at least 0 minutes, not {threshold}")
    area, supplier = np.asarray(trips.origin), np.asarray(trips.destination)
    if area.size and (area.max() >= people.size or supplier.max() >= places.size):
        raise ValueError(f"trips lead outside the {people.size} areas, {places.size} suppliers")
    is_usable = (minutes <= threshold) & (places[supplier] > 0)
    is_near = np.bincount(area[is_usable], minlength=people.size) > 0
    usable = np.flatnonzero(is_usable & (people[area] > 0))
    flows = np.zeros(minutes.shape)
    flows[usable] = _flows(people, places, area[usable], supplier[usable], minutes[usable])
    served = _total(area, flows, people.size)
    unserved = np.maximum(people - served, 0.0)
    return Allocation(
        flows=flows,
        served=people - unserved,
        within_reach=np.where(is_near, unserved, 0.0),
        out_of_reach=np.where(is_near, 0.0, unserved),
        used=_total(supplier, flows, places.size),
        total_minutes=float(flows @ np.where(flows > 0, minutes, 0.0)),
    )


def _flows(
    people: FloatArray,
    places: FloatArray,
    area: Positions,
    supplier: Positions,
    minutes: FloatArray,
) -> FloatArray:
    """Return the people who make each trip: one linear programme, min sum_p (t_p - M) x_p.

    M, the worth of a person served, is more than any detour that it could cost: serving one more
    moves others along a chain of trips that meets each area and each supplier once at most, so
    that it adds less than min(n, m) of the longest journeys. So whoever can be served is, and
    among plans that serve as many, M counts the same in all.
    """
    count = minutes.size
    if count == 0:
        return np.zeros(0)
    trip, one = np.arange(count), np.ones(count)
    leaving = csr_array((one, (area, trip)), shape=(people.size, count))
    arriving = csr_array((one, (supplier, trip)), shape=(places.size, count))
    chain = min(np.unique(area).size, np.unique(supplier).size) + 1
    outcome = linprog(
        minutes - chain * max(minutes.max(), 1.0),
        A_ub=vstack([leaving, arriving], format="csr"),
        b_ub=np.concatenate((people, places)),
        method="highs-ds",
        options={"primal_feasibility_tolerance": TOLERANCE},
    )
    if outcome.status != 0:
        raise RuntimeError(f"the allocation could not be solved: {outcome.message}")
    flows = np.asarray(outcome.x, dtype=np.float64)
    return _kept_within(flows, people, places, area, supplier)


def _kept_within(
    flows: FloatArray,
    people: FloatArray,
    places: FloatArray,
    area: Positions,
    supplier: Positions,
) -> FloatArray:
    """Return flows lowered by what the solver's tolerance let through, so that limits hold."""
    for end, limit in ((supplier, places), (area, people)):
        total = _total(end, flows, limit.size)
        flows = flows * np.divide(limit, total, out=np.ones_like(limit), where=total > limit)[end]
    return flows


def _total(end: Positions, flows: FloatArray, size: int) -> FloatArray:
    """Return the people who leave, or come to, each of `size` places."""
    return np.bincount(end, flows, minlength=size).astype(np.float64)
