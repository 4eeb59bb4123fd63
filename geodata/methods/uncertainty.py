"""Uncertainty of the gap: what is missing, drawn many times over all that is not known exactly.

Need, capacity and travel are drawn together and the catchment engine runs anew for each draw, so
that an error in one area's people is felt by its neighbours as it would be. The draws are kept: a
larger area's gap is the sum of its parts within each draw, and they do not cancel out on paper.

Travel is drawn round the declared estimate. The time of a trip is multiplied by one factor for
all trips of a draw, evenly within 1 +/- the declared share, and if wished by one more for the
place one sets off from: a valley is slow for all who live in it. Trips that the quickest draw
brings within the threshold must be among those given, so they are searched for farther out.

Source:
    JCGM 101:2008, "Evaluation of measurement data - Supplement 1 to the GUM - Propagation of
    distributions using a Monte Carlo method".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from geodata.methods.amounts import FloatArray
from geodata.methods.decay import Decay
from geodata.methods.drawn_catchments import TravelDraws, effective_draws
from geodata.methods.keyed_random import Draws, Keys, Purpose, keys_or_positions, uniforms
from geodata.methods.trips import Trips

CERTAIN = 0.9
"""Probability from which a gap, or that there is none, is called certain."""


@dataclass(frozen=True)
class TravelError:
    """How far off the declared travel times may be.

    Args:
        common: share that all trips may be off by together, 0 to below 1.
        of_place: share that the trips from one place may be off by besides, 0 to below 1.

    Raises:
        ValueError: for a share out of range.

    >>> round(TravelError(common=0.3).search_minutes(15), 3)
    21.429
    """

    common: float = 0.0
    of_place: float = 0.0

    def __post_init__(self) -> None:
        """Refuse shares that would let a trip take no time."""
        if not (0 <= self.common < 1 and 0 <= self.of_place < 1):
            raise ValueError(f"shares must be from 0 to below 1: {self}")

    @property
    def quickest(self) -> float:
        """The least factor that can be drawn."""
        return (1 - self.common) * (1 - self.of_place)

    def search_minutes(self, threshold: float) -> float:
        """Return the estimated minutes up to which a trip may count in some draw."""
        return threshold / self.quickest

    def drawn(self, draws: Draws, keys: Keys) -> TravelDraws:
        """Return the factors of each draw, for origins of these keys."""
        common = uniforms(draws, Purpose.TRAVEL, np.zeros(1, np.uint64))[:, 0]
        place = None
        if self.of_place:
            chance = uniforms(draws, Purpose.TRAVEL_OF_PLACE, keys)
            place = 1 + self.of_place * (2 * chance - 1)
        return TravelDraws(1 + self.common * (2 * common - 1), place)


def drawn_effective(
    demand: FloatArray,
    supply: FloatArray,
    trips: Trips,
    decay: Decay,
    draws: Draws,
    travel_error: TravelError = TravelError(),
    searched_minutes: float = 0.0,
    area_keys: npt.ArrayLike | None = None,
    threads: int = 1,
    is_three_step: bool = False,
) -> FloatArray:
    """Return (draws, n): the effective places of each area. The gap is the drawn need less these.

    An area is NaN in all draws where the answer rests on something unknown: its own demand; the
    places of a supplier that it may reach; or the demand of an area with which it may share a
    supplier. May reach: in the quickest draw there could be. So an area known without draws can be
    unknown here, and never the other way round.

    Args:
        demand: (draws, n) people who compete for the places, as `drawn_amounts` gives them; NaN
            where unknown.
        supply: (draws, m) places; NaN where unknown, which is not 0.
        trips: origins are the n areas, destinations the m suppliers.
        decay: weight by minutes.
        draws: the same that demand and supply were drawn with.
        travel_error: how far off the trips' minutes may be.
        searched_minutes: up to which all trips are in `trips`.
        area_keys: (n,) stable keys; positions if left out. Used for the error of each place.
        threads: how many; changes nothing but the time.
        is_three_step: whether people choose among suppliers (`three_step_catchments`).

    Raises:
        ValueError: for shapes that do not match, negative or infinite amounts, an unknown that is
            not so in all draws, or trips that were not searched for far enough out.

    One village of 100 people and one supplier with 30 places next door: all are its own.

    >>> from geodata.methods.decay import StepWeights
    >>> trips = Trips(np.array([0]), np.array([0]), np.array([5.0]))
    >>> drawn_effective(np.full((2, 1), 100.0), np.full((2, 1), 30.0), trips,
    ...                 StepWeights((15,), (1,)), Draws(2), searched_minutes=15).tolist()
    [[30.0], [30.0]]
    """
    if searched_minutes < travel_error.search_minutes(decay.threshold) * (1 - 1e-12):
        raise ValueError(
            f"trips were searched for up to {searched_minutes} minutes, but one of "
            f"{travel_error.search_minutes(decay.threshold):.6g} may count in the quickest draw"
        )
    for name, drawn in (("demand", demand), ("supply", supply)):
        if drawn.ndim != 2 or len(drawn) != draws.count:
            raise ValueError(f"{name} must be draws by places, {draws.count} draws: {drawn.shape}")
    no_demand, no_supply = _unknown(demand, "demand"), _unknown(supply, "supply")
    places = np.where(no_supply, 0.0, supply)
    # A supplier without places changes nothing, for anyone: its trips are not even read.
    has_places = no_supply | np.logical_or.reduce(places > 0)
    leads = has_places[trips.destination]
    short = Trips(trips.origin[leads], trips.destination[leads], trips.minutes[leads])
    no_answer = unknown_areas(no_demand, no_supply, short, decay, travel_error, is_three_step)
    effective = effective_draws(
        np.where(no_demand, 0.0, demand),
        places,
        short,
        decay,
        travel_error.drawn(draws, keys_or_positions(area_keys, demand.shape[1])),
        threads,
        is_three_step,
    )
    effective[:, no_answer] = np.nan
    return effective


def unknown_areas(
    no_demand: npt.NDArray[np.bool_],
    no_supply: npt.NDArray[np.bool_],
    trips: Trips,
    decay: Decay,
    travel_error: TravelError = TravelError(),
    is_three_step: bool = False,
) -> npt.NDArray[np.bool_]:
    """Return (n,): which areas' effective places rest on something unknown.

    An unknown demand wrongs each supplier that it may reach, and those wrong the areas that may
    reach them. An unknown supply wrongs only the areas that may reach it; where people choose
    among suppliers, it also changes how many of them turn to the others, as an unknown demand does.

    Args:
        no_demand: (n,) areas whose demand is unknown. no_supply: (m,) suppliers likewise.
        trips, decay, travel_error, is_three_step: as for `drawn_effective`.

    A reaches the first supplier, B both, C the second. If A is unknown so is B, but not C:

    >>> from geodata.methods.decay import StepWeights
    >>> trips = Trips(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), np.full(4, 5.0))
    >>> no, near = np.zeros(2, bool), StepWeights((15,), (1,))
    >>> unknown_areas(np.array([True, False, False]), no, trips, near).tolist()
    [True, True, False]
    """
    may_count = trips.minutes * travel_error.quickest <= decay.threshold
    origin, destination = trips.origin[may_count], trips.destination[may_count]
    wronged, unsure = no_supply.copy(), no_demand
    if is_three_step:
        unsure = no_demand.copy()
        unsure[origin[no_supply[destination]]] = True
    wronged[destination[unsure[origin]]] = True
    unknown = no_demand.copy()
    unknown[origin[wronged[destination]]] = True
    return unknown


def summed_draws(drawn: npt.ArrayLike, parent: npt.NDArray[np.int64], count: int) -> FloatArray:
    """Return (draws, count): the sums over larger areas within each draw.

    A larger area is NaN, unknown, where one of its parts is.

    Args:
        drawn: (draws, n). Fastest where the draws of a place lie side by side in memory.
        parent: (n,) position of each area's larger area, 0 to count - 1; -1 where it has none.
        count: how many larger areas there are; one without parts sums to 0.

    Raises:
        ValueError: for shapes or positions that do not match.

    >>> summed_draws([[1.0, 2, 4], [3, 5, 9]], np.array([1, 1, -1]), 2).tolist()
    [[0.0, 3.0], [0.0, 8.0]]
    """
    gaps = _matrix(drawn)
    if parent.shape != gaps.shape[1:] or ((parent < -1) | (parent >= count)).any():
        raise ValueError(f"parent must be {gaps.shape[1]} positions under {count}, or -1")
    part = np.flatnonzero(parent >= 0)
    holds = csr_array((np.ones(part.size), (parent[part], part)), (count, parent.size))
    return np.asarray(holds @ gaps.T, dtype=np.float64).T


def gap_interval(drawn: npt.ArrayLike, level: float = 0.9) -> tuple[FloatArray, FloatArray]:
    """Return (n,) low and high: the middle `level` of the draws; NaN for an unknown area.

    Args:
        drawn: (draws, n) gaps, or sums of their columns over larger areas.
        level: in (0, 1).

    Raises:
        ValueError: for a level out of range or no draw.

    >>> gap_interval([[10.0], [20.0], [30.0]], level=0.5)
    (array([15.]), array([25.]))
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    tail = (1 - level) / 2
    low, high = np.quantile(_matrix(drawn).T, [tail, 1 - tail], axis=1)
    return low, high


