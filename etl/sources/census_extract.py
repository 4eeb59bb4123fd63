"""The census of 2022 for the communes of one département, an extract of INSEE's full file.

From: INSEE, with the columns' own names (``P22_`` main survey, ``C22_`` complementary survey).
Text with semicolons; decimal points, but commas in the poverty rate; one row a commune. Relied
on: ``s`` is a figure that statistical secrecy keeps. Births of several years together
(``NAIS1621``) are left aside.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import Dialect, csv_text
from etl.source import Known, Ledger, Staged
from etl.sources.wide_table import Columns, long_figures, measured_columns
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

DIALECT = Dialect(separator=";")
MARKS = {"s": Status.SUPPRESSED}
COLUMNS: Columns = {
    "P22_POP": ("population", "2022"),
    "P22_POP0014": ("population_0_14", "2022"),
    "C22_MENFAM": ("families", "2022"),
    "C22_FAMMONO": ("single_parent_families", "2022"),
    "C22_COUPAENF": ("couples_with_children", "2022"),
    "C22_COUPSENF": ("couples_without_children", "2022"),
    "P22_ACT1564": ("active_15_64", "2022"),
    "P22_CHOM1564": ("unemployed_15_64", "2022"),
    "NAISD24": ("births", "2024"),
    "MED21": ("median_income", "2021"),
}
#: The one column with decimal commas.
WITH_COMMAS: Columns = {"TP6021": ("poverty_rate", "2021")}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure``: population, families, activity, births and income of each commune.

    Raises
    ------
    RejectedFile
        When the file is not such a text, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = csv_text(content, ("CODGEO", *COLUMNS, *WITH_COMMAS), ledger, DIALECT)
    frame = ledger.begin(frame, known.mends)
    rows = ledger.kept(frame).assign(level="commune")
    rows["area_id"] = located(rows, "CODGEO", "commune", known, ledger)
    no_duplicates(ledger.kept(rows), ["area_id"], ledger)
    values, statuses = measured_columns(rows, COLUMNS, known, ledger, marks=MARKS)
    rates, why = measured_columns(rows, WITH_COMMAS, known, ledger, marks=MARKS, decimal=",")
    rows = ledger.kept(rows)
    figures = long_figures(
        rows,
        pd.concat([values, rates], axis=1),
        pd.concat([statuses, why], axis=1),
        COLUMNS | WITH_COMMAS,
        entry.id,
    )
    return ledger.staged({"figure": figures})
