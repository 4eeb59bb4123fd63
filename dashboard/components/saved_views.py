"""Saved views: the button that saves the page as it is, its short link, and the list of all."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import journal, planning
from dashboard.components.native_input import NativeInput
from dashboard.pages import View
from geodata.jobs import NAME_LENGTH
from geodata.state import StateError
from geodata.views import TITLE_LENGTH

#: Where saved views are, before their code.
PATH = "/v/"


def saver(view: View) -> Component:
    """The button that opens the form and the list; what they send goes through two stores."""
    words = view.words
    form = [
        html.P(words("view.explained", keep=words.number(view.settings.keep)), className="quiet"),
        NativeInput(
            "view-title",
            label=words("view.title"),
            required=True,
            maxLength=TITLE_LENGTH,
            autoComplete="off",
        ),
        NativeInput(
            "view-name",
            label=words("view.name"),
            required=True,
            maxLength=NAME_LENGTH,
            autoComplete="name",
            remember="vigie-name",
        ),
        html.Button(
            words("view.save"),
            type="button",
            className="button",
            **{"data-plan": "save", "data-name": "view-name", "data-text": "view-title"},
        ),
    ]
    may_write = planning.may_write(view.principal)
    return html.Details(
        [
            html.Summary(words("view.open" if may_write else "view.list")),
            html.Div(
                [
                    *(form if may_write else []),
                    html.Div(id="view-answer", role="status"),
                    html.Div(view_list(view), id="view-list"),
                ],
                className="saver-panel",
            ),
            dcc.Store(id="planner-wish"),
            dcc.Store(id="planner-answered"),
        ],
        className="saver screen-only",
    )


def link_field(view: View, address: str) -> Component:
    """A short link, to be copied."""
    words = view.words
    return html.Div(
        [
            html.Label(words("view.link"), htmlFor="view-link", className="hidden"),
            dcc.Input(id="view-link", value=address, readOnly=True, className="link-field"),
            html.Button(
                words("view.copy"),
                type="button",
                className="button second",
                **{"data-copy": "view-link", "data-copied": words("view.copied")},
            ),
        ],
        className="link-row",
    )


def view_list(view: View) -> list[Component]:
    """The saved views, the latest first; one whose release is gone says so.

    Of a state that cannot be read, why it cannot.
    """
    words = view.words
    title = html.H2(words("view.saved"))
    try:
        frame = planning.saved_views(view.principal, view.settings)
    except StateError as error:
        return [title, html.P(words.of(error.message), className="remark")]
    if frame.empty:
        return [title, html.P(words("view.none"), className="quiet")]
    kept = {found.release_id for found in journal.kept(view.principal, view.settings)}
    rows = [_row(view, row, kept) for row in frame.to_dict("records")]
    return [title, html.Ul(rows, className="view-rows")]


def _row(view: View, row: dict[Any, Any], kept: set[str]) -> Component:
    words = view.words
    release_id = str(row["release_id"])
    said = words(
        "view.of" if release_id in kept else "view.of_lost",
        page=words(f"shell.{row['page']}"),
        number=words.number(int(release_id[:6])),
        name=row["saved_by"],
        day=words.day(row["saved_at"].isoformat()),
    )
    parts: list[Component] = [
        html.A(row["title"], href=f"{PATH}{row['code']}"),
        html.Span(said, className="quiet"),
    ]
    if planning.may_write(view.principal):
        parts.append(
            html.Button(
                words("view.withdraw"),
                type="button",
                className="plain",
                **{
                    "data-plan": "withdraw_view",
                    "data-item": str(row["code"]),
                    "data-name": "view-name",
                    "aria-label": words("view.withdraw_of", title=row["title"]),
                },
            )
        )
    return html.Li(parts)
