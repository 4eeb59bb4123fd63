import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from etl.reading import geo_frame, points
from etl.reading import shapes as shapes_module
from etl.source import LINE, Ledger, RejectedFile

FRANCE = (-5.5, 41.0, 10.0, 51.5)
SQUARE = shapely.box(3.0, 45.0, 3.1, 45.1)
COMMUNES = Path(__file__).parents[4] / "shared/data/territory/haute_loire/communes-43.geojson"


def ledger():
    return Ledger("contours", "contours.geojson")


def point(x, y, *more):
    return {"type": "Point", "coordinates": [x, y, *more]}


def shape(geometry):
    return shapely.geometry.mapping(geometry)


def features(*geometries, properties=None, **members) -> bytes:
    made = {
        "type": "FeatureCollection",
        **members,
        "features": [
            {
                "type": "Feature",
                "properties": properties or {"code": f"{n:05}", "n": n},
                "geometry": g,
            }
            for n, g in enumerate(geometries)
        ],
    }
    return json.dumps(made).encode()


def named_crs(name):
    return {"crs": name and {"type": "name", "properties": {"name": name}}}


def read(content, found=None, kind="point", suffix=".geojson", **options):
    return geo_frame(content, ("code",), found or ledger(), suffix=suffix, kind=kind, **options)


def refused(content, **options):
    with pytest.raises(RejectedFile) as caught:
        read(content, **options)
    issue = caught.value.issue
    assert issue.message_fr
    assert issue.mend_fr
    return issue.code


def many(wrong, kind="point"):
    """Two hundred good features and a wrong one, staged: what is held or dropped, and why."""
    good = [point(3 + n / 1000, 45) for n in range(200)]
    if kind == "polygon":
        good = [shape(shapely.box(3 + n, 45, 3.5 + n, 45.5)) for n in range(100)] * 2
        good = [shape(shapely.box(n / 10, 45, n / 10 + 0.05, 45.5)) for n in range(200)]
    found = ledger()
    frame = found.begin(read(features(*good, wrong), found, kind))
    assert frame[LINE].tolist() == list(range(2, 203))
    kept = found.kept(frame)
    staged = found.staged({"place": pd.DataFrame(kept)})
    assert staged.rows_read == 201
    assert kept.geometry.is_valid.all()
    return found, frame, staged


def test_features_come_in_degrees_with_their_columns_and_lines():
    found = ledger()
    frame = read(features(point(3.9, 45.0), point(4.0, 45.1)), found)
    assert list(frame) == ["code", "line", "geometry"]
    assert frame["code"].tolist() == ["00000", "00001"]
    assert frame["line"].tolist() == [2, 3]
    assert frame.crs == "EPSG:4326"
    assert [issue.code for issue in found.issues] == ["extra_columns"]


def test_values_keep_their_digits_and_dates_stay_text():
    content = features(point(3, 45), properties={"code": "2024-01-31", "n": 2**53 + 1})
    frame = geo_frame(content, ("code", "n"), ledger(), suffix=".geojson", kind="point")
    assert frame[["code", "n"]].to_numpy().tolist() == [["2024-01-31", 2**53 + 1]]


def test_a_declared_system_is_brought_to_degrees():
    # The origin of this projection is by definition 3 degrees east, 46.5 north.
    for crs, given in (("urn:ogc:def:crs:EPSG::2154", None), ("EPSG:2154", None), (None, 2154)):
        content = features(point(700000, 6600000), **named_crs(crs))
        frame = read(content, crs=given and f"EPSG:{given}")
        assert frame.geometry.iloc[0].x == pytest.approx(3.0, abs=1e-6)
        assert frame.geometry.iloc[0].y == pytest.approx(46.5, abs=1e-6)


