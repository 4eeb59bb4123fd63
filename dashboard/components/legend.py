"""The legend of a map: unit, date, classes with their counts, zero apart, silences and why."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.components.choropleth import Classes
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
            classes.colours, class_labels(classes.breaks, words), classes.counts, strict=True
        )
    ]
    rows.reverse()
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
    rows += _flagged(held, words)
    return [
        html.H2(unit[:1].upper() + unit[1:], className="legend-title"),
        html.P(
            f"{period} · {words('legend.counts', level=words.of(level.name))}", className="quiet"
        ),
        html.Ul(rows, className="legend-rows"),
        *_everywhere(held, words),
    ]


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
