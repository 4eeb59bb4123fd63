"""What a service is judged by, and what must be known of it before it can be."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from etl.roads import Flags
from etl.source import COUNTRY_SHARE, Ledger, RejectedFile
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.gap import reference_standard
from geodata.model import Issue, Severity

#: The territory's own areas that may be unknown before the engine refuses to run.
UNKNOWN_SHARE = 0.05


def standard_value(
    standard: Standard,
    figures: pd.DataFrame,
    parts: pd.Index,
    service: ServiceCategory,
    catalogue: Catalogue,
) -> float:
    """Tau, in places per person: as written, or places / people of the whole country.

    A reference is computed where the figures of the whole country are at hand; elsewhere the
    value that the country gave, as declared, stands.

    Raises
    ------
    RejectedFile
        When under 80 % of the country's parts are known, they would not stand for it, and the
        standard declares no value.
    """
    if standard.kind == "fixed":
        assert standard.value is not None, "checked by the catalogue"
        return standard.value
    level = catalogue.territory.country_parts_level
    wide = side_by_side(figures, level, service, standard.period).reindex(index=parts)
    supply = wide[list(service.supply)].sum(axis=1, skipna=False)
    for variable in wide.columns:
        known = int(wide[variable].notna().sum())
        if known < COUNTRY_SHARE * len(wide):
            if standard.value is not None:
                return standard.value
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


def side_by_side(
    figures: pd.DataFrame, level: str, service: ServiceCategory, period: str
) -> pd.DataFrame:
    """The values of a level's areas: a column for each variable, each of its own period."""
    at = figures[figures["level"] == level]
    of_demand = at["variable"] == service.demand
    at = at[at["period"] == of_demand.map({True: service.demand_period_for(period), False: period})]
    wide = at.pivot(index="area_id", columns="variable", values="value")
    return wide.reindex(columns=list(service.variables))


def unknown_figures(
    wide: pd.DataFrame,
    own: Flags,
    service: ServiceCategory,
    period: str,
    catalogue: Catalogue,
) -> list[Issue]:
    """A warning for each variable that is unknown somewhere; a refusal where it is too often.

    Neighbours may well be unknown, an extract of the territory says nothing of them: that is a
    note, and what they could change is missing.
    """
    issues = []
    for variable_id in service.variables:
        unknown = wide.index[wide[variable_id].isna()]
        if not len(unknown):
            continue
        at = service.demand_period_for(period) if variable_id == service.demand else period
        inside = int((wide[variable_id].isna().to_numpy() & own).sum())
        fr = f"inconnu en {at} pour {len(unknown)} aires, dont {unknown[0]}"
        en = f"unknown in {at} for {len(unknown)} areas, such as {unknown[0]}"
        if not inside:
            fr, en = f"{fr}, toutes voisines", f"{en}, all of them neighbours"
        refusal = _unknown(variable_id, fr, en, catalogue)
        if inside > UNKNOWN_SHARE * own.sum():
            raise refusal
        severity = Severity.WARNING if inside else Severity.NOTE
        issues.append(replace(refusal.issue, severity=severity, rows=len(unknown)))
    return issues