def test_a_source_may_say_the_system_that_geojson_keeps_silent():
    frame = read(features(point(700000, 6600000)), crs="EPSG:2154")
    assert frame.geometry.iloc[0].y == pytest.approx(46.5, abs=1e-6)


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (features(point(3, 45), **named_crs(None)), {}, "no_crs"),
        (features(point(3, 45), **named_crs("nonsense")), {}, "no_crs"),
        (features(point(7e5, 6e6), **named_crs("EPSG:2154")), {"crs": "EPSG:27572"}, "other_crs"),
        (features(point(700000, 6600000)), {}, "metres_as_degrees"),
        (features(point(3, 45), **named_crs("EPSG:2154")), {}, "degrees_as_metres"),
        (features(*[point(45, n) for n in range(3)]), {"within": FRANCE}, "swapped_axes"),
        (features(), {}, "no_rows"),
        (features(point(3, 45), properties={"id": 1}), {}, "missing_column"),
        (features(point(3, 45))[:-20], {}, "unreadable_features"),
        (features(point(3, 45)).replace(b"45", b"1e400"), {}, "unreadable_features"),
        (b"{" + b'"a":[' * 100_000, {}, "unreadable_features"),
        (b"", {}, "empty"),
        (b"<html><body>login", {}, "html_page"),
        (b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x "y">]><kml/>', {}, "doctype"),
        (b"<kml/>", {}, "not_geojson"),
        (b"code,x,y\n", {}, "not_geojson"),
        (features(point(3, 45)), {"suffix": ".gpkg"}, "not_gpkg"),
        (b"SQLite format 3\0" + b"\0" * 500, {"suffix": ".gpkg"}, "not_gpkg"),
    ],
)
def test_what_cannot_be_placed_is_refused(content, options, code):
    assert refused(content, **options) == code


@pytest.mark.parametrize(
    ("wrong", "kind", "code"),
    [
        (None, "point", "no_geometry"),
        ({"type": "Polygon", "coordinates": []}, "polygon", "no_geometry"),
        (point(float("nan"), 45), "point", "no_geometry"),
        (point(float("inf"), 45), "point", "not_finite"),
        (point(200, 45), "point", "out_of_range"),
        (point(3, 95), "point", "out_of_range"),
        (point(0, 0), "point", "null_island"),
        (shape(SQUARE), "point", "wrong_kind"),
        (point(3, 45), "polygon", "wrong_kind"),
        ({"type": "MultiPoint", "coordinates": [[3, 45], [4, 45]]}, "point", "several_points"),
        (
            {"type": "Polygon", "coordinates": [[[3, 46], [4, 47], [4, 46], [3, 47], [3, 46]]]},
            "polygon",
            "invalid_contour",
        ),
        ({"type": "Polygon", "coordinates": [[[3, 46], [4, 47]]]}, "polygon", "no_geometry"),
    ],
)
def test_a_wrong_feature_is_held_back_without_its_geometry(wrong, kind, code):
    found, frame, staged = many(wrong, kind)
    assert staged.rows_quarantined == 1
    assert staged.held[["line", "code"]].to_numpy().tolist() == [[202, code]]
    assert frame.geometry.iloc[-1] is None
    assert found.issues[-1].mend_fr


def test_a_small_crossing_is_mended_and_told():
    ring = [[3, 46], [4, 46], [4, 47], [3.5, 47], [3.501, 47.001], [3.499, 47.001], [3.5, 47]]
    wrong = {"type": "Polygon", "coordinates": [[*ring, [3, 47], [3, 46]]]}
    assert not shapely.geometry.shape(wrong).is_valid
    found, frame, staged = many(wrong, "polygon")
    assert staged.rows_loaded == 201
    assert [issue.code for issue in found.issues] == ["extra_columns", "made_valid"]
    assert frame.geometry.iloc[-1].area == pytest.approx(1, abs=0.001)


FIJI = [[179, -17], [-179, -17], [-179, -16], [179, -16], [179, -17]]
CAP = [*[[longitude, 80] for longitude in range(-180, 180, 30)], [-180, 80]]


def test_a_contour_across_180_degrees_is_cut_there_and_told():
    found = ledger()
    beside = shapely.box(179, -18, 180, -17)
    across = {"type": "Polygon", "coordinates": [FIJI]}
    frame = read(features(shape(beside), across), found, "polygon", within=(170, -30, -170, 0))
    assert frame.geometry.iloc[0].equals(beside)
    assert frame.geometry.iloc[1].bounds == (-180, -17, 180, -16)
    assert frame.geometry.iloc[1].area == 2
    (told,) = [issue for issue in found.issues if issue.code == "cut_at_180"]
    assert (str(told.severity), told.line, told.rows) == ("note", 3, 1)


