"""Points -> the areas they stand in, and what is wrong with points.

Pure geometry, of any country. Points are degrees (EPSG:4326), distances metres in the metric
reference system of the area they are measured from.
"""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from etl import history
from etl.contours import GEOGRAPHIC_CRS
from etl.drawing import metric_crs
from etl.locate import located
from etl.source import LINE, Known, Ledger
from geodata.catalogue.nouns import Territory

#: A service farther than this from the area it says it is in is worth a look.
TOLERANCE_M = 500.0
#: A file with more points outside their areas than this share waits for an approval.
STRAY_SHARE = 0.05
#: More services than this on one point: likely a fallback of the geocoder.
CROWD = 5
#: Degrees from (0, 0) that no service stands within: what geocoders answer when they fail.
NULL_ISLAND = 0.01
#: Half the way round the globe: what stands for the distance of a point that a metric reference
#: system has no place for.
FARTHEST_M = 20_015_000.0
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MEND = {
    "mend_fr": "Corriger la longitude et la latitude, en degrés, ou les laisser vides.",
    "mend_en": "Mend the longitude and the latitude, in degrees, or leave them empty.",
}


def placed(
    frame: pd.DataFrame, longitude: str, latitude: str, known: Known, ledger: Ledger
) -> pd.DataFrame:
    """The columns ``longitude`` and ``latitude`` in degrees, NaN where absent or held back.

    ``longitude`` and ``latitude`` name the columns of ``frame`` that hold them as text. Rows whose
    point is half there, no number, out of the world or at (0, 0) are held back.

    Raises
    ------
    RejectedFile
        When most points are out of the world (metres?) or fall in the territory only once
        longitude and latitude are swapped.
    """
    texts = {"longitude": frame[longitude].fillna(""), "latitude": frame[latitude].fillna("")}
    empty = texts["longitude"].eq("") & texts["latitude"].eq("")
    is_number = pd.Series(True, index=frame.index)
    for text in texts.values():
        is_number &= text.str.fullmatch(_NUMBER.pattern).astype(bool)
    points = pd.DataFrame(
        {
            name: pd.to_numeric(text.where(is_number, None)).astype("float64")
            for name, text in texts.items()
        }
    )
    _hold(frame, ~empty & ~is_number, longitude, "bad_point", ledger, texts["longitude"])
    x, y = points["longitude"], points["latitude"]
    outside = is_number & ((x.abs() > 180) | (y.abs() > 90))
    if outside.sum() > 0.5 * is_number.sum():
        raise ledger.reject(
            "not_degrees",
            "la plupart des points ne sont pas en degrés (des mètres ?)",
            "most points are not in degrees (metres?)",
            line=int(frame.loc[outside, LINE].iloc[0]),
            column=longitude,
            mend_fr="Convertir les coordonnées en degrés (EPSG:4326).",
            mend_en="Convert the coordinates to degrees (EPSG:4326).",
        )
    _hold(frame, outside, longitude, "out_of_the_world", ledger, texts["longitude"])
    _refuse_swapped(frame, points, longitude, known, ledger)
    null = is_number & (x.abs() < NULL_ISLAND) & (y.abs() < NULL_ISLAND)
    _hold(frame, null, longitude, "null_island", ledger, texts["longitude"])
    return points.mask(outside | null)


def warn_of_crowds(frame: pd.DataFrame, points: pd.DataFrame, ledger: Ledger) -> None:
    """Warn when more than :data:`CROWD` rows stand on one point."""
    there = points.dropna()
    sizes = there.groupby(["longitude", "latitude"])["longitude"].transform("size")
    crowded = sizes > CROWD
    if crowded.any():
        ledger.warn(
            "crowded_point",
            f"plus de {CROWD} services au même point (jusqu’à {sizes.max()})",
            f"more than {CROWD} services on one point (up to {sizes.max()})",
            line=int(frame.loc[crowded.index[crowded][0], LINE]),
            rows=int(crowded.sum()),
        )


def known_contours(known: Known, level: str) -> pd.DataFrame | None:
    """``area_id`` and ``geometry`` of a level's known areas, if a source read before has them."""
    areas = known.areas.get(level, frozenset())
    frames = [
        table.loc[table["level"] == level, ["area_id", "geometry"]]
        for tables in known.tables.values()
        for name, table in tables.items()
        if name in ("contour", "area") and "geometry" in table.columns
    ]
    if not frames:
        return None
    found = pd.concat(frames, ignore_index=True).dropna()
    found = found[found["area_id"].isin(list(areas))]
    if found.empty:
        return None
    found = found.drop_duplicates("area_id", keep="last").sort_values("area_id", ignore_index=True)
    return found.assign(geometry=shapely.from_wkb(found["geometry"].to_numpy()))


