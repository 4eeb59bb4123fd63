"""Services: where they stand, how many they take.

From: school, France services and hospital registers. Relied on: an id for each service, degrees
in the world, a capacity that is empty (unknown) or a number: unknown is never zero.
"""

from __future__ import annotations

import pandas as pd

from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.figures import NUMBER
from etl.stray_rows import refuse_strays, with_zeros
from geodata.catalogue.nouns import SourceEntry

COLUMNS = (
    "service_id",
    "name",
    "category",
    "area_id",
    "latitude",
    "longitude",
    "position",
    "capacity",
    "capacity_unit",
    "detail",
    "period",
    "source_id",
)
LIMITS = {"latitude": (-90.0, 90.0), "longitude": (-180.0, 180.0), "capacity": (0.0, 1e6)}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``service`` for one source; wrong lines are held back.

    Raises
    ------
    RejectedFile
        When more than 1 % of the lines are wrong, an id is there twice, or the file holds another
        table or a note.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(csv_text(content, COLUMNS, ledger), known.mends)
    finest = known.catalogue.territory.finest_level
    refuse_strays(ledger.kept(frame), "area_id", (*LIMITS, "period"), known, ledger)
    frame = with_zeros(frame, "area_id", finest, known, ledger)
    for line, area_id in zip(frame[LINE], frame["area_id"], strict=True):
        if area_id and area_id not in known.areas[finest]:
            ledger.quarantine_area(line, finest, area_id)
    for column, (lowest, highest) in LIMITS.items():
        for line, text in zip(frame[LINE], frame[column], strict=True):
            if text and not (NUMBER.fullmatch(text) and lowest <= float(text) <= highest):
                ledger.quarantine(
                    line,
                    "bad_value",
                    f"« {text} » n’est pas un nombre entre {lowest:g} et {highest:g}",
                    f"{text!r} is not a number between {lowest:g} and {highest:g}",
                    column=column,
                    sample=text,
                    mend_fr="Écrire un nombre simple, ou laisser vide si inconnu.",
                    mend_en="Write a plain number, or leave empty if unknown.",
                )
    twice = frame.duplicated("service_id")
    if twice.any():
        row = frame.loc[twice].iloc[0]
        raise ledger.reject(
            "duplicate_key",
            f"le service {row['service_id']} est présent deux fois",
            f"service {row['service_id']} is there twice",
            line=int(row[LINE]),
            column="service_id",
            mend_fr="Garder une seule ligne par service.",
            mend_en="Keep one row for each service.",
        )
    kept = ledger.kept(frame).drop(columns=LINE)
    for column in LIMITS:
        kept[column] = pd.to_numeric(kept[column].replace("", None)).astype("float64")
    for column in ("area_id", "capacity_unit", "detail"):
        kept[column] = kept[column].replace("", None)
    kept["source_id"] = entry.id
    return ledger.staged({"service": kept})
