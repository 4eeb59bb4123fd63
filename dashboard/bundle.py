"""The bundle: our scripts as one file and our style sheets as another, under their own hash.

A browser asks for a handful of files at a time; sixty small ones kept it waiting longer than the
data of the first map. Dash serves its own scripts, those that our pages need.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, abort

from dashboard.components import SCRIPTS, STYLES
from dashboard.lasting import lasting_file

_COMPONENTS = Path(__file__).parent / "components"
ASSETS = Path(__file__).parent / "assets"
#: The mark in the window's tab: a view that opens from one point.
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='7' fill='%231f4e8c'/%3E"
    "%3Cpath d='M7 8l9 17 9-17' fill='none' stroke='%23fff' stroke-width='4'"
    " stroke-linecap='round' stroke-linejoin='round'/%3E"
    "%3Ccircle cx='16' cy='9' r='2.6' fill='%23f0a457'/%3E%3C/svg%3E"
)
#: Scripts of Dash that no page of ours needs: its own tables, and what browsers older than
#: WebGL 2, which the map asks for, were lacking.
_NEEDLESS = re.compile(
    r'<script src="[^"]*/(?:dash_table/bundle|deps/polyfill@)[^"]*"></script>\n?'
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Our scripts and our styles, each whole, in the order in which they build on one another."""

    script: bytes
    style: bytes

    @property
    def script_url(self) -> str:
        """Address of the scripts."""
        return f"/bundle/{_hash(self.script)}.js"

    @property
    def style_url(self) -> str:
        """Address of the styles."""
        return f"/bundle/{_hash(self.style)}.css"


def bundle() -> Bundle:
    """What lies in the components and the assets, read now."""
    scripts = [_COMPONENTS / name for name in SCRIPTS] + sorted(ASSETS.glob("*.js"))
    styles = [_COMPONENTS / name for name in STYLES] + sorted(ASSETS.glob("*.css"))
    # A line ends each file, and a semicolon each script, whatever its last line was.
    return Bundle(
        b"".join(path.read_bytes() + b"\n;\n" for path in scripts),
        b"".join(path.read_bytes() + b"\n" for path in styles),
    )


def routes(server: Flask, made: Bundle) -> None:
    """Serve the two files."""
    files = {
        made.script_url: (made.script, "text/javascript"),
        made.style_url: (made.style, "text/css"),
    }

    @server.get("/bundle/<name>")
    def bundled(name: str) -> Response:
        found = files.get(f"/bundle/{name}")
        if found is None:
            abort(HTTPStatus.NOT_FOUND)
        return lasting_file(*found)


def needed(scripts: str) -> str:
    """Dash's scripts, as it writes them, without those that no page needs."""
    return _NEEDLESS.sub("", scripts)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]
