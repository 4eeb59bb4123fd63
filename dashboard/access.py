"""Access: who asks, before every route, and what every answer forbids the browser."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from geodata.model import Principal

_LOOPBACK_NAMES = ("localhost",)


def guard(server: Flask, territory: str, script_hashes: Callable[[], list[str]]) -> None:
    """Let every request through one door, whatever its route, and close the answers.

    There are no accounts yet: whoever reaches the loopback interface is the director of the one
    territory. The ``Host`` must be a loopback one, so that a page of the open web, whose name
    was made to point here (DNS rebinding), is refused. ``script_hashes`` gives the hashes of the
    inline scripts, quoted, once the app is complete.
    """

    @server.before_request
    def identify() -> None:
        if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            abort(403)
        g.principal = Principal("local", "director", (territory,))

    @server.after_request
    def close(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_policy(script_hashes())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


def principal() -> Principal:
    """Who asks in the request being answered; without one, nobody, who may read nothing."""
    found = g.get("principal")
    return found if isinstance(found, Principal) else Principal("nobody", "none")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() in _LOOPBACK_NAMES


def content_policy(script_hashes: list[str]) -> str:
    """The Content-Security-Policy: our own files only; MapLibre's worker is a blob."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
