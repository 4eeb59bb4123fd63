"""Routes of the map: tiles and values by release, for ever the same, and MapLibre GL."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from flask import Flask, Response, abort, request, send_file

from dashboard import data
from dashboard.access import principal
from dashboard.components.vendor import vendor_files
from geodata.release import Release
from geodata.settings import Settings

_IMMUTABLE = "private, max-age=31536000, immutable"


def tiles_url(release: Release) -> str:
    """Template of a release's tiles, with {z}, {x} and {y}."""
    return f"/geo/{release.release_id}/{{z}}/{{x}}/{{y}}.pbf"


def values_url(release: Release, indicator: str, level: str, period: str) -> str:
    """Address of the values of a level."""
    return f"/values/{release.release_id}/{indicator}/{level}/{period}.bin"


def routes(server: Flask, settings: Settings) -> None:
    """Add the routes of the map to the server."""
    vendors = vendor_files()

    def named(release_id: str) -> Release:
        release = data.release_named(settings, release_id)
        if release is None:
            abort(HTTPStatus.NOT_FOUND)
        return release

    @server.get("/geo/<release_id>/<int:z>/<int:x>/<int:y>.pbf")
    def map_tile(release_id: str, z: int, x: int, y: int) -> Response:
        content = data.tile(principal(), named(release_id), z, x, y)
        if content is None:
            return _lasting(Response(status=HTTPStatus.NO_CONTENT))
        made = Response(content, mimetype="application/vnd.mapbox-vector-tile")
        made.headers["Content-Encoding"] = "gzip"
        return _lasting(made)

    @server.get("/values/<release_id>/<indicator>/<level>/<period>.bin")
    def map_values(release_id: str, indicator: str, level: str, period: str) -> Response:
        release = named(release_id)
        offered = data.offer(principal(), release).indicators.get(indicator, {})
        if period not in offered.get(level, ()):
            abort(HTTPStatus.NOT_FOUND)
        content = data.value_bytes(principal(), release, indicator, level, period)
        made = Response(content, mimetype="application/octet-stream")
        made.set_etag(hashlib.sha256(content).hexdigest()[:20])
        made.make_conditional(request)
        return _lasting(made)

    @server.get("/vendor/<name>")
    def vendor(name: str) -> Response:
        path = vendors.get(name)
        if path is None:
            abort(HTTPStatus.NOT_FOUND)
        return _lasting(send_file(path, conditional=True))

    @server.errorhandler(data.Forbidden)
    def refuse(_error: data.Forbidden) -> tuple[str, int]:
        return "", HTTPStatus.FORBIDDEN


def _lasting(response: Response) -> Response:
    response.headers["Cache-Control"] = _IMMUTABLE
    return response
