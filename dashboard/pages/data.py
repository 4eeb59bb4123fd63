"""The data page: what is published, from which sources, and what is wrong with it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.provenance import levels_that_disagree, source_list
from dashboard.components.refreshes import (
    last_refresh,
    past_runs,
    published_release,
    release_issues,
)
from dashboard.pages import Page, View

#: What an officer types, in the order of need.
_COMMANDS = {
    "refresh": "vigie refresh",
    "status": "vigie status",
    "again": "vigie refresh --again",
    "accept": "vigie refresh --accept SOURCE",
    "rollback": "vigie rollback",
}


def title(view: View) -> str:
    """What the window and the history call the page."""
    return view.words("data.title")


def layout(view: View) -> Component:
    """The page, drawn: release and last refresh first, then sources, levels and how to mend."""
    words = view.words
    return html.Div(
        html.Main(
            [
                html.Div(
                    [
                        html.H1(words("data.title")),
                        html.P(words("data.subtitle"), className="subtitle"),
                    ]
                ),
                html.Div(
                    [_card("release", published_release(view)), _card("run", last_refresh(view))],
                    className="release-and-run",
                ),
                _card("issues", release_issues(view)),
                _card("sources", source_list(view)),
                _card("levels", levels_that_disagree(view)),
                html.Div(
                    [_card("commands", _commands(view)), _card("limits", _limits(view))],
                    className="halves",
                ),
                _card("runs", past_runs(view)),
            ],
            id="main",
            className="centre data-page",
        ),
        className="page plain",
    )


def update(_view: View) -> tuple[object, ...]:
    """Nothing on the page follows the selection."""
    return ()


PAGE = Page(id="data", title=title, layout=layout, outputs=(), update=update)


def _card(name: str, parts: list[Component]) -> Component:
    return html.Section(parts, id=f"data-{name}", className="card words-card")


def _commands(view: View) -> list[Component]:
    """How to refresh, as commands to type."""
    words = view.words
    steps = [
        html.Li([html.P(words(f"data.command_{name}")), html.Pre(html.Code(command))])
        for name, command in _COMMANDS.items()
    ]
    return [
        html.H2(words("data.commands_title")),
        html.P([words("data.commands_folder"), " ", html.Code(str(view.settings.incoming))]),
        html.Ol(steps, className="commands"),
    ]


def _limits(view: View) -> list[Component]:
    """What these data do not know."""
    words = view.words
    limits = ("msa", "children", "travel", "secrecy", "dates", "levels")
    return [
        html.H2(words("data.limits_title")),
        html.Ul([html.Li(words(f"data.limit_{name}")) for name in limits]),
    ]
