"""Downloads against a real server on this machine, which fails on purpose."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler

import pytest

from etl.download import UnreachableError, download
from etl.source import RejectedFile
from geodata.catalogue.nouns import SourceEntry, Text

BODY = b"".join(b"%06d,observed\n" % i for i in range(20_000))
TAG = '"one"'
NO_WAIT = (0.0, 0.0, 0.0)


class Handler(BaseHTTPRequestHandler):
    """Answers each path in its own way."""

    def log_message(self, *_args):
        pass

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, dict(self.headers)))
        times = sum(path == self.path for path, _ in server.asked)
        if (self.path == "/late" and times < 3) or self.path == "/down":
            self.send(503)
        elif self.path == "/gone":
            self.send(404)
        elif self.path == "/login":
            self.send(302, Location="http://localhost:1/login")
        elif self.path == "/moved":
            self.send(302, Location="/file.csv")
        elif self.path == "/round":
            self.send(302, Location="/round")
        elif self.path == "/cut" and times == 1:
            self.send(200, server.body, cut=int(0.8 * len(server.body)), ETag=TAG)
        elif self.path == "/cut" and "Range" in self.headers:
            start = int(self.headers["Range"][6:-1])
            assert self.headers["If-Range"] == TAG
            self.send(206, server.body[start:], ETag=TAG)
        elif self.path.endswith(".sha256"):
            self.send(200, b"0" * 64 + b"  file.csv\n")
        elif self.headers.get("If-None-Match") == TAG:
            self.send(304)
        else:
            self.send(200, server.body, ETag=TAG)

    def send(self, code, body=b"", cut=None, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])


@pytest.fixture
def server(answering):
    made = answering(Handler)
    made.body = BODY
    return made


@pytest.fixture
def entry_at(server):
    def made(path, **more):
        return SourceEntry(
            "births",
            "figures",
            Text("Naissances", "Births"),
            published_as=("file.csv",),
            address=server.address + path,
            **more,
        )

    return made


def test_a_file_is_taken_once_and_asked_for_again_by_its_tag(entry_at, server, tmp_path):
    seen = []
    first = download(entry_at("/file.csv"), tmp_path, lambda now, all_: seen.append((now, all_)))
    assert first.sha256 == hashlib.sha256(BODY).hexdigest()
    assert seen[-1] == (len(BODY), len(BODY))
    assert download(entry_at("/file.csv"), tmp_path) == first
    assert server.asked[-1][1]["If-None-Match"] == TAG


def test_a_kept_file_that_was_touched_is_taken_again(entry_at, server, tmp_path):
    first = download(entry_at("/file.csv"), tmp_path)
    (tmp_path / "births" / f"{first.sha256}.csv").write_bytes(b"touched")
    assert download(entry_at("/file.csv"), tmp_path).sha256 == first.sha256
    assert "If-None-Match" not in server.asked[-1][1]


def test_a_server_that_is_busy_is_asked_again(entry_at, server, tmp_path):
    assert download(entry_at("/late"), tmp_path, waits=NO_WAIT).sha256
    assert len(server.asked) == 3


def test_a_transfer_cut_at_80_percent_is_resumed_where_it_stopped(entry_at, server, tmp_path):
    made = download(entry_at("/cut"), tmp_path, waits=NO_WAIT)
    assert made.sha256 == hashlib.sha256(BODY).hexdigest()
    first, second = (headers.get("Range") for _, headers in server.asked)
    assert first is None
    assert second == f"bytes={3 * 65536}-"  # the whole pieces that came before the cut
    assert not list(tmp_path.glob("*.part*"))


def test_a_server_that_is_down_is_unreachable(entry_at, server, tmp_path):
    with pytest.raises(UnreachableError, match="/down"):
        download(entry_at("/down"), tmp_path, waits=NO_WAIT)
    assert len(server.asked) == 3


def test_nobody_there_is_unreachable(tmp_path):
    entry = SourceEntry("x", "figures", Text("x", "x"), address="http://127.0.0.1:9/file.csv")
    with pytest.raises(UnreachableError):
        download(entry, tmp_path, waits=(0.0,))


def test_a_redirect_on_the_same_host_is_followed(entry_at, tmp_path):
    assert download(entry_at("/moved"), tmp_path).sha256 == hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize(
    ("path", "more", "code"),
    [
        ("/login", {}, "redirected"),
        ("/round", {}, "redirected"),
        ("/gone", {}, "http_error"),
        ("/file.csv", {"largest_bytes": 1000}, "too_big"),
    ],
)
def test_what_is_refused(entry_at, tmp_path, path, more, code):
    with pytest.raises(RejectedFile) as caught:
        download(entry_at(path, **more), tmp_path, waits=NO_WAIT)
    assert caught.value.issue.code == code
    assert caught.value.issue.mend_fr
    assert not list(tmp_path.glob("births/*"))


def test_a_file_that_is_not_what_its_checksum_says_is_refused(entry_at, server, tmp_path):
    options = {"checksum_address": f"{server.address}/file.csv.sha256"}
    with pytest.raises(RejectedFile) as caught:
        download(entry_at("/file.csv", options=options), tmp_path)
    assert caught.value.issue.code == "checksum"
    assert not list(tmp_path.glob("births*/*"))
