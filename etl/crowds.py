"""The engine for a population grid: millions of points, on a plane, without a table of trips.

Trips between a million points and all the areas would not fit in memory; on a plane nothing has to
be kept but the points (`geodata.methods.banded`). Distances are those of the metric system of each
zone, within half a percent of those on the globe; zones lie too far apart to meet. Every point has
the same pace: what slows the roads of single areas is left out, and the refresh says so.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from etl.drawing import metric_crs
from etl.problem import Problem, Shares
from etl.roads import Positions
from etl.solution import TooManyTripsError, within_threshold
from geodata.catalogue.nouns import Territory
from geodata.methods.accessibility import three_step_catchments, two_step_catchments
from geodata.methods.amounts import FloatArray
from geodata.methods.banded import BandedPoints
from geodata.methods.decay import StepWeights
from geodata.methods.drawn_amounts import Counted, Within, drawn_amounts
from geodata.methods.keyed_random import Draws, Purpose
from geodata.methods.nearest import nearest
from geodata.methods.travel_times import StraightLine
from geodata.model import ServiceMethod

#: Places where people live from which trips are no longer kept in a table.
CROWD = 200_000
#: Metres between the zones on the common plane.
_APART = 1e7


def on_plane(places: pd.DataFrame, area_ids: pd.Series, territory: Territory) -> FloatArray:
    """(n, 2) metres: each place in the metric system of its area's zone, zones set far apart.

    ``places`` has longitude and latitude in degrees, NaN where unknown: so are its metres.
    """
    systems = area_ids.map(
        {area_id: metric_crs(territory, str(area_id)) for area_id in area_ids.unique()}
    ).to_numpy()
    made = np.full((len(places), 2), np.nan)
    known = np.isfinite(places[["longitude", "latitude"]].to_numpy(dtype="float64")).all(axis=1)
    for number, system in enumerate(sorted(set(systems))):
        here = np.flatnonzero((systems == system) & known)
        points = gpd.GeoSeries.from_xy(
            places["longitude"].iloc[here], places["latitude"].iloc[here], crs="EPSG:4326"
        ).to_crs(system)
        made[here] = np.column_stack((points.x + number * _APART, points.y))
    return made


def crowded_shares(
    problem: Problem,
    times: StraightLine,
    origins: FloatArray,
    destinations: FloatArray,
    area: Positions,
) -> Shares:
    """Solve a problem of many places where people live as `etl.solution` solves a small one.

    Parameters
    ----------
    origins, destinations: (n, 2) and (m, 2) metres, as :func:`on_plane` gives them.
    area: (n,) the position, 0 to m - 1, of the area each origin belongs to.

    Returns
    -------
    As of the engine, but for the draws: those are sums over each area, (m, draws).

    Raises
    ------
    TooManyTripsError
        For an allocation: it is for a territory, not for a crowd.
    """
    assert problem.decay is not None, "without distance nobody needs a plane"
    if problem.method is ServiceMethod.ALLOCATION:
        count = len(origins)
        raise TooManyTripsError(f"à partir de {count} points", f"from {count} points")
    if problem.method is ServiceMethod.WITHIN:
        return _within_threshold(problem, times, origins, destinations, area)
    is_three_step = problem.method is ServiceMethod.THREE_STEP
    share_out = three_step_catchments if is_three_step else two_step_catchments
    n, m = len(origins), len(destinations)
    lives, stands = np.isfinite(origins).all(axis=1), np.isfinite(destinations).all(axis=1)
    start, end = origins[lives], destinations[stands]
    per_metre = times.detour_factor / times.speed_kmh * 60 / 1000
    no_demand, no_supply = np.isnan(problem.demand[lives]), np.isnan(problem.supply[stands])
    people, places = np.nan_to_num(problem.demand[lives]), np.nan_to_num(problem.supply[stands])

    def wronged(longest: float) -> FloatArray:
        """(n,): 1 where something unknown could be reached, or shared with, in so many minutes."""
        near = BandedPoints(start, end, StepWeights((longest,), (1.0,)), per_metre)
        unsure = no_demand
        if is_three_step:  # whoever may turn to unknown places may leave the known ones
            unsure = no_demand | (near.at_origins(no_supply.astype(np.float64)) > 0)
        by_people = near.at_destinations(unsure.astype(np.float64)) > 0
        spoiled = no_supply | (by_people & (places > 0))
        touched = near.at_origins(spoiled.astype(np.float64)) > 0
        made = np.ones(n)
        made[lives] = touched | no_demand
        return made

    plain = wronged(problem.decay.threshold) > 0
    drawn_unknown = wronged(problem.searched_minutes) > 0
    effective = np.full(n, np.nan)
    reach = BandedPoints(start, end, problem.decay, per_metre)
    effective[lives] = share_out(people, places, reach).effective
    minutes = _nearest(start, end[places > 0], per_metre)
    unsaid = _nearest(start, end[no_supply], per_metre)
    nearest_minutes = np.full(n, np.nan)
    nearest_minutes[lives] = np.where(unsaid <= minutes, np.nan, minutes)
    common = problem.error.drawn(problem.draws, problem.keys).common
    sums = np.zeros((2, m, problem.draws.count))
    error = Within(problem.supply_error)
    supply_keys = None if problem.supply_keys is None else problem.supply_keys[stands]
    for number, factor in enumerate(common):
        one = Draws(1, problem.draws.seed, problem.draws.first + number)
        drawn = drawn_amounts(people, Counted(), one, Purpose.DEMAND, problem.keys[lives])[0]
        offered = drawn_amounts(places, error, one, Purpose.SUPPLY, supply_keys)[0]
        slower = BandedPoints(start, end, problem.decay, per_metre * float(factor))
        found = share_out(drawn, offered, slower).effective
        sums[0, :, number] = np.bincount(area[lives], drawn, minlength=m)
        sums[1, :, number] = np.bincount(area[lives], found, minlength=m)
    sums[:, np.bincount(area, drawn_unknown, minlength=m) > 0] = np.nan
    return Shares(
        np.where(plain, np.nan, effective),
        nearest_minutes,
        np.asarray(nearest_minutes <= problem.decay.threshold, dtype=np.bool_),
        ~plain,
        sums[0],
        sums[1],
    )


def _within_threshold(
    problem: Problem,
    times: StraightLine,
    origins: FloatArray,
    destinations: FloatArray,
    area: Positions,
) -> Shares:
    """Everyone who has a place near enough is served, as `etl.solution` has it."""
    assert problem.decay is not None
    per_metre = times.detour_factor / times.speed_kmh * 0.06  # minutes
    lives = np.asarray(np.isfinite(origins).all(axis=1), dtype=np.bool_)
    stands = np.isfinite(destinations).all(axis=1)
    end, places = destinations[stands], problem.supply[stands]
    found = np.full((2, len(origins)), np.nan)
    for row, wanted in enumerate((places > 0, np.isnan(places))):
        found[row, lives] = _nearest(origins[lives], end[wanted], per_metre)
    factors = problem.error.drawn(problem.draws, problem.keys).common
    sums = np.empty((2, len(destinations), problem.draws.count))
    is_lost = np.zeros(len(destinations), dtype=np.bool_)
    # A draw at a time: all of them, of millions of places, would not fit in memory.
    for number in range(problem.draws.count):
        one = replace(problem, draws=Draws(1, problem.draws.seed, problem.draws.first + number))
        made = within_threshold(one, found[0], found[1], ~lives, factors[number : number + 1])
        is_lost[area[np.isnan(made.people_drawn[:, 0])]] = True
        for row, drawn in enumerate((made.people_drawn, made.effective_drawn)):
            sums[row, :, number] = np.bincount(area, drawn[:, 0], len(destinations))
    sums[:, is_lost] = np.nan
    return replace(made, people_drawn=sums[0], effective_drawn=sums[1])


def _nearest(start: FloatArray, end: FloatArray, per_metre: float) -> FloatArray:
    """Minutes from each point to the nearest of others; NaN where there is none."""
    if not len(end):
        return np.full(len(start), np.nan)
    return nearest(start, end).distance * per_metre
