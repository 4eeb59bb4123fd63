"""Checks between a file and the others: its cases, its places, and its own last extract."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from etl.records.contracts.loader import Column, Contract
from etl.records.vault import Extract, Zone
from etl.source import LINE, Known, Ledger

#: The staged table that says which extract of a source was read; it holds no row of it.
EXTRACT = "record_extract"
#: How much older a case may be than what follows from it.
OLDER_CASE = pd.DateOffset(years=1)


def check_before(extract: Extract, zone: Zone, ledger: Ledger) -> Extract | None:
    """The last extract of the same source and nature, when there is one.

    Raises
    ------
    RejectedFile
        ``older``: this file was extracted before one that is already in.
    """
    others = [
        kept
        for kept in zone.extracts(extract.source_id)
        if kept.snapshot_id != extract.snapshot_id and kept.is_invented == extract.is_invented
    ]
    if not others:
        return None
    last = others[-1]
    if last.extracted_on > extract.extracted_on:
        raise ledger.reject(
            "older",
            "cette extraction est plus ancienne que la dernière reçue",
            "this extract is older than the last one received",
            column="extracted_on",
            mend_fr="Déposer la dernière extraction ; pour revenir en arrière : vigie rollback.",
            mend_en="Bring the last extract; to go back: vigie rollback.",
        )
    return last


def records_beside(
    names: Iterable[str], extract: Extract, known: Known, zone: Zone
) -> dict[str, pd.DataFrame]:
    """The records of other sources that one is counted with: those under the same key."""
    made = {}
    for name in names:
        other = extract_of(name, known, zone)
        is_akin = (
            other is not None
            and other.key_id == extract.key_id
            and other.is_invented == extract.is_invented
        )
        if other is not None and is_akin:
            made[name] = zone.records(name, other.snapshot_id)
    return made


def check_stable(
    rows: pd.DataFrame,
    contract: Contract,
    extract: Extract,
    before: Extract | None,
    zone: Zone,
    ledger: Ledger,
) -> None:
    """Hold publication when a number has come to mean another child or another place."""
    frames = [rows]
    if before is not None and before.key_id != extract.key_id:
        ledger.warn(
            "other_key",
            "la clé a changé : les numéros ne peuvent pas être suivis depuis la dernière fois",
            "the key has changed: numbers cannot be followed since the last time",
        )
    elif before is not None:
        frames.append(zone.records(before.source_id, before.snapshot_id))
    for number, kept in contract.stable.items():
        every = pd.concat([frame[[number, kept]].dropna() for frame in frames])
        meanings = every.drop_duplicates().groupby(number, sort=False).size()
        changed = set(meanings.index[meanings > 1])
        lines = rows.loc[rows[number].isin(changed), LINE]
        if len(lines):
            many = ledger.about(len(changed))
            ledger.hold(
                "number_reused",
                f"environ {many} numéros ont changé de {kept} : réemployés, ou corrigés",
                f"about {many} numbers changed their {kept}: used again, or mended",
                line=int(lines.min()),
                column=number,
                rows=len(lines),
                mend_fr="Vérifier dans le logiciel d’origine qu’un numéro ne sert qu’une fois.",
                mend_en="Check in the software they come from that a number serves only once.",
            )


def check_parents(
    rows: pd.DataFrame,
    contract: Contract,
    extract: Extract,
    known: Known,
    zone: Zone,
    ledger: Ledger,
) -> None:
    """Hold back the rows that refer to a case that is not in its own file.

    A row begun less than a year after the parent's file is complete is not held: its case may be
    older.

    Raises
    ------
    RejectedFile
        When an invented file would be checked against a real one, or the reverse.
    """
    for column in contract.columns.values():
        if column.references is None:
            continue
        parent = extract_of(column.references, known, zone)
        if parent is None or parent.key_id != extract.key_id:
            ledger.warn(
                "nothing_to_check",
                f"{column.references} n’est pas là : cette colonne n’est pas vérifiée",
                f"{column.references} is not there: this column is not checked",
                column=column.name,
                mend_fr=f"Déposer aussi l’extraction {column.references}.",
                mend_en=f"Bring the extract {column.references} too.",
            )
            continue
        if parent.is_invented != extract.is_invented:
            raise ledger.reject(
                "mixed_invented",
                f"{column.references} et ce fichier ne sont pas tous deux réels ou inventés",
                f"{column.references} and this file are not both real or both invented",
                column="invented",
                mend_fr="Ne déposer que des fichiers réels, ou que des fichiers inventés.",
                mend_en="Bring real files only, or invented files only.",
            )
        _check_orphans(rows, contract, column, parent, zone, ledger)


def extract_of(source_id: str, known: Known, zone: Zone) -> Extract | None:
    """The extract of another source that this refresh reads; None when it reads none."""
    table = known.tables.get(source_id, {}).get(EXTRACT)
    if table is None or table.empty:
        return None
    snapshot_id = table["snapshot_id"].iloc[0]
    return next((e for e in zone.extracts(source_id) if e.snapshot_id == snapshot_id), None)


def _check_orphans(
    rows: pd.DataFrame,
    contract: Contract,
    column: Column,
    parent: Extract,
    zone: Zone,
    ledger: Ledger,
) -> None:
    there = zone.records(parent.source_id, parent.snapshot_id)[column.name]
    orphans = rows[rows[column.name].notna() & ~rows[column.name].isin(there)]
    begun = next((c for c in contract.columns.values() if c.type == "date" and c.is_required), None)
    if begun is not None and column.is_strict:
        since = orphans[begun.name]
        if begun.or_else is not None:
            since = since.fillna(orphans[begun.or_else])
        early = since < pd.Timestamp(parent.covered_since) + OLDER_CASE
        if early.any():
            many = ledger.about(int(early.sum()))
            ledger.note(
                "before_coverage",
                f"environ {many} lignes dont le dossier peut précéder {column.references}",
                f"about {many} rows whose case may be older than {column.references}",
                column=column.name,
                rows=int(early.sum()),
            )
        orphans = orphans[~early]
    if not len(orphans):
        return
    many, every = ledger.about(len(orphans)), ledger.about(len(rows))
    fr = f"numéro absent de {column.references} (environ {many} lignes sur {every})"
    en = f"number not in {column.references} (about {many} rows of {every})"
    mend_fr = f"Extraire {column.references} le même jour, ou corriger le numéro."
    mend_en = f"Extract {column.references} on the same day, or mend the number."
    where = {"column": column.name, "mend_fr": mend_fr, "mend_en": mend_en}
    if column.is_strict:
        ledger.note("orphan_rate", fr, en, rows=len(orphans), column=column.name)
        ledger.quarantine(orphans[LINE], "no_parent", fr, en, **where)
    else:
        ledger.warn("no_parent", fr, en, rows=len(orphans), **where)


def note_twice_counted(rows: pd.DataFrame, contract: Contract, ledger: Ledger) -> None:
    """Say that children are in two placements on one day, and what is counted; not how many.

    Their number is that of the placements less that of the children, which may be withheld.
    """
    group = contract.one_at_once
    if group is None:
        return
    kinds = [c for c, value in contract.columns["kind"].values.items() if value.group == group]
    placed = rows[rows["kind"].isin(kinds) & rows["started_on"].notna()].sort_values(
        ["child_id", "started_on"]
    )
    ends = placed["ended_on"].fillna(pd.Timestamp.max.floor("s"))
    reached = ends.groupby(placed["child_id"]).cummax().groupby(placed["child_id"]).shift()
    twice = placed.loc[placed["started_on"] < reached]
    if len(twice):
        ledger.note(
            "two_at_once",
            f"des enfants sont dans deux accueils le même jour ; on compte des {contract.unit.fr}",
            f"some children are in two placements on one day; what is counted: {contract.unit.en}",
            line=int(twice[LINE].min()),
            column="child_id",
        )
