"""The second map: another indicator at the same level, beside the first; they move together."""

from __future__ import annotations

from dataclasses import replace

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.choropleth import area_map, map_classes
from dashboard.components.legend import legend
from dashboard.pages import View
from dashboard.selection import nearest_period


def second_map(view: View, component_id: str) -> list[Component]:
    """The map of the indicator beside, with its own legend; nothing where none is asked for."""
    chosen, words = view.selection, view.words
    if not chosen.beside:
        return []
    indicator = view.catalogue.indicators[chosen.beside]
    name = words.of(indicator.name)
    close = dcc.Link(words("map.beside_close"), href=chosen.changed(beside="").url())
    periods = view.offer.indicators[chosen.beside].get(chosen.level, ())
    if not periods:
        level = words.of(view.catalogue.territory.level(chosen.level).name)
        said = words("map.beside_no_level", name=name, level=level)
        return [
            _head(name, [html.Span(close, className="screen-only")]),
            html.P(said, className="note"),
        ]
    period = nearest_period(chosen.period, periods)
    there = replace(
        view, selection=replace(chosen, indicator=chosen.beside, beside="", period=period)
    )
    told = words.period(view.catalogue.period_kind(indicator), period)
    frame = data.area_values(view.principal, view.release, indicator.id, chosen.level, period)
    made = map_classes(there)
    link = dcc.Link(words("map.beside_open"), href=there.selection.url())
    said = told if period == chosen.period else words("map.beside_period", period=told)
    drawn = area_map(there, component_id, frame, made)
    drawn.ahead = None  # it is of the indicator beside
    drawn.label = words("map.beside_label", name=name)
    return [
        _head(name, [said, html.Span([" · ", close], className="screen-only")]),
        html.Div(drawn, className="card map-card"),
        html.Div(
            [*legend(there, frame, made, told), html.P(link, className="quiet screen-only")],
            className="second-legend",
        ),
    ]


def first_head(view: View) -> list[Component]:
    """What stands over the first map while there is a second one."""
    if not view.selection.beside:
        return []
    words = view.words
    indicator = view.catalogue.indicators[view.selection.indicator]
    period = words.period(view.catalogue.period_kind(indicator), view.selection.period)
    return [_head(words.of(indicator.name), [period])]


def _head(name: str, line: list[Component | str]) -> Component:
    return html.Div([html.H2(name), html.P(line, className="quiet")], className="map-head")
