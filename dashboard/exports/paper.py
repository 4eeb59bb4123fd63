"""What leaves on paper: maps as SVG and PNG, the gap report and the profile as PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from dash import html
from dash.development.base_component import Component
from flask import Flask, Response, request

from dashboard import data
from dashboard.addresses import LANGUAGES, PATHS
from dashboard.exports.meeting import meeting_url
from dashboard.pages import Sight, View
from dashboard.paper.area_profile import area_profile, area_profile_name
from dashboard.paper.gap_report import check_gaps, gap_report, gap_report_name
from dashboard.paper.map_plate import plate
from dashboard.paper.typesetting import picture
from dashboard.sight import lost_release

#: Makes the file of a view: its bytes, its kind and its name.
Making = Callable[[View], tuple[bytes, str, str]]


def routes(server: Flask, sight: Sight) -> None:
    """Add the files to the server; ``sight`` reads an address as the pages do."""
    for language in LANGUAGES:
        for page, ending, making in (
            ("map", "svg", _map_svg),
            ("map", "png", _map_png),
            ("gaps", "pdf", _gap_pdf),
            ("profile", "pdf", _area_pdf),
        ):
            path = PATHS[language, page]
            answer = partial(_answer, sight, path, making)
            server.add_url_rule(f"{path}.{ending}", f"{page}_{ending}_{language}", answer)


def map_links(view: View) -> list[Component | str]:
    """Links to the map of the map page as SVG and as PNG, on one line."""
    words = view.words
    svg, png = (
        html.A(words(f"paper.file_{ending}"), href=map_url(view, ending), download="")
        for ending in ("svg", "png")
    )
    return [svg, " · ", png]


def map_url(view: View, ending: str) -> str:
    """Address of the map of the map page as a file: "svg" or "png"."""
    return f"{PATHS[view.selection.language, 'map']}.{ending}?{view.selection.search()}"


def gap_links(view: View) -> list[Component | str]:
    """Links to the gap report of what the gap page shows, and to its view for a meeting."""
    href = f"{PATHS[view.selection.language, 'gaps']}.pdf?{view.selection.search()}"
    return [
        html.A(view.words("paper.file_gaps"), href=href, download=""),
        " · ",
        html.A(view.words("meeting.open"), href=meeting_url(view)),
    ]


def area_profile_link(view: View) -> Component:
    """The link to the profile of what the profile page shows, on two pages."""
    href = f"{PATHS[view.selection.language, 'profile']}.pdf?{view.selection.search()}"
    return html.A(view.words("paper.file_area"), href=href, download="")


def map_name(view: View, ending: str) -> str:
    """A file name that says territory, indicator, level, period and release."""
    chosen = view.selection
    parts = (chosen.indicator, chosen.level, chosen.period, view.release.release_id)
    return "_".join(("vigie", view.release.territory_id, *parts)) + f".{ending}"


def _answer(sight: Sight, path: str, making: Making) -> Response:
    """A file of an address; 410 where it is pinned to a release that is not kept any more."""
    try:
        view = sight(path, request.query_string.decode("utf-8", "replace"))
        lost = lost_release(view)
        if lost:
            told = view.words("paper.lost", release=lost)
            return Response(told, HTTPStatus.GONE, mimetype="text/plain")
        content, kind, name = making(view)
    except data.Unready as error:
        return Response(str(error), HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
    made = Response(content, mimetype=kind)
    made.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    made.headers["Cache-Control"] = "no-store"
    return made


def _map_svg(view: View) -> tuple[bytes, str, str]:
    return plate(view).sheet().encode(), "image/svg+xml", map_name(view, "svg")


def _map_png(view: View) -> tuple[bytes, str, str]:
    return picture(plate(view).sheet()), "image/png", map_name(view, "png")


def _gap_pdf(view: View) -> tuple[bytes, str, str]:
    check_gaps(view)
    return gap_report(view, request.host_url), "application/pdf", gap_report_name(view)


def _area_pdf(view: View) -> tuple[bytes, str, str]:
    return area_profile(view, request.host_url), "application/pdf", area_profile_name(view)
