"""Accessibility: places shared out among the people who can reach them.

The enhanced two-step floating catchment area (E2SFCA) of Luo and Qi. Step one: each supplier's
places are divided by the people in its catchment, each counted with a weight that falls with
travel time. Step two: each area adds up, with the same weights, the ratios of the suppliers it
reaches. Nobody's places are counted twice: what is shared out is what there is.

Sources:
    W. Luo and F. Wang, "Measures of spatial accessibility to health care in a GIS environment",
    Environment and Planning B 30 (2003), 865-884 (two steps, one catchment).
    W. Luo and Y. Qi, "An enhanced two-step floating catchment area (E2SFCA) method for measuring
    spatial accessibility to primary care physicians", Health & Place 15 (2009), 1100-1107 (the
    weights by travel-time zone).
    DREES, "Accessibilité potentielle localisée" (APL): the same at the commune, with step weights.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray, amounts
from geodata.methods.travel import Trips, straight_line_trips  # noqa: F401 (the examples)


@dataclass(frozen=True)
class StepWeights:
    """Weights by zone of travel time: each zone ends at, and includes, its upper bound.

    Beyond the last bound, which is the threshold, the weight is 0.

    Args:
        upper_minutes: the zones' upper bounds, finite, at least 0, strictly ascending.
        weights: one weight per zone, in (0, 1], never rising with time.

    Raises:
        ValueError: if the zones and the weights do not match or are out of range.

    >>> zones = StepWeights(upper_minutes=(10, 20), weights=(1, 0.5))
    >>> zones.of([0, 10, 10.1, 20, 20.1]).tolist()
    [1.0, 1.0, 0.5, 0.5, 0.0]
    >>> zones.threshold_minutes
    20
    """

    upper_minutes: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse zones that do not make a falling staircase."""
        if not self.upper_minutes or len(self.upper_minutes) != len(self.weights):
            raise ValueError(
                "upper_minutes and weights must be as many, and at least one, not "
                f"{len(self.upper_minutes)} and {len(self.weights)}"
            )
        if not all(np.isfinite(bound) and bound >= 0 for bound in self.upper_minutes):
            raise ValueError(f"upper_minutes must be finite and >= 0: {self.upper_minutes}")
        if any(after <= before for before, after in itertools.pairwise(self.upper_minutes)):
            raise ValueError(f"upper_minutes must be strictly ascending: {self.upper_minutes}")
        if not all(0 < weight <= 1 for weight in self.weights):
            raise ValueError(f"weights must be above 0 and at most 1: {self.weights}")
        if any(after > before for before, after in itertools.pairwise(self.weights)):
            raise ValueError(f"weights must not rise with travel time: {self.weights}")

    @property
    def threshold_minutes(self) -> float:
        """The longest journey that counts."""
        return self.upper_minutes[-1]

    def of(self, minutes: npt.ArrayLike) -> FloatArray:
        """Return the weight of each travel time, in the shape of `minutes`; inf weighs 0.

        Raises:
            ValueError: for negative or unknown minutes.
        """
        zone = np.searchsorted(self.upper_minutes, _durations(minutes), side="left")
        return np.array([*self.weights, 0.0], dtype=np.float64)[zone]


@dataclass(frozen=True, eq=False)
class Catchments:
    """What the two steps give, for n areas of demand and m suppliers.

    Attributes:
        ratio: (m,) R_j, places per (weighted) person in the supplier's catchment; NaN where
            nobody lives in it, so that there is nothing to divide by.
        access: (n,) A_i, places per person within reach of the area, weighted.
        effective: (n,) E_i = A_i * D_i, the places that fall to the area.
        allocated: (m,) places of the supplier that fall to anyone: all of them, or 0 where
            nobody lives in its catchment. Sums to the sum of `effective`.
        unreachable_supply: places that nobody can reach, in total.
    """

    ratio: FloatArray
    access: FloatArray
    effective: FloatArray
    allocated: FloatArray
    unreachable_supply: float


