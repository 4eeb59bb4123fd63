"""Each method of sharing by hand and by slow loops; unknown is not zero."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from etl import solution
from etl.solution import TooManyTripsError, solved
from geodata.methods.decay import Gaussian, StepWeights
from geodata.methods.keyed_random import Draws
from geodata.methods.travel import straight_line_minutes
from geodata.model import ServiceMethod

NEAR = StepWeights((5.0, 10.0, 15.0), (1.0, 0.68, 0.22))
#: Five villages on a meridian, 4.8 km of road and 5.754 minutes from one to the next.
ROAD = np.array([(3.9, 45.0 + 0.0308 * k) for k in range(5)])
STEP = 5.754


@pytest.fixture
def road(roads_between):
    return roads_between(ROAD)


def reaching(minutes):
    return StepWeights((minutes,), (1.0,))


def minutes_between(ways):
    places = ways.origins[["longitude", "latitude"]].to_numpy()
    return straight_line_minutes(places, places, 1.4, 50.0)


def two_steps(people, places, minutes, decay, chosen=None):
    """Effective places by two plain loops over all pairs (Luo & Qi 2009)."""
    size = len(people)
    weight = decay.of(minutes) * (1.0 if chosen is None else chosen)
    found = np.zeros(size)
    for j in range(size):
        sharers = sum(weight[k, j] * people[k] for k in range(size))
        for i in range(size):
            if sharers > 0:
                found[i] += weight[i, j] * places[j] / sharers * people[i]
    return found


def three_steps(people, places, minutes, decay):
    """Likewise, people choosing first among the sites they can reach (Wan, Zou, Sternberg 2012)."""
    size = len(people)
    weight = decay.of(minutes)
    chosen = np.zeros((size, size))
    for i in range(size):
        sites = [k for k in range(size) if places[k] > 0]
        total = sum(weight[i, k] for k in sites)
        for j in sites:
            if total > 0:
                chosen[i, j] = weight[i, j] / total
    return two_steps(people, places, minutes, decay, chosen)


# Two steps and three.


@pytest.mark.parametrize("decay", [NEAR, Gaussian(threshold=20, bandwidth=9)])
@pytest.mark.parametrize(
    ("method", "by_hand"),
    [(ServiceMethod.ENHANCED, two_steps), (ServiceMethod.THREE_STEP, three_steps)],
)
def test_known_amounts_are_shared_as_loops_share_them(scattered, sharing, decay, method, by_hand):
    ways, demand, supply = scattered(60, seed=1, are_known=True)
    found = solved(sharing(demand, supply, decay, method=method), ways)
    expected = by_hand(demand, supply, minutes_between(ways), decay)
    np.testing.assert_allclose(found.effective, expected, rtol=1e-11)
    assert found.is_known.all()
    assert (found.is_within == (expected > 0)).all()


@pytest.mark.parametrize(
    ("method", "by_hand"),
    [(ServiceMethod.ENHANCED, two_steps), (ServiceMethod.THREE_STEP, three_steps)],
)
def test_each_draw_is_shared_as_loops_share_it(scattered, sharing, method, by_hand):
    """Its own people, its own places, and all trips longer or shorter by one factor."""
    ways, demand, supply = scattered(40, seed=6, are_known=True)
    given = sharing(demand, supply, travel_error=0.3, method=method, supply_error=0.2)
    found = solved(given, ways)
    people, places = given.drawn(), given.places_drawn()
    factors = given.error.drawn(given.draws, given.keys).common
    assert factors.std() > 0.05
    assert places.std(axis=0).max() > 0.1
    for k in range(given.draws.count):
        expected = by_hand(people[k], places[k], minutes_between(ways) * factors[k], NEAR)
        np.testing.assert_allclose(found.effective_drawn[:, k], expected, rtol=1e-10, atol=1e-10)
        np.testing.assert_array_equal(found.people_drawn[:, k], people[k])


def test_two_steps_are_the_enhanced_ones_with_one_zone(scattered, sharing):
    ways, demand, supply = scattered(60, seed=1)
    one, other = (
        solved(sharing(demand, supply, reaching(12.0), travel_error=0.2, method=method), ways)
        for method in (ServiceMethod.TWO_STEP, ServiceMethod.ENHANCED)
    )
    np.testing.assert_array_equal(one.effective, other.effective)
    np.testing.assert_array_equal(one.effective_drawn, other.effective_drawn)


@pytest.mark.parametrize("method", [ServiceMethod.ENHANCED, ServiceMethod.THREE_STEP])
def test_draws_without_error_of_travel_share_out_all_the_places(scattered, sharing, method):
    ways, demand, supply = scattered(60, seed=1, are_known=True)
    found = solved(sharing(demand, supply, method=method), ways)
    assert found.effective_drawn.shape == (60, 8)
    np.testing.assert_allclose(found.effective_drawn.sum(axis=0), supply.sum(), rtol=1e-12)
    assert found.people_drawn.std(axis=1).min() > 0


def test_unknown_people_wrong_all_who_share_a_place_with_them(road, sharing):
    # Only the second village has places; the last two reach no place that it is shared at.
    found = solved(sharing([10, 10, 10, np.nan, 10.0], [0, 5, 0, 0, 0.0]), road)
    # The fourth reaches the second's places (11.5 minutes); the fifth does not (17.3).
    assert found.is_known.tolist() == [False, False, False, False, True]
    assert found.effective[4] == 0
    assert np.isnan(found.effective[:4]).all()


def test_unknown_people_who_reach_no_place_wrong_nobody_else(road, sharing):
    found = solved(sharing([10, 10, 10, 10, np.nan], [5, 0, 0, 0, 0.0]), road)
    assert found.is_known.tolist() == [True, True, True, True, False]
    assert found.effective[:4].sum() == pytest.approx(5)


def test_unknown_places_wrong_those_who_reach_them_and_hide_what_is_farther(road, sharing):
    found = solved(sharing([10] * 5, [5, 0, 0, 0, np.nan]), road)
    assert found.is_known.tolist() == [True, True, False, False, False]
    # The third is as near to the places known as to those unknown: it cannot be said which.
    assert np.isnan(found.nearest_minutes).tolist() == [False, False, True, True, True]
    assert found.is_within.tolist() == [True, True, False, False, False]


def test_who_may_choose_unknown_places_may_leave_the_known_ones(road, sharing):
    """Each village reaches the next. Whether the fourth turns away from the third is not known."""
    amounts = [10.0] * 5, [0, 0, 5, 0, np.nan]
    two, three = (
        solved(sharing(*amounts, reaching(6.0), method=method), road)
        for method in (ServiceMethod.TWO_STEP, ServiceMethod.THREE_STEP)
    )
    assert two.is_known.tolist() == [True, True, True, False, False]
    assert three.is_known.tolist() == [True, False, False, False, False]
    lost = solved(
        sharing([10, 10, 10, 10, np.nan], [0, 0, 5, 5, 0], reaching(6.0), method="3sfca"), road
    )
    # The fifth shares the fourth's places with those who reach them; the second is not concerned.
    assert lost.is_known.tolist() == [True, True, False, False, False]


@pytest.mark.parametrize("method", [ServiceMethod.ENHANCED, ServiceMethod.THREE_STEP])
def test_what_is_known_would_not_change_were_the_unknown_found(scattered, sharing, method):
    """Whatever it is found to be; and what is unknown would change, for some of it."""
    ways, demand, supply = scattered(200, seed=8)
    found = solved(sharing(demand, supply, method=method), ways)
    placed = np.isfinite(ways.latitude)
    assert 20 < (~found.is_known & placed).sum() < 190
    outcomes = [
        solved(
            sharing(
                np.nan_to_num(demand, nan=more), np.nan_to_num(supply, nan=more), method=method
            ),
            ways,
        ).effective
        for more in (0.0, 3.0, 500.0)
    ]
    sure = found.is_known
    for outcome in outcomes:
        np.testing.assert_allclose(outcome[sure], found.effective[sure], rtol=1e-11)
    changed = np.abs(outcomes[2] - outcomes[0]) > 1e-9
    assert changed[~sure & placed].mean() > 0.95


def test_an_area_without_a_seat_is_unknown_and_harms_no_other(roads_between, sharing):
    places = ROAD.copy()
    places[4] = np.nan
    for method in (ServiceMethod.ENHANCED, ServiceMethod.THREE_STEP):
        given = sharing([10] * 5, [5, 0, 0, 0, 3], method=method)
        found = solved(given, roads_between(places))
        assert found.is_known.tolist() == [True, True, True, True, False]
        assert found.effective[:4].sum() == pytest.approx(5)


# Without distance.


def test_a_catchment_shares_its_places_evenly_whatever_the_distance(road, sharing):
    given = sharing([10, 30, 60, 5, 5], [0, 0, 20, 0, np.nan], None, [0, 0, 0, 1, 1])
    found = solved(given, road)
    assert found.effective[:3].tolist() == [2.0, 6.0, 12.0]
    assert found.is_known.tolist() == [True, True, True, False, False]
    assert found.is_within.tolist() == [True, True, True, False, False]
    assert np.isnan(found.nearest_minutes).all()


def test_a_remote_service_is_within_reach_of_all(roads_between, sharing):
    found = solved(sharing([10, 30], [4, 0], None), roads_between(ROAD[:2]))
    assert found.effective.tolist() == [1.0, 3.0]
    assert found.is_within.all()


# Within a threshold.


def within(sharing, supply, minutes, demand=(10, 20, 30, 40, 50), **options):
    return sharing(demand, supply, reaching(minutes), method=ServiceMethod.WITHIN, **options)


def test_whoever_has_a_place_near_enough_is_served_however_few_they_are(road, sharing):
    found = solved(within(sharing, [1, 0, 0, 0, 0], 12.0), road)
    assert found.effective.tolist() == [10, 20, 30, 0, 0]
    assert found.is_within.tolist() == [True, True, True, False, False]
    assert found.is_known.all()
    np.testing.assert_allclose(found.nearest_minutes, STEP * np.arange(5), rtol=1e-3)


def test_unknown_places_wrong_only_those_who_have_none_for_certain(road, sharing):
    # One step is within reach. The fourth village's places are unknown, the first's known.
    found = solved(within(sharing, [1, 0, 0, np.nan, 0], 6.0), road)
    assert found.is_known.tolist() == [True, True, False, False, False]
    assert found.effective[:2].tolist() == [10, 20]
    # Nearer than the known ones, and within reach: served all the same, from nobody knows where.
    nearer = solved(within(sharing, [1, 0, np.nan, 0, 0], 12.0), road)
    assert nearer.effective[:3].tolist() == [10, 20, 30]
    assert nearer.is_known.tolist() == [True, True, True, False, False]
    hidden = np.isnan(nearer.nearest_minutes).tolist()
    assert hidden == [False, True, True, True, True]
    # Farther than those known: nothing changes, not even the minutes.
    farther = solved(within(sharing, [1, 0, 0, 0, np.nan], 6.0), road)
    assert farther.effective[:3].tolist() == [10, 20, 0]
    assert farther.is_known.tolist() == [True, True, True, False, False]
    assert np.isfinite(farther.nearest_minutes[:2]).all()


def test_unknown_people_are_unknown_alone(road, sharing):
    found = solved(within(sharing, [1, 0, 0, 0, 0], 12.0, (10, np.nan, 30, np.nan, 50)), road)
    assert found.is_known.tolist() == [True, False, True, False, True]
    assert np.isnan(found.people_drawn).all(axis=1).tolist() == [False, True, False, True, False]


def test_a_place_without_a_seat_is_served_by_nobody_knows_whom(roads_between, sharing):
    places = ROAD.copy()
    places[1] = np.nan
    found = solved(within(sharing, [1, 0, 0, 0, 0], 12.0), roads_between(places))
    assert found.is_known.tolist() == [True, False, True, True, True]
    assert np.isnan(found.effective_drawn[1]).all()


def test_a_draw_brings_people_in_and_out_of_reach(road, sharing):
    """The second village is 5.754 minutes off, the third 11.51; the threshold lies beside them."""
    for minutes, village in ((6.0, 1), (10.0, 2)):
        given = within(sharing, [1, 0, 0, 0, 0], minutes, travel_error=0.3, draws=Draws(200, 3))
        found = solved(given, road)
        factors = given.error.drawn(given.draws, given.keys).common
        off = found.nearest_minutes[village]
        is_in = off * factors <= minutes
        # Evenly within 0.7 to 1.3: so many of the draws are quick enough.
        assert is_in.mean() == pytest.approx((minutes / off - 0.7) / 0.6, abs=0.1)
        assert 0.1 < is_in.mean() < 0.9
        people = found.people_drawn[village]
        np.testing.assert_array_equal(found.effective_drawn[village], np.where(is_in, people, 0))
        assert people.std() > 0
        np.testing.assert_array_equal(found.effective_drawn[0], found.people_drawn[0])


def test_unknown_places_that_the_quickest_draw_reaches_leave_no_interval(road, sharing):
    # Only the fourth's are unknown, 5.754 minutes from its neighbours, who can go 5 minutes.
    found = solved(within(sharing, [1, 0, 0, np.nan, 0], 5.0, travel_error=0.3), road)
    assert found.is_known.tolist() == [True, True, True, False, True]
    is_drawn = np.isfinite(found.effective_drawn).all(axis=1)
    assert is_drawn.tolist() == [True, True, False, False, False]
    # Whoever is served in every draw has one, however near the unknown ones are.
    sure = solved(within(sharing, [1, 0, np.nan, 0, 0], 7.8, travel_error=0.3), road)
    is_drawn = np.isfinite(sure.effective_drawn).all(axis=1)
    assert is_drawn.tolist() == [True, True, False, False, True]


def test_a_longer_threshold_serves_no_fewer(scattered, sharing):
    ways, demand, supply = scattered(200, seed=5, are_known=True)
    few = np.where(supply > 4, supply, 0.0)
    served = [
        solved(within(sharing, few, minutes, demand, travel_error=0.3), ways)
        for minutes in (2.0, 5.0, 10.0, 20.0, 40.0)
    ]
    for shorter, longer in pairwise(served):
        assert (longer.effective >= shorter.effective).all()
        assert (longer.effective_drawn >= shorter.effective_drawn).all()
    assert served[0].effective.sum() < 0.5 * served[-1].effective.sum()


# Allocation.


def planned(sharing, demand, supply, minutes=6.0):
    return sharing(demand, supply, reaching(minutes), method=ServiceMethod.ALLOCATION)


def test_places_are_given_one_by_one(road, sharing):
    """Ten people and 8 places in the first village; 5 and 6 in the second, a step away.

    The first keeps its 8 and sends one to the place that the second has left: the tenth has none.
    """
    found = solved(planned(sharing, [10, 5, 0, 5, 0], [8, 6, 0, 0, 0]), road)
    np.testing.assert_allclose(found.effective, [9, 5, 0, 0, 0], atol=1e-9)
    assert found.is_within.tolist() == [True, True, True, False, False]
    assert found.is_known.all()
    assert np.isnan(found.effective_drawn).all()
    assert found.effective_drawn.shape == found.people_drawn.shape == (5, 8)


def test_nobody_has_two_places_and_no_place_is_given_twice(scattered, sharing):
    ways, demand, supply = scattered(150, seed=9, are_known=True)
    for minutes in (5.0, 15.0, 200.0):
        found = solved(planned(sharing, demand, 15 * supply, minutes), ways)
        assert (found.effective <= demand + 1e-9).all()
        assert found.effective.sum() <= 15 * supply.sum() + 1e-6
    # Where everybody reaches everything nothing is lost: all the places, or all the people.
    assert found.effective.sum() == pytest.approx(min(demand.sum(), 15 * supply.sum()))


def test_what_is_unknown_silences_all_that_is_joined_to_it(road, sharing):
    places = solved(planned(sharing, [10, 5, 0, 5, 0], [8, 6, 0, 0, np.nan]), road)
    # The fourth and fifth reach the fifth's; nothing joins them to the first two.
    assert places.is_known.tolist() == [True, True, True, False, False]
    people = solved(planned(sharing, [10, 5, np.nan, 5, 0], [8, 6, 0, 0, 3]), road)
    assert people.is_known.tolist() == [False, False, False, True, True]
    # A chain: each next village has places, so the last unknown reaches the first.
    chain = solved(planned(sharing, [10, 5, 1, 5, np.nan], [8, 6, 1, 1, 3]), road)
    assert not chain.is_known.any()


def test_where_there_is_nothing_to_give_nobody_is_given_anything(road, sharing):
    found = solved(planned(sharing, [10, 5, 0, 5, np.nan], [0] * 5), road)
    assert found.is_known.tolist() == [True, True, True, True, False]
    assert found.effective[:4].tolist() == [0] * 4


def test_too_many_trips_for_a_plan_are_refused(road, sharing, monkeypatch):
    monkeypatch.setattr(solution, "MOST_TRIPS", 5)
    solved(planned(sharing, [1] * 5, [8, 6, 0, 0, 0]), road)  # five trips lead to places
    with pytest.raises(TooManyTripsError) as caught:
        solved(planned(sharing, [1] * 5, [8, 6, 1, 0, 0]), road)
    assert (caught.value.fr, caught.value.en) == ("8, 5 au plus", "8, at most 5")
