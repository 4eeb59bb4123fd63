"""INSEE's permanent database of equipment: counts by commune or IRIS and by type, one year a file.

From: the file « ensemble » of INSEE, as one Parquet table (REG, DEP, DEPCOM, DCIRIS, AN, TYPEQU,
NB_EQUIP). Read whole; the IRIS of a commune, and the municipal arrondissements of a city, are
summed. `bpe_types.csv` beside this module lists the types of use to social services (schools,
health, social action), with the category each is ours under and INSEE's label; the other types
(shops, sport, transport...) are dropped by the rule ``type_left_aside``. Relied on: codes of the
communes of the year, whole counts of at least one.
"""

from __future__ import annotations

import pandas as pd

from etl.codes import among
from etl.locate import located
from etl.reading import parquet_frame
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.code_list import code_list
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("DEPCOM", "AN", "TYPEQU", "NB_EQUIP")
KEY = ["area_id", "equipment_code", "period"]


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``equipment``: one row a commune of today, type and year.

    Raises
    ------
    RejectedFile
        When it is not the Parquet table described, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = parquet_frame(content, COLUMNS, ledger)
    if known.mends:  # a correction is text, which a column of numbers does not take
        frame = frame.astype(dict.fromkeys(COLUMNS, "object"))
    frame = ledger.begin(frame, known.mends)
    categories = equipment_categories()
    aside = ~among(frame["TYPEQU"], categories)
    ledger.drop(
        frame.loc[aside, LINE],
        "type_left_aside",
        "types d’équipement sans usage pour les services sociaux",
        "types of equipment of no use to social services",
        column="TYPEQU",
    )
    frame = frame[~aside]
    counts = pd.to_numeric(frame["NB_EQUIP"], errors="coerce")
    wrong = ~(counts.ge(1) & counts.mod(1).eq(0))
    if wrong.any():
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "bad_value",
            "nombre d’équipements qui n’est pas un entier d’au moins 1",
            "a number of equipment that is not whole and at least 1",
            column="NB_EQUIP",
            sample=str(frame.loc[wrong, "NB_EQUIP"].iloc[0]),
            mend_fr="Écrire un nombre entier.",
            mend_en="Write a whole number.",
        )
    level = known.catalogue.territory.finest_level
    rows = pd.DataFrame(
        {
            "area_id": _located_by_year(frame, level, known, ledger),
            "equipment_code": frame["TYPEQU"].astype("object"),
            "period": frame["AN"].astype("str"),
            "count": counts,
        }
    )
    gone = frame[LINE].isin([*ledger.quarantined]) | rows["area_id"].isna()
    table = rows[~gone].groupby(KEY, sort=True)["count"].sum().astype("int64").reset_index()
    table["category"] = table["equipment_code"].map(categories)
    table["source_id"] = entry.id
    return ledger.staged({"equipment": table})


def equipment_categories() -> dict[str, str]:
    """The category of each type that is kept, by INSEE's code of the type."""
    return {row["code"]: row["category"] for row in code_list("bpe_types.csv")}


def _located_by_year(
    frame: pd.DataFrame, level: str, known: Known, ledger: Ledger
) -> pd.Series[str]:
    """The area of today of each row, its code being one of the first day of its year."""
    parts = [
        located(rows, "DEPCOM", level, known, ledger, edition=f"{year}-01-01")
        for year, rows in frame.groupby("AN", sort=False)
    ]
    return pd.concat(parts).reindex(frame.index) if parts else pd.Series(dtype="object")
