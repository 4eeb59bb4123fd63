"""Reach: how near the nearest place is, for whom that is near enough, how much lies within reach.

These measures look from the areas only: they do not ask with how many others a place is shared.
They say whether somebody could go at all; `geodata.methods.accessibility` says what is then left.

Source: W. G. Hansen, "How accessibility shapes land use", Journal of the American Institute of
Planners 25 (1959), 73-76 (opportunities, counted the less the further they lie).
"""

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray, amounts
from geodata.methods.decay import StepWeights, known_costs  # noqa: F401 (the examples)
from geodata.methods.interaction import Interaction
from geodata.methods.trips import Trips
from geodata.methods.weighted_trips import WeightedTrips  # noqa: F401 (the examples)


def nearest_minutes(trips: Trips, has_places: npt.ArrayLike, n: int) -> FloatArray:
    """Return the minutes from each area to the nearest supplier that has places.

    Args:
        trips: from n areas to m suppliers, in any order.
        has_places: (m,) boolean, the suppliers that count.
        n: how many areas.

    Returns:
        (n,) minutes; NaN, not inf, where no trip leads to a supplier with places, so that it is
        shown as not applicable and never averaged. Comparisons with NaN are false, as they
        should be: an area is within reach where `nearest_minutes(...) <= threshold`.

    Raises:
        ValueError: for unknown or negative minutes, or suppliers that do not match the trips.

    >>> road = Trips(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([5.0, 2.0, 9.0]))
    >>> nearest_minutes(road, [True, False], n=2).tolist()
    [5.0, nan]
    """
    counts = np.asarray(has_places)
    if counts.dtype != np.bool_ or counts.ndim != 1:
        raise ValueError(f"has_places must be (m,) boolean, not {counts.shape} {counts.dtype}")
    if trips.origin.size and (trips.origin.max() >= n or trips.destination.max() >= counts.size):
        raise ValueError(f"trips lead outside the {n} areas or the {counts.size} suppliers")
    counted, minutes = counts[trips.destination], known_costs(trips.minutes)
    near = Trips(trips.origin[counted], trips.destination[counted], minutes[counted])
    return near.nearest_minutes(n)


def covered_share(demand: npt.ArrayLike, nearest: npt.ArrayLike, threshold: float) -> float:
    """Return the share of the demand whose nearest service is at most `threshold` away, 0 to 1.

    Args:
        demand: (n,) people.
        nearest: (n,) travel to the nearest service, NaN or inf where there is none.
        threshold: in the unit of `nearest`; itself included.

    Returns:
        The share; NaN, not applicable, where there is no demand at all.

    Raises:
        ValueError: for unknown or negative demand, negative travel or threshold, or shapes that
            do not match.

    Of 100 + 40 + 60 people, 100 + 40 live within 15 minutes:

    >>> covered_share([100, 40, 60], [3, 15, float("nan")], 15)
    0.7
    """
    people, travel = amounts(demand, "demand"), np.asarray(nearest, dtype=np.float64)
    if people.shape != travel.shape:
        raise ValueError(f"demand and nearest must be as many, not {people.shape}, {travel.shape}")
    if not threshold >= 0 or (travel < 0).any():
        raise ValueError("nearest and threshold must be at least 0")
    if people.sum() == 0:
        return float("nan")
    return float(people[travel <= threshold].sum() / people.sum())


def opportunities(supply: npt.ArrayLike, interaction: Interaction) -> FloatArray:
    """Return the places within reach of each area: O_i = sum_j w_ij S_j.

    With one zone of weight 1 these are the cumulative opportunities, a plain count; with a
    falling weight, Hansen's. Grows with the places and with the threshold.

    Args:
        supply: (m,) places, one amount per supplier.
        interaction: w, n areas by m suppliers.

    Returns:
        (n,) places, in the unit of the supply; 0 where none is in reach.

    Raises:
        ValueError: for unknown or negative supply, or a number that does not match.

    >>> road = Trips(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([5.0, 12.0, 9.0]))
    >>> near = WeightedTrips(road, StepWeights((10, 20), (1, 0.5)), n=2, m=2)
    >>> opportunities([30, 8], near).tolist()
    [34.0, 8.0]
    """
    places = amounts(supply, "supply")
    if places.size != interaction.shape[1]:
        raise ValueError(f"supply is {places.size}, the interaction has {interaction.shape[1]}")
    return interaction.at_origins(places)
