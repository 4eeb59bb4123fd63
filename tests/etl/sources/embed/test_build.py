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

from etl import contours
from etl.sources.embed import build, territory
from etl.sources.embed.producers import FIGURES, Producer

# Around the middle of Haute-Loire, in Lambert-93 metres.
X, Y = 770_000.0, 6_440_000.0


def box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    return shapely.box(X + left, Y + bottom, X + right, Y + top)


def frame(shapes: dict[str, shapely.Geometry], departement: str = "43") -> gpd.GeoDataFrame:
    metric = gpd.GeoSeries(list(shapes.values()), crs=territory.LAMBERT_93)
    return gpd.GeoDataFrame(
        {"area_id": list(shapes), "departement": departement}, geometry=contours.on_grid(metric)
    )


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
    split = build.split_by_source(rows, ("area_id", "value"))
    assert split == {"a": [("9", "")], "b": [("1", "01"), ("2", "1.50")]}
    assert list(split) == ["a", "b"]


def test_a_repeated_row_is_refused() -> None:
    row = {"source_id": "a", "area_id": "1"}
    with pytest.raises(ValueError, match="repeated"):
        build.split_by_source([row, row], ("area_id",))


def test_touring_counters_are_told_from_fixed_ones() -> None:
    rows = [
        {"category": "france_services", "detail": "Multisites", "name": "Cayres"},
        {"category": "france_services", "detail": "Bus_équivalent", "name": "Brioude"},
        {"category": "primary_school", "detail": "Itinérante", "name": "École"},
    ]
    made = build.with_touring_counters(rows)
    assert [row["category"] for row in made] == [
        "france_services",
        "france_services_itinerant",
        "primary_school",
    ]
    assert [row["name"] for row in made] == ["Cayres", "Brioude", "École"]
    assert rows[1]["category"] == "france_services"


def test_csv_is_utf8_with_line_feeds() -> None:
    content = build.csv_bytes(("name", "value"), [("Saint-Étienne, Le", 1)])
    assert content == 'name,value\n"Saint-Étienne, Le",1\n'.encode()


def test_passport_reads_back_and_tells_the_bytes() -> None:
    producer = Producer("P", 'a "quoted" dataset', "2020", "https://example.org", "© P")
    text = build.passport("x.csv", b"bytes", 3, producer, ["npm:a@1"], date(2026, 1, 2))
    read = tomllib.loads(text)
    assert read["dataset"] == 'a "quoted" dataset'
    assert read["sha256"] == hashlib.sha256(b"bytes").hexdigest()
    assert read["built_from"] == ["npm:a@1"]
    assert (read["rows"], read["retrieved_on"]) == (3, date(2026, 1, 2))


def test_a_package_with_other_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"tampered")
    with pytest.raises(ValueError, match="expected 0000"):
        build.obtained(build.Package("a.tgz", "0" * 64, ("false",)), tmp_path)


def test_folders_are_replaced_whole(tmp_path: Path) -> None:
    out, built = tmp_path / "out", tmp_path / "built"
    (out / "figures").mkdir(parents=True)
    (out / "figures" / "stale.csv").write_text("old")
    for folder in build.FOLDERS:
        (built / folder).mkdir(parents=True)
    (built / "figures" / "fresh.csv").write_text("new")
    build.put_in_place(built, out)
    assert sorted(path.name for path in out.iterdir()) == sorted(build.FOLDERS)
    assert [path.name for path in (out / "figures").iterdir()] == ["fresh.csv"]


def test_every_producer_is_credited() -> None:
    for source_id, producer in FIGURES.items():
        assert producer.url.startswith("https://"), source_id
        assert all((producer.producer, producer.dataset, producer.vintage, producer.attribution))
