"""A problem solved at once, by the method its service names."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from etl.problem import Problem, Shares
from etl.roads import Flags, Roads
from geodata.methods.accessibility import three_step_catchments, two_step_catchments
from geodata.methods.allocation import allocation
from geodata.methods.amounts import FloatArray
from geodata.methods.lattice import thread_count
from geodata.methods.trips import Trips
from geodata.methods.uncertainty import drawn_effective, unknown_areas
from geodata.methods.weighted_trips import WeightedTrips
from geodata.model import ServiceMethod

#: Trips from which an allocation takes too long: it is for a territory, not for a country.
MOST_TRIPS = 200_000


class TooManyTripsError(ValueError):
    """An allocation over more trips than can be solved in a refresh; how many, in words."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(fr, en)
        self.fr = fr
        self.en = en


def solved(problem: Problem, roads: Roads) -> Shares:
    """Solve a problem at once.

    Raises
    ------
    TooManyTripsError
        For an allocation over more than :data:`MOST_TRIPS`.
    """
    if problem.decay is None:
        return _without_distance(problem)
    if problem.method is ServiceMethod.WITHIN:
        searched, everyone = problem.searched_minutes, np.arange(len(problem.demand))
        return within_threshold(
            problem,
            roads.nearest_minutes(everyone, problem.supply > 0, searched),
            roads.nearest_minutes(everyone, np.isnan(problem.supply), searched),
            _unplaced(roads.trips(searched), len(everyone)),
            problem.error.drawn(problem.draws, problem.keys).common,
        )
    if problem.method is ServiceMethod.ALLOCATION:
        return _allocated(problem, roads)
    return _by_catchments(problem, roads)


def _by_catchments(problem: Problem, roads: Roads) -> Shares:
    """Places shared out among those who can reach them, in two steps or three."""
    assert problem.decay is not None
    n, m = roads.shape
    trips = roads.trips(problem.searched_minutes)
    no_demand, no_supply = np.isnan(problem.demand), np.isnan(problem.supply)
    people, places = np.nan_to_num(problem.demand), np.nan_to_num(problem.supply)
    is_three_step = problem.method is ServiceMethod.THREE_STEP
    # Where there is nothing to share, nobody is wronged, and nobody's share is changed.
    counted = _leading_to(trips, (places > 0) | no_supply)
    share_out = three_step_catchments if is_three_step else two_step_catchments
    shared = share_out(people, places, WeightedTrips(counted, problem.decay, n, m))
    unplaced = _unplaced(trips, n)
    plain = unplaced | unknown_areas(
        no_demand, no_supply, counted, problem.decay, is_three_step=is_three_step
    )
    nearest = _nearest(problem, roads)
    people_drawn = problem.drawn()
    if no_demand.any():
        people_drawn = np.where(no_demand, np.nan, people_drawn)
    effective_drawn = drawn_effective(
        people_drawn,
        problem.places_drawn(),
        counted,
        problem.decay,
        problem.draws,
        problem.error,
        problem.searched_minutes,
        problem.keys,
        thread_count(None),
        is_three_step,
    )
    is_open = np.isnan(effective_drawn[0]) | unplaced
    return Shares(
        np.where(plain, np.nan, shared.effective),
        nearest,
        np.asarray(nearest <= problem.decay.threshold, dtype=np.bool_),
        ~plain,
        np.where(is_open, np.nan, people_drawn).T,
        np.where(is_open, np.nan, effective_drawn).T,
    )


def within_threshold(
    problem: Problem,
    nearest: FloatArray,
    unsaid: FloatArray,
    unplaced: Flags,
    factors: FloatArray,
) -> Shares:
    """Everyone who has a place near enough is served, however many share it.

    Unknown is whoever has none for certain, and may have one that is not known of.

    Parameters
    ----------
    nearest, unsaid: (n,) minutes to the nearest places, and to the nearest that are unknown.
    unplaced: (n,) whether it is not known where a place where people live is.
    factors: (draws,) how much longer than estimated the trips of each draw take.
    """
    assert problem.decay is not None
    limit = problem.decay.threshold
    lost = np.isnan(problem.demand) | unplaced
    is_within = np.asarray(nearest <= limit, dtype=np.bool_)
    unknown = lost | (~is_within & (unsaid <= limit))
    is_drawn_within = nearest * factors[:, np.newaxis] <= limit
    may_change = unsaid * problem.error.quickest <= limit
    people = problem.drawn()
    people = np.where(lost | (may_change & ~is_drawn_within.all(axis=0)), np.nan, people)
    return Shares(
        np.where(unknown, np.nan, np.where(is_within, problem.demand, 0.0)),
        np.where(unsaid <= nearest, np.nan, nearest),
        is_within,
        ~unknown,
        people.T,
        (people * is_drawn_within).T,
    )


