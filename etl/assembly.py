"""The areas of a release, from what the sources of a territory say of them one by one.

Names and codes come from one file, contours from another, who belongs to whom from a third. Here
they are joined: one exact coverage of the finest areas in each metric zone, coarser contours
dissolved from it, seats placed, roles told. What was assembled before comes through as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import shapely

from etl.codes import among
from etl.drawing import Drawing, codes_marked, drawing
from etl.ground import tell_shared_ground
from etl.source import Ledger
from etl.whereabouts import tell_elsewhere
from geodata.catalogue.nouns import Catalogue, Territory
from geodata.model import Issue

AREA = (
    "level",
    "area_id",
    "fid",
    "name",
    "role",
    "legal_population",
    "seat_longitude",
    "seat_latitude",
    "west",
    "south",
    "east",
    "north",
    "geometry",
)
MEMBERSHIP = ("level", "area_id", "parent_level", "parent_id", "period", "source_id")
#: Areas named in a message; beyond, they are counted.
NAMED = 30
#: Seats that may be replaced before publication is held. A seat has an inner point in its stead,
#: and real registers place one in twenty beside its area: only a fault of most is one of the file.
SEAT_SHARE = 0.5


def assembled(
    tables: Mapping[str, pd.DataFrame], catalogue: Catalogue
) -> tuple[dict[str, pd.DataFrame], tuple[Issue, ...]]:
    """The tables ``area`` and ``area_membership`` of the release, and what to know of them.

    Parameters
    ----------
    tables: `area`, `area_membership` and `contour`, each the staged rows of all sources. `contour`
        may have `is_joined` and `may_grow`; see :func:`etl.drawing.drawing`.

    Returns
    -------
    Areas of every level in order of level and code, `fid` dense within a level; geometry as WKB in
    degrees, NULL where an area is listed but not drawn. Warnings name the areas that are not drawn,
    those that have no parent at a level, and the seats that were not believed. Publication is held
    when contours overlap, leave gaps or lie elsewhere (:mod:`etl.ground`, :mod:`etl.whereabouts`),
    and when over :data:`SEAT_SHARE` of the seats are not believed.

    Raises
    ------
    RejectedFile
        An unknown level, an area twice, an area or a parent that is not there, two parents of one
        level, the observed territory missing, contours that cannot be made one coverage.
    """
    areas = tables["area"]
    if "fid" in areas and areas["fid"].notna().all():
        ledger = ledger_of(areas, catalogue)
        _tell_ground(areas, catalogue.territory, ledger)
        made = {name: tables[name] for name in ("area", "area_membership")}
        return made, tuple(ledger.issues)
    territory = catalogue.territory
    areas = _with_country(areas, territory)
    members = tables["area_membership"][list(MEMBERSHIP)].astype("str").reset_index(drop=True)
    _check_areas(areas, catalogue)
    _check_membership(members, areas, catalogue)
    issues = _without_parent(areas, members, catalogue)
    empty = pd.DataFrame(columns=["level", "area_id", "geometry", "source_id"])
    contours = tables.get("contour", empty)
    ledger, seen = ledger_of(contours, catalogue), ledger_of(contours, catalogue)
    with ThreadPoolExecutor(1) as pool:  # geometry takes long, and lets other threads run
        named = contours.merge(areas[["level", "area_id", "name"]])
        looked = pool.submit(_tell_ground, named, territory, seen)
        drawn = drawing(areas, contours, members, territory, ledger)
        looked.result()
    areas = areas.merge(drawn.shapes, on=["level", "area_id"], how="left", validate="1:1")
    areas = areas.merge(drawn.seats, on=["level", "area_id"], how="left", validate="1:1")
    _tell_drawing(areas, drawn, territory, ledger)
    areas["legal_population"] = _populations(areas, members, territory)
    areas["role"] = _roles(areas, members, territory)
    bounds = shapely.bounds(areas["shape"].to_numpy(dtype=object))
    for position, side in enumerate(("west", "south", "east", "north")):
        areas[side] = bounds[:, position]
    areas["geometry"] = shapely.to_wkb(areas["shape"].to_numpy(dtype=object))
    areas = areas.sort_values(["level", "area_id"], ignore_index=True)
    areas["fid"] = areas.groupby("level").cumcount()
    texts = dict.fromkeys(("level", "area_id", "name", "role"), "str")
    made = {"area": areas[list(AREA)].astype(texts), "area_membership": members}
    return made, (*issues, *seen.issues, *ledger.issues)


def ledger_of(frame: pd.DataFrame, catalogue: Catalogue) -> Ledger:
    """The ledger of the source that a frame came from: the first it names."""
    named = frame["source_id"].dropna() if "source_id" in frame else pd.Series(dtype="object")
    known = [name for name in named.unique() if name in catalogue.sources]
    territorial = [e.id for e in catalogue.sources.values() if e.is_territory]
    entry = catalogue.sources[(known or territorial)[0]]
    return Ledger(entry.id, entry.file or next(iter(entry.published_as), entry.id))


def listed(areas: pd.DataFrame) -> str:
    """Areas by code and name, the first :data:`NAMED` of them."""
    said = [f"{code} {name}" for code, name in zip(areas["area_id"], areas["name"], strict=True)]
    return ", ".join(said[:NAMED]) + (", …" if len(said) > NAMED else "")


def _with_country(areas: pd.DataFrame, territory: Territory) -> pd.DataFrame:
    """The areas and the country, whose row no file needs to bring."""
    country = territory.country
    is_there = (areas["level"] == country.level) & (areas["area_id"] == country.area_id)
    wanted = ["level", "area_id", "name", "legal_population", "source_id"]
    kinds = {"level": "str", "area_id": "str", "name": "str", "legal_population": "Int64"}
    areas = areas.reindex(columns=wanted).astype(kinds)
    if is_there.any():
        return areas.reset_index(drop=True)
    name = territory.country_name.fr
    row = pd.DataFrame({"level": [country.level], "area_id": [country.area_id], "name": [name]})
    return pd.concat([areas, row], ignore_index=True)


def _check_areas(areas: pd.DataFrame, catalogue: Catalogue) -> None:
    territory = catalogue.territory
    levels = [level.id for level in territory.levels]
    known = {*levels, territory.country.level}
    unknown = areas[~areas["level"].isin(known)]
    twice = areas[areas.duplicated(["level", "area_id"])]
    whole = areas["level"].eq(territory.area.level) & areas["area_id"].eq(territory.area.area_id)
    if len(unknown):
        raise ledger_of(unknown, catalogue).reject(
            "unknown_level",
            f"niveau inconnu : {unknown['level'].iloc[0]}",
            f"unknown level: {unknown['level'].iloc[0]}",
            column="level",
            mend_fr=f"Niveaux du territoire : {', '.join(levels)}.",
            mend_en=f"Levels of the territory: {', '.join(levels)}.",
        )
    if len(twice):
        row = twice.iloc[0]
        raise ledger_of(twice, catalogue).reject(
            "duplicate_key",
            f"{row['level']} {row['area_id']} vient de deux sources",
            f"{row['level']} {row['area_id']} comes from two sources",
            column="area_id",
            mend_fr="Garder une seule source des aires de ce niveau.",
            mend_en="Keep one source of the areas of this level.",
        )
    if not whole.any():
        raise ledger_of(areas, catalogue).reject(
            "wrong_territory",
            f"le territoire {territory.area.area_id} n’y est pas",
            f"territory {territory.area.area_id} is not in it",
            column="area_id",
            mend_fr="Fournir les fichiers du territoire observé.",
            mend_en="Bring the files of the observed territory.",
        )


def _check_membership(members: pd.DataFrame, areas: pd.DataFrame, catalogue: Catalogue) -> None:
    known = pd.MultiIndex.from_frame(areas[["level", "area_id"]])
    for level, code in (("level", "area_id"), ("parent_level", "parent_id")):
        strangers = members[~pd.MultiIndex.from_frame(members[[level, code]]).isin(known)]
        if len(strangers):
            row = strangers.iloc[0]
            raise ledger_of(strangers, catalogue).reject(
                "unknown_area",
                f"{row[level]} {row[code]} n’est dans aucun fichier du territoire",
                f"{row[level]} {row[code]} is in no file of the territory",
                column=code,
                sample=str(row[code]),
                mend_fr="Vérifier le code et son millésime.",
                mend_en="Check the code and its edition.",
                rows=len(strangers),
            )
    twice = members[members.duplicated(["level", "area_id", "parent_level"])]
    if len(twice):
        row = twice.iloc[0]
        raise ledger_of(twice, catalogue).reject(
            "two_parents",
            f"{row['area_id']} a deux {row['parent_level']}",
            f"{row['area_id']} has two {row['parent_level']}",
            column="parent_id",
            sample=str(row["area_id"]),
            mend_fr="Garder une seule appartenance par niveau.",
            mend_en="Keep one membership for each level.",
        )


def _without_parent(
    areas: pd.DataFrame, members: pd.DataFrame, catalogue: Catalogue
) -> Iterable[Issue]:
    """A warning for each level at which some of the finest areas have no parent: they are named."""
    territory = catalogue.territory
    finest = areas[areas["level"] == territory.finest_level]
    links = members[members["level"] == territory.finest_level]
    issues: list[Issue] = []
    for level in territory.levels[1:]:
        of_level = links[links["parent_level"] == level.id]
        lonely = finest[~among(finest["area_id"], of_level["area_id"])].sort_values("area_id")
        if len(lonely):
            ledger = ledger_of(of_level, catalogue)
            ledger.warn(
                "no_parent",
                f"sans {level.one.fr} : {listed(lonely)}",
                f"without {level.one.en}: {listed(lonely)}",
                column="parent_id",
                mend_fr="Rien à faire si le producteur ne leur en donne pas.",
                mend_en="Nothing to do where the producer gives them none.",
                rows=len(lonely),
            )
            issues += ledger.issues
    return issues


def _tell_ground(contours: pd.DataFrame, territory: Territory, ledger: Ledger) -> None:
    """Look at contours as they came, level by level: level, area_id, name, geometry as WKB."""
    drawn = contours.dropna(subset="geometry")
    drawn = drawn.assign(geometry=shapely.from_wkb(drawn["geometry"].to_numpy(dtype=object)))
    enclaves = [shapely.Point(place) for place in territory.enclaves.values()]
    for level in territory.levels:
        rows = drawn[drawn["level"] == level.id]
        tell_shared_ground(rows, ledger, codes_marked(rows, "may_grow"), enclaves)
        if level.id == territory.finest_level:
            tell_elsewhere(rows, territory, ledger)


def _tell_drawing(
    areas: pd.DataFrame, drawn: Drawing, territory: Territory, ledger: Ledger
) -> None:
    for level in territory.levels:
        hidden = areas[(areas["level"] == level.id) & shapely.is_missing(areas["shape"])]
        if len(hidden):
            hidden = hidden.sort_values("area_id")
            ledger.warn(
                "not_drawn",
                f"sans contour propre, dans les listes et non sur la carte : {listed(hidden)}",
                f"without a contour of their own, listed and not drawn: {listed(hidden)}",
                column="geometry",
                mend_fr="Fournir des contours plus récents.",
                mend_en="Bring newer contours.",
                rows=len(hidden),
            )
    named = areas[areas["level"] == territory.finest_level].sort_values("area_id")
    refused = named[among(named["area_id"], drawn.refused_seats)]
    if len(refused):
        seats = named["seat_longitude"].notna().sum()
        say = ledger.hold if len(refused) > SEAT_SHARE * seats else ledger.warn
        say(
            "seat_outside",
            f"sièges loin de leur aire, remplacés par un point intérieur : {listed(refused)}",
            f"seats far from their area, replaced by an inner point: {listed(refused)}",
            column="seat_longitude",
            mend_fr="Corriger la position chez le producteur.",
            mend_en="Have the position mended by its producer.",
            rows=len(refused),
        )
    seatless = named[named["seat_longitude"].isna()]
    if len(seatless):
        ledger.warn(
            "no_seat",
            f"sans siège ni contour, hors des calculs d’accès : {listed(seatless)}",
            f"without seat or contour, outside the computations of access: {listed(seatless)}",
            column="seat_longitude",
            mend_fr="Fournir la position du siège.",
            mend_en="Bring the position of the seat.",
            rows=len(seatless),
        )


def _populations(areas: pd.DataFrame, members: pd.DataFrame, territory: Territory) -> pd.Series:
    """Legal populations; a coarser area has the sum of its finest ones, where all are known."""
    finest = areas["level"] == territory.finest_level
    said = areas.loc[finest].set_index("area_id")["legal_population"]
    links = members[members["level"] == territory.finest_level]
    counted = links.assign(count=said.reindex(links["area_id"]).array)
    groups = counted.groupby(["parent_level", "parent_id"])["count"]
    sums = groups.sum().where(groups.count() == groups.size())
    keys = pd.MultiIndex.from_frame(areas[["level", "area_id"]])
    summed = pd.Series(sums.reindex(keys).array, index=areas.index).astype("Int64")
    return areas["legal_population"].fillna(summed)


def _roles(areas: pd.DataFrame, members: pd.DataFrame, territory: Territory) -> pd.Series:
    """territory: ours, or mostly ours; edge: another area of the finest level; else comparison."""
    whole, finest = territory.area, territory.finest_level
    if whole == territory.country:
        return pd.Series("territory", index=areas.index)
    links = members[members["level"] == finest]
    is_whole = (links["parent_level"] == whole.level) & (links["parent_id"] == whole.area_id)
    ours = set(links.loc[is_whole, "area_id"])
    if whole.level == finest:
        ours = {whole.area_id}
    share = (
        among(links["area_id"], ours).groupby([links["parent_level"], links["parent_id"]]).mean()
    )
    keys = pd.MultiIndex.from_frame(areas[["level", "area_id"]])
    is_finest = areas["level"] == finest
    is_ours = np.where(
        is_finest, among(areas["area_id"], ours), share.reindex(keys).fillna(0).to_numpy() > 0.5
    )
    return pd.Series(
        np.where(is_ours, "territory", np.where(is_finest, "edge", "comparison")),
        index=areas.index,
    )
