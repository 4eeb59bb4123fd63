"""Downloads: the one menu of a page that lists what it may leave as."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.exports.naming import TABLES, file_url
from dashboard.pages import View


def download_menu(view: View, links: Sequence[Component]) -> Component:
    """The menu of a page. It stays as it is, open or not, while its ``links`` are drawn anew.

    They are the children of ``<page>-file``; without any, the menu is not shown.
    """
    page = view.selection.page
    return html.Details(
        [
            html.Summary(view.words("export.menu")),
            html.Ul(links, className="downloads-list", id=f"{page}-file"),
        ],
        className="downloads screen-only",
        id=f"{page}-downloads",
    )


def download_links(view: View, name: str, *, others: Sequence[str] = ()) -> list[Component]:
    """A plain link for each form of a table, then for each of ``others`` as a workbook."""
    words = view.words
    links = [
        _link(view, name, form, words(f"export.form_{form}"), words(f"export.form_{form}_for"))
        for form in TABLES[name].forms
    ]
    links += [
        _link(view, other, "xlsx", words(f"export.other_{other}"), words("export.form_xlsx_for"))
        for other in others
    ]
    return links


def _link(view: View, name: str, form: str, text: str, use: str) -> Component:
    link = html.A(
        text,
        href=file_url(view, name, form),
        download="",
        id=f"{view.selection.page}-{name}-{form}",
    )
    return html.Li([link, html.Span(use, className="quiet")])