def _allocated(problem: Problem, roads: Roads) -> Shares:
    """Places given one by one as the best plan would: a bound, of which no interval is drawn.

    A plan moves people along chains of trips, so what is unknown anywhere may change whatever is
    joined to it.
    """
    assert problem.decay is not None
    n, m = roads.shape
    trips = roads.trips(problem.decay.threshold)
    no_demand, no_supply = np.isnan(problem.demand), np.isnan(problem.supply)
    people, places = np.nan_to_num(problem.demand), np.nan_to_num(problem.supply)
    counted = _leading_to(trips, (places > 0) | no_supply)
    if counted.minutes.size > MOST_TRIPS:
        count = counted.minutes.size
        raise TooManyTripsError(f"{count}, {MOST_TRIPS} au plus", f"{count}, at most {MOST_TRIPS}")
    plan = allocation(people, places, counted, problem.decay.threshold)
    ends = counted.origin, counted.destination + n
    links = coo_array((np.ones(counted.minutes.size), ends), shape=(n + m, n + m))
    _count, group = connected_components(links, directed=False)
    is_lost = np.bincount(group, np.concatenate((no_demand, no_supply))) > 0
    unknown = is_lost[group[:n]] | _unplaced(trips, n)
    nearest = _nearest(problem, roads)
    nothing = np.full((n, problem.draws.count), np.nan)
    return Shares(
        np.where(unknown, np.nan, plan.served),
        nearest,
        np.asarray(nearest <= problem.decay.threshold, dtype=np.bool_),
        ~unknown,
        nothing,
        nothing,
    )


def _nearest(problem: Problem, roads: Roads) -> FloatArray:
    """Minutes to the nearest places; NaN where there are none, or unknown ones are nearer."""
    assert problem.decay is not None
    everyone, limit = np.arange(len(problem.demand)), problem.decay.threshold
    nearest = roads.nearest_minutes(everyone, problem.supply > 0, limit)
    unsaid = roads.nearest_minutes(everyone, np.isnan(problem.supply), limit)
    return np.where(unsaid <= nearest, np.nan, nearest)


def _leading_to(trips: Trips, wanted: Flags) -> Trips:
    """The trips to the destinations wanted."""
    leads = wanted[trips.destination]
    return Trips(trips.origin[leads], trips.destination[leads], trips.minutes[leads])


def _unplaced(trips: Trips, n: int) -> Flags:
    """(n,) whether it is not known where a place where people live is."""
    made = np.zeros(n, dtype=np.bool_)
    made[trips.untimed_origins] = True
    return made


def _without_distance(problem: Problem) -> Shares:
    """Each catchment's places over all of its people, wherever the office stands.

    A remote service has one catchment, everybody.
    """
    n, m = len(problem.demand), len(problem.supply)
    nowhere = np.zeros(n, dtype=np.int64), np.zeros(m, dtype=np.int64)
    of_people, of_places = problem.catchment or nowhere
    count = int(max(of_people.max(initial=-1), of_places.max(initial=-1))) + 1
    lives, works = of_people >= 0, of_places >= 0

    def shared(people: FloatArray, supply: FloatArray) -> FloatArray:
        places = np.bincount(of_places[works], supply[works], minlength=count)
        all_people = np.bincount(of_people[lives], people[lives], minlength=count)
        ratio = np.full(count, np.nan)
        np.divide(places, all_people, out=ratio, where=all_people > 0)
        found = np.full(n, np.nan)
        found[lives] = ratio[of_people[lives]]
        return found * people

    effective = shared(problem.demand, problem.supply)
    places = np.bincount(of_places[works], problem.supply[works], minlength=count)
    is_within = np.zeros(n, dtype=np.bool_)
    is_within[lives] = places[of_people[lives]] > 0
    people = np.where(np.isnan(problem.demand), np.nan, problem.drawn())
    return Shares(
        effective,
        np.full(n, np.nan),
        is_within,
        np.isfinite(effective),
        people.T,
        np.array([shared(*row) for row in zip(people, problem.places_drawn(), strict=True)]).T,
    )
