"""The answer to the search for an area: what the browser is told of those a text may mean."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, jsonify, request

from dashboard import data
from dashboard.addresses import PATHS, SEARCH_PATHS
from dashboard.naming import areas_found
from dashboard.pages import Sight, View


def routes(server: Flask, view_of: Sight) -> None:
    """Add the answer to the server, in each language; ``q`` is what is looked for."""
    for language, path in SEARCH_PATHS.items():

        def found(language: str = language) -> Response:
            try:
                view = view_of(PATHS[language, "map"], "")
            except data.Unready:
                abort(503)
            names = data.area_names(view.principal, view.release)
            proposed = areas_found(names, request.args.get("q", ""))
            return jsonify(areas=[_told(view, row) for row in proposed.to_dict("records")])

        server.add_url_rule(path, f"areas_{language}", found)


def _told(view: View, row: dict[Any, Any]) -> dict[str, str]:
    """What the browser is told of an area: its key, its name, and what tells it from others."""
    level = view.catalogue.territory.level(str(row["level"]))
    kind = view.words.of(level.one)
    within = row["within"]
    said = f"{kind} · {within}" if isinstance(within, str) else kind
    return {
        "level": level.id,
        "area": str(row["area_id"]),
        "name": str(row["name"]),
        "said": said,
    }
