"""Travel: how far apart two places are, as a declared estimate.

Without a road network, minutes are the straight line times a detour factor, at a constant speed.
The factor and the speed belong to the territory's file, are fixed beforehand, and are shown with
every figure that rests on them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from geodata.methods.amounts import FloatArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, (2a + b) / 3 of the WGS 84 ellipsoid (IUGG)."""


def haversine_km(
    longitude_1: npt.ArrayLike,
    latitude_1: npt.ArrayLike,
    longitude_2: npt.ArrayLike,
    latitude_2: npt.ArrayLike,
) -> FloatArray:
    """Return great-circle distances in kilometres between points given in decimal degrees.

    The four arguments broadcast against each other as numpy arrays do. The Earth is a sphere of
    6,371.0088 km, which is within about 0.5 % of the ellipsoid. Unknown coordinates give NaN.

    One degree along a meridian is 6371.0088 * pi / 180 = 111.195 km, wherever it starts:

    >>> round(float(haversine_km(3.9, 45.0, 3.9, 46.0)), 3)
    111.195

    Source: R. W. Sinnott, "Virtues of the haversine", Sky and Telescope 68 (1984), p. 159.
    """
    longitude_1, latitude_1 = np.asarray(longitude_1, float), np.asarray(latitude_1, float)
    longitude_2, latitude_2 = np.asarray(longitude_2, float), np.asarray(latitude_2, float)
    half_latitude = np.radians(latitude_2 - latitude_1) / 2
    half_longitude = np.radians(longitude_2 - longitude_1) / 2
    haversine = (
        np.sin(half_latitude) ** 2
        + np.cos(np.radians(latitude_1))
        * np.cos(np.radians(latitude_2))
        * np.sin(half_longitude) ** 2
    )
    # Rounding may carry antipodes a hair above one.
    distance = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
    return np.asarray(distance, dtype=np.float64)


def straight_line_minutes(
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
    detour_factor: float,
    speed_kmh: float,
) -> FloatArray:
    """Return the estimated minutes from every origin to every destination.

    minutes = haversine_km * detour_factor / speed_kmh * 60, and 0 between a point and itself.

    Args:
        origins: (n, 2) longitude and latitude, decimal degrees (EPSG:4326).
        destinations: (m, 2) likewise.
        detour_factor: road length over straight line, 1 or more.
        speed_kmh: speed along the road, above 0.

    Returns:
        (n, m) float64 minutes: a dense matrix, meant for hundreds or a few thousands of places.

    Raises:
        ValueError: for a coordinate that is unknown or out of range, or a parameter out of range.

    Three villages on one meridian, at 45.0, 45.1 and 45.3 degrees north, are 11.12 and 22.24 km
    apart; with a detour of 1.5 at 50 km/h each 11.12 km takes 11.12 * 1.5 / 50 * 60 = 20.0 min:

    >>> villages = [(3.9, 45.0), (3.9, 45.1), (3.9, 45.3)]
    >>> straight_line_minutes(villages, villages, 1.5, 50).round(1)
    array([[ 0., 20., 60.],
           [20.,  0., 40.],
           [60., 40.,  0.]])
    """
    if not (np.isfinite(detour_factor) and detour_factor >= 1):
        raise ValueError(f"detour_factor must be finite and at least 1, not {detour_factor}")
    if not (np.isfinite(speed_kmh) and speed_kmh > 0):
        raise ValueError(f"speed_kmh must be finite and above 0, not {speed_kmh}")
    start = _coordinates(origins, "origins")[:, np.newaxis, :]
    end = _coordinates(destinations, "destinations")[np.newaxis, :, :]
    distance = haversine_km(start[..., 0], start[..., 1], end[..., 0], end[..., 1])
    return distance * (detour_factor / speed_kmh * 60)


