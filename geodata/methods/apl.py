"""APL, potential local accessibility: two steps over people counted by how much they use.

The "accessibilité potentielle localisée" of DREES and IRDES: E2SFCA at the municipality with road
minutes and steps of travel time, where a person counts as much as people of that age use the
service, and supply is activity (consultations a year, full-time equivalents), not heads.

Sources:
    M. Barlet, M. Coldefy, C. Collin and V. Lucas-Gabrielli, "L'accessibilité potentielle localisée
    (APL) : une nouvelle mesure de l'accessibilité aux soins appliquée aux médecins généralistes
    libéraux en France", DREES, Série Études et Recherche 124 (2012).
    N. Vergier and H. Chaput, "Déserts médicaux : comment les définir ? Comment les mesurer ?",
    Les Dossiers de la DREES 17 (2017).
"""

import numpy as np
import numpy.typing as npt

from geodata.methods.accessibility import Catchments, two_step_catchments
from geodata.methods.amounts import FloatArray, amounts
from geodata.methods.decay import Decay, StepWeights  # noqa: F401 (the examples)
from geodata.methods.trips import Trips
from geodata.methods.weighted_trips import WeightedTrips


def standardised_population(
    population: npt.ArrayLike, use_rates: npt.ArrayLike, reference: npt.ArrayLike | None = None
) -> FloatArray:
    """Return the people of each area, counted by the use that people of their age make.

    P*_i = sum_a P_ia r_a / r, with r = sum_a P_a r_a / sum_a P_a the mean use in the reference
    population, so that there the standardised people are as many as the people.

    Args:
        population: (n, a) people by area and age group.
        use_rates: (a,) use per person of each age group, in any unit.
        reference: (a,) people by age group of the population that r is the mean of; that of all
            the areas given if left out. Give the whole country's to compare with its figures.

    Returns:
        (n,) standardised people.

    Raises:
        ValueError: for unknown or negative amounts, shapes that do not match, or a reference
            population without anyone or without any use.

    Two towns of 100: one all young, one all old; the old go three times as often. The mean use is
    2, so a young person counts for half, an old one for one and a half:

    >>> standardised_population([[100, 0], [0, 100]], [1, 3]).tolist()
    [50.0, 150.0]
    """
    rates = amounts(use_rates, "use_rates")
    by_age = np.asarray(population, dtype=np.float64)
    if by_age.ndim != 2 or by_age.shape[1] != rates.size:
        raise ValueError(
            f"population must be areas by {rates.size} age groups, not of shape {by_age.shape}"
        )
    amounts(by_age.ravel(), "population, row after row,")
    whole = by_age.sum(axis=0) if reference is None else amounts(reference, "reference")
    if whole.shape != rates.shape:
        raise ValueError(f"reference must be of {rates.size} age groups, not {whole.size}")
    used = float(whole @ rates)
    if used <= 0:
        raise ValueError("the reference population has nobody in it, or nobody who uses anything")
    return np.asarray(by_age @ (rates * (whole.sum() / used)))


def apl(
    population: npt.ArrayLike,
    use_rates: npt.ArrayLike,
    supply: npt.ArrayLike,
    trips: Trips,
    weights: Decay,
    reference: npt.ArrayLike | None = None,
) -> Catchments:
    """Return potential local accessibility: `access` is activity per standardised inhabitant.

    Args:
        population, use_rates, reference: as `standardised_population` takes them.
        supply: (m,) activity at each place of supply, such as consultations a year.
        trips: road minutes from the areas to the places of supply.
        weights: the zones of travel time. They have changed from one edition to the next, and
            come from the territory's file.

    Raises:
        ValueError: as `standardised_population` and `two_step_catchments`.

    The two towns, 12 minutes apart, and a surgery of 480 consultations in the first; weights of 1
    up to 10 minutes and 0.3 up to 15. 50 + 0.3 * 150 = 95 standardised people share them: 5.05
    each in the first town, three tenths of that in the second.

    >>> road = Trips(np.array([0, 1]), np.array([0, 0]), np.array([0.0, 12.0]))
    >>> steps = StepWeights((10, 15), (1, 0.3))
    >>> apl([[100, 0], [0, 100]], [1, 3], [480], road, steps).access.round(3).tolist()
    [5.053, 1.516]
    """
    people = standardised_population(population, use_rates, reference)
    near = WeightedTrips(trips, weights, people.size, np.size(supply))
    return two_step_catchments(people, supply, near)
