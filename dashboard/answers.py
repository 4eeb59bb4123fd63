"""Answers that are kept: a page drawn from a release is the same for everybody who asks for it.

A release never changes, and a page is a function of it and of the address. What a page's callback
answered is kept as it was sent, until the release is another one or room is needed. Only pages that
show nothing but a release are kept: not what people write, nor what is at work.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Container, Hashable
from http import HTTPStatus
from threading import Lock

from flask import Flask, Response, g, request
from flask_compress import Compress

from dashboard import access

#: The route of every callback.
CALLBACKS = "/_dash-update-component"
#: How many bytes of answers are kept in a process.
MOST_BYTES = 64 * 2**20
#: Larger requests are no change of a page.
_LONGEST_REQUEST = 20_000


class Answers:
    """Answers by question, the least recently asked for given up first; safe among threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Hashable) -> bytes | None:
        """The answer that is kept, if one is."""
        with self._lock:
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
            return found

    def keep(self, question: Hashable, answer: bytes) -> None:
        """Keep an answer; one that is larger than all the room is not."""
        if len(answer) > self._most_bytes:
            return
        with self._lock:
            self._bytes += len(answer) - len(self._kept.pop(question, b""))
            self._kept[question] = answer
            while self._bytes > self._most_bytes:
                _question, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped)


def remember(
    server: Flask, kept_outputs: Container[str], stamp: Callable[[], Hashable | None]
) -> None:
    """Answer again what was answered; compress what is sent.

    ``kept_outputs`` are the callbacks that may be kept, as Dash writes their outputs; ``stamp`` is
    whatever their answers depend on besides the question, None where nothing may be kept.
    """
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    server.config["COMPRESS_STREAMS"] = False
    compress = Compress()
    compress.init_app(server)
    compress.compress_mimetypes_set |= {"application/octet-stream", "text/csv"}
    answers = Answers()

    @server.before_request
    def answer_again() -> Response | None:
        question = _question(kept_outputs, stamp)
        if question is None:
            return None
        found = answers.get(question)
        if found is None:
            g.question = question
            return None
        return Response(found, mimetype="application/json")

    @server.after_request
    def keep(response: Response) -> Response:
        if response.direct_passthrough:  # a file of ours: read whole and closed, then compressed
            response.direct_passthrough = False
            response.make_sequence()
        question = g.pop("question", None)
        if question is not None and response.status_code == HTTPStatus.OK:
            answers.keep(question, response.get_data())
        return response


def _question(
    kept_outputs: Container[str], stamp: Callable[[], Hashable | None]
) -> Hashable | None:
    """What is asked, by whom, of what; None where the answer is not to be kept."""
    if request.path != CALLBACKS or (request.content_length or 0) > _LONGEST_REQUEST:
        return None
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or asked.get("output") not in kept_outputs:
        return None
    of = stamp()
    if of is None:
        return None
    body = hashlib.sha256(request.get_data()).digest()
    return access.principal(), of, body
