"""Which travel times a territory has: supplied, by road, or a straight line for want of better."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from etl.routing.road_times import RoadTimes, untold
from etl.routing.router import Progress, Router
from etl.routing.server import RoutingServer
from etl.routing.valhalla import Valhalla
from geodata.catalogue.nouns import Travel
from geodata.methods.travel_times import StraightLine, SuppliedMatrix, TravelTimes
from geodata.settings import Settings

#: Folder of road graphs and of timed blocks, in that of the data.
ROADS = "roads"


def travel_times(
    travel: Travel,
    settings: Settings,
    supplied: pd.DataFrame | None = None,
    factors: Mapping[str, float] | None = None,
    progress: Progress = untold,
) -> TravelTimes:
    """The travel times to compute with: the authority's own table, else roads, else an estimate.

    Parameters
    ----------
    travel: the estimate that the territory declares; the error of roads and of a table that
        declares none is not known, and is taken as 0.
    supplied: the staged table ``trip``, if there is one (:func:`supplied_matrix`).
    factors: pace factor by area (:func:`geodata.pace.pace_factors`), for the estimate only.

    Raises
    ------
    RejectedFile
        When roads are asked for and the extra or the extract is missing.
    """
    if supplied is not None and len(supplied):
        return supplied_matrix(supplied)
    folder = settings.data / ROADS
    if settings.roads is not None:
        roads = Valhalla(settings.roads, folder / "graphs", progress)
        return _by_road(roads, folder, progress)
    if settings.router:
        return _by_road(RoutingServer(settings.router), folder, progress)
    return StraightLine(
        travel.detour_factor, travel.speed_kmh, travel.error_share, dict(factors or {})
    )


def travel_parameters(times: TravelTimes) -> dict[str, object]:
    """How trips are timed, for lineage: ``travel``, ``travel_error`` (a share) and what made them.

    ``travel`` is straight_line, supplied (a table of minutes) or roads.
    """
    error = {"travel_error": times.error_share}
    if isinstance(times, StraightLine):
        declared = {"detour_factor": times.detour_factor, "speed_kmh": times.speed_kmh}
        return {"travel": "straight_line", **error, **declared}
    if isinstance(times, RoadTimes):
        return {"travel": "roads", **error, "router": times.router.identity.split()[0]}
    return {"travel": "supplied", **error}


def supplied_matrix(trips: pd.DataFrame) -> SuppliedMatrix:
    """The staged table ``trip`` as travel times: of several periods, the last."""
    last = trips[trips["period"] == trips["period"].max()]
    longest = float(last["longest_minutes"].max())
    return SuppliedMatrix(last, None if np.isnan(longest) else longest)


def _by_road(router: Router, folder: Path, progress: Progress) -> RoadTimes:
    return RoadTimes(router, folder / "blocks", progress=progress)
