"""The OpenAPI document (3.1), made from the schemas that read questions and write answers."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, request
from marshmallow import Schema

from dashboard.addresses import GUIDE_PATHS, INTERFACE, LONGEST_LINE
from dashboard.interface import items
from dashboard.interface.dressing import compact
from dashboard.interface.refusals import MEDIA_TYPE

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
PATH = f"{INTERFACE}/openapi.json"
#: What any question may be answered besides what it asks for.
_REFUSALS = {
    "400": "A parameter is unknown, or says nothing that can be followed",
    "404": "There is no such release, area, indicator or service",
    "406": "There is no such form",
    "503": "There is no release to show yet",
}


#: What the server itself answers before the request is read.
_TOO_LONG = {
    "description": f"The request's first line is longer than {LONGEST_LINE} bytes",
    "content": {"text/html": {}},
}


class _Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest's, whose errors are ours (`refusals`): its own would be those of all pages."""

    ERROR_SCHEMA = items.Problem

    def _register_error_handlers(self) -> None:
        """Register none."""


def api(server: Flask) -> flask_smorest.Api:
    """The document, empty: routes add themselves to it."""
    server.config["API_TITLE"] = "Vigie"
    server.config["API_VERSION"] = "1"
    server.config["OPENAPI_VERSION"] = "3.1.0"
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    about = (
        f"Observatory of needs for social services, version {version('vigie-territoires')}. What "
        "the screen shows, under the same masks: a suppressed value is never told. Every answer is "
        "from one release; name it (release=) to page through it or to cite it."
    )
    return _Api(
        server,
        spec_kwargs={
            "marshmallow_plugin": plugin,
            "info": {"description": about, "license": {"name": "EUPL-1.2"}},
            "servers": [{"url": "/"}],
            "externalDocs": {"url": GUIDE_PATHS["en"], "description": "In words"},
        },
    )


def _name(schema: Any) -> str:
    made = schema if isinstance(schema, type) else type(schema)
    return str(made.__name__)


def collection(item: type[Schema]) -> dict[str, Any]:
    """The JSON schema of a feature collection of items."""
    return {
        "type": "object",
        "required": ["type", "features", "numberMatched", "numberReturned", "links"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "numberMatched": {"type": "integer"},
            "numberReturned": {"type": "integer"},
            "links": {"type": "array", "items": {"type": "object"}},
            "features": {"type": "array", "items": feature(item)},
        },
    }


def feature(item: type[Schema]) -> dict[str, Any]:
    """The JSON schema of a feature whose properties are an item."""
    return {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"type": ["object", "null"]},
            "properties": {
                "type": "object",
                "properties": {
                    name: {"description": str(field.metadata.get("description", ""))}
                    for name, field in item._declared_fields.items()
                },
            },
        },
    }


def routes(server: Flask, made: flask_smorest.Api) -> None:
    """Serve the document."""

    @cache
    def text() -> str:
        return compact(_finished(made.spec.to_dict()))

    @server.get(PATH)
    def openapi() -> Response:
        answer = Response(text(), mimetype=OPENAPI)
        answer.set_etag(hashlib.sha256(text().encode()).hexdigest()[:20], weak=True)
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.make_conditional(request)
        return answer


def _finished(spec: dict[str, Any]) -> dict[str, Any]:
    """The document with what every question shares: refusals are problems, tags spare an answer."""
    components = spec["components"]
    components["responses"] = {
        f"Refusal{status}": {
            "description": said,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, said in _REFUSALS.items()
    }
    for operations in spec["paths"].values():
        for operation in (operations[verb] for verb in ("get",) if verb in operations):
            kept = {k: v for k, v in operation["responses"].items() if k.startswith("2")}
            shared = {x: {"$ref": f"#/components/responses/Refusal{x}"} for x in _REFUSALS}
            unchanged = {"304": {"description": "It is as it was (If-None-Match)"}}
            operation["responses"] = {**kept, **unchanged, **shared, "414": _TOO_LONG}
    return spec
