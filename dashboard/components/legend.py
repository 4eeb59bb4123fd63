"""The legend of a map: unit, date, classes with their counts, zero apart, silences and why."""

from __future__ import annotations

from itertools import pairwise
from math import isnan

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.classing import SIMILAR, Classes
from dashboard.components.choropleth import is_doubt_drawn
from dashboard.components.shown_places import place_rows
from dashboard.flags import MARKS, Marked, flag_why, flag_word, marked
from dashboard.pages import View
from dashboard.wording import Words
from geodata.model import Status

SILENCES = (Status.SUPPRESSED, Status.MISSING, Status.NOT_APPLICABLE)


def legend(view: View, frame: pd.DataFrame, classes: Classes, period: str) -> list[Component]:
    """The legend's rows for the values of a level; ``period`` in words."""
    words = view.words
    indicator = view.catalogue.indicators[view.selection.indicator]
    level = view.catalogue.territory.level(view.selection.level)
    unit = words.of(indicator.unit)
    shown = frame[frame["role"] != "edge"]
    rows = [
        _row(html.Span(className="swatch", style={"backgroundColor": colour}), text, count)
        for colour, text, count in zip(
            classes.colours, _labels(view, classes), classes.counts, strict=True
        )
    ]
    rows = [*rows[2::-1], *rows[3:]] if classes.method == "tested" else rows[::-1]
    if classes.zero_colour:
        zero = html.Span(className="swatch", style={"backgroundColor": classes.zero_colour})
        rows.append(_row(zero, words("legend.zero"), classes.zeros))
    counts = shown["status"].value_counts()
    for status in SILENCES:
        if counts.get(status, 0):
            rows.append(_silence(status, int(counts[status]), words))
    if (frame["role"] == "edge").any():
        rows.append(_row(html.Span(className="swatch swatch-outside"), words("map.outside"), None))
    held = marked(shown)
    rows += [*_doubt(view, classes), *_flagged(held, words), *place_rows(view)]
    return [
        html.H2(unit[:1].upper() + unit[1:], className="legend-title"),
        html.P(
            f"{period} · {words('legend.counts', level=words.of(level.name))}", className="quiet"
        ),
        html.Ul(rows, className="legend-rows"),
        *(html.P(text, className="quiet") for text in _method(view, classes)),
        *_everywhere(held, words),
    ]


def benchmark_words(view: View, classes: Classes) -> str:
    """What values are tested against: the whole territory and its value, or zero."""
    words, territory = view.words, view.catalogue.territory
    indicator = view.catalogue.indicators[view.selection.indicator]
    if indicator.is_signed:
        return words("legend.benchmark_zero")
    value = words.amount(classes.benchmark, indicator.decimals, words.of(indicator.unit))
    return words("legend.benchmark", name=words.of(territory.name), value=value)


def _labels(view: View, classes: Classes) -> list[str]:
    """The words of each class, in its order."""
    if classes.method != "tested":
        return class_labels(classes.breaks, view.words)
    names = ("lower", "similar", "higher", "untested")
    return [view.words(f"legend.tested_{name}") for name in names[: len(classes.counts)]]


def _doubt(view: View, classes: Classes) -> list[Component]:
    """The row of the hatch over values that are not surely off the benchmark."""
    if not is_doubt_drawn(view, classes):
        return []
    words = view.words
    mark = html.Span(className="swatch swatch-doubt")
    why = words("legend.doubt_why", benchmark=benchmark_words(view, classes))
    return [_row(mark, words("legend.doubt"), int((classes.verdicts == SIMILAR).sum()), why)]


def _method(view: View, classes: Classes) -> list[str]:
    """How the classes are made, what could not be tested and why, and who is the source."""
    words = view.words
    said = [words(f"legend.method_{classes.method}")]
    if classes.method == "tested":
        said.append(benchmark_words(view, classes))
    is_silent = not (classes.verdicts > 0).any()
    if is_silent and (classes.wanted == "tested" or "doubt" in view.selection.layers):
        why = "no_benchmark" if isnan(classes.benchmark) else "no_interval"
        kept = "untested" if classes.wanted == "tested" else "undoubted"
        said.append(words(f"legend.{kept}_{why}"))
    return [*said, *_source(view)]


def _source(view: View) -> list[str]:
    """Who published the figures, and when they were read."""
    known = data.sources(view.principal, view.release).set_index("source_id")
    indicator = view.catalogue.indicators[view.selection.indicator]
    rows = known.loc[[x for x in view.catalogue.sources_of(indicator) if x in known.index]]
    if rows.empty:
        return []
    day = view.words.day(str(rows["retrieved_on"].max()))
    credit = " ; ".join(dict.fromkeys(rows["producer"].astype(str)))
    return [view.words("legend.source", credit=credit, day=day)]


def class_labels(breaks: tuple[float, ...], words: Words) -> list[str]:
    """The words of each class: its lower limit belongs to it, its upper one does not."""
    if not breaks:
        return [words("legend.all")]
    decimals = max(_decimals(limit) for limit in breaks)
    texts = [words.number(limit, decimals) for limit in breaks]
    return [
        words("legend.below", upper=texts[0]),
        *(words("legend.between", lower=lower, upper=upper) for lower, upper in pairwise(texts)),
        words("legend.above", lower=texts[-1]),
    ]


def _flagged(held: Marked, words: Words) -> list[Component]:
    """A row for each flag that is drawn: its mark, its name, how many areas have it."""
    return [
        _row(
            html.Span(className=f"swatch swatch-mark swatch-mark-{MARKS[flag]}"),
            words("legend.flag", name=flag_word(words, flag)),
            count,
            flag_why(words, flag),
        )
        for flag, count in held.counts.items()
        if flag not in held.everywhere
    ]


def _everywhere(held: Marked, words: Words) -> list[Component]:
    """What holds for every value of the map, and why."""
    if not held.everywhere:
        return []
    lines = [
        html.Li([html.Strong(flag_word(words, flag)), " – ", flag_why(words, flag)])
        for flag in held.everywhere
    ]
    return [
        html.P(words("legend.everywhere"), className="quiet"),
        html.Ul(lines, className="legend-everywhere"),
    ]


def _silence(status: Status, count: int, words: Words) -> Component:
    mark = html.Span(className=f"swatch swatch-{status.replace('_', '-')}")
    return _row(mark, words.status(status), count, words(f"why.{status}"))


def _row(mark: Component, text: str, count: int | None, why: str = "") -> Component:
    label: list[Component | str] = [text]
    if why:
        label.append(html.Small(why))
    return html.Li(
        [
            mark,
            html.Span(label, className="legend-label"),
            html.Span("" if count is None else str(count), className="legend-count"),
        ]
    )


def _decimals(number: float) -> int:
    """How many decimals the shortest writing of a number has."""
    _, _, fraction = f"{number:.6f}".rstrip("0").partition(".")
    return len(fraction)
