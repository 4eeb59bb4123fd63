"""The planner's callbacks, on every page of areas: notes, saved views; and the short links."""

from __future__ import annotations

import html as markup
from http import HTTPStatus
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component
from flask import Flask, Response, abort, redirect, request

from dashboard import access, data, planning
from dashboard.addresses import PATHS
from dashboard.components.area_notes import is_formless, note_list
from dashboard.components.saved_views import PATH, link_field, view_list
from dashboard.pages import Sight, View
from dashboard.planning import Wish
from dashboard.wording import Words
from geodata.jobs import JobError
from geodata.settings import Settings
from geodata.state import StateError

_LONGEST_SENT = 20


def routes(server: Flask, settings: Settings) -> None:
    """Add the short links: each leads to its page, pinned to its release."""

    @server.get(f"{PATH}<code>")
    def saved(code: str) -> Any:
        try:
            found = planning.address_of(access.principal(), settings, code)
        except StateError as error:
            said = markup.escape(Words("fr").of(error.message))
            text = f'<!DOCTYPE html><html lang="fr"><title>503</title><p>{said}</p></html>'
            return Response(text, HTTPStatus.SERVICE_UNAVAILABLE)
        if found is None:
            words = Words("fr")
            text = f'<!DOCTYPE html><html lang="fr"><title>404</title><p>{words("view.lost")} '
            text += '<a href="/fr">Vigie</a></p></html>'
            return Response(text, HTTPStatus.NOT_FOUND)
        language, page, query = found
        return redirect(f"{PATHS[language, page]}?{query}")


def register(app: Dash, sight: Sight) -> None:
    """Add the callbacks of what stands around every page of areas."""
    _register_writing(app, sight)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("notes-list", "children"),
        Output("notes-form", "hidden"),
        Input("location", "search"),
        Input("planner-answered", "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )
    def show_notes(search: Any, _answered: Any, path: Any) -> tuple[Any, ...]:
        try:
            view = sight(_text(path), _text(search))
        except data.Unready:
            return no_update, no_update
        return note_list(view), is_formless(view)

    app.clientside_callback(
        ClientsideFunction("vigie_planner", "answered"), Input("planner-answered", "data")
    )


def _register_writing(app: Dash, sight: Sight) -> None:
    """A wish of a planner is done, or refused in words; where it was asked, it is answered."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("note-answer", "children"),
        Output("view-answer", "children"),
        Output("view-list", "children"),
        Output("planner-answered", "data"),
        Input("planner-wish", "data"),
        State("location", "pathname"),
        State("location", "search"),
        prevent_initial_call=True,
    )
    def write(said: Any, path: Any, search: Any) -> tuple[Any, ...]:
        try:
            wish = planning.wish_of(said)
            view = sight(_text(path), _text(search))
        except planning.Malformed:
            abort(HTTPStatus.BAD_REQUEST)
        except data.Unready:
            return (no_update,) * 4
        told, is_done = _answer(view, wish)
        sent = {"sent": str(said.get("sent"))[:_LONGEST_SENT], "kind": wish.kind, "done": is_done}
        if wish.kind in ("note", "withdraw_note"):
            return told, [], no_update, sent
        return [], told, view_list(view), sent


def _answer(view: View, wish: Wish) -> tuple[list[Component], bool]:
    """What is said to the person, and whether it was done."""
    try:
        made = planning.write(view.principal, view.settings, view.release, view.selection, wish)
    except (JobError, StateError) as error:
        return [html.P(view.words.of(error.message), className="refused")], False
    said = [html.P(view.words.of(made.said), className="answer")]
    if made.code:
        said.append(link_field(view, f"{request.host_url.rstrip('/')}{PATH}{made.code}"))
    return said, True


def _text(part: object) -> str:
    if part is not None and not isinstance(part, str):
        abort(HTTPStatus.BAD_REQUEST)
    return part or ""
