"""Run the catchment engine for each service, period and standard of the catalogue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from etl.crowds import crowded_shares
from etl.engine import Problem, Shares, shares
from etl.scene import DRAWS, Scene
from etl.standards import side_by_side, standard_value, unknown_figures
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.gap import aggregated_gap, gap_triad
from geodata.methods.need import DrawnNeed, Need
from geodata.methods.travel_times import StraightLine
from geodata.methods.uncertainty import gap_interval, p_positive, summed_draws
from geodata.model import Issue


def coverages(
    figures: pd.DataFrame, service: ServiceCategory, catalogue: Catalogue, at: Scene
) -> tuple[pd.DataFrame, list[Issue]]:
    """The table ``coverage`` for one service: need, effective places, triad and gap, in places.

    The engine runs on the finest areas, those beyond the border included, so that a family at
    the edge finds the places next door and shares them with those who live there. Only the
    territory's own areas are returned; larger areas are sums of them, then ratios.

    An area whose demand or supply is unknown is left out, and so is what it could change: every
    area that shares a place with it is ``missing``, and so is each larger area that holds one
    (unknown is not zero). A warning says how many.

    ``gap_low``, ``gap_high`` and ``p_gap`` come from :data:`etl.scene.DRAWS` of the people (a
    count, drawn as a Poisson one) and of travel (off by up to its declared share, all trips
    together); the places of the register are taken as they are. A larger area's draws are the
    sums of its parts' draws.

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
        counts = pd.DataFrame(
            {
                "demand": wide[service.demand],
                "supply": wide[list(service.supply)].sum(axis=1, skipna=False),
            }
        )
        found = _shared_out(counts, service, period, at)
        for standard in service.standards:
            tau = standard_value(standard, figures, at.country_parts, service, catalogue)
            rows = _under(tau, counts, found, at)
            made.append(_laid_out(rows, service, standard, period, tau))
    return pd.concat(made, ignore_index=True), issues


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
    )
    times = at.roads.times
    if at.planes is not None and problem.decay is not None and isinstance(times, StraightLine):
        planes = at.planes
        return crowded_shares(problem, times, planes.origins, planes.destinations, people.area)
    drawn = (service.demand, service.demand_period_for(period))
    problem = replace(problem, people_drawn=at.people_drawn(drawn, demand))
    return shares(problem, at.roads, at.pool, at.tiles)


def _under(tau: float, counts: pd.DataFrame, found: Shares, at: Scene) -> pd.DataFrame:
    """The amounts of every level's own areas under one standard, and whether they are known."""
    of_people, counted = at.people.area, counts.to_numpy(dtype="float64")
    demand = at.people.spread(counted[:, 0])
    sure = np.flatnonzero(found.is_known & at.own[of_people])
    triad = gap_triad(
        demand[sure], found.effective[sure], tau, found.is_within[sure], pd.Index(sure)
    )
    need = DrawnNeed(Need.NORMATIVE, tau * found.people_drawn.T)
    drawn = need.drawn - found.effective_drawn.T
    of_drawn = of_people if drawn.shape[1] == len(of_people) else np.arange(len(counted))
    weight = np.nan_to_num(demand) + 1e-9  # where nobody lives, the plain mean
    levels = []
    for rung in at.rungs:
        size, of_area = len(rung.areas), rung.of_finest
        lived_in, held = of_area[of_people], of_area >= 0
        with_home = lived_in >= 0
        unsure = np.bincount(lived_in[with_home & ~found.is_known], minlength=size) > 0
        sums = np.array([np.bincount(of_area[held], x[held], minlength=size) for x in counted.T])
        is_known = ~unsure & np.isfinite(sums[0])
        inside = triad[lived_in[sure] >= 0]
        parent = pd.Series(lived_in, index=range(len(lived_in)))
        amounts = aggregated_gap(inside, parent.loc[inside.index]).reindex(range(size))
        rows = amounts.drop(columns="demand").where(pd.Series(is_known), np.nan)
        low, high = gap_interval(summed := summed_draws(drawn, of_area[of_drawn], size))
        with np.errstate(invalid="ignore"):
            minutes = np.bincount(
                lived_in[with_home], (found.nearest_minutes * weight)[with_home], minlength=size
            ) / np.bincount(lived_in[with_home], weight[with_home], minlength=size)
        rows = rows.assign(
            area_id=rung.areas,
            level=rung.level,
            demand=sums[0],
            supply=sums[1],
            gap_low=low,
            gap_high=high,
            p_gap=p_positive(summed),
            nearest_minutes=minutes,
            is_known=is_known,
        )
        for name in ("gap_low", "gap_high", "p_gap"):
            rows[name] = rows[name].where(rows["is_known"])
        if rung is not at.rungs[0]:
            for name in ("demand", "supply", "nearest_minutes"):
                rows[name] = rows[name].where(rows["is_known"])
        levels.append(rows)
    return pd.concat(levels, ignore_index=True)


def _laid_out(
    rows: pd.DataFrame, service: ServiceCategory, standard: Standard, period: str, tau: float
) -> pd.DataFrame:
    """The rows of the table: rates are per so many people, and say nothing where there is none."""
    is_known = rows.pop("is_known").astype(bool)
    demand = rows["demand"].where(rows["demand"] > 0)
    nobody = np.where(demand.isna(), "not_applicable", "estimated")
    return rows.assign(
        service=service.id,
        standard=standard.id,
        period=period,
        tau=tau,
        coverage=service.per * rows["effective"] / demand,
        unmet_rate=service.per * rows["unmet"] / demand,
        gap_rate=service.per * rows["gap"] / demand,
        status=np.where(is_known, nobody, "missing"),
    )
