"""One area beside a benchmark of the reader's choice: which, the verdict in words, the values."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.benchmark import Benchmark, benchmark, larger_areas, verdict_on
from dashboard.components.chosen_areas import chosen_areas
from dashboard.components.native_input import NativeInput
from dashboard.components.native_select import NativeSelect
from dashboard.components.neighbours import why_neighbours
from dashboard.components.reading import Reading, chosen_indicator
from dashboard.offer import AREAS, TARGET
from dashboard.pages import View, choice_id
from dashboard.worth import interval_words
from geodata.model import AreaKey

#: Where the reader chooses what to compare with, and writes a target.
AGAINST_ID, TARGET_ID = choice_id("map", "against"), "map-target"


@dataclass(frozen=True)
class _Line:
    """A line of the table: a name, a value with its interval, and what is said under the name."""

    name: str
    value: float
    text: str
    low: float = nan
    high: float = nan
    note: str = ""
    mark: str | None = None


def comparison(
    view: View, here: Reading, beside: list[Reading], readings: Mapping[AreaKey, Reading]
) -> list[Component]:
    """The area beside what it is compared with.

    ``beside`` are the areas that always stand there: the area, the whole, the country and those
    that touch it; ``readings`` also those of the larger areas it lies in.
    """
    words = view.words
    chosen = benchmark(view, here, readings)
    lines = _lines(view, here, chosen, beside, readings)
    unit = words.of(chosen_indicator(view).unit)
    return [
        html.H3(words("panel.comparison")),
        html.Div(_controls(view, here, chosen, readings), id="map-against", className="against"),
        *_verdict(view, here, chosen, readings),
        html.P(unit, className="quiet"),
        _table(view, lines),
        *_whole_lines(view, chosen),
        *(_silences(view, beside) if chosen.key is not None else []),
        *why_neighbours(view, here, chosen),
    ]


def _controls(
    view: View, here: Reading, chosen: Benchmark, readings: Mapping[AreaKey, Reading]
) -> list[Component]:
    words, selection = view.words, view.selection
    options = [
        {"value": key.level, "label": readings[key].name}
        for key in larger_areas(view, here, readings)
    ]
    names = {
        AREAS: words("against.areas"),
        TARGET: words("against.target"),
        **{one.id: words.of(one.name) for one in view.catalogue.neighbours.values()},
    }
    offered = view.offer.benchmarks.get(here.key.level, ())
    options += [{"value": kind, "label": names[kind]} for kind in offered if kind in names]
    made: list[Component] = [
        NativeSelect(
            AGAINST_ID,
            label=words("against.label"),
            options=options,
            value=chosen.kind,
            part="against",
        )
    ]
    if chosen.kind == TARGET:
        unit = words.of(chosen_indicator(view).unit)
        target = "" if selection.target is None else _written(view, selection.target)
        made += [
            NativeInput(
                TARGET_ID,
                label=words("against.target_label", unit=unit),
                value=target,
                settles=True,
                part="target",
                inputMode="decimal",
                autoComplete="off",
                maxLength=24,
                describedBy="map-target-note",
            ),
            html.P(
                words("against.target_note"), id="map-target-note", className="quiet screen-only"
            ),
        ]
    if chosen.kind == AREAS:
        made += chosen_areas(view, here.key.level, chosen.members)
    return made


def _written(view: View, target: float) -> str:
    """A target as the reader may write it: no thousands apart, and the mark of the language."""
    return f"{target:.12g}".replace(".", view.words("format.separators")[0])


def _verdict(
    view: View, here: Reading, chosen: Benchmark, readings: Mapping[AreaKey, Reading]
) -> list[Component]:
    """How the value stands to the benchmark, and by what that is told."""
    words, indicator = view.words, chosen_indicator(view)
    unit = words.of(indicator.unit)
    if isnan(here.value):
        return [html.P(words("against.silent_here"))]
    if isnan(chosen.value):
        return _no_benchmark(view, chosen, readings)
    found = verdict_on(here, chosen)
    said = words(
        f"against.{found}",
        name=_name(view, chosen, readings),
        here=words.number(here.value, indicator.decimals),
        there=words.amount(chosen.value, _decimals(view, chosen), unit),
    )
    row: dict[Hashable, Any] = {"low": here.low, "high": here.high, "interval": here.interval}
    why = words(f"against.{found}_why", interval=interval_words(words, row, indicator.decimals))
    return [html.P(html.Strong(said)), html.P(why, className="quiet")]


def _no_benchmark(
    view: View, chosen: Benchmark, readings: Mapping[AreaKey, Reading]
) -> list[Component]:
    """Why there is nothing to compare with."""
    words = view.words
    if chosen.kind == TARGET:
        return [html.P(words("against.no_target"))]
    if chosen.kind == AREAS and not chosen.members:
        return [html.P(words("against.no_areas"))]
    if chosen.key is not None:
        there = readings[chosen.key]
        mark = words.value(there.value, there.status, 0)
        return [html.P(words("against.silent_there", name=there.name, why=mark))]
    return []


def _name(view: View, chosen: Benchmark, readings: Mapping[AreaKey, Reading]) -> str:
    """What the benchmark is called within a sentence."""
    words = view.words
    if chosen.kind == TARGET:
        return words("against.name_target")
    if chosen.key is not None:
        return readings[chosen.key].name
    kind = AREAS if chosen.kind == AREAS else "neighbours"
    return words(f"against.name_{kind}", count=len(chosen.members))


def _decimals(view: View, chosen: Benchmark) -> int:
    """A target is written as it was given, everything else as the indicator is."""
    decimals = chosen_indicator(view).decimals
    if chosen.kind != TARGET:
        return decimals
    return next(k for k in range(13) if k == 12 or round(chosen.value, k) == chosen.value)


def _lines(
    view: View,
    here: Reading,
    chosen: Benchmark,
    beside: list[Reading],
    readings: Mapping[AreaKey, Reading],
) -> list[_Line]:
    words = view.words
    own = _line(view, here, mark="here")
    if chosen.key is not None:
        there = readings[chosen.key]
        rest = [other for other in beside if other.key not in (here.key, there.key)]
        known = [_line(view, other) for other in rest if not isnan(other.value)]
        told = [_line(view, there, words("against.benchmark"), "benchmark")]
        if isnan(there.value) and there in beside:
            told = []  # it is told of under the table, with the others that have no value
        return [*([] if isnan(here.value) else [own]), *told, *known]
    note = words("against.benchmark")
    if chosen.kind == TARGET:
        if isnan(chosen.value):
            return [own]
        text = words.number(chosen.value, _decimals(view, chosen))
        name = words("against.row_target")
        return [own, _Line(name, chosen.value, text, note=note, mark="benchmark")]
    lines = [own]
    if chosen.whole is not None and not isnan(chosen.value):
        name = words(
            f"against.row_{AREAS if chosen.kind == AREAS else 'neighbours'}",
            count=len(chosen.members),
        )
        text = words.number(chosen.value, chosen_indicator(view).decimals)
        whole = chosen.whole
        lines.append(_Line(name, whole.value, text, whole.low, whole.high, note, "benchmark"))
    nearest = chosen.neighbours.nearest if chosen.neighbours else ()
    far = {near.area_id: words.number(near.distance, 3) for near in nearest}
    for member in chosen.members:
        distance = far.get(member.key.area_id, "")
        said = words("against.distance", distance=distance) if distance else ""
        lines.append(_line(view, member, said))
    return lines


def _line(view: View, of: Reading, note: str = "", mark: str | None = None) -> _Line:
    text = view.words.value(of.value, of.status, chosen_indicator(view).decimals)
    return _Line(of.name, of.value, text, of.low, of.high, note, mark)


def _table(view: View, lines: list[_Line]) -> Component:
    """The values, each with its unit's bar and its interval as a line over it."""
    words, decimals = view.words, chosen_indicator(view).decimals
    known = [x for line in lines for x in (line.value, line.low, line.high) if not isnan(x)]
    widest = max((abs(x) for x in known), default=0.0)
    has_bars = widest > 0 and all(x >= 0 for x in known)
    rows = []
    for line in lines:
        name: list[Any] = [line.name]
        if line.note:
            name.append(html.Span(line.note, className="unit"))
        value: list[Any] = [line.text]
        if not isnan(line.low) and not isnan(line.high):
            low, high = (words.number(x, decimals) for x in (line.low, line.high))
            value.append(html.Span(words("against.interval", low=low, high=high), className="unit"))
        bar = _bar(line, widest) if has_bars and not isnan(line.value) else ""
        cells = [
            html.Th(name, scope="row"),
            html.Td(bar, className="bar-cell", **{"aria-hidden": "true"}),
            html.Td(value, className="number"),
        ]
        rows.append(html.Tr(cells, className=line.mark))
    caption = html.Caption(words("panel.comparison_caption"), className="hidden")
    return html.Table([caption, html.Tbody(rows)], className="comparison")


