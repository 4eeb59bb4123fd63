"""Several indicators of the areas of a level side by side: a value, its status, what weakens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard import data
from dashboard.exports.columns import (
    flag_texts,
    repeated,
    silent_words,
    status_column,
    without_secrets,
)
from dashboard.exports.context import all_flags, context, level_one
from dashboard.exports.naming import has_level_table
from dashboard.exports.table import Column, Kind, Table
from dashboard.level_values import level_values
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.model import Status


def level_table(view: View) -> Table | None:
    """All indicators that the level has: each at its latest period, the selected one at its own.

    The areas are by code; None where they are too many.
    """
    if not has_level_table(view):
        return None
    level, offered = view.selection.level, view.offer.indicators
    indicators = [x for x in view.catalogue.indicators.values() if level in offered.get(x.id, {})]
    periods = {one.id: offered[one.id][level][-1] for one in indicators}
    chosen = view.selection
    areas = level_values(view).sort_values("area_id", ignore_index=True)
    title = view.words("export.level_title", territory=_place(view))
    return wide_table(
        view,
        "level",
        title,
        areas[["area_id", "name"]],
        indicators,
        periods | {chosen.indicator: chosen.period},
    )


def wide_table(
    view: View,
    name: str,
    title: str,
    areas: pd.DataFrame,
    indicators: Sequence[Indicator],
    periods: Mapping[str, str],
    facts: Mapping[str, str] | None = None,
) -> Table:
    """Some indicators, each at its period, of some areas (area_id, name) in their order."""
    words, level = view.words, view.selection.level
    asked = tuple(periods.items())
    found = data.values_at(view.principal, view.release, asked, (level,))
    found = without_secrets(found, ("value",))
    values = found.pivot(index="area_id", columns="indicator", values="value")
    statuses = found.pivot(index="area_id", columns="indicator", values="status")
    flags = found.pivot(index="area_id", columns="indicator", values="flags")
    made = {"name": areas["name"], "area_id": areas["area_id"]}
    silences = {}
    for one in indicators:
        status = _of(statuses, one.id, areas).fillna(Status.MISSING.value)
        told = flag_texts(words, _of(flags, one.id, areas))
        made |= {
            one.id: _of(values, one.id, areas),
            f"{one.id}_status": status,
            f"{one.id}_to_know": told,
        }
        silences[one.id] = silent_words(words, status)
    frame = pd.DataFrame(made).assign(
        territory=_place(view), level=level_one(view), release=view.release.release_id
    )
    return Table(
        name=name,
        columns=_columns(view, indicators, periods),
        frame=frame,
        silences=silences,
        context=context(
            view,
            title,
            indicators,
            facts=facts or {},
            caveats=[words("export.each_its_period")],
            statuses={Status.MISSING.value, *found["status"].unique()},
            flags=all_flags(found["flags"].unique()),
        ),
        words=words,
        level=level,
    )


def _of(pivoted: pd.DataFrame, indicator: str, areas: pd.DataFrame) -> pd.Series:
    """The column of an indicator, a row each of some areas; empty where it has none at all."""
    column = pivoted[indicator] if indicator in pivoted else pd.Series(dtype="object")
    return column.reindex(areas["area_id"]).set_axis(areas.index)


def _place(view: View) -> str:
    return view.words.of(view.catalogue.territory.name)


def _columns(
    view: View, indicators: Sequence[Indicator], periods: Mapping[str, str]
) -> tuple[Column, ...]:
    words = view.words
    made = [Column("name", words("table.area")), Column("area_id", words("value_column.area_id"))]
    for one in indicators:
        short, unit = words.of(one.short), words.of(one.unit)
        title = f"{short} ({unit}), {periods[one.id]}"
        status = status_column(words, words("export.status_of", name=short))
        made += [
            Column(one.id, title, Kind.NUMBER, unit, one.decimals, one.is_signed),
            Column(f"{one.id}_status", status.title, Kind.CODE, said=status.said),
            Column(f"{one.id}_to_know", words("export.to_know_of", name=short)),
        ]
    told = {name: words(f"export.{name}") for name in ("territory", "level", "release")}
    return (*made, *repeated(told))