def p_positive(drawn: npt.ArrayLike) -> FloatArray:
    """Return (n,): the share of draws in which something is missing; NaN for an unknown area.

    >>> p_positive([[1.0, float("nan")], [-1, float("nan")], [2, float("nan")], [0, 0]]).tolist()
    [0.5, nan]
    """
    gaps = _matrix(drawn)
    return np.where(np.isnan(gaps).any(axis=0), np.nan, (gaps > 0).mean(axis=0))


def is_certain(p: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return (n,): whether it is certain, either way: P at least 0.9, or at most 0.1.

    >>> is_certain([0.95, 0.9, 0.5, 0.1, float("nan")]).tolist()
    [True, True, False, True, False]
    """
    chance = np.asarray(p, dtype=np.float64)
    # Half a draw in a thousand million: 1 - 0.9 is a hair under 0.1.
    is_either = (chance >= CERTAIN - 1e-9) | (chance <= 1 - CERTAIN + 1e-9)
    return np.asarray(is_either, dtype=np.bool_)


def _matrix(drawn: npt.ArrayLike) -> FloatArray:
    """Return `drawn` as (draws, n) with a draw at least."""
    gaps = np.asarray(drawn, dtype=np.float64)
    if gaps.ndim != 2 or not len(gaps):
        raise ValueError(f"drawn must be draws by areas, a draw at least, not {gaps.shape}")
    return gaps


def _unknown(drawn: FloatArray, name: str) -> npt.NDArray[np.bool_]:
    """Return which places are NaN, in all draws; ValueError for anything that is no amount."""
    is_nan = np.isnan(drawn)
    unknown = np.asarray(np.logical_or.reduce(is_nan), dtype=np.bool_)
    if not is_nan[:, unknown].all():
        raise ValueError(f"{name} is unknown in some draws only")
    known = drawn[:, ~unknown]
    if not ((known >= 0) & (known < np.inf)).all():
        raise ValueError(f"{name} has a negative or infinite amount")
    return unknown
