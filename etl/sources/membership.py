"""Which area belongs to which, and since what edition of the official code.

From: INSEE's COG and zonings. Relied on: one parent for each area and parent level, both known.
"""

from __future__ import annotations

from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.stray_rows import refuse_strays, with_zeros
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("level", "area_id", "parent_level", "parent_id", "period", "source_id")


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``area_membership``.

    Raises
    ------
    RejectedFile
        Any unknown code, an area with two parents of one level, or text that is no row: this is
        a reference table.
    """
    ledger = Ledger(entry.id, file)
    frame = csv_text(content, COLUMNS, ledger)
    refuse_strays(frame, "area_id", ("period",), known, ledger)
    for level, code in (("level", "area_id"), ("parent_level", "parent_id")):
        frame = with_zeros(frame, code, frame[level], known, ledger)
        for line, where, what in zip(frame[LINE], frame[level], frame[code], strict=True):
            if what not in known.areas.get(where, frozenset()):
                raise ledger.reject(
                    "unknown_area",
                    f"{where} {what} n’est pas dans le territoire",
                    f"{where} {what} is not in the territory",
                    line=line,
                    column=code,
                    sample=what,
                    mend_fr="Vérifier le code et son millésime.",
                    mend_en="Check the code and its edition.",
                )
    twice = frame.duplicated(["level", "area_id", "parent_level"])
    if twice.any():
        row = frame.loc[twice].iloc[0]
        raise ledger.reject(
            "two_parents",
            f"{row['area_id']} a deux {row['parent_level']}",
            f"{row['area_id']} has two {row['parent_level']}",
            line=int(row[LINE]),
            column="parent_id",
            mend_fr="Garder une seule appartenance par niveau.",
            mend_en="Keep one membership for each level.",
        )
    return Staged(
        {"area_membership": frame.drop(columns=LINE)},
        len(frame),
        len(frame),
        issues=tuple(ledger.issues),
    )
