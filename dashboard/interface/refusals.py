"""Refusals: what was wrong with a request, the parameter, and the mend, as problem+json (RFC 9457).

They speak French or English, as the request would have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import marshmallow as ma
from flask import Flask, Request, Response, json, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from dashboard import data
from dashboard.addresses import GUIDE_PATHS, INTERFACE, LANGUAGES
from dashboard.wording import Words

MEDIA_TYPE = "application/problem+json"
#: What webargs says of a parameter that no schema has.
_UNKNOWN = ma.RAISE


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """A request that is refused: ``code`` names its words, ``parts`` what they leave open.

    ``said`` are other parameters that were wrong, each with a code and its parts.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        parameter: str = "",
        said: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
        **parts: str,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.parameter, self.parts = status, code, parameter, parts
        self.said = said or {}


class Parser(FlaskParser):
    """Reads the parameters of a request: one that is not known is refused, so is a bad one."""

    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": _UNKNOWN, "path": _UNKNOWN}  # noqa: RUF012 (theirs)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Refuse: each parameter, what is wrong with it, and what is known instead."""
        told: Any = error.messages
        found: dict[str, list[str]] = next(iter(told.values()))
        known = ", ".join(sorted(schema.fields))
        unknown = schema.error_messages.get("unknown", "Unknown field.")
        said: dict[str, tuple[str, Mapping[str, str]]] = {}
        for name, messages in found.items():
            if unknown in messages:
                said[name] = "unknown_parameter", {"name": name, "known": known}
            else:
                said[name] = "bad_parameter", {"name": name, "why": _why(schema, name)}
        first = next(iter(said))
        code, parts = said[first]
        raise Refusal(HTTPStatus.BAD_REQUEST, code, first, said, **parts)


def _why(schema: ma.Schema, name: str) -> str:
    """What a parameter takes, as the document says it."""
    field = schema.fields.get(name)
    return str(field.metadata.get("description", "")) if field else ""


def register(server: Flask) -> None:
    """Answer every fault under the interface's address as a problem; other pages keep their own."""

    @server.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> Response:
        return problem(refusal)

    @server.errorhandler(HTTPException)
    def fault(error: HTTPException) -> Any:
        if not request.path.startswith(f"{INTERFACE}/"):
            return error
        status = HTTPStatus(error.code or 500)
        codes = {404: "not_found", 405: "method", 403: "forbidden"}
        made = problem(Refusal(status, codes.get(status, "fault"), name=request.path))
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            made.headers["Allow"] = "GET, HEAD, OPTIONS"
        return made

    @server.errorhandler(data.Unready)
    def unready(error: data.Unready) -> Response:
        if not request.path.startswith(f"{INTERFACE}/"):
            raise error
        made = problem(Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "unready", state=error.state))
        made.headers["Retry-After"] = "60"
        return made


def problem(refusal: Refusal) -> Response:
    """The refusal as an answer."""
    language = request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    words = Words(language)
    body: dict[str, Any] = {
        "type": f"{GUIDE_PATHS[language]}#{refusal.code}",
        "title": words(f"problem.{refusal.code}_title"),
        "status": int(refusal.status),
        "detail": words(f"problem.{refusal.code}", **refusal.parts),
    }
    if refusal.parameter:
        body["parameter"] = refusal.parameter
    if len(refusal.said) > 1:
        body["errors"] = [
            {"parameter": name, "detail": words(f"problem.{code}", **parts)}
            for name, (code, parts) in refusal.said.items()
        ]
    made = Response(json.dumps(body), refusal.status, mimetype=MEDIA_TYPE)
    made.headers["Cache-Control"] = "no-store"
    made.headers["Content-Language"] = language
    made.headers["Vary"] = "Accept, Accept-Language"
    return made
