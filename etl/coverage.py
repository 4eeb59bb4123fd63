"""Run the catchment engine for each service, period and standard of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from etl.source import COUNTRY_SHARE, Ledger, RejectedFile
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.accessibility import StepWeights, e2sfca_trips
from geodata.methods.gap import aggregated_gap, gap_triad, reference_standard
from geodata.methods.travel import Trips, nearest_straight_line_minutes, straight_line_trips
from geodata.model import Issue, Severity

#: Areas that may be unknown before the engine refuses to run.
UNKNOWN_SHARE = 0.05


def coverages(
    figures: pd.DataFrame,
    areas: pd.DataFrame,
    membership: pd.DataFrame,
    service: ServiceCategory,
    catalogue: Catalogue,
) -> tuple[pd.DataFrame, list[Issue]]:
    """The table ``coverage`` for one service: need, effective places, triad and gap, in places.

    The engine runs on the finest areas, those beyond the border included, so that a family at
    the edge finds the places next door and shares them with those who live there. Only the
    territory's own areas are returned; larger areas are sums of them, then ratios.

    An area whose demand or supply is unknown is left out, and so is what it could change: every
    area that shares a place with it is ``missing``, and so is each larger area that holds one
    (unknown is not zero). A warning says how many.

    Raises
    ------
    RejectedFile
        When the demand or supply of over 5 % of the areas is unknown, or too few of the
        country's parts are known for its standard.
    """
    made: list[pd.DataFrame] = []
    issues: list[Issue] = []
    parts_level = catalogue.territory.country_parts_level
    parts = pd.Index(areas.loc[areas["level"] == parts_level, "area_id"])
    for period in service.periods:
        points, found = _points(figures, areas, service, period, catalogue)
        issues += found
        made += [
            _under(standard, points, figures, parts, membership, service, period, catalogue)
            for standard in service.standards
        ]
    return pd.concat(made, ignore_index=True), issues


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
    level = catalogue.territory.country_parts_level
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
    base = catalogue.variables[variable.window_of] if variable.window_of else variable
    read = [x for x in base.sources if x in catalogue.territory.sources]
    entry = catalogue.sources[(read or base.sources)[0]]
    return Ledger(entry.id, entry.file or entry.id).reject(
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
) -> tuple[pd.DataFrame, list[Issue]]:
    """Each finest area's role, demand, supply, effective places, nearest minutes, is_known."""
    territory = catalogue.territory
    seats = areas[areas["level"] == territory.finest_level].set_index("area_id")
    at = figures[(figures["level"] == territory.finest_level) & (figures["period"] == period)]
    wide = at.pivot(index="area_id", columns="variable", values="value")
    wide = wide.reindex(index=seats.index, columns=[*service.supply, service.demand])
    places = seats[["seat_longitude", "seat_latitude"]].to_numpy(dtype="float64")
    is_known = wide.notna().all(axis=1).to_numpy() & np.isfinite(places).all(axis=1)
    issues = _unknown_areas(wide, service, period, catalogue)
    demand = wide[service.demand].to_numpy(dtype="float64")
    supply = wide[list(service.supply)].sum(axis=1, skipna=False).to_numpy(dtype="float64")
    travel, located = territory.travel, np.isfinite(places).all(axis=1)
    position = np.flatnonzero(located)
    trips = straight_line_trips(
        places[located],
        places[located],
        travel.detour_factor,
        travel.speed_kmh,
        service.threshold_minutes,
    )
    shared = e2sfca_trips(
        np.where(is_known, demand, 0.0)[located],
        np.where(is_known, supply, 0.0)[located],
        trips,
        StepWeights(service.upper_minutes, service.weights),
    )
    effective, is_sure = np.full(len(seats), np.nan), is_known.copy()
    effective[position] = shared.effective
    is_sure[position] &= ~_touched(trips, ~is_known[located])
    has_places = located & is_known & (supply > 0)
    nearest = np.full(len(seats), np.nan)
    nearest[position] = nearest_straight_line_minutes(
        places[located], places[has_places], travel.detour_factor, travel.speed_kmh
    )
    return pd.DataFrame(
        {
            "role": seats["role"],
            "demand": demand,
            "supply": supply,
            "effective": effective,
            "nearest_minutes": nearest,
            "is_known": is_sure,
        },
        index=seats.index,
    ), issues


def _touched(trips: Trips, is_unknown: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
    """Which areas share a supplier with an unknown area: (n,) boolean."""
    count = len(is_unknown)
    wronged = np.bincount(trips.destination, is_unknown[trips.origin], minlength=count) > 0
    wronged |= is_unknown
    return np.bincount(trips.origin, wronged[trips.destination], minlength=count) > 0


def _unknown_areas(
    wide: pd.DataFrame, service: ServiceCategory, period: str, catalogue: Catalogue
) -> list[Issue]:
    """A warning for each variable that is unknown somewhere; a refusal where it is too often."""
    issues = []
    for variable_id in (service.demand, *service.supply):
        unknown = wide.index[wide[variable_id].isna()]
        if not len(unknown):
            continue
        fr = f"inconnu en {period} pour {len(unknown)} aires, dont {unknown[0]}"
        en = f"unknown in {period} for {len(unknown)} areas, such as {unknown[0]}"
        refusal = _unknown(variable_id, fr, en, catalogue)
        if len(unknown) > UNKNOWN_SHARE * len(wide):
            raise refusal
        issues.append(replace(refusal.issue, severity=Severity.WARNING, rows=len(unknown)))
    return issues


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
    sure = ours[ours["is_known"]]
    within = (sure["nearest_minutes"] <= service.threshold_minutes).to_numpy(dtype=np.bool_)
    triad = gap_triad(
        sure["demand"].to_numpy(), sure["effective"].to_numpy(), tau, within, sure.index
    )
    levels = [
        triad.reindex(ours.index).assign(
            level=catalogue.territory.finest_level,
            demand=ours["demand"],
            supply=ours["supply"],
            nearest_minutes=ours["nearest_minutes"].where(ours["is_known"]),
            is_known=ours["is_known"],
        )
    ]
    for parent_level, members in membership.groupby("parent_level"):
        parent = members.set_index("area_id")["parent_id"].reindex(ours.index)
        held = triad[parent.reindex(triad.index).notna()]
        whole = aggregated_gap(held, parent) if len(held) else held
        sums = ours[["demand", "supply"]].groupby(parent).sum(min_count=1)
        is_whole = ours["is_known"].groupby(parent).all()
        whole = whole.reindex(is_whole.index).where(is_whole)
        levels.append(
            whole.assign(
                level=parent_level,
                demand=sums["demand"].where(is_whole),
                supply=sums["supply"].where(is_whole),
                is_known=is_whole,
            )
        )
    made = pd.concat(levels).rename_axis("area_id").reset_index()
    demand = made["demand"].where(made["demand"] > 0)
    is_known = made.pop("is_known").astype(bool)
    nobody = np.where(demand.isna(), "not_applicable", "estimated")
    return made.assign(
        service=service.id,
        standard=standard.id,
        period=period,
        tau=tau,
        unmet_rate=100 * made["unmet"] / demand,
        gap_rate=100 * made["gap"] / demand,
        status=np.where(is_known, nobody, "missing"),
    )
