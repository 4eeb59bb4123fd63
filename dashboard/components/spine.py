"""The spine: every indicator of an area on its level's scale, beside the whole and the country."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.invented import invented_mark
from dashboard.components.record_table import Head, record_table
from dashboard.flags import flag_words
from dashboard.pages import View
from dashboard.profile import Line
from dashboard.selection import moved
from dashboard.worth import interval_words
from geodata.model import Direction


def spine(view: View, known: Sequence[Line]) -> list[Component]:
    """A table a theme: value with its interval, the whole, the country, and where it all lies.

    The scale goes from the lowest to the highest value of the level; it is turned round where a
    high value is favourable, so that the unfavourable end is always on the left.
    """
    words, made = view.words, list[Component]()
    for theme in view.catalogue.themes.values():
        ours = [line for line in known if line.indicator.theme == theme.id]
        if ours:
            made += [html.H3(words.of(theme.name)), _table(view, words.of(theme.name), ours)]
    return made


def _table(view: View, name: str, known: Sequence[Line]) -> Component:
    words, territory = view.words, view.catalogue.territory
    heads = [
        Head(words("profile.indicator")),
        Head(words("profile.value"), is_number=True),
        Head(words.of(territory.name), is_number=True),
        Head(words.of(territory.country_name), is_number=True),
        Head(words("profile.ends")),
    ]
    caption = words("profile.spine_caption", theme=name)
    return record_table(caption, heads, [_cells(view, line) for line in known], "spine")


def _cells(view: View, line: Line) -> list[Any]:
    words, decimals = view.words, line.indicator.decimals
    row = {"low": line.low, "high": line.high, "interval": line.interval}
    told = [interval_words(words, row, decimals), flag_words(words, line.flags)]
    return [
        _name(view, line),
        [
            words.value(line.value, line.status, decimals),
            *(html.Span(one, className="unit") for one in told if one),
        ],
        _other(view, line, line.whole),
        _other(view, line, line.country),
        _scale(view, line),
    ]


def _name(view: View, line: Line) -> list[Component]:
    """The name, that leads to the map where the level is mapped; its unit and period."""
    words, indicator = view.words, line.indicator
    name = words.of(indicator.name)
    unit = html.Span(f"{words.of(indicator.unit)}, {line.period}", className="unit")
    mark = invented_mark(view, indicator.id)
    if view.selection.level not in view.offer.indicators.get(indicator.id, {}):
        return [html.Span(name), unit, *mark]
    chosen = view.selection.changed(indicator=indicator.id, period=line.period)
    href = moved(chosen, view.offer, page="map").url()
    return [html.A(name, href=href, className="area-link"), unit, *mark]


def _other(view: View, line: Line, value: float) -> str:
    if math.isnan(value):
        return view.words("profile.none")
    return view.words.number(value, line.indicator.decimals)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an area is on its level's scale, in per cent from the unfavourable end.

    ``half`` are the ends of the level's middle half, ``whole`` that of the whole (NaN: not known);
    ``tone`` is worse, better or within; ``said`` tells it in words.
    """

    half: tuple[float, float]
    whole: float
    here: float
    tone: str
    said: str


def scale_of(view: View, line: Line) -> Scale | None:
    """The scale of a line, or None where there is none: no value, or one for all areas."""
    words, (lowest, q1, _median, q3, highest) = view.words, line.spread
    if math.isnan(line.value) or math.isnan(lowest) or highest <= lowest:
        return None
    is_turned = line.indicator.direction != Direction.BETTER

    def place(value: float) -> float:
        share = 100 * (min(max(value, lowest), highest) - lowest) / (highest - lowest)
        return 100 - share if is_turned else share

    first, last = sorted((place(q1), place(q3)))
    tone = "within"
    if line.concern:
        tone = "worse" if line.concern > 0 else "better"
    decimals = line.indicator.decimals
    said = words(
        "profile.scale",
        low=words.number(lowest, decimals),
        high=words.number(highest, decimals),
        tone=words(f"profile.tone_{tone}"),
    )
    whole = math.nan if math.isnan(line.whole) else place(line.whole)
    return Scale((first, last), whole, place(line.value), tone, said)


def _scale(view: View, line: Line) -> Component:
    """The level from end to end: its middle half, the whole, and the area; told in words too."""
    made = scale_of(view, line)
    if made is None:
        return html.Span(view.words("profile.no_scale"), className="quiet")
    left = f"{made.half[0]:.1f}%"
    parts = [html.Span(className="spine-half", style={"left": left, "width": _width(*made.half)})]
    if not math.isnan(made.whole):
        parts.append(html.Span(className="spine-whole", style={"left": f"{made.whole:.1f}%"}))
    here = {"left": f"{made.here:.1f}%"}
    parts.append(html.Span(className=f"spine-dot {made.tone}", style=here))
    return html.Div(parts, className="spine-scale", role="img", **{"aria-label": made.said})


def _width(left: float, right: float) -> str:
    return f"{max(right - left, 0.5):.1f}%"
