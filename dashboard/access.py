"""Access: who asks, before every route, and what every answer forbids the browser."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from geodata.model import Principal

_LOOPBACK_NAMES = ("localhost",)
_READING = ("GET", "HEAD", "OPTIONS")


def guard(server: Flask, territory: str, script_hashes: Callable[[], list[str]]) -> None:
    """Let every request through one door, whatever its route, and close the answers.

    There are no accounts yet: whoever reaches the loopback interface is the director of the one
    territory. The ``Host`` must be a loopback one, so that a page of the open web, whose name
    was made to point here (DNS rebinding), is refused; so is whatever such a page would have the
    browser send here: only our own pages may write. ``script_hashes`` gives the hashes of the
    inline scripts, quoted, once the app is complete.
    """

    @server.before_request
    def identify() -> None:
        if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            abort(403)
        if request.method not in _READING and not is_from_here(
            request.host, request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        ):
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


def is_from_here(host: str, origin: str | None, site: str | None) -> bool:
    """Whether a request that may write was sent by a page of this very address.

    ``origin`` and ``site`` are what the browser says (Origin, Sec-Fetch-Site); every browser says
    one of them. What is no browser says neither, and is not led by a page.
    """
    if site is not None and site != "same-origin":
        return False
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


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
