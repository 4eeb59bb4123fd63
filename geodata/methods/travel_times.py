"""Travel times behind one interface: who asks for trips need not know how they were timed.

Three ways to know them: a straight line (an estimate for want of better), a table of minutes that
somebody supplies, and roads, which stand elsewhere because they take files or a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from geodata.methods.amounts import FloatArray
from geodata.methods.travel import chord_of_km, on_sphere, straight_line_trips
from geodata.methods.trips import Positions, Trips

FASTEST_KMH = 140.0
"""No trip by road is faster than this as the crow flies: farther pairs are surely too far."""

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


class TravelTimes(Protocol):
    """A way to know how long trips last."""

    @property
    def error_share(self) -> float:
        """The declared error: the true minutes lie within 1 - share to 1 + share of those given."""

    def trips(
        self, origins: pd.DataFrame, destinations: pd.DataFrame, longest_minutes: float
    ) -> Trips:
        """Return the trips of at most `longest_minutes`.

        Args:
            origins: one row a place: `id` (distinct texts), `longitude` and `latitude` in degrees
                (EPSG:4326), NaN where it is not known where the place is.
            destinations: likewise.
            longest_minutes: the longest trip that is of use.

        Returns:
            Positions are those of the rows; places with trips that are not known are untimed.
        """


@dataclass(frozen=True, eq=False)
class StraightLine:
    """Straight line times detour, at a speed: `geodata.methods.travel.straight_line_trips`.

    Attributes:
        detour_factor: road length over straight line, 1 or more. speed_kmh: above 0.
        error_share: the declared error. factors: pace factor by id, 1 for those that have none.

    >>> villages = pd.DataFrame(
    ...     {"id": ["a", "b", "c"], "longitude": 3.9, "latitude": [45.0, 45.1, np.nan]}
    ... )
    >>> trips = StraightLine(1.5, 50, 0.3).trips(villages, villages, 30)
    >>> trips.minutes.round(1).tolist(), trips.untimed_origins.tolist()
    ([0.0, 20.0, 20.0, 0.0], [2])
    """

    detour_factor: float
    speed_kmh: float
    error_share: float
    factors: Mapping[str, float] = field(default_factory=dict)

    def trips(
        self, origins: pd.DataFrame, destinations: pd.DataFrame, longest_minutes: float
    ) -> Trips:
        """Return the trips of at most `longest_minutes`; a place without coordinates is untimed."""
        (start, is_placed), (end, is_placed_too) = points(origins), points(destinations)
        i, j = np.flatnonzero(is_placed), np.flatnonzero(is_placed_too)
        near = straight_line_trips(
            start[i],
            end[j],
            self.detour_factor,
            self.speed_kmh,
            longest_minutes,
            self._factors(origins)[i],
            self._factors(destinations)[j],
        )
        return Trips(
            i.astype(np.int32)[near.origin],
            j.astype(np.int32)[near.destination],
            near.minutes,
            _positions(~is_placed),
            _positions(~is_placed_too),
        )

    def _factors(self, places: pd.DataFrame) -> FloatArray:
        found = places["id"].map(dict(self.factors)).fillna(1.0)
        return np.asarray(found, dtype=np.float64)


class SuppliedMatrix:
    """A table of minutes that somebody supplies, from place to place, each way on its own.

    A pair that the table does not have is out of reach only if the table declares the longest
    minutes that it was made for; without that, a pair is out of reach only if it is farther than
    anybody drives (`FASTEST_KMH`), and unknown else. NaN minutes are unknown, infinite ones say
    that there is no way. From a place to itself it takes no time, unless the table says it does.
    Both ends of an unknown pair are untimed; a place of which the table knows no trip at all is
    untimed alone, and does not take the others with it.

    >>> table = pd.DataFrame(
    ...     {"origin_id": ["a", "b"], "destination_id": ["b", "a"], "minutes": [12.0, 15.0]}
    ... )
    >>> villages = pd.DataFrame(
    ...     {"id": ["a", "b", "c"], "longitude": 3.9, "latitude": [45.0, 45.1, 45.2]}
    ... )
    >>> trips = SuppliedMatrix(table, longest_minutes=30).trips(villages, villages, 30)
    >>> trips.minutes.tolist(), trips.untimed_origins.tolist()
    ([0.0, 12.0, 15.0, 0.0, 0.0], [])

    The same table without its longest minutes does not say how far c is:

    >>> SuppliedMatrix(table).trips(villages, villages, 30).untimed_origins.tolist()
    [2]
    """

    def __init__(
        self,
        table: pd.DataFrame,
        longest_minutes: float | None = None,
        error_share: float = 0.0,
    ) -> None:
        """Take the table (`origin_id`, `destination_id`, `minutes`) and what it declares.

        Raises:
            ValueError: for negative minutes, or a pair that is there twice.
        """
        if (table["minutes"] < 0).any():
            raise ValueError("minutes must be at least 0")
        if table.duplicated(["origin_id", "destination_id"]).any():
            raise ValueError("a pair of places is there twice")
        self.table = table
        self.longest_minutes = longest_minutes
        self._error_share = error_share

    @property
    def error_share(self) -> float:
        """The declared error of the table: 0 when it declares none."""
        return self._error_share

    def trips(
        self, origins: pd.DataFrame, destinations: pd.DataFrame, longest_minutes: float
    ) -> Trips:
        """Return the trips of at most `longest_minutes` that the table has, and who is untimed."""
        i, j, minutes = self._pairs(origins, destinations)
        is_short = minutes <= longest_minutes
        if self.longest_minutes is not None and longest_minutes <= self.longest_minutes:
            is_unknown = np.isnan(minutes)
            lost = np.bincount(i[is_unknown], minlength=len(origins)) > 0
            lost_too = np.bincount(j[is_unknown], minlength=len(destinations)) > 0
        else:
            reach = float(chord_of_km(longest_minutes * FASTEST_KMH / 60)) * (1 + 1e-9)
            is_known = ~np.isnan(minutes)
            near = _Near(origins, destinations, reach)
            lost, lost_too = near.untimed(i[is_known], j[is_known])
        return Trips(
            i[is_short], j[is_short], minutes[is_short], _positions(lost), _positions(lost_too)
        )

    def _pairs(
        self, origins: pd.DataFrame, destinations: pd.DataFrame
    ) -> tuple[Positions, Positions, FloatArray]:
        """Return the table's pairs as positions, in order, with those of a place and itself."""
        rows, columns = pd.Index(origins["id"]), pd.Index(destinations["id"])
        i = rows.get_indexer(pd.Index(self.table["origin_id"]))
        j = columns.get_indexer(pd.Index(self.table["destination_id"]))
        is_asked = (i >= 0) & (j >= 0)
        same = columns.get_indexer(rows)
        own = np.flatnonzero(same >= 0)
        pair = np.concatenate(
            (i[is_asked] * len(columns) + j[is_asked], own * len(columns) + same[own])
        )
        minutes = np.concatenate(
            (self.table["minutes"].to_numpy(dtype=np.float64)[is_asked], np.zeros(len(own)))
        )
        pair, first = np.unique(pair, return_index=True)  # the table's own comes first
        i, j = np.divmod(pair, max(len(columns), 1))
        return i.astype(np.int32), j.astype(np.int32), minutes[first]