def areas_at(points: pd.DataFrame, contours: pd.DataFrame) -> pd.Series[str]:
    """The area each point stands in, aligned with ``points``; None where it stands in none.

    On a shared border the first code stands.
    """
    shapes = shapely.points(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    missing = points.isna().any(axis=1).to_numpy()
    shapes[missing] = None
    tree = shapely.STRtree(contours["geometry"].to_numpy())
    place, area = tree.query(shapes, predicate="intersects")
    order = np.lexsort((area, place))
    first = pd.Series(area[order], index=place[order]).groupby(level=0).first()
    found = pd.Series(None, index=points.index, dtype="object")
    found.iloc[first.index.to_numpy()] = contours["area_id"].to_numpy(dtype=object)[first]
    return found


def metres_outside(
    points: pd.DataFrame, areas: pd.Series[str], contours: pd.DataFrame, territory: Territory
) -> pd.Series[float]:
    """How far each point stands outside its area, in metres; 0 inside, NaN where one lacks.

    Distances are those of the metric reference system of the area
    (:func:`etl.drawing.metric_crs`).
    """
    geometry = (
        contours.set_index("area_id")["geometry"].reindex(areas).to_numpy(dtype=object, copy=True)
    )
    there = points.notna().all(axis=1).to_numpy() & ~pd.isna(geometry)
    geometry[~there] = None
    places = np.full(len(points), None, dtype=object)
    places[there] = shapely.points(points.loc[there, ["longitude", "latitude"]].to_numpy())
    metres = np.where(there, 0.0, np.nan)
    outside = np.flatnonzero(there & ~shapely.intersects(places, geometry))
    zones = areas.iloc[outside].map(lambda code: metric_crs(territory, code)).to_numpy()
    for zone in sorted(set(zones)):
        rows = outside[zones == zone]
        flat = gpd.GeoSeries(places[rows], crs=GEOGRAPHIC_CRS).to_crs(zone)
        is_placed = np.isfinite(flat.x) & np.isfinite(flat.y)
        ground = gpd.GeoSeries(geometry[rows], crs=GEOGRAPHIC_CRS).to_crs(zone)
        far = flat[is_placed].distance(ground[is_placed])
        metres[rows] = far.reindex(flat.index, fill_value=FARTHEST_M)
    return pd.Series(metres, index=points.index)


def warn_of_strays(
    frame: pd.DataFrame,
    points: pd.DataFrame,
    areas: pd.Series[str],
    known: Known,
    ledger: Ledger,
) -> None:
    """Warn of points beyond :data:`TOLERANCE_M` of their area.

    Over :data:`STRAY_SHARE` of the points that have an area, publication is held: positions may be
    in another reference system than is said, or codes of another date. Nothing is checked where no
    source read before holds contours.
    """
    contours = known_contours(known, known.catalogue.territory.finest_level)
    if contours is None:
        return
    metres = metres_outside(points, areas, contours, known.catalogue.territory)
    strays = metres > TOLERANCE_M
    if not strays.any():
        return
    say = ledger.hold if strays.sum() > STRAY_SHARE * metres.notna().sum() else ledger.warn
    say(
        "point_outside_area",
        f"{strays.sum()} points à plus de {TOLERANCE_M:.0f} m de leur aire "
        f"(jusqu’à {metres.max() / 1000:.0f} km)",
        f"{strays.sum()} points more than {TOLERANCE_M:.0f} m from their area "
        f"(up to {metres.max() / 1000:.0f} km)",
        line=int(frame.loc[metres == metres.max(), LINE].iloc[0]),
        rows=int(strays.sum()),
        mend_fr="Vérifier la position ou le code de l’aire.",
        mend_en="Check the position or the code of the area.",
    )


def located_by_point(
    frame: pd.DataFrame, points: pd.DataFrame, known: Known, ledger: Ledger
) -> pd.Series[str]:
    """The area of the finest level each point stands in, aligned with ``frame``.

    A point in no area takes the nearest within :data:`TOLERANCE_M` (contours are generalised);
    farther ones are dropped by the rule ``outside_territory``. Where no contour is known, or the
    point is absent, the area stays None.
    """
    contours = known_contours(known, known.catalogue.territory.finest_level)
    if contours is None:
        return pd.Series(None, index=frame.index, dtype="object")
    areas = areas_at(points, contours)
    lost = areas.isna() & points.notna().all(axis=1)
    if not lost.any():
        return areas
    tree = shapely.STRtree(contours["geometry"].to_numpy())
    there = points[lost]
    nearest = tree.nearest(shapely.points(there["longitude"], there["latitude"]))
    beside = pd.Series(contours["area_id"].to_numpy(dtype=object)[nearest], index=there.index)
    near = metres_outside(there, beside, contours, known.catalogue.territory) <= TOLERANCE_M
    areas.loc[near.index[near]] = beside[near]
    if near.any():
        ledger.note(
            "nearest_area",
            f"{near.sum()} points au bord d’une aire lui sont rattachés",
            f"{near.sum()} points on the edge of an area are counted in it",
            line=int(frame.loc[near.index[near][0], LINE]),
            rows=int(near.sum()),
        )
    ledger.drop(
        frame.loc[near.index[~near], LINE],
        "outside_territory",
        "points hors du territoire",
        "points outside the territory",
    )
    return areas


def located_services(
    frame: pd.DataFrame,
    column: str,
    points: pd.DataFrame,
    known: Known,
    ledger: Ledger,
    *,
    edition: str | None = None,
) -> pd.Series[str]:
    """The area of the finest level of each row, aligned with ``frame``.

    It is that of the code in ``column`` (:func:`etl.locate.located`). Of an area of ``edition``
    that was merged or divided since, the point says where it is today; a note says how many. A
    row without a code has the area of its point, None where no contour is known; without a point
    either it is held back.
    """
    territory = known.catalogue.territory
    level = territory.finest_level
    areas = _areas_of_lost_codes(frame, column, points, known, edition)
    found = areas.notna() & frame[column].ne("")
    if found.any():
        ledger.note(
            "located_by_point",
            f"{found.sum()} codes d’une autre date : l’aire est celle du point",
            f"{found.sum()} codes of another date: the area is that of the point",
            line=int(frame.loc[found, LINE].iloc[0]),
            column=column,
            rows=int(found.sum()),
        )
    has_point = points.loc[frame.index].notna().all(axis=1)
    coded = frame[areas.isna() & (frame[column].ne("") | ~has_point)]
    codes = located(coded, column, level, known, ledger, edition=edition)
    areas.loc[coded.index] = codes
    return areas


def _areas_of_lost_codes(
    frame: pd.DataFrame, column: str, points: pd.DataFrame, known: Known, edition: str | None
) -> pd.Series[str]:
    """The area at the point of each row whose code is blank, ended or divided; None for others.

    A code that ended or was divided is one that the known events tell of, and the point must be in
    what became of its area: a code that nobody knows stays a question for a person.
    """
    territory = known.catalogue.territory
    areas = pd.Series(None, index=frame.index, dtype="object")
    contours = known_contours(known, territory.finest_level)
    if contours is None:
        return areas
    events = history.events_of(known, territory.finest_level) if edition else None
    codes = frame[column].unique()
    heirs = history.heirs(codes, events, str(edition)) if events is not None else {}
    lost = ["", *(code for code in codes if heirs.get(code, (code,)) != (code,))]
    rows = frame.index[frame[column].isin(lost)]
    if rows.empty:
        return areas
    there = areas_at(points.loc[rows], contours)
    allowed = [
        area is not None and (code == "" or area in heirs[code])
        for code, area in zip(frame.loc[rows, column], there, strict=True)
    ]
    areas.loc[rows] = there.where(pd.Series(allowed, index=rows), None)
    return areas


def _refuse_swapped(
    frame: pd.DataFrame, points: pd.DataFrame, column: str, known: Known, ledger: Ledger
) -> None:
    west, south, east, north = known.catalogue.territory.bounds
    x, y = points["longitude"], points["latitude"]
    only_swapped = (
        y.between(west, east)
        & x.between(south, north)
        & ~(x.between(west, east) & y.between(south, north))
    )
    if only_swapped.sum() > 0.5 * x.notna().sum():
        raise ledger.reject(
            "swapped_coordinates",
            "longitude et latitude sont interverties",
            "longitude and latitude are swapped",
            line=int(frame.loc[only_swapped, LINE].iloc[0]),
            column=column,
            mend_fr="Échanger les deux colonnes dans le fichier.",
            mend_en="Swap the two columns in the file.",
        )


def _hold(
    frame: pd.DataFrame,
    wrong: pd.Series[bool],
    column: str,
    code: str,
    ledger: Ledger,
    texts: pd.Series[str],
) -> None:
    if wrong.any():
        ledger.quarantine(
            frame.loc[wrong, LINE],
            code,
            "position qui n’est pas un point du monde, ou est (0, 0)",
            "a position that is no point of the world, or is (0, 0)",
            column=column,
            sample=str(texts[wrong].iloc[0]),
            **_MEND,
        )
