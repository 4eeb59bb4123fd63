"""Downloads: the one menu of a page that lists what it may leave as."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.exports.naming import TABLES, file_url
from dashboard.pages import View


def downloads(view: View, name: str, *, others: Sequence[str] = ()) -> Component:
    """The menu of a table: a plain link for each of its forms, then for ``others`` as workbooks."""
    words = view.words
    links = [
        _link(view, name, form, words(f"export.form_{form}"), words(f"export.form_{form}_for"))
        for form in TABLES[name].forms
    ]
    links += [
        _link(view, other, "xlsx", words(f"export.other_{other}"), words("export.form_xlsx_for"))
        for other in others
    ]
    return html.Details(
        [
            html.Summary(words("export.menu")),
            html.Ul(links, className="downloads-list"),
        ],
        className="downloads",
        id=f"{view.selection.page}-downloads",
    )


def _link(view: View, name: str, form: str, text: str, use: str) -> Component:
    link = html.A(
        text,
        href=file_url(view, name, form),
        download="",
        id=f"{view.selection.page}-{name}-{form}",
    )
    return html.Li([link, html.Span(use, className="quiet")])
