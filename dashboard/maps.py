"""Routes of the map: tiles and values by release, for ever the same, and MapLibre GL."""

from __future__ import annotations

import json
from functools import lru_cache
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort

from dashboard import data
from dashboard.access import principal
from dashboard.addresses import CLASSES
from dashboard.components.vendor import vendor_files
from dashboard.lasting import lasting, lasting_file
from dashboard.offer import CLASSINGS
from geodata.release import Release
from geodata.settings import Settings


def tiles_url(release: Release) -> str:
    """Template of a release's tiles, with {z}, {x} and {y}."""
    return f"/geo/{release.release_id}/{{z}}/{{x}}/{{y}}.pbf"


def values_url(release: Release, indicator: str, level: str, period: str) -> str:
    """Address of the values of a level."""
    return f"/values/{release.release_id}/{indicator}/{level}/{period}.bin"


def classes_url(release: Release, indicator: str, level: str, period: str, classing: str) -> str:
    """Address of what the areas of a level are painted from."""
    return f"{CLASSES}{release.release_id}/{indicator}/{level}/{period}/{classing}.bin"


def ahead(release: Release) -> dict[str, str]:
    """What a map is coloured from as soon as something is chosen; see `components.AreaMap`."""
    return {
        "offerUrl": f"/offer/{release.release_id}.json",
        "classesUrl": classes_url(release, "{indicator}", "{level}", "{period}", "{classing}"),
        "classing": CLASSINGS[0],
    }


def places_url(release: Release, category: str) -> str:
    """Address of the places of a category of service.

    It is kept for ever by browsers: a change of the columns needs another address.
    """
    return f"/places/2/{release.release_id}/{category}.json"


def reach_url(release: Release, category: str) -> str:
    """Template of the reach of the places of a category in a finest area, {place}."""
    return f"/reach/2/{release.release_id}/{category}/{{place}}.json"


def reach_of_url(release: Release, category: str, place: str) -> str:
    """Address of the reach of the places of a category that stand in one finest area."""
    return reach_url(release, category).replace("{place}", quote(place, safe=""))


def names_url(release: Release, level: str) -> str:
    """Address of the names of the areas of a level."""
    return f"/names/{release.release_id}/{level}.json"


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
            return lasting(Response(status=HTTPStatus.NO_CONTENT))
        made = Response(content, mimetype="application/vnd.mapbox-vector-tile")
        made.headers["Content-Encoding"] = "gzip"
        return lasting(made)

    @server.get("/values/<release_id>/<indicator>/<level>/<period>.bin")
    def map_values(release_id: str, indicator: str, level: str, period: str) -> Response:
        release = named(release_id)
        offered = data.offer(principal(), release).indicators.get(indicator, {})
        if period not in offered.get(level, ()):
            abort(HTTPStatus.NOT_FOUND)
        content = data.value_bytes(principal(), release, indicator, level, period)
        return lasting_file(content, "application/octet-stream")

    @server.get(f"{CLASSES}<release_id>/<indicator>/<level>/<period>/<classing>.bin")
    def map_classes(
        release_id: str, indicator: str, level: str, period: str, classing: str
    ) -> Response:
        release = named(release_id)
        offered = data.offer(principal(), release).indicators.get(indicator, {})
        if period not in offered.get(level, ()) or classing not in CLASSINGS:
            abort(HTTPStatus.NOT_FOUND)
        content = data.painted_bytes(principal(), release, indicator, level, period, classing)
        return lasting_file(content, "application/octet-stream")

    @server.get("/offer/<release_id>.json")
    def map_offer(release_id: str) -> Response:
        offered = data.offer(principal(), named(release_id)).indicators
        content = json.dumps(offered, separators=(",", ":"), default=list).encode("utf-8")
        return lasting_file(content, "application/json")

    @server.get("/places/2/<release_id>/<category>.json")
    def map_places(release_id: str, category: str) -> Response:
        release = named(release_id)
        if category not in data.offer(principal(), release).places:
            abort(HTTPStatus.NOT_FOUND)
        return lasting_file(data.place_bytes(principal(), release, category), "application/json")

    @server.get("/reach/2/<release_id>/<category>/<place>.json")
    def map_reach(release_id: str, category: str, place: str) -> Response:
        release, who = named(release_id), principal()
        if category not in data.offer(who, release).places:
            abort(HTTPStatus.NOT_FOUND)
        if not data.is_finest_area(who, release, place):
            abort(HTTPStatus.NOT_FOUND)
        found = data.reach(who, release, category, (place,))
        if found is None or found.empty:
            abort(HTTPStatus.NOT_FOUND)
        rows = found[["fid", "name"]].to_numpy().tolist()
        content = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return lasting_file(content, "application/json")

    @server.get("/names/<release_id>/<level>.json")
    def map_names(release_id: str, level: str) -> Response:
        release = named(release_id)
        if level not in data.offer(principal(), release).areas:
            abort(HTTPStatus.NOT_FOUND)
        return lasting_file(data.name_bytes(principal(), release, level), "application/json")

    @server.get("/vendor/<name>")
    def vendor(name: str) -> Response:
        path = vendors.get(name)
        if path is None:
            abort(HTTPStatus.NOT_FOUND)
        kind, _encoding = guess_type(path.name)
        return lasting_file(_content(path), kind or "application/octet-stream")

    @server.errorhandler(data.Forbidden)
    def refuse(_error: data.Forbidden) -> tuple[str, int]:
        return "", HTTPStatus.FORBIDDEN


@lru_cache
def _content(path: Path) -> bytes:
    """A file of an installed package: it does not change while we run."""
    return path.read_bytes()
