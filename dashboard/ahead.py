"""What paints the maps, made ahead of the readers: once for each release that a server shows.

A process of its own, of the lowest priority, which ends when all is made. The processes of the
server find it where they keep their answers together (`dashboard.answers`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from flask import Flask, request
from flask.testing import FlaskClient

from dashboard import data
from dashboard.addresses import ANSWERS_FOLDER, FRAME
from dashboard.answers import answers_in
from dashboard.app import create_app
from dashboard.maps import ahead
from geodata.settings import Settings, settings

#: The priority of who has time.
_LAST = 19


def paint_ahead(server: Flask, chosen: Settings, folder: Path) -> None:
    """Have the maps of a release painted once a page of it is opened.

    Of the processes that keep their answers in ``folder``, the first that sees a release begins.
    """
    kept = answers_in(folder)
    seen: set[str] = set()

    @server.before_request
    def begin() -> None:
        if request.path != FRAME:
            return
        try:
            release_id = data.open_release(chosen).release_id
        except data.Unready:
            return
        if release_id not in seen:
            seen.add(release_id)
            if kept.add(f"painted ahead: {release_id}", value=True):
                # The thread is there to see it end.
                command = [sys.executable, "-m", __name__]
                Thread(target=subprocess.run, args=(command,), daemon=True).start()


def painting(reader: FlaskClient, chosen: Settings) -> Iterator[str]:
    """The addresses of what paints the latest period of each indicator at each of its levels.

    Raises
    ------
    Unready
        Without a release to show.
    """
    told = ahead(data.open_release(chosen))
    for indicator, levels in reader.get(told["offerUrl"]).get_json().items():
        for level, periods in levels.items():
            named = {"indicator": indicator, "level": level, "period": periods[-1]}
            yield told["classesUrl"].format(**named, classing=told["classing"])


def main() -> None:
    """Ask for all of it as a browser does, until whoever began this is gone."""
    os.nice(_LAST)
    begun_by, chosen = os.getppid(), settings()
    reader = create_app(chosen, Path(os.environ[ANSWERS_FOLDER])).server.test_client()
    for address in painting(reader, chosen):
        if os.getppid() != begun_by:
            return
        reader.get(address, headers={"Accept-Encoding": "br, gzip"}, buffered=True)


if __name__ == "__main__":
    main()
