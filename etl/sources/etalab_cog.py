"""The official areas of a country's hierarchy (JSON), as etalab lays INSEE's code out.

From: decoupage-administratif, one file for each level (`options.table`), of the edition
`options.period`. Communes in force of metropolitan France and of the overseas départements are
ours; the overseas collectivities are told apart, and so are former communes and municipal
arrondissements, which are parts of a commune. Relied on: one row for each code, parents by code.
A blank parent is none: Mayotte has no arrondissement, four islands have no EPCI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from etl.locate import no_duplicates
from etl.reading import json_rows
from etl.source import LINE, Known, Ledger, Staged
from geodata.catalogue.nouns import SourceEntry, Territory

MEMBERSHIP = ("level", "area_id", "parent_level", "parent_id", "period", "source_id")
#: Zones of rows that are neither metropolitan nor an overseas département.
COLLECTIVITY = "com"
CURRENT = "commune-actuelle"
PARTS = {
    "former_commune": (
        ("commune-deleguee", "commune-associee"),
        "commune déléguée ou associée : partie d’une commune",
        "delegated or associated commune: part of a commune",
    ),
    "municipal_arrondissement": (
        ("arrondissement-municipal",),
        "arrondissement municipal : partie d’une commune",
        "municipal arrondissement: part of a commune",
    ),
}


@dataclass(frozen=True)
class Layout:
    """A file: the level it lists, its columns, the column of each parent, those a row may lack."""

    level: str
    columns: tuple[str, ...]
    parents: Mapping[str, str]
    optional: tuple[str, ...] = ()


_UP = {"departement": "departement", "region": "region"}
LAYOUTS = {
    "communes": Layout(
        "commune",
        ("code", "nom", "zone", "type", "arrondissement", *_UP, "population", "anciensCodes"),
        {"arrondissement": "arrondissement", **_UP},
        ("arrondissement", "population", "anciensCodes"),
    ),
    "epci": Layout("epci", ("code", "nom", "membres"), {}),
    "arrondissements": Layout("arrondissement", ("code", "nom", *_UP), _UP),
    "departements": Layout("departement", ("code", "nom", "zone", "region"), {"region": "region"}),
    "regions": Layout("region", ("code", "nom", "zone"), {}),
}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The tables ``area`` and ``area_membership`` of one level.

    ``area`` has `former_ids` beside the usual columns: the codes that a commune took in, with a
    space between them. ``options.overseas_collectivities = true`` keeps the collectivities.

    Raises
    ------
    RejectedFile
        Not the file that is described, a code twice, or a commune in two EPCI.
    """
    ledger = Ledger(entry.id, file)
    layout = LAYOUTS[entry.options["table"]]
    territory = known.catalogue.territory
    rows = json_rows(content, layout.columns, ledger, optional=layout.optional)
    frame = ledger.begin(rows, known.mends)
    if not entry.options.get("overseas_collectivities", False):
        _drop_collectivities(frame, ledger)
    _drop_parts(frame, ledger)
    _check_codes(frame, territory.level(layout.level).pattern, ledger)
    kept = ledger.kept(frame)
    told = kept[list(layout.columns)].map(repr).assign(**{LINE: kept[LINE]})
    no_duplicates(told, ["code"], ledger, is_reference=True)
    if "population" in frame:
        _check_populations(ledger.kept(frame), ledger)
    kept = ledger.kept(frame)
    areas = pd.DataFrame(
        {"level": layout.level, "area_id": kept["code"], "name": kept["nom"], "source_id": entry.id}
    )
    if "population" in kept:
        areas["legal_population"] = kept["population"].astype("Int64")
        areas["former_ids"] = [
            " ".join(codes) if isinstance(codes, list) else "" for codes in kept["anciensCodes"]
        ]
    if "membres" in kept:
        pairs = _members(kept, known, ledger)
        links: list[tuple[str, ...]] = [("commune", one, layout.level, epci) for one, epci in pairs]
    else:
        links = _links(kept, layout, territory)
    period = str(entry.options["period"])
    members = pd.DataFrame([(*link, period, entry.id) for link in links], columns=list(MEMBERSHIP))
    return ledger.staged({"area": areas.reset_index(drop=True), "area_membership": members})


