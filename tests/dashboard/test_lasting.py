"""Files kept for ever: the same content, however it is sent."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask import Flask

from dashboard.lasting import lasting_file

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def client():
    server = Flask(__name__)
    server.add_url_rule("/file", view_func=lambda: lasting_file(CONTENT, "text/css"))
    return server.test_client()


@pytest.mark.parametrize(
    ("accepted", "encoding", "read"),
    [
        ("", None, bytes),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("deflate", None, bytes),
    ],
)
def test_it_is_sent_as_the_browser_reads_it(client, accepted, encoding, read):
    answer = client.get("/file", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert read(answer.data) == CONTENT
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"


def test_who_has_it_is_not_sent_it_again(client):
    headers = {"Accept-Encoding": "br"}
    tag = client.get("/file", headers=headers).headers["ETag"]
    again = client.get("/file", headers=headers | {"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/file").headers["ETag"] != tag  # another encoding is another file
