"""The contours and seats of every level, from the published contours of the finest one."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from etl.codes import among
from etl.contours import GEOGRAPHIC_CRS, completed, dissolved, on_grid, placed_seats
from etl.source import Ledger
from geodata.catalogue.nouns import Territory

_KEY = ["level", "area_id"]


@dataclass(frozen=True)
class Drawing:
    """What is drawn: `shapes` (level, area_id, shape in degrees), `seats` (level, area_id,
    seat_longitude, seat_latitude) and the finest areas whose seat was not believed.
    """

    shapes: pd.DataFrame
    seats: pd.DataFrame
    refused_seats: frozenset[str]


def drawing(
    areas: pd.DataFrame,
    contours: pd.DataFrame,
    members: pd.DataFrame,
    territory: Territory,
    ledger: Ledger,
) -> Drawing:
    """Draw the finest areas as one exact coverage for each metric zone, and dissolve the others.

    ``contours`` are of the finest level; `may_grow` marks the areas that are given a hole at their
    border, `is_joined` those whose ground counts in coarser contours and that are not drawn.

    Raises
    ------
    RejectedFile
        When the contours of a zone cannot be made one exact coverage.
    """
    finest = territory.finest_level
    codes = areas.loc[areas["level"] == finest, "area_id"]
    ours = contours[(contours["level"] == finest) & among(contours["area_id"], codes)]
    ours = ours.sort_values("area_id", ignore_index=True)
    _tell_strangers(contours, finest, len(ours), ledger)
    with_shape = ours.dropna(subset="geometry").reset_index(drop=True)
    crs = with_shape["area_id"].map(lambda code: metric_crs(territory, code))
    pieces, seats = [], [_bare_seats(ours[ours["geometry"].isna()])]
    for zone, rows in with_shape.groupby(crs, sort=True):
        piece = _covered(rows.reset_index(drop=True), str(zone), territory, ledger)
        seats.append(_placed(rows, piece, str(zone)))
        pieces.append(piece)
    nothing = gpd.GeoDataFrame({"area_id": []}, geometry=[], crs=GEOGRAPHIC_CRS)
    ground = pd.concat(pieces or [nothing], ignore_index=True)
    placed = pd.concat(seats, ignore_index=True)
    return Drawing(
        shapes=_shapes(ground, codes_marked(ours, "is_joined"), members, territory),
        seats=placed[[*_KEY, "seat_longitude", "seat_latitude"]].assign(level=finest),
        refused_seats=frozenset(placed.loc[placed["is_refused"], "area_id"]),
    )


def metric_crs(territory: Territory, area_id: str) -> str:
    """The metric reference system of a finest area: that of the longest beginning of its code."""
    starts = [start for start in territory.metric_zones if area_id.startswith(start)]
    return territory.metric_zones[max(starts, key=len)] if starts else territory.metric_crs


def _tell_strangers(contours: pd.DataFrame, finest: str, used: int, ledger: Ledger) -> None:
    if used < len(contours):
        ledger.warn(
            "contour_unused",
            f"{len(contours) - used} contours d’aires inconnues, ou d’un autre niveau que {finest}",
            f"{len(contours) - used} contours of unknown areas, or of a level other than {finest}",
            column="area_id",
            rows=len(contours) - used,
        )


def codes_marked(rows: pd.DataFrame, column: str) -> set[str]:
    """The areas that a column of marks says yes of; none where there is no such column."""
    if column not in rows:
        return set()
    return set(rows.loc[rows[column].eq(True).fillna(False), "area_id"])


def _covered(
    rows: pd.DataFrame, zone: str, territory: Territory, ledger: Ledger
) -> gpd.GeoDataFrame:
    """One metric zone as an exact coverage in degrees: area_id, geometry."""
    degrees = gpd.GeoSeries(shapely.from_wkb(rows["geometry"]), crs=GEOGRAPHIC_CRS)
    growing = codes_marked(rows, "may_grow")
    places = set(np.flatnonzero(among(rows["area_id"], growing)).tolist())
    enclaves = shapely.points(list(territory.enclaves.values())) if territory.enclaves else []
    try:
        made = completed(degrees.to_crs(zone), places, list(enclaves))
        geometry = on_grid(made.shapes)
    except (ValueError, shapely.errors.GEOSException) as error:
        raise ledger.reject(
            "not_a_coverage",
            f"les contours ({zone}) ne peuvent former une seule couverture : {error}",
            f"contours ({zone}) cannot be made one coverage: {error}",
            column="geometry",
            mend_fr="Fournir des contours valides, qui se touchent sans se chevaucher.",
            mend_en="Bring valid contours that touch and do not overlap.",
        ) from error
    if made.given:
        km2 = sum(made.given.values())
        ledger.note(
            "holes_given",
            f"{len(made.given)} aires reçoivent le sol d’anciennes aires sans contour "
            f"({km2:.0f} km², {zone})",
            f"{len(made.given)} areas are given the ground of former areas without contour "
            f"({km2:.0f} km², {zone})",
            column="geometry",
            rows=len(made.given),
        )
    return gpd.GeoDataFrame({"area_id": rows["area_id"]}, geometry=geometry)


def _bare_seats(rows: pd.DataFrame) -> pd.DataFrame:
    """Seats as they are said, of areas that have no contour to check them against."""
    seats = rows.reindex(columns=[*_KEY, "seat_longitude", "seat_latitude"])
    return seats.assign(is_refused=False)


def _placed(rows: pd.DataFrame, piece: gpd.GeoDataFrame, zone: str) -> pd.DataFrame:
    said = rows.reindex(columns=["seat_longitude", "seat_latitude"]).astype("float64")
    is_said = said.notna().all(axis=1).to_numpy()
    points = np.full(len(rows), None, dtype=object)
    points[is_said] = shapely.points(said.to_numpy()[is_said])
    seats = placed_seats(piece, dict(zip(rows["area_id"], points, strict=True)), zone)
    return pd.DataFrame(
        {
            "level": rows["level"].to_numpy(),
            "area_id": seats["area_id"],
            "seat_longitude": seats["longitude"],
            "seat_latitude": seats["latitude"],
            "is_refused": seats["is_replaced"] & seats["refused_longitude"].notna(),
        }
    )


def _shapes(
    ground: gpd.GeoDataFrame, joined: set[str], members: pd.DataFrame, territory: Territory
) -> pd.DataFrame:
    """The shape of every area: the finest but for the joined ones, and what they dissolve into."""
    finest = territory.finest_level
    layers = [ground[~among(ground["area_id"], joined)].assign(level=finest)]
    links = members[members["level"] == finest]
    for level, of_level in links.groupby("parent_level"):
        parent = of_level.set_index("area_id")["parent_id"].reindex(ground["area_id"])
        if level != finest and parent.notna().any():
            layers.append(dissolved(ground, parent).assign(level=level))
    shapes = pd.concat([pd.DataFrame(layer) for layer in layers], ignore_index=True)
    return shapes.rename(columns={"geometry": "shape"})[[*_KEY, "shape"]]
