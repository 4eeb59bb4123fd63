"""Answers that are kept: a page drawn from a release is the same for everybody who asks for it.

A release never changes, and a page is a function of it and of the address. What a page's callback
answered, and what paints a map, is kept until the release is another one or room is needed; the
processes of a server keep together. So is a page that is opened, until somebody writes something
that it shows. What is at work is never kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from http import HTTPStatus
from pathlib import Path

from cachelib import FileSystemCache, SimpleCache
from cachelib.base import BaseCache
from flask import Flask, Response, g, request
from flask_compress import Compress

from dashboard import access
from dashboard.addresses import CALLBACKS, CLASSES, FRAME, GUIDE_PATHS
from dashboard.lasting import encoding_read
from dashboard.typography import typeset_json

#: How many answers are kept: some 60 kB each.
MOST_ANSWERS = 2000
#: Larger requests are no change of a page.
_LONGEST_REQUEST = 20_000
#: What answers with texts that people read: pages and their parts, and the guide.
_READ = (FRAME, CALLBACKS, *GUIDE_PATHS.values())
#: What is kept of an answer beside its bytes.
_HEADERS = ("Content-Type", "Content-Encoding", "Cache-Control", "ETag", "Vary")


def remember(
    server: Flask,
    kept_outputs: Container[str],
    stamp: Callable[[], str | None],
    opening: Callable[[], str | None],
    folder: Path | None,
) -> None:
    """Answer again what was answered; set the marks of texts, and compress what is sent.

    ``kept_outputs`` are the callbacks that may be kept, as Dash writes their outputs; ``stamp`` is
    whatever their answers depend on besides the question, None where nothing may be kept;
    ``opening`` is whatever the page depends on that is opened, its address included.
    ``folder`` is where the processes of one server keep answers together, and nobody else; without
    one this process keeps its own.
    """
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    server.config["COMPRESS_STREAMS"] = False
    compress = Compress()
    compress.init_app(server)
    compress.compress_mimetypes_set |= {"application/octet-stream", "text/csv"}
    answers = answers_in(folder) if folder else SimpleCache(MOST_ANSWERS, default_timeout=0)

    @server.before_request
    def answer_again() -> Response | None:
        question = _question(kept_outputs, stamp, opening)
        if question is None:
            return None
        found = answers.get(question)
        if found is None:
            g.question = question
            return None
        g.is_set = True
        content, headers = found
        again = Response(content, headers=headers)
        again.make_conditional(request)
        return again

    @server.after_request
    def keep(response: Response) -> Response:
        if response.direct_passthrough:  # a file of ours: read whole and closed, then compressed
            response.direct_passthrough = False
            response.make_sequence()
        is_told = request.path in _READ and response.status_code == HTTPStatus.OK
        if is_told and not g.pop("is_set", False):
            response.set_data(typeset_json(response.get_data(as_text=True)))
        question = g.pop("question", None)
        if question is not None and response.status_code == HTTPStatus.OK:
            headers = {
                name: response.headers[name] for name in _HEADERS if name in response.headers
            }
            answers.set(question, (response.get_data(), headers))
        return response


def answers_in(folder: Path) -> BaseCache:
    """What is kept in a folder; answers of a release are asked for until another is published."""
    return FileSystemCache(str(folder), MOST_ANSWERS, default_timeout=0)


def _question(
    kept_outputs: Container[str],
    stamp: Callable[[], str | None],
    opening: Callable[[], str | None],
) -> str | None:
    """What is asked, by whom, of what; None where the answer is not to be kept."""
    if request.path == FRAME:
        of = opening()
        return None if of is None else _digest(of)
    if request.method == "GET" and request.path.startswith(CLASSES):
        of = stamp()
        # Of the release that is shown only: one that was taken back is told of no more.
        if of is None or not request.path.startswith(f"{CLASSES}{of.split()[0]}/"):
            return None
        return _digest(of, request.path.encode(), repr(encoding_read()).encode())
    if request.path != CALLBACKS or (request.content_length or 0) > _LONGEST_REQUEST:
        return None
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or asked.get("output") not in kept_outputs:
        return None
    of = stamp()
    return None if of is None else _digest(of, request.get_data())


def _digest(of: str, *parts: bytes) -> str:
    """A short name of a question, of what it is asked and of who asks it."""
    return hashlib.sha256(repr((access.principal(), of, *parts)).encode()).hexdigest()
