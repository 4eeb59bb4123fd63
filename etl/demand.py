"""Where people live: at the seat of their area, or at the points of a population grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl.roads import Positions
from geodata.methods.amounts import FloatArray


@dataclass(frozen=True, eq=False)
class PeoplePlaces:
    """The n places where the people of the finest areas live.

    Attributes:
        places: id, longitude, latitude (degrees; NaN where unknown).
        area: (n,) the position of the area each belongs to.
        share: (n,) the share of the area's people who live there; those of an area add up to 1.
    """

    places: pd.DataFrame
    area: Positions
    share: FloatArray

    def spread(self, of_area: FloatArray) -> FloatArray:
        """(n,): the people of each area, spread over the places where they live."""
        return of_area[self.area] * self.share


def people_places(seats: pd.DataFrame, points: pd.DataFrame | None = None) -> PeoplePlaces:
    """Where people live: all at the seat of their area, or spread over the points of a grid.

    Parameters
    ----------
    seats: id, longitude, latitude of the finest areas.
    points: point_id, area_id, longitude, latitude, people of a population grid, if there is one.
        An area of which it counts nobody keeps its seat; points of other areas are left out.
    """
    size = len(seats)
    whole = PeoplePlaces(seats, np.arange(size), np.ones(size))
    if points is None or points.empty:
        return whole
    inhabited = points[(points["people"] > 0) & points["area_id"].isin(seats["id"])]
    seated = np.flatnonzero(~seats["id"].isin(inhabited["area_id"]))
    position = pd.Series(np.arange(size), index=seats["id"])
    area = position.reindex(inhabited["area_id"]).to_numpy(dtype=np.int64)
    total = np.bincount(area, inhabited["people"], minlength=size)
    found = inhabited[["point_id", "longitude", "latitude"]].rename(columns={"point_id": "id"})
    places = pd.concat([seats.iloc[seated], found], ignore_index=True)
    share = inhabited["people"].to_numpy(dtype="float64") / total[area]
    return PeoplePlaces(
        places[["id", "longitude", "latitude"]],
        np.concatenate((seated, area)),
        np.concatenate((np.ones(len(seated)), share)),
    )