def points(places: pd.DataFrame) -> tuple[FloatArray, Flags]:
    """Return (n, 2) longitudes and latitudes, and whether each is known."""
    where = places[["longitude", "latitude"]].to_numpy(dtype=np.float64)
    return where, np.isfinite(where).all(axis=1)


class _Near:
    """Which pairs might be near enough: a place that is nowhere might be near everything."""

    def __init__(self, origins: pd.DataFrame, destinations: pd.DataFrame, reach: float) -> None:
        """Take the places, and the longest chord of the unit sphere that anybody drives."""
        (start, self.is_placed), (end, self.is_placed_too) = points(origins), points(destinations)
        self.start, self.end, self.reach = on_sphere(start), on_sphere(end), reach
        same = pd.Index(destinations["id"]).get_indexer(pd.Index(origins["id"]))
        self.own = same  # each origin's place among the destinations, -1 where it is not

    def untimed(self, i: Positions, j: Positions) -> tuple[Flags, Flags]:
        """Return who lacks a pair that might be near, the pairs (i, j) being known."""
        apart = np.linalg.norm(self.start[i] - self.end[j], axis=1)
        is_near = ~(apart > self.reach)
        i, j = i[is_near], j[is_near]
        is_other = self.own[i] != j
        # Those of whom nothing but themselves is known: lost, and left out of the others' count.
        lost = np.bincount(i[is_other], minlength=len(self.start)) == 0
        lost_too = np.bincount(j[is_other], minlength=len(self.end)) == 0
        of_known = ~lost[i] & ~lost_too[j]
        told = np.bincount(i[of_known], minlength=len(self.start))
        told_too = np.bincount(j[of_known], minlength=len(self.end))
        near, near_too = self._counts(~lost, ~lost_too)
        everyone, everyone_too = self._counts(np.ones_like(lost), np.ones_like(lost_too))
        itself, itself_too = self.own >= 0, np.isin(np.arange(len(self.end)), self.own)
        return (
            np.where(lost, everyone > itself, near > told),
            np.where(lost_too, everyone_too > itself_too, near_too > told_too),
        )

    def _counts(self, some: Flags, some_too: Flags) -> tuple[Counts, Counts]:
        """Return how many of some destinations might be near each origin, and the other way."""
        here, there = (self.start, self.is_placed), (self.end, self.is_placed_too)
        return self._count(*here, *there, some_too), self._count(*there, *here, some)

    def _count(
        self,
        start: FloatArray,
        is_placed: Flags,
        end: FloatArray,
        is_placed_too: Flags,
        some: Flags,
    ) -> Counts:
        counts = np.full(len(start), int(some.sum()), dtype=np.int64)
        counts[is_placed] = int((some & ~is_placed_too).sum())
        there = end[some & is_placed_too]
        if len(there) and is_placed.any():
            counts[is_placed] += KDTree(there).query_ball_point(
                start[is_placed], self.reach, return_length=True
            )
        return counts


def _positions(flags: Flags) -> Positions:
    return np.flatnonzero(flags).astype(np.int32)
