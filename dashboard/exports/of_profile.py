"""The table of a profile: every indicator of one area, beside the whole and the country."""

from __future__ import annotations

import pandas as pd

from dashboard import data
from dashboard.exports.columns import (
    flag_texts,
    interval_column,
    repeated,
    silent_words,
    status_column,
    without_secrets,
)
from dashboard.exports.context import all_flags, context
from dashboard.exports.table import ROW_DECIMALS, Column, Kind, Table
from dashboard.pages import View
from dashboard.profile import Line, lines
from geodata.model import AreaKey

_ENDS = ("lowest", "highest")
_TEXTS = ("theme", "indicator", "unit", "period", "status", "flags", "interval")
_NUMBERS = ("value", "low", "high", "whole", "country", *_ENDS)
_REPEATED = ("area", "area_id", "level", "territory", "release")


def profile_table(view: View) -> Table:
    """The figures of the selected area, theme by theme as on its page."""
    words, known = view.words, view.catalogue
    key = view.selection.area or known.territory.area
    told = lines(view, key)
    ordered = [line for theme in known.themes for line in told if line.indicator.theme == theme]
    name = _area_name(view, key)
    frame = pd.DataFrame(
        [_row(view, line) for line in ordered],
        columns=[*_TEXTS, *_NUMBERS, ROW_DECIMALS],
    )
    # What the whole and the level have is theirs: only the area's own figures may be withheld.
    frame = without_secrets(frame, ("value", "low", "high"))
    frame = frame.assign(
        to_know=flag_texts(words, frame["flags"]),
        area=name,
        area_id=key.area_id,
        level=words.of(known.territory.level(key.level).one),
        territory=words.of(known.territory.name),
        release=view.release.release_id,
    )
    return Table(
        name="profile",
        columns=_columns(view),
        frame=frame,
        silences={"value": silent_words(words, frame["status"])},
        context=context(
            view,
            words("profile.title", name=name),
            [line.indicator for line in ordered],
            facts={
                "level": words.of(known.territory.level(key.level).name),
                "area": f"{name} ({key.area_id})",
            },
            caveats=[words("export.each_its_period")],
            statuses=set(frame["status"]),
            flags=all_flags(frame["flags"].unique()),
        ),
        words=words,
    )


def _area_name(view: View, key: AreaKey) -> str:
    areas = data.areas(view.principal, view.release, key.level).set_index("area_id")["name"]
    return str(areas.get(key.area_id, key.area_id))


def _row(view: View, line: Line) -> tuple[object, ...]:
    words, one = view.words, line.indicator
    lowest, highest = line.spread[0], line.spread[-1]
    return (
        words.of(view.catalogue.themes[one.theme].name),
        words.of(one.name),
        words.of(one.unit),
        line.period,
        line.status,
        line.flags,
        line.interval,
        *(line.value, line.low, line.high, line.whole, line.country, lowest, highest),
        one.decimals,
    )


def _columns(view: View) -> tuple[Column, ...]:
    words, territory = view.words, view.catalogue.territory
    beside = {
        "whole": words.of(territory.name),
        "country": words.of(territory.country_name),
        **{name: words(f"export.{name}") for name in _ENDS},
    }
    titles = {name: words(f"export.{name}") for name in _REPEATED}

    def number(name: str, title: str) -> Column:
        return Column(name, title, Kind.NUMBER, decimals=None)

    return (
        Column("theme", words("export.theme")),
        Column("indicator", words("profile.indicator")),
        number("value", words("profile.value")),
        Column("unit", words("value_column.unit")),
        Column("period", words("value_column.period")),
        status_column(words, words("value_column.status")),
        Column("to_know", words("value_column.flags")),
        number("low", words("value_column.low")),
        number("high", words("value_column.high")),
        interval_column(words, words("value_column.interval")),
        *(number(name, title) for name, title in beside.items()),
        *repeated(titles),
    )
