"""Run the catchment engine for each service, period and standard of the catalogue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.source import COUNTRY_SHARE, Ledger, RejectedFile
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.accessibility import StepWeights, e2sfca, nearest_minutes
from geodata.methods.gap import aggregated_gap, gap_triad, reference_standard
from geodata.methods.travel import straight_line_minutes


def coverages(
    figures: pd.DataFrame, areas: pd.DataFrame, membership: pd.DataFrame, catalogue: Catalogue
) -> pd.DataFrame:
    """The table ``coverage``: need, effective places, triad and gap, in places.

    The engine runs on the finest areas, those beyond the border included, so that a family at
    the edge finds the places next door and shares them with those who live there. Only the
    territory's own areas are returned; larger areas are sums of them, then ratios.

    Raises
    ------
    RejectedFile
        When the demand or supply of an area is unknown (unknown is not zero), or too few of the
        country's parts are known for its standard.
    """
    made = []
    parts = pd.Index(areas.loc[areas["level"] == catalogue.territory.area.level, "area_id"])
    for service in catalogue.services.values():
        for period in service.periods:
            points = _points(figures, areas, service, period, catalogue)
            made += [
                _under(standard, points, figures, parts, membership, service, period, catalogue)
                for standard in service.standards
            ]
    return pd.concat(made, ignore_index=True)


def standard_value(
    standard: Standard,
    figures: pd.DataFrame,
    parts: pd.Index,
    service: ServiceCategory,
    catalogue: Catalogue,
) -> float:
    """Tau, in places per child: as written, or places / children of the whole country.

    Raises
    ------
    RejectedFile
        When under 80 % of the country's parts are known: they would not stand for it.
    """
    if standard.value is not None:
        return standard.value
    level = catalogue.territory.area.level
    at = figures[(figures["level"] == level) & (figures["period"] == standard.period)]
    wide = at.pivot(index="area_id", columns="variable", values="value")
    wide = wide.reindex(index=parts, columns=[*service.supply, service.demand])
    supply = wide[list(service.supply)].sum(axis=1, skipna=False)
    for variable in wide.columns:
        known = int(wide[variable].notna().sum())
        if known < COUNTRY_SHARE * len(wide):
            raise _unknown(
                variable,
                f"{known} aires sur {len(wide)} seulement pour la référence {standard.name.fr}",
                f"only {known} of {len(wide)} areas for the standard {standard.name.en}",
                catalogue,
            )
    return reference_standard(supply.to_numpy(), wide[service.demand].to_numpy())


def _unknown(variable_id: str, fr: str, en: str, catalogue: Catalogue) -> RejectedFile:
    """The refusal of the file that should have held a variable's figures."""
    variable = catalogue.variables[variable_id]
    source_id = variable.source or catalogue.variables[variable.window_of or ""].source
    entry = catalogue.sources[str(source_id)]
    return Ledger(entry.id, entry.file).reject(
        "unknown_figure",
        f"{variable.name.fr} : {fr}",
        f"{variable.name.en}: {en}",
        column=variable_id,
        mend_fr="Ajouter les lignes manquantes : inconnu n’est pas zéro.",
        mend_en="Add the missing rows: unknown is not zero.",
    )


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
    wide = at.pivot(index="area_id", columns="variable", values="value")
    wide = wide.reindex(index=seats.index, columns=[*service.supply, service.demand])
    points = pd.DataFrame(
        {
            "role": seats["role"],
            "demand": wide[service.demand],
            "supply": wide[list(service.supply)].sum(axis=1, skipna=False),
        }
    )
    for variable in (service.demand, *service.supply):
        unknown = wide.index[wide[variable].isna()]
        if len(unknown):
            raise _unknown(
                variable,
                f"inconnu en {period} pour {len(unknown)} communes, dont {unknown[0]}",
                f"unknown in {period} for {len(unknown)} areas, such as {unknown[0]}",
                catalogue,
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
    country_parts: pd.Index,
    membership: pd.DataFrame,
    service: ServiceCategory,
    period: str,
    catalogue: Catalogue,
) -> pd.DataFrame:
    """The coverage rows of every level under one standard."""
    tau = standard_value(standard, figures, country_parts, service, catalogue)
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
