"""What gunicorn serves."""

from __future__ import annotations

import os
import re
from pathlib import Path

from flask import Flask

from dashboard.addresses import ANSWERS_FOLDER, FRAME, HOME
from dashboard.ahead import paint_ahead
from dashboard.app import create_app
from geodata.settings import settings

#: What a page asks for that is compressed once a process.
_OURS = re.compile(r'"(/(?:bundle|vendor)/[^"]+)"')


def application() -> Flask:
    """The WSGI application, for the settings of the environment.

    It has opened its first page once: the first reader does not wait until a release is opened
    and the words are read.
    """
    folder, chosen = os.environ.get(ANSWERS_FOLDER), settings()
    server: Flask = create_app(chosen, Path(folder) if folder else None).server
    if folder:
        paint_ahead(server, chosen, Path(folder))
    _open_home(server)
    return server


def _open_home(server: Flask) -> None:
    """Ask for the first page as a browser does: its frame, what fills it, what it refers to."""
    with server.test_client() as reader:
        frame = reader.get(HOME, buffered=True)
        reader.get(FRAME, headers={"Referer": f"http://localhost{HOME}"}, buffered=True)
        for url in _OURS.findall(frame.text):
            reader.get(url, headers={"Accept-Encoding": "br"}, buffered=True)
