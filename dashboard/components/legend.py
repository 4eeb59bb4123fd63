"""The legend of a map: unit, date, classes with their counts, zero apart, silences and why."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a legend, for screen and paper: its mark, its words, how many areas, and why.

    ``mark`` is a colour ("#rrggbb") or the name of a hatch: a silence, ``outside``, ``doubt`` or
    ``mark-`` and one of `dashboard.flags.MARKS`.
    """

    mark: str
    text: str
    count: int | None = None
    why: str = ""


def legend_entries(view: View, frame: pd.DataFrame, classes: Classes) -> list[Entry]:
    """The rows of the legend of a map, in order, without those of places."""
    words = view.words
    shown = frame[frame["role"] != "edge"]
    rows = [
        Entry(colour, text, count)
        for colour, text, count in zip(
            classes.colours, _labels(view, classes), classes.counts, strict=True
        )
    ]
    rows = [*rows[2::-1], *rows[3:]] if classes.method == "tested" else rows[::-1]
    if classes.zero_colour:
        rows.append(Entry(classes.zero_colour, words("legend.zero"), classes.zeros))
    counts = shown["status"].value_counts()
    rows += [
        Entry(status.value, words.status(status), int(counts[status]), words(f"why.{status}"))
        for status in SILENCES
        if counts.get(status, 0)
    ]
    if (frame["role"] == "edge").any():
        rows.append(Entry("outside", words("map.outside")))
    return [*rows, *_doubt(view, classes), *_flagged(marked(shown), words)]


def legend_title(view: View) -> str:
    """The unit of what is mapped."""
    unit = view.words.of(view.catalogue.indicators[view.selection.indicator].unit)
    return unit[:1].upper() + unit[1:]


def legend(view: View, frame: pd.DataFrame, classes: Classes, period: str) -> list[Component]:
    """The legend's rows for the values of a level; ``period`` in words."""
    words = view.words
    level = view.catalogue.territory.level(view.selection.level)
    rows = [_row(entry) for entry in legend_entries(view, frame, classes)]
    return [
        html.H2(legend_title(view), className="legend-title"),
        html.P(
            f"{period} · {words('legend.counts', level=words.of(level.name))}", className="quiet"
        ),
        html.Ul([*rows, *place_rows(view)], className="legend-rows"),
        *(html.P(text, className="quiet") for text in method_lines(view, classes)),
        *_everywhere(everywhere(view, frame), words),
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


def _doubt(view: View, classes: Classes) -> list[Entry]:
    """The row of the hatch over values that are not surely off the benchmark."""
    if not is_doubt_drawn(view, classes):
        return []
    words = view.words
    why = words("legend.doubt_why", benchmark=benchmark_words(view, classes))
    return [Entry("doubt", words("legend.doubt"), int((classes.verdicts == SIMILAR).sum()), why)]


def method_lines(view: View, classes: Classes) -> list[str]:
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
    credit = view.words.apart(rows["producer"].astype(str))
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


def _flagged(held: Marked, words: Words) -> list[Entry]:
    """A row for each flag that is drawn: its mark, its name, how many areas have it."""
    return [
        Entry(
            f"mark-{MARKS[flag]}",
            words("legend.flag", name=flag_word(words, flag)),
            count,
            flag_why(words, flag),
        )
        for flag, count in held.counts.items()
        if flag not in held.everywhere
    ]


def everywhere(view: View, frame: pd.DataFrame) -> list[tuple[str, str]]:
    """What holds for every value of the map: its name, and why."""
    held = marked(frame[frame["role"] != "edge"])
    return [(flag_word(view.words, flag), flag_why(view.words, flag)) for flag in held.everywhere]


def _everywhere(held: list[tuple[str, str]], words: Words) -> list[Component]:
    if not held:
        return []
    lines = [html.Li([html.Strong(name), " – ", why]) for name, why in held]
    return [
        html.P(words("legend.everywhere"), className="quiet"),
        html.Ul(lines, className="legend-everywhere"),
    ]


def _row(entry: Entry) -> Component:
    label: list[Component | str] = [entry.text]
    if entry.why:
        label.append(html.Small(entry.why))
    return html.Li(
        [
            _swatch(entry.mark),
            html.Span(label, className="legend-label"),
            html.Span("" if entry.count is None else str(entry.count), className="legend-count"),
        ]
    )


def _swatch(mark: str) -> Component:
    if mark.startswith("#"):
        return html.Span(className="swatch", style={"backgroundColor": mark})
    kind = "swatch-mark " if mark.startswith("mark-") else ""
    return html.Span(className=f"swatch {kind}swatch-{mark.replace('_', '-')}")


def _decimals(number: float) -> int:
    """How many decimals the shortest writing of a number has."""
    _, _, fraction = f"{number:.6f}".rstrip("0").partition(".")
    return len(fraction)