def e2sfca(
    demand: npt.ArrayLike, supply: npt.ArrayLike, minutes: npt.ArrayLike, weights: StepWeights
) -> Catchments:
    """Return places shared out by the enhanced two-step floating catchment area method.

    R_j = S_j / sum_k w(t_kj) D_k;  A_i = sum_j w(t_ij) R_j;  E_i = A_i D_i.

    Conservation: sum_i E_i = sum of S_j over the suppliers whose catchment holds anyone.

    Args:
        demand: (n,) D, people, one amount per area.
        supply: (m,) S, places, one amount per supplier. Zero says that there are none.
        minutes: (n, m) travel minutes from area to supplier; inf where there is no way. Dense.
        weights: the zones of travel time.

    Raises:
        ValueError: for an unknown, infinite or negative demand or supply, unknown or negative
            minutes, or shapes that do not match. Missing capacity is unknown, not zero: the
            caller leaves the supplier out or estimates it, and says so.

    Three villages on a road, 10 minutes from one to the next, with 100, 40 and 20 children;
    30 places in the first and 11 in the last. Full weight up to 10 minutes, half up to 20.

    The first's places are shared by 100 + 40 + 20/2 = 150 children: 0.2 each. The last's by
    100/2 + 40 + 20 = 110: 0.1 each. So the first has access to 0.2 + 0.1/2 = 0.25 places a
    child, the middle to 0.2 + 0.1 = 0.3, the last to 0.2/2 + 0.1 = 0.2: that is 25, 12 and
    4 places, 41 in all, as many as there are.

    >>> road = [[0, 20], [10, 10], [20, 0]]
    >>> shared = e2sfca([100, 40, 20], [30, 11], road, StepWeights((10, 20), (1, 0.5)))
    >>> shared.access.round(12).tolist()
    [0.25, 0.3, 0.2]
    >>> shared.effective.round(9).tolist()
    [25.0, 12.0, 4.0]
    """
    people, places = amounts(demand, "demand"), amounts(supply, "supply")
    weight = weights.of(minutes)
    if weight.shape != (people.size, places.size):
        raise ValueError(
            f"minutes must be of shape {(people.size, places.size)}, areas by suppliers, "
            f"not {weight.shape}"
        )
    area, supplier = np.nonzero(weight)
    return _shared_out(people, places, area, supplier, weight[area, supplier])


def e2sfca_trips(
    demand: npt.ArrayLike, supply: npt.ArrayLike, trips: Trips, weights: StepWeights
) -> Catchments:
    """Return what `e2sfca` returns, from the trips that are short enough instead of a matrix.

    >>> villages = [(3.9, 45.0), (3.9, 45.1), (3.9, 45.3)]
    >>> near = straight_line_trips(villages, villages, 1.5, 50, longest_minutes=20.1)
    >>> shared = e2sfca_trips([100, 40, 20], [70, 0, 5], near, StepWeights((20.1,), (1,)))
    >>> shared.effective.tolist()
    [50.0, 20.0, 5.0]
    """
    people, places = amounts(demand, "demand"), amounts(supply, "supply")
    weight = weights.of(trips.minutes)
    return _shared_out(people, places, trips.origin, trips.destination, weight)


def _shared_out(
    people: FloatArray,
    places: FloatArray,
    area: npt.NDArray[np.int64],
    supplier: npt.NDArray[np.int64],
    weight: FloatArray,
) -> Catchments:
    """The two steps over pairs of an area and a supplier within its reach."""
    sharers = np.bincount(supplier, people[area] * weight, minlength=places.size)
    is_reached = sharers > 0
    ratio = np.full(places.shape, np.nan)
    np.divide(places, sharers, out=ratio, where=is_reached)
    shared = np.where(is_reached, ratio, 0.0)
    access = np.bincount(area, shared[supplier] * weight, minlength=people.size).astype(float)
    return Catchments(
        ratio=ratio,
        access=access,
        effective=access * people,
        allocated=np.where(is_reached, places, 0.0),
        unreachable_supply=float(places[~is_reached].sum()),
    )


def nearest_minutes(minutes: npt.ArrayLike, has_places: npt.ArrayLike) -> FloatArray:
    """Return the minutes from each area to the nearest supplier that has places.

    An area lies within reach where `nearest_minutes(...) <= weights.threshold_minutes`; the
    comparison is false for NaN, as it should be.

    Args:
        minutes: (n, m) travel minutes; inf where there is no way.
        has_places: (m,) boolean, the suppliers that count.

    Returns:
        (n,) minutes; NaN, not inf, where no supplier with places can be reached at all, so that
        it is shown as not applicable and never averaged.

    Raises:
        ValueError: for unknown or negative minutes, or shapes that do not match.

    >>> nearest_minutes([[0, 20], [10, 10], [20, 0]], [True, False]).tolist()
    [0.0, 10.0, 20.0]
    """
    durations, counts = _durations(minutes), np.asarray(has_places)
    if counts.dtype != np.bool_:
        raise ValueError(f"has_places must be boolean, not {counts.dtype}")
    if durations.ndim != 2 or counts.shape != durations.shape[1:]:
        raise ValueError(
            "minutes must be areas by suppliers and has_places one per supplier, "
            f"not {durations.shape} and {counts.shape}"
        )
    nearest = np.min(durations, axis=1, where=counts, initial=np.inf)
    return np.where(np.isinf(nearest), np.nan, nearest)


def _durations(minutes: npt.ArrayLike) -> FloatArray:
    """Return `minutes` as an array of known durations; inf, no way, is known."""
    durations = np.asarray(minutes, dtype=np.float64)
    if not (durations >= 0).all():
        raise ValueError("minutes must be known and at least 0; where there is no way, inf")
    return durations
