"""Contours on ground small enough to check by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from etl import contours

METRES = 2154
X, Y = 770_000.0, 6_440_000.0


def box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    return shapely.box(X + left, Y + bottom, X + right, Y + top)


def frame(shapes: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    metric = gpd.GeoSeries(list(shapes.values()), crs=METRES)
    return gpd.GeoDataFrame({"area_id": list(shapes)}, geometry=contours.on_grid(metric))


def test_overlap_and_sliver_become_one_coverage() -> None:
    # 0..1000 and 950..2000 overlap by 50 m; 2040..3000 leaves a gap of 40 m.
    rough = [box(0, 0, 1000, 1000), box(950, 0, 2000, 1000), box(2040, 0, 3000, 1000)]
    # A gap is a hole only when it is closed: a lid on both ends.
    rough += [box(0, 1000, 3000, 1500), box(0, -500, 3000, 0)]
    assert not shapely.coverage_is_valid(rough)
    clean = contours.exact_coverage(rough)
    assert shapely.coverage_is_valid(clean)
    assert shapely.area(clean).sum() == pytest.approx(3000 * 2000)
    assert contours.holes(clean) == []
    assert clean[3].area == pytest.approx(3000 * 500, rel=0.05)


def test_a_wide_hole_stays_and_is_given_to_the_candidate_with_the_longest_border() -> None:
    ring = [
        box(0, 0, 3000, 1000),
        box(0, 1000, 1000, 2500),
        box(2000, 1000, 3000, 2500),
        box(0, 2500, 3000, 3500),
    ]
    clean = contours.exact_coverage(ring)
    gaps = contours.holes(clean)
    assert [gap.area for gap in gaps] == [1000 * 1500]
    assert contours.hole_owners(clean, gaps, {0, 1}) == {0: 1}  # 1,500 m against 1,000 m
    assert contours.hole_owners(clean, gaps, set()) == {}


def test_rounding_to_the_grid_keeps_shared_edges() -> None:
    tilted = [
        shapely.transform(shape, lambda points: points @ [[0.8, 0.6], [-0.6, 0.8]] + [8e6, 1e6])
        for shape in (box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000))
    ]
    rounded = contours.on_grid(gpd.GeoSeries(contours.exact_coverage(tilted), crs=METRES))
    assert shapely.coverage_is_valid(rounded.to_numpy())
    points = shapely.get_coordinates(rounded.to_numpy())
    assert (points == points.round(contours.DECIMALS)).all()


def test_a_polygon_lost_on_the_grid_is_refused() -> None:
    crumb = gpd.GeoSeries([box(0, 0, 0.1, 0.1)], crs=METRES)
    with pytest.raises(ValueError, match="empty or invalid"):
        contours.on_grid(crumb)


def test_dissolved_areas_are_the_union_of_their_areas() -> None:
    areas = frame(
        {
            "a": box(0, 0, 1000, 1000),
            "b": box(1000, 0, 2000, 1000),
            "c": box(2000, 0, 3000, 1000),
        }
    )
    whole = contours.dissolved(areas, pd.Series(["west", "west", "east"]))
    assert whole["area_id"].tolist() == ["east", "west"]
    west = whole.set_index("area_id").geometry["west"]
    assert west.area == pytest.approx(shapely.area(areas.geometry[:2].to_numpy()).sum(), rel=1e-9)
    assert shapely.coverage_is_valid(whole.geometry.to_numpy())


def test_a_seat_far_outside_its_area_is_replaced_by_an_inner_point() -> None:
    areas = frame(
        {"in": box(0, 0, 2000, 2000), "near": box(2000, 0, 4000, 2000)}
        | {"far": box(4000, 0, 6000, 2000), "none": box(6000, 0, 8000, 2000)}
    )
    positions = gpd.GeoSeries(
        [
            shapely.Point(X + 1000, Y + 100),
            shapely.Point(X + 3000, Y - 400),
            shapely.Point(X + 5000, Y - 900),
        ],
        crs=METRES,
    ).to_crs(contours.GEOGRAPHIC_CRS)
    said = dict(zip(("in", "near", "far"), positions, strict=True))
    seats = contours.placed_seats(areas, said, METRES)
    assert seats["is_replaced"].tolist() == [False, False, True, True]
    assert seats["outside_m"].iloc[2] == pytest.approx(900, abs=2)
    assert seats["refused_latitude"].notna().tolist() == [False, False, True, False]
    inner = gpd.points_from_xy(seats["longitude"], seats["latitude"])[2:]
    assert shapely.contains(areas.geometry.to_numpy()[2:], inner).all()


def test_a_hole_with_an_enclave_is_never_given() -> None:
    ring = [
        box(0, 0, 3000, 1000),
        box(0, 1000, 1000, 2500),
        box(2000, 1000, 3000, 2500),
        box(0, 2500, 3000, 3500),
    ]
    shapes = gpd.GeoSeries(ring, crs=METRES)
    inside = gpd.GeoSeries([shapely.Point(X + 1500, Y + 1500)], crs=METRES).to_crs(4326)
    given = contours.completed(shapes, {1})
    assert given.given == {1: pytest.approx(1.5)}
    assert given.left == []
    kept = contours.completed(shapes, {1}, list(inside))
    assert kept.given == {}
    assert kept.left[0] == (
        pytest.approx(1.5),
        pytest.approx(inside[0].x, abs=0.01),
        pytest.approx(inside[0].y, abs=0.01),
    )


def test_an_area_without_polygon_is_joined_from_its_parts() -> None:
    square = shapely.box(0, 0, 1, 1)
    own = {"new": None, "whole": shapely.box(2, 0, 3, 1), "undrawn": None}
    parts = [("new", square), ("new", shapely.box(1, 0, 2, 1)), ("whole", square)]
    joined = contours.with_joined_parts(own, parts)
    assert {code: shape.area for code, shape in joined.items()} == {"new": 2.0, "whole": 1.0}
    assert joined["whole"].bounds == (2, 0, 3, 1)
