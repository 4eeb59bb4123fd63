"""Shapes across the meridian of 180 degrees: followed round the globe, then cut in two.

A ring that goes from 179 to -179 degrees is two degrees wide on the globe, and 358 on a flat map.
Of two ways between two longitudes the shorter is meant (RFC 7946, 3.1.9). Along a pole, where an
edge has no length, nothing is changed: a ring cut there already is a flat ring.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

#: An edge longer than this, in degrees of longitude, goes round the other side of the globe.
HALF_TURN, TURN = 180.0, 360.0
POLE = 90.0

Coordinates = npt.NDArray[np.float64]


def continued(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """Polygons or lines in degrees, their longitudes running on past 180 where they jump.

    The very same geometry where nothing jumps. None for a ring that does not close when it is
    followed: it goes round a pole, and does not say where it should be cut.
    """
    parts = shapely.get_parts(geometry)
    made = [_continued_part(part) for part in parts]
    if any(part is None for part in made):
        return None
    if all(after is before for after, before in zip(made, parts, strict=True)):
        return geometry
    return _together(made)


def cut(geometry: shapely.Geometry) -> shapely.Geometry:
    """Polygons or lines whose longitudes run on past 180, cut there and brought back within 180.

    The very same geometry where they do not. The area in square degrees is kept.
    """
    west, _south, east, _north = shapely.bounds(geometry)
    if west >= -HALF_TURN and east <= HALF_TURN:
        return geometry
    dimension = shapely.get_dimensions(geometry)
    parts = [
        part
        for slice_ in _slices(geometry, west, east)
        for part in shapely.get_parts(slice_)
        if shapely.get_dimensions(part) == dimension and not shapely.is_empty(part)
    ]
    return _together(parts)


def _slices(geometry: shapely.Geometry, west: float, east: float) -> Iterator[shapely.Geometry]:
    """What each turn of the globe holds of a geometry, brought back to the first turn."""
    first = math.floor((west + HALF_TURN) / TURN)
    last = max(first, math.ceil((east + HALF_TURN) / TURN) - 1)
    for turn in range(first, last + 1):
        start = turn * TURN
        world = shapely.box(start - HALF_TURN, -POLE, start + HALF_TURN, POLE)
        yield shapely.transform(
            shapely.intersection(geometry, world),
            lambda points, start=start: np.column_stack(
                [np.clip(points[:, 0] - start, -HALF_TURN, HALF_TURN), points[:, 1]]
            ),
        )


def _continued_part(part: shapely.Geometry) -> shapely.Geometry | None:
    if shapely.get_type_id(part) != shapely.GeometryType.POLYGON:
        return shapely.linestrings(_run_on(shapely.get_coordinates(part))) if _jumps(part) else part
    rings = shapely.get_rings(part)
    if not any(_jumps(ring) for ring in rings):
        return part
    runs = [_run_on(shapely.get_coordinates(ring)) for ring in rings]
    if any(run[0, 0] != run[-1, 0] for run in runs):
        return None
    return shapely.polygons(runs[0], [_beside(runs[0], run) for run in runs[1:]] or None)


def _turns(points: Coordinates) -> Coordinates:
    """The turn that each edge makes: -360, 0 or 360 degrees to add from there on."""
    steps = np.diff(points[:, 0])
    is_at_pole = np.abs(points[:, 1]) >= POLE
    is_along_pole = is_at_pole[1:] & is_at_pole[:-1]
    is_jump = (np.abs(steps) > HALF_TURN) & ~is_along_pole
    turns: Coordinates = np.where(is_jump, -np.sign(steps) * TURN, 0.0)
    return turns


def _jumps(line: shapely.Geometry) -> bool:
    return bool(_turns(shapely.get_coordinates(line)).any())


def _run_on(points: Coordinates) -> Coordinates:
    """The points of a line, each longitude within half a turn of the one before."""
    made = points.copy()
    made[1:, 0] += np.cumsum(_turns(points))
    return made


def _beside(shell: Coordinates, hole: Coordinates) -> Coordinates:
    """A hole in the turn of the globe in which its shell is."""
    apart = _middle(shell) - _middle(hole)
    moved: Coordinates = hole + np.array([TURN * round(apart / TURN), 0.0])
    return moved


def _middle(ring: Coordinates) -> float:
    return float(ring[:, 0].min() + ring[:, 0].max()) / 2


def _together(parts: list[shapely.Geometry]) -> shapely.Geometry:
    """Simple parts of one kind as one geometry: itself when alone."""
    if len(parts) == 1:
        return parts[0]
    is_ground = shapely.get_dimensions(parts[0]) == 2
    return shapely.multipolygons(parts) if is_ground else shapely.multilinestrings(parts)
