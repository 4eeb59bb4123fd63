"""The build script of the embedded data, on ground small enough to check by hand."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from etl import embed
from etl import embed_territory as territory
from etl.embed_producers import FIGURES, Producer

# Around the middle of Haute-Loire, in Lambert-93 metres.
X, Y = 770_000.0, 6_440_000.0


def box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    return shapely.box(X + left, Y + bottom, X + right, Y + top)


def frame(shapes: dict[str, shapely.Geometry], departement: str = "43") -> gpd.GeoDataFrame:
    metric = gpd.GeoSeries(list(shapes.values()), crs=territory.LAMBERT_93)
    return gpd.GeoDataFrame(
        {"area_id": list(shapes), "departement": departement}, geometry=territory.on_grid(metric)
    )


def test_overlap_and_sliver_become_one_coverage() -> None:
    # 0..1000 and 950..2000 overlap by 50 m; 2040..3000 leaves a gap of 40 m.
    rough = [box(0, 0, 1000, 1000), box(950, 0, 2000, 1000), box(2040, 0, 3000, 1000)]
    # A gap is a hole only when it is closed: a lid on both ends.
    rough += [box(0, 1000, 3000, 1500), box(0, -500, 3000, 0)]
    assert not shapely.coverage_is_valid(rough)
    clean = territory.exact_coverage(rough)
    assert shapely.coverage_is_valid(clean)
    assert shapely.area(clean).sum() == pytest.approx(3000 * 2000)
    assert territory.holes(clean) == []
    assert clean[3].area == pytest.approx(3000 * 500, rel=0.05)


def test_a_wide_hole_stays_and_is_given_to_the_candidate_with_the_longest_border() -> None:
    ring = [
        box(0, 0, 3000, 1000),
        box(0, 1000, 1000, 2500),
        box(2000, 1000, 3000, 2500),
        box(0, 2500, 3000, 3500),
    ]
    clean = territory.exact_coverage(ring)
    gaps = territory.holes(clean)
    assert [gap.area for gap in gaps] == [1000 * 1500]
    assert territory.hole_owners(clean, gaps, {0, 1}) == {0: 1}  # 1,500 m against 1,000 m
    assert territory.hole_owners(clean, gaps, set()) == {}


def test_rounding_to_the_grid_keeps_shared_edges() -> None:
    tilted = [
        shapely.transform(shape, lambda points: points @ [[0.8, 0.6], [-0.6, 0.8]] + [8e6, 1e6])
        for shape in (box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000))
    ]
    rounded = territory.on_grid(gpd.GeoSeries(territory.exact_coverage(tilted), crs=2154))
    assert shapely.coverage_is_valid(rounded.to_numpy())
    points = shapely.get_coordinates(rounded.to_numpy())
    assert (points == points.round(territory.DECIMALS)).all()


def test_a_polygon_lost_on_the_grid_is_refused() -> None:
    crumb = gpd.GeoSeries([box(0, 0, 0.1, 0.1)], crs=territory.LAMBERT_93)
    with pytest.raises(ValueError, match="empty or invalid"):
        territory.on_grid(crumb)


def test_dissolved_areas_are_the_union_of_their_communes() -> None:
    communes = frame(
        {
            "a": box(0, 0, 1000, 1000),
            "b": box(1000, 0, 2000, 1000),
            "c": box(2000, 0, 3000, 1000),
        }
    )
    whole = territory.dissolved(communes, pd.Series(["west", "west", "east"]))
    assert whole["area_id"].tolist() == ["east", "west"]
    west = whole.set_index("area_id").geometry["west"]
    assert west.area == pytest.approx(
        shapely.area(communes.geometry[:2].to_numpy()).sum(), rel=1e-9
    )
    assert shapely.coverage_is_valid(whole.geometry.to_numpy())


def test_a_commune_without_polygon_is_joined_from_its_parts() -> None:
    table = pd.DataFrame(
        [
            ("new", "COM", None, None),
            ("old1", "COMD", "new", shapely.box(0, 0, 1, 1)),
            ("old2", "COMD", "new", shapely.box(1, 0, 2, 1)),
            ("whole", "COM", None, shapely.box(2, 0, 3, 1)),
            ("part", "COMA", "whole", shapely.box(2, 0, 2.5, 1)),
            ("undrawn", "COM", None, None),
        ],
        columns=["area_id", "type", "parent_id", "geometry"],
    )
    polygons = territory.with_polygons_of_parts(table)
    assert {code: shape.area for code, shape in polygons.items()} == {"new": 2.0, "whole": 1.0}


def test_a_mairie_far_outside_its_commune_is_replaced_by_an_inner_point() -> None:
    communes = frame(
        {"in": box(0, 0, 2000, 2000), "near": box(2000, 0, 4000, 2000)}
        | {"far": box(4000, 0, 6000, 2000), "none": box(6000, 0, 8000, 2000)}
    )
    positions = gpd.GeoSeries(
        [
            shapely.Point(X + 1000, Y + 100),
            shapely.Point(X + 3000, Y - 400),
            shapely.Point(X + 5000, Y - 900),
        ],
        crs=territory.LAMBERT_93,
    ).to_crs(territory.GEOGRAPHIC_CRS)
    seats = territory.placed_seats(
        communes, dict(zip(("in", "near", "far"), positions, strict=True))
    )
    assert seats["is_replaced"].tolist() == [False, False, True, True]
    assert seats["outside_m"].iloc[2] == pytest.approx(900, abs=2)
    assert seats["refused_latitude"].notna().tolist() == [False, False, True, False]
    inner = gpd.points_from_xy(seats["longitude"], seats["latitude"])[2:]
    assert shapely.contains(communes.geometry.to_numpy()[2:], inner).all()


def test_neighbours_are_near_by_their_inner_point() -> None:
    own = frame({"43001": box(0, 0, 1000, 1000)})
    others = frame({"07001": box(1000, 0, 3000, 1000), "07002": box(40_000, 0, 43_000, 1000)}, "07")
    communes = pd.concat([own, others], ignore_index=True)
    assert territory.ids_within(communes, "43") == {"07001"}  # the second's heart is 40.5 km off
    assert territory.ids_within(communes, "43", 41_000) == {"07001", "07002"}


def registry(members: tuple[str, ...]) -> territory.Hierarchy:
    return territory.Hierarchy(
        communes=pd.DataFrame({"area_id": ["43001", "07001"], "departement": ["43", "07"]}),
        epci=pd.DataFrame({"area_id": ["2000"], "name": ["CC"], "member_ids": [members]}),
        departements=pd.DataFrame({"area_id": ["07", "43"], "name": ["Ardèche", "Haute-Loire"]}),
    )


ZONINGS = pd.DataFrame(
    [
        ("43001", "arrondissement", "431", "2024", "insee_cog_2024"),
        ("43001", "canton_or_town", "4301", "2024", "insee_cog_2024"),
    ],
    columns=["area_id", "parent_level", "parent_id", "period", "source_id"],
)


def test_membership_names_one_parent_at_each_level() -> None:
    members = territory.membership(registry(("43001", "07001")), ZONINGS, ["43001", "07001"])
    found = {(r.area_id, r.parent_level): r.parent_id for r in members.itertuples()}
    assert found == {
        ("43001", "arrondissement"): "431",
        ("43001", "canton_or_town"): "4301",
        ("43001", "epci"): "2000",
        ("43001", "departement"): "43",
        ("07001", "departement"): "07",
        ("07", "country"): "FR",
        ("43", "country"): "FR",
    }


def test_a_commune_without_epci_is_refused() -> None:
    with pytest.raises(ValueError, match="level epci"):
        territory.membership(registry(()), ZONINGS, ["43001"])


def test_splitting_by_source_loses_nothing_and_touches_no_value() -> None:
    rows = [
        {"source_id": "b", "area_id": "2", "value": "1.50"},
        {"source_id": "a", "area_id": "9", "value": ""},
        {"source_id": "b", "area_id": "1", "value": "01"},
    ]
    split = embed.split_by_source(rows, ("area_id", "value"))
    assert split == {"a": [("9", "")], "b": [("1", "01"), ("2", "1.50")]}
    assert list(split) == ["a", "b"]


def test_a_repeated_row_is_refused() -> None:
    row = {"source_id": "a", "area_id": "1"}
    with pytest.raises(ValueError, match="repeated"):
        embed.split_by_source([row, row], ("area_id",))


def test_csv_is_utf8_with_line_feeds() -> None:
    content = embed.csv_bytes(("name", "value"), [("Saint-Étienne, Le", 1)])
    assert content == 'name,value\n"Saint-Étienne, Le",1\n'.encode()


def test_passport_reads_back_and_tells_the_bytes() -> None:
    producer = Producer("P", 'a "quoted" dataset', "2020", "https://example.org", "© P")
    text = embed.passport("x.csv", b"bytes", 3, producer, ["npm:a@1"], date(2026, 1, 2))
    read = tomllib.loads(text)
    assert read["dataset"] == 'a "quoted" dataset'
    assert read["sha256"] == hashlib.sha256(b"bytes").hexdigest()
    assert read["built_from"] == ["npm:a@1"]
    assert (read["rows"], read["retrieved_on"]) == (3, date(2026, 1, 2))


def test_a_package_with_other_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"tampered")
    with pytest.raises(ValueError, match="expected 0000"):
        embed.obtained(embed.Package("a.tgz", "0" * 64, ("false",)), tmp_path)


def test_folders_are_replaced_whole(tmp_path: Path) -> None:
    out, built = tmp_path / "out", tmp_path / "built"
    (out / "figures").mkdir(parents=True)
    (out / "figures" / "stale.csv").write_text("old")
    for folder in embed.FOLDERS:
        (built / folder).mkdir(parents=True)
    (built / "figures" / "fresh.csv").write_text("new")
    embed.put_in_place(built, out)
    assert sorted(path.name for path in out.iterdir()) == sorted(embed.FOLDERS)
    assert [path.name for path in (out / "figures").iterdir()] == ["fresh.csv"]


def test_every_producer_is_credited() -> None:
    for source_id, producer in FIGURES.items():
        assert producer.url.startswith("https://"), source_id
        assert all((producer.producer, producer.dataset, producer.vintage, producer.attribution))
