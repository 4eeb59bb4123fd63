"""Which areas lie beside which: their contours touch, across the border of the territory too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geodata.methods.contiguity import Neighbours, contiguity


def adjacency(areas: pd.DataFrame) -> pd.DataFrame:
    """Pairs of areas of one level whose contours have a point in common, each in both directions.

    Parameters
    ----------
    areas: level, area_id, geometry (WKB, or None: such an area is beside nobody).

    Returns
    -------
    level, and ``here`` and ``there``: positions among the areas of the level, in their order.
    """
    made = []
    for level, rows in areas.groupby("level", sort=False):
        beside = contiguity(shapely.from_wkb(rows["geometry"].to_numpy(dtype=object)))
        pairs = {"level": level, "here": beside.owners(), "there": beside.other}
        made.append(pd.DataFrame(pairs))
    if not made:
        return pd.DataFrame({"level": [], "here": [], "there": []})
    return pd.concat(made, ignore_index=True)


def neighbours_at(pairs: pd.DataFrame, level: str, size: int) -> Neighbours:
    """The neighbours among the ``size`` areas of a level, from the table of :func:`adjacency`."""
    rows = pairs[pairs["level"] == level]
    here, there = (rows[name].to_numpy(dtype=np.int64) for name in ("here", "there"))
    start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=size))])
    return Neighbours(start.astype(np.int64), there)
