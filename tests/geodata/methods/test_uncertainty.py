"""Uncertainty of the gap: known distributions, a slow loop, and what is unknown or cut in tiles."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import gamma, kstest, uniform

from geodata.methods.accessibility import three_step_catchments
from geodata.methods.decay import StepWeights
from geodata.methods.drawn_amounts import EXACT, Counted, Within, drawn_amounts
from geodata.methods.keyed_random import Draws, Keys, Purpose, place_keys, uniforms
from geodata.methods.need import normative_need_draws
from geodata.methods.travel import straight_line_trips
from geodata.methods.trips import Trips
from geodata.methods.uncertainty import (
    TravelError,
    drawn_effective,
    gap_interval,
    is_certain,
    p_positive,
    summed_draws,
    unknown_areas,
)
from geodata.methods.weighted_trips import WeightedTrips, e2sfca_trips

nan = math.nan
ZONES = StepWeights((10, 20), (1, 0.5))
SEARCHED = 60.0
KNOWN_TIMES = TravelError()


@dataclass(frozen=True)
class Country:
    """Areas and suppliers in a plane, and the trips from one to the other."""

    people: np.ndarray
    places: np.ndarray
    trips: Trips
    area_keys: Keys
    supplier_keys: Keys

    def gap(
        self,
        draws: Draws,
        tau: float = 0.3,
        demand: Counted | Within = EXACT,
        supply: Counted | Within = EXACT,
        standard: Within = EXACT,
        travel: TravelError = KNOWN_TIMES,
        threads: int = 1,
        is_three_step: bool = False,
    ) -> np.ndarray:
        """Return the drawn gap, with these errors."""
        people = drawn_amounts(self.people, demand, draws, Purpose.DEMAND, self.area_keys)
        need = normative_need_draws(people, tau, standard, draws)
        return need.drawn - drawn_effective(
            people,
            drawn_amounts(self.places, supply, draws, Purpose.SUPPLY, self.supplier_keys),
            self.trips,
            ZONES,
            draws,
            travel,
            SEARCHED,
            self.area_keys,
            threads,
            is_three_step,
        )


@pytest.fixture
def country() -> Country:
    """60 areas and 25 suppliers on a strip 2 degrees long."""
    chance = np.random.default_rng(5)
    homes = np.column_stack((chance.uniform(0, 2, 60), chance.uniform(45, 45.3, 60)))
    sites = np.column_stack((chance.uniform(0, 2, 25), chance.uniform(45, 45.3, 25)))
    return Country(
        chance.integers(0, 90, 60).astype(float),
        chance.integers(0, 30, 25).astype(float),
        straight_line_trips(homes, sites, 1.4, 50, SEARCHED),
        place_keys([f"a{n}" for n in range(60)]),
        place_keys([f"s{n}" for n in range(25)]),
    )


ALL = {
    "demand": Counted(),
    "supply": Within(0.2),
    "standard": Within(0.1),
    "travel": TravelError(0.3, 0.15),
}


def village(people: float, places: float) -> Country:
    """Return one area with one supplier next door."""
    one = np.zeros(1, np.int64)
    keys = np.array([3], np.uint64)
    trip = Trips(one, one, np.array([5.0]))
    return Country(np.array([people]), np.array([places]), trip, keys, keys)


def test_without_uncertainty_it_is_the_plain_gap(country: Country) -> None:
    """In every draw, to 1e-12."""
    plain = (
        0.3 * country.people
        - e2sfca_trips(country.people, country.places, country.trips, ZONES).effective
    )
    made = country.gap(Draws(9))
    np.testing.assert_allclose(made, np.tile(plain, (9, 1)), rtol=1e-12, atol=1e-12)
    low, high = gap_interval(made)
    np.testing.assert_allclose(low, high, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(p_positive(made), plain > 0)


def test_one_village_has_the_distribution_it_should() -> None:
    """All places fall to it: tau times a gamma less the places; or what is left of an even share.

    40 counted, half a place each, 20 places: P(gap > 0) = P(Gamma(40) > 40) = 0.479.
    """
    draws = Draws(1500, seed=1)
    counted = village(40, 20).gap(draws, tau=0.5, demand=Counted())[:, 0]
    assert kstest(2 * (counted + 20), gamma(40).cdf).pvalue > 0.01
    assert p_positive(counted[:, np.newaxis])[0] == pytest.approx(gamma(40).sf(40), abs=0.04)
    low, high = gap_interval(counted[:, np.newaxis])
    assert low[0] == pytest.approx(0.5 * gamma(40).ppf(0.05) - 20, abs=0.5)
    assert high[0] == pytest.approx(0.5 * gamma(40).ppf(0.95) - 20, abs=0.5)
    shared = village(40, 20).gap(draws, tau=0.5, supply=Within(0.25))[:, 0]
    assert kstest(shared, uniform(-5, 10).cdf).pvalue > 0.01
    standard = village(40, 20).gap(draws, tau=0.5, standard=Within(0.25))[:, 0]
    assert kstest(standard, uniform(-5, 10).cdf).pvalue > 0.01


def test_travel_alone_puts_a_village_in_or_out_of_reach() -> None:
    """18 minutes, 30 % off, reach 20: within when the factor is under 1.111, 0.685 of the time."""
    one = np.zeros(1, np.int64)
    far = replace(village(40, 20), trips=Trips(one, one, np.array([18.0])))
    gaps = far.gap(Draws(1500, seed=8), tau=0.5, travel=TravelError(0.3))[:, 0]
    assert set(gaps.tolist()) == {0, 20}
    assert (gaps == 0).mean() == pytest.approx((20 / 18 - 0.7) / 0.6, abs=0.04)


def test_three_steps_without_uncertainty_are_the_plain_ones(country: Country) -> None:
    """In every draw, to 1e-12; a supplier without places is chosen by nobody."""
    near = WeightedTrips(country.trips, ZONES, 60, 25)
    plain = three_step_catchments(country.people, country.places, near).effective
    made = country.gap(Draws(3), is_three_step=True)
    np.testing.assert_allclose(made, np.tile(0.3 * country.people - plain, (3, 1)), atol=1e-12)
    two = country.gap(Draws(3))
    assert np.abs(made - two).max() > 0.1


def test_where_people_choose_an_unknown_supplier_changes_its_rivals() -> None:
    """A reaches the first supplier, B both, C the second: whether B leaves C is not known."""
    trips = Trips(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), np.full(4, 5.0))
    nobody, first = np.zeros(3, bool), np.array([True, False])
    assert unknown_areas(nobody, first, trips, ZONES).tolist() == [True, True, False]
    chosen = unknown_areas(nobody, first, trips, ZONES, is_three_step=True)
    assert chosen.tolist() == [True, True, True]


def test_agrees_with_a_slow_loop(country: Country) -> None:
    """All errors at once, one draw, one area, one supplier at a time."""
    draws = Draws(4, seed=11)
    made = country.gap(draws, **ALL)
    people = drawn_amounts(country.people, Counted(), draws, Purpose.DEMAND, country.area_keys)
    places = drawn_amounts(
        country.places, Within(0.2), draws, Purpose.SUPPLY, country.supplier_keys
    )
    alone = np.zeros(1, np.uint64)
    tau = 0.3 * (1 + 0.1 * (2 * uniforms(draws, Purpose.STANDARD, alone) - 1))
    common = 1 + 0.3 * (2 * uniforms(draws, Purpose.TRAVEL, alone) - 1)
    own = 1 + 0.15 * (2 * uniforms(draws, Purpose.TRAVEL_OF_PLACE, country.area_keys) - 1)
    trips = list(
        zip(country.trips.origin, country.trips.destination, country.trips.minutes, strict=True)
    )
    for k in range(4):
        weight = {
            (i, j): 1.0 if (t := minutes * common[k, 0] * own[k, i]) <= 10 else 0.5 * (t <= 20)
            for i, j, minutes in trips
        }
        sharers = [0.0] * 25
        for (i, j), w in weight.items():
            sharers[j] += w * people[k, i]
        effective = [0.0] * 60
        for (i, j), w in weight.items():
            if sharers[j] > 0:
                effective[i] += people[k, i] * w * places[k, j] / sharers[j]
        expected = tau[k, 0] * people[k] - np.array(effective)
        np.testing.assert_allclose(made[k], expected, rtol=1e-10, atol=1e-10)


def test_the_same_seed_gives_the_same_bytes(country: Country) -> None:
    """Whatever the threads; another seed, other bytes; later draws carry on where they were."""
    first = country.gap(Draws(20, seed=1), **ALL)
    again = country.gap(Draws(20, seed=1), **ALL, threads=2)
    assert first.tobytes() == again.tobytes()
    other = country.gap(Draws(20, seed=2), **ALL)
    assert not (first == other).any(axis=None) or (first[:, country.people == 0] == 0).all()
    later = country.gap(Draws(5, seed=1, first=15), **ALL)
    np.testing.assert_array_equal(later, first[15:])


def test_probability_rises_with_the_standard(country: Country) -> None:
    """The draws are the same, so that P is monotone, not only about so."""
    chances = [p_positive(country.gap(Draws(40), tau, **ALL)) for tau in (0.05, 0.1, 0.2, 0.4, 0.8)]
    assert (np.diff(chances, axis=0) >= 0).all()
    assert chances[0].mean() < chances[-1].mean() - 0.2


def test_a_tile_with_its_halo_gives_what_the_whole_does(country: Country) -> None:
    """The areas of a tile, every supplier they may reach, and every area those may: to 1e-12."""
    draws, trips = Draws(16, seed=3), country.trips
    whole = country.gap(draws, **ALL)
    for tile in np.array_split(np.random.default_rng(0).permutation(60), 4):
        suppliers = np.unique(trips.destination[np.isin(trips.origin, tile)])
        areas = np.unique(np.r_[tile, trips.origin[np.isin(trips.destination, suppliers)]])
        keep = np.isin(trips.origin, areas) & np.isin(trips.destination, suppliers)
        part = Country(
            country.people[areas],
            country.places[suppliers],
            Trips(
                np.searchsorted(areas, trips.origin[keep]),
                np.searchsorted(suppliers, trips.destination[keep]),
                trips.minutes[keep],
            ),
            country.area_keys[areas],
            country.supplier_keys[suppliers],
        )
        made = part.gap(draws, **ALL)
        mine = np.searchsorted(areas, tile)
        np.testing.assert_allclose(made[:, mine], whole[:, tile], rtol=1e-12, atol=1e-12)


def test_an_unknown_reaches_as_far_as_it_could_matter(country: Country) -> None:
    """Unknown places: who may reach them. Unknown people: who may share places with them.

    The others keep their draws to the last bit of what removing the unknown would give.
    """
    draws, error = Draws(6), TravelError(0.3)
    near = country.trips.minutes * 0.7 <= 20
    reach = np.zeros((60, 25), bool)
    reach[country.trips.origin[near], country.trips.destination[near]] = True
    no_places, no_people = country.places.copy(), country.people.copy()
    lost = int(country.trips.origin[near][0])
    no_places[4], no_people[lost] = nan, nan
    by_supplier = replace(country, places=no_places).gap(draws, travel=error)
    np.testing.assert_array_equal(np.isnan(by_supplier).all(axis=0), reach[:, 4])
    np.testing.assert_array_equal(np.isnan(by_supplier).any(axis=0), reach[:, 4])
    by_area = replace(country, people=no_people).gap(draws, travel=error)
    touched = reach[:, reach[lost] & (country.places > 0)].any(axis=1)
    touched[lost] = True
    np.testing.assert_array_equal(np.isnan(by_area).all(axis=0), touched)
    assert 1 < touched.sum() < 60
    known = country.gap(draws, travel=error)
    np.testing.assert_array_equal(by_area[:, ~touched], known[:, ~touched])
    np.testing.assert_array_equal(by_supplier[:, ~reach[:, 4]], known[:, ~reach[:, 4]])
    assert np.isnan(p_positive(by_area)[touched]).all()
    assert np.isnan(gap_interval(by_area)[0][touched]).all()


def test_zero_places_are_known() -> None:
    """None there is not unknown: the whole need is missing."""
    assert village(40, 0).gap(Draws(2), tau=0.5).tolist() == [[20], [20]]
    assert np.isnan(village(40, nan).gap(Draws(2), tau=0.5)).all()


def test_an_area_out_of_all_reach_is_unknown_only_by_itself() -> None:
    """No trip, no neighbour."""
    none = np.zeros(0, np.int64)
    apart = Trips(none, none, np.zeros(0))
    lost = unknown_areas(np.array([True, False]), np.array([True]), apart, ZONES)
    assert lost.tolist() == [True, False]


def test_sums_over_larger_areas_keep_what_goes_together(country: Country) -> None:
    """Places fought over: what one wins the other loses, so the sum is surer than its parts."""
    draws = Draws(300, seed=6)
    gaps = country.gap(draws, demand=Counted())
    parent = np.arange(60) % 3 - 1
    valleys = summed_draws(gaps, parent, 2)
    for number in (0, 1):
        np.testing.assert_allclose(valleys[:, number], gaps[:, parent == number].sum(axis=1))
    assert np.isnan(summed_draws([[1.0, nan, 3]], np.array([0, 0, 1]), 2)).tolist() == [
        [True, False]
    ]
    one = np.array([0, 0])
    shared = Country(
        np.array([40.0, 40.0]),
        np.array([20.0]),
        Trips(np.array([0, 1]), one, np.array([5.0, 5.0])),
        np.arange(2, dtype=np.uint64),
        np.zeros(1, np.uint64),
    )
    parts = shared.gap(Draws(2000), tau=0.001, demand=Counted())
    whole = summed_draws(parts, one, 1)
    assert whole.std() < 0.1 * parts.std(axis=0).min()


def test_certain_is_from_nine_in_ten_either_way() -> None:
    """Both ends included, the unknown never."""
    assert is_certain([1, 0.9, 0.899, 0.5, 0.101, 1 - 0.9, 0, nan]).tolist() == [
        True,
        True,
        False,
        False,
        False,
        True,
        True,
        False,
    ]


def test_what_cannot_be_drawn_is_refused(country: Country) -> None:
    """Trips searched too near, other draws, half-unknown amounts, and shares out of range."""
    draws = Draws(2)
    people, places = np.ones((2, 60)), np.ones((2, 25))
    trips = country.trips
    with pytest.raises(ValueError, match=r"one of 28\.5714 may count"):
        drawn_effective(people, places, trips, ZONES, draws, TravelError(0.3), 20)
    with pytest.raises(ValueError, match="supply must be draws by places, 2 draws"):
        drawn_effective(people, places[:1], trips, ZONES, draws, searched_minutes=20)
    half = people.copy()
    half[0, 0] = nan
    with pytest.raises(ValueError, match="demand is unknown in some draws only"):
        drawn_effective(half, places, trips, ZONES, draws, searched_minutes=20)
    with pytest.raises(ValueError, match="supply has a negative"):
        drawn_effective(people, -places, trips, ZONES, draws, searched_minutes=20)
    with pytest.raises(ValueError, match="shares"):
        TravelError(1.0)
    with pytest.raises(ValueError, match="level"):
        gap_interval([[1.0]], 1)
    with pytest.raises(ValueError, match="draws by areas"):
        p_positive([1.0])
    with pytest.raises(ValueError, match="parent"):
        summed_draws([[1.0]], np.array([1]), 1)
