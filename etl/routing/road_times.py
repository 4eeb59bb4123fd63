"""Trips by road: near pairs only, in blocks, each kept on disk by what it was computed from."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from etl.routing.router import Floats, NoRoadError, NoWayError, Progress, Router
from geodata.methods.travel import chord_of_km, on_sphere
from geodata.methods.travel_times import FASTEST_KMH, points
from geodata.methods.trips import Trips

#: Side of the cells that origins are grouped by, in degrees: fixed, so that a place more or less
#: changes the blocks of its own cell and leaves the others on disk as they are.
CELL = 0.25
#: Decimals of a degree that are kept: a tenth of a metre.
DECIMALS = 6
#: What a block writes in place of minutes: the origin, the destination or both have no road.
LOST_ORIGIN, LOST_DESTINATION, LOST_BOTH = -1.0, -2.0, -3.0

Positions = NDArray[np.int64]


def untold(_done: int, _all: int) -> None:
    """Tell nobody."""


@dataclass(eq=False)
class RoadTimes:
    """Travel times of a router, as :class:`geodata.methods.travel_times.TravelTimes`.

    ``folder`` keeps the blocks, so that what was interrupted goes on where it stopped; None keeps
    nothing. A place without coordinates, or without a road near it, is untimed.
    """

    router: Router
    folder: Path | None = None
    error_share: float = 0.0
    progress: Progress = field(default=untold)

    def trips(
        self, origins: pd.DataFrame, destinations: pd.DataFrame, longest_minutes: float
    ) -> Trips:
        """Return the trips of at most ``longest_minutes``, and the places that have no road.

        Raises
        ------
        RejectedFile
            When the router fails, or answers something else than minutes.
        """
        (start, is_placed), (end, is_placed_too) = points(origins), points(destinations)
        start, end = start.round(DECIMALS), end.round(DECIMALS)
        blocks = list(self._blocks(start, is_placed, end, is_placed_too, longest_minutes))
        lost_i, lost_j = ~is_placed, ~is_placed_too
        parts = []
        for done, (i, j) in enumerate(blocks):
            self.progress(done, len(blocks))
            minutes = self._kept(start[i], end[j], longest_minutes)
            lost_i[i] |= np.isin(minutes, (LOST_ORIGIN, LOST_BOTH)).any(axis=1)
            lost_j[j] |= np.isin(minutes, (LOST_DESTINATION, LOST_BOTH)).any(axis=0)
            a, b = np.nonzero((minutes >= 0) & (minutes <= longest_minutes))
            parts.append((i[a], j[b], minutes[a, b].astype(np.float64)))
        self.progress(len(blocks), len(blocks))
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        i, j, found = columns or (np.empty(0, int), np.empty(0, int), np.empty(0))
        order = np.lexsort((j, i))
        return Trips(
            i[order].astype(np.int32),
            j[order].astype(np.int32),
            found[order],
            np.flatnonzero(lost_i).astype(np.int32),
            np.flatnonzero(lost_j).astype(np.int32),
        )

    def _blocks(
        self,
        start: Floats,
        is_placed: NDArray[np.bool_],
        end: Floats,
        is_placed_too: NDArray[np.bool_],
        longest_minutes: float,
    ) -> Iterator[tuple[Positions, Positions]]:
        """Origins of one cell, and the destinations that any of them might reach in time."""
        i, j = np.flatnonzero(is_placed), np.flatnonzero(is_placed_too)
        if not len(i) or not len(j):
            return
        tree, starts = KDTree(on_sphere(end[j])), on_sphere(start)
        chord = float(chord_of_km(longest_minutes * FASTEST_KMH / 60))
        cell = np.floor(start[i] / CELL)
        order = np.lexsort((i, cell[:, 1], cell[:, 0]))
        i, cell = i[order], cell[order]
        bounds = np.flatnonzero((cell[1:] != cell[:-1]).any(axis=1)) + 1
        for whole in np.split(i, bounds):
            for first in range(0, len(whole), self.router.most_origins):
                some = whole[first : first + self.router.most_origins]
                near = tree.query_ball_point(starts[some], chord * (1 + 1e-9))
                reached = j[np.unique(np.concatenate(near).astype(np.int64))]
                for at in range(0, len(reached), self.router.most_destinations):
                    yield some, reached[at : at + self.router.most_destinations]

    def _kept(self, origins: Floats, destinations: Floats, longest: float) -> NDArray[np.float32]:
        """The block as it was kept, else computed and kept."""
        if self.folder is None:
            return self._block(origins, destinations, longest)
        key = hashlib.sha256(f"{self.router.identity}\0{longest:g}".encode())
        for where in (origins, destinations):
            key.update(f"\0{where.shape}\0".encode() + np.ascontiguousarray(where).tobytes())
        file = self.folder / key.hexdigest()[:2] / f"{key.hexdigest()}.npy"
        shape = (len(origins), len(destinations))
        try:
            found = np.load(file, allow_pickle=False)
            if found.shape == shape and found.dtype == np.float32:
                return np.asarray(found, dtype=np.float32)
        except (OSError, ValueError, EOFError):
            pass  # not there, or cut short: made again
        made = self._block(origins, destinations, longest)
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{uuid.uuid4().hex}.part")
        with fresh.open("wb") as handle:
            np.save(handle, made, allow_pickle=False)
        os.replace(fresh, file)
        return made

    def _block(self, origins: Floats, destinations: Floats, longest: float) -> NDArray[np.float32]:
        """The minutes of a block; where places have no road, the others' all the same."""
        try:
            return self.router.minutes(origins, destinations, longest).astype(np.float32)
        except (NoRoadError, NoWayError):
            on_i, on_j = self._on_road(origins, longest), self._on_road(destinations, longest)
        made = np.full((len(origins), len(destinations)), LOST_BOTH, dtype=np.float32)
        made[np.ix_(~on_i, on_j)] = LOST_ORIGIN
        made[np.ix_(on_i, ~on_j)] = LOST_DESTINATION
        if on_i.any() and on_j.any():
            made[np.ix_(on_i, on_j)] = self._parted(origins[on_i], destinations[on_j], longest)
        return made

    def _parted(self, origins: Floats, destinations: Floats, longest: float) -> Floats:
        """The minutes between places that have roads: by halves, where some do not meet."""
        try:
            return self.router.minutes(origins, destinations, longest)
        except NoWayError:
            if len(origins) == len(destinations) == 1:
                return np.array([[np.inf]])
        if len(origins) > len(destinations):
            half = len(origins) // 2
            halves = (origins[:half], origins[half:])
            return np.concatenate([self._parted(some, destinations, longest) for some in halves])
        half = len(destinations) // 2
        halves = (destinations[:half], destinations[half:])
        return np.concatenate([self._parted(origins, some, longest) for some in halves], axis=1)

    def _on_road(self, places: Floats, longest: float) -> NDArray[np.bool_]:
        """Whether each place has a road near it: by halves, as the router only says that one lacks.

        A place whose trip to itself is refused has none.
        """
        try:
            self.router.minutes(places, places[:1], longest)
        except (NoRoadError, NoWayError):
            if len(places) == 1:
                return np.array([False])
            half = len(places) // 2
            halves = (places[:half], places[half:])
            return np.concatenate([self._on_road(some, longest) for some in halves])
        return np.ones(len(places), dtype=bool)
