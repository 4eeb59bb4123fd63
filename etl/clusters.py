"""Where areas are high or low together with those beside them: the table ``cluster``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.adjacency import neighbours_at
from etl.statistics import counts
from geodata.catalogue.nouns import Indicator
from geodata.methods.amounts import FloatArray
from geodata.methods.spatial_clusters import SURE, local_moran, standardised_rates
from geodata.model import Chance

COLUMNS = ["indicator", "level", "area_id", "period", "kind", "local_i", "p_value", "is_sure"]
#: With fewer areas that have a value nothing is looked for.
LEAST_AREAS = 20
#: How often the values are dealt out anew, and from which seed.
PERMUTATIONS, SEED = 9_999, 1


def clusters(
    observed: pd.DataFrame, areas: pd.DataFrame, pairs: pd.DataFrame, indicator: Indicator
) -> pd.DataFrame:
    """The table ``cluster`` of one indicator, at the latest period of each level.

    Parameters
    ----------
    observed: its observations, neighbours beyond the border included where they have a value.
    areas: level, area_id, role, in the order that ``pairs`` (see :func:`etl.adjacency.adjacency`)
        counts them.

    Notes
    -----
    Local Moran's I over areas that touch; of what was counted, on rates standardised for the size
    of each area (Assunção and Reis). Areas beyond the border count as neighbours and have no row.
    """
    made: list[pd.DataFrame] = []
    for level, rows in observed.groupby("level", sort=False):
        known = rows[rows["value"].notna()]
        here = areas[areas["level"] == level]
        ids = pd.Index(here["area_id"], dtype=object)
        is_shown = here["role"].ne("edge").to_numpy()
        place = ids.get_indexer(pd.Index(known["area_id"], dtype=object))
        known, place = (
            known[place >= 0],
            place[place >= 0],
        )  # an area that is not drawn has no place
        ours = known["period"].to_numpy(dtype=object)[is_shown[place]]
        latest = max(ours, default=None)
        at = (known["period"] == latest).to_numpy()
        known, place = known[at], place[at]
        if not known["value"].nunique() > 1:
            continue
        values = np.full(len(here), np.nan)
        values[place] = _compared(known, indicator)
        if np.isfinite(values).sum() < LEAST_AREAS:
            continue
        beside = neighbours_at(pairs, str(level), len(here))
        found = local_moran(values, beside, PERMUTATIONS, SEED)
        table = pd.DataFrame(
            {
                "area_id": ids.to_numpy(),
                "kind": [None if word is None else str(word) for word in found.kind],
                "local_i": found.local_i,
                "p_value": found.p_value,
                "is_sure": found.is_sure,
            }
        )
        is_told = np.isfinite(values) & is_shown
        made.append(table[is_told].assign(level=level, period=latest))
    if not made:
        return pd.DataFrame(columns=COLUMNS)
    whole: pd.DataFrame = pd.concat(made, ignore_index=True)
    return whole.assign(indicator=indicator.id).reindex(columns=COLUMNS)


def _compared(known: pd.DataFrame, indicator: Indicator) -> FloatArray:
    """What is compared with the neighbours': the value, or the rate standardised for its size."""
    if indicator.chance is Chance.NONE:
        values: FloatArray = known["value"].to_numpy(dtype="float64")
        return values
    above, below = counts(known, indicator)
    return standardised_rates(above, below)


def parameters() -> dict[str, object]:
    """How clusters are looked for, for the lineage of every indicator."""
    return {
        "clusters": local_moran.__name__,
        "clusters_neighbours": "contours that touch, across the border too",
        "clusters_false_share": SURE,
        "clusters_permutations": PERMUTATIONS,
        "clusters_seed": SEED,
        "clusters_least_areas": LEAST_AREAS,
    }
