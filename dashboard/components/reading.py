"""What is known of one area at the selected period: the reading that the panel tells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey, Status

_NUMBERS = (
    *("value", "numerator", "denominator", "parts", "parts_expected"),
    *("low", "high", "smoothed", "smoothed_low", "smoothed_high"),
)


@dataclass(frozen=True)
class Reading:
    """One area's observation at the selected period; ``known`` is False where none exists."""

    key: AreaKey
    name: str
    known: bool
    value: float
    status: str
    numerator: float
    denominator: float
    parts: float
    parts_expected: float
    low: float = math.nan
    high: float = math.nan
    interval: str | None = None
    smoothed: float = math.nan
    smoothed_low: float = math.nan
    smoothed_high: float = math.nan
    standing: str | None = None
    flags: int = 0


def reading(series: pd.DataFrame, key: AreaKey, name: str, period: str) -> Reading:
    """The reading of an area from the series of `data.area_series`."""
    found = series[
        (series["level"] == key.level)
        & (series["area_id"] == key.area_id)
        & (series["period"] == period)
    ]
    nothing = float("nan")
    if found.empty:
        missing = Status.MISSING.value
        return Reading(key, name, False, nothing, missing, nothing, nothing, nothing, nothing)
    row = found.iloc[0]
    numbers = {
        column: float(row[column]) if pd.notna(row[column]) else nothing for column in _NUMBERS
    }
    words = {
        column: str(row[column]) if pd.notna(row[column]) else None
        for column in ("interval", "standing")
    }
    return Reading(
        key=key,
        name=name,
        known=True,
        status=str(row["status"]),
        flags=int(row["flags"]),
        interval=words["interval"],
        standing=words["standing"],
        **numbers,
    )


def chosen_indicator(view: View) -> Indicator:
    """The indicator that the address selects."""
    return view.catalogue.indicators[view.selection.indicator]


def series_of(series: pd.DataFrame, key: AreaKey) -> pd.DataFrame:
    """The rows of one area."""
    return series[(series["level"] == key.level) & (series["area_id"] == key.area_id)]
