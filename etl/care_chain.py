"""What each area has of each link of the care chain, from what the engine found of each service."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geodata.catalogue.nouns import Catalogue, ServiceCategory
from geodata.methods.broken_links import first_broken_links
from geodata.methods.care_chain import OFFER_COLUMNS, Link, category_states, cells
from geodata.model import CareStep, ServiceMode

_CHAIN = {"step": "care_step", "category": "service", "worst_category": "worst_service"}


def links(catalogue: Catalogue) -> list[Link]:
    """The categories of service that are a link of the chain, in the catalogue's order."""
    return [
        Link(
            service.id,
            service.care_step,
            service.sector,
            service.mode,
            service.threshold_minutes or 0.0,
        )
        for service in catalogue.services.values()
        if service.care_step is not CareStep.CONTEXT
    ]


def care_chain(
    coverages: Mapping[str, pd.DataFrame], areas: pd.DataFrame, catalogue: Catalogue
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``care_chain`` and ``broken_link``, for every area of the territory's levels.

    Parameters
    ----------
    coverages: the table ``coverage`` of each service that was shared out. Its first standard and
        latest period are what a link is judged by. A category without one is unknown, unless it
        is remote: then it is open to all.
    areas: level, area_id, role.
    """
    chain = links(catalogue)
    if not chain:
        return pd.DataFrame(), pd.DataFrame()
    # What answers everywhere by telephone tells no area from another: it mends no link.
    remote = [link.category for link in chain if link.works is ServiceMode.REMOTE]
    ours = areas[areas["role"] == "territory"]
    tables, broken = [], []
    for level, found in ours.groupby("level", sort=False):
        ids = found["area_id"].reset_index(drop=True)
        offers = [
            _offer(catalogue.services[link.category], coverages, level, ids) for link in chain
        ]
        offer = pd.concat(offers, ignore_index=True)
        table = cells(category_states(offer[list(OFFER_COLUMNS)], chain), chain)
        first = first_broken_links(table[~table["category"].isin(remote)])
        tables.append(table.rename(columns=_CHAIN).assign(level=level))
        broken.append(first.rename(columns={"step": "care_step"}).assign(level=level))
    made = pd.concat(
        [x.astype(dict.fromkeys(x.select_dtypes("category"), "object")) for x in tables]
    )
    return made.reset_index(drop=True), pd.concat(broken, ignore_index=True)


def _offer(
    service: ServiceCategory, coverages: Mapping[str, pd.DataFrame], level: object, ids: pd.Series
) -> pd.DataFrame:
    """What is said of a category in each area; NaN for what is unknown or has no sense."""
    offer = pd.DataFrame({"area_id": ids, "category": service.id}).reindex(
        columns=list(OFFER_COLUMNS)
    )
    numbers = [name for name in OFFER_COLUMNS if name not in ("area_id", "category")]
    offer = offer.astype(dict.fromkeys(numbers, "float64"))
    if service.mode is ServiceMode.REMOTE and service.id not in coverages:
        return offer.assign(serves=1.0)
    if service.id not in coverages:
        return offer
    table = coverages[service.id]
    judged = table[
        (table["level"] == level)
        & (table["standard"] == service.standards[0].id)
        & (table["period"] == table["period"].max())
    ]
    known = judged.set_index("area_id").reindex(ids)
    # Certain is what the draws say and the computed gap does not contradict.
    agrees = (known["gap"] > 0) == (known["p_gap"] > 0.5)
    offer["need"] = known["need"].to_numpy()
    offer["p_gap"] = known["p_gap"].where(agrees).to_numpy()
    if service.mode in (ServiceMode.PLACE, ServiceMode.ITINERANT):
        offer["count"] = known["supply"].to_numpy()
        minutes, effective = known["nearest_minutes"].to_numpy(), known["effective"].to_numpy()
        # Where nothing is unknown, no nearest place within reach says that there is none.
        offer["nearest_minutes"] = np.where(
            np.isnan(minutes) & ~np.isnan(effective), np.inf, minutes
        )
        offer["week_share"] = service.week_share
    else:
        effective = known["effective"].to_numpy()
        offer["serves"] = np.where(np.isnan(effective), np.nan, effective > 0)
    return offer
