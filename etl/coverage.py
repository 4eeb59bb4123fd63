"""Run the catchment engine for each service, period and standard of the catalogue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.accessibility import StepWeights, e2sfca, nearest_minutes
from geodata.methods.gap import aggregated_gap, gap_triad, reference_standard
from geodata.methods.travel import straight_line_minutes


class EngineError(ValueError):
    """The engine lacks a figure it needs; the message names it."""


def coverages(
    figures: pd.DataFrame, areas: pd.DataFrame, membership: pd.DataFrame, catalogue: Catalogue
) -> pd.DataFrame:
    """The table ``coverage``: need, effective places, triad and gap, in places.

    The engine runs on the finest areas, those beyond the border included, so that a family at
    the edge finds the places next door and shares them with those who live there. Only the
    territory's own areas are returned; larger areas are sums of them, then ratios.

    Raises
    ------
    EngineError
        When the supply of one of the territory's areas is unknown: unknown is not zero.
    """
    made = []
    for service in catalogue.services.values():
        for period in service.periods:
            points = _points(figures, areas, service, period, catalogue)
            made += [
                _under(standard, points, figures, membership, service, period, catalogue)
                for standard in service.standards
            ]
    return pd.concat(made, ignore_index=True)


def standard_value(
    standard: Standard, figures: pd.DataFrame, service: ServiceCategory, catalogue: Catalogue
) -> float:
    """Tau, in places per child: as written, or places / children of the whole country."""
    if standard.value is not None:
        return standard.value
    level = catalogue.territory.area.level
    at = figures[(figures["level"] == level) & (figures["period"] == standard.period)]
    wide = at.pivot(index="area_id", columns="variable", values="value")
    supply = wide[list(service.supply)].sum(axis=1, skipna=False)
    return reference_standard(supply.to_numpy(), wide[service.demand].to_numpy())


def _points(
    figures: pd.DataFrame,
    areas: pd.DataFrame,
    service: ServiceCategory,
    period: str,
    catalogue: Catalogue,
) -> pd.DataFrame:
    """Demand, supply, access, effective places and nearest minutes of each finest area."""
    territory = catalogue.territory
    seats = areas[areas["level"] == territory.finest_level].set_index("area_id")
    at = figures[(figures["level"] == territory.finest_level) & (figures["period"] == period)]
    wide = at.pivot(index="area_id", columns="variable", values="value").reindex(seats.index)
    points = pd.DataFrame(
        {
            "role": seats["role"],
            "demand": wide[service.demand],
            "supply": wide[list(service.supply)].sum(axis=1, skipna=False),
        }
    )
    unknown = points[points[["demand", "supply"]].isna().any(axis=1)]
    if len(unknown):
        raise EngineError(
            f"{service.id} {period}: demand or supply unknown for {len(unknown)} areas "
            f"({', '.join(unknown.index[:5])}); unknown is not zero."
        )
    travel = territory.travel
    places = seats[["seat_longitude", "seat_latitude"]].to_numpy(dtype="float64")
    minutes = straight_line_minutes(places, places, travel.detour_factor, travel.speed_kmh)
    weights = StepWeights(service.upper_minutes, service.weights)
    shared = e2sfca(points["demand"].to_numpy(), points["supply"].to_numpy(), minutes, weights)
    has_places = points["supply"].to_numpy() > 0
    return points.assign(
        effective=shared.effective, nearest_minutes=nearest_minutes(minutes, has_places)
    )


def _under(
    standard: Standard,
    points: pd.DataFrame,
    figures: pd.DataFrame,
    membership: pd.DataFrame,
    service: ServiceCategory,
    period: str,
    catalogue: Catalogue,
) -> pd.DataFrame:
    """The coverage rows of every level under one standard."""
    tau = standard_value(standard, figures, service, catalogue)
    ours = points[points["role"] == "territory"]
    within = (ours["nearest_minutes"] <= service.threshold_minutes).to_numpy(dtype=np.bool_)
    fine = gap_triad(
        ours["demand"].to_numpy(), ours["effective"].to_numpy(), tau, within, ours.index
    )
    levels = [
        fine.assign(
            level=catalogue.territory.finest_level,
            supply=ours["supply"],
            nearest_minutes=ours["nearest_minutes"],
        )
    ]
    for parent_level, members in membership.groupby("parent_level"):
        parent = members.set_index("area_id")["parent_id"]
        supply = ours["supply"].groupby(parent.reindex(ours.index)).sum()
        levels.append(aggregated_gap(fine, parent).assign(level=parent_level, supply=supply))
    made = pd.concat(levels).rename_axis("area_id").reset_index()
    demand = made["demand"].where(made["demand"] > 0)
    return made.assign(
        service=service.id,
        standard=standard.id,
        period=period,
        tau=tau,
        unmet_rate=100 * made["unmet"] / demand,
        gap_rate=100 * made["gap"] / demand,
        status=np.where(demand.isna(), "not_applicable", "estimated"),
    )
