"""Distances and minutes: by hand, against other formulas, and by law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.travel import (
    EARTH_RADIUS_KM,
    error_band,
    haversine_km,
    nearest_straight_line_minutes,
    straight_line_minutes,
    straight_line_trips,
)
from geodata.methods.trips import Trips

deterministic = settings(derandomize=True, deadline=None)
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
near_le_puy = st.tuples(st.floats(2.5, 5.0), st.floats(44.5, 46.0))
some_places = st.lists(near_le_puy, min_size=1, max_size=6)
corners = st.sampled_from([(180.0, 0.0), (-180.0, 0.0), (0.0, 90.0), (90.0, -90.0), (0.0, 0.0)])
antimeridian = st.tuples(st.sampled_from([-179.9, 179.9, -180.0, 180.0]), st.floats(-89, 89))
polar = st.tuples(st.floats(-180, 180), st.sampled_from([-90.0, -89.9, 89.9, 90.0]))
hard_places = st.lists(st.one_of(anywhere, corners, antimeridian, polar), min_size=1, max_size=8)
LE_PUY, BRIOUDE, YSSINGEAUX = (3.885, 45.043), (3.384, 45.294), (4.124, 45.143)


def angle_by_vectors(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the angle between two points as that between vectors: no haversine in it."""

    def unit(point: tuple[float, float]) -> tuple[float, float, float]:
        longitude, latitude = math.radians(point[0]), math.radians(point[1])
        across = math.cos(latitude)
        return across * math.cos(longitude), across * math.sin(longitude), math.sin(latitude)

    a, b = unit(start), unit(end)
    cross = (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
    return math.atan2(math.hypot(*cross), sum(x * y for x, y in zip(a, b, strict=True)))


def minutes_one_by_one(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    detour_factor: float,
    speed_kmh: float,
) -> list[list[float]]:
    """Return the minutes from the textbook haversine, one pair at a time."""
    table = []
    for x1, y1 in origins:
        row = []
        for x2, y2 in destinations:
            up, across = math.radians(y2 - y1) / 2, math.radians(x2 - x1) / 2
            part = math.sin(up) ** 2
            part += math.cos(math.radians(y1)) * math.cos(math.radians(y2)) * math.sin(across) ** 2
            hours = 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(part)) * detour_factor / speed_kmh
            row.append(hours * 60)
        table.append(row)
    return table


def test_degrees_and_quarters_of_the_earth() -> None:
    """A meridian degree, a degree of longitude at 60 degrees north, a quarter, a half."""
    degree = EARTH_RADIUS_KM * math.pi / 180
    assert float(haversine_km(0, 45, 0, 46)) == pytest.approx(degree, rel=1e-12)
    assert float(haversine_km(3, 0, 4, 0)) == pytest.approx(degree, rel=1e-12)
    assert float(haversine_km(3, 0, 3, 90)) == pytest.approx(90 * degree, rel=1e-12)
    assert float(haversine_km(0, 0, 180, 0)) == pytest.approx(180 * degree, rel=1e-12)
    assert float(haversine_km(179.5, 0, -179.5, 0)) == pytest.approx(degree, rel=1e-12)


def test_le_puy_brioude_is_some_48_km_as_the_crow_flies() -> None:
    """By hand: 0.501 degree of 78.5 km eastward and 0.251 of 111.2 km northward."""
    by_hand = math.hypot(0.501 * 111.195 * math.cos(math.radians(45.1685)), 0.251 * 111.195)
    assert float(haversine_km(*LE_PUY, *BRIOUDE)) == pytest.approx(by_hand, rel=1e-4)


@deterministic
@given(anywhere, anywhere)
def test_distance_agrees_with_vectors(start: tuple[float, float], end: tuple[float, float]) -> None:
    """To a centimetre, or 0.3 m within a kilometre of the antipodes, where arcsine is flat."""
    expected = EARTH_RADIUS_KM * angle_by_vectors(start, end)
    farthest = math.pi * EARTH_RADIUS_KM
    tolerance = 1e-5 if expected < farthest - 1 else 3e-4
    assert float(haversine_km(*start, *end)) == pytest.approx(expected, rel=1e-12, abs=tolerance)
    assert float(haversine_km(*end, *start)) == float(haversine_km(*start, *end))


