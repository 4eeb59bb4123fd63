"""Level values: an indicator over all areas of a level, as the figures that compare take it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.offer import TARGET
from dashboard.pages import View
from dashboard.worth import interval_words
from geodata.catalogue.nouns import Indicator
from geodata.methods.funnel import Funnel
from geodata.methods.level_funnel import level_funnel, usable_counts
from geodata.model import AreaKey, Chance

#: How many neighbours or outlying areas are named before the rest is counted.
NAMED = 10


def indicator_of(view: View) -> Indicator:
    """The indicator that the address selects."""
    return view.catalogue.indicators[view.selection.indicator]


def level_values(view: View, indicator: str = "", period: str = "") -> pd.DataFrame:
    """The areas of the selected level but the edges: columns of `data.area_values`, is_selected.

    Of the selected indicator and period, unless told otherwise.
    """
    chosen = view.selection
    frame = data.area_values(
        view.principal,
        view.release,
        indicator or chosen.indicator,
        chosen.level,
        period or chosen.period,
    )
    shown = frame[frame["role"] != "edge"].reset_index(drop=True)
    area_id = chosen.area.area_id if chosen.area else None
    return shown.assign(is_selected=shown["area_id"] == area_id)


def pointer_text(view: View, indicator: Indicator, row: Mapping[Hashable, Any]) -> str:
    """What the pointer reads of an area: its name, its value with its unit, its interval."""
    words = view.words
    value = words.amount(float(row["value"]), indicator.decimals, words.of(indicator.unit))
    said = words("format.labelled", label=row["name"], value=value)
    interval = interval_words(words, row, indicator.decimals)
    return f"{said}<br>{interval}" if interval else said


def silences(view: View, frame: pd.DataFrame) -> str:
    """How many areas have no value and why: they are on no figure. Empty where all have one."""
    words = view.words
    lacking = Counter(frame.loc[frame["value"].isna(), "status"])
    if not lacking:
        return ""
    named = [
        words("compare.silent_status", status=words.status(status).lower(), count=words.number(n))
        for status, n in lacking.most_common()
    ]
    total = words.number(lacking.total())
    return words("compare.silent", count=total, why=words("compare.list").join(named))


def whole_of(view: View) -> tuple[AreaKey, str]:
    """The larger area that a level is held against, and its name."""
    territory = view.catalogue.territory
    if view.selection.level == territory.area.level:
        return territory.country, view.words.of(territory.country_name)
    return territory.area, view.words.of(territory.name)


def value_of(view: View, key: AreaKey) -> float:
    """The selected figure of one area; NaN where there is none."""
    chosen = view.selection
    found = data.area_series(view.principal, view.release, chosen.indicator, (key,))
    values = found.loc[found["period"] == chosen.period, "value"]
    return float(values.iloc[0]) if len(values) else math.nan


@dataclass(frozen=True, eq=False)
class LevelFunnel:
    """The funnel of a level, as the release tests its areas with."""

    funnel: Funnel
    is_share: bool


def funnel_of(view: View) -> LevelFunnel | None:
    """The funnel of the selected figure; None where it has no counts, or too few areas have one.

    It is made from every area that has a figure, those drawn for orientation too, as the release
    made its standings.
    """
    indicator, chosen = indicator_of(view), view.selection
    if indicator.chance is Chance.NONE:
        return None
    frame = data.area_values(
        view.principal, view.release, chosen.indicator, chosen.level, chosen.period
    )
    is_share = indicator.chance is Chance.PROPORTION
    count, people = usable_counts(
        frame["value"], frame["numerator"], frame["denominator"], is_share=is_share
    )
    whole = value_of(view, whole_of(view)[0])
    if pd.Series(count).notna().sum() < 2:
        return None
    made = level_funnel(
        count, people, indicator.per, None if math.isnan(whole) else whole, is_share=is_share
    )
    return LevelFunnel(made, is_share) if made.benchmark > 0 else None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the values are held against: a value and its name."""

    value: float
    name: str


def mark_of(view: View) -> Mark | None:
    """The benchmark of the address: a target, a larger area of the selected one, else the whole."""
    words, chosen = view.words, view.selection
    if chosen.against == TARGET and chosen.target is not None:
        return Mark(chosen.target, words("against.row_target"))
    key, name = whole_of(view)
    territory = view.catalogue.territory
    if chosen.against == territory.country.level:
        key, name = territory.country, words.of(territory.country_name)
    elif chosen.area is not None:
        parents = data.parents(view.principal, view.release, chosen.area)
        found = parents[parents["parent_level"] == chosen.against]
        if len(found):
            row = found.iloc[0]
            key, name = AreaKey(chosen.against, str(row["parent_id"])), str(row["name"])
    value = value_of(view, key)
    return None if math.isnan(value) else Mark(value, name)


def alike_of(view: View) -> tuple[str, ...]:
    """The ids of the statistical neighbours of the selected area, the nearest first."""
    area, known = view.selection.area, view.catalogue.neighbours
    if area is None:
        return ()
    asked = view.selection.against
    sets = [asked] if asked in known else [name for name in known if _describes(view, name)]
    for name in sets[:1]:
        found = data.statistical_neighbours(view.principal, view.release, name, area)
        return tuple(near.area_id for near in found.nearest) if found else ()
    return ()


def _describes(view: View, neighbours: str) -> bool:
    return neighbours in view.offer.benchmarks.get(view.selection.level, ())


def period_near(view: View, indicator: str) -> str:
    """The period of another indicator that stands beside the selected one: the latest before it."""
    periods = view.offer.indicators[indicator][view.selection.level]
    before = [period for period in periods if period <= view.selection.period]
    return before[-1] if before else periods[-1]


def besides(view: View) -> list[Indicator]:
    """The indicators that may stand beside the selected one: of its level, its theme first."""
    own = indicator_of(view)
    found = [
        indicator
        for indicator in view.catalogue.indicators.values()
        if indicator.id != own.id
        and view.selection.level in view.offer.indicators.get(indicator.id, {})
    ]
    return sorted(found, key=lambda indicator: indicator.theme != own.theme)


def heat_indicators(view: View) -> list[Indicator]:
    """Those of the theme of the selected one that the level has, the selected one first."""
    chosen = indicator_of(view)
    return [chosen] + [
        one
        for one in view.catalogue.indicators.values()
        if one.theme == chosen.theme
        and one.id != chosen.id
        and view.selection.level in view.offer.indicators.get(one.id, {})
    ]


def beside_of(view: View) -> Indicator | None:
    """The second indicator: that of the address where its level has it, else the first."""
    found = besides(view)
    asked = [indicator for indicator in found if indicator.id == view.selection.beside]
    return next(iter([*asked, *found]), None)
