"""The data page: what is published and being done, from which sources, and what is wrong with it.

The living part is asked for again every few seconds. The rest is drawn anew when something has
come of it: a publication, a refresh, a decision. Nothing here follows the selection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from flask import abort
from plotly.utils import PlotlyJSONEncoder

from dashboard import data, decisions
from dashboard.components import asking, now
from dashboard.components.changes import waiting_release
from dashboard.components.drawn import Drawn, drawing
from dashboard.components.held import held_rows
from dashboard.components.native_input import NativeInput
from dashboard.components.provenance import levels_that_disagree, source_list
from dashboard.components.publications import known_on, publications
from dashboard.components.refreshes import (
    last_refresh,
    past_runs,
    published_release,
    release_issues,
)
from dashboard.pages import Desk, Page, Sight, View
from dashboard.selection import PATHS
from geodata.jobs import JobError
from geodata.state import StateError

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
#: The parts that are drawn anew, in the order of the outputs: those of the house, then those of
#: its release.
_DESK_PARTS: Mapping[str, Callable[[Desk], list[Component]]] = {
    "waiting": waiting_release,
    "held": held_rows,
    "run": last_refresh,
    "publications": publications,
    "runs": past_runs,
}
_RELEASE_PARTS = ("release", "sources", "issues", "levels")
_LONGEST_DAY = 10
_NAMESPACE = "vigie_officer"


def title(view: View) -> str:
    """What the window and the history call the page."""
    return view.words("data.title")


def layout(view: View) -> Component:
    """The page, drawn: what is done now and what may be asked, then sources and history."""
    return _page(view.desk, _desk_parts(view.desk) | _release_parts(view), [])


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
    parts = _desk_parts(desk)
    parts |= {name: [] for name in _RELEASE_PARTS}
    return _page(desk, parts, [lead])


def update(_view: View) -> tuple[object, ...]:
    """Nothing on the page follows the selection."""
    return ()


def register(app: Dash, desk_of: Callable[[str], Desk], sight: Sight) -> None:
    """The callbacks of the page: it lives, it asks, it is drawn anew, it answers for a day."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("data-said", "children"),
        Output("data-live", "content"),
        Output("data-log-title", "children"),
        Output("data-log", "children"),
        Output("data-clock", "interval"),
        Output("data-stamp", "data"),
        Output("data-drawn", "data"),
        Input("data-clock", "n_intervals"),
        Input("data-answered", "data"),
        State("location", "pathname"),
        State("data-said", "children"),
        State("data-stamp", "data"),
        State("data-drawn", "data"),
        prevent_initial_call=True,
    )
    def live(
        _ticks: int, _answered: object, path: Any, said: Any, stamp: Any, drawn: Any
    ) -> tuple[Any, ...]:
        found = now.at_this_moment(desk_of(path))
        digest = _digest(found)
        return (
            no_update if found.said == said else found.said,
            *(
                [no_update] * 3
                if digest == drawn
                else [drawing(found.shown), found.log_title, found.log]
            ),
            found.pulse,
            no_update if found.stamp == stamp else found.stamp,
            no_update if digest == drawn else digest,
        )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("data-answer", "children"),
        Output("data-answered", "data"),
        Input("data-wish", "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )
    def ask(said: Any, path: Any) -> tuple[Any, Any]:
        desk = desk_of(path)
        try:
            wish = decisions.wish_of(said)
        except decisions.Malformed:
            abort(400)
        sent = str(said.get("sent"))[:20]
        try:
            answer = desk.words.of(decisions.ask(desk.principal, desk.settings, wish))
        except (JobError, StateError) as error:
            return html.Span(desk.words.of(error.message), className="refused"), sent
        return answer, sent

    @app.callback(  # type: ignore[untyped-decorator]
        *(Output(f"data-{name}", "content") for name in (*_DESK_PARTS, *_RELEASE_PARTS)),
        Output("data-lead", "content"),
        Input("data-stamp", "data"),
        State("location", "pathname"),
        State("location", "search"),
        State("data-lead", "content"),
        prevent_initial_call=True,
    )
    def draw_anew(_stamp: Any, path: Any, search: Any, lead: Any) -> tuple[Any, ...]:
        desk = desk_of(path)
        parts = _desk_parts(desk)
        try:
            parts |= _release_parts(sight(path, search))
        except data.Unready:
            drawn = (parts[name] for name in _DESK_PARTS)
            return (*map(drawing, drawn), *[no_update] * (len(_RELEASE_PARTS) + 1))
        drawn = (parts[name] for name in (*_DESK_PARTS, *_RELEASE_PARTS))
        return (*map(drawing, drawn), drawing(_open_map(desk)) if lead else no_update)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("data-known", "content"),
        Input("data-day", "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )
    def answer_for_a_day(day: Any, path: Any) -> list[Any]:
        if day is not None and not isinstance(day, str):
            abort(400)
        if not day or len(day) > _LONGEST_DAY:
            return []
        return drawing(known_on(desk_of(path), day))

    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "answered"), Input("data-answered", "data")
    )
    app.clientside_callback(ClientsideFunction(_NAMESPACE, "arm"), Input("data-name", "value"))


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
                    className="now-and-ask",
                ),
                _drawn_card("waiting", parts["waiting"]),
                html.Div(
                    [_drawn_card("release", parts["release"]), _drawn_card("run", parts["run"])],
                    className="release-and-run",
                ),
                _drawn_card("sources", parts["sources"]),
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
                dcc.Store(id="data-drawn", data=_digest(moment)),
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
            className="known-on",
        ),
        Drawn("data-publications", content=drawing(shown), className="parts"),
    ]


def _desk_parts(desk: Desk) -> dict[str, list[Component]]:
    """What needs no release, by region; a region of a state that cannot be read says so."""
    made = {}
    for name, drawn in _DESK_PARTS.items():
        try:
            made[name] = drawn(desk)
        except StateError as error:
            made[name] = [html.P(desk.words.of(error.message), className="remark")]
    return made


def _release_parts(view: View) -> dict[str, list[Component]]:
    """What is said of the published release, by region."""
    return {
        "release": published_release(view),
        "sources": source_list(view),
        "issues": release_issues(view),
        "levels": levels_that_disagree(view),
    }


def _open_map(desk: Desk) -> list[Component]:
    """The way out of a house that had no release and has one now."""
    words = desk.words
    path = PATHS[words.language, "map"]
    return [html.P(html.A(words("data.open_map"), href=path, className="button"))]


def _digest(moment: now.Now) -> str:
    """What is drawn, in short: the same text when nothing has to be drawn anew."""
    text = json.dumps([moment.shown, moment.log], cls=PlotlyJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


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
