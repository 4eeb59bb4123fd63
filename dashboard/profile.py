"""All that a release knows of one area at once: each answer is one statement, remembered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey, Direction, Standing
from geodata.release import is_readable, kept_releases

#: How far from the whole each standing is, downwards or upwards.
STEPS = {
    Standing.MUCH_LOWER: -2,
    Standing.LOWER: -1,
    Standing.WITHIN: 0,
    Standing.HIGHER: 1,
    Standing.MUCH_HIGHER: 2,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of an area: its value, those of the whole and the country, and its level's.

    ``spread`` are the lowest, first quarter, median, third quarter and highest of the level.
    """

    indicator: Indicator
    period: str
    value: float
    status: str
    low: float
    high: float
    interval: str | None
    standing: str | None
    flags: int
    whole: float
    country: float
    spread: tuple[float, ...]
    areas: int

    @property
    def concern(self) -> int:
        """How much it calls for attention: above 0 unfavourable, below 0 favourable."""
        if self.standing is None or self.indicator.direction == Direction.NEUTRAL:
            return 0
        step = STEPS[Standing(self.standing)]
        return step if self.indicator.direction == Direction.WORSE else -step


def latest_periods(view: View, level: str) -> dict[str, str]:
    """The latest period at which each indicator is known at a level."""
    found = {}
    for name, levels in view.offer.indicators.items():
        if levels.get(level):
            found[name] = levels[level][-1]
    return found


def lines(view: View, key: AreaKey) -> list[Line]:
    """Every indicator that has a row for the area, in the order of the catalogue.

    The whole territory is of a level with few areas, or one: it has the latest period it knows.
    """
    territory, asked = view.catalogue.territory, _periods(view, key.level)
    if not asked:
        return []
    periods = tuple(asked.items())
    here = _by_indicator(data.area_observations(view.principal, view.release, periods, key))
    whole, country = (
        _by_indicator(data.area_observations(view.principal, view.release, periods, other))
        for other in (territory.area, territory.country)
    )
    spread = _by_indicator(data.spreads(view.principal, view.release, periods, key.level))
    return [
        _line(indicator, asked[indicator.id], here[indicator.id], whole, country, spread)
        for indicator in view.catalogue.indicators.values()
        if indicator.id in here
    ]


def _periods(view: View, level: str) -> dict[str, str]:
    """The latest periods of a level; for a level that is not mapped, those of the others."""
    asked = latest_periods(view, level)
    for name, levels in view.offer.indicators.items():
        if name not in asked and level in view.catalogue.indicators[name].levels:
            asked[name] = max(periods[-1] for periods in levels.values())
    return asked


def _by_indicator(frame: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    return {str(row["indicator"]): row for row in frame.to_dict("records")}


def _line(
    indicator: Indicator,
    period: str,
    row: dict[Any, Any],
    whole: dict[str, dict[Any, Any]],
    country: dict[str, dict[Any, Any]],
    spread: dict[str, dict[Any, Any]],
) -> Line:
    around = spread.get(indicator.id, {})
    names = ("lowest", "q1", "median", "q3", "highest")
    return Line(
        indicator=indicator,
        period=period,
        value=_number(row["value"]),
        status=str(row["status"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        interval=row["interval"] if isinstance(row["interval"], str) else None,
        standing=row["standing"] if isinstance(row["standing"], str) else None,
        flags=0 if pd.isna(row["flags"]) else int(row["flags"]),
        whole=_number(whole.get(indicator.id, {}).get("value")),
        country=_number(country.get(indicator.id, {}).get("value")),
        spread=tuple(_number(around.get(name)) for name in names),
        areas=int(around.get("areas", 0)),
    )


def _number(value: Any) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)


@dataclass(frozen=True, slots=True)
class Move:
    """A figure that the release before told otherwise, as both are written."""

    indicator: Indicator
    period: str
    before: str
    after: str


def moves(view: View, key: AreaKey, known: list[Line]) -> list[Move] | None:
    """What changed of an area's figures since the release before; None where it cannot be read."""
    kept = {release.release_id: release for release in kept_releases(view.settings.data)}
    before = kept.get(view.release.base_id or "")
    if before is None or not is_readable(before):
        return None
    words = view.words
    periods = tuple((line.indicator.id, line.period) for line in known)
    old = _by_indicator(data.area_observations(view.principal, before, periods, key))
    made = []
    for line in known:
        row = old.get(line.indicator.id)
        decimals = line.indicator.decimals
        was = words("profile.none")
        if row is not None:
            was = words.value(_number(row["value"]), str(row["status"]), decimals)
        now = words.value(line.value, line.status, decimals)
        if was != now:
            made.append(Move(line.indicator, line.period, was, now))
    return made