def _drop_collectivities(frame: pd.DataFrame, ledger: Ledger) -> None:
    if "zone" in frame:
        ledger.drop(
            frame.loc[frame["zone"] == COLLECTIVITY, LINE],
            "overseas_collectivity",
            "collectivité d’outre-mer : hors des départements",
            "overseas collectivity: outside the départements",
        )


def _drop_parts(frame: pd.DataFrame, ledger: Ledger) -> None:
    if "type" not in frame:
        return
    for rule, (types, fr, en) in PARTS.items():
        ledger.drop(frame.loc[frame["type"].isin(types), LINE], rule, fr, en)
    kinds = [CURRENT, *(kind for types, _fr, _en in PARTS.values() for kind in types)]
    for kind, rows in frame[~frame["type"].isin(kinds)].groupby("type", dropna=False):
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


def _check_codes(frame: pd.DataFrame, pattern: str, ledger: Ledger) -> None:
    """Hold back a row of ours whose code is not one of the level, or that has no name."""
    kept = ledger.kept(frame)
    for line, code, name in zip(kept[LINE], kept["code"], kept["nom"], strict=True):
        if not isinstance(code, str) or not re.fullmatch(pattern, code):
            wrong, column = code, "code"
        elif not isinstance(name, str) or not name.strip():
            wrong, column = name, "nom"
        else:
            continue
        ledger.quarantine(
            int(line),
            "bad_code" if column == "code" else "no_name",
            f"« {wrong} » n’est pas un code du niveau" if column == "code" else "aire sans nom",
            f"{wrong!r} is not a code of the level" if column == "code" else "area without a name",
            column=column,
            sample=str(wrong),
            mend_fr="Reprendre le fichier chez son producteur.",
            mend_en="Fetch the file again from its producer.",
        )


def _check_populations(frame: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back a population that is not a whole number; a missing one is unknown, not zero."""
    is_known = frame["population"].notna()
    numbers = pd.to_numeric(frame["population"], errors="coerce")
    is_bool = frame["population"].map(lambda value: isinstance(value, bool | str))
    wrong = is_known & (numbers.isna() | (numbers < 0) | (numbers % 1 != 0) | is_bool)
    if wrong.any():
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "bad_value",
            "la population n’est pas un nombre entier positif",
            "the population is not a whole positive number",
            column="population",
            sample=str(frame.loc[wrong, "population"].iloc[0]),
            mend_fr="Écrire un nombre entier, ou rien.",
            mend_en="Write a whole number, or nothing.",
        )


def _links(kept: pd.DataFrame, layout: Layout, territory: Territory) -> list[tuple[str, ...]]:
    """Each area with its parent at each level of the territory; a blank parent is none."""
    levels = {level.id for level in territory.levels}
    links: list[tuple[str, ...]] = []
    for parent_level, column in layout.parents.items():
        if parent_level in levels:
            links += [
                (layout.level, code, parent_level, parent)
                for code, parent in zip(kept["code"], kept[column], strict=True)
                if isinstance(parent, str) and parent
            ]
    country = territory.country
    return links + [(layout.level, code, country.level, country.area_id) for code in kept["code"]]


def _members(kept: pd.DataFrame, known: Known, ledger: Ledger) -> list[tuple[str, str]]:
    """(commune, EPCI) for each member the territory knows; the others are named."""
    communes = known.areas.get("commune", frozenset())
    found: dict[str, str] = {}
    for line, epci, members in zip(kept[LINE], kept["code"], kept["membres"], strict=True):
        codes = [str(member["code"]) for member in members]
        for code in sorted(set(codes) & set(found)):
            raise ledger.reject(
                "two_parents",
                f"{code} est dans deux EPCI : {found[code]} et {epci}",
                f"{code} is in two EPCI: {found[code]} and {epci}",
                line=int(line),
                column="membres",
                sample=code,
                mend_fr="Garder une seule appartenance.",
                mend_en="Keep one membership.",
            )
        found |= dict.fromkeys(codes, str(epci))
    strangers = sorted(set(found) - communes)
    if strangers:
        ledger.warn(
            "unknown_members",
            f"communes membres inconnues : {', '.join(strangers)}",
            f"unknown member communes: {', '.join(strangers)}",
            column="membres",
            rows=len(strangers),
        )
    return [(code, epci) for code, epci in found.items() if code in communes]
