"""What stands around every page: header, remarks on the address, footer, and the empty house."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.addresses import GUIDE_PATHS, LANGUAGES, PATHS, SEARCH_PATHS
from dashboard.components import AreaSearch
from dashboard.components.gap_table import order_title
from dashboard.data import Unready
from dashboard.offer import AREA_PAGES, SORTS, Offer
from dashboard.pages import View
from dashboard.selection import Remark, Selection, moved
from dashboard.wording import Words
from geodata.catalogue.nouns import Catalogue


def navigation(
    words: Words, pages: Sequence[str], selection: Selection, offer: Offer, search: str
) -> list[Component]:
    """The links to the other pages and to the other language; they keep what is selected.

    They say which query (``search``) they are drawn for, and every part of the selection: where
    the address is ahead of them, the browser gives them its own.
    """
    links = [
        html.A(
            words(f"shell.{page}"),
            href=moved(selection, offer, page=page).url(),
            className="nav-link",
            **_current(page == selection.page),
        )
        for page in pages
    ]
    languages = [
        html.A(
            language.upper(),
            href=moved(selection, offer, language=language).url(),
            className="language",
            title=Words(language)("shell.language"),
            lang=language,
            **_current(language == selection.language),
        )
        for language in LANGUAGES
    ]
    return [
        html.Nav(
            links,
            className="pages",
            **{
                "aria-label": words("shell.pages"),
                "data-search": search,
                "data-parts": json.dumps(selection.parts()),
            },
        ),
        html.Nav(
            languages,
            className="languages",
            **{"aria-label": words("shell.languages"), "data-search": search},
        ),
        html.Button(
            html.Span("◐", **{"aria-hidden": "true"}),
            type="button",
            className="theme",
            title=words("shell.dark"),
            **{"aria-label": words("shell.dark"), "aria-pressed": "false"},
        ),
    ]


def search_field(words: Words, page_id: str) -> Component:
    """The field to find an area with, shown on the page it is on, or else on the map."""
    shown = page_id if page_id in AREA_PAGES else "map"
    return AreaSearch(
        id="area-search",
        label=words("shell.find"),
        url=SEARCH_PATHS[words.language],
        path=PATHS[words.language, shown],
        none=words("shell.found_none"),
        failed=words("shell.find_failed"),
    )


def header(words: Words, territory: str, nav: Component, *tools: Component) -> Component:
    """The banner: what this is and where, the search and other tools, and the navigation."""
    return html.Header(
        [
            html.Div(
                [
                    html.Span("Vigie", className="brand"),
                    html.Span(words("shell.tagline", territory=territory), className="tagline"),
                ],
                className="banner",
            ),
            *tools,
            nav,
        ],
        className="header",
    )


def skip_link(words: Words) -> Component:
    """The first stop of the keyboard: straight to the content."""
    return html.A(words("shell.skip"), href="#main", className="skip screen-only")


def footer(view: View) -> Component:
    """Which release this is, and whose territory."""
    words, release = view.words, view.release
    return html.Footer(
        [
            html.P(
                words("shell.release", number=release.number, day=words.day(release.published_at))
            ),
            html.P(
                html.A(words("interface.link"), href=GUIDE_PATHS[words.language]),
                className="screen-only",
            ),
        ],
        className="footer",
    )


def printed_line(words: Words) -> Component:
    """Where a sheet is from and when it was printed: written when it is (print.js)."""
    return html.P(
        className="printed",
        **{
            "aria-hidden": "true",
            "data-said": words("shell.printed"),
            "data-locale": words.locale,
        },
    )


def remark_lines(remarks: Sequence[Remark], catalogue: Catalogue, words: Words) -> list[Component]:
    """What of the address was not followed, and what is shown instead, one line each."""
    said = [_remark(remark, catalogue, words) for remark in remarks]
    return [html.P(text, className="remark screen-only") for text in said]


def unready(error: Unready, words: Words) -> Component:
    """The page of a house without a release that can be shown: what is wrong, and the mend."""
    return html.Main(
        [
            html.H1(words(f"unready.{error.state}_title")),
            html.P(words(f"unready.{error.state}", detail=error.detail)),
            html.Pre(html.Code(words(f"unready.{error.state}_mend")), className="command"),
            html.P(
                html.A(words("unready.ask"), href=PATHS[words.language, "data"]),
                className="screen-only",
            ),
        ],
        id="main",
        className="unready",
    )


def _current(is_current: bool) -> dict[str, str]:
    return {"aria-current": "page"} if is_current else {}


def _remark(remark: Remark, catalogue: Catalogue, words: Words) -> str:
    name = remark.name or "unknown"
    given, used = (_named(name, part, catalogue, words) for part in (remark.given, remark.used))
    return words(f"remark.{name}", given=given, used=used)


def _named(part: str, text: str, catalogue: Catalogue, words: Words) -> str:
    """What the address calls ``text``, as people call it; a text without a meaning as it is."""
    services = catalogue.services.values()
    names = {
        "indicator": {i.id: i.short for i in catalogue.indicators.values()},
        "level": {level.id: level.name for level in catalogue.territory.levels},
        "service": {service.id: service.name for service in services},
        "standard": {one.id: one.name for service in services for one in service.standards},
    }
    if text in names.get(part, {}):
        return words.of(names[part][text])
    column = text.removeprefix("-")
    if part == "sort" and column in SORTS:
        way = words("gaps.descending" if text != column else "gaps.ascending")
        return f"{order_title(words, column)}, {way}"
    return text
