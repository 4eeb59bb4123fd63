"""Equipment: how many of each type a commune holds.

From: INSEE's permanent database of equipment. Relied on: known communes, whole counts.
"""

from __future__ import annotations

import re

import pandas as pd

from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.stray_rows import refuse_strays, refuse_subtotals, with_zeros
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("area_id", "equipment_code", "count", "category", "period", "source_id")
#: A whole number that a count can be: no producer tells a thousand million of anything.
COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``equipment``; wrong lines are held back.

    Raises
    ------
    RejectedFile
        When more than 1 % of the lines are wrong, or the file holds another table, a note or
        subtotals.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(csv_text(content, COLUMNS, ledger), known.mends)
    finest = known.catalogue.territory.finest_level
    rows = ledger.kept(frame)
    refuse_strays(rows, "area_id", ("count", "period"), known, ledger)
    numbers = rows[["count"]].apply(pd.to_numeric, errors="coerce")
    refuse_subtotals(rows, "area_id", numbers, ("equipment_code", "period"), ledger)
    key = ("equipment_code", "period")
    frame = with_zeros(frame, "area_id", finest, known, ledger, key=key)
    for line, area_id, count in zip(frame[LINE], frame["area_id"], frame["count"], strict=True):
        if area_id not in known.areas[finest]:
            ledger.quarantine_area(line, finest, area_id)
        elif not COUNT.fullmatch(count):
            ledger.quarantine(
                line,
                "bad_value",
                f"« {count[:40]} » n’est pas un nombre entier",
                f"{count[:40]!r} is not a whole number",
                column="count",
                sample=count[:40],
                mend_fr="Écrire un nombre entier.",
                mend_en="Write a whole number.",
            )
    twice = frame.duplicated(["area_id", "equipment_code", "period"])
    if twice.any():
        row = frame.loc[twice].iloc[0]
        raise ledger.reject(
            "duplicate_key",
            f"{row['equipment_code']} est présent deux fois pour {row['area_id']}",
            f"{row['equipment_code']} is there twice for {row['area_id']}",
            line=int(row[LINE]),
            column="equipment_code",
            mend_fr="Garder une seule ligne par commune, type et période.",
            mend_en="Keep one row for each commune, type and period.",
        )
    kept = ledger.kept(frame).drop(columns=LINE)
    kept["count"] = pd.to_numeric(kept["count"]).astype("int64")
    kept["source_id"] = entry.id
    return ledger.staged({"equipment": kept})
