"""Income of the communes as INSEE publishes it (Filosofi, base of disposable income).

From: https://www.insee.fr, file ``FILO2019_DISP_COM.csv``. Text with semicolons, decimal commas, a
byte order mark, and no end of line after the last row; one row a commune large enough to have a
median. Relied on: a blank cell is a figure that statistical secrecy keeps; the codes are those of
1 January 2020.
"""

from __future__ import annotations

from etl.locate import is_part, located, no_duplicates
from etl.reading import Dialect, csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.wide_table import Columns, carried, long_figures, measured_columns
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

EDITION = "2020-01-01"
DIALECT = Dialect(separator=";", needs_last_newline=False)
COLUMNS: Columns = {
    "NBMEN19": ("tax_households", "2019"),
    "NBPERS19": ("tax_household_persons", "2019"),
    "Q219": ("median_income", "2019"),
    "PPSOC19": ("social_benefits_income_share", "2019"),
}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure``: tax households, their persons, the median and make-up of their income.

    Raises
    ------
    RejectedFile
        When the file is not such a text, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = csv_text(content, ("CODGEO", *COLUMNS), ledger, DIALECT)
    frame = ledger.begin(frame, known.mends)
    ledger.drop(
        frame.loc[is_part(frame["CODGEO"], known), LINE],
        "counted_with_its_commune",
        "arrondissements municipaux : leur commune est dans le fichier",
        "municipal arrondissements: their commune is in the file",
        column="CODGEO",
    )
    rows = ledger.kept(frame).assign(level="commune")
    rows["area_id"] = located(
        rows, "CODGEO", "commune", known, ledger, edition=EDITION, is_kept_at_edition=True
    )
    no_duplicates(ledger.kept(rows), ["area_id"], ledger)
    values, statuses = measured_columns(
        rows, COLUMNS, known, ledger, marks={"": Status.SUPPRESSED}, decimal=","
    )
    rows = ledger.kept(rows)
    figures = long_figures(rows, values, statuses, COLUMNS, entry.id)
    return ledger.staged({"figure": carried(figures, EDITION, known, ledger)})
