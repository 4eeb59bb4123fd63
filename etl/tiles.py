"""Vector tiles of the areas: every level a layer, neighbours sharing every vertex."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import cos, pi, radians
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import shapely
from freestiler import freestile
from pmtiles.reader import MmapSource, all_tiles

#: Largest step, in pixels of the screen, that simplification may take out of an edge.
TOLERANCE_PIXELS = 0.3
#: Side of a tile on the screen, in pixels, as MapLibre GL draws it.
TILE_PIXELS = 512
#: Equator of the web-mercator sphere, in metres.
EQUATOR_M = 2 * pi * 6_378_137


class CoverageError(ValueError):
    """The polygons of a level overlap or do not share their edges; the message names the level."""


def tiles(
    areas: gpd.GeoDataFrame,
    metric_crs: str,
    *,
    first_zoom: Mapping[str, int] = MappingProxyType({}),
    min_zoom: int = 3,
    max_zoom: int = 11,
) -> pd.DataFrame:
    """Gzipped Mapbox Vector Tiles of `areas`, one layer per level, named as the level.

    `areas` has the columns level, area_id, name, is_in_territory, fid (dense within a level) and
    a polygon geometry in EPSG:4326. Each feature carries `fid` (int), `code` (area_id), `name`
    and `own` (1 within the territory, else 0). From the last zoom down, each level is
    simplified as one coverage (Visvalingam-Whyatt on shared edges, `shapely.coverage_simplify`)
    in `metric_crs`, by a third of a pixel of the zoom beyond what the finer zoom left, so that no
    gap opens between neighbours at any zoom.

    Returns a frame z, x, y (int, XYZ scheme), data (bytes), in the order of z, x, y; tiles
    without any area are absent. The same areas always give the same bytes.

    Raises CoverageError when the polygons of a level are not an exact coverage.
    """
    levels = dict(_levels(areas.to_crs(metric_crs)))
    latitude = float(areas.total_bounds[[1, 3]].mean())
    rows: list[tuple[int, int, int, bytes]] = []
    with TemporaryDirectory(prefix="tiles-") as folder:
        for zoom in range(max_zoom, min_zoom - 1, -1):
            tolerance_m = TOLERANCE_PIXELS * pixel_m(zoom, latitude)
            levels = {
                level: _simplified(frame, tolerance_m)
                for level, frame in levels.items()
                if zoom >= first_zoom.get(level, min_zoom)
            }
            layers = {level: frame.to_crs("EPSG:4326") for level, frame in levels.items()}
            if layers:
                rows.extend(_tiles_of_zoom(layers, zoom, Path(folder) / f"{zoom}.pmtiles"))
    frame = pd.DataFrame(rows, columns=["z", "x", "y", "data"])
    return frame.sort_values(["z", "x", "y"], ignore_index=True)


def pixel_m(zoom: int, latitude: float) -> float:
    """Metres on the ground under one pixel of the screen at `zoom` and `latitude` (degrees)."""
    return EQUATOR_M * cos(radians(latitude)) / (TILE_PIXELS * 2.0**zoom)


def _levels(areas: gpd.GeoDataFrame) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Each level's name and its areas as the features of a layer, in fid order."""
    for level, frame in areas.groupby("level", sort=True):
        geometry = frame.geometry.to_numpy()
        if not shapely.coverage_is_valid(geometry):
            raise CoverageError(
                f"The areas of level {level!r} overlap or do not share their edges; "
                "clean them first (shapely.coverage_clean) so that the map shows no sliver."
            )
        features = gpd.GeoDataFrame(
            {
                "fid": frame["fid"].astype("int64"),
                "code": frame["area_id"].astype("str"),
                "name": frame["name"].astype("str"),
                "own": frame["is_in_territory"].astype("int64"),
            },
            geometry=geometry,
            crs=areas.crs,
        )
        yield str(level), features.sort_values("fid", ignore_index=True)


def _simplified(frame: gpd.GeoDataFrame, tolerance_m: float) -> gpd.GeoDataFrame:
    """The layer as one simplified coverage."""
    edges = shapely.coverage_simplify(frame.geometry.to_numpy(), tolerance_m)
    return frame.set_geometry(gpd.GeoSeries(edges, crs=frame.crs))


def _tiles_of_zoom(
    layers: dict[str, gpd.GeoDataFrame], zoom: int, archive: Path
) -> list[tuple[int, int, int, bytes]]:
    """The tiles of one zoom, cut by freestiler, which rounds vertices and moves nothing else."""
    freestile(layers, archive, min_zoom=zoom, max_zoom=zoom, generate_ids=False, quiet=True)
    with archive.open("rb") as file:
        cut = all_tiles(MmapSource(file))  # type: ignore[no-untyped-call]
        return [(z, x, y, bytes(data)) for (z, x, y), data in cut]