def _bar(line: _Line, widest: float) -> list[Component]:
    bar = html.Div(className="bar", style={"width": f"{100 * line.value / widest:.1f}%"})
    if isnan(line.low) or isnan(line.high):
        return [bar]
    left, width = 100 * line.low / widest, 100 * (line.high - line.low) / widest
    style = {"marginLeft": f"{left:.1f}%", "width": f"{width:.1f}%"}
    return [bar, html.Div(className="whisker", style=style)]


def _whole_lines(view: View, chosen: Benchmark) -> list[Component]:
    """Why several areas have no value together."""
    whole = chosen.whole
    if whole is None or not isnan(whole.value):
        return []
    said = view.words(
        f"against.whole_{whole.status}", parts=whole.parts, expected=whole.parts_expected
    )
    return [html.P(said, className="quiet")]


def _silences(view: View, beside: list[Reading]) -> list[Component]:
    """Which of the areas that always stand there have no value; of how many the country's is."""
    words, indicator = view.words, chosen_indicator(view)
    made: list[Component] = []
    others = [reading for reading in beside[1:] if isnan(reading.value)]
    unknown = [reading.name for reading in others if not reading.known]
    if unknown:
        why = "panel.silent" if indicator.coverage is None else "panel.silent_engine"
        made.append(html.P(words(why, names=", ".join(unknown)), className="quiet"))
    for reading in others:
        if reading.known:
            mark = words.value(reading.value, reading.status, indicator.decimals)
            text = words("format.labelled", label=reading.name, value=mark)
            made.append(html.P(text, className="quiet"))
    country = next(r for r in beside if r.key == view.catalogue.territory.country)
    if not isnan(country.value) and country.parts < country.parts_expected:
        parts = words("panel.parts", parts=int(country.parts), expected=int(country.parts_expected))
        made.append(html.P(parts, className="quiet"))
    return made
