"""Contours that share every edge: rough polygons made one exact coverage, coarser ones dissolved.

Pure geometry, of any country. Polygons are cleaned in metres, completed where a merger left a
hole, then written in degrees on one shared grid. Every coarser contour is dissolved from the finest
ones, so areas of all levels share their edges to the last bit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

GEOGRAPHIC_CRS = 4326
#: Gaps thinner than this (metres) between two areas are slivers of a generalised source.
GAP_WIDTH_M = 100.0
#: Vertices closer than this (metres) become one, as the grid of degrees cannot tell them apart.
SNAPPING_M = 1.0
#: Decimals of a degree kept: about a metre, a hundredth of what a source's generalisation moved.
DECIMALS = 5
#: A seat farther than this outside its area is a wrong address match, not a wrong polygon.
SEAT_TOLERANCE_M = 500.0

Shapes = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Completed:
    """A coverage whose holes were given away where they could be.

    ``shapes``: the coverage, in metres; ``given``: km² by position of the area that took a hole;
    ``left``: the holes kept (km², longitude, latitude).
    """

    shapes: gpd.GeoSeries
    given: dict[int, float]
    left: list[tuple[float, float, float]]


def with_joined_parts(
    own: Mapping[str, shapely.Geometry | None], parts: Iterable[tuple[str, shapely.Geometry]]
) -> dict[str, shapely.Geometry]:
    """The polygon of each area, joined from its parts (area, polygon) where it has none itself."""
    known = {code: shape for code, shape in own.items() if shape is not None}
    lacking: dict[str, list[shapely.Geometry]] = {}
    for code, shape in parts:
        if code not in known:
            lacking.setdefault(code, []).append(shape)
    return known | {code: shapely.union_all(shapes) for code, shapes in lacking.items()}


def exact_coverage(
    geometries: Sequence[shapely.Geometry], gap_width: float = GAP_WIDTH_M
) -> Shapes:
    """Polygons in metres as a coverage: no overlap, no gap under ``gap_width``.

    Overlaps go to the polygon with the longest common border. Raises ValueError where the result
    is not a coverage or a polygon has vanished (an empty or invalid one counts as such).
    """
    cleaned = _cleaned(geometries, gap_width)
    demand_coverage(cleaned)
    return cleaned


def _cleaned(geometries: Sequence[shapely.Geometry], gap_width: float) -> Shapes:
    made: Shapes = shapely.coverage_clean(
        np.asarray(geometries, dtype=object), gap_width=gap_width, snapping_distance=SNAPPING_M
    )
    return made


def demand_coverage(geometries: Shapes) -> None:
    """Raise ValueError unless the polygons are valid, not empty, and an exact coverage."""
    if shapely.is_empty(geometries).any() or not shapely.is_valid(geometries).all():
        raise ValueError("a polygon is empty or invalid: lower the gap width or keep more decimals")
    if not shapely.coverage_is_valid(geometries):
        raise ValueError("the polygons are not an exact coverage: look at coverage_invalid_edges")


def holes(coverage: Shapes) -> list[shapely.Polygon]:
    """The rings of ground that no polygon of the coverage holds, largest first."""
    return holes_in(shapely.coverage_union_all(coverage))


def holes_in(ground: shapely.Geometry) -> list[shapely.Polygon]:
    """The holes of a polygon or of several, largest first."""
    rings = [ring for part in shapely.get_parts(ground) for ring in part.interiors]
    return sorted((shapely.Polygon(ring) for ring in rings), key=lambda hole: -hole.area)


def hole_owners(
    coverage: Shapes, gaps: Sequence[shapely.Polygon], candidates: Collection[int]
) -> dict[int, int]:
    """Map each hole to the candidate polygon with the longest border on it; the others stay holes.

    ``candidates`` are positions in ``coverage`` of areas that took in a former area of which the
    source has no polygon.
    """
    tree = shapely.STRtree(coverage)
    owners: dict[int, int] = {}
    for position, hole in enumerate(gaps):
        near = sorted(set(tree.query(hole, predicate="intersects").tolist()) & set(candidates))
        if near:
            shared = shapely.length(shapely.intersection(coverage[near], hole.exterior))
            owners[position] = near[int(np.argmax(shared))]
    return owners


def completed(
    shapes: gpd.GeoSeries, growing: Collection[int], enclaves: Collection[shapely.Point] = ()
) -> Completed:
    """Clean polygons in metres into one coverage, and give its holes to the areas that grew.

    ``growing`` are the candidates of :func:`hole_owners`; a hole that holds one of ``enclaves``
    (points in degrees, ground of another country) is never given. Raises ValueError as
    :func:`exact_coverage` does.
    """
    coverage = _cleaned(shapes.to_numpy(), GAP_WIDTH_M)  # checked once its holes are given
    gaps = holes(coverage)
    abroad = gpd.GeoSeries(list(enclaves), crs=GEOGRAPHIC_CRS).to_crs(shapes.crs)
    is_abroad = [bool(abroad.within(gap).any()) for gap in gaps]
    owners = {
        hole: owner
        for hole, owner in hole_owners(coverage, gaps, growing).items()
        if not is_abroad[hole]
    }
    given: dict[int, float] = {}
    for hole, owner in owners.items():
        coverage[owner] = shapely.union(coverage[owner], gaps[hole])
        given[owner] = given.get(owner, 0.0) + gaps[hole].area / 1e6
    demand_coverage(coverage)
    kept = [gap for position, gap in enumerate(gaps) if position not in owners]
    points = gpd.GeoSeries([gap.representative_point() for gap in kept], crs=shapes.crs)
    places = points.to_crs(GEOGRAPHIC_CRS)
    left = [(gap.area / 1e6, place.x, place.y) for gap, place in zip(kept, places, strict=True)]
    return Completed(gpd.GeoSeries(coverage, crs=shapes.crs), given, left)


def on_grid(geometries: gpd.GeoSeries, decimals: int = DECIMALS) -> gpd.GeoSeries:
    """A metric coverage in degrees, every vertex rounded to one grid; checked again.

    Equal vertices round equally, so shared edges stay shared. Raises ValueError otherwise.
    """
    degrees = geometries.to_crs(GEOGRAPHIC_CRS)
    rounded = shapely.transform(degrees.to_numpy(), lambda points: np.round(points, decimals))
    rounded = shapely.normalize(shapely.remove_repeated_points(rounded))
    demand_coverage(rounded)
    return gpd.GeoSeries(rounded, index=geometries.index, crs=GEOGRAPHIC_CRS)


def dissolved(areas: gpd.GeoDataFrame, parent: pd.Series[str]) -> gpd.GeoDataFrame:
    """Dissolve areas by the parent code of each (aligned); columns area_id, geometry."""
    frame = areas[["geometry"]].assign(area_id=parent.to_numpy())
    whole = frame.dissolve(by="area_id", method="coverage").sort_index()
    whole["geometry"] = shapely.normalize(whole["geometry"].to_numpy())
    return whole.reset_index()


def placed_seats(
    areas: gpd.GeoDataFrame, seats: Mapping[str, Any], metric_crs: int | str
) -> pd.DataFrame:
    """Place the seat of each area: where it is said to be, or an inner point where it cannot be.

    ``areas``: area_id and a polygon in degrees; ``seats``: a point in degrees by area_id. A seat
    over ``SEAT_TOLERANCE_M`` outside its area was matched to a wrong address. Columns: area_id,
    longitude, latitude (degrees), refused_longitude, refused_latitude (NaN when there is no
    position at all), outside_m (0 for an accepted seat), is_replaced.
    """
    said = gpd.GeoSeries([seats.get(code) for code in areas["area_id"]], crs=GEOGRAPHIC_CRS)
    metric = areas["geometry"].reset_index(drop=True).to_crs(metric_crs)
    outside = said.to_crs(metric_crs).distance(metric).to_numpy()
    is_replaced = ~(outside <= SEAT_TOLERANCE_M)
    inner = metric.representative_point().to_crs(GEOGRAPHIC_CRS)
    x, y = said.x.to_numpy(), said.y.to_numpy()
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "longitude": np.round(np.where(is_replaced, inner.x, x), DECIMALS),
            "latitude": np.round(np.where(is_replaced, inner.y, y), DECIMALS),
            "refused_longitude": np.round(np.where(is_replaced, x, np.nan), DECIMALS),
            "refused_latitude": np.round(np.where(is_replaced, y, np.nan), DECIMALS),
            "outside_m": np.round(np.where(is_replaced, outside, 0.0)),
            "is_replaced": is_replaced,
        }
    )
