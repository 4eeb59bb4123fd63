"""Run the catchment engine for each service, period and standard of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from etl.crowds import crowded_shares
from etl.engine import Problem, Shares, shares
from etl.roads import Positions
from etl.scene import DRAWS, Rung, Scene
from etl.standards import side_by_side, standard_value, unknown_figures
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.amounts import FloatArray
from geodata.methods.gap import aggregated_gap, gap_triad
from geodata.methods.need import DrawnNeed, Need
from geodata.methods.travel_times import StraightLine
from geodata.methods.uncertainty import gap_interval, p_positive, summed_draws
from geodata.model import Issue

#: Share of a larger area's parts that may be unknown for it to be told from the others.
MOST_UNKNOWN = 0.01


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
        wide[service.demand] = at.estimated_people(wide[service.demand])
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
        supply_keys=at.finest_keys,
        supply_error=service.capacity_error,
    )
    times = at.roads.times
    if at.planes is not None and problem.decay is not None and isinstance(times, StraightLine):
        planes = at.planes
        return crowded_shares(problem, times, planes.origins, planes.destinations, people.area)
    drawn = (service.demand, service.demand_period_for(period))
    problem = replace(problem, people_drawn=at.people_drawn(drawn, demand))
    return shares(problem, at.roads, at.pool, at.tiles)


@dataclass(frozen=True, eq=False)
class _Judged:
    """What the engine found, under one standard: where people live, and what each area counts.

    ``sure`` are the positions of the places that ``triad`` has a row for; ``drawn`` is (draws, r)
    gaps, of the places where people live or, for a crowd, of the finest areas: ``of_drawn`` says
    which finest area each of them belongs to.
    """

    found: Shares
    counted: FloatArray
    demand: FloatArray
    sure: Positions
    triad: pd.DataFrame
    drawn: FloatArray
    of_drawn: Positions


def _under(tau: float, counts: pd.DataFrame, found: Shares, at: Scene) -> pd.DataFrame:
    """The amounts of every level's own areas under one standard, and whether they are known."""
    counted = counts.to_numpy(dtype="float64")
    demand = at.people.spread(counted[:, 0])
    sure = np.flatnonzero(found.is_known & at.own[at.people.area])
    triad = gap_triad(
        demand[sure], found.effective[sure], tau, found.is_within[sure], pd.Index(sure)
    )
    need = DrawnNeed(Need.NORMATIVE, tau * found.people_drawn.T)
    drawn = need.drawn - found.effective_drawn.T
    is_by_place = drawn.shape[1] == len(demand)
    of_drawn = at.people.area if is_by_place else np.arange(len(counted))
    judged = _Judged(found, counted, demand, sure, triad, drawn, of_drawn)
    return pd.concat([_of_rung(rung, judged, at) for rung in at.rungs], ignore_index=True)


def _of_rung(rung: Rung, judged: _Judged, at: Scene) -> pd.DataFrame:
    """The amounts of one level's areas: sums over the places where their people live."""
    size, of_area = len(rung.areas), rung.of_finest
    lived_in = of_area[at.people.area]
    homes = np.flatnonzero(lived_in >= 0)

    def summed(values: FloatArray) -> FloatArray:
        return np.bincount(lived_in[homes], values[homes], minlength=size).astype(np.float64)

    held = np.flatnonzero(of_area >= 0)
    unsure = np.zeros(len(of_area), dtype=np.bool_)
    unsure[at.people.area[~judged.found.is_known]] = True
    unsure |= np.isnan(judged.counted[:, 0])
    expected = np.bincount(of_area[held], minlength=size)
    told = held[~unsure[held]]
    parts = np.bincount(of_area[told], minlength=size)
    is_known = (parts > 0) & (parts >= (1 - MOST_UNKNOWN) * expected)
    counted = judged.counted if rung is at.rungs[0] else judged.counted[told]
    of_counted = of_area if rung is at.rungs[0] else of_area[told]
    inside = of_counted >= 0
    sums = [np.bincount(of_counted[inside], x[inside], minlength=size) for x in counted.T]
    parent = pd.Series(lived_in[judged.sure], index=judged.sure)
    parent = parent[parent >= 0]
    amounts = aggregated_gap(judged.triad.loc[parent.index], parent).reindex(range(size))
    # A part that is unknown, or that the quickest trips would make so, is left out of the sums
    # of a larger area of which nearly all is known.
    is_drawn = np.isfinite(judged.drawn[0]) | (rung is at.rungs[0])
    gaps = summed_draws(judged.drawn, np.where(is_drawn, of_area[judged.of_drawn], -1), size)
    drawn_parts = np.unique(judged.of_drawn[is_drawn])
    drawn_parts = np.bincount(of_area[drawn_parts[of_area[drawn_parts] >= 0]], minlength=size)
    gaps[:, drawn_parts < (1 - MOST_UNKNOWN) * expected] = np.nan
    low, high = gap_interval(gaps)
    weight = np.nan_to_num(judged.demand) + 1e-9  # where nobody lives, the plain mean
    with np.errstate(invalid="ignore"):
        minutes = summed(judged.found.nearest_minutes * weight) / summed(weight)
    known = amounts.drop(columns="demand").assign(
        gap_low=low, gap_high=high, p_gap=p_positive(gaps)
    )
    plain = pd.DataFrame({"demand": sums[0], "supply": sums[1], "nearest_minutes": minutes})
    if rung is not at.rungs[0]:
        plain = plain.where(pd.Series(is_known)).assign(parts=parts, parts_expected=expected)
    return (
        known.where(pd.Series(is_known), np.nan)
        .join(plain)
        .assign(area_id=rung.areas, level=rung.level, is_known=is_known)
    )


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
