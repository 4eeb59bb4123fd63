"""The data page: what is published and being done, from which sources, and what is wrong with it.

The living part is asked for again every few seconds. The rest is drawn anew when something has
come of it: a publication, a refresh, a decision. Nothing here follows the selection.
"""

from __future__ import annotations

from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components import asking, now
from dashboard.components.data_parts import RELEASE_PARTS, desk_parts, release_parts
from dashboard.components.drawn import Drawn, drawing
from dashboard.components.native_input import NativeInput
from dashboard.pages import Desk, Page, View
from dashboard.pages.data_live import digest, register

#: What an officer types, in the order of need.
_COMMANDS = {
    "worker": "vigie worker",
    "refresh": "vigie refresh",
    "status": "vigie status",
    "diff": "vigie diff",
    "publish": "vigie publish --by NAME",
    "rollback": "vigie rollback --by NAME",
    "again": "vigie refresh --again",
}


def title(view: View) -> str:
    """What the window and the history call the page."""
    return view.words("data.title")


def layout(view: View) -> Component:
    """The page, drawn: what is done now and what may be asked, then sources and history."""
    return _page(view.desk, desk_parts(view.desk) | release_parts(view), [])


def unready(desk: Desk, error: data.Unready) -> Component:
    """The page of a house without a release to show: why, and what can be asked all the same."""
    words = desk.words
    lead = html.Div(
        [
            html.H2(words(f"unready.{error.state}_title")),
            html.P(words(f"unready.{error.state}", detail=error.detail)),
            html.Pre(html.Code(words(f"unready.{error.state}_mend")), className="command"),
        ],
        className="card words-card unready-lead",
    )
    parts = desk_parts(desk)
    parts |= {name: [] for name in RELEASE_PARTS}
    return _page(desk, parts, [lead])


def update(_view: View) -> tuple[object, ...]:
    """Nothing on the page follows the selection."""
    return ()


PAGE = Page(
    id="data",
    title=title,
    layout=layout,
    outputs=(),
    update=update,
    register=register,
    unready=unready,
)


def _page(desk: Desk, parts: dict[str, list[Component]], lead: list[Component]) -> Component:
    words = desk.words
    moment = now.at_this_moment(desk)
    return html.Div(
        html.Main(
            [
                html.Div(
                    [
                        html.H1(words("data.title")),
                        html.P(words("data.subtitle"), className="subtitle"),
                    ]
                ),
                Drawn("data-lead", content=drawing(lead)),
                html.Div(
                    [
                        _card("now", _now(desk, moment)),
                        _card("ask", asking.form(desk)),
                    ],
                    className="now-and-ask screen-only",
                ),
                _drawn_card("waiting", parts["waiting"]),
                html.Div(
                    [_drawn_card("release", parts["release"]), _drawn_card("run", parts["run"])],
                    className="release-and-run",
                ),
                _drawn_card("sources", parts["sources"]),
                _drawn_card("calendar", parts["calendar"]),
                _drawn_card("held", parts["held"]),
                _drawn_card("issues", parts["issues"]),
                _card("history", _history(desk, parts["publications"])),
                _drawn_card("runs", parts["runs"]),
                _drawn_card("levels", parts["levels"]),
                html.Div(
                    [
                        _drawn_card("commands", _commands(desk)),
                        _drawn_card("limits", _limits(desk)),
                    ],
                    className="halves",
                ),
                dcc.Interval(id="data-clock", interval=moment.pulse),
                dcc.Store(id="data-stamp", data=moment.stamp),
                dcc.Store(id="data-drawn", data=digest(moment)),
            ],
            id="main",
            className="centre data-page",
        ),
        className="page plain",
    )


def _card(name: str, parts: list[Component]) -> Component:
    return html.Section(parts, id=f"data-{name}", className="card words-card")


def _drawn_card(name: str, parts: list[Component]) -> Component:
    """A card that holds no control of Dash."""
    return Drawn(f"data-{name}", content=drawing(parts), tag="section", className="card words-card")


def _now(desk: Desk, moment: now.Now) -> list[Component]:
    return [
        html.H2(desk.words("desk.title")),
        html.P(moment.said, id="data-said", role="status", className="said"),
        Drawn("data-live", content=drawing(moment.shown), className="live"),
        html.Details(
            [
                html.Summary(moment.log_title, id="data-log-title"),
                html.Pre(moment.log, id="data-log", className="log", tabIndex=0),
            ]
        ),
    ]


def _history(desk: Desk, shown: list[Component]) -> list[Component]:
    words = desk.words
    return [
        html.H2(words("history.title")),
        html.Div(
            [
                NativeInput(
                    "data-day",
                    label=words("history.day"),
                    type="date",
                    max=date.today().isoformat(),  # noqa: DTZ011 (a bound for people, no moment)
                ),
                html.Div(Drawn("data-known", className="known"), **{"aria-live": "polite"}),
            ],
            className="known-on screen-only",
        ),
        Drawn("data-publications", content=drawing(shown), className="parts"),
    ]


def _commands(desk: Desk) -> list[Component]:
    """How to refresh, as commands to type."""
    words = desk.words
    steps = [
        html.Li([html.P(words(f"data.command_{name}")), html.Pre(html.Code(command))])
        for name, command in _COMMANDS.items()
    ]
    return [html.H2(words("data.commands_title")), html.Ol(steps, className="commands")]


def _limits(desk: Desk) -> list[Component]:
    """What these data do not know."""
    words = desk.words
    limits = ("msa", "children", "travel", "secrecy", "dates", "levels")
    return [
        html.H2(words("data.limits_title")),
        html.Ul([html.Li(words(f"data.limit_{name}")) for name in limits]),
    ]