def test_a_contour_across_180_degrees_may_come_in_metres():
    # Fiji Map Grid: false easting 2,000,000 m at 178.75 degrees; 180 degrees lies 132 km east.
    island = shapely.box(2_100_000, 4_000_000, 2_160_000, 4_050_000)
    frame = read(features(shape(island), **named_crs("EPSG:3460")), kind="polygon")
    made = frame.geometry.iloc[0]
    assert (made.geom_type, made.bounds[0], made.bounds[2]) == ("MultiPolygon", -180, 180)
    assert made.area * (111.32**2 * 0.956) == pytest.approx(3000, rel=0.02)


def test_a_contour_across_180_degrees_is_mended_before_it_is_cut():
    crossed = [*FIJI[:3], [179.999, -16], [179.998, -15.999], [-179.999, -15.999], FIJI[3], FIJI[0]]
    _found, frame, staged = many({"type": "Polygon", "coordinates": [crossed]}, "polygon")
    assert staged.rows_loaded == 201
    assert {"cut_at_180", "made_valid"} < {issue.code for issue in staged.issues}
    assert frame.geometry.iloc[-1].area == pytest.approx(2, rel=0.01)


def test_a_contour_round_a_pole_is_held_back():
    _found, frame, staged = many({"type": "Polygon", "coordinates": [CAP]}, "polygon")
    assert staged.held["code"].tolist() == ["round_a_pole"]
    assert frame.geometry.iloc[-1] is None


def test_heights_are_forgotten_and_told():
    found = ledger()
    frame = read(features(point(3, 45, 800), point(3, 46)), found)
    assert not frame.has_z.any()
    assert ("flattened", 1) in [(issue.code, issue.rows) for issue in found.issues]


def test_the_declared_kind_is_taken_out_of_what_is_mixed():
    line = {"type": "LineString", "coordinates": [[3, 45], [4, 45]]}
    mixed = {"type": "GeometryCollection", "geometries": [point(3, 45), shape(SQUARE), line]}
    found = ledger()
    frame = read(features(mixed), found, "polygon")
    assert frame.geometry.iloc[0].equals(SQUARE)
    assert ("parts_lost", 2) in [(issue.code, issue.rows) for issue in found.issues]


def test_a_multiple_point_of_one_is_a_point_and_multiple_contours_are_kept():
    frame = read(features({"type": "MultiPoint", "coordinates": [[3, 45]]}))
    assert frame.geom_type.tolist() == ["Point"]
    two = shapely.MultiPolygon([SQUARE, shapely.box(4, 45, 4.1, 45.1)])
    assert read(features(shape(two)), kind="polygon").geom_type.tolist() == ["MultiPolygon"]


def test_a_feature_there_twice_is_dropped_once():
    found = ledger()
    same = {"code": "00001"}
    frame = found.begin(read(features(*[point(3, 45)] * 3, properties=same), found))
    assert len(found.kept(frame)) == 1
    assert found.staged({}).dropped == {"repeated_feature": 2}
    assert len(read(features(*[point(3, 45)] * 3))) == 3
    other = ledger()
    read(features(*[point(3, 45)] * 3), other)
    assert other.dropped == {}


def test_contours_finer_than_any_use_are_refused(monkeypatch):
    circle = features(shape(shapely.Point(3, 45).buffer(1, quad_segs=30)))
    monkeypatch.setattr(shapes_module, "MOST_VERTICES_EACH", 100)
    assert refused(circle, kind="polygon") == "too_many_vertices"
    monkeypatch.setattr(shapes_module, "MOST_VERTICES_EACH", 200)
    assert len(read(circle, kind="polygon")) == 1
    monkeypatch.setattr(shapes_module, "MOST_VERTICES", 100)
    assert refused(circle, kind="polygon") == "too_many_vertices"


