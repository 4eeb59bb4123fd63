"""The catchment engine over a territory: whole, or tile by tile beside one another.

A problem is a service: the people of each place they live in, the places of each area, and how a
place counts less the longer the way. It is solved at once, or cut into bands of latitude, each
with the halo that can change it: those who share a place with someone of the band live at most
two thresholds away. A tile gives what the whole gives, sum by sum, so that it does not show in the
figures where they were computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, fields

import numpy as np

from etl.roads import Flags, Positions, Roads
from geodata.methods.accessibility import two_step_catchments
from geodata.methods.amounts import FloatArray
from geodata.methods.decay import Decay
from geodata.methods.drawn_amounts import Counted, Within, drawn_amounts
from geodata.methods.drawn_catchments import effective_draws
from geodata.methods.keyed_random import Draws, Keys, Purpose
from geodata.methods.lattice import thread_count
from geodata.methods.uncertainty import TravelError, unknown_areas
from geodata.methods.weighted_trips import WeightedTrips


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be shared out, among n places where people live, by m areas that have places.

    Attributes:
        demand: (n,) people; NaN where unknown.
        supply: (m,) places; NaN where unknown: never zero.
        decay: how a place counts less with minutes; None where distance does not count.
        catchment: (n,) and (m,) the number of the area of work each lies in, -1 for none; None
            for a service that people go to, or that is remote.
        keys: (n,) stable keys of the places where people live.
        draws: how often chance is let play.
        travel_error: share that all trips may be off by.
        people_drawn: (draws, n) the people in each draw, where they were drawn already.
        supply_keys: (m,) stable keys of the areas that have places.
        supply_error: share that the places of each area may be off by, on its own.
    """

    demand: FloatArray
    supply: FloatArray
    decay: Decay | None
    keys: Keys
    draws: Draws
    travel_error: float = 0.0
    catchment: tuple[Positions, Positions] | None = None
    people_drawn: FloatArray | None = None
    supply_keys: Keys | None = None
    supply_error: float = 0.0

    @property
    def error(self) -> TravelError:
        """How far off the trips may be."""
        return TravelError(common=self.travel_error)

    def drawn(self) -> FloatArray:
        """(draws, n): the people in each draw; unknown ones as none."""
        if self.people_drawn is not None:
            return self.people_drawn
        people = np.nan_to_num(self.demand)
        return drawn_amounts(people, Counted(), self.draws, Purpose.DEMAND, self.keys)

    def places_drawn(self) -> FloatArray:
        """(draws, m): the places in each draw; unknown ones stay so."""
        error = Within(self.supply_error)
        return drawn_amounts(self.supply, error, self.draws, Purpose.SUPPLY, self.supply_keys)

    @property
    def searched_minutes(self) -> float:
        """Up to which a trip may count, were all trips as quick as they may be."""
        assert self.decay is not None
        return self.error.search_minutes(self.decay.threshold)


@dataclass(frozen=True, eq=False)
class Shares:
    """What falls to each of n places where people live.

    Attributes:
        effective: (n,) places of the service; NaN where an unknown could change them.
        nearest_minutes: (n,) to the nearest area with places; NaN where there is none, where one
            whose places are unknown is nearer, or where distance does not count.
        is_within: (n,) whether there are places to go to, or that come.
        is_known: (n,) whether no unknown could change the effective places.
        people_drawn, effective_drawn: (n, draws), likewise; NaN where an unknown could change
            them in the quickest draw.
    """

    effective: FloatArray
    nearest_minutes: FloatArray
    is_within: Flags
    is_known: Flags
    people_drawn: FloatArray
    effective_drawn: FloatArray


def shares(problem: Problem, roads: Roads, pool: Executor | None = None, tiles: int = 1) -> Shares:
    """Solve a problem: at once in this process, or in so many tiles, wherever the pool runs them.

    The figures are the same to the last sum whichever is asked for. Any pool of the standard
    interface will do, of processes here or of machines elsewhere: a tile carries all it needs.
    """
    if pool is None or problem.decay is None:
        return solved(problem, roads)
    futures = [pool.submit(tile, *task) for task in tasks(problem, roads, tiles)]
    return joined([future.result() for future in futures], len(problem.demand))


