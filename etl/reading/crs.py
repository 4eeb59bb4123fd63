"""Which reference system coordinates are in, and whether the coordinates bear it out."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyproj

from etl.source import Ledger, RejectedFile

#: west, south, east, north, in degrees.
Box = tuple[float, float, float, float]
DEGREES = "EPSG:4326"

_NAMED_CRS = re.compile(rb'"crs"\s*:\s*(null|\{[^{}]*\{[^{}]*"name"\s*:\s*"([^"]*)")')


def geojson_crs(content: bytes, read: str | None) -> str | None:
    """What the file says: its ``crs`` member, None for ``null``, else degrees (RFC 7946)."""
    around = content[: content.find(b'"features"')] + content[content.rfind(b"]") :]
    named = _NAMED_CRS.search(around)
    if named is None:
        return read
    return named[2].decode("utf-8", "replace") if named[2] is not None else None


def reference_system(declared: str | None, given: str | None, ledger: Ledger) -> pyproj.CRS:
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


def check_degrees(
    middles: npt.NDArray[np.floating],
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
    east: npt.NDArray[np.floating], north: npt.NDArray[np.floating], box: Box
) -> npt.NDArray[np.bool_]:
    return (box[0] <= east) & (east <= box[2]) & (box[1] <= north) & (north <= box[3])


def check_metres(middles: npt.NDArray[np.floating], ledger: Ledger) -> None:
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
