"""How the series of each area moves: the table ``tested_trend``, a row a segment."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.statistics import CONFIDENCE, counts
from geodata.catalogue.nouns import Catalogue, Indicator
from geodata.methods.amounts import FloatArray
from geodata.methods.poisson import FEW
from geodata.methods.tested_trend import FEWEST, P_CLEAR, Trends, rate_trends, value_trends
from geodata.model import Chance

COLUMNS = [
    *("indicator", "level", "area_id", "first_period", "last_period", "periods", "method"),
    *("yearly_change", "low", "high", "p_value", "verdict"),
]


def tested_trends(observed: pd.DataFrame, indicator: Indicator, years: int) -> pd.DataFrame:
    """The table ``tested_trend`` of one indicator.

    Parameters
    ----------
    observed: the observations of the indicator, suppressed and missing ones without a value.
    years: how many years each value is of (see :func:`years_of`).

    Notes
    -----
    What was counted has the trend of a count (quasi-Poisson), of its numerator among its
    denominator; other values that of their logarithm. What the engine estimates has none: it moves
    with its parameters. A series is followed from the latest break of its indicator on, never
    across; one of fewer than :data:`geodata.methods.tested_trend.FEWEST` periods has no trend. One
    change of pace is looked for, but where fewer than :data:`geodata.methods.poisson.FEW` are
    counted a period: chance hides it there. Of sums of several years, those that share no year are
    taken, the latest first: what overlaps moves together, and chance would pass for a trend.
    """
    made = []
    if indicator.coverage is None and len(observed):
        for level, rows in observed.groupby("level", sort=False):
            latest = max((one.period for one in indicator.breaks_at(str(level))), default="")
            found = _of_level(rows[rows["period"] >= latest], indicator, years)
            if found is not None:
                made.append(found.assign(level=level))
    if not made:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(made, ignore_index=True).assign(indicator=indicator.id)[COLUMNS]


def years_of(indicator: Indicator, catalogue: Catalogue) -> int:
    """How many years each value of an indicator adds up: 1 unless what it counts is a window."""
    counted = [*indicator.numerator, *([indicator.variable] if indicator.variable else [])]
    variables = [catalogue.variables[name] for name in counted]
    return max((v.window_years for v in variables if v.window_of is not None), default=1)


def _apart(found_at: dict[str, float], years: int) -> dict[str, float]:
    """The latest moment, and those before it that lie so many years or more from the next."""
    kept: list[str] = []
    for period, when in reversed(found_at.items()):
        if not kept or found_at[kept[-1]] - when >= years:
            kept.append(period)
    return {period: found_at[period] for period in reversed(kept)}


def _of_level(rows: pd.DataFrame, indicator: Indicator, years: int) -> pd.DataFrame | None:
    """The trends of the areas of one level; None where no series is long enough."""
    known = rows[rows["value"].notna()]
    moments = {str(x): moment(str(x)) for x in sorted(known["period"].unique())}
    found_at = {period: when for period, when in moments.items() if when is not None}
    if years > 1:
        found_at = _apart(found_at, years)
    periods, time = list(found_at), list(found_at.values())
    if len(periods) < FEWEST:
        return None
    areas, place = np.unique(known["area_id"].to_numpy(dtype=object), return_inverse=True)
    column = pd.Index(periods).get_indexer(pd.Index(known["period"], dtype=object))
    at = (place[column >= 0], column[column >= 0])

    def table(values: FloatArray) -> FloatArray:
        made = np.full((len(areas), len(periods)), np.nan)
        made[at] = values[column >= 0]
        return made

    if indicator.chance is Chance.NONE:
        found = value_trends(
            table(known["value"].to_numpy(dtype="float64")), time, level=CONFIDENCE
        )
        return _rows(found, areas, periods)
    above, below = (table(values) for values in counts(known, indicator))
    mean = np.nansum(above, axis=1) / np.maximum(np.isfinite(above).sum(axis=1), 1)
    made = []
    for has_breaks in (False, True):
        some = (mean >= FEW) == has_breaks
        found = rate_trends(above[some], below[some], time, CONFIDENCE, has_breaks)
        made.append(_rows(found, areas[some], periods))
    return pd.concat(made, ignore_index=True)


def _rows(found: Trends, areas: npt.NDArray[np.object_], periods: list[str]) -> pd.DataFrame:
    """The segments of the trends of some areas, in the words of the table."""
    made = pd.DataFrame(
        {
            "area_id": areas[found.series],
            "first_period": np.array(periods, dtype=object)[found.first],
            "last_period": np.array(periods, dtype=object)[found.last],
            "periods": found.periods,
            "method": found.method,
            "yearly_change": found.change,
            "low": found.low,
            "high": found.high,
            "p_value": found.p_value,
            "verdict": [str(word) for word in found.verdict],
        }
    )
    is_told = np.isfinite(found.change)
    return made.loc[is_told]


def moment(period: str) -> float | None:
    """A period as years and parts of years: its middle for a year; None for what is no date."""
    if len(period) == 4 and period.isdigit():
        return float(period)
    try:
        day = date.fromisoformat(period)
    except ValueError:
        return None
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def parameters(indicator: Indicator) -> dict[str, object]:
    """How its trends are tested, for its lineage."""
    if indicator.coverage is not None:
        return {}
    is_counted = indicator.chance is not Chance.NONE
    method = "quasi_poisson" if is_counted else "log_linear"
    least = {"trend_break_from_cases": FEW} if is_counted else {}
    return {"trend": method, "trend_fewest": FEWEST, "trend_p": P_CLEAR, **least}
