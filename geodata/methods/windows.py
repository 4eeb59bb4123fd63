"""Moving windows over years: a stock estimated from the flows that made it."""

import pandas as pd


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
    if years < 1:
        raise ValueError(f"years must be at least 1, not {years}")
    keys = ["level", "area_id"]
    if frame.duplicated([*keys, "period"]).any():
        raise ValueError("an area has a period more than once")
    known = frame.dropna(subset="value").assign(year=lambda f: f["period"].astype("int64"))
    wide = known.pivot(index=keys, columns="year", values="value")
    if wide.empty:
        return frame.iloc[:0][[*keys, "period", "value", "status"]].reset_index(drop=True)
    seen = known["year"]
    wide = wide.reindex(columns=pd.RangeIndex(seen.min(), seen.max() + 1, name="year"))
    summed = wide
    for back in range(1, years):
        summed = summed + wide.shift(back, axis=1)
    made = summed.melt(ignore_index=False, value_name="value").dropna(subset="value").reset_index()
    made["period"] = made.pop("year").astype("str")
    made["status"] = "estimated"
    return made[[*keys, "period", "value", "status"]].sort_values(
        [*keys, "period"], ignore_index=True
    )
