"""Places on the globe: features of GeoJSON and GeoPackage, and columns of coordinates.

GDAL and shapely accept in silence swapped axes, metres called degrees, empty and infinite
geometries; here each is told, held back or refused.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read_arrow

from etl.reading.columnar import series
from etl.reading.header import places
from etl.reading.shapes import MOST_VERTICES, Shapes, too_many_vertices
from etl.reading.text import plain
from etl.source import LINE, Ledger, RejectedFile

Kind = Literal["polygon", "point"]
Suffix = Literal[".geojson", ".gpkg"]
#: west, south, east, north, in degrees.
Box = tuple[float, float, float, float]

MOST_FEATURES = 2_000_000
DEGREES = "EPSG:4326"

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NAMED_CRS = re.compile(rb'"crs"\s*:\s*(null|\{[^{}]*\{[^{}]*"name"\s*:\s*"([^"]*)")')
_AGAIN = {
    "mend_fr": "Reprendre le fichier complet chez le producteur.",
    "mend_en": "Fetch the whole file again from its producer.",
}


def geo_frame(
    content: bytes,
    columns: Sequence[str],
    ledger: Ledger,
    *,
    suffix: Suffix,
    kind: Kind,
    crs: str | None = None,
    layer: str | None = None,
    within: Box | None = None,
) -> gpd.GeoDataFrame:
    """The features of a file, in degrees (EPSG:4326), flat, valid and of one kind.

    Parameters
    ----------
    columns: the properties relied on; others are noted and left out.
    suffix: how the file is written; its first bytes must agree.
    kind: ``polygon`` (one or several parts) or ``point`` (one each).
    crs: the reference system of a file that does not say its own.
    layer: the layer of a GeoPackage that has several.
    within: where the features are expected (west, south, east, north, in degrees), to find out
        swapped axes.

    Returns
    -------
    One row a feature with ``columns`` (typed as in the file; whole numbers with gaps are
    ``Int64``), ``line`` (the place of the feature, the first being line 2) and ``geometry``.
    Features in quarantine or dropped are among them, for the account; those in quarantine have no
    geometry.

    Raises
    ------
    RejectedFile
        Not such a file, cut short, too large, no reference system, metres called degrees or the
        reverse, swapped axes, a layer or column missing, or no feature.
    """
    _check_container(content, suffix, ledger)
    table, geometry, declared = _read(content, suffix, layer, ledger)
    if not table.num_rows:
        raise ledger.reject("no_rows", "aucun objet", "no feature", **_AGAIN)
    names = table.column_names
    order = places(names, columns, ledger)
    system = _system(declared, crs, ledger)
    frame = pd.DataFrame(
        {name: series(table.column(place)) for name, place in zip(columns, order, strict=True)}
    )
    frame[LINE] = range(2, len(frame) + 2)
    shapes = Shapes(geometry, ledger)
    shapes.check_sizes()
    shapes.hold_empty()
    if system.is_geographic:
        _check_degrees(shapes.middles(), shapes.lines, within, ledger)
        shapes.hold_outside()
    else:
        _check_metres(shapes.middles(), ledger)
    shapes.flatten()
    shapes.keep_kind(kind)
    shapes.reproject(system)
    shapes.hold_null_island()
    shapes.mend()
    shapes.drop_repeated(frame.drop(columns=LINE))
    return gpd.GeoDataFrame(frame, geometry=shapes.geometry, crs=DEGREES)


def points(
    frame: pd.DataFrame,
    longitude: str,
    latitude: str,
    ledger: Ledger,
    *,
    within: Box | None = None,
) -> tuple[pd.Series, pd.Series]:
    """Two text columns of degrees as numbers; both empty is an unknown place (NaN), never zero.

    Rows whose place is half there, no plain decimal number, off the globe or at (0, 0) are held
    back, and NaN.

    Raises
    ------
    RejectedFile
        Metres called degrees, or (with ``within``) swapped axes.
    """
    lines = frame[LINE].to_numpy()
    texts = [frame[name].str.strip() for name in (longitude, latitude)]
    given = [text.ne("").to_numpy() for text in texts]
    plainly = [text.str.fullmatch(_NUMBER.pattern).to_numpy(dtype=bool) for text in texts]
    numbers = np.column_stack(
        [
            text.where(good).astype("float64").to_numpy()
            for text, good in zip(texts, plainly, strict=True)
        ]
    )
    for side, name in enumerate((longitude, latitude)):
        ledger.quarantine(
            lines[given[1 - side] & ~given[side]],
            "half_a_point",
            "une coordonnée sur deux est vide",
            "one coordinate of two is empty",
            column=name,
            mend_fr="Donner les deux coordonnées, ou aucune.",
            mend_en="Give both coordinates, or neither.",
        )
        ledger.quarantine(
            lines[given[side] & ~plainly[side]],
            "bad_coordinate",
            "ce n’est pas un nombre de degrés",
            "this is not a number of degrees",
            column=name,
            mend_fr="Écrire des degrés décimaux, avec un point (45.0432).",
            mend_en="Write decimal degrees, with a point (45.0432).",
        )
    _check_degrees(numbers, lines, within, ledger)
    shapes = Shapes(shapely.points(numbers), ledger, lines, column=longitude)
    shapes.hold_outside()
    shapes.hold_null_island()
    held = np.isin(lines, list(ledger.quarantined))
    numbers[held] = np.nan
    return (
        pd.Series(numbers[:, 0], index=frame.index, name=longitude),
        pd.Series(numbers[:, 1], index=frame.index, name=latitude),
    )


def _check_container(content: bytes, suffix: Suffix, ledger: Ledger) -> None:
    """Refuse by the first bytes: GDAL would try every format it knows."""
    plain(content, ledger, is_text=False)
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<!DOCTYPE" in head.upper():
        raise ledger.reject(
            "doctype",
            "le fichier est en XML et déclare un type de document",
            "the file is XML and declares a document type",
            **_AGAIN,
        )
    if suffix == ".gpkg":
        is_such = content[:16] == b"SQLite format 3\0" and content[68:70] == b"GP"
    else:
        is_such = head[:1] == b"{"
    if not is_such:
        raise ledger.reject(
            f"not_{suffix[1:]}",
            f"ce n’est pas un fichier {suffix}",
            f"this is not a {suffix} file",
            mend_fr="Fournir le fichier dans le format que décrit la source.",
            mend_en="Bring the file in the format that the source describes.",
        )
    # Each vertex opens a bracket; the exact count comes after, but takes memory.
    if suffix == ".geojson" and content.count(b"[") > 2 * MOST_VERTICES:
        raise too_many_vertices(ledger)


def _read(
    content: bytes, suffix: Suffix, layer: str | None, ledger: Ledger
) -> tuple[pa.Table, npt.NDArray[np.object_], str | None]:
    """The properties, the geometries, and the reference system that the file declares."""
    options = {"DATE_AS_STRING": "YES"} if suffix == ".geojson" else {"IMMUTABLE": "YES"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of broken features: they come without geometry
            found = [str(name) for name, kind in pyogrio.list_layers(io.BytesIO(content)) if kind]
            chosen = _layer(found, layer, ledger)
            about, table = read_arrow(io.BytesIO(content), layer=chosen, **options)
            place = table.column_names.index(about["geometry_name"] or "wkb_geometry")
            bodies = table.column(place).to_numpy(zero_copy_only=False)
            geometry = shapely.from_wkb(bodies, on_invalid="ignore")
    except (DataSourceError, DataLayerError, OSError, ValueError) as error:
        raise ledger.reject(
            "unreadable_features",
            f"fichier {suffix} coupé ou illisible ({type(error).__name__})",
            f"{suffix} file cut short or unreadable ({type(error).__name__})",
            **_AGAIN,
        ) from error
    if table.num_rows > MOST_FEATURES:
        raise ledger.reject(
            "too_many_rows",
            f"{table.num_rows} objets, plus que {MOST_FEATURES}",
            f"{table.num_rows} features, more than {MOST_FEATURES}",
            mend_fr="Fournir un extrait de ce fichier.",
            mend_en="Bring an extract of this file.",
        )
    declared = about["crs"] if suffix == ".gpkg" else _geojson_crs(content, about["crs"])
    return table.remove_column(place), geometry, declared


def _layer(found: Sequence[str], layer: str | None, ledger: Ledger) -> str:
    if layer in found:
        return str(layer)
    if layer is None and len(found) == 1:
        return found[0]
    raise ledger.reject(
        "missing_layer",
        f"quelle couche lire ? il y a : {', '.join(found)[:200]}",
        f"which layer to read? there are: {', '.join(found)[:200]}",
        mend_fr="Nommer la couche dans la description de la source.",
        mend_en="Name the layer in the description of the source.",
    )


def _geojson_crs(content: bytes, read: str | None) -> str | None:
    """What the file says: its ``crs`` member, None for ``null``, else degrees (RFC 7946)."""
    named = _NAMED_CRS.search(content)
    if named is None:
        return read if b'"crs"' not in content else DEGREES
    return named[2].decode("utf-8", "replace") if named[2] is not None else None


def _system(declared: str | None, given: str | None, ledger: Ledger) -> pyproj.CRS:
    """The reference system, flat: the file's own, else the one the source gives."""
    try:
        own = pyproj.CRS.from_user_input(declared).to_2d() if declared else None
    except pyproj.exceptions.CRSError as error:
        raise _no_system(ledger) from error
    if given is None:
        if own is None or not (own.is_geographic or own.is_projected):
            raise _no_system(ledger)
        return own
    told = pyproj.CRS.from_user_input(given).to_2d()
    is_silent = own is None or not (own.is_geographic or own.is_projected)
    if is_silent or told.equals(own, ignore_axis_order=True):
        return told
    if own is not None and own.equals(DEGREES, ignore_axis_order=True):
        return told  # GeoJSON says degrees for want of words: the coordinates are checked below
    raise ledger.reject(
        "other_crs",
        f"le fichier déclare {own.name if own else '?'}, la source {told.name}",
        f"the file declares {own.name if own else '?'}, the source {told.name}",
        mend_fr="Corriger le système de coordonnées dans la description de la source.",
        mend_en="Mend the reference system in the description of the source.",
    )