@dataclass(frozen=True, eq=False)
class Trips:
    """The trips that are short enough, one element each: origin and destination are positions.

    Attributes:
        origin: (p,) int64, ascending. destination: (p,) int64. minutes: (p,) float64.
    """

    origin: npt.NDArray[np.int64]
    destination: npt.NDArray[np.int64]
    minutes: FloatArray


def straight_line_trips(
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
    detour_factor: float,
    speed_kmh: float,
    longest_minutes: float,
) -> Trips:
    """Return the trips of at most `longest_minutes`, as `straight_line_minutes` times them.

    The same figures as the dense matrix, without the pairs that lie too far apart: meant for tens
    of thousands of places. Points are looked up in a k-d tree on the unit sphere, where a chord of
    2 sin(d / 2R) stands for an arc of d km.

    >>> villages = [(3.9, 45.0), (3.9, 45.1), (3.9, 45.3)]
    >>> near = straight_line_trips(villages, villages, 1.5, 50, longest_minutes=20.1)
    >>> near.origin.tolist(), near.destination.tolist(), near.minutes.round(1).tolist()
    ([0, 0, 1, 1, 2], [0, 1, 0, 1, 2], [0.0, 20.0, 20.0, 0.0, 0.0])
    """
    start, end = _coordinates(origins, "origins"), _coordinates(destinations, "destinations")
    reach_km = longest_minutes * speed_kmh / 60 / detour_factor
    chord = 2 * np.sin(min(reach_km / (2 * EARTH_RADIUS_KM), np.pi / 2))
    found = KDTree(_on_sphere(start)).sparse_distance_matrix(
        KDTree(_on_sphere(end)), chord * (1 + 1e-9), output_type="coo_matrix"
    )
    order = np.lexsort((found.col, found.row))
    i, j = found.row[order].astype(np.int64), found.col[order].astype(np.int64)
    distance = haversine_km(start[i, 0], start[i, 1], end[j, 0], end[j, 1])
    minutes = distance * (detour_factor / speed_kmh * 60)
    is_short = minutes <= longest_minutes
    return Trips(i[is_short], j[is_short], minutes[is_short])


def nearest_straight_line_minutes(
    origins: npt.ArrayLike, destinations: npt.ArrayLike, detour_factor: float, speed_kmh: float
) -> FloatArray:
    """Return the minutes from each origin to the nearest destination; NaN when there is none.

    >>> nearest_straight_line_minutes([(3.9, 45.1)], [(3.9, 45.0), (3.9, 45.3)], 1.5, 50).round(1)
    array([20.])
    """
    start, end = _coordinates(origins, "origins"), np.asarray(destinations, dtype=np.float64)
    if end.size == 0:
        return np.full(len(start), np.nan)
    end = _coordinates(end, "destinations")
    _chord, j = KDTree(_on_sphere(end)).query(_on_sphere(start))
    distance = haversine_km(start[:, 0], start[:, 1], end[j, 0], end[j, 1])
    return distance * (detour_factor / speed_kmh * 60)


def _on_sphere(points: FloatArray) -> FloatArray:
    """Return longitudes and latitudes as points of the unit sphere."""
    longitude, latitude = np.radians(points[:, 0]), np.radians(points[:, 1])
    ring = np.cos(latitude)
    return np.column_stack((ring * np.cos(longitude), ring * np.sin(longitude), np.sin(latitude)))


def _coordinates(points: npt.ArrayLike, name: str) -> FloatArray:
    """Return `points` as an (n, 2) array of longitudes and latitudes that exist."""
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"{name} must be (n, 2) longitudes and latitudes, not {array.shape}")
    # Written so that NaN, which compares false with everything, is refused too.
    placed = (np.abs(array) <= (180.0, 90.0)).all(axis=1)
    if not placed.all():
        first = int(np.flatnonzero(~placed)[0])
        raise ValueError(
            f"{name} has {int((~placed).sum())} point(s) without a longitude in -180..180 and a "
            f"latitude in -90..90, the first at position {first} ({array[first].tolist()})"
        )
    return array
