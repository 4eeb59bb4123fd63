"""Whether contours lie where they should: a wrong but plausible reference system is held.

Coordinates read in the wrong system may still be somewhere on the globe. Two references tell:

- :func:`tell_elsewhere`, always: the ground for which the metric reference system of each area is
  made (its area of use), and for the territory's own areas the bounds of the territory;
- :func:`tell_moved`, once a release is published: the contours of the same areas in it.

Nothing is said of an area whose system has no area of use, nor of one that the release has not.
Points are checked against the contours of the areas they say they are in
(:func:`etl.locate_points.warn_of_strays`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from etl.contours import GEOGRAPHIC_CRS, Shapes
from etl.drawing import metric_crs
from etl.ground import EQUAL_AREA, valid
from etl.source import Ledger
from geodata.catalogue.nouns import Territory

#: Contours that share less ground than this with the reference wait for an approval.
COMMON_SHARE = 0.95
#: Degrees beyond the area of use of a reference system that an area may reach: some are told for
#: a coast, and legal inland too.
MARGIN = 2.0
#: Areas compared in one metric zone: a wrong system moves them all.
SAMPLE = 3_000

Floats = npt.NDArray[np.float64]


def tell_elsewhere(contours: pd.DataFrame, territory: Territory, ledger: Ledger) -> None:
    """Hold when less than :data:`COMMON_SHARE` of a metric zone's ground is where it should be.

    ``contours``: area_id, name and geometry (degrees) of the finest areas. Each metric zone is
    judged by itself: a small one far away would not weigh in the whole. Shares are of square
    degrees.
    """
    own = re.compile(territory.levels[0].own)
    for zone, rows in _by_zone(contours, territory):
        due = _area_of_use(zone)
        if due is None:
            continue
        shapes = rows["geometry"].to_numpy(dtype=object)
        areas, common = shapely.area(shapes), _common(shapes, due)
        if zone == territory.metric_crs:
            is_own = np.array([own.fullmatch(code) is not None for code in rows["area_id"]])
            ours = _common(shapes[is_own], shapely.box(*territory.bounds))
            common[is_own] = np.minimum(common[is_own], ours)
        share = common.sum() / (areas.sum() or 1.0)
        if share < COMMON_SHARE:
            first = rows.iloc[int(np.argmax(areas - common))]
            ledger.hold(
                "contours_elsewhere",
                f"{100 * share:.0f} % des contours seulement sont où ils devraient ({zone}) ; "
                f"d’abord {first['area_id']} {first['name']}",
                f"only {100 * share:.0f}% of the contours lie where they should ({zone}); "
                f"first {first['area_id']} {first['name']}",
                column="geometry",
                mend_fr="Vérifier le système de coordonnées du fichier.",
                mend_en="Check the reference system of the file.",
                rows=int((common < COMMON_SHARE * areas).sum()),
            )


def tell_moved(now: pd.DataFrame, then: pd.DataFrame, territory: Territory, ledger: Ledger) -> None:
    """Hold when areas share less than :data:`COMMON_SHARE` of their ground with the release.

    ``now`` (area_id, name, geometry) and ``then`` (area_id, geometry) are the finest areas, WKB in
    degrees, valid. What is common is counted against the larger of the two sums, in each metric
    zone; of a zone with many areas, :data:`SAMPLE` at most are compared, one in so many.
    """
    known = then.dropna(subset="geometry")[["area_id", "geometry"]]
    both = now.dropna(subset="geometry").merge(known, on="area_id", suffixes=("", "_then"))
    is_moved = both["geometry"] != both["geometry_then"]
    if not is_moved.any():
        return
    for zone, every in _by_zone(both.sort_values("area_id"), territory):
        rows = every.iloc[:: -(-len(every) // SAMPLE)]
        shapes, before = _flat(rows["geometry"]), _flat(rows["geometry_then"])
        areas = np.maximum(shapely.area(shapes), shapely.area(before))
        common = areas.copy()
        moved = is_moved[rows.index].to_numpy()
        common[moved] = shapely.area(shapely.intersection(shapes[moved], before[moved]))
        share = common.sum() / max(shapely.area(shapes).sum(), shapely.area(before).sum())
        if share < COMMON_SHARE:
            first = rows.iloc[int(np.argmax(areas - common))]
            ledger.hold(
                "contours_moved",
                f"les contours ne recouvrent que {100 * share:.0f} % du sol des mêmes aires dans "
                f"la publication ({zone}) ; d’abord {first['area_id']} {first['name']}",
                f"contours share only {100 * share:.0f}% of their ground with the same areas in "
                f"the published release ({zone}); first {first['area_id']} {first['name']}",
                column="geometry",
                mend_fr="Vérifier le système de coordonnées du fichier ; si les aires ont changé, "
                "approuver.",
                mend_en="Check the reference system of the file; if the areas did change, approve.",
            )


def _by_zone(rows: pd.DataFrame, territory: Territory) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of finest areas by the metric reference system of their ground."""
    zones = rows["area_id"].map(lambda code: metric_crs(territory, code))
    for zone, of_zone in rows.groupby(zones, sort=True):
        yield str(zone), of_zone


def _area_of_use(zone: str) -> shapely.Geometry | None:
    """The ground that a reference system is made for, in degrees, with a margin; None if unsaid."""
    used = pyproj.CRS.from_user_input(zone).area_of_use
    if used is None:
        return None
    west, east = used.west - MARGIN, used.east + MARGIN
    south, north = used.south - MARGIN, used.north + MARGIN
    if used.west <= used.east:
        return shapely.box(west, south, east, north)
    return shapely.union(  # across the meridian of 180 degrees
        shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)
    )


def _common(shapes: Shapes, ground: shapely.Geometry) -> Floats:
    """The area that each shape shares with a ground."""
    common: Floats = shapely.area(shapes)
    shapely.prepare(ground)
    beyond = ~shapely.covers(ground, shapes)
    common[beyond] = shapely.area(shapely.intersection(valid(shapes[beyond]), ground))
    return common


def _flat(geometry: pd.Series[bytes]) -> Shapes:
    """Shapes in degrees (WKB) on the equal-area projection."""
    degrees = gpd.GeoSeries.from_wkb(geometry, crs=GEOGRAPHIC_CRS)
    return np.asarray(degrees.to_crs(EQUAL_AREA), dtype=object)
