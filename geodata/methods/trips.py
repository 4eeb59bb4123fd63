"""Trips: which places are near enough to which, and how many minutes apart."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray

Positions = npt.NDArray[np.signedinteger[Any]]


def no_positions() -> Positions:
    """Return no position at all."""
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Trips:
    """The trips that are short enough, one element each: origin and destination are positions.

    A pair that is not among them is too far, or out of reach, unless one of its ends is untimed:
    of an untimed place some trip that might be short is not known. What is computed for it, and
    for whoever shares a place with it, is unknown and never "out of reach".

    Attributes:
        origin: (p,) int32, ascending. destination: (p,) int32. minutes: (p,) float64.
        untimed_origins: (u,) int32, ascending. untimed_destinations: (v,) int32, ascending.
    """

    origin: Positions
    destination: Positions
    minutes: FloatArray
    untimed_origins: Positions = field(default_factory=no_positions)
    untimed_destinations: Positions = field(default_factory=no_positions)

    def nearest_minutes(self, origins: int) -> FloatArray:
        """Return (origins,) minutes to the nearest destination; NaN where no trip is short enough.

        >>> trips = Trips(np.array([0, 0, 2]), np.array([0, 1, 1]), np.array([9.0, 4, 7]))
        >>> trips.nearest_minutes(3)
        array([ 4., nan,  7.])
        """
        nearest = np.full(origins, np.inf)
        np.minimum.at(nearest, self.origin, self.minutes)
        return np.where(np.isinf(nearest), np.nan, nearest)
