"""Zonings of communes (CSV): which canton-or-town, living area or employment zone each is in.

From: INSEE's table d'appartenance des communes and its labels, one file each (`options.table` is
"members" or "names"), of the edition `options.period`; `options.levels` says which column is which
of our levels. Relied on: one row for each commune of that edition. A commune that has since joined
another counts there; one that has since left another gets the zones of the one it left, as the
events of communes tell. A level that the territory does not have is left aside.
"""

from __future__ import annotations

import re

import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from geodata.catalogue.nouns import SourceEntry

MEMBERSHIP = ("level", "area_id", "parent_level", "parent_id", "period", "source_id")
LEVEL = "commune"
CODE = "CODGEO"
#: Codes that stand for "outside any zone".
NO_ZONE = re.compile("Z+|")


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``area`` of the zones, or the table ``area_membership`` of communes in them.

    Raises
    ------
    RejectedFile
        Not the file that is described, a code twice, or more than 1 % of its rows wrong.
    """
    ledger = Ledger(entry.id, file)
    ours = {level.id for level in known.catalogue.territory.levels}
    levels = {c: level for c, level in entry.options["levels"].items() if level in ours}
    if entry.options["table"] == "names":
        return _names(entry, content, known, ledger, levels)
    return _members(entry, content, known, ledger, levels)


def _names(
    entry: SourceEntry, content: bytes, known: Known, ledger: Ledger, levels: dict[str, str]
) -> Staged:
    columns = ("NIVGEO", CODE, "LIBGEO")
    frame = ledger.begin(csv_text(content, columns, ledger), known.mends)
    ledger.drop(
        frame.loc[~frame["NIVGEO"].isin(levels.keys()), LINE],
        "other_zoning",
        "zonage qui n’est pas un niveau du territoire",
        "zoning that is not a level of the territory",
    )
    kept = ledger.kept(frame)
    for column, level in levels.items():
        rows = kept[kept["NIVGEO"] == column]
        _check_zones(rows, CODE, known.catalogue.territory.level(level).pattern, ledger)
    no_duplicates(ledger.kept(frame), ["NIVGEO", CODE], ledger, is_reference=True)
    kept = ledger.kept(frame)
    areas = pd.DataFrame(
        {
            "level": kept["NIVGEO"].map(levels),
            "area_id": kept[CODE],
            "name": kept["LIBGEO"],
            "source_id": entry.id,
        }
    )
    return ledger.staged({"area": areas.reset_index(drop=True)})


def _members(
    entry: SourceEntry, content: bytes, known: Known, ledger: Ledger, levels: dict[str, str]
) -> Staged:
    columns = (CODE, *levels)
    frame = ledger.begin(csv_text(content, columns, ledger), known.mends)
    no_duplicates(ledger.kept(frame), [CODE], ledger, is_reference=True)
    rows = ledger.kept(frame).copy()
    own = rows[CODE]
    heirs = _heirs(entry, known)
    is_gone = ~own.isin(known.areas.get(LEVEL, frozenset()))
    rows[CODE] = own.where(~is_gone, own.map(heirs).fillna(own))
    # Once the registry has told the heirs, codes are those of today.
    edition = None if heirs else str(entry.options["period"])
    rows["area_id"] = located(rows, CODE, LEVEL, known, ledger, edition=edition)
    is_own = own == rows["area_id"]
    _drop_merged(rows, is_own, ledger)
    for column, level in levels.items():
        pattern = known.catalogue.territory.level(level).pattern
        _check_zones(ledger.kept(rows), column, pattern, ledger)
    kept = ledger.kept(rows).set_index("area_id")
    moved = kept.index[~is_own.reindex(ledger.kept(rows).index).to_numpy()]
    if len(moved):
        ledger.note(
            "recoded",
            f"communes dont le code a changé depuis : {', '.join(moved)}",
            f"communes whose code has changed since: {', '.join(moved)}",
            column=CODE,
            rows=len(moved),
        )
    parent = _left(kept.index, known, ledger)
    period = str(entry.options["period"])
    links = [
        (LEVEL, code, level, zone, period, entry.id)
        for column, level in levels.items()
        for code, zone in [
            *kept[column].items(),
            *((code, kept.loc[whole, column]) for code, whole in parent.items()),
        ]
        if not NO_ZONE.fullmatch(zone)
    ]
    return ledger.staged({"area_membership": pd.DataFrame(links, columns=list(MEMBERSHIP))})


def _check_zones(frame: pd.DataFrame, column: str, pattern: str, ledger: Ledger) -> None:
    """Hold back a zone whose code is not one of its level; blank and Z... mean no zone."""
    form = re.compile(f"{pattern}|{NO_ZONE.pattern}")
    wrong = frame[~frame[column].map(lambda code: form.fullmatch(code) is not None)]
    for code, rows in wrong.groupby(column):
        ledger.quarantine(
            rows[LINE],
            "bad_code",
            f"« {code} » n’est pas un code de zone",
            f"{code!r} is not a code of a zone",
            column=column,
            sample=str(code),
            mend_fr="Vérifier le zéro initial et l’édition du zonage.",
            mend_en="Check the leading zero and the edition of the zoning.",
        )


def _heirs(entry: SourceEntry, known: Known) -> dict[str, str]:
    """The commune of today that took in each former code, as the registry says."""
    for name in entry.needs:
        areas = known.tables.get(name, {}).get("area")
        if areas is not None and "former_ids" in areas:
            return {
                former: str(code)
                for code, codes in zip(areas["area_id"], areas["former_ids"], strict=True)
                for former in codes.split()
            }
    return {}


def _drop_merged(rows: pd.DataFrame, is_own: pd.Series, ledger: Ledger) -> None:
    """One row for each commune of today: its own, else the first of those it took in."""
    ordered = rows.assign(is_other=~is_own).sort_values(["area_id", "is_other"], kind="stable")
    again = ordered["area_id"].notna() & ordered.duplicated("area_id")
    ledger.drop(
        sorted(ordered.loc[again, LINE]),
        "merged_since",
        "commune fusionnée depuis : la commune d’aujourd’hui a sa propre ligne",
        "commune merged since: the commune of today has its own row",
    )


def _left(told: pd.Index, known: Known, ledger: Ledger) -> dict[str, str]:
    """The commune that each commune without a row left, from the events; the others are named."""
    lacking = sorted(known.areas.get(LEVEL, frozenset()) - set(told))
    if not lacking:
        return {}
    tables = [t["area_event"] for t in known.tables.values() if "area_event" in t]
    left: dict[str, str] = {}
    for events in tables:
        last = events[events["before_id"].isin(lacking) & events["after_id"].isin(told)]
        last = last[last["kind"] == "merge"].sort_values(["on", "step"])
        left |= dict(zip(last["before_id"], last["after_id"], strict=True))
    if left:
        said = ", ".join(f"{code} ({whole})" for code, whole in sorted(left.items()))
        ledger.note(
            "zone_of_the_one_left",
            f"communes créées depuis, mises dans les zones de celle qu’elles ont quittée : {said}",
            f"communes created since, put in the zones of the one they left: {said}",
            rows=len(left),
        )
    unknown = [code for code in lacking if code not in left]
    if unknown:
        ledger.warn(
            "no_zone",
            f"communes sans zone : {', '.join(unknown[:20])}",
            f"communes without zone: {', '.join(unknown[:20])}",
            column=CODE,
            mend_fr="Fournir une édition plus récente du zonage.",
            mend_en="Bring a newer edition of the zoning.",
            rows=len(unknown),
        )
    return left
