"""Travel: how far apart two places are, as a declared estimate.

Without a road network, minutes are the straight line times a detour factor, at a constant speed.
Where roads are slow (mountains, winter) each place may have a pace factor, 1 or more, and a trip
takes the mean of those of its two ends. The factors and the speed belong to the territory's file,
are fixed beforehand, and are shown with every figure that rests on them, with the error they are
declared to have.
"""

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from geodata.methods.amounts import FloatArray
from geodata.methods.trips import Trips, no_positions

ORIGINS_AT_ONCE = 4096
"""Origins whose pairs are looked up together: memory beyond the trips themselves stays small."""

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
    factors_origin: npt.ArrayLike | None = None,
    factors_destination: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the estimated minutes from every origin to every destination.

    minutes_ij = haversine_km_ij * detour_factor / speed_kmh * 60 * (f_i + f_j) / 2, and 0 between
    a point and itself. Without factors, every f is 1.

    Args:
        origins: (n, 2) longitude and latitude, decimal degrees (EPSG:4326).
        destinations: (m, 2) likewise.
        detour_factor: road length over straight line, 1 or more.
        speed_kmh: speed along the road, above 0.
        factors_origin: (n,) pace factor of each origin, 1 or more: 1.2 says 20 % slower.
        factors_destination: (m,) likewise.

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
    rate = _minutes_per_km(detour_factor, speed_kmh)
    start = _coordinates(origins, "origins")[:, np.newaxis, :]
    end = _coordinates(destinations, "destinations")[np.newaxis, :, :]
    slow_i = _factors(factors_origin, start.shape[0], "factors_origin")[:, np.newaxis]
    slow_j = _factors(factors_destination, end.shape[1], "factors_destination")[np.newaxis, :]
    distance = haversine_km(start[..., 0], start[..., 1], end[..., 0], end[..., 1])
    return distance * rate * ((slow_i + slow_j) / 2)


