"""What chance may have made of each observation: intervals, smoothed values, standings.

All of it is made of what is published: a suppressed or missing figure has none, and nothing made
of others holds it. Methods are those of `geodata.methods`, called once for all areas of a level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.catalogue.nouns import Indicator, Territory
from geodata.methods.amounts import FloatArray
from geodata.methods.funnel import Convention
from geodata.methods.intervals import Interval, rate_interval, share_interval
from geodata.methods.level_funnel import LEAST_SPREAD, level_funnel, usable_counts
from geodata.methods.smoothing import FEWEST, martuzzi_elliott, poisson_gamma
from geodata.model import Chance

#: How sure every interval is, those of the engine apart: nine of its draws in ten lie between.
CONFIDENCE = 0.95
DRAWN_CONFIDENCE = 0.9
#: The result of the engine that its draws give an interval of.
_DRAWN_MEASURE = "gap_rate"

Positions = npt.NDArray[np.intp]


def with_intervals(
    observed: pd.DataFrame, indicator: Indicator, bounds: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Observations with ``low``, ``high`` and ``interval`` (byar, exact, wilson or drawn).

    Parameters
    ----------
    bounds: ``gap_low`` and ``gap_high`` of the engine in the unit of the indicator, row by row.

    Notes
    -----
    A part that exceeds its whole, as counts of two sources may, has no interval.
    """
    found = _interval(observed, indicator, bounds)
    is_known = observed["value"].notna().to_numpy() & np.isfinite(found.low)
    return observed.assign(
        low=np.where(is_known, found.low, np.nan),
        high=np.where(is_known, found.high, np.nan),
        interval=pd.Series(found.method, observed.index, "object").where(is_known, None),
    )


def _interval(
    observed: pd.DataFrame, indicator: Indicator, bounds: pd.DataFrame | None
) -> Interval:
    nothing = np.full(len(observed), np.nan)
    if bounds is not None and _is_drawn(indicator):
        low = bounds["gap_low"].to_numpy(dtype="float64")
        high = bounds["gap_high"].to_numpy(dtype="float64")
        return Interval(low, high, np.full(len(observed), "drawn", dtype=object))
    if indicator.chance is Chance.NONE:
        return Interval(nothing, nothing, np.full(len(observed), None, dtype=object))
    count, people = counts(observed, indicator)
    by = rate_interval if indicator.chance is Chance.RATE else share_interval
    return by(count, people, indicator.per, CONFIDENCE)


def _is_drawn(indicator: Indicator) -> bool:
    return indicator.coverage is not None and indicator.coverage.measure == _DRAWN_MEASURE


