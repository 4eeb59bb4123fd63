"""People by cell of a grid: where a cell is stands in its code."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from etl.source import Known, RejectedFile, Staged
from etl.sources import readers
from geodata.catalogue.loader import catalogue

WORDS = catalogue("haute_loire")
GRID, EUROSTAT, OWN = (
    WORDS.sources[name] for name in ("insee_grid_200m", "eurostat_grid_1km", "own_demand_points")
)
WEST, EAST = shapely.box(3.7, 44.9, 3.9, 45.2), shapely.box(3.9, 44.9, 4.1, 45.2)
CONTOUR = pd.DataFrame(
    {
        "level": "commune",
        "area_id": ["43001", "43002"],
        "geometry": shapely.to_wkb([WEST, EAST]),
    }
)
KNOWN = Known(
    WORDS,
    {"commune": frozenset({"43001", "43002"})},
    tables={"territory": {"contour": CONTOUR}},
)


@cache
def to_grid(crs: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4326, crs, always_xy=True)


def cell(longitude: float, latitude: float, side: int = 200, crs: int = 3035) -> str:
    """The code of the cell that a point is in."""
    east, north = to_grid(crs).transform(longitude, latitude)
    return f"CRS{crs}RES{side}mN{int(north // side) * side}E{int(east // side) * side}"


def staged(text: str | bytes, entry=GRID, file: str = "grid.csv", known: Known = KNOWN) -> Staged:
    content = text.encode() if isinstance(text, str) else text
    return readers()[entry.reader](entry, file, content, known)


HEADER = "idcar_200m,idcar_1km,idcar_nat,i_est_200,i_est_1km,lcog_geo,ind,men,ind_0_3,ind_4_5\n"


def insee(*cells: tuple[str, str, str, str], header: str = HEADER) -> str:
    rows = [
        f"{code},x,y,{imputed},0,43001,{people},4.0,{young},1\n"
        for code, imputed, people, young in cells
    ]
    return header + "".join(rows)


def test_the_centre_of_a_cell_stands_for_who_lives_there() -> None:
    """By hand: the corner of the code plus half a side, turned into degrees and back."""
    west, east = cell(3.8, 45.0), cell(4.0, 45.0)
    made = staged(insee((west, "0", "12.5", "1.5"), (east, "1", "3", "0")))
    points = made.tables["demand_point"]
    assert points["point_id"].tolist() == [west, east]
    assert points["area_id"].tolist() == ["43001", "43002"]
    assert points["people"].tolist() == [12.5, 3.0]
    assert points["people_0_3"].tolist() == [1.5, 0.0]
    assert "people_6_10" not in points
    assert points["status"].tolist() == ["observed", "imputed"]
    assert points["period"].tolist() == ["2019", "2019"]
    x, y = to_grid(3035).transform(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    np.testing.assert_allclose(x % 200, 100, atol=0.2)
    np.testing.assert_allclose(y % 200, 100, atol=0.2)
    assert [cell(*place) for place in points[["longitude", "latitude"]].to_numpy()] == [west, east]


def test_other_grids_other_systems_and_older_codes() -> None:
    """Overseas cells are of their own system; a kilometre grid of 2011 names kilometres."""
    code = cell(3.8, 45.0, 1000)
    north, east = code.split("mN")[1].split("E")
    old = f"1kmN{north[:-3]}E{east[:-3]}"
    flat = Known(WORDS, KNOWN.areas)
    made = staged(insee((code, "0", "5", "1"), (old, "0", "6", "1")), known=flat)
    points = made.tables["demand_point"]
    assert points["longitude"].nunique() == points["latitude"].nunique() == 1
    assert points["area_id"].isna().all()
    island = cell(-61.0, 14.6, 200, 5490)
    far = staged(insee((island, "0", "7", "1")), known=flat).tables["demand_point"]
    assert far["longitude"].iloc[0] == pytest.approx(-61.0, abs=0.002)
    assert far["latitude"].iloc[0] == pytest.approx(14.6, abs=0.002)


def test_headings_of_the_older_edition() -> None:
    header = HEADER.replace("idcar_200m", "Idcar_200m").replace(",ind,", ",Ind,")
    made = staged(insee((cell(3.8, 45.0), "0", "5", "1"), header=header))
    assert made.tables["demand_point"]["people"].tolist() == [5.0]


def test_cells_elsewhere_are_dropped_and_empty_ones_are_unknown() -> None:
    made = staged(insee((cell(3.8, 45.0), "0", "", "1"), (cell(2.3, 48.8), "0", "9", "1")))
    assert made.dropped == {"outside_territory": 1}
    points = made.tables["demand_point"]
    assert np.isnan(points["people"].iloc[0])
    assert points["status"].tolist() == ["missing"]


def test_what_is_no_cell_is_held_back() -> None:
    codes = [cell(3.75 + 0.01 * n, 45.0) for n in range(12)] + [
        cell(3.75 + 0.01 * n, 45.1) for n in range(12)
    ]
    rows = [(code, "0", "5", "1") for code in codes]
    for wrong in (
        "200mN2029800E4254000",
        "CRS9999RES200mN2029800E4254000",
        "CRS3035RES200mN99999999999E4254000",
    ):
        with pytest.raises(RejectedFile) as raised:
            staged(insee(*rows, (wrong, "0", "5", "1")))
        issue = raised.value.issue
        assert (issue.code, issue.line, issue.column) == ("too_many_quarantined", 26, "idcar_200m")
        assert "carreau" in issue.mend_fr
        assert issue.sample == wrong[:40]
    with pytest.raises(RejectedFile) as raised:
        staged(insee(*rows, (cell(3.8, 45.05), "0", "-5", "1")))
    assert raised.value.issue.column == "ind"
    with pytest.raises(RejectedFile) as raised:
        staged(insee(*rows, (codes[0], "0", "6", "1")))
    assert "two different rows" in raised.value.issue.message_en


def test_the_census_grid_says_what_is_confidential() -> None:
    """A cell that is withheld is suppressed: neither zero nor missing."""
    text = (
        "GRD_ID,T,M,F,Y_LT15,Y_1564,Y_GE65\n"
        f"{cell(3.8, 45.0, 1000)},120,60,60,20,70,30\n"
        f"{cell(4.0, 45.0, 1000)},-9999,-9999,-9999,-9999,-9999,-9999\n"
    )
    points = staged(text, EUROSTAT).tables["demand_point"]
    assert points["people_0_14"].iloc[0] == 20
    assert points["status"].tolist() == ["observed", "suppressed"]
    assert points[["people", "people_65_plus"]].iloc[1].isna().all()


def test_a_geopackage_is_read_by_its_codes(tmp_path: Path) -> None:
    names = ["GRD_ID", "T", "Y_LT15", "Y_1564", "Y_GE65"]
    codes = [cell(3.8, 45.0, 1000), cell(4.0, 45.0, 1000)]
    corners = [[int(part) for part in code.split("mN")[1].split("E")] for code in codes]
    shapes = [shapely.box(x, y, x + 1000, y + 1000) for y, x in corners]
    rows = [(codes[0], 120, 20, 70, 30), (codes[1], 8, 1, 5, 2)]
    made = gpd.GeoDataFrame(rows, columns=names, geometry=shapes, crs=3035)
    made.to_file(tmp_path / "grid.gpkg", layer="census2021", engine="pyogrio")
    content = (tmp_path / "grid.gpkg").read_bytes()
    points = staged(content, EUROSTAT, "ESTAT_Census_2021_V2.gpkg").tables["demand_point"]
    assert points["people"].tolist() == [120.0, 8.0]
    middle = gpd.GeoSeries(shapes, crs=3035).centroid.to_crs(4326)
    np.testing.assert_allclose(points["longitude"], middle.x, atol=1e-6)
    np.testing.assert_allclose(points["latitude"], middle.y, atol=1e-6)


def test_points_of_ones_own() -> None:
    text = (
        "point_id,longitude,latitude,people,people_0_2\n"
        "hamlet,3.8,45.0,14,1\n"
        "village,4.0,45.1,230,8\n"
    )
    points = staged(text, OWN).tables["demand_point"]
    assert points["area_id"].tolist() == ["43001", "43002"]
    assert points["people_0_2"].tolist() == [1.0, 8.0]
    with pytest.raises(RejectedFile) as raised:
        staged(text.replace("3.8,45.0", ","), OWN)
    assert raised.value.issue.column == "longitude"
    with pytest.raises(RejectedFile) as raised:
        staged(text.replace("3.8,45.0", "45.0,3.8").replace("4.0,45.1", "45.1,4.0"), OWN)
    assert raised.value.issue.code == "swapped_coordinates"


def test_a_semicolon_is_declared() -> None:
    entry = replace(OWN, options={**OWN.options, "separator": ";"})
    made = staged("point_id;longitude;latitude;people\nhamlet;3.8;45.0;14\n", entry)
    assert made.rows_loaded == 1
