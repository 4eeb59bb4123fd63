"""The table of the compare page: that of the figure that is drawn."""

from __future__ import annotations

import pandas as pd

from dashboard.components.compare_table import compared_rows
from dashboard.components.heat_table import heat_periods, heat_rows
from dashboard.exports.columns import (
    flag_texts,
    interval_column,
    repeated,
    silent_words,
    standing_column,
    status_column,
    without_secrets,
)
from dashboard.exports.context import all_flags, context, level_one
from dashboard.exports.of_map import NUMBERS
from dashboard.exports.table import Column, Kind, Table
from dashboard.exports.wide import wide_table
from dashboard.level_values import (
    beside_of,
    funnel_of,
    heat_indicators,
    indicator_of,
    level_values,
    period_near,
)
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.model import Status

_REPEATED = ("territory", "level", "release")


def compare_table(view: View) -> Table:
    """The rows behind the figure, in the order of the table below it."""
    form = view.selection.form
    if form == "heat":
        return _heat(view)
    other = beside_of(view) if form == "scatter" else None
    return _values(view, other)


def _heat(view: View) -> Table:
    words, chosen, indicators = view.words, indicator_of(view), heat_indicators(view)
    theme = words.of(view.catalogue.themes[chosen.theme].name)
    title = f"{theme} – {words.of(view.catalogue.territory.name)}"
    areas = heat_rows(level_values(view), chosen)[["area_id", "name"]]
    facts = {"order": words("compare.heat_sorted", name=words.of(chosen.short))}
    periods = heat_periods(view, indicators)
    return wide_table(view, "compare", title, areas, indicators, periods, facts)


def _values(view: View, other: Indicator | None) -> Table:
    words, known, indicator = view.words, view.catalogue, indicator_of(view)
    indicators = [indicator, *([other] if other else [])]
    frame = compared_rows(without_secrets(level_values(view), NUMBERS)).reset_index(drop=True)
    has_standing = view.selection.form == "funnel" and funnel_of(view) is not None
    made = {"name": frame["name"], "area_id": frame["area_id"], **_part("", frame)}
    silences = {"value": silent_words(words, frame["status"])}
    columns = _columns(view, "", indicator, view.selection.period)
    statuses, flags = set(frame["status"]), frame["flags"]
    if other is not None:
        period = period_near(view, other.id)
        second = without_secrets(level_values(view, other.id, period), NUMBERS)
        second = second.set_index("area_id").reindex(frame["area_id"]).reset_index(drop=True)
        second = second.assign(status=second["status"].fillna(Status.MISSING.value))
        made |= _part("beside_", second)
        silences["beside_value"] = silent_words(words, second["status"])
        columns += _columns(view, "beside_", other, period)
        statuses, flags = {*statuses, *second["status"]}, pd.concat([flags, second["flags"]])
    if has_standing:
        made["standing"] = frame["standing"]
        columns.append(standing_column(words, words("compare.standing")))
    made["to_know"] = flag_texts(words, frame["flags"])
    told = pd.DataFrame(made).assign(
        territory=words.of(known.territory.name),
        level=level_one(view),
        release=view.release.release_id,
    )
    title = " / ".join(words.of(one.name) for one in indicators)
    return Table(
        name="compare",
        columns=(
            Column("name", words("table.area")),
            Column("area_id", words("value_column.area_id")),
            *columns,
            Column("to_know", words("value_column.flags")),
            *repeated({name: words(f"export.{name}") for name in _REPEATED}),
        ),
        frame=told,
        silences=silences,
        context=context(
            view,
            f"{title} – {words.of(known.territory.name)}",
            indicators,
            facts={
                "indicator": words.of(indicator.name),
                "beside": words.of(other.name) if other else "",
            },
            caveats=[words("compare.areas_not_people")] if other else (),
            statuses=statuses,
            flags=all_flags(flags.dropna().unique()),
        ),
        words=words,
        level=view.selection.level,
    )


def _part(prefix: str, frame: pd.DataFrame) -> dict[str, pd.Series]:
    names = ("value", "low", "high", "interval", "status")
    return {f"{prefix}{name}": frame[name] for name in names}


def _columns(view: View, prefix: str, indicator: Indicator, period: str) -> list[Column]:
    """The value of an indicator with its interval and status, named by the figure's axis."""
    words, unit = view.words, view.words.of(indicator.unit)
    short = words.of(indicator.short)
    axis = f"{short} ({unit}), {period}"
    ends = {
        name: words("format.labelled", label=short, value=words(f"export.{name}"))
        for name in ("low", "high", "interval")
    }
    interval = interval_column(words, ends["interval"])
    status = status_column(words, words("export.status_of", name=short))
    numbers = {"value": axis, "low": ends["low"], "high": ends["high"]}
    return [
        *(
            Column(
                f"{prefix}{name}",
                title,
                Kind.NUMBER,
                unit,
                indicator.decimals,
                is_signed=indicator.is_signed,
            )
            for name, title in numbers.items()
        ),
        Column(f"{prefix}interval", interval.title, Kind.CODE, said=interval.said),
        Column(f"{prefix}status", status.title, Kind.CODE, said=status.said),
    ]
