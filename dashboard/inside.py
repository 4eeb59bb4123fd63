"""Inside: which areas of a level lie wholly within larger ones, told by their finest areas."""

from __future__ import annotations

import pandas as pd


def insides(memberships: pd.DataFrame, finest_level: str, level: str) -> pd.DataFrame:
    """A row for each area of ``level`` and each larger area that holds the whole of it.

    ``memberships`` are those of the finest areas: area_id, parent_level, parent_id, name. An area
    above them is inside another when all of its finest areas are. Columns: area_id, parent_level,
    parent_id, name (the larger area's).
    """
    if level == finest_level:
        return memberships
    own = memberships[memberships["parent_level"] == level]
    own = own[["area_id", "parent_id"]].set_axis(["finest", "area_id"], axis=1)
    other = memberships[memberships["parent_level"] != level].rename(columns={"area_id": "finest"})
    both = own.merge(other, on="finest")
    keys = ["area_id", "parent_level", "parent_id", "name"]
    counts = both.groupby(keys)["finest"].nunique().reset_index()
    sizes = own.groupby("area_id")["finest"].nunique()
    is_whole = counts["finest"] == counts["area_id"].map(sizes)
    return counts.loc[is_whole, keys].reset_index(drop=True)
