"""The form of a data officer: a name, a reason, and what to ask of the worker."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.native_input import NativeInput
from dashboard.components.told import button
from dashboard.decisions import REASON_LENGTH
from dashboard.pages import Desk
from geodata.jobs import NAME_LENGTH


def form(desk: Desk) -> list[Component]:
    """Who asks, why, and the request for a refresh; the answer; what confirms a decision."""
    words = desk.words
    return [
        html.H2(words("desk.ask_title")),
        NativeInput(
            "data-name",
            label=words("desk.name"),
            required=True,
            maxLength=NAME_LENGTH,
            autoComplete="name",
            remember="vigie-name",
            describedBy="data-name-note",
        ),
        html.P(words("desk.name_note"), id="data-name-note", className="quiet"),
        NativeInput(
            "data-reason",
            label=words("desk.reason"),
            maxLength=REASON_LENGTH,
            autoComplete="off",
        ),
        html.Div(button(words("desk.ask_refresh"), "refresh"), className="acts"),
        html.P(words("desk.nameless"), id="data-nameless", className="quiet"),
        html.P(id="data-answer", role="status", className="answer"),
        html.P(
            [words("data.commands_folder"), " ", html.Code(str(desk.settings.incoming))],
            className="quiet",
        ),
        _dialog(desk),
        dcc.Store(id="data-wish"),
        dcc.Store(id="data-answered"),
    ]


def _dialog(desk: Desk) -> Component:
    """The question before a decision; its text is that of the button that was pressed."""
    words = desk.words
    return html.Dialog(
        [
            html.H2(words("desk.confirm_title"), id="data-confirm-title"),
            html.P(id="data-confirm-text"),
            html.Div(
                [
                    html.Button(
                        words("desk.confirm_no"), id="data-confirm-no", className="button second"
                    ),
                    html.Button(
                        words("desk.confirm_yes"), id="data-confirm-yes", className="button"
                    ),
                ],
                className="acts",
            ),
        ],
        id="data-confirm",
        className="confirm",
        **{"aria-labelledby": "data-confirm-title"},
    )
