"""What areas are alike by: the describing indicators of each set, standardised over a level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.catalogue.nouns import NeighbourSet
from geodata.methods.neighbours import standardised

#: With fewer areas at a level there is nobody to choose neighbours from.
FEWEST = 5
#: An indicator that fewer than this share of a level's areas have describes none of them.
LEAST_KNOWN = 0.5
COLUMNS = ["neighbours", "level", "area_id", "indicator", "period", "value", "score"]


def neighbour_scores(
    chosen: NeighbourSet, observed: pd.DataFrame, areas: pd.DataFrame
) -> pd.DataFrame:
    """The table ``neighbour_score`` of one set.

    Parameters
    ----------
    observed: the observations of its indicators.
    areas: level, area_id, role; edges are left out, areas that the territory is compared with
        count as its own.

    Notes
    -----
    An area that has the value of an indicator has a row. Each indicator is taken at the latest
    period for which :data:`LEAST_KNOWN` of the level has a value; one without such a period, or
    whose values do not differ, is left out.
    """
    known_here = {
        (str(level), str(indicator)): rows
        for (level, indicator), rows in observed.dropna(subset="value").groupby(
            ["level", "indicator"], sort=False
        )
    }
    made = []
    for level in chosen.levels:
        ids = areas.loc[(areas["level"] == level) & (areas["role"] != "edge"), "area_id"]
        if len(ids) < FEWEST:
            continue
        for indicator, _weight in chosen.described_by:
            rows = known_here.get((level, indicator), observed[:0])
            known = rows[rows["area_id"].isin(ids)]
            counts = known["period"].value_counts()
            enough = counts.index[counts >= LEAST_KNOWN * len(ids)]
            if enough.empty:
                continue
            latest = known[known["period"] == enough.max()]
            figures = latest["value"].to_numpy("float64")
            counts_as = np.log1p(figures) if indicator in chosen.in_logs else figures
            score = standardised(counts_as, chosen.winsorised_at)
            made.append(latest.assign(score=score).dropna(subset="score"))
    if not made:
        return pd.DataFrame(columns=COLUMNS)
    found: pd.DataFrame = pd.concat(made, ignore_index=True).assign(neighbours=chosen.id)
    return found.reindex(columns=COLUMNS)
