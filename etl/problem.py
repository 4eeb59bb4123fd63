"""A service to be shared out, and what falls to each place where people live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.roads import Flags, Positions
from geodata.methods.amounts import FloatArray
from geodata.methods.decay import Decay
from geodata.methods.drawn_amounts import Counted, Within, drawn_amounts
from geodata.methods.keyed_random import Draws, Keys, Purpose
from geodata.methods.uncertainty import TravelError
from geodata.model import ServiceMethod


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
        method: how the places are shared out; where distance does not count, always evenly.
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
    method: ServiceMethod = ServiceMethod.ENHANCED

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
            them in the quickest draw, and where the method has no interval.
    """

    effective: FloatArray
    nearest_minutes: FloatArray
    is_within: Flags
    is_known: Flags
    people_drawn: FloatArray
    effective_drawn: FloatArray
