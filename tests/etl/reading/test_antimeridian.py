"""Shapes on the meridian of 180 degrees: the ground is the same before and after the cut."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.reading import antimeridian

deterministic = settings(derandomize=True, deadline=None, max_examples=60)


def jumping(geometry: shapely.Geometry) -> shapely.Geometry:
    """A geometry with its longitudes written between -180 and 180, as a file has it."""

    def written(points: np.ndarray) -> np.ndarray:
        return np.column_stack([(points[:, 0] + 180) % 360 - 180, points[:, 1]])

    return shapely.transform(geometry, written)


def split(geometry: shapely.Geometry) -> shapely.Geometry:
    made = antimeridian.continued(geometry)
    assert made is not None
    return antimeridian.cut(made)


def test_a_square_of_two_degrees_becomes_two_of_one() -> None:
    ring = [(179, -17), (-179, -17), (-179, -16), (179, -16), (179, -17)]
    made = split(shapely.Polygon(ring))
    expected = [shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179, -16)]
    assert made.equals(shapely.MultiPolygon(expected))


def test_a_line_is_cut_where_it_crosses() -> None:
    made = split(shapely.LineString([(178, 0), (-178, 4)]))
    first, second = [(178, 0), (180, 2)], [(-180, 2), (-178, 4)]
    assert made.equals(shapely.MultiLineString([first, second]))


def test_a_hole_goes_with_its_shell_on_either_side() -> None:
    for west in (178.2, 179.5, 180.8, 181.2):
        hole = shapely.box(west, 0.2, west + 0.5, 0.4)
        whole = shapely.box(178, 0, 182, 1).difference(hole)
        made = split(jumping(whole))
        assert made.is_valid
        assert made.area == pytest.approx(4 - 0.1)
        inside = jumping(hole.centroid)
        assert not made.intersects(inside)


@pytest.mark.parametrize(
    "honest",
    [
        shapely.box(178, -17, 180, -16),
        shapely.box(-180, -17, -178, -16),
        shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)]),
        shapely.box(-180, -90, 180, 90),
        shapely.segmentize(shapely.box(-170, -10, 170, 10), 30),
        # A polar cap that was cut along the meridian and the pole is a flat ring already.
        shapely.Polygon([(-180, -90), (180, -90), (180, -70), (0, -65), (-180, -70)]),
        shapely.LineString([(-100, 0), (80, 0)]),
    ],
)
def test_what_is_honestly_flat_is_left_alone(honest: shapely.Geometry) -> None:
    assert antimeridian.continued(honest) is honest
    assert antimeridian.cut(honest) is honest


def test_a_ring_that_only_touches_the_meridian_from_one_side_stays_whole() -> None:
    made = split(shapely.Polygon([(179, 0), (-180, 0), (-180, 1), (179, 1)]))
    assert made.equals(shapely.box(179, 0, 180, 1))


def test_a_ring_round_a_pole_is_not_guessed() -> None:
    cap = shapely.Polygon([(longitude, 80) for longitude in range(-180, 180, 30)])
    assert antimeridian.continued(cap) is None
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), cap])
    assert antimeridian.continued(two) is None


@deterministic
@given(
    st.floats(-1.0, 1.0),
    st.floats(-80.0, 80.0),
    st.lists(st.floats(0.5, 4.0), min_size=4, max_size=12),
    st.booleans(),
)
def test_the_area_is_conserved_and_a_second_cut_changes_nothing(
    east: float, north: float, radii: list[float], is_east: bool
) -> None:
    """A star of any shape about a point near 180, written with the jump: same area once cut."""
    angles = 2 * np.pi * np.arange(len(radii)) / len(radii)
    centre = (180.0 if is_east else -180.0) + east
    spokes = np.column_stack([np.cos(angles), np.sin(angles)]) * np.array(radii)[:, None]
    star = shapely.Polygon(spokes + np.array([centre, north]))
    made = split(jumping(star))
    assert made.is_valid
    assert made.area == pytest.approx(star.area, rel=1e-9)
    west, south, east_end, north_end = made.bounds
    assert -180 <= west <= east_end <= 180
    assert (south, north_end) == pytest.approx(star.bounds[1::2])
    assert max(part.bounds[2] - part.bounds[0] for part in shapely.get_parts(made)) <= 8
    assert antimeridian.continued(made) is made
    assert split(made) is made
