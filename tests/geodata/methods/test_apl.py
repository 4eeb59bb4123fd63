"""APL: people counted by the use of their age, by hand and one by one."""

import math

import numpy as np
import pytest

from geodata.methods.apl import apl, standardised_population
from geodata.methods.decay import StepWeights
from geodata.methods.trips import Trips

STEPS = StepWeights((10, 15, 20), (1, 0.3, 0.1))


def test_standardised_people_are_as_many_as_people() -> None:
    """Twenty random towns of four ages: against two loops, and the sum."""
    random = np.random.default_rng(43)
    population, rates = random.integers(0, 900, (20, 4)), random.uniform(0.5, 7, 4)
    used = sum(population[i][a] * rates[a] for i in range(20) for a in range(4))
    mean = used / population.sum()
    by_hand = [sum(population[i][a] * rates[a] for a in range(4)) / mean for i in range(20)]
    people = standardised_population(population, rates)
    np.testing.assert_allclose(people, by_hand, rtol=1e-12)
    assert people.sum() == pytest.approx(population.sum(), rel=1e-12)
    # The unit of the rates, consultations or euros, does not matter.
    np.testing.assert_allclose(standardised_population(population, 25 * rates), people, rtol=1e-12)


def test_a_part_of_a_country_is_counted_as_in_the_whole() -> None:
    """The first five towns, with the country's ages as reference, are what they are in it."""
    population = np.random.default_rng(44).integers(1, 900, (20, 4))
    rates = [4.0, 2.0, 3.0, 7.0]
    whole = standardised_population(population, rates)
    part = standardised_population(population[:5], rates, reference=population.sum(axis=0))
    np.testing.assert_allclose(part, whole[:5], rtol=1e-12)


def test_ages_that_use_alike_count_alike() -> None:
    """With one rate for all, the standardised people are the people."""
    population = [[10, 20, 30], [0, 5, 0]]
    assert standardised_population(population, [4, 4, 4]).tolist() == [60, 5]


def test_two_surgeries_and_three_towns_by_hand() -> None:
    """Access is consultations a year per standardised inhabitant; none are lost.

    Rates 2 and 6, 300 young and 100 old in all: the mean is 3, so a young person counts 2/3, an
    old one 2. Towns of 120, 30 and 150 young, 20, 40 and 40 old: 120, 100 and 180 people. The
    first surgery, of 1200, is 0, 12 and 18 minutes away: 120 + 30 + 18 = 168 sharers; the second,
    of 600, in the third town, is 18, 99 and 0 minutes away: 12 + 180 = 192.
    """
    population = [[120, 20], [30, 40], [150, 40]]
    roads = Trips(
        np.array([0, 0, 1, 1, 2, 2]),
        np.array([0, 1, 0, 1, 0, 1]),
        np.array([0.0, 18, 12, 99, 18, 0]),
    )
    shared = apl(population, [2, 6], [1200, 600], roads, STEPS)
    first, second = 1200 / 168, 600 / 192
    expected = [first + second / 10, first * 0.3, first / 10 + second]
    np.testing.assert_allclose(shared.access, expected, rtol=1e-12)
    assert shared.effective.sum() == pytest.approx(1800, rel=1e-12)


def test_what_cannot_be_standardised_is_refused() -> None:
    """Unknown people, ages without a rate, a country without anyone."""
    with pytest.raises(ValueError, match="3 age groups"):
        standardised_population([[1, 2]], [1, 2, 3])
    with pytest.raises(ValueError, match="reference must be of 2 age groups"):
        standardised_population([[1, 2]], [1, 2], reference=[1, 2, 3])
    with pytest.raises(ValueError, match="position 1"):
        standardised_population([[1, math.nan]], [1, 2])
    with pytest.raises(ValueError, match="use_rates has 1"):
        standardised_population([[1, 2]], [1, -2])
    with pytest.raises(ValueError, match="nobody"):
        standardised_population([[1, 0]], [0, 2])
