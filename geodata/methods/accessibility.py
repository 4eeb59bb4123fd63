"""Accessibility: places shared out among the people who can reach them.

The floating catchment area methods. Step one: each supplier's places are divided by the people in
its catchment, each counted with a weight that falls with travel. Step two: each area adds up, with
the same weights, the ratios of the suppliers it reaches. Nobody's places are counted twice: what
is shared out is what there is. The three-step method first asks how likely people are to turn to
each of the suppliers they could reach. All run on any `Interaction`: timed trips or a million
points. Which weights: `geodata.methods.decay`.

Sources:
    W. Luo and F. Wang, "Measures of spatial accessibility to health care in a GIS environment",
    Environment and Planning B 30 (2003), 865-884 (2SFCA: two steps, one zone of weight 1).
    W. Luo and Y. Qi, "An enhanced two-step floating catchment area (E2SFCA) method for measuring
    spatial accessibility to primary care physicians", Health & Place 15 (2009), 1100-1107 (the
    weights by travel-time zone).
    N. Wan, B. Zou and T. Sternberg, "A three-step floating catchment area method for analyzing
    spatial access to health services", International Journal of Geographical Information Science
    26 (2012), 1073-1089 (3SFCA: the competition between suppliers).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from geodata.methods.amounts import FloatArray, amounts
from geodata.methods.decay import Decay, StepWeights, known_costs  # noqa: F401 (the examples)
from geodata.methods.interaction import Interaction
from geodata.methods.travel import Trips, straight_line_trips  # noqa: F401 (the examples)


@dataclass(frozen=True, eq=False)
class Catchments:
    """What the steps give, for n areas of demand and m suppliers.

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

    def raised(self, power: int) -> "WeightedTrips":
        """Return the interaction whose weights are w_ij to this power, 1 or more."""
        # Not csr_array.power: it adds up trips given twice, in the arrays of the trips themselves.
        held = self._weights
        made = object.__new__(WeightedTrips)
        made._weights = csr_array((held.data**power, held.indices, held.indptr), held.shape)
        return made


def two_step_catchments(
    demand: npt.ArrayLike, supply: npt.ArrayLike, interaction: Interaction
) -> Catchments:
    """Return places shared out by the (enhanced) two-step floating catchment area method.

    R_j = S_j / sum_k w_kj D_k;  A_i = sum_j w_ij R_j;  E_i = A_i D_i.

    With one zone of weight 1 this is 2SFCA, with any other decay E2SFCA. Conservation:
    sum_i E_i = sum of S_j over the suppliers whose catchment holds anyone. More places anywhere
    lower nobody's access. A longer threshold does not raise everyone's: it brings more people to
    the same places.

    Args:
        demand: (n,) D, people, one amount per area.
        supply: (m,) S, places, one amount per supplier. Zero says that there are none.
        interaction: w, n areas by m suppliers.

    Raises:
        ValueError: for an unknown, infinite or negative demand or supply, or shapes that do not
            match. Missing capacity is unknown, not zero: the caller leaves the supplier out or
            estimates it, and says so.

    The example is that of `e2sfca`.
    """
    people, places = _matching(demand, supply, interaction)
    return _shared_out(people, places, interaction, np.ones_like(people))


def three_step_catchments(
    demand: npt.ArrayLike, supply: npt.ArrayLike, interaction: Interaction
) -> Catchments:
    """Return places shared out by the three-step floating catchment area method (3SFCA).

    G_ij = w_ij / sum_k w_ik, over the suppliers k that have places and are in reach of i;
    R_j = S_j / sum_k G_kj w_kj D_k;  A_i = sum_j G_ij w_ij R_j;  E_i = A_i D_i.

    G is the chance that people of i turn to j: those who could go to many places are not counted
    in full at each. Same arguments, errors and conservation as `two_step_catchments`. More places
    at a supplier that has some lower nobody's access; a new supplier can, as G changes.

    Definitions differ. Wan, Zou and Sternberg write G and w with one and the same weights and sum
    over the sites of the catchment: so do we, and a place without supply is not a site. PySAL
    `access` sums over all rows of its cost table, those beyond `max_cost` and those without
    supply too; it agrees where the table holds none of these.

    Two villages of 100 and 40 children, each with a nursery, 10 minutes apart; the weight is 1
    at home and 0.5 on the way. The selection sum is 1.5 in each, so G is 2/3 at home and 1/3 on
    the way, and G w is 2/3 and 1/6. 30 places are shared by 100 * 2/3 + 40/6 = 220/3 children,
    13 by 100/6 + 40 * 2/3 = 130/3. R = 90/220 = 9/22 and 39/130 = 3/10. A = 2/3 * 9/22 +
    1/6 * 3/10 = 0.3227 and 1/6 * 9/22 + 2/3 * 3/10 = 0.2682: 32.27 and 10.73 places, 43 in all.

    >>> near = Trips(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0, 10, 10, 0.0]))
    >>> road = WeightedTrips(near, StepWeights((5, 10), (1, 0.5)), n=2, m=2)
    >>> shared = three_step_catchments([100, 40], [30, 13], road)
    >>> shared.access.round(4).tolist(), shared.effective.round(2).tolist()
    ([0.3227, 0.2682], [32.27, 10.73])
    """
    people, places = _matching(demand, supply, interaction)
    selection = interaction.at_origins((places > 0).astype(np.float64))
    share = np.divide(1.0, selection, out=np.zeros_like(selection), where=selection > 0)
    return _shared_out(people, places, interaction.raised(2), share)


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


def _matching(
    demand: npt.ArrayLike, supply: npt.ArrayLike, interaction: Interaction
) -> tuple[FloatArray, FloatArray]:
    """Return known people and places, as many as the interaction has areas and suppliers."""
    people, places = amounts(demand, "demand"), amounts(supply, "supply")
    if interaction.shape != (people.size, places.size):
        raise ValueError(
            f"demand and supply are {people.size} and {places.size}, but the interaction is of "
            f"shape {interaction.shape}, areas by suppliers"
        )
    return people, places


def _shared_out(
    people: FloatArray, places: FloatArray, interaction: Interaction, share: FloatArray
) -> Catchments:
    """The two steps with weights share_i * w_ij."""
    sharers = interaction.at_destinations(people * share)
    is_reached = sharers > 0
    ratio = np.full(places.shape, np.nan)
    np.divide(places, sharers, out=ratio, where=is_reached)
    access = interaction.at_origins(np.where(is_reached, ratio, 0.0)) * share
    return Catchments(
        ratio=ratio,
        access=access,
        effective=access * people,
        allocated=np.where(is_reached, places, 0.0),
        unreachable_supply=float(places[~is_reached].sum()),
    )
