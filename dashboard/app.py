"""The app: one Dash on one Flask, the pages it shows, and how an address becomes a page."""

from __future__ import annotations

import html as markup
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Flask, Response, abort, has_request_context, redirect, request

from dashboard import access, answers, bundle, data, maps, planner, planning, ranks, search
from dashboard.addresses import FRAME, HOME, PATHS, place_of
from dashboard.components import shell
from dashboard.components.area_notes import area_notes
from dashboard.components.invented import invented_line
from dashboard.components.provenance import pinned_line
from dashboard.components.saved_views import saver
from dashboard.components.vendor import maplibre_url
from dashboard.exports import held, meeting, paper
from dashboard.exports import routes as files
from dashboard.interface import routes as interface
from dashboard.offer import AREA_PAGES
from dashboard.pages import Desk, Page, Sight, View
from dashboard.pages import chain as chain_page
from dashboard.pages import compare as compare_page
from dashboard.pages import data as data_page
from dashboard.pages import gaps as gaps_page
from dashboard.pages import map as map_page
from dashboard.pages import methods as methods_page
from dashboard.pages import priorities as priorities_page
from dashboard.pages import profile as profile_page
from dashboard.sight import view_at
from dashboard.wording import Words
from geodata.catalogue.loader import catalogue
from geodata.settings import Settings
from geodata.state import StateError

#: The pages, in the order of the navigation.
PAGES: tuple[Page, ...] = (
    map_page.PAGE,
    profile_page.PAGE,
    gaps_page.PAGE,
    priorities_page.PAGE,
    chain_page.PAGE,
    compare_page.PAGE,
    data_page.PAGE,
    methods_page.PAGE,
)

DeskOf = Callable[[str], Desk]
#: An address (path, query) to what is drawn when it is opened.
Opened = Callable[[str, str], list[Component]]
_NAMESPACE = "vigie_selection"


@dataclass(frozen=True, slots=True)
class _Opening:
    """What the first answer says of a page: its language, its title, whether a map begins it."""

    language: str
    title: str
    is_mapped: bool


