"""Tiles: layers, properties, and the promise that neighbours share every vertex."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from etl.tiles import EQUATOR_M, CoverageError, pixel_m, tiles

SIDE = 6
METRIC = "EPSG:2154"
#: As the territory's file says it.
FIRST_ZOOM = {"commune": 5}


def wavy_areas(level: str = "commune", side: int = SIDE) -> gpd.GeoDataFrame:
    """A coverage of side x side squares near Le Puy whose shared edges wave (20 points each)."""
    step, points = 0.05, 20
    along = np.arange(points * side + 1) * step / points
    ripple = step / 16 * np.sin(np.arange(along.size) * 2 * np.pi / points * 2)
    ripple[::points] = 0
    cuts = np.arange(side + 1) * step
    across = [shapely.linestrings(3.7 + along, 45.0 + cut + ripple) for cut in cuts]
    up = [shapely.linestrings(3.7 + cut + ripple, 45.0 + along) for cut in cuts]
    lines = shapely.node(shapely.multilinestrings([*across, *up]))
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    centres = shapely.centroid(cells)
    cells = cells[np.lexsort((shapely.get_x(centres), shapely.get_y(centres).round(2)))]
    return gpd.GeoDataFrame(
        {
            "level": level,
            "area_id": [f"{number:05d}" for number in range(len(cells))],
            "name": [f"Saint-Éloi {number}" for number in range(len(cells))],
            "is_in_territory": [number % 2 == 0 for number in range(len(cells))],
            "fid": range(len(cells)),
        },
        geometry=cells,
        crs="EPSG:4326",
    )


def with_whole(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`areas` and, above them, the département that they make."""
    whole = gpd.GeoDataFrame(
        {
            "level": "departement",
            "area_id": ["43"],
            "name": ["Haute-Loire"],
            "is_in_territory": [True],
            "fid": [0],
        },
        geometry=[shapely.coverage_union_all(areas.geometry.to_numpy())],
        crs=areas.crs,
    )
    return pd.concat([areas, whole], ignore_index=True)


def decoded(row: pd.Series, folder: Path, layer: str) -> gpd.GeoDataFrame:
    """One layer of a tile through GDAL's reader, buffer kept, in web-mercator metres."""
    path = folder / str(row.z) / str(row.x) / f"{row.y}.pbf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress(row.data))
    return pyogrio.read_dataframe(path, layer=layer, CLIP="NO")


@pytest.fixture(scope="module")
def built() -> pd.DataFrame:
    return tiles(with_whole(wavy_areas()), METRIC, first_zoom=FIRST_ZOOM)


def test_table_shape_and_order(built: pd.DataFrame) -> None:
    assert list(built.columns) == ["z", "x", "y", "data"]
    assert list(built.z.unique()) == list(range(3, 12))
    assert not built.duplicated(["z", "x", "y"]).any()
    keys = list(built[["z", "x", "y"]].itertuples(index=False))
    assert keys == sorted(keys)
    assert all(data[:2] == b"\x1f\x8b" for data in built.data)


def test_layers_are_levels_and_start_at_their_zoom(built: pd.DataFrame, tmp_path: Path) -> None:
    for row in built.drop_duplicates("z").itertuples():
        path = tmp_path / str(row.z) / str(row.x) / f"{row.y}.pbf"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.decompress(row.data))
        names = {name for name, _ in pyogrio.list_layers(path)}
        assert names == ({"departement", "commune"} if row.z >= 5 else {"departement"})


def test_features_carry_what_the_map_needs(built: pd.DataFrame, tmp_path: Path) -> None:
    row = built[built.z == 6].iloc[0]
    layer = decoded(row, tmp_path, "commune").sort_values("fid")
    assert layer.fid.tolist() == list(range(SIDE * SIDE))
    assert layer.code.tolist() == [f"{number:05d}" for number in range(SIDE * SIDE)]
    assert layer.name.iloc[3] == "Saint-Éloi 3"
    assert layer.own.tolist() == [1, 0] * (SIDE * SIDE // 2)


@pytest.mark.parametrize("zoom", range(6, 12))
def test_no_sliver_at_any_zoom(built: pd.DataFrame, tmp_path: Path, zoom: int) -> None:
    for _, row in built[built.z == zoom].iterrows():
        polygons = decoded(row, tmp_path, "commune").geometry.to_numpy()
        assert shapely.is_valid(polygons).all()
        assert shapely.coverage_is_valid(polygons)
        union = shapely.union_all(polygons)
        assert shapely.area(polygons).sum() == pytest.approx(union.area, rel=1e-12)
        assert sum(len(part.interiors) for part in shapely.get_parts(union)) == 0


def test_simplification_stays_under_a_pixel(tmp_path: Path) -> None:
    areas = wavy_areas()
    truth = shapely.union_all(areas.to_crs("EPSG:3857").geometry.to_numpy())
    built = tiles(areas, METRIC, min_zoom=8, max_zoom=8)
    layers = pd.concat([decoded(row, tmp_path, "commune") for _, row in built.iterrows()])
    drawn = shapely.union_all(layers.geometry.to_numpy())
    assert shapely.hausdorff_distance(drawn, truth) < pixel_m(8, latitude=0)
    assert shapely.get_num_coordinates(drawn) < shapely.get_num_coordinates(truth)


def test_same_areas_same_bytes(built: pd.DataFrame) -> None:
    shuffled = with_whole(wavy_areas()).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(tiles(shuffled, METRIC, first_zoom=FIRST_ZOOM), built)


def test_areas_that_overlap_are_refused() -> None:
    areas = wavy_areas(side=2)
    areas.loc[0, "geometry"] = areas.geometry[0].buffer(0.001)
    with pytest.raises(CoverageError, match="'commune'"):
        tiles(areas, METRIC)


def test_pixel_at_zoom_zero_spans_the_equator() -> None:
    assert pixel_m(0, 0) * 512 == pytest.approx(EQUATOR_M)
    assert pixel_m(1, 60) == pytest.approx(pixel_m(0, 0) / 4)
