"""Contours for paper: degrees become metres, and lose what no printer shows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

#: A page is so many times as wide as the smallest step that is kept of a contour, and so is the
#: side of an area of middling size: what lies across the sea does not make the rest coarse.
_STEPS, _STEPS_OF_ONE = 1600, 100


def on_paper(degrees: npt.ArrayLike, crs: str) -> npt.NDArray[np.object_]:
    """Contours (shapely, EPSG:4326) in metres of ``crs``, simplified together: borders still meet.

    The step is that of a page that shows all of them at once.
    """
    series = gpd.GeoSeries(np.asarray(degrees, dtype=object), crs="EPSG:4326").to_crs(crs)
    made = np.asarray(series.to_numpy(), dtype=object)
    if not len(made):
        return made
    west, south, east, north = shapely.total_bounds(made)
    side = float(np.sqrt(np.median(shapely.area(made))))
    step = min(max(east - west, north - south) / _STEPS, side / _STEPS_OF_ONE)
    return np.asarray(shapely.coverage_simplify(made, step), dtype=object)
