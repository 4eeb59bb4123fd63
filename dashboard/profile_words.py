"""What a profile says in words of an area, for the page and for paper: tiles, sure trends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import data
from dashboard.pages import View
from dashboard.profile import Line
from dashboard.worth import interval_words, trend_sentences
from geodata.model import AreaKey


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on a card: its name, its number, its unit and date, and what else is said."""

    indicator: str
    label: str
    value: str
    where: str
    said: tuple[str, ...]


def tiles(view: View, known: Sequence[Line]) -> list[Tile]:
    """The figures that the orders of priority are made of, each with its interval."""
    wanted = {
        component.id
        for priority in view.catalogue.priorities.values()
        for component in priority.recipe.components
    }
    return [
        _tile(view, line)
        for line in known
        if line.indicator.id in wanted and not math.isnan(line.value)
    ]


def _tile(view: View, line: Line) -> Tile:
    words, decimals = view.words, line.indicator.decimals
    row = {"low": line.low, "high": line.high, "interval": line.interval}
    said = [interval_words(words, row, decimals)]
    if not math.isnan(line.whole):
        where = words.of(view.catalogue.territory.name)
        said.append(words("profile.beside", where=where, value=words.number(line.whole, decimals)))
    return Tile(
        indicator=line.indicator.id,
        label=words.of(line.indicator.short),
        value=words.number(line.value, decimals),
        where=f"{words.of(line.indicator.unit)}, {line.period}",
        said=tuple(one for one in said if one),
    )


def sure_trends(view: View, key: AreaKey) -> tuple[list[tuple[str, str]], int]:
    """The series that surely move, each by name with a sentence; and how many others there are."""
    words = view.words
    frame = data.area_trends(view.principal, view.release, key)
    sure = []
    for name, segments in frame.groupby("indicator", sort=False):
        indicator = view.catalogue.indicators.get(str(name))
        last = segments.tail(1)
        if indicator is None or str(last["verdict"].iloc[0]) == "unclear":
            continue
        sure.append((words.of(indicator.short), trend_sentences(words, last)[0]))
    return sure, int(frame["indicator"].nunique()) - len(sure)
