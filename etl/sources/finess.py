"""Health and social establishments, from the FINESS register of the ministry of health.

From: the extracts cs1100507 or cs1100502 (establishments, the first one with positions) and
cs1100505 (social and medico-social equipment: installed capacity); layout in `finess_layout`.
`options.table` says which one it is. Written from the documented layout: no real file was met.
Relied on: the FINESS number and its key, the département and the three digits of the commune (the
overseas départements are written 9A, 9B...), the category code. `finess_categories.csv` lists
the categories of use to social services (codes of the health agency's nomenclature TRE_R66, of
2026-05-05) and the category each is ours under; the others (pharmacies, laboratories, hospitals,
which another source holds) are dropped by the rule ``category_left_aside``.

Positions are metres; the reference system is named at the end of ``sourcecoordet``. A service is
registered at its head office, whatever it covers. Family placement, mother-and-child homes and
« lieux de vie » are shown at their commune only: their address may be a home, or a refuge.
Capacity: sum of the installed places of equipment not suppressed; unknown as soon as one of them
is not told, never zero.
"""

from __future__ import annotations

import re

import pandas as pd
from pyproj import Transformer

from etl.locate import no_duplicates
from etl.locate_points import located_services, placed, warn_of_crowds, warn_of_strays
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.check_keys import finess_numbers
from etl.sources.code_list import code_list
from etl.sources.finess_layout import extract, official_codes
from etl.sources.service_table import service_table
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry

#: Reference systems written without an EPSG code.
SYSTEMS = {
    "LAMBERT_93": 2154,
    "UTM_N20": 32620,
    "UTM_N21": 32621,
    "UTM_N22": 32622,
    "UTM_S38": 32738,
    "UTM_S40": 32740,
    "WGS84/UTM zone 21N": 32621,
    "WGS84/UTM zone 1S": 32701,
}
#: Reference systems of France, in metres, that an extract may name by their EPSG code.
KNOWN_SYSTEMS = frozenset({2154, 2972, 2975, 4467, 4471, 4559, 5490, *SYSTEMS.values()})
COMMUNE_ONLY = frozenset({"166", "236", "238", "462"})


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """``service`` from establishments; ``establishment_capacity`` (finess, places) from equipment.

    Raises
    ------
    RejectedFile
        When it is not the extract described, or more than 1 % of its rows are wrong.
    """
    read = {"establishments": _establishments, "equipment": _equipment}
    return read[str(entry.options["table"])](entry, Ledger(entry.id, file), content, known)


def categories() -> dict[str, str]:
    """The category of each FINESS category that is kept, by its code."""
    return {row["code"]: row["category"] for row in code_list("finess_categories.csv")}


def _equipment(entry: SourceEntry, ledger: Ledger, content: bytes, known: Known) -> Staged:
    lines, _day = extract(content, ("structureet", "equipementsocial"), ledger)
    lines = ledger.begin(lines, known.mends)
    is_equipment = lines["section"].eq("equipementsocial")
    ledger.drop(
        lines.loc[~is_equipment, LINE],
        "structure_line",
        "lignes qui disent seulement qui gère l’établissement",
        "lines that only say who runs the establishment",
    )
    ledger.drop(
        lines.loc[is_equipment & lines["indsupinst"].eq("O"), LINE],
        "suppressed_installation",
        "équipements dont l’installation est supprimée",
        "equipment whose installation is suppressed",
        column="indsupinst",
    )
    numbered = ledger.kept(lines)
    numbered = numbered.assign(finess=finess_numbers(numbered, "nofinesset", ledger))
    places = measured(numbered, "capinstot", ledger, minimum=0, is_whole=True)
    kept = ledger.kept(numbered)
    capacity = (
        pd.DataFrame({"finess": kept["finess"], "places": places["value"].loc[kept.index]})
        .groupby("finess", sort=True)["places"]
        .agg(lambda told: told.sum(skipna=False))
    )
    return ledger.staged({"establishment_capacity": capacity.reset_index()})