class _Dash(Dash):  # type: ignore[misc]
    """Dash whose first answer already speaks the language of the page and bears its title.

    What Dash asks for first is on its way with it, and MapLibre GL where the page begins with a
    map.
    """

    def __init__(
        self, *args: Any, opening: Callable[[], _Opening], made: bundle.Bundle, **options: Any
    ) -> None:
        self._opening, self._bundle = opening, made
        super().__init__(*args, **options)

    def interpolate_index(self, **parts: Any) -> str:
        begun = self._opening()
        language, title, words = begun.language, begun.title, Words(begun.language)
        library = ""
        if begun.is_mapped:
            library = (
                f'<link rel="stylesheet" href="{maplibre_url(".css")}">'
                f'<script async src="{maplibre_url(".js")}"></script>'
            )
        return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
{parts["metas"]}
<title>{markup.escape(title)}</title>
<link rel="icon" href="{bundle.ICON}">
<link rel="preload" as="fetch" crossorigin href="{FRAME}">
{library}
{parts["css"]}
<link rel="stylesheet" href="{self._bundle.style_url}">
</head>
<body>
{parts["app_entry"].replace("Loading...", markup.escape(words("shell.loading")))}
<noscript>{markup.escape(words("shell.noscript"))}</noscript>
<div hidden>{parts["config"]}{bundle.needed(parts["scripts"])}
<script src="{self._bundle.script_url}"></script>{parts["renderer"]}</div>
</body>
</html>"""


def create_app(settings: Settings, answers_folder: Path | None = None) -> Dash:
    """The dashboard for these settings, complete; ``.server`` is its Flask.

    ``answers_folder``: where the processes of one server keep their answers together.

    Nothing is read from a release before the first request, so that it may be made before the
    first refresh, and sees each new release without a restart.
    """
    server = Flask(__name__, static_folder=None)
    view_of, desk_of = _view_of(settings), _desk_of(settings)
    made = bundle.bundle()
    app = _Dash(
        __name__,
        server=server,
        opening=lambda: _opening(view_of),
        made=made,
        assets_folder=str(bundle.ASSETS),
        include_assets_files=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title=None,
        enable_mcp=False,
        websocket_callbacks=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    opened = _opened(desk_of, view_of)
    app.layout = lambda: _frame(opened)
    _register_frame(server)
    _register_opening(app, opened)
    for page in PAGES:
        _register_page(app, page, view_of)
        if page.register is not None:
            page.register(app, lambda path: desk_of(_language(path)), view_of)
    hashes: list[str] = []
    access.guard(server, settings.territory, lambda: hashes)
    answers.remember(
        server,
        _kept_outputs(app),
        lambda: _stamp(settings),
        lambda: _opening_stamp(settings),
        answers_folder,
    )
    _register_addresses(server)
    bundle.routes(server, made)
    maps.routes(server, settings)
    search.routes(server, view_of)
    ranks.routes(server, view_of)
    planner.register(app, view_of)
    planner.routes(server, settings)
    files.routes(server, view_of)
    paper.routes(server, view_of)
    meeting.routes(server, view_of)
    held.routes(server, desk_of)
    interface.register(server, settings)
    hashes.extend(app.csp_hashes())
    return app


def _kept_outputs(app: Dash) -> frozenset[str]:
    """The callbacks that redraw a page which shows nothing but a release."""
    pages = [page for page in PAGES if page is not data_page.PAGE]
    begun = tuple(
        f"..{first}"
        for page in pages
        for first in (f"{page.id}-navigation.", *(str(output) for output in page.later[:1]))
    )
    return frozenset(output for output in app.callback_map if output.startswith(begun))


def _stamp(settings: Settings) -> str | None:
    """What a page is drawn from besides its address: the release, and the words of the house."""
    try:
        release = data.open_release(settings)
    except data.Unready:
        return None
    return f"{release.release_id} {catalogue(settings.territory, settings.descriptions).sha256}"


def _opening_stamp(settings: Settings) -> str | None:
    """The page that is opened, and what it is drawn from; None where it shows what is at work."""
    path, search = _referring()
    place, of = place_of(path), _stamp(settings)
    if place is None or of is None or place[1] == data_page.PAGE.id:
        return None
    try:
        written = planning.stamp_of_written(access.principal(), settings)
    except (data.Forbidden, StateError):
        return None
    return repr((path, search, of, written))


def _frame(opened: Opened) -> Component:
    """The one layout: the address, and the page that it opens, drawn already.

    The browser asks for it with the page, before Dash has started there; which page, its Referer
    says. Where it does not, or the page cannot be drawn, the callback opens it later.
    """
    path, search = _referring() if has_request_context() else ("", "")
    if place_of(path) is not None:
        with suppress(data.Forbidden):
            shell = html.Div(opened(path, search), id="shell")
            # An address that is told already does not change when Dash starts: nothing is asked.
            location = dcc.Location(id="location", pathname=path, search=search, refresh=False)
            return html.Div([location, shell])
    return html.Div([dcc.Location(id="location", refresh=False), html.Div(id="shell")])


def _referring() -> tuple[str, str]:
    """The path and the query of the page that asks, empty where the header is no address."""
    try:
        address = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "", ""
    return address.path, f"?{address.query}" if address.query else ""


def _view_of(settings: Settings) -> Sight:
    """A function from an address (path, query) to what its page draws from.

    It raises data.Unready without a release to show, data.Forbidden for who may not read it.
    """

    def view_of(path: str, search: str) -> View:
        return view_at(settings, access.principal(), path, search)

    return view_of


def _desk_of(settings: Settings) -> DeskOf:
    """A function from a language to what the parts that need no release draw from.

    It raises data.Forbidden for who may not read the territory.
    """

    def desk_of(language: str) -> Desk:
        principal = access.principal()
        data.allow(principal, settings)
        known = catalogue(settings.territory, settings.descriptions)
        return Desk(principal, settings, known, Words(language))

    return desk_of


def _language(path: object) -> str:
    """The language of a path that the browser says."""
    place = place_of(_text(path))
    return place[0] if place else "fr"


def _opening(view_of: Sight) -> _Opening:
    """What the first answer says of the page being requested."""
    language, page_id = place_of(request.path) or ("fr", "map")
    try:
        view = view_of(request.path, request.query_string.decode("utf-8", "replace"))
    except (data.Unready, data.Forbidden):
        return _Opening(language, "Vigie", is_mapped=False)
    return _Opening(language, _title(_page(page_id), view), page_id == map_page.PAGE.id)


def _title(page: Page, view: View) -> str:
    return f"{page.title(view)} – Vigie"


def _page(page_id: str) -> Page:
    return next((page for page in PAGES if page.id == page_id), PAGES[0])


def _register_addresses(server: Flask) -> None:
    """Home leads to the first page; a path that is no page is not found."""
    homes = {"/": HOME} | {f"/{language}": PATHS[language, "map"] for language, _ in PATHS}

    @server.before_request
    def lead() -> Any:
        path = request.path.rstrip("/") or "/"
        if path in homes:
            return redirect(homes[path])
        if request.endpoint == "/<path:path>" and place_of(path) is None:
            words = Words("en" if path.startswith("/en/") else "fr")
            text = f'<!DOCTYPE html><html lang="{words.language}"><title>404</title>' + (
                f'<p>{words("shell.not_found")} <a href="/{words.language}">Vigie</a></p></html>'
            )
            return Response(text, HTTPStatus.NOT_FOUND)
        return None


def _register_frame(server: Flask) -> None:
    """The frame is of the page that asked: no browser may give it back to another, going back."""

    @server.after_request
    def forget(response: Response) -> Response:
        if request.path == FRAME:
            response.headers["Cache-Control"] = "no-store"
        return response


def _register_opening(app: Dash, opened: Opened) -> None:
    """A path opens its page, already drawn, unless the frame came with it."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("shell", "children"),
        Input("location", "pathname"),
        State("location", "search"),
        prevent_initial_call=True,
    )
    def open_page(path: str | None, search: str | None) -> list[Component]:
        return opened(_text(path), _text(search))


