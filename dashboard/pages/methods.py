"""The methods page: every indicator, computed or awaited, and the words of the house."""

from __future__ import annotations

from collections.abc import Iterator

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard.addresses import GUIDE_PATHS
from dashboard.components import NativeInput
from dashboard.components.indicator_card import awaited_card, indicator_card
from dashboard.glossary import glossary
from dashboard.pages import Page, View

_ID = "methods"
_SEARCH = "methods-search"


def title(view: View) -> str:
    """What the window and the history call the page."""
    return view.words("methods.title")


def layout(view: View) -> Component:
    """The page, drawn: a search over every entry, then the chapters and the glossary."""
    words, catalogue = view.words, view.catalogue
    counts = words(
        "methods.counts",
        computed=len(view.offer.indicators),
        silent=len(catalogue.indicators) - len(view.offer.indicators),
        described=len(catalogue.indicators) + len(catalogue.awaited),
        awaited=len(catalogue.awaited),
    )
    found = {name: words(f"methods.found_{name}") for name in ("none", "one", "many")}
    return html.Div(
        html.Main(
            [
                html.H1(words("methods.title")),
                html.P(counts, className="subtitle"),
                html.P(
                    html.A(words("interface.link"), href=GUIDE_PATHS[words.language]),
                    className="screen-only",
                ),
                NativeInput(
                    id=_SEARCH,
                    label=words("methods.search"),
                    describedBy="methods-found",
                    className="search",
                ),
                html.P(id="methods-found", role="status", className="quiet"),
                html.Div([*_chapters(view), _glossary(view)], id="methods-entries"),
                dcc.Store(id="methods-words", data=found),
            ],
            id="main",
            className="centre",
        ),
        className="page plain methods-page",
    )


def update(_view: View) -> tuple[object, ...]:
    """Nothing on this page hangs on the selection."""
    return ()


def _register(app: Dash, *_sights: object) -> None:
    app.clientside_callback(
        ClientsideFunction("vigie_methods", "search"),
        Output("methods-found", "children"),
        Input(_SEARCH, "value"),
        State("methods-words", "data"),
        prevent_initial_call=True,
    )


PAGE = Page(id=_ID, title=title, layout=layout, outputs=(), update=update, register=_register)


def _chapters(view: View) -> Iterator[Component]:
    """One chapter a theme: what is computed, then what is awaited."""
    words, catalogue = view.words, view.catalogue
    for theme in catalogue.themes.values():
        computed = [x for x in catalogue.indicators.values() if x.theme == theme.id]
        awaited = [x for x in catalogue.awaited.values() if x.theme == theme.id]
        if computed or awaited:
            yield html.Section(
                [
                    html.H2(words.of(theme.name)),
                    *(indicator_card(view, indicator) for indicator in computed),
                    *(awaited_card(view, one) for one in awaited),
                ],
                className="card words-card chapter",
            )


def _glossary(view: View) -> Component:
    words = view.words
    terms = [
        html.Div(
            [html.Dt(words.of(term.name)), html.Dd(words.of(term.text))],
            id=f"term-{term.id}",
            className="term",
            **{"data-found": ""},
        )
        for term in glossary()
    ]
    return html.Section(
        [html.H2(words("methods.glossary")), html.Dl(terms, className="glossary")],
        className="card words-card chapter",
    )