@pytest.fixture
def package(tmp_path):
    def made(crs="EPSG:2154", layers=("areas",)) -> bytes:
        path = tmp_path / "areas.gpkg"
        path.unlink(missing_ok=True)
        box = shapely.box(699900, 6599900, 700100, 6600100)
        frame = gpd.GeoDataFrame({"code": ["01001"]}, geometry=[box], crs=crs)
        for layer in layers:
            frame.to_file(path, driver="GPKG", layer=layer, engine="pyogrio")
        return path.read_bytes()

    return made


def test_a_geopackage_is_read_in_its_own_system(package):
    frame = read(package(), kind="polygon", suffix=".gpkg")
    assert frame["code"].tolist() == ["01001"]
    assert frame.geometry.iloc[0].centroid.y == pytest.approx(46.5, abs=1e-6)


def test_a_layer_is_named_where_there_are_several(package):
    content = package(layers=("areas", "old"))
    assert refused(content, kind="polygon", suffix=".gpkg") == "missing_layer"
    assert refused(content, kind="polygon", suffix=".gpkg", layer="new") == "missing_layer"
    assert len(read(content, kind="polygon", suffix=".gpkg", layer="areas")) == 1


def test_a_geopackage_without_a_system_is_refused_unless_the_source_gives_it(package):
    with pytest.warns(UserWarning, match="crs"):
        content = package(crs=None)
    assert refused(content, kind="polygon", suffix=".gpkg") == "no_crs"
    frame = read(content, kind="polygon", suffix=".gpkg", crs="EPSG:2154")
    assert frame.geometry.iloc[0].centroid.y == pytest.approx(46.5, abs=1e-6)


def test_a_geopackage_cut_short_is_refused(package):
    content = package()
    assert refused(content[: len(content) // 2], kind="polygon", suffix=".gpkg") in (
        "unreadable_features",
        "missing_layer",
        "no_rows",
    )


def located(rows, found=None, **options):
    frame = pd.DataFrame(rows, columns=["lon", "lat"], dtype="str")
    frame[LINE] = range(2, len(frame) + 2)
    found = found or ledger()
    longitude, latitude = points(frame, "lon", "lat", found, **options)
    return longitude.tolist(), latitude.tolist(), found


def test_coordinates_are_numbers_or_unknown_never_zero():
    longitude, latitude, found = located([["3.5", "45"], ["", ""], ["-61.25", "+16.5"]])
    assert str(longitude) == "[3.5, nan, -61.25]"
    assert str(latitude) == "[45.0, nan, 16.5]"
    assert found.issues == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["3.5", ""], "half_a_point"),
        (["", "45"], "half_a_point"),
        (["3,5", "45"], "bad_coordinate"),
        (["nan", "45"], "bad_coordinate"),
        (["inf", "45"], "bad_coordinate"),
        (["3.5", "1e400"], "bad_coordinate"),
        (["٣", "45"], "bad_coordinate"),
        (["200", "45"], "out_of_range"),
        (["3.5", "-95"], "out_of_range"),
        (["0", "0.0"], "null_island"),
    ],
)
def test_a_wrong_place_is_held_back(row, code):
    longitude, latitude, found = located([["3.5", "45"], ["4", "46"], row])
    assert {line: issue.code for line, issue in found.quarantined.items()} == {4: code}
    assert str(longitude[-1]) == str(latitude[-1]) == "nan"


def test_swapped_columns_and_metres_are_refused():
    for rows, code in (
        ([["45.1", "3.5"], ["45.2", "3.6"]], "swapped_axes"),
        ([["700000", "6600000"]], "metres_as_degrees"),
    ):
        with pytest.raises(RejectedFile) as caught:
            located(rows, within=FRANCE)
        assert caught.value.issue.code == code


@pytest.mark.shared
@pytest.mark.skipif(not COMMUNES.exists(), reason="needs the folder of shared files")
def test_real_contours_need_no_mending():
    found = ledger()
    frame = geo_frame(
        COMMUNES.read_bytes(),
        ("code", "nom"),
        found,
        suffix=".geojson",
        kind="polygon",
        within=FRANCE,
    )
    assert len(frame) == 257
    assert found.issues == []
