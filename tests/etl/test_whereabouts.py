"""Contours read in a reference system that is not theirs, and contours that did change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from etl.refresh import refresh
from etl.source import Ledger
from etl.whereabouts import tell_elsewhere, tell_moved
from geodata.catalogue.nouns import Catalogue, Territory
from geodata.model import Issue
from geodata.release import current_release
from geodata.settings import Settings

EMBEDDED = Path(__file__).parents[2] / "geodata" / "embedded" / "territory" / "areas.parquet"
#: Ten squares of our own and two on an island far away, in degrees.
OURS = {f"430{n:02}": shapely.box(3.5 + n / 20, 45.0, 3.55 + n / 20, 45.05) for n in range(10)}
ISLAND = {f"974{n:02}": shapely.box(55.4 + n / 10, -21.2, 55.5 + n / 10, -21.1) for n in range(2)}


@pytest.fixture
def territory(words: Catalogue) -> Territory:
    """The territory, with the island in a metric zone of its own."""
    return replace(words.territory, metric_zones={"974": "EPSG:2975"})


def frame(shapes: dict[str, shapely.Geometry]) -> pd.DataFrame:
    values = list(shapes.values())
    return pd.DataFrame({"area_id": list(shapes), "name": "Aubel", "geometry": values})


def misread(shapes: dict[str, shapely.Geometry], true: int, read: int) -> dict[str, object]:
    """Shapes written in one reference system and read in another."""
    metres = gpd.GeoSeries(list(shapes.values()), crs=4326).to_crs(true)
    wrong = gpd.GeoSeries(metres.to_numpy(), crs=read).to_crs(4326)
    return dict(zip(shapes, wrong, strict=True))


def elsewhere(shapes: dict[str, shapely.Geometry], territory: Territory) -> list[Issue]:
    ledger = Ledger("contours", "contours.geojson")
    tell_elsewhere(frame(shapes), territory, ledger)
    return ledger.issues


def moved(
    now: dict[str, shapely.Geometry], then: dict[str, shapely.Geometry], territory: Territory
) -> list[Issue]:
    ledger = Ledger("contours", "contours.geojson")
    after, before = (
        made.assign(geometry=shapely.to_wkb(made["geometry"].to_numpy()))
        for made in (frame(now), frame(then))
    )
    tell_moved(after, before, territory, ledger)
    return ledger.issues


def shifted(shapes: dict[str, shapely.Geometry], east: float) -> dict[str, shapely.Geometry]:
    return {
        code: shapely.transform(shape, lambda points: points + np.array([east, 0.0]))
        for code, shape in shapes.items()
    }


def test_contours_where_they_should_be_are_left_alone(territory: Territory) -> None:
    assert elsewhere(OURS | ISLAND, territory) == []
    assert elsewhere({}, territory) == []


@pytest.mark.parametrize(
    ("true", "read"), [(2154, 27572), (27572, 2154), (2154, 32631), (32631, 32632), (2154, 3857)]
)
def test_contours_of_another_plausible_system_are_held(
    territory: Territory, true: int, read: int
) -> None:
    (issue,) = elsewhere(misread(OURS, true, read) | ISLAND, territory)
    assert (issue.code, str(issue.severity)) == ("contours_elsewhere", "hold")
    assert (issue.column, issue.rows) == ("geometry", 10)
    assert "0 % des contours" in issue.message_fr
    assert "EPSG:2154" in issue.message_en
    assert "Aubel" in issue.message_en
    assert issue.mend_fr


def test_a_small_zone_far_away_is_judged_by_itself(territory: Territory) -> None:
    many = {f"{code}{n}": shape for code, shape in OURS.items() for n in range(10)}
    (issue,) = elsewhere(many | misread(ISLAND, 2975, 2154), territory)
    assert "EPSG:2975" in issue.message_fr
    assert issue.rows == 2


def test_our_own_areas_must_be_within_the_bounds_of_the_territory(territory: Territory) -> None:
    """Two degrees west is still ground that the metric system is made for."""
    west = shifted(OURS, -2)
    assert [issue.code for issue in elsewhere(west, territory)] == ["contours_elsewhere"]
    neighbours = {code.replace("430", "150"): shape for code, shape in west.items()}
    assert elsewhere(neighbours, territory) == []


def test_a_zone_across_the_meridian_of_180_degrees(territory: Territory) -> None:
    fiji = replace(territory, metric_crs="EPSG:3460", bounds=(-180, -90, 180, 90))
    there = {"1": shapely.box(179, -17, 180, -16), "2": shapely.box(-180, -17, -179, -16)}
    assert elsewhere(there, fiji) == []
    assert len(elsewhere(OURS, fiji)) == 1


def test_a_system_without_an_area_of_use_says_nothing(territory: Territory) -> None:
    local = "+proj=tmerc +lat_0=45 +lon_0=4 +ellps=GRS80 +units=m"
    assert elsewhere(shifted(OURS, 40), replace(territory, metric_crs=local)) == []


def test_contours_that_moved_since_the_release_are_held(territory: Territory) -> None:
    assert moved(OURS, OURS, territory) == []
    # A twentieth of the width of each square is two thousandths and a half of a degree.
    assert moved(shifted(OURS, 0.0024), OURS, territory) == []
    (issue,) = moved(shifted(OURS, 0.0026) | ISLAND, OURS | ISLAND, territory)
    assert (issue.code, str(issue.severity)) == ("contours_moved", "hold")
    assert "95 % du sol" in issue.message_fr
    assert "EPSG:2154" in issue.message_en
    assert issue.mend_en


def test_only_areas_that_both_have_are_compared(territory: Territory) -> None:
    gone, new = dict(list(OURS.items())[:5]), dict(list(OURS.items())[5:])
    assert moved(new, gone, territory) == []
    assert moved(OURS, new, territory) == []
    assert moved(ISLAND, shifted(ISLAND, 0.05), territory)[0].code == "contours_moved"


def test_an_area_that_grew_by_a_merger_does_not_hold_the_others(territory: Territory) -> None:
    """One of forty areas took in its neighbour: a fortieth of the ground is not common."""
    many = {f"43{n:03}": shapely.box(3.2 + n / 40, 45, 3.225 + n / 40, 45.05) for n in range(40)}
    merged = {code: shape for code, shape in many.items() if code != "43001"}
    merged["43000"] = shapely.box(3.2, 45, 3.25, 45.05)
    assert moved(merged, many, territory) == []


def test_contours_of_another_size_are_held(territory: Territory) -> None:
    """The ground of before lies wholly in the new contours, which are three times as large."""
    large = {code: shape.buffer(0.02, join_style="mitre") for code, shape in OURS.items()}
    assert [issue.code for issue in moved(large, OURS, territory)] == ["contours_moved"]


def test_a_refresh_compares_the_contours_with_the_published_ones(
    release_data: Path, tmp_path: Path, settings_of: Callable[[Path], Settings]
) -> None:
    """Two kilometres to the east. A second file, empty, ends the refresh before it computes."""
    data = tmp_path / "data"
    shutil.copytree(release_data, data)
    before = current_release(data)
    table = pq.read_table(EMBEDDED)
    place = table.column_names.index("geometry")
    field = table.schema.field(place)
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    east = shapely.transform(shapes, lambda points: points + np.array([0.025, 0.0]))
    (data / "incoming").mkdir(exist_ok=True)
    table = table.set_column(place, field, pa.array(shapely.to_wkb(east), field.type))
    pq.write_table(table, data / "incoming" / "territory.parquet")
    (data / "incoming" / "insee_births.csv").touch()
    outcome = refresh(settings_of(data))
    (issue,) = [issue for issue in outcome.issues if issue.code == "contours_moved"]
    assert (issue.source_id, issue.file) == ("territory", "territory.parquet")
    assert str(issue.severity) == "hold"
    assert outcome.outcome == "rejected"
    assert current_release(data) == before
