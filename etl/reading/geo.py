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
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read_arrow

from etl.reading.columnar import series
from etl.reading.crs import (
    DEGREES,
    Box,
    check_degrees,
    check_metres,
    geojson_crs,
    reference_system,
)
from etl.reading.header import places
from etl.reading.shapes import MOST_VERTICES, Shapes, too_many_vertices
from etl.reading.text import plain
from etl.reading.width import check_keys, check_width
from etl.source import LINE, Ledger

Kind = Literal["polygon", "point"]
Suffix = Literal[".geojson", ".gpkg"]

MOST_FEATURES = 2_000_000

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
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

    A contour across the meridian of 180 degrees is cut there (:mod:`etl.reading.antimeridian`).

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
        Not such a file, cut short, too large or too wide, no reference system, metres called
        degrees or the reverse, swapped axes, a layer or column missing, or no feature.
    """
    _check_container(content, suffix, ledger)
    table, geometry, declared = _read(content, suffix, layer, ledger)
    check_width(table.num_columns, ledger)
    if not table.num_rows:
        raise ledger.reject("no_rows", "aucun objet", "no feature", **_AGAIN)
    names = table.column_names
    order = places(names, columns, ledger)
    system = reference_system(declared, crs, ledger)
    frame = pd.DataFrame(
        {name: series(table.column(place)) for name, place in zip(columns, order, strict=True)}
    )
    frame[LINE] = range(2, len(frame) + 2)
    shapes = Shapes(geometry, ledger)
    shapes.check_sizes()
    shapes.hold_empty()
    if system.is_geographic:
        check_degrees(shapes.middles(), shapes.lines, within, ledger)
        shapes.hold_outside()
    else:
        check_metres(shapes.middles(), ledger)
    shapes.flatten()
    shapes.keep_kind(kind)
    shapes.reproject(system)
    shapes.hold_null_island()
    shapes.unwrap()
    shapes.mend()
    shapes.cut()
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
    check_degrees(numbers, lines, within, ledger)
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
    # Each vertex opens a bracket; the exact counts come after, but take memory and time.
    if suffix == ".geojson":
        if content.count(b"[") > 2 * MOST_VERTICES:
            raise too_many_vertices(ledger)
        check_keys(content, ledger)


def _read(
    content: bytes, suffix: Suffix, layer: str | None, ledger: Ledger
) -> tuple[pa.Table, npt.NDArray[np.object_], str | None]:
    """The properties, the geometries, and the reference system that the file declares."""
    options = {"DATE_AS_STRING": "YES"} if suffix == ".geojson" else {"IMMUTABLE": "YES"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of broken features: they come without geometry
            chosen = _layer(content, layer, ledger) if suffix == ".gpkg" else None
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
    declared = about["crs"] if suffix == ".gpkg" else geojson_crs(content, about["crs"])
    return table.remove_column(place), geometry, declared


def _layer(content: bytes, layer: str | None, ledger: Ledger) -> str:
    found = [str(name) for name, kind in pyogrio.list_layers(io.BytesIO(content)) if kind]
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
