"""Reach: how trips of a release were timed, and from where a place can be reached.

Pure: what the release tells comes in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pandas as pd

from geodata.catalogue.nouns import ServiceCategory
from geodata.methods.travel_times import StraightLine
from geodata.model import ServiceMethod, ServiceMode


@dataclass(frozen=True, slots=True)
class Travelled:
    """How trips were timed: ``kind`` is straight_line, supplied (a table of minutes) or roads.

    - error_share: the declared error, 0 where none is.
    - detour_factor, speed_kmh: of straight lines; None otherwise.
    - leaves_from: seats (of the finest areas) or grid (of people); empty where the release was made
      before its lineage said so, when it said straight_line of everything.
    """

    kind: str
    error_share: float
    detour_factor: float | None = None
    speed_kmh: float | None = None
    leaves_from: str = ""

    @property
    def is_repeatable(self) -> bool:
        """Whether trips can be timed again as they were: no roads, table or grid is kept."""
        return self.kind == "straight_line" and self.leaves_from == "seats"


def travelled(parameters: Iterable[str]) -> Travelled | None:
    """How a release was travelled, from the parameters (JSON) of its indicators' lineage.

    None where no indicator is one that trips are timed for.
    """
    for text in parameters:
        told = json.loads(text)
        if "travel" in told:
            return Travelled(
                kind=told["travel"],
                error_share=told["travel_error"],
                detour_factor=told.get("detour_factor"),
                speed_kmh=told.get("speed_kmh"),
                leaves_from=told.get("leaves_from", ""),
            )
    return None


def does_distance_count(service: ServiceCategory) -> bool:
    """Whether a place of a category counts for those who are near enough, and for them only."""
    is_everywhere = service.mode is ServiceMode.REMOTE
    is_sector = service.mode is ServiceMode.CATCHMENT and service.service_area is not None
    is_shared = service.method is not ServiceMethod.NONE
    return is_shared and not (is_everywhere or is_sector)


def reached(
    seats: pd.DataFrame,
    places: Collection[str],
    how: Travelled,
    factors: pd.Series[float],
    minutes: float,
) -> pd.DataFrame | None:
    """From which seats each place can be reached, as the engine timed it.

    Parameters
    ----------
    seats: area_id, longitude, latitude (degrees, NaN where unknown) of every finest area, those
        beyond the border too.
    places: ids among them, where services stand.
    factors: pace factor by id, 1 or more (`geodata.pace.pace_factors`). minutes: the longest trip.

    Returns
    -------
    place, area_id, minutes: a row a pair that is near enough. None where trips cannot be timed
    again (`Travelled.is_repeatable`).
    """
    if not how.is_repeatable or how.detour_factor is None or how.speed_kmh is None:
        return None
    homes = seats.rename(columns={"area_id": "id"})
    there = homes[homes["id"].isin(places)]
    slow = {str(one): float(factor) for one, factor in factors[factors > 1].items()}
    times = StraightLine(how.detour_factor, how.speed_kmh, how.error_share, slow)
    trips = times.trips(homes, there, minutes)
    return pd.DataFrame(
        {
            "place": there["id"].to_numpy()[trips.destination],
            "area_id": homes["id"].to_numpy()[trips.origin],
            "minutes": trips.minutes,
        }
    )
