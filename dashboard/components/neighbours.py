"""Why these neighbours: what describes the area, with which weights, and what each distance is."""

from __future__ import annotations

from math import isnan

from dash import html
from dash.development.base_component import Component

from dashboard.alike import Neighbour, StatisticalNeighbours, Trait
from dashboard.benchmark import Benchmark
from dashboard.components.reading import Reading
from dashboard.pages import View


def why_neighbours(view: View, here: Reading, chosen: Benchmark) -> list[Component]:
    """The part that explains statistical neighbours, closed at first; nothing for others."""
    words, found = view.words, chosen.neighbours
    if chosen.kind not in view.catalogue.neighbours:
        return []
    one = view.catalogue.neighbours[chosen.kind]
    if found is None:
        return [html.P(words("against.not_described"))]
    if not found.nearest:
        known, least = (words.number(100 * x) for x in (found.known, found.least_known))
        return [html.P(words("against.no_neighbours", known=known, least=least))]
    level = words.of(view.catalogue.territory.level(here.key.level).name)
    told = words(
        "against.how",
        count=words.number(found.level_areas),
        level=level,
        cut=words.plain(one.winsorised_at),
        day=words.day(one.declared_on.isoformat()),
    )
    return [
        html.Details(
            [
                html.Summary(words("against.why")),
                html.P(words.of(one.definition)),
                html.P(told, className="quiet"),
                _traits(view, here, found),
                *_left_out(view, found),
                html.H4(words("against.parts")),
                html.Ul([html.Li(_parts(view, near)) for near in found.nearest]),
            ],
            className="why-neighbours",
        )
    ]


def _traits(view: View, here: Reading, found: StatisticalNeighbours) -> Component:
    words = view.words
    heads = [html.Th(words("against.trait"), scope="col")]
    heads += [
        html.Th(words(f"against.{name}"), scope="col", className="number")
        for name in ("weight", "here", "there")
    ]
    return html.Table(
        [
            html.Caption(words("against.traits", name=here.name)),
            html.Thead(html.Tr(heads)),
            html.Tbody([_trait(view, trait, found) for trait in found.traits]),
        ],
        className="priority-parts",
    )


def _trait(view: View, trait: Trait, found: StatisticalNeighbours) -> Component:
    """One figure: what it weighs, the area's own, and from which to which the neighbours go."""
    words, indicator = view.words, view.catalogue.indicators[trait.indicator]
    decimals = indicator.decimals
    period = words.period(view.catalogue.period_kind(indicator), trait.period)
    unit = html.Span(f"{words.of(indicator.unit)}, {period}", className="unit")
    missing = words("silence.missing")
    own = missing if isnan(trait.value) else words.number(trait.value, decimals)
    theirs = [near.values[trait.indicator] for near in found.nearest]
    known = sorted(value for value in theirs if not isnan(value))
    span = missing
    if known:
        low, high = (words.number(value, decimals) for value in (known[0], known[-1]))
        span = words("against.span", low=low, high=high)
    return html.Tr(
        [
            html.Th([words.of(indicator.short), unit], scope="row"),
            html.Td(
                words("against.percent", share=words.number(100 * trait.weight)), className="number"
            ),
            html.Td(own, className="number"),
            html.Td(span, className="number"),
        ]
    )


def _left_out(view: View, found: StatisticalNeighbours) -> list[Component]:
    """What describes nobody at this level, and what is not known of the area itself."""
    words = view.words
    made = []
    if found.left_out:
        names = [words.of(view.catalogue.indicators[name].short) for name in found.left_out]
        made.append(html.P(words("against.left_out", names=", ".join(names)), className="quiet"))
    if found.known < 1 - 1e-9:
        known = words.number(100 * found.known)
        made.append(html.P(words("against.partly_known", known=known), className="quiet"))
    return made


def _parts(view: View, near: Neighbour) -> str:
    """A neighbour, its distance, and the share that each figure has in the square of it."""
    words = view.words
    shares = [
        words(
            "against.part",
            name=words.of(view.catalogue.indicators[name].short),
            share=words.number(100 * share),
        )
        for name, share in near.parts
    ]
    said = words(
        "against.parts_of",
        name=near.name,
        distance=words.number(near.distance, 3),
        parts=", ".join(shares) or words("against.equal"),
    )
    if near.shared < 1 - 1e-9:
        said += " " + words("against.shared", share=words.number(100 * near.shared))
    return said
