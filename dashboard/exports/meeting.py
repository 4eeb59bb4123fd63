"""The meeting view: one large page, frozen on a release, to project and to print; no controls.

It is plain HTML; its one script gives it the theme that a person chose. As a file it has its style
in it, no script, and needs nobody: it says the same in a year, whatever releases the observatory
still keeps.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache, partial
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from flask import Flask, Response, redirect, request
from markupsafe import Markup

from dashboard import data
from dashboard.addresses import LANGUAGES, MEETING_PATHS, PATHS
from dashboard.pages import Sight, View
from dashboard.paper.gap_report import check_gaps, gap_document, gap_report_name
from dashboard.selection import Selection
from dashboard.sight import lost_release
from dashboard.typography import typeset, typeset_document
from dashboard.wording import Words

#: So many findings and areas are shown large.
_FINDINGS, _AREAS = 3, 8
#: The columns that stand beside the name of an area.
_SHOWN = ("unmet", "gap", "interval", "p_gap")


def routes(server: Flask, sight: Sight) -> None:
    """Add the meeting view to the server, in each language."""
    for language in LANGUAGES:

        def meeting(language: str = language, *, as_file: bool = False) -> Any:
            query = request.query_string.decode("utf-8", "replace")
            try:
                view = sight(PATHS[language, "gaps"], query)
                lost = lost_release(view)
                if lost:
                    return _said(_lost_page(view, lost), HTTPStatus.GONE)
                if not view.selection.release:
                    ending = ".html" if as_file else ""
                    return redirect(meeting_url(view, view.release.release_id, ending))
                check_gaps(view)
                made = _said(meeting_page(view, request.host_url, as_file=as_file), HTTPStatus.OK)
                if as_file:
                    name = gap_report_name(view).removesuffix(".pdf") + ".html"
                    made.headers.set("Content-Disposition", "attachment", filename=name)
                return made
            except data.Unready as error:
                words = Words(language)
                text = words(f"unready.{error.state}_title")
                return Response(text, HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")

        path = MEETING_PATHS[language]
        server.add_url_rule(path, f"meeting_{language}", meeting)
        kept = partial(meeting, as_file=True)
        server.add_url_rule(f"{path}.html", f"meeting_html_{language}", kept)


def meeting_url(view: View, release: str = "", ending: str = "") -> str:
    """The address of the meeting view of what the gap page shows, pinned to a release."""
    chosen: Selection = view.selection.changed(release=release or view.selection.release)
    return f"{MEETING_PATHS[view.selection.language]}{ending}?{chosen.search()}"


def meeting_page(view: View, address: str, *, as_file: bool = False) -> str:
    """The whole page as HTML; ``address`` is where the observatory answers.

    As a file it carries its style, and offers no file.
    """
    words = view.words
    told = typeset_document(gap_document(view, address), words.language)
    shown = told["maps"][0]
    names = told["table"]["names"]
    places = [2 + names.index(name) for name in _SHOWN if name in names]
    return _template(
        "meeting.html"
    ).render(
        d=told,
        map=shown,
        drawing=Markup(shown["drawing"]["svg"]),  # noqa: S704 (our own drawing, its texts escaped)
        entries=[
            {**entry, "swatch": _inline(entry["swatch"]["svg"])} for entry in shown["entries"]
        ],
        findings=told["summary"][:_FINDINGS],
        heads=[told["table"]["heads"][place] for place in (0, 1, *places)],
        rows=[
            {**row, "cells": [row["cells"][place] for place in (0, 1, *places)]}
            for row in told["table"]["rows"][:_AREAS]
        ],
        say=lambda key: typeset(words(f"meeting.{key}"), words.language),
        apart=typeset(words("format.apart"), words.language),
        style=_style() if as_file else None,
        file=meeting_url(view, ending=".html"),
    )


def _lost_page(view: View, release: str) -> str:
    """What is said in place of a release that is not kept any more: nothing else is shown."""
    words, current = view.words, view.selection.changed(release="")
    return _template("meeting_lost.html").render(
        language=words.language,
        title=words("meeting.lost_title"),
        told=typeset(words("meeting.lost", release=release), words.language),
        link=f"{PATHS[words.language, 'gaps']}?{current.search()}",
        current=words("meeting.current"),
    )


def _said(page: str, status: HTTPStatus) -> Response:
    made = Response(page, status, mimetype="text/html")
    made.headers["Cache-Control"] = "no-store"
    return made


def _inline(svg: str) -> str:
    """A drawing as the address of a picture that needs no other file."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


@cache
def _style() -> Markup:
    """The style of the page, to stand in it."""
    sheet = resources.files("dashboard.assets").joinpath("meeting.css").read_text("utf-8")
    return Markup(sheet)  # noqa: S704 (our own file)


@cache
def _template(name: str) -> jinja2.Template:
    folder = Path(__file__).parent / "templates"
    loader = jinja2.FileSystemLoader(folder)
    return jinja2.Environment(loader=loader, autoescape=True).get_template(name)
