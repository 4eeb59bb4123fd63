"""The areas and values that the bench of the screen shows; and a country cut to fewer areas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd

from etl.tiles import tiles
from geodata import release, schema
from geodata.catalogue.loader import catalogue
from geodata.release import Release

#: Tables of a release that a map needs.
_TABLES = ("source", "area_membership", "observation", "lineage")


@dataclass(frozen=True)
class Shown:
    """A level, how many areas it has, and the indicators with most values there."""

    level: str
    areas: int
    indicators: list[str]


def shown_of(of: Release, territory: str, level: str) -> Shown:
    """What the map of a release shows at a level; indicators in the order of the catalogue."""
    with duckdb.connect(str(of.database), read_only=True) as base:
        (count,) = base.execute(  # type: ignore[misc]
            "SELECT count(*) FROM area WHERE level = ? AND role = 'territory'", [level]
        ).fetchone()
        rich = base.execute(
            "SELECT indicator FROM observation JOIN area USING (level, area_id) "
            "WHERE level = ? AND role = 'territory' AND value IS NOT NULL "
            "GROUP BY indicator HAVING count(DISTINCT area_id) > 0.6 * ?",
            [level, count],
        ).fetchall()
    known = {name for (name,) in rich}
    return Shown(level, count, [i for i in catalogue(territory).indicators if i in known])


def cut_to(whole: Release, data: Path, count: int) -> None:
    """Publish a release of the first so many communes of a country, and every larger area."""
    with duckdb.connect(str(whole.database), read_only=True) as base:
        read = {name: base.table(name).df() for name in (*_TABLES, "area", "about")}
    area = read["area"]
    own = area[area["level"] == "commune"].sort_values("area_id").head(count)
    area = pd.concat([own.assign(fid=range(len(own))), area[area["level"] != "commune"]])
    kept = set(own["area_id"])
    for name in ("area_membership", "observation"):
        frame = read[name]
        read[name] = frame[(frame["level"] != "commune") | frame["area_id"].isin(kept)]
    place = catalogue("france").territory
    drawn = area.dropna(subset="geometry")
    contours = gpd.GeoSeries.from_wkb(drawn["geometry"].map(bytes), crs="EPSG:4326")
    layers = gpd.GeoDataFrame(
        drawn[["level", "area_id", "name", "fid"]].assign(is_in_territory=True),
        geometry=contours.to_numpy(),
        crs="EPSG:4326",
    )
    made = tiles(
        layers,
        place.metric_crs,
        first_zoom={level.id: level.first_zoom for level in place.levels},
        min_zoom=place.tile_zooms[0],
        max_zoom=8,
    )
    area = area.assign(geometry=area["geometry"].map(lambda x: None if x is None else bytes(x)))
    with release.refresh_lock(data), release.draft(data) as draft:
        tables = {**read, "area": area, "tile": made}
        for name, rows in tables.items():
            draft.load(schema.release.tables[name], rows)
        making = release.Making("france", "bench", "bench", None)
        sealed = release.seal(draft, data, making)
        release.publish(data, sealed.release_id, "bench", "bench", keep=2)