def _opened(desk_of: DeskOf, view_of: Sight) -> Opened:
    """A function from an address (path, query) to what is drawn when it is opened."""

    def opened(path: str, search: str) -> list[Component]:
        language, page_id = place_of(path) or ("fr", "map")
        desk, page = desk_of(language), _page(page_id)
        words = desk.words
        territory = words.of(desk.catalogue.territory.name)
        try:
            view = view_of(path, search)
        except data.Unready as error:
            nav = html.Div(className="navigation screen-only")
            drawn = page.unready(desk, error) if page.unready else shell.unready(error, words)
            return [
                shell.skip_link(words),
                shell.header(words, territory, nav),
                drawn,
                shell.printed_line(words),
            ]
        navigation, remarks, shown, title = _surroundings(page, view, search)
        nav = html.Div(navigation, id=f"{page.id}-navigation", className="navigation screen-only")
        return [
            shell.skip_link(words),
            shell.header(words, territory, nav, *_tools(page, view)),
            html.Div(remarks, id=f"{page.id}-remarks", role="status", className="remarks"),
            page.layout(view),
            *([area_notes(view)] if page.id in AREA_PAGES else []),
            shell.footer(view),
            shell.printed_line(words),
            dcc.Store(id=f"{page.id}-shown", data=shown),
            dcc.Store(id=f"{page.id}-title", data=title),
        ]

    return opened


def _tools(page: Page, view: View) -> list[Component]:
    """What stands in the banner: the search, and on pages of areas the saved views."""
    search_field = shell.search_field(view.words, page.id)
    return [search_field, *([saver(view)] if page.id in AREA_PAGES else [])]


def _text(part: object) -> str:
    """A part of the address as the browser says it; anything but a text is a tampered request."""
    if part is None:
        return ""
    if not isinstance(part, str):
        abort(HTTPStatus.BAD_REQUEST)
    return part


def _surroundings(page: Page, view: View, search: str) -> tuple[Any, ...]:
    """What changes around every page: navigation, remarks, the selection shown, the title."""
    ids = [other.id for other in PAGES]
    return (
        shell.navigation(view.words, ids, view.selection, view.offer, search),
        [
            *pinned_line(view),
            *invented_line(view),
            *shell.remark_lines(view.remarks, view.catalogue, view.words),
        ],
        view.selection.parts(),
        _title(page, view),
    )


def _register_page(app: Dash, page: Page, view_of: Sight) -> None:
    """The one callback of a page that the server answers, and those the browser answers."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output(f"{page.id}-navigation", "children"),
        Output(f"{page.id}-remarks", "children"),
        Output(f"{page.id}-shown", "data"),
        Output(f"{page.id}-title", "data"),
        *page.outputs,
        Input("location", "search"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )
    def update(search: str | None, path: str | None) -> tuple[Any, ...]:
        path, search = _text(path), _text(search)
        place = place_of(path)
        if place is None or place[1] != page.id:
            raise PreventUpdate
        try:
            view = view_of(path, search)
        except data.Unready as error:  # the release went away meanwhile: say so, keep the rest
            said = html.P(Words(place[0])(f"unready.{error.state}_title"), className="remark")
            return (no_update, said, *[no_update] * (2 + len(page.outputs)))
        return (*_surroundings(page, view, search), *page.update(view))

    if page.follow is not None:
        _register_later(app, page, page.follow, view_of)
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "entitle"), Input(f"{page.id}-title", "data")
    )


def _register_later(
    app: Dash, page: Page, follow: Callable[[View], tuple[object, ...]], view_of: Sight
) -> None:
    """What a page draws once its first callback has said what is selected."""

    @app.callback(  # type: ignore[untyped-decorator]
        *page.later,
        Input(f"{page.id}-shown", "data"),
        State("location", "search"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )
    def later(_shown: object, search: str | None, path: str | None) -> tuple[Any, ...]:
        path, search = _text(path), _text(search)
        place = place_of(path)
        if place is None or place[1] != page.id:
            raise PreventUpdate
        try:
            return follow(view_of(path, search))
        except data.Unready:  # the first callback says so
            raise PreventUpdate from None