@deterministic
@given(some_places, some_places, st.floats(1, 3), st.floats(5, 130))
def test_minutes_agree_one_by_one(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    detour_factor: float,
    speed_kmh: float,
) -> None:
    """The matrix holds what a loop over pairs finds."""
    minutes = straight_line_minutes(origins, destinations, detour_factor, speed_kmh)
    slow = minutes_one_by_one(origins, destinations, detour_factor, speed_kmh)
    np.testing.assert_allclose(minutes, slow, rtol=1e-12, atol=1e-12)


@deterministic
@given(some_places)
def test_minutes_are_a_distance(places: list[tuple[float, float]]) -> None:
    """Zero from a place to itself, the same both ways, no shorter by a third place."""
    minutes = straight_line_minutes(places, places, 1.3, 50)
    assert (np.diag(minutes) == 0).all()
    np.testing.assert_array_equal(minutes, minutes.T)
    by_a_third = (minutes[:, :, np.newaxis] + minutes[np.newaxis, :, :]).min(axis=1)
    assert (minutes <= by_a_third + 1e-9).all()


def test_minutes_have_the_shape_origins_by_destinations() -> None:
    """Two origins and one destination make two rows of one."""
    assert straight_line_minutes([LE_PUY, BRIOUDE], [YSSINGEAUX], 1.3, 50).shape == (2, 1)


@pytest.mark.parametrize(
    "point",
    [(181.0, 0.0), (3.0, -91.0), (math.nan, 45.0), (3.0, math.inf)],
)
def test_a_place_that_is_nowhere_is_refused(point: tuple[float, float]) -> None:
    """The message says which list and which position."""
    with pytest.raises(ValueError, match=r"destinations has 1 point.*position 1"):
        straight_line_minutes([LE_PUY], [BRIOUDE, point], 1.3, 50)


def test_points_must_be_pairs() -> None:
    """Neither a single point nor triples."""
    with pytest.raises(ValueError, match="origins must be"):
        straight_line_minutes([3.0, 45.0], [BRIOUDE], 1.3, 50)
    with pytest.raises(ValueError, match="destinations must be"):
        straight_line_minutes([LE_PUY], [(3.0, 45.0, 600.0)], 1.3, 50)


@pytest.mark.parametrize("detour_factor", [0.9, 0.0, -1.0, math.nan, math.inf])
def test_no_road_is_shorter_than_the_straight_line(detour_factor: float) -> None:
    """A detour factor below 1, or unknown, is refused."""
    with pytest.raises(ValueError, match="detour_factor"):
        straight_line_minutes([LE_PUY], [BRIOUDE], detour_factor, 50)


@pytest.mark.parametrize("speed_kmh", [0.0, -50.0, math.nan, math.inf])
def test_speed_must_be_a_speed(speed_kmh: float) -> None:
    """Zero, negative, unknown and infinite speeds are refused."""
    with pytest.raises(ValueError, match="speed_kmh"):
        straight_line_minutes([LE_PUY], [BRIOUDE], 1.3, speed_kmh)


def pairs_one_by_one(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    longest_minutes: float,
) -> dict[tuple[int, int], float]:
    """Return the minutes of the pairs that are near enough, at 1.4 and 50 km/h, by two loops."""
    near = {}
    for i, start in enumerate(origins):
        for j, end in enumerate(destinations):
            minutes = EARTH_RADIUS_KM * angle_by_vectors(start, end) * 1.4 / 50 * 60
            if minutes <= longest_minutes:
                near[i, j] = minutes
    return near