def tasks(problem: Problem, roads: Roads, count: int) -> Iterator[tuple[Problem, Roads, int, int]]:
    """What each tile is computed from: the problem, the roads, its number, how many there are."""
    for number in range(count):
        yield problem, roads, number, count


def tile(problem: Problem, roads: Roads, number: int, count: int) -> tuple[Positions, Shares]:
    """One tile: the positions of its own origins, and what falls to them.

    Origins are ranked from south to north and dealt out in ``count`` bands; those of which it is
    not known where they are belong to the first.
    """
    latitude = roads.latitude
    is_placed = np.isfinite(latitude)
    ranked = np.argsort(latitude[is_placed], kind="stable")
    own = np.flatnonzero(is_placed)[np.array_split(ranked, count)[number]]
    strays = np.flatnonzero(~is_placed) if number == 0 else own[:0]
    near = own
    if len(own):
        margin = 2 * roads.reach_degrees(problem.searched_minutes)
        south, north = latitude[own].min() - margin, latitude[own].max() + margin
        near = np.flatnonzero(is_placed & (latitude >= south) & (latitude <= north))
    own = np.union1d(own, strays)
    return own, _restricted(problem, roads, np.union1d(near, own), own)


def joined(tiles: list[tuple[Positions, Shares]], size: int) -> Shares:
    """The whole from its tiles."""
    made = {}
    for part in fields(Shares):
        values = [getattr(found, part.name) for _own, found in tiles]
        whole = np.empty((size, *values[0].shape[1:]), dtype=values[0].dtype)
        for (own, _found), value in zip(tiles, values, strict=True):
            whole[own] = value
        made[part.name] = whole
    return Shares(**made)


def _restricted(problem: Problem, roads: Roads, inside: Positions, own: Positions) -> Shares:
    """Solve the problem of some of the people, and keep what falls to a few of them."""
    smaller = Problem(
        problem.demand[inside],
        problem.supply,
        problem.decay,
        problem.keys[inside],
        problem.draws,
        problem.travel_error,
        people_drawn=None if problem.people_drawn is None else problem.people_drawn[:, inside],
        supply_keys=problem.supply_keys,
        supply_error=problem.supply_error,
    )
    found = solved(smaller, roads.among(inside, np.arange(len(problem.supply))))
    kept = np.searchsorted(inside, own)
    return Shares(**{part.name: getattr(found, part.name)[kept] for part in fields(Shares)})


def solved(problem: Problem, roads: Roads) -> Shares:
    """Solve a problem at once."""
    if problem.decay is None:
        return _without_distance(problem)
    n, m = roads.shape
    trips = roads.trips(problem.searched_minutes)
    no_demand, no_supply = np.isnan(problem.demand), np.isnan(problem.supply)
    people, places = np.nan_to_num(problem.demand), np.nan_to_num(problem.supply)
    shared = two_step_catchments(people, places, WeightedTrips(trips, problem.decay, n, m))
    # Unknown people wrong nobody where there is nothing to share.
    harmless = np.zeros(m, dtype=np.bool_) | (places == 0) & ~no_supply
    leads = ~harmless[trips.destination]
    unknown_at = np.zeros(n, dtype=np.bool_)
    unknown_at[trips.untimed_origins] = True
    counted = type(trips)(trips.origin[leads], trips.destination[leads], trips.minutes[leads])
    plain = unknown_areas(no_demand, no_supply, counted, problem.decay) | unknown_at
    drawn = unknown_areas(no_demand, no_supply, counted, problem.decay, problem.error) | unknown_at
    nearest = roads.nearest_minutes(np.arange(n), problem.supply > 0, problem.decay.threshold)
    unsaid = roads.nearest_minutes(np.arange(n), no_supply, problem.decay.threshold)
    nearest = np.where(unsaid <= nearest, np.nan, nearest)
    people_drawn = problem.drawn()
    effective_drawn = effective_draws(
        people_drawn,
        np.nan_to_num(problem.places_drawn()),
        counted,
        problem.decay,
        problem.error.drawn(problem.draws, problem.keys),
        threads=thread_count(None),
    )
    return Shares(
        np.where(plain, np.nan, shared.effective),
        nearest,
        np.asarray(nearest <= problem.decay.threshold, dtype=np.bool_),
        ~plain,
        np.where(drawn, np.nan, people_drawn).T,
        np.where(drawn, np.nan, effective_drawn).T,
    )


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
