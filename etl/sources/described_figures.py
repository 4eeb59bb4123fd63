"""The table ``figure`` of a described file: wide or long, with the reason of what is absent."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from etl.history import LAST, at_edition, events_of
from etl.layout import Layout, Measure
from etl.source import LINE, Known, Ledger
from etl.sources.wide_table import DECIMALS, rounded
from etl.values import measured
from geodata.catalogue.nouns import Variable
from geodata.methods.rates import severity, status_of_severity
from geodata.model import Additivity, Status

_KEY = ["variable", "level", "area_id", "period"]
_PERIOD = "(period)"


def figures(
    source_id: str,
    rows: pd.DataFrame,
    made: Layout,
    columns: Mapping[str, Measure],
    known: Known,
    ledger: Ledger,
) -> pd.DataFrame:
    """The figures of rows that have ``level``, ``area_id`` and a period, on today's areas."""
    long = _wide(rows, made, columns, known, ledger) if made.is_wide else None
    if long is None:
        long = _long(rows, made, known, ledger)
    long = long[~long[LINE].isin([*ledger.quarantined, *ledger.dropped])].drop(columns=LINE)
    if made.parts == "summed":
        long = _summed(long, known)
    if made.edition is not None:
        edition = made.edition if len(made.edition) > 4 else f"{made.edition}-01-01"
        long = _carried(long, edition, known, ledger)
    return long.assign(source_id=source_id).reset_index(drop=True)


def amounts(
    rows: pd.DataFrame,
    made: Layout,
    columns: Mapping[str, Measure],
    known: Known,
    ledger: Ledger,
) -> pd.DataFrame:
    """What each row counts, a column a quantity that adds up; NaN where it has no such number."""
    variables = known.catalogue.variables
    unheard = Ledger(ledger.source_id, ledger.file)  # the figures are told of when they are read
    adds_up = {name for name, v in variables.items() if v.additivity is not Additivity.NO}
    texts = {name: m.decimal for name, m in columns.items() if m.variable in adds_up}
    whole = made.value_column or made.count_column
    if whole and (made.count_column or made.variable_column or made.variable in adds_up):
        texts[whole] = made.decimal
    found = {
        name: measured(
            rows, name, unheard, decimal=decimal, grouping=made.grouping, marks=made.marks
        )["value"]
        for name, decimal in texts.items()
    }
    if made.variable_column and whole:
        told = rows[made.variable_column].map(dict(made.variables))
        found[whole] = found[whole].where(told.isin(list(adds_up)))
    return pd.DataFrame(found, index=rows.index)


def _wide(
    rows: pd.DataFrame,
    made: Layout,
    columns: Mapping[str, Measure],
    known: Known,
    ledger: Ledger,
) -> pd.DataFrame:
    parts = []
    for column, measure in columns.items():
        variable = known.catalogue.variables[measure.variable]
        read = _measured(rows, column, measure.decimal, variable, made, ledger)
        same = pd.Series(measure.period, index=rows.index, dtype="object")
        period = same if measure.period else rows[_PERIOD]
        parts.append(_cells(rows, read, variable.id, period))
    return pd.concat(parts)


def _long(rows: pd.DataFrame, made: Layout, known: Known, ledger: Ledger) -> pd.DataFrame:
    if made.variable_column:
        ids = rows[made.variable_column].map(dict(made.variables)).astype("object")
        ledger.drop(
            rows.loc[ids.isna(), LINE],
            "other_variable",
            "lignes d’une quantité qui n’est pas demandée",
            "rows of a quantity that is not asked for",
            column=made.variable_column,
        )
    else:
        ids = pd.Series(made.variable, index=rows.index, dtype="object")
    parts = []
    for variable_id, group in rows[ids.notna()].groupby(ids, sort=False):
        variable = known.catalogue.variables[str(variable_id)]
        read = _measured(group, made.value_column, made.decimal, variable, made, ledger)
        parts.append(_cells(group, read, variable.id, group[_PERIOD]))
    return pd.concat(parts) if parts else pd.DataFrame(columns=[*_KEY, "value", "status", LINE])


def _measured(
    rows: pd.DataFrame,
    column: str,
    decimal: str,
    variable: Variable,
    made: Layout,
    ledger: Ledger,
) -> pd.DataFrame:
    """The values and statuses of one column, what the column of statuses says included."""
    read = measured(
        rows,
        column,
        ledger,
        decimal=decimal,
        grouping=made.grouping,
        marks=made.marks,
        minimum=variable.minimum,
        is_whole=variable.is_whole,
    )
    if not variable.is_whole:
        read["value"] = rounded(read["value"], DECIMALS)
    if made.status_column:
        said = rows[made.status_column].map({k: str(v) for k, v in made.statuses.items()})
        silent = said.isin([str(s) for s in Status if not s.has_value])
        told = said.notna() & (silent | read["value"].notna())
        read["status"] = read["status"].where(~told, said).astype("str")
        read["value"] = read["value"].where(~silent)
    return read


def _cells(
    rows: pd.DataFrame, read: pd.DataFrame, variable: str, period: pd.Series
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "variable": variable,
            "level": rows["level"],
            "area_id": rows["area_id"],
            "period": period,
            "value": read["value"],
            "status": read["status"],
            LINE: rows[LINE],
        }
    )


def _summed(long: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Rows of one area made one: parts add up, with the worst of their statuses.

    A sum with a hole has no value; neither has a rate or a median of several parts.
    """
    twice = long.duplicated(_KEY, keep=False)
    if not twice.any():
        return long
    parts = long[twice].assign(severity=lambda frame: severity(frame["status"]))
    by = parts.groupby(_KEY, sort=False)
    made = by.agg(
        value=("value", lambda values: values.sum(skipna=False)), severity=("severity", "max")
    ).reset_index()
    made["status"] = status_of_severity(made.pop("severity").to_numpy(dtype="int64"), made.index)
    variables = known.catalogue.variables
    adds_up = made["variable"].map(lambda v: variables[v].additivity is not Additivity.NO)
    made["value"] = made["value"].where(adds_up.astype(bool))
    made["status"] = made["status"].where(
        made["value"].notna() | ~made["status"].isin([str(s) for s in Status if s.has_value]),
        str(Status.MISSING),
    )
    return pd.concat([long[~twice], made], ignore_index=True)


def _carried(long: pd.DataFrame, edition: str, known: Known, ledger: Ledger) -> pd.DataFrame:
    """Figures of the areas of an edition, on those of the release.

    Variables whose parts add up are summed or shared out; others are carried where one area
    became one, and are missing elsewhere. Levels without a table of events stay as they are.
    """
    variables = known.catalogue.variables
    adds_up = long["variable"].map(lambda v: variables[v].additivity is not Additivity.NO)
    made = []
    for (level, additive), group in long.groupby(["level", adds_up.rename("adds_up")], sort=False):
        events = events_of(known, str(level))
        if events is not None:
            group = at_edition(group, events, edition, LAST, additive=bool(additive), ledger=ledger)
        made.append(group)
    return pd.concat(made, ignore_index=True) if made else long