def _no_system(ledger: Ledger) -> RejectedFile:
    return ledger.reject(
        "no_crs",
        "le système de coordonnées n’est pas déclaré, ou n’est pas connu",
        "the reference system is not declared, or not known",
        mend_fr="Le déclarer dans la description de la source (crs).",
        mend_en="Declare it in the description of the source (crs).",
    )


def _check_degrees(
    middles: npt.NDArray[np.float64],
    lines: npt.NDArray[np.int64],
    within: Box | None,
    ledger: Ledger,
) -> None:
    """Refuse metres called degrees, and latitudes where longitudes should be."""
    known = np.isfinite(middles).all(axis=1)
    east, north = middles[known, 0], middles[known, 1]
    off = (np.abs(east) > 180) | (np.abs(north) > 90)
    if off.sum() > 0.5 * len(off):
        raise ledger.reject(
            "metres_as_degrees",
            "des coordonnées en mètres sont données pour des degrés",
            "coordinates in metres are given as degrees",
            line=int(lines[known][off][0]),
            mend_fr="Déclarer leur vrai système de coordonnées, ou les convertir en degrés.",
            mend_en="Declare their true reference system, or convert them to degrees.",
        )
    if within is None:
        return
    wrong = _inside(north, east, within) & ~_inside(east, north, within)
    if wrong.sum() > 0.5 * len(wrong):
        raise ledger.reject(
            "swapped_axes",
            "longitudes et latitudes sont échangées",
            "longitudes and latitudes are swapped",
            line=int(lines[known][wrong][0]),
            mend_fr="Écrire la longitude (est) puis la latitude (nord).",
            mend_en="Write the longitude (east), then the latitude (north).",
        )


def _inside(
    east: npt.NDArray[np.float64], north: npt.NDArray[np.float64], box: Box
) -> npt.NDArray[np.bool_]:
    return (box[0] <= east) & (east <= box[2]) & (box[1] <= north) & (north <= box[3])


def _check_metres(middles: npt.NDArray[np.float64], ledger: Ledger) -> None:
    """Refuse degrees called metres."""
    known = middles[np.isfinite(middles).all(axis=1)]
    small = (np.abs(known[:, 0]) <= 180) & (np.abs(known[:, 1]) <= 90)
    if small.sum() > 0.5 * len(small):
        raise ledger.reject(
            "degrees_as_metres",
            "des coordonnées en degrés sont données pour des mètres",
            "coordinates in degrees are given as metres",
            mend_fr="Déclarer leur vrai système de coordonnées.",
            mend_en="Declare their true reference system.",
        )