def with_smoothed(
    observed: pd.DataFrame, indicator: Indicator, parents: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Observations with ``smoothed``, ``smoothed_low`` and ``smoothed_high``, beside the value.

    Each area is drawn towards the mean of the areas that share its parent, where there are
    :data:`geodata.methods.smoothing.FEWEST` of them or more that have a figure, else towards that
    of all areas of the level: rates by Poisson-gamma, shares by Martuzzi and Elliott. With fewer
    areas than that at a level, none is smoothed; and a figure that is withheld draws nobody.

    Parameters
    ----------
    parents: by level, the larger area that holds each; a level that is not there has one group.
    """
    made = np.full((3, len(observed)), np.nan)
    count, people = counts(observed, indicator)
    smooth = poisson_gamma if indicator.chance is Chance.RATE else martuzzi_elliott
    is_counted = indicator.chance is not Chance.NONE
    group = _groups(observed, parents) if is_counted else np.zeros(0, dtype=np.int64)
    for level, _period, where in _by_period(observed) if is_counted else ():
        if np.isfinite(count[where]).sum() < FEWEST:
            continue
        groups = list(group[where]) if level in parents else None
        found = smooth(count[where], people[where], groups, CONFIDENCE)
        for row, values in enumerate((found.value, found.low, found.high)):
            made[row, where] = indicator.per * values
    value, low, high = made
    return observed.assign(smoothed=value, smoothed_low=low, smoothed_high=high)


def _groups(
    observed: pd.DataFrame, parents: Mapping[str, Mapping[str, str]]
) -> npt.NDArray[np.int64]:
    """A number for the parent of each row; those without one share a group of their own."""
    made = np.full(len(observed), -1, dtype=np.int64)
    for level, of_area in parents.items():
        rows = np.flatnonzero(observed["level"].eq(level))
        codes, places = pd.factorize(pd.Index(observed["area_id"].iloc[rows], dtype=object))
        numbers, _names = pd.factorize(np.array([of_area.get(x, "") for x in places], object))
        made[rows] = numbers[codes] if len(rows) else 0
    return made


def with_standing(
    observed: pd.DataFrame, indicator: Indicator, territory: Territory
) -> pd.DataFrame:
    """Observations with ``standing``: where each lies in the funnel of its level and period.

    The benchmark is the whole: the published value of the territory, and for the level that the
    territory itself is of, that of the country; where there is none, the sum of the areas that
    have a figure. Of :data:`LEAST_SPREAD` areas or more the limits allow for what they differ by
    beyond chance (over-dispersed); of fewer they are those of chance alone.
    """
    made = np.full(len(observed), None, dtype=object)
    if indicator.chance is not Chance.NONE:
        count, people = counts(observed, indicator)
        wholes = _wholes(observed, territory)
        for level, period, where in _by_period(observed):
            is_known = np.isfinite(count[where])
            if level == territory.country.level or is_known.sum() < 2:
                continue
            whole = territory.country if level == territory.area.level else territory.area
            benchmark = wholes.get((whole.level, period))
            funnel = level_funnel(
                count[where],
                people[where],
                indicator.per,
                benchmark,
                is_share=indicator.chance is Chance.PROPORTION,
            )
            if funnel.benchmark > 0:
                made[where] = funnel.standing
    said = [None if word is None else str(word) for word in made]
    return observed.assign(standing=pd.Series(said, observed.index, dtype="object"))


def _wholes(observed: pd.DataFrame, territory: Territory) -> dict[tuple[str, str], float]:
    """The value of the territory and of the country, by level and period, where published."""
    made = {}
    for key in (territory.area, territory.country):
        rows = observed[observed["level"].eq(key.level) & observed["area_id"].eq(key.area_id)]
        for period, value in zip(rows["period"], rows["value"], strict=True):
            if pd.notna(value):
                made[key.level, str(period)] = float(value)
    return made


def _by_period(observed: pd.DataFrame) -> Iterator[tuple[str, str, Positions]]:
    """The positions of the rows of each level and period."""
    groups: dict[tuple[str, str], Positions] = dict(
        observed.groupby(["level", "period"], sort=False).indices  # type: ignore[arg-type]
    )
    for (level, period), where in groups.items():
        yield str(level), str(period), where


def counts(observed: pd.DataFrame, indicator: Indicator) -> tuple[FloatArray, FloatArray]:
    """The numerator and denominator of each value that chance can be told of; NaN elsewhere."""
    above = observed["numerator"].to_numpy(dtype="float64")
    below = observed["denominator"].to_numpy(dtype="float64")
    is_share = indicator.chance is Chance.PROPORTION
    return usable_counts(observed["value"], above, below, is_share=is_share)


def parameters(indicator: Indicator) -> dict[str, object]:
    """What the statistics of an indicator were told beforehand, for its lineage."""
    if _is_drawn(indicator):
        return {"interval": "drawn", "confidence": DRAWN_CONFIDENCE}
    if indicator.chance is Chance.NONE:
        return {}
    is_rate = indicator.chance is Chance.RATE
    chance_only = Convention.POISSON if is_rate else Convention.WILSON
    return {
        "interval": "byar, exact under 10" if is_rate else "wilson",
        "confidence": CONFIDENCE,
        "smoothing": smoothing_name(indicator),
        "smoothing_fewest": FEWEST,
        "funnel": f"{Convention.OVERDISPERSED} from {LEAST_SPREAD} areas, else {chance_only}",
        "funnel_benchmark": "published whole, else sum of published areas",
    }


def smoothing_name(indicator: Indicator) -> str:
    """The method that smooths an indicator."""
    by = poisson_gamma if indicator.chance is Chance.RATE else martuzzi_elliott
    return by.__name__