def error_band(minutes: npt.ArrayLike, error_share: float) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that trips of these minutes are declared to last.

    low = minutes * (1 - error_share), high = minutes * (1 + error_share).

    >>> [band.tolist() for band in error_band([20.0, 0.0], 0.25)]
    [[15.0, 0.0], [25.0, 0.0]]
    """
    if not 0 <= error_share < 1:
        raise ValueError(f"error_share must be at least 0 and below 1, not {error_share}")
    estimate = np.asarray(minutes, dtype=np.float64)
    return estimate * (1 - error_share), estimate * (1 + error_share)


def straight_line_trips(
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
    detour_factor: float,
    speed_kmh: float,
    longest_minutes: float,
    factors_origin: npt.ArrayLike | None = None,
    factors_destination: npt.ArrayLike | None = None,
) -> Trips:
    """Return the trips of at most `longest_minutes`, as `straight_line_minutes` times them.

    The same figures as the dense matrix, without the pairs that lie too far apart: meant for tens
    of thousands of places. Points are looked up in a k-d tree on the unit sphere, where a chord of
    2 sin(d / 2R) stands for an arc of d km; with pace factors, as far as the quickest pair goes.

    >>> villages = [(3.9, 45.0), (3.9, 45.1), (3.9, 45.3)]
    >>> near = straight_line_trips(villages, villages, 1.5, 50, longest_minutes=20.1)
    >>> near.origin.tolist(), near.destination.tolist(), near.minutes.round(1).tolist()
    ([0, 0, 1, 1, 2], [0, 1, 0, 1, 2], [0.0, 20.0, 20.0, 0.0, 0.0])

    In winter the first village's roads take 1.4 times as long, the others' do not: the trip to
    the second takes (1.4 + 1) / 2 times its 20 minutes.

    >>> pace = [1.4, 1, 1]
    >>> near = straight_line_trips(villages, villages, 1.5, 50, 30, pace, pace)
    >>> near.minutes.round(1).tolist()
    [0.0, 24.0, 24.0, 0.0, 0.0]
    """
    rate = _minutes_per_km(detour_factor, speed_kmh)
    start, end = _coordinates(origins, "origins"), _coordinates(destinations, "destinations")
    slow_i = _factors(factors_origin, len(start), "factors_origin")
    slow_j = _factors(factors_destination, len(end), "factors_destination")
    if not len(start) or not len(end):
        return Trips(no_positions(), no_positions(), np.empty(0))
    quickest = (slow_i.min() + slow_j.min()) / 2
    chord = chord_of_km(longest_minutes / (rate * quickest)) * (1 + 1e-9)
    starts, tree = on_sphere(start), KDTree(on_sphere(end))
    parts = []
    for first in range(0, len(start), ORIGINS_AT_ONCE):
        some = KDTree(starts[first : first + ORIGINS_AT_ONCE])
        found = some.sparse_distance_matrix(tree, chord, output_type="ndarray")
        pair = (found["i"] + first) * len(end) + found["j"]
        pair.sort()
        i, j = np.divmod(pair, len(end))
        distance = haversine_km(start[i, 0], start[i, 1], end[j, 0], end[j, 1])
        minutes = distance * rate * ((slow_i[i] + slow_j[j]) / 2)
        is_short = minutes <= longest_minutes
        parts.append(
            (
                i[is_short].astype(np.int32),
                j[is_short].astype(np.int32),
                minutes[is_short],
            )
        )
    return Trips(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def nearest_straight_line_minutes(
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
    detour_factor: float,
    speed_kmh: float,
    factors_origin: npt.ArrayLike | None = None,
    factors_destination: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the minutes from each origin to the nearest destination; NaN when there is none.

    With pace factors the quickest to reach is not always the nearest as the crow flies: those
    that might be quicker are looked at, as many as it takes.

    >>> nearest_straight_line_minutes([(3.9, 45.1)], [(3.9, 45.0), (3.9, 45.3)], 1.5, 50).round(1)
    array([20.])
    """
    rate = _minutes_per_km(detour_factor, speed_kmh)
    start, end = _coordinates(origins, "origins"), np.asarray(destinations, dtype=np.float64)
    slow_i = _factors(factors_origin, len(start), "factors_origin")
    if end.size == 0:
        return np.full(len(start), np.nan)
    end = _coordinates(end, "destinations")
    slow_j = _factors(factors_destination, len(end), "factors_destination")
    starts, tree = on_sphere(start), KDTree(on_sphere(end))
    best, left, looked_at = np.full(len(start), np.inf), np.arange(len(start)), 1
    while len(left):
        chord, j = tree.query(starts[left], k=range(1, looked_at + 1))
        i = left[:, np.newaxis]
        distance = haversine_km(start[i, 0], start[i, 1], end[j, 0], end[j, 1])
        best[left] = (distance * rate * ((slow_i[i] + slow_j[j]) / 2)).min(axis=1)
        if looked_at == len(end) or slow_j.min() == slow_j.max():
            break
        reach_km = best[left] / (rate * (slow_i[left] + slow_j.min()) / 2)
        left = left[chord[:, -1] < chord_of_km(reach_km) * (1 + 1e-9)]
        looked_at = min(2 * looked_at, len(end))
    return best


def chord_of_km(distance_km: npt.ArrayLike) -> FloatArray:
    """Return the chord of the unit sphere under an arc of so many kilometres of the Earth.

    >>> round(float(chord_of_km(np.pi * EARTH_RADIUS_KM)), 12)
    2.0
    """
    half_angle = np.asarray(distance_km, dtype=np.float64) / (2 * EARTH_RADIUS_KM)
    return np.asarray(2 * np.sin(np.minimum(half_angle, np.pi / 2)), dtype=np.float64)


def on_sphere(points: FloatArray) -> FloatArray:
    """Return (n, 2) longitudes and latitudes, in degrees, as (n, 3) points of the unit sphere."""
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


def _minutes_per_km(detour_factor: float, speed_kmh: float) -> float:
    """Return the minutes that each kilometre of straight line takes."""
    if not (np.isfinite(detour_factor) and detour_factor >= 1):
        raise ValueError(f"detour_factor must be finite and at least 1, not {detour_factor}")
    if not (np.isfinite(speed_kmh) and speed_kmh > 0):
        raise ValueError(f"speed_kmh must be finite and above 0, not {speed_kmh}")
    return detour_factor / speed_kmh * 60


def _factors(factors: npt.ArrayLike | None, count: int, name: str) -> FloatArray:
    """Return one pace factor for each of `count` places; 1 where none is given."""
    if factors is None:
        return np.ones(count)
    array = np.asarray(factors, dtype=np.float64)
    if array.shape != (count,):
        raise ValueError(f"{name} must be of shape {(count,)}, one a place, not {array.shape}")
    if not (np.isfinite(array) & (array >= 1)).all():
        raise ValueError(f"{name} must be finite and at least 1: they slow down, never speed up")
    return array
