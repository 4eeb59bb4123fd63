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

from geodata.methods.amounts import FloatArray, amounts
from geodata.methods.interaction import Interaction


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

    The example is that of `weighted_trips.e2sfca`.
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

    >>> from geodata.methods.decay import StepWeights
    >>> from geodata.methods.trips import Trips
    >>> from geodata.methods.weighted_trips import WeightedTrips
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
