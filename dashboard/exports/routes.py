"""The files of tables by their addresses: the query is that of the page that shows them."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, request

from dashboard import data
from dashboard.addresses import LANGUAGES, PATHS
from dashboard.exports.forms import made_file
from dashboard.exports.naming import TABLES, file_path
from dashboard.pages import Sight
from dashboard.wording import Words

#: The part of the query that asks for a byte order mark, or for none; the page has no such part.
MARK = "bom"
_MARKS = {"yes": True, "no": False}


def routes(server: Flask, view_of: Sight) -> None:
    """Add every table in every form; ``view_of`` reads an address as the pages do."""
    for language in LANGUAGES:
        for name, table in TABLES.items():
            for form in table.forms:
                _add(server, view_of, language, name, form)


def _add(server: Flask, view_of: Sight, language: str, name: str, form: str) -> None:
    path = PATHS[language, TABLES[name].page]

    def answer() -> Response:
        parts = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
        mark = next((_MARKS.get(text) for part, text in parts if part == MARK), None)
        search = urlencode([part for part in parts if part[0] != MARK])
        try:
            view = view_of(path, search)
            made = made_file(view, name, form, request.host_url, has_mark=mark)
        except data.Unready as error:
            return Response(str(error), HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
        if made is None:
            said = Words(language)("export.nothing")
            return Response(said, HTTPStatus.NOT_FOUND, mimetype="text/plain")
        response = Response(made.content, mimetype=made.mimetype)
        response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
        response.headers["Cache-Control"] = "no-store"
        return response

    server.add_url_rule(file_path(language, name, form), f"file_{name}_{form}_{language}", answer)