@deterministic
@given(hard_places, hard_places, st.one_of(st.floats(0.5, 60), st.floats(60, 40_000)))
def test_trips_are_the_pairs_that_two_loops_find(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    longest_minutes: float,
) -> None:
    """Across the antimeridian and over the poles too; a hair's breadth at the limit apart."""
    trips = straight_line_trips(origins, destinations, 1.4, 50, longest_minutes)
    pairs = list(zip(trips.origin.tolist(), trips.destination.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    hair = 1e-3  # minutes: under a metre, what arcsine leaves near the antipodes
    found = dict(zip(pairs, trips.minutes.tolist(), strict=True))
    assert pairs_one_by_one(origins, destinations, longest_minutes - hair).keys() <= found.keys()
    allowed = pairs_one_by_one(origins, destinations, longest_minutes + hair)
    for pair, minutes in found.items():
        assert minutes == pytest.approx(allowed[pair], abs=hair)
        assert minutes <= longest_minutes


@deterministic
@given(hard_places, hard_places, st.floats(0, 40_000))
def test_trips_are_the_near_cells_of_the_matrix(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    longest_minutes: float,
) -> None:
    """To the last digit: one rule, with or without the far pairs."""
    matrix = straight_line_minutes(origins, destinations, 1.4, 50)
    i, j = np.nonzero(matrix <= longest_minutes)
    trips = straight_line_trips(origins, destinations, 1.4, 50, longest_minutes)
    np.testing.assert_array_equal(trips.origin, i)
    np.testing.assert_array_equal(trips.destination, j)
    np.testing.assert_array_equal(trips.minutes, matrix[i, j])


@deterministic
@given(st.lists(near_le_puy, min_size=2, max_size=6), st.data())
def test_a_trip_that_lasts_the_longest_minutes_counts(
    places: list[tuple[float, float]], data: st.DataObject
) -> None:
    """The limit itself is near enough."""
    matrix = straight_line_minutes(places, places, 1.4, 50)
    longest = float(matrix.ravel()[data.draw(st.integers(0, matrix.size - 1))])
    trips = straight_line_trips(places, places, 1.4, 50, longest)
    assert longest in trips.minutes
    assert len(trips.minutes) == (matrix <= longest).sum()


def test_trips_cross_the_antimeridian_and_the_pole() -> None:
    """0.2 degree of equator, 22.24 km, and as much over the pole: 37.4 minutes at 1.4 and 50."""
    minutes = 0.2 * math.pi / 180 * EARTH_RADIUS_KM * 1.4 / 50 * 60
    for start, end in (((179.9, 0), (-179.9, 0)), ((10, 89.9), (-170, 89.9))):
        trips = straight_line_trips([start], [end], 1.4, 50, 38)
        assert trips.minutes.tolist() == pytest.approx([minutes], rel=1e-9)
        assert straight_line_trips([start], [end], 1.4, 50, 37).minutes.size == 0


def test_no_place_makes_no_trip() -> None:
    """Without origins or without destinations there is nothing, and no error."""
    none = np.empty((0, 2))
    for origins, destinations in ((none, [LE_PUY]), ([LE_PUY], none), (none, none)):
        assert straight_line_trips(origins, destinations, 1.4, 50, 45).minutes.size == 0
    assert np.isnan(nearest_straight_line_minutes([LE_PUY, BRIOUDE], none, 1.4, 50)).tolist() == [
        True,
        True,
    ]


@pytest.mark.parametrize("point", [(math.nan, 45.0), (181.0, 45.0), (3.0, -90.1)])
def test_trips_from_nowhere_are_refused(point: tuple[float, float]) -> None:
    """The message says which list and which position."""
    with pytest.raises(ValueError, match=r"origins has 1 point.*position 1"):
        straight_line_trips([LE_PUY, point], [BRIOUDE], 1.4, 50, 45)
    with pytest.raises(ValueError, match=r"destinations has 1 point.*position 0"):
        nearest_straight_line_minutes([LE_PUY], [point], 1.4, 50)


@deterministic
@given(hard_places, hard_places)
def test_the_nearest_is_the_least_of_a_row(
    origins: list[tuple[float, float]], destinations: list[tuple[float, float]]
) -> None:
    """Wherever it lies, against a loop over the destinations."""
    nearest = nearest_straight_line_minutes(origins, destinations, 1.4, 50)
    for start, minutes in zip(origins, nearest, strict=True):
        angles = [angle_by_vectors(start, end) for end in destinations]
        least = EARTH_RADIUS_KM * min(angles) * 1.4 / 50 * 60
        # Chords of nearly two radii hardly tell two far places apart: a few hundred metres.
        assert minutes == pytest.approx(least, abs=1e-6 if min(angles) < 3 else 1)


some_factors = st.lists(st.sampled_from([1.0, 1.1, 1.2, 1.32, 1.5, 3.0]), min_size=8, max_size=8)


@deterministic
@given(hard_places, hard_places, some_factors, some_factors, st.floats(0, 40_000))
def test_slow_trips_are_the_near_cells_of_the_slow_matrix(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    slow_i: list[float],
    slow_j: list[float],
    longest_minutes: float,
) -> None:
    """Each pair takes the mean of the factors of its ends times its minutes; none is lost."""
    slow_i, slow_j = slow_i[: len(origins)], slow_j[: len(destinations)]
    plain = straight_line_minutes(origins, destinations, 1.4, 50)
    mean = (np.array(slow_i)[:, np.newaxis] + np.array(slow_j)) / 2
    matrix = straight_line_minutes(origins, destinations, 1.4, 50, slow_i, slow_j)
    np.testing.assert_allclose(matrix, plain * mean, rtol=1e-12)
    i, j = np.nonzero(matrix <= longest_minutes)
    trips = straight_line_trips(origins, destinations, 1.4, 50, longest_minutes, slow_i, slow_j)
    np.testing.assert_array_equal(trips.origin, i)
    np.testing.assert_array_equal(trips.destination, j)
    np.testing.assert_array_equal(trips.minutes, matrix[i, j])


@deterministic
@given(hard_places, hard_places, some_factors, some_factors)
def test_the_quickest_is_that_of_the_slow_matrix(
    origins: list[tuple[float, float]],
    destinations: list[tuple[float, float]],
    slow_i: list[float],
    slow_j: list[float],
) -> None:
    """Not always the nearest as the crow flies."""
    slow_i, slow_j = slow_i[: len(origins)], slow_j[: len(destinations)]
    matrix = straight_line_minutes(origins, destinations, 1.4, 50, slow_i, slow_j)
    nearest = nearest_straight_line_minutes(origins, destinations, 1.4, 50, slow_i, slow_j)
    np.testing.assert_allclose(nearest, matrix.min(axis=1), rtol=1e-9, atol=1e-3)


def test_the_quickest_of_a_thousand_slow_places() -> None:
    """Where many must be looked at: the nearest are all slow."""
    rng = np.random.default_rng(1)
    places = np.column_stack((rng.uniform(2, 5, 1000), rng.uniform(44, 46, 1000)))
    slow = np.where(rng.random(1000) < 0.9, 3.0, 1.0)
    matrix = straight_line_minutes(places[:200], places[200:], 1.4, 50, slow[:200], slow[200:])
    found = nearest_straight_line_minutes(
        places[:200], places[200:], 1.4, 50, slow[:200], slow[200:]
    )
    np.testing.assert_allclose(found, matrix.min(axis=1), rtol=1e-12)


def test_trips_over_several_rounds_of_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many origins are looked up at once, the trips are the same, in the same order."""
    rng = np.random.default_rng(2)
    places = np.column_stack((rng.uniform(2, 5, 300), rng.uniform(44, 46, 300)))
    whole = straight_line_trips(places, places, 1.4, 50, 30)
    monkeypatch.setattr("geodata.methods.travel.ORIGINS_AT_ONCE", 7)
    parted = straight_line_trips(places, places, 1.4, 50, 30)
    for name in ("origin", "destination", "minutes"):
        np.testing.assert_array_equal(getattr(parted, name), getattr(whole, name))
    assert whole.origin.dtype == whole.destination.dtype == np.int32


@pytest.mark.parametrize("factors", [[0.9], [math.nan], [math.inf], [1.0, 1.0], 1.0])
def test_factors_slow_down_and_are_one_a_place(factors: object) -> None:
    """Below 1, unknown or not as many as the places: refused by name."""
    with pytest.raises(ValueError, match="factors_origin"):
        straight_line_trips([LE_PUY], [BRIOUDE], 1.4, 50, 60, factors, [1.0])
    with pytest.raises(ValueError, match="factors_destination"):
        nearest_straight_line_minutes([LE_PUY], [BRIOUDE], 1.4, 50, [1.0], factors)


def test_no_place_has_no_trip() -> None:
    """Neither origins nor destinations are needed for an answer."""
    nowhere = np.empty((0, 2))
    assert straight_line_trips(nowhere, [LE_PUY], 1.4, 50, 60).minutes.size == 0
    assert straight_line_trips([LE_PUY], nowhere, 1.4, 50, 60).minutes.size == 0
    assert np.isnan(nearest_straight_line_minutes([LE_PUY], nowhere, 1.4, 50)).all()
    nobody = Trips(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    assert np.isnan(nobody.nearest_minutes(2)).all()


@pytest.mark.parametrize("share", [-0.1, 1.0, math.nan])
def test_an_error_is_a_share(share: float) -> None:
    """At least nothing, less than the whole."""
    with pytest.raises(ValueError, match="error_share"):
        error_band([10.0], share)
