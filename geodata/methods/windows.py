"""Moving windows over years: a stock made of flows, a rate pooled over years.

A village has too few cases a year for a rate that means much. Over three or five years it may: the
cases of the years are added up, and so are the people of the years among whom they were counted
(person-years). The mean of the years' rates would let the smallest year weigh as much as the
largest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.methods.rates import rate, severity, status_of_severity

_AREA = ["level", "area_id"]


def window_sum(frame: pd.DataFrame, years: int) -> pd.DataFrame:
    """Return, for each area and year Y, the sum of the years Y-years+1 to Y.

    Used for the children under 3 of year Y, taken as the births of Y-2, Y-1 and Y. The result is
    an estimate: it knows no migration and no death. A year whose window has a hole has no row.

    Args:
        frame: columns `level`, `area_id`, `period` (text, a year), `value`, `status`; each area
            and period once.
        years: length of the window, at least 1.

    Returns:
        The same columns, sorted; status `estimated`.

    Raises:
        ValueError: if `years` is under 1 or an area has a period twice.

    Births 2, 3 and 1 in three years: 6 children under 3 at the end of the third.

    >>> births = pd.DataFrame(
    ...     {"level": "commune", "area_id": "A", "period": ["2018", "2019", "2020"],
    ...      "value": [2.0, 3.0, 1.0], "status": "observed"}
    ... )
    >>> window_sum(births, 3)
         level area_id period  value     status
    0  commune       A   2020    6.0  estimated
    """
    made = pooled(frame, years).dropna(subset="value").assign(status="estimated")
    return made[[*_AREA, "period", "value", "status"]].reset_index(drop=True)


def pooled(frame: pd.DataFrame, years: int) -> pd.DataFrame:
    """Return, for each area and year Y, the sum of the years Y-years+1 to Y, or why there is none.

    Args:
        frame: columns `level`, `area_id`, `period` (text, a year), `value`, `status`; each area
            and period once.
        years: length of the window, at least 1.

    Returns:
        Columns level, area_id, period (the last year), first_period, value and status, sorted.
        The status is that of the least sure year, so that a year withheld withholds the sum. An
        area has a row where it has one for every year of the window.

    Raises:
        ValueError: if `years` is under 1, an area has a period twice, or a status is none.

    >>> cases = pd.DataFrame(
    ...     {"level": "commune", "area_id": "A", "period": ["2018", "2019", "2020", "2021"],
    ...      "value": [2.0, 3.0, 1.0, None], "status": ["observed"] * 3 + ["suppressed"]}
    ... )
    >>> pooled(cases, 3).drop(columns="level")
      area_id period first_period  value      status
    0       A   2020         2018    6.0    observed
    1       A   2021         2019    NaN  suppressed
    """
    if years < 1:
        raise ValueError(f"years must be at least 1, not {years}")
    if frame.duplicated([*_AREA, "period"]).any():
        raise ValueError("an area has a period more than once")
    if frame.empty:
        return frame[[*_AREA, "period"]].assign(first_period="", value=0.0, status="")
    year = frame["period"].astype("int64").to_numpy()
    first, size = int(year.min()), int(year.max() - year.min() + 1)
    area = frame.groupby(_AREA, sort=True).ngroup().to_numpy()
    areas = frame[_AREA].drop_duplicates().sort_values(_AREA)
    value = np.full((len(areas), size), np.nan)
    value[area, year - first] = frame["value"].astype("float64").to_numpy()
    status = np.full((len(areas), size), -1)
    status[area, year - first] = severity(frame["status"])
    ends = np.arange(years - 1, size)
    windows = ends[:, None] - np.arange(years)
    seen = status[:, windows]
    at, end = np.nonzero((seen >= 0).all(axis=2))
    made = areas.iloc[at].reset_index(drop=True)
    names = np.arange(first, first + size).astype(str)
    made["period"], made["first_period"] = names[ends[end]], names[ends[end] - years + 1]
    made["value"] = value[:, windows].sum(axis=2)[at, end]
    made["status"] = status_of_severity(seen.max(axis=2)[at, end], made.index)
    return made


def pooled_rate(
    numerator: pd.DataFrame, denominator: pd.DataFrame, years: int, per: float
) -> pd.DataFrame:
    """Return rates pooled over years: per * sum of the cases / sum of the people.

    Args:
        numerator: columns `level`, `area_id`, `period` (text, a year), `value`, `status`; each
            area and period once.
        denominator: likewise; values at least 0.
        years: length of the window, at least 1.
        per: 1000 for a rate per thousand person-years; above 0.

    Returns:
        Columns level, area_id, period, first_period, numerator, denominator, value and status, as
        `pooled` and `rates.rate` make them, where both have the window. The numerator and the
        denominator are what an interval of the rate is made of.

    Raises:
        ValueError: as `pooled` and `rates.rate`.

    1 case in 10 people and 1 in 30: 2 in 40, not the mean of 10 % and 3.3 %.

    >>> frame = pd.DataFrame({"level": "commune", "area_id": "A", "period": ["2019", "2020"],
    ...                       "status": "observed"})
    >>> made = pooled_rate(frame.assign(value=1.0), frame.assign(value=[10.0, 30.0]), 2, per=100)
    >>> made[["first_period", "period", "numerator", "denominator", "value"]]
      first_period period  numerator  denominator  value
    0         2019   2020        2.0         40.0    5.0
    """
    key = [*_AREA, "period", "first_period"]
    both = pooled(numerator, years).merge(
        pooled(denominator, years), on=key, suffixes=("_above", "_below"), validate="one_to_one"
    )
    above = both[["value_above", "status_above"]].set_axis(["value", "status"], axis=1)
    below = both[["value_below", "status_below"]].set_axis(["value", "status"], axis=1)
    made = both[key].assign(numerator=above["value"], denominator=below["value"])
    return pd.concat([made, rate(above, below, per)], axis=1)
