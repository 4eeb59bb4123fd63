"""The table of the map: the values of one indicator, an area a row, with what weakens each."""

from __future__ import annotations

from dashboard import data
from dashboard.components.tables import value_rows
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
from dashboard.exports.table import Column, Kind, Table
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator

#: The numbers beside a value, in one decimal more than it.
_BESIDE = ("low", "high", "smoothed", "smoothed_low", "smoothed_high")
NUMBERS = ("value", *_BESIDE, "numerator", "denominator")


def map_table(view: View) -> Table:
    """The rows of the table under the map, in its order, all of them."""
    words, known, chosen = view.words, view.catalogue, view.selection
    indicator = known.indicators[chosen.indicator]
    values = data.area_values(
        view.principal, view.release, chosen.indicator, chosen.level, chosen.period
    )
    rows = value_rows(without_secrets(values, NUMBERS)).reset_index(drop=True)
    rows = rows.assign(
        unit=words.of(indicator.unit),
        to_know=flag_texts(words, rows["flags"]),
        indicator=words.of(indicator.name),
        territory=words.of(known.territory.name),
        level=level_one(view),
        period=chosen.period,
        release=view.release.release_id,
    )
    period = words.period(known.period_kind(indicator), chosen.period)
    title = f"{words.of(indicator.name)} – {words.of(known.territory.name)}"
    return Table(
        name="map",
        columns=_columns(view, indicator),
        frame=rows,
        silences={"value": silent_words(words, rows["status"])},
        context=context(
            view,
            title,
            [indicator],
            facts={"indicator": words.of(indicator.name), "period": period},
            statuses=set(rows["status"]),
            flags=all_flags(rows["flags"].unique()),
        ),
        words=words,
        level=chosen.level,
    )


def _columns(view: View, indicator: Indicator) -> tuple[Column, ...]:
    words, decimals, unit = view.words, indicator.decimals, view.words.of(indicator.unit)

    def title(name: str) -> str:
        return words(f"value_column.{name}")

    def number(name: str, places: int, unit: str = "") -> Column:
        return Column(name, title(name), Kind.NUMBER, unit, places, is_signed=indicator.is_signed)

    beside = {name: number(name, decimals + 1, unit) for name in _BESIDE}
    return (
        Column("rank", title("rank"), Kind.NUMBER),
        Column("name", title("area")),
        Column("area_id", title("area_id")),
        number("value", decimals, unit),
        Column("unit", title("unit")),
        status_column(words, title("status")),
        Column("to_know", title("flags")),
        beside["low"],
        beside["high"],
        interval_column(words, title("interval")),
        beside["smoothed"],
        beside["smoothed_low"],
        beside["smoothed_high"],
        standing_column(words, title("standing")),
        *(Column(name, title(name), Kind.NUMBER, decimals=1) for name in NUMBERS[-2:]),
        *repeated({x: title(x) for x in ("indicator", "territory", "level", "period", "release")}),
    )
