"""What an indicator means, how it is computed and from what; or what would feed it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.in_words import method_words
from dashboard.components.lineage import parameters
from dashboard.pages import View
from dashboard.selection import moved
from geodata.catalogue.nouns import Awaited, Indicator

#: A line of a card: what it tells, and what it says.
Line = tuple[str, Component | str]


def indicator_card(view: View, indicator: Indicator) -> Component:
    """A computed indicator: closed, its name; open, everything that is known of it."""
    words, levels = view.words, view.offer.indicators.get(indicator.id, {})
    names = {level.id: words.of(level.name) for level in view.catalogue.territory.levels}
    kind = view.catalogue.period_kind(indicator)
    covered = [f"{names[level]} ({_span(periods)})" for level, periods in levels.items() if periods]
    lines: list[Line] = [
        (words("methods.unit"), words.of(indicator.unit)),
        (words("methods.computation"), method_words(view, indicator)),
        (words("methods.levels"), words.apart(covered) or words("methods.no_value")),
        (words("methods.period"), words(f"methods.period_{kind}")),
        *_common_lines(view, indicator),
        *(
            (words("methods.break", period=one.period), words.of(one.why))
            for one in indicator.breaks
        ),
        (words("methods.sources"), _sources(view, indicator)),
        (words("methods.parameters"), parameters(view, indicator) or ""),
    ]
    seen = moved(view.selection.changed(indicator=indicator.id), view.offer, page="map")
    link = (
        html.P(
            html.A(
                words("methods.see"),
                href=seen.url(),
                **{"aria-label": words("methods.see_one", name=words.of(indicator.name))},
            ),
            className="screen-only",
        )
        if levels
        else None
    )
    state = "computed" if levels else "without_value"
    return _card(view, indicator, state, [_described(lines), *([link] if link else [])])


def awaited_card(view: View, awaited: Awaited) -> Component:
    """An indicator that nothing feeds yet, and which file would."""
    words = view.words
    names = {level.id: words.of(level.name) for level in view.catalogue.territory.levels}
    made_of = words.of(awaited.numerator)
    if awaited.denominator is not None:
        made_of = words("methods.over", above=made_of, below=words.of(awaited.denominator))
    lines: list[Line] = [
        (words("methods.fed_by"), words.of(awaited.fed_by)),
        (words("methods.unit"), words.of(awaited.unit)),
        (words("methods.computation"), made_of),
        (words("methods.levels"), words.apart(names[x] for x in awaited.levels if x in names)),
        *_common_lines(view, awaited),
    ]
    return _card(view, awaited, "awaited", [_described(lines)])


def _card(view: View, entry: Indicator | Awaited, state: str, inside: list[Component]) -> Component:
    words = view.words
    marks = [html.Span(entry.code, className="code")] if entry.code else []
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(words.of(entry.name), className="entry-name"),
                    *marks,
                    html.Span(words(f"methods.{state}"), className=f"badge {state}"),
                ]
            ),
            html.P(words.of(entry.definition)),
            *inside,
        ],
        className="entry as-opened",
        id=f"indicator-{entry.id}",
        **{"data-found": ""},
    )


def _common_lines(view: View, entry: Indicator | Awaited) -> list[Line]:
    words = view.words
    lines: list[Line] = [
        (words("methods.direction"), words(f"methods.direction_{entry.direction}")),
        (words("methods.sector"), words(f"sector.{entry.sector}")),
        (words("methods.care_step"), words(f"care_step.{entry.care_step}")),
        (words("methods.kind"), words(f"methods.kind_{entry.kind}")),
        (words("methods.limits"), words.of(entry.limits)),
    ]
    if entry.defined_on is not None:
        lines.append((words("methods.defined_on"), words.day(entry.defined_on.isoformat())))
    return lines


def _described(lines: list[Line]) -> Component:
    rows = [html.Div([html.Dt(name), html.Dd(said)]) for name, said in lines if said]
    return html.Dl(rows, className="told")


def _sources(view: View, indicator: Indicator) -> Component | str:
    """Each source with its vintage where it is loaded, else that it is not."""
    words = view.words
    known = data.sources(view.principal, view.release).set_index("source_id")
    lines = []
    for source_id in view.catalogue.sources_of(indicator):
        name = words.of(view.catalogue.sources[source_id].name)
        if source_id in known.index:
            lines.append(f"{name} ({known.at[source_id, 'vintage']!s})")
        else:
            lines.append(words("methods.not_loaded", name=name))
    return html.Ul([html.Li(line) for line in lines]) if lines else ""


def _span(periods: tuple[str, ...]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"
