"""Distances and minutes: by hand, against other formulas, and by law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.travel import (
    EARTH_RADIUS_KM,
    haversine_km,
    straight_line_minutes,
)

deterministic = settings(derandomize=True, deadline=None)
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
near_le_puy = st.tuples(st.floats(2.5, 5.0), st.floats(44.5, 46.0))
some_places = st.lists(near_le_puy, min_size=1, max_size=6)
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
