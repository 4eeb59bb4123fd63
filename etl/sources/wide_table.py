"""Tables with a column for each quantity: their cells as figures, one row an area and a quantity.

Shared by the readers of files laid out so; what each column counts is a plain dict beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from etl.history import LAST, at_edition, events_of
from etl.source import Known, Ledger
from etl.values import measured
from geodata.model import Status

#: Column -> the variable it holds and its period.
Columns = dict[str, tuple[str, str]]
#: Decimals kept of a figure that is not whole: those of the embedded figures.
DECIMALS = 4


def measured_columns(
    rows: pd.DataFrame,
    columns: Columns,
    known: Known,
    ledger: Ledger,
    *,
    marks: Mapping[str, Status] | None = None,
    decimal: str = ".",
    decimals: int = DECIMALS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The values and the statuses of ``columns``, aligned with ``rows``.

    A cell that is no value of its variable holds its row back. ``marks`` are texts that stand for
    a status; a blank cell is missing unless they say otherwise. Figures that are not whole keep
    ``decimals``.
    """
    values, statuses = {}, {}
    for column, (name, _period) in columns.items():
        variable = known.catalogue.variables[name]
        made = measured(
            rows,
            column,
            ledger,
            decimal=decimal,
            marks=marks or {},
            minimum=variable.minimum,
            is_whole=variable.is_whole,
        )
        values[column] = made["value"] if variable.is_whole else rounded(made["value"], decimals)
        statuses[column] = made["status"]
    return pd.DataFrame(values), pd.DataFrame(statuses)


def rounded(values: pd.Series, decimals: int) -> pd.Series:
    """The values at some decimals, as they would be written: no second rounding error."""
    long = values[values.notna() & (values != values.round(decimals))]
    written = long.map(f"{{:.{decimals}f}}".format).astype("float64")
    return values.where(~values.index.isin(long.index), written.reindex(values.index))


def long_figures(
    rows: pd.DataFrame,
    values: pd.DataFrame,
    statuses: pd.DataFrame,
    columns: Columns,
    source_id: str,
) -> pd.DataFrame:
    """The table ``figure`` of ``rows`` (``level``, ``area_id``), one row a cell of ``columns``."""
    made = [
        pd.DataFrame(
            {
                "variable": variable,
                "level": rows["level"],
                "area_id": rows["area_id"],
                "period": period,
                "value": values.loc[rows.index, column],
                "status": statuses.loc[rows.index, column],
                "source_id": source_id,
            }
        )
        for column, (variable, period) in columns.items()
    ]
    return pd.concat(made, ignore_index=True)


def carried(figures: pd.DataFrame, edition: str, known: Known, ledger: Ledger) -> pd.DataFrame:
    """Figures of the finest level of an edition, on the areas of the release.

    A figure is carried where one area became one; an area made of several since, or divided, has
    none. Without a table of events the figures stay as they are.
    """
    finest = known.catalogue.territory.finest_level
    events = events_of(known, finest)
    if events is None:
        return figures
    is_fine = figures["level"] == finest
    fine = at_edition(figures[is_fine], events, edition, LAST, additive=False, ledger=ledger)
    return pd.concat([figures[~is_fine], fine], ignore_index=True)
