"""Run the engine for each service, period and standard of the catalogue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from etl.crowds import crowded_shares
from etl.engine import shares
from etl.judged import judged
from etl.problem import Problem, Shares
from etl.scene import DRAWS, Scene
from etl.service_figures import (
    people_and_supply,
    side_by_side,
    unknown_figures,
    unknown_variable,
)
from etl.solution import TooManyTripsError
from etl.source import RejectedFile
from etl.standards import measure, parts_of, standards_apart
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.travel_times import StraightLine
from geodata.model import Issue


def coverages(
    figures: pd.DataFrame, service: ServiceCategory, catalogue: Catalogue, at: Scene
) -> tuple[pd.DataFrame, list[Issue]]:
    """The table ``coverage`` for one service: need, effective places, triad and gap, in places.

    The engine runs on the finest areas, those beyond the border included, so that a family at
    the edge finds the places next door and shares them with those who live there. Only the
    territory's own areas are returned; larger areas are sums of them, then ratios.

    People who are unknown in a few areas of a part of the country are estimated from its legal
    population (:meth:`etl.scene.Scene.estimated_people`). An area whose demand or supply is
    unknown all the same is left out, and so is what it could change: every area that shares a
    place with it is ``missing``, and so is each larger area that holds one (unknown is not zero),
    unless that is under :data:`MOST_UNKNOWN` of its parts: then it is the sum of the others, and
    ``parts`` of ``parts_expected`` say so. A warning says how many are unknown.

    ``gap_low``, ``gap_high`` and ``p_gap`` come from :data:`etl.scene.DRAWS` of the people (a
    count, drawn as a Poisson one) and of travel (off by up to its declared share, all trips
    together), and of the places of each area (off by up to the share its category declares). A
    larger area's draws are the sums of its parts' draws. Where the quickest trips would reach
    something unknown, an area that is known has no interval.

    Raises
    ------
    RejectedFile
        When the demand or supply of over 5 % of the territory's own areas is unknown, or too few
        of the country's parts are known for its standard and none is declared.
    """
    made: list[pd.DataFrame] = []
    issues: list[Issue] = []
    finest = catalogue.territory.finest_level
    for period in service.periods:
        wide = side_by_side(figures, finest, service, period).reindex(index=at.finest)
        issues += unknown_figures(wide, at.own, service, period, catalogue)
        parts = parts_of(figures, service, period, catalogue, at.country_parts, at.part)
        counts = people_and_supply(wide, parts.wide, service)
        counts["demand"] = at.estimated_people(counts["demand"])
        try:
            found = _shared_out(counts, service, period, at)
        except TooManyTripsError as error:
            raise _too_many_trips(error, service, catalogue) from error
        for standard in service.standards:
            compared = parts
            if standard.period != period:
                compared = parts_of(
                    figures, service, standard.period, catalogue, at.country_parts, at.part
                )
            else:  # averages of two periods may well differ
                issues += standards_apart(standard, parts, counts, at.own, service, catalogue)
            by = measure(standard, compared, service, catalogue)
            rows = judged(by, counts, found, at)
            made.append(_laid_out(rows, service, standard, period))
    return pd.concat(made, ignore_index=True), issues


def _too_many_trips(
    error: TooManyTripsError, service: ServiceCategory, catalogue: Catalogue
) -> RejectedFile:
    refusal = unknown_variable(
        service.supply[0],
        f"trop de trajets pour une allocation ({error.fr})",
        f"too many trips for an allocation ({error.en})",
        catalogue,
        mend_fr=f"Donner à [{service.id}] la méthode e2sfca : l’allocation est pour un territoire.",
        mend_en=f"Give [{service.id}] the method e2sfca: allocation is for a territory.",
    )
    return RejectedFile(replace(refusal.issue, code="too_many_trips"))


def _shared_out(counts: pd.DataFrame, service: ServiceCategory, period: str, at: Scene) -> Shares:
    """What falls to each place where people live."""
    people = at.people
    demand = people.spread(counts["demand"].to_numpy(dtype="float64"))
    catchment = None
    if service.service_area is not None:
        (inside,) = (rung.of_finest for rung in at.rungs if rung.level == service.service_area)
        catchment = inside[people.area], inside
    problem = Problem(
        demand,
        counts["supply"].to_numpy(dtype="float64") * service.week_share,
        service.decay,
        at.keys,
        DRAWS,
        at.roads.times.error_share,
        catchment,
        supply_keys=at.finest_keys,
        supply_error=service.capacity_error,
        method=service.method,
    )
    times = at.roads.times
    if at.planes is not None and problem.decay is not None and isinstance(times, StraightLine):
        planes = at.planes
        return crowded_shares(problem, times, planes.origins, planes.destinations, people.area)
    drawn = (service.people, service.use_rates, service.demand_period_for(period))
    problem = replace(problem, people_drawn=at.people_drawn(drawn, demand))
    return shares(problem, at.roads, at.pool, at.tiles)


def _laid_out(
    rows: pd.DataFrame, service: ServiceCategory, standard: Standard, period: str
) -> pd.DataFrame:
    """The rows of the table: rates are per so many people, and say nothing where there is none."""
    is_known = rows.pop("is_known").astype(bool)
    demand = rows["demand"].where(rows["demand"] > 0)
    nobody = np.where(demand.isna(), "not_applicable", "estimated")
    return rows.assign(
        service=service.id,
        standard=standard.id,
        period=period,
        coverage=service.per * rows["effective"] / demand,
        unmet_rate=service.per * rows["unmet"] / demand,
        gap_rate=service.per * rows["gap"] / demand,
        status=np.where(is_known, nobody, "missing"),
    )
