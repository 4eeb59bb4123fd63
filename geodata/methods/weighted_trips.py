"""Weighted trips: the catchment methods over a table of timed trips, as a sparse matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from geodata.methods.accessibility import Catchments, two_step_catchments
from geodata.methods.amounts import FloatArray
from geodata.methods.decay import Decay, StepWeights, known_costs  # noqa: F401 (the examples)
from geodata.methods.travel import straight_line_trips  # noqa: F401 (the examples)
from geodata.methods.trips import Trips


class WeightedTrips:
    """The interaction of `n` origins and `m` destinations over the trips between them.

    Pairs without a trip, and trips beyond the threshold of `weights`, weigh 0; trips given twice
    count twice. Held as a compressed sparse matrix on the arrays of the trips: 8 bytes a trip more
    than they take. Two steps over 10.4 million trips take a tenth of a second.

    Raises:
        ValueError: for unknown or negative minutes, origins that are not ascending, or positions
            outside 0..n-1 and 0..m-1.

    Two villages; the second is 15 minutes from the one supplier.

    >>> trips = Trips(np.array([0, 1]), np.array([0, 0]), np.array([5.0, 15.0]))
    >>> near = WeightedTrips(trips, StepWeights((10, 20), (1, 0.5)), n=2, m=1)
    >>> near.at_destinations(np.array([100.0, 40.0])).tolist()
    [120.0]
    >>> near.raised(2).at_origins(np.array([8.0])).tolist()
    [8.0, 2.0]
    """

    def __init__(self, trips: Trips, weights: Decay, n: int, m: int) -> None:
        origin, destination = np.asarray(trips.origin), np.asarray(trips.destination)
        if origin.size and (
            (origin[1:] < origin[:-1]).any()
            or not (origin[0] >= 0 and origin[-1] < n)
            or not (destination.min() >= 0 and destination.max() < m)
        ):
            raise ValueError(
                f"trips must go from 0..{n - 1}, in ascending order, to 0..{m - 1}: demand, supply "
                "and trips disagree"
            )
        # Of the same type as the positions: otherwise all trips are copied to compare them.
        first_trip = np.searchsorted(origin, np.arange(n + 1, dtype=origin.dtype))
        offsets = first_trip.astype(destination.dtype)
        self._weights = csr_array((weights.of(trips.minutes), destination, offsets), (n, m))

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m): how many origins and destinations."""
        rows, columns = self._weights.shape
        return rows, columns

    def at_destinations(self, at_origins: FloatArray) -> FloatArray:
        """Return (m,): for each destination j, the sum over origins of w_ij times `at_origins`."""
        return np.asarray(self._weights.T @ at_origins)

    def at_origins(self, at_destinations: FloatArray) -> FloatArray:
        """Return (n,): for each origin i, the sum over destinations of w_ij times what is there."""
        return np.asarray(self._weights @ at_destinations)

    def raised(self, power: int) -> WeightedTrips:
        """Return the interaction whose weights are w_ij to this power, 1 or more."""
        # Not csr_array.power: it adds up trips given twice, in the arrays of the trips themselves.
        held = self._weights
        made = object.__new__(WeightedTrips)
        made._weights = csr_array((held.data**power, held.indices, held.indptr), held.shape)
        return made


def e2sfca(
    demand: npt.ArrayLike, supply: npt.ArrayLike, minutes: npt.ArrayLike, weights: Decay
) -> Catchments:
    """Return the `two_step_catchments` of a dense (n, m) matrix of travel minutes, inf for no way.

    Raises:
        ValueError: as `two_step_catchments`, and for unknown or negative minutes.

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
    costs, shape = known_costs(minutes), (np.size(demand), np.size(supply))
    if costs.shape != shape:
        raise ValueError(f"minutes must be of shape {shape}, areas by suppliers, not {costs.shape}")
    area, supplier = np.nonzero(costs <= weights.threshold)
    return e2sfca_trips(demand, supply, Trips(area, supplier, costs[area, supplier]), weights)


def e2sfca_trips(
    demand: npt.ArrayLike, supply: npt.ArrayLike, trips: Trips, weights: Decay
) -> Catchments:
    """Return the `two_step_catchments` of timed trips.

    >>> villages = [(3.9, 45.0), (3.9, 45.1), (3.9, 45.3)]
    >>> near = straight_line_trips(villages, villages, 1.5, 50, longest_minutes=20.1)
    >>> shared = e2sfca_trips([100, 40, 20], [70, 0, 5], near, StepWeights((20.1,), (1,)))
    >>> shared.effective.tolist()
    [50.0, 20.0, 5.0]
    """
    near = WeightedTrips(trips, weights, np.size(demand), np.size(supply))
    return two_step_catchments(demand, supply, near)
