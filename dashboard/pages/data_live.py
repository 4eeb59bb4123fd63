"""The callbacks of the data page: it lives, it asks, it is drawn anew, it answers for a day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component
from flask import abort
from plotly.utils import PlotlyJSONEncoder

from dashboard import data, decisions
from dashboard.addresses import PATHS
from dashboard.components import now
from dashboard.components.data_parts import (
    DESK_PARTS,
    RELEASE_PARTS,
    desk_parts,
    release_parts,
)
from dashboard.components.drawn import drawing
from dashboard.components.publications import known_on
from dashboard.pages import Desk, Sight
from geodata.jobs import JobError
from geodata.state import StateError

_LONGEST_DAY = 10
_LONGEST_SENT = 20
_NAMESPACE = "vigie_officer"


def register(app: Dash, desk_of: Callable[[str], Desk], sight: Sight) -> None:
    """Add the callbacks of the page; it asks for its living part every few seconds."""
    _register_living(app, desk_of)
    _register_asking(app, desk_of)
    _register_drawing(app, desk_of, sight)
    _register_day(app, desk_of)
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "answered"), Input("data-answered", "data")
    )
    app.clientside_callback(ClientsideFunction(_NAMESPACE, "arm"), Input("data-name", "value"))


def digest(moment: now.Now) -> str:
    """What is drawn, in short: the same text when nothing has to be drawn anew."""
    text = json.dumps([moment.shown, moment.log], cls=PlotlyJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _register_living(app: Dash, desk_of: Callable[[str], Desk]) -> None:
    """What is done at this moment; what did not change is not sent again."""

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
        current = digest(found)
        is_drawn = current == drawn
        return (
            no_update if found.said == said else found.said,
            *([no_update] * 3 if is_drawn else [drawing(found.shown), found.log_title, found.log]),
            found.pulse,
            no_update if found.stamp == stamp else found.stamp,
            no_update if is_drawn else current,
        )


def _register_asking(app: Dash, desk_of: Callable[[str], Desk]) -> None:
    """A wish of an officer is written down, or refused in words."""

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
        sent = str(said.get("sent"))[:_LONGEST_SENT]
        try:
            answer = desk.words.of(decisions.ask(desk.principal, desk.settings, wish))
        except (JobError, StateError) as error:
            return html.Span(desk.words.of(error.message), className="refused"), sent
        return answer, sent


def _register_drawing(app: Dash, desk_of: Callable[[str], Desk], sight: Sight) -> None:
    """All that follows a publication, a refresh or a decision; a first release opens the map."""

    @app.callback(  # type: ignore[untyped-decorator]
        *(Output(f"data-{name}", "content") for name in (*DESK_PARTS, *RELEASE_PARTS)),
        Output("data-lead", "content"),
        Input("data-stamp", "data"),
        State("location", "pathname"),
        State("location", "search"),
        State("data-lead", "content"),
        prevent_initial_call=True,
    )
    def draw_anew(_stamp: Any, path: Any, search: Any, lead: Any) -> tuple[Any, ...]:
        desk = desk_of(path)
        parts = desk_parts(desk)
        try:
            parts |= release_parts(sight(path, search))
        except data.Unready:
            drawn = (parts[name] for name in DESK_PARTS)
            return (*map(drawing, drawn), *[no_update] * (len(RELEASE_PARTS) + 1))
        drawn = (parts[name] for name in (*DESK_PARTS, *RELEASE_PARTS))
        return (*map(drawing, drawn), drawing(_open_map(desk)) if lead else no_update)


def _register_day(app: Dash, desk_of: Callable[[str], Desk]) -> None:
    """What was published on a day that is chosen."""

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


def _open_map(desk: Desk) -> list[Component]:
    """The way out of a house that had no release and has one now."""
    words = desk.words
    path = PATHS[words.language, "map"]
    return [html.P(html.A(words("data.open_map"), href=path, className="button"))]