def _establishments(entry: SourceEntry, ledger: Ledger, content: bytes, known: Known) -> Staged:
    lines, day = extract(content, ("structureet", "geolocalisation"), ledger)
    lines = ledger.begin(lines.reindex(columns=_with_positions(lines), fill_value=""), known.mends)
    lines = lines.assign(finess=finess_numbers(lines, "nofinesset", ledger))
    no_duplicates(ledger.kept(lines), ["section", "finess"], ledger)
    is_structure = lines["section"].eq("structureet")
    ledger.drop(
        lines.loc[is_structure & ~lines["categetab"].isin(list(categories())), LINE],
        "category_left_aside",
        "catégories d’établissement sans usage pour les services sociaux",
        "categories of establishment of no use to social services",
        column="categetab",
    )
    structures = ledger.kept(lines[is_structure])
    codes = structures["departement"] + structures["commune"].str.zfill(3)
    structures = structures.assign(commune=official_codes(codes))
    positions = _positions(lines[~is_structure], structures["finess"], ledger)
    structures = structures.assign(
        **{
            name: structures["finess"]
            .map(positions[name])
            .astype("object")
            .fillna("")
            .astype("str")
            for name in ("longitude", "latitude")
        }
    )
    points = placed(structures, "longitude", "latitude", known, ledger)
    structures = ledger.kept(structures)
    areas = located_services(
        structures, "commune", points, known, ledger, edition=f"{day[:4]}-01-01"
    )
    kept = ledger.kept(structures)
    points, areas = points.loc[kept.index], areas.loc[kept.index]
    warn_of_crowds(kept, points, ledger)
    warn_of_strays(kept, points, areas, known, ledger)
    rough = kept["categetab"].isin(COMMUNE_ONLY) | kept["finess"].map(positions["rough"]).eq(True)
    points = points.mask(kept["categetab"].isin(COMMUNE_ONLY))
    is_address = points["latitude"].notna() & ~rough
    table = service_table(
        kept.index,
        service_id="finess:" + kept["finess"],
        name=kept["rslongue"].where(kept["rslongue"].ne(""), kept["rs"]).str.title(),
        category=kept["categetab"].map(categories()),
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=is_address.map({True: "address", False: "commune"}),
        capacity=kept["finess"].map(_capacity(known, ledger)),
        capacity_unit="places",
        detail=kept["libcategetab"],
        source_id=entry.id,
        period=day[:4],
    )
    return ledger.staged({"service": table})


def _with_positions(lines: pd.DataFrame) -> list[str]:
    """The columns of the lines, and those of positions where the extract has none (cs1100502)."""
    needed = ("coordxet", "coordyet", "sourcecoordet")
    return [*lines.columns, *(name for name in needed if name not in lines.columns)]


def _capacity(known: Known, ledger: Ledger) -> pd.Series[float]:
    """The installed places of each establishment, where the equipment extract was read."""
    for tables in known.tables.values():
        if "establishment_capacity" in tables:
            return tables["establishment_capacity"].set_index("finess")["places"]
    ledger.warn(
        "no_capacity",
        "extrait des équipements (cs1100505) absent : capacités inconnues",
        "the extract of equipment (cs1100505) is not there: capacities are unknown",
        mend_fr="Apporter aussi l’extrait cs1100505.",
        mend_en="Bring the extract cs1100505 too.",
    )
    return pd.Series(dtype="float64")


def _positions(
    lines: pd.DataFrame, wanted: pd.Series[str], ledger: Ledger
) -> dict[str, pd.Series[str]]:
    """Longitude and latitude (text, degrees) by FINESS number; ``rough``: of the commune only.

    Positions of other establishments are dropped; those of an unknown reference system are left
    unknown, with a warning.
    """
    lines = ledger.kept(lines)
    ledger.drop(
        lines.loc[~lines["finess"].isin(wanted), LINE],
        "establishment_left_aside",
        "positions d’établissements laissés de côté",
        "positions of establishments left aside",
    )
    lines = ledger.kept(lines)
    systems = lines["sourcecoordet"].map(_system)
    x = pd.to_numeric(lines["coordxet"], errors="coerce").astype("float64")
    y = pd.to_numeric(lines["coordyet"], errors="coerce").astype("float64")
    unread = lines["coordxet"].ne("") & (systems.isna() | x.isna() | y.isna())
    if unread.any():
        ledger.warn(
            "unknown_system",
            "positions dont le système de référence ou les mètres sont illisibles : inconnues",
            "positions whose reference system or metres cannot be read: left unknown",
            line=int(lines.loc[unread, LINE].iloc[0]),
            column="sourcecoordet",
            sample=str(lines.loc[unread, "sourcecoordet"].iloc[0])[:80],
            rows=int(unread.sum()),
        )
    found = pd.DataFrame("", index=lines.index, columns=["longitude", "latitude"])
    for system in systems.dropna().unique():
        rows = systems.eq(system) & x.notna() & y.notna()
        transformer = Transformer.from_crs(int(system), 4326, always_xy=True)
        degrees = transformer.transform(x[rows].to_numpy(), y[rows].to_numpy())
        for name, values in zip(found.columns, degrees, strict=True):
            found.loc[rows, name] = [f"{value:.7f}" for value in values]
    rough = lines["sourcecoordet"].str.contains("ADMIN-EXPRESS", regex=False)
    found = found.assign(rough=rough).set_axis(lines["finess"])
    return {name: found[name] for name in found.columns}


def _system(source: str) -> int | None:
    """The EPSG code of the reference system a position is in: « 1,…,BAN,EPSG:2154 RGF93 … »."""
    named = source.rpartition(",")[2].strip()
    code = re.match("EPSG:([0-9]{4,5})", named)
    if code:
        return int(code[1]) if int(code[1]) in KNOWN_SYSTEMS else None
    return next((epsg for name, epsg in SYSTEMS.items() if named.startswith(name)), None)
