"""`make load`: fifty readers at once on the dashboard, and a release published among them.

The server is `vigie serve`, the readers are locust's (`tests.load_readers`), all on this machine.
Halfway a refresh reads a changed file and publishes. Prints how long each kind of request took and
fails on an error, or when a map interaction takes too long at the 95th percentile.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
from rich.console import Console
from rich.table import Table

from geodata.release import current_release
from geodata.settings import settings
from tests.load_readers import INTERACTION, QUERIES, VALUES
from tests.load_script import queries

#: What a map interaction may take, at the 95th percentile, in milliseconds.
SLOWEST = 500.0
_VIGIE = (str(Path(sys.executable).with_name("vigie")),)
#: What locust calls all requests together.
_ALL = "Aggregated"


def main(given: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a request failed or the readers waited too long."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--data", type=Path, help="a data folder with a release; one is made")
    chosen = parser.parse_args(given)
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="vigie-load-") as folder:
        data = chosen.data or Path(folder) / "data"
        environ = {
            **os.environ,
            "VIGIE_DATA": str(data),
            "VIGIE_INCOMING": str(Path(folder) / "in"),
        }
        (Path(folder) / "in").mkdir()
        if current_release(data) is None:
            _refresh(environ)
        with _served(environ) as host:
            found, published = _loaded(host, environ, chosen.readers, chosen.minutes, Path(folder))
    return _told(console, found, published, chosen.readers)


def _loaded(
    host: str, environ: dict[str, str], readers: int, minutes: float, folder: Path
) -> tuple[pd.DataFrame, bool]:
    """What locust found, and whether a release was published meanwhile."""
    before = current_release(Path(environ["VIGIE_DATA"]))
    locust = subprocess.Popen(
        [
            *(sys.executable, "-m", "locust", "--locustfile", "tests/load_readers.py"),
            *("--headless", "--host", host, "--users", str(readers), "--spawn-rate", "10"),
            *("--run-time", f"{round(60 * minutes)}s", "--stop-timeout", "10", "--reset-stats"),
            *("--csv", str(folder / "found"), "--only-summary"),
        ],
        env={**environ, QUERIES: json.dumps(queries(settings(environ)))},
        stdout=subprocess.DEVNULL,
    )
    time.sleep(30 * minutes)
    _refresh(environ, "--again")
    locust.wait()
    after = current_release(Path(environ["VIGIE_DATA"]))
    return pd.read_csv(folder / "found_stats.csv"), before != after


def _refresh(environ: dict[str, str], *options: str) -> None:
    command = [*_VIGIE, "refresh", "--by", "load", *options]
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)


def _told(console: Console, found: pd.DataFrame, is_published: bool, readers: int) -> int:
    """Print what was found; whether it is too slow, failed, or nothing was published."""
    title = f"{readers} readers at once, milliseconds"
    table = Table("request", "asked", "failed", "median", "95 %", "99 %", title=title)
    for row in found[found["Request Count"] > 0].to_dict("records"):
        numbers = (row["Request Count"], row["Failure Count"], row["50%"], row["95%"], row["99%"])
        table.add_row(str(row["Name"]), *(f"{number:,.0f}" for number in numbers))
    console.print(table)
    by_name = found.set_index("Name")
    slowest = by_name.loc[[INTERACTION, VALUES], "95%"].sum()
    failed = int(by_name.loc[_ALL, "Failure Count"])
    said = "published" if is_published else "NOT published"
    console.print(
        f"A map interaction (callback, then values) took at most {slowest:.0f} ms at the 95th "
        f"percentile of each; {failed} requests failed; a release was {said} meanwhile."
    )
    return int(slowest > SLOWEST or failed > 0 or not is_published)


@contextmanager
def _served(environ: dict[str, str]) -> Iterator[str]:
    """The dashboard on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*_VIGIE, "serve"]
    server = subprocess.Popen(
        command, env={**environ, "VIGIE_PORT": str(port)}, stdout=subprocess.DEVNULL
    )
    host = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{host}/fr/carte")
        yield host
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _ in range(120):
        try:
            with urlopen(url) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(f"{url} does not answer")


if __name__ == "__main__":
    sys.exit(main())
