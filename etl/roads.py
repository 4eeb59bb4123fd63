"""The ways from where people live to where the areas have their places, kept for many services."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.methods.amounts import FloatArray
from geodata.methods.travel import EARTH_RADIUS_KM, nearest_straight_line_minutes
from geodata.methods.travel_times import FASTEST_KMH, StraightLine, TravelTimes, points
from geodata.methods.trips import Trips

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(eq=False)
class Roads:
    """The ways from n places to m, timed when first asked for.

    Attributes:
        times: how a trip is timed.
        origins: where people live: id, longitude, latitude (degrees; NaN where unknown).
        destinations: where the areas have their places, likewise.
    """

    times: TravelTimes
    origins: pd.DataFrame
    destinations: pd.DataFrame
    _longest: float = field(default=-1.0, repr=False)
    _trips: Trips | None = field(default=None, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return len(self.origins), len(self.destinations)

    @property
    def latitude(self) -> FloatArray:
        """(n,) of the origins; NaN where unknown."""
        return self.origins["latitude"].to_numpy(dtype="float64")

    def trips(self, longest_minutes: float) -> Trips:
        """The trips of at most so many minutes.

        Those asked for last are kept, and shorter ones are taken from them: ask for the longest
        first.
        """
        kept = self._trips
        if kept is None or longest_minutes > self._longest:
            kept = self.times.trips(self.origins, self.destinations, longest_minutes)
        elif longest_minutes < self._longest:
            is_short = kept.minutes <= longest_minutes
            kept = Trips(
                kept.origin[is_short],
                kept.destination[is_short],
                kept.minutes[is_short],
                kept.untimed_origins,
                kept.untimed_destinations,
            )
        self._trips, self._longest = kept, longest_minutes
        return kept

    def nearest_minutes(self, origins: Positions, wanted: Flags, threshold: float) -> FloatArray:
        """Minutes from some origins to the nearest of the destinations wanted.

        NaN where there is none; where trips are timed one by one, by road, NaN too where there is
        none within the threshold.
        """
        found = np.full(len(origins), np.nan)
        if isinstance(self.times, StraightLine):
            (starts, is_placed), (ends, is_placed_too) = (
                points(self.origins.iloc[origins]),
                points(self.destinations),
            )
            ends_wanted = wanted & is_placed_too
            found[is_placed] = nearest_straight_line_minutes(
                starts[is_placed],
                ends[ends_wanted],
                self.times.detour_factor,
                self.times.speed_kmh,
                self._paces(self.origins.iloc[origins])[is_placed],
                self._paces(self.destinations)[ends_wanted],
            )
            return found
        trips = self.trips(threshold)
        leads = wanted[trips.destination]
        some = Trips(trips.origin[leads], trips.destination[leads], trips.minutes[leads])
        return np.asarray(some.nearest_minutes(len(self.origins))[origins], dtype=np.float64)

    def reach_degrees(self, minutes: float) -> float:
        """Degrees of latitude that no trip of so many minutes goes beyond."""
        if isinstance(self.times, StraightLine):
            km = minutes * self.times.speed_kmh / 60 / self.times.detour_factor
        else:
            km = minutes * FASTEST_KMH / 60
        return float(np.degrees(km / EARTH_RADIUS_KM)) * (1 + 1e-9)

    def among(self, origins: Positions, destinations: Positions) -> Roads:
        """The ways from some of the origins to some of the destinations."""
        return Roads(self.times, self.origins.iloc[origins], self.destinations.iloc[destinations])

    def __getstate__(self) -> dict[str, object]:
        """What travels to another process: the trips are timed again there, those of a tile."""
        return {"times": self.times, "origins": self.origins, "destinations": self.destinations}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Take what travelled."""
        self.__init__(**state)  # type: ignore[misc]

    def _paces(self, places: pd.DataFrame) -> FloatArray:
        assert isinstance(self.times, StraightLine)
        paces = places["id"].map(dict(self.times.factors)).fillna(1.0)
        return np.asarray(paces, dtype=np.float64)
