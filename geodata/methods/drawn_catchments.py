"""Drawn catchments: the two steps of the catchment method, once for each draw of chance.

Every draw has its own people, places and travel times. The trips are read in blocks that stay in
the processor's cache, and a block of draws is worked on at once; no matrix is stored. Each draw is
summed in the order of the trips by one thread, so the result does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray
from geodata.methods.decay import Decay, StepWeights
from geodata.methods.kernels import kernel
from geodata.methods.trips import Trips

DRAWS = 8
"""Draws worked on at once: one cache line of doubles."""
TRIPS = 4096
"""Trips worked on at once: with 8 draws, 256 KiB of minutes and as much of weights."""


@dataclass(frozen=True, eq=False)
class TravelDraws:
    """How much longer than estimated a trip takes, per draw.

    Attributes:
        common: (draws,) factor of all trips.
        of_origin: (draws, n) factor of the trips from each place, or None.
    """

    common: FloatArray
    of_origin: FloatArray | None = None


def effective_draws(
    demand: FloatArray,
    supply: FloatArray,
    trips: Trips,
    decay: Decay,
    travel: TravelDraws,
    threads: int = 1,
    is_three_step: bool = False,
) -> FloatArray:
    """Return (draws, n): the places that fall to each area in each draw.

    In draw k, with w_ij = decay(t_ij f_k g_ik): R_j = S_j / sum_i w_ij D_i, and
    E_i = D_i sum_j w_ij R_j, as `accessibility.two_step_catchments` has it. With three steps w_ij
    is multiplied by G_ij = w_ij / sum_k w_ik, over the suppliers k that have places.

    Args:
        demand: (draws, n) people, known, at least 0.
        supply: (draws, m) places, likewise.
        trips: those that may count in any draw; t in minutes.
        decay: weight by minutes.
        travel: f and g.
        threads: how many draw blocks are worked on at a time; changes nothing but the time.
        is_three_step: whether people choose among the suppliers they can reach.

    Raises:
        ValueError: for shapes that do not match.

    One village of 100 people, 30 places 10 minutes off, an hour's threshold: all 30 in each draw.

    >>> trips = Trips(np.array([0]), np.array([0]), np.array([10.0]))
    >>> effective_draws(
    ...     np.full((2, 1), 100.0), np.full((2, 1), 30.0), trips, StepWeights((60,), (1,)),
    ...     TravelDraws(np.ones(2)),
    ... ).tolist()
    [[30.0], [30.0]]
    """
    draws, of_origin = len(demand), travel.of_origin
    if len(supply) != draws or travel.common.shape != (draws,):
        raise ValueError("demand, supply and travel must have as many draws")
    if of_origin is not None and of_origin.shape != demand.shape:
        raise ValueError(f"of_origin must be {demand.shape}, not {of_origin.shape}")

    def block(start: int) -> FloatArray:
        part = slice(start, start + DRAWS)
        made = _effective(
            _by_place(demand[part]),
            _by_place(supply[part]),
            trips,
            decay,
            _by_place(travel.common[part, np.newaxis])[0],
            None if of_origin is None else _by_place(of_origin[part]),
            is_three_step,
        )
        return made[: min(DRAWS, draws - start)]

    starts = range(0, draws, DRAWS)
    if threads == 1:
        return np.concatenate([block(start) for start in starts])
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(block, starts)))


def _by_place(drawn: FloatArray) -> FloatArray:
    """Return (n, DRAWS), the draws of a place side by side in memory, zeros after the last."""
    made = np.zeros((drawn.shape[1], DRAWS))
    made[:, : len(drawn)] = drawn.T
    return made


def _effective(
    people: FloatArray,
    places: FloatArray,
    trips: Trips,
    decay: Decay,
    common: FloatArray,
    of_origin: FloatArray | None,
    is_three_step: bool,
) -> FloatArray:
    """Return (DRAWS, n) for one block; people and places are (n, DRAWS) and (m, DRAWS)."""
    share = None
    if is_three_step:
        reached = np.zeros_like(people)
        is_site = (places > 0).astype(np.float64)
        for origin, destination, weight in _weighted(trips, decay, common, of_origin):
            _add_weighted(destination, origin, weight, is_site, reached)
        share = np.divide(1.0, reached, out=np.zeros_like(reached), where=reached > 0)
    sharers, access = np.zeros_like(places), np.zeros_like(people)
    for origin, destination, weight in _weighted(trips, decay, common, of_origin):
        chosen = weight if share is None else weight * weight * share[origin]
        _add_weighted(origin, destination, chosen, people, sharers)
    ratio = np.zeros_like(places)
    np.divide(places, sharers, out=ratio, where=sharers > 0)
    for origin, destination, weight in _weighted(trips, decay, common, of_origin):
        chosen = weight if share is None else weight * weight * share[origin]
        _add_weighted(destination, origin, chosen, ratio, access)
    return (access * people).T


def _weighted(
    trips: Trips, decay: Decay, common: FloatArray, of_origin: FloatArray | None
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], FloatArray]]:
    """Yield blocks of trips: origins, destinations, and weights (trips, DRAWS)."""
    room, other_room = np.empty((2, TRIPS, DRAWS))
    for start in range(0, trips.minutes.size, TRIPS):
        part = slice(start, start + TRIPS)
        origin, minutes = trips.origin[part], trips.minutes[part]
        drawn, weight = room[: minutes.size], other_room[: minutes.size]
        _scale_minutes(minutes, common, drawn)
        if of_origin is not None:
            drawn *= of_origin[origin]
        if isinstance(decay, StepWeights):
            bounds = np.array(decay.upper_minutes, dtype=np.float64)
            steps = np.array(decay.weights, dtype=np.float64)
            _weigh_by_steps(drawn.ravel(), bounds, steps, weight.ravel())
        else:
            weight = decay.of(drawn)
        yield origin, trips.destination[part], weight


@kernel
def _scale_minutes(minutes: FloatArray, common: FloatArray, out: FloatArray) -> None:
    """Set `out` (trips, DRAWS) to the minutes times the factor of the draw."""
    for trip in range(minutes.size):
        for k in range(DRAWS):
            out[trip, k] = minutes[trip] * common[k]


@kernel
def _weigh_by_steps(
    minutes: FloatArray, bounds: FloatArray, steps: FloatArray, out: FloatArray
) -> None:
    """Set `out` to the weight of each zone of minutes, as `StepWeights.of` has it."""
    for trip in range(minutes.size):
        out[trip] = 0.0
    for zone in range(bounds.size - 1, -1, -1):
        bound, weight = bounds[zone], steps[zone]
        for trip in range(minutes.size):
            out[trip] = weight if minutes[trip] <= bound else out[trip]


@kernel
def _add_weighted(
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    weight: FloatArray,
    at_start: FloatArray,
    at_end: FloatArray,
) -> None:
    """Add to `at_end` (.., DRAWS), trip by trip, the weight times what is at its start."""
    for trip in range(start.size):
        i, j = np.uint64(start[trip]), np.uint64(end[trip])
        for k in range(DRAWS):
            at_end[j, k] += weight[trip, k] * at_start[i, k]
