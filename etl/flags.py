"""What weakens each observation, as flags that travel with it to the map, the panel, the files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.codes import among
from geodata.catalogue.nouns import Catalogue, Indicator
from geodata.due import schedule
from geodata.model import FRAGILE_UNDER, Additivity, Flag, Status

#: How many years before the latest period of the release the latest period of an indicator may
#: lie, by how often its source is published. A source that says nothing is taken as yearly.
FRESH_YEARS = {"daily": 1, "weekly": 1, "monthly": 1, "quarterly": 1, "yearly": 3}
#: Events after which an area has its ground as before: it changed its name or its code.
_SAME_GROUND = ("rename", "recode")
_OF_STATUS = {Status.ESTIMATED: Flag.ESTIMATED, Status.IMPUTED: Flag.IMPUTED}

#: Years that stand for none: of a period, and of an area whose ground never changed.
_NO_YEAR, _BEFORE_ALL = 9999, 0

Flags = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is known of areas and of time, for the flags of every indicator.

    Attributes:
        fragile: by level, the codes of areas with fewer people than
            :data:`geodata.model.FRAGILE_UNDER`.
        changed: by level, the day on which the ground of each area last changed (ISO).
        latest_year: the latest year that any figure of the release tells of; None where none does.
    """

    fragile: Mapping[str, frozenset[str]] = field(default_factory=dict)
    changed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    latest_year: int | None = None


def facts(areas: pd.DataFrame, events: pd.DataFrame | None, latest: Iterable[str]) -> Facts:
    """The facts of a release: all come from its inputs, so that equal inputs give equal flags.

    Parameters
    ----------
    areas: level, area_id, legal_population. events: the table ``area_event``; None without one.
    latest: the latest period of each variable.
    """
    residents = areas.get("legal_population", pd.Series(np.nan, index=areas.index))
    few = areas[residents.astype("Float64").lt(FRAGILE_UNDER).fillna(False)]
    changed = {}
    if events is not None:
        for level, rows in events.groupby("level"):
            changed[str(level)] = ground_changes(rows)
    years = [year for period in latest if (year := year_of(period)) is not None]
    return Facts(
        {str(level): frozenset(ids) for level, ids in few.groupby("level")["area_id"]},
        changed,
        max(years, default=None),
    )


def year_of(period: str) -> int | None:
    """The year that a period begins with; None when it begins with none."""
    return int(period[:4]) if period[:4].isdigit() else None


def ground_changes(events: pd.DataFrame) -> dict[str, str]:
    """The day on which the ground of each area last changed: it merged, was divided, was made.

    Parameters
    ----------
    events: on, step, before_id, after_id, kind of one level. An area that was renamed or given
        another code keeps its day.
    """
    told = events.assign(step=events["step"].fillna(0) if "step" in events else 0)
    told = told.fillna({"before_id": "", "after_id": ""}).sort_values(["on", "step"])
    is_other = told["before_id"].ne(told["after_id"]) | told["kind"].isin(["merge", "split"])
    days: dict[str, str] = {}
    for (on, _step), rows in told.assign(is_other=is_other).groupby(["on", "step"]):
        same = rows[rows["kind"].isin(_SAME_GROUND)]
        carried = {
            after: days[before]
            for before, after in zip(same["before_id"], same["after_id"], strict=True)
            if before in days
        }
        for gone in same["before_id"]:
            days.pop(gone, None)
        days |= carried
        other = rows[rows["is_other"] & ~rows["kind"].isin(_SAME_GROUND)]
        days |= dict.fromkeys((code for code in other["after_id"] if code), str(on))
    return days


def flags(
    observed: pd.DataFrame,
    indicator: Indicator,
    known: Facts,
    catalogue: Catalogue,
    present: Collection[str],
) -> Flags:
    """The flags of each observation of an indicator (sums of :class:`geodata.model.Flag`).

    0 where there is no value: a silence says itself why. ``present``: the sources of the release.

    STALE is said of the latest period of a level only, and means that it lies more than
    :data:`FRESH_YEARS` before the latest year that any figure of the release tells of.
    """
    made = np.zeros(len(observed), dtype=np.int64)
    if observed.empty:
        return made
    for status, flag in _OF_STATUS.items():
        made |= np.where(observed["status"].eq(status.value), int(flag), 0)
    if _is_rounded(indicator, catalogue):
        made |= int(Flag.ROUNDED)
    limit = _stale_before(indicator, known, catalogue, present)
    has_value = observed["value"].notna()
    for level, places in observed.groupby("level").indices.items():
        where = np.asarray(places)
        rows = observed.iloc[where]
        number, texts = pd.factorize(rows["period"].to_numpy(dtype=object))
        years = np.array([year_of(str(text)) or _NO_YEAR for text in texts], dtype=np.int64)
        period = pd.Series(texts[number], index=rows.index, dtype="object")
        few = known.fragile.get(str(level))
        if few:
            made[where] |= np.where(among(rows["area_id"], few), int(Flag.FRAGILE), 0)
        changed = known.changed.get(str(level))
        if changed:
            is_before = years[number] < _years_of(rows["area_id"], changed)
            made[where] |= np.where(is_before, int(Flag.BOUNDARY_BREAK), 0)
        told = sorted(texts[np.unique(number[has_value.to_numpy()[where]])])
        if told and limit is not None and (year_of(told[-1]) or limit) < limit:
            made[where] |= np.where(period.eq(told[-1]), int(Flag.STALE), 0)
        breaks = [item.period for item in indicator.breaks_at(str(level))]
        first = {next((one for one in told if one >= after), "") for after in breaks}
        after = period.isin(first - set(told[:1]) - {""})
        made[where] |= np.where(after, int(Flag.SERIES_BREAK), 0)
    return np.where(has_value, made, 0)


def _years_of(codes: pd.Series, days: Mapping[str, str]) -> npt.NDArray[np.int64]:
    """The year of the day of each code; one before all others where it has none."""
    known = pd.Index(list(days), dtype=object)
    place = known.get_indexer(pd.Index(codes, dtype=object))
    years = [year_of(day) or _BEFORE_ALL for day in days.values()]
    return np.array([*years, _BEFORE_ALL], dtype=np.int64)[place]


def _is_rounded(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether a variable it is made of was rounded by its producer."""
    variables = catalogue.variables
    return any(
        variables[variables[name].window_of or name].additivity is Additivity.ROUNDED
        for name in variables_of(indicator, catalogue)
    )


def variables_of(indicator: Indicator, catalogue: Catalogue) -> list[str]:
    """The variables an indicator is made of."""
    named = [*indicator.numerator, *indicator.denominator]
    if indicator.variable is not None:
        named.append(indicator.variable)
    if indicator.coverage is not None:
        named += catalogue.services[indicator.coverage.service].variables
    return named


def _stale_before(
    indicator: Indicator, known: Facts, catalogue: Catalogue, present: Collection[str]
) -> int | None:
    """The year before which its latest period is stale; None when nothing tells."""
    sources = [name for name in catalogue.sources_of(indicator) if name in present]
    if known.latest_year is None or not sources:
        return None
    often = [schedule(catalogue.sources[name].schedule or "yearly").every for name in sources]
    return known.latest_year - max(FRESH_YEARS[every] for every in often)
