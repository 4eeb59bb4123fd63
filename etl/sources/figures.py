"""Public figures in our own layout: one row for an area, a variable and a period.

From: the producers named in each file's passport. Relied on: codes of the loaded territory, the
variables the catalogue says the source holds, years, and a value exactly where the status has one.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pandas as pd

from etl.reading import csv_text
from etl.reading.repairs import shown
from etl.source import LINE, Known, Ledger, Staged
from etl.stray_rows import refuse_strays, refuse_subtotals, with_zeros
from geodata.catalogue.nouns import SourceEntry, Variable
from geodata.model import Status

COLUMNS = ("area_level", "area_id", "variable", "period", "value", "status")
KEY = ["variable", "area_level", "area_id", "period"]
#: A plain decimal number; inf, nan, 1e400, spaces and decimal commas are not.
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FIRST_YEAR = 1960


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure`` for one source.

    Lines that are wrong are held back, each with its reason; an exact repetition is dropped.

    Raises
    ------
    RejectedFile
        When the file is not what :func:`etl.reading.csv_text` reads, holds another table, a note
        or subtotals, or more than 1 % of its lines are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(csv_text(content, COLUMNS, ledger), known.mends)
    rows = ledger.kept(frame)
    refuse_strays(rows, "area_id", ("period", "value"), known, ledger)
    numbers = rows[["value"]].apply(pd.to_numeric, errors="coerce")
    refuse_subtotals(rows, "area_id", numbers, ("variable", "area_level", "period"), ledger)
    key = ("area_level", "variable", "period")
    frame = with_zeros(frame, "area_id", frame["area_level"], known, ledger, key=key)
    variables = {v.id: v for v in known.catalogue.variables.values() if entry.id in v.sources}
    for row in frame.itertuples(index=False):
        _check_row(row, variables, known, ledger)
    _check_repetitions(frame, ledger)
    kept = frame[~frame[LINE].isin(ledger.quarantined | ledger.dropped)]
    figures = pd.DataFrame(
        {
            "variable": kept["variable"],
            "level": kept["area_level"],
            "area_id": kept["area_id"],
            "period": kept["period"],
            "value": pd.to_numeric(kept["value"].replace("", None)).astype("float64"),
            "status": kept["status"],
            "source_id": entry.id,
        }
    )
    return ledger.staged({"figure": figures})


def _check_row(row: object, variables: dict[str, Variable], known: Known, ledger: Ledger) -> None:
    """Hold the row back at its first fault."""
    line, level, area_id = row.line, row.area_level, row.area_id  # type: ignore[attr-defined]
    name, period = row.variable, row.period  # type: ignore[attr-defined]
    value, status = row.value, row.status  # type: ignore[attr-defined]
    variable = variables.get(name)
    year = int(period) if re.fullmatch("[0-9]{4}", period) else 0
    if area_id not in known.areas.get(level, frozenset()):
        ledger.quarantine_area(line, level, area_id)
    elif variable is None:
        ledger.quarantine(
            line,
            "unknown_variable",
            f"variable {name} non décrite pour cette source",
            f"variable {name} is not described for this source",
            column="variable",
            sample=name,
            mend_fr="La décrire dans variables.toml, ou retirer la ligne.",
            mend_en="Describe it in variables.toml, or remove the row.",
        )
    elif not FIRST_YEAR <= year <= datetime.now(UTC).year:
        ledger.quarantine(
            line,
            "bad_period",
            f"« {period} » n’est pas une année passée",
            f"{period!r} is not a past year",
            column="period",
            sample=period,
            mend_fr="Écrire l’année sur quatre chiffres.",
            mend_en="Write the year with four digits.",
        )
    else:
        _check_value(line, value, status, variable, ledger)


def _check_value(line: int, value: str, status: str, variable: Variable, ledger: Ledger) -> None:
    if status not in set(Status):
        ledger.quarantine(
            line,
            "unknown_status",
            f"statut inconnu : « {status} »",
            f"unknown status: {status!r}",
            column="status",
            sample=status,
            mend_fr=f"Statuts : {', '.join(Status)}.",
            mend_en=f"Statuses: {', '.join(Status)}.",
        )
        return
    if Status(status).has_value != bool(value):
        ledger.quarantine(
            line,
            "value_and_status",
            f"valeur « {value} » avec le statut {status}",
            f"value {value!r} with status {status}",
            column="value",
            mend_fr="Une valeur pour observed, estimated, imputed ; aucune pour les autres.",
            mend_en="A value for observed, estimated, imputed; none for the others.",
        )
        return
    if not value:
        return
    number = float(value) if NUMBER.fullmatch(value) else math.inf
    if not math.isfinite(number):  # more digits than a number holds are no number either
        fault = ("n’est pas un nombre", "is not a number")
    elif number < variable.minimum:
        fault = (f"est sous le minimum {variable.minimum:g}", f"is under {variable.minimum:g}")
    elif variable.is_whole and number != int(number):
        fault = ("n’est pas un nombre entier", "is not a whole number")
    else:
        return
    ledger.quarantine(
        line,
        "bad_value",
        f"« {shown(value, ledger)} » {fault[0]} ({variable.unit.fr})",
        f"{shown(value, ledger)!r} {fault[1]} ({variable.unit.en})",
        column="value",
        sample=shown(value, ledger),
        mend_fr="Écrire un nombre simple, avec un point décimal, sans espace.",
        mend_en="Write a plain number, with a decimal point and no space.",
    )


def _check_repetitions(frame: pd.DataFrame, ledger: Ledger) -> None:
    """Drop exact repetitions; hold back every line of a key that is said in two ways."""
    repeated = frame[frame.duplicated(KEY, keep=False)]
    if repeated.empty:
        return
    ways = repeated.groupby(KEY)[["value", "status"]].transform("nunique")
    is_said_twice = (ways > 1).any(axis=1)
    again = repeated[~is_said_twice & repeated.duplicated(KEY)]
    ledger.drop(again[LINE], "repeated", "ligne répétée à l’identique", "row repeated as it is")
    ledger.quarantine(
        repeated.loc[is_said_twice, LINE],
        "two_values",
        "deux valeurs pour la même aire, la même variable et la même période",
        "two values for the same area, variable and period",
        column="value",
        mend_fr="Garder la bonne ligne.",
        mend_en="Keep the right row.",
    )
