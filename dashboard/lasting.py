"""Files that never change under their address: sent small, and kept by the browser for ever."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache

import brotli
from flask import Response, request

_IMMUTABLE = "private, max-age=31536000, immutable"
#: Beyond it more effort takes many times longer for a hundredth of the size.
_BROTLI_QUALITY = 9


def lasting(response: Response) -> Response:
    """The same answer, which the browser need not ask for again."""
    response.headers["Cache-Control"] = _IMMUTABLE
    return response


def lasting_file(content: bytes, mimetype: str) -> Response:
    """A file whose address changes with its content, compressed as the browser reads it."""
    encoding = encoding_read()
    made = Response(smaller(content, encoding) if encoding else content, mimetype=mimetype)
    if encoding:
        made.headers["Content-Encoding"] = encoding
    made.headers["Vary"] = "Accept-Encoding"
    made.set_etag(hashlib.sha256(made.get_data()).hexdigest()[:20])
    made.make_conditional(request)
    return lasting(made)


def encoding_read() -> str | None:
    """The smallest encoding that the browser reads."""
    accepted = request.accept_encodings
    return next((name for name in _ENCODINGS if accepted.quality(name) > 0), None)


@lru_cache(maxsize=256)
def smaller(content: bytes, encoding: str) -> bytes:
    """The content as `br` or `gzip`; the same bytes for the same content."""
    return _ENCODINGS[encoding](content)


def _brotli(content: bytes) -> bytes:
    made: bytes = brotli.compress(content, quality=_BROTLI_QUALITY)
    return made


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


#: The smaller first.
_ENCODINGS = {"br": _brotli, "gzip": _gzip}
