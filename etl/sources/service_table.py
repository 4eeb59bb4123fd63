"""The table ``service``, as every source of services lays it out."""

from __future__ import annotations

from typing import Any

import pandas as pd

#: Its columns, in order; one not given is unknown (NULL).
COLUMNS = (
    "service_id",
    "name",
    "category",
    "area_id",
    "longitude",
    "latitude",
    "position",
    "capacity",
    "capacity_unit",
    "detail",
    "source_id",
    "period",
)
_NUMBERS = ("longitude", "latitude", "capacity")


def service_table(index: pd.Index[Any], **columns: Any) -> pd.DataFrame:
    """The rows of services at ``index``; each column a Series aligned with it, or one value.

    Empty text becomes unknown (None); an unknown capacity is never zero.
    """
    table = pd.DataFrame(index=index)
    for name in COLUMNS:
        column = pd.Series(columns.get(name), index=index, dtype="object")
        table[name] = (
            pd.to_numeric(column).astype("float64")
            if name in _NUMBERS
            else column.where(column.notna() & column.ne(""), None)
        )
    return table.reset_index(drop=True)
