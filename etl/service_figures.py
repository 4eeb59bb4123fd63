"""The figures a service is computed from: its people and its places, side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from etl.roads import Flags
from etl.source import Ledger, RejectedFile
from geodata.catalogue.nouns import Catalogue, ServiceCategory
from geodata.methods.apl import standardised_population
from geodata.model import Issue, Severity

#: The territory's own areas that may be unknown before the engine refuses to run.
UNKNOWN_SHARE = 0.05


def side_by_side(
    figures: pd.DataFrame, level: str, service: ServiceCategory, period: str
) -> pd.DataFrame:
    """The values of a level's areas: a column for each variable, each of its own period."""
    at = figures[figures["level"] == level]
    of_people = at["variable"].isin(service.people)
    at = at[at["period"] == of_people.map({True: service.demand_period_for(period), False: period})]
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
        at = service.demand_period_for(period) if variable_id in service.people else period
        inside = int((wide[variable_id].isna().to_numpy() & own).sum())
        fr = f"inconnu en {at} pour {len(unknown)} aires, dont {unknown[0]}"
        en = f"unknown in {at} for {len(unknown)} areas, such as {unknown[0]}"
        if not inside:
            fr, en = f"{fr}, toutes voisines", f"{en}, all of them neighbours"
        refusal = unknown_variable(variable_id, fr, en, catalogue)
        if inside > UNKNOWN_SHARE * own.sum():
            raise refusal
        severity = Severity.WARNING if inside else Severity.NOTE
        issues.append(replace(refusal.issue, severity=severity, rows=len(unknown)))
    return issues


def people_and_supply(
    wide: pd.DataFrame, reference: pd.DataFrame, service: ServiceCategory
) -> pd.DataFrame:
    """Those a service is meant for (``demand``) and its places (``supply``); NaN where unknown.

    With use rates, people are counted by the use of their age, so that in all of ``reference``
    they are as many as there are (`geodata.methods.apl`).
    """
    supply = wide[list(service.supply)].sum(axis=1, skipna=False)
    if not service.use_rates:
        return pd.DataFrame({"demand": wide[service.people[0]], "supply": supply})
    ages, rates = zip(*service.use_rates, strict=True)
    by_age, whole = wide[list(ages)], reference[list(ages)].dropna()
    if whole.empty:
        whole = by_age.dropna()
    known = by_age.notna().all(axis=1).to_numpy()
    people = np.full(len(wide), np.nan)
    if known.any():
        people[known] = standardised_population(
            by_age[known].to_numpy("float64"), rates, whole.sum().to_numpy("float64")
        )
    return pd.DataFrame({"demand": pd.Series(people, index=wide.index), "supply": supply})


def unknown_variable(
    variable_id: str,
    fr: str,
    en: str,
    catalogue: Catalogue,
    mend_fr: str = "Ajouter les lignes manquantes : inconnu n’est pas zéro.",
    mend_en: str = "Add the missing rows: unknown is not zero.",
) -> RejectedFile:
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
        mend_fr=mend_fr,
        mend_en=mend_en,
    )
