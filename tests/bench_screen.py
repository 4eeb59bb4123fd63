"""The map on the screen: bytes, time to the first map, time of a change, server's work.

Headless Chromium, software WebGL, `vigie serve` as people run it; beside it, in the same run and of
the same areas, plotly's own maps (`tests.bench_screen_peers`). Part of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
from playwright.sync_api import BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from geodata.release import Release, current_release, waiting_release
from tests import bench_screen_peers as peers
from tests.bench_screen_areas import Shown, cut_to, shown_of
from tests.dashboard.conftest import CHROMIUM, CHROMIUM_FLAGS

#: Changes of indicator, after the first map.
CHANGES = 9
#: First maps, of each kind.
FIRSTS = 5
#: How long a browser has run that does not start together with the page, in milliseconds.
SETTLED_MS = 3000
#: What a page may take to answer before the bench gives up, in milliseconds.
PATIENCE = 60_000
#: What the server may take to paint a release ahead, in seconds.
PAINTED_S = 300
#: Notes when a control changes, when the map says that the screen shows the new values, and when
#: the page around it is drawn for them.
WATCH = """
window.seen = {chosen: 0, painted: [], drawn: 0};
addEventListener("change", () => { window.seen.chosen = performance.now(); }, true);
addEventListener("vigie:drawn", () => { window.seen.drawn = performance.now(); });
new MutationObserver((changes) => {
    for (const {target} of changes) {
        const url = target.getAttribute("data-painted");
        if (url) { window.seen.painted.push({url, at: performance.now()}); }
    }
}).observe(document, {attributeFilter: ["data-painted"], subtree: true});
"""


@dataclass(frozen=True)
class Screen:
    """What was measured of one map: medians of the changes; seconds, milliseconds and bytes."""

    areas: int
    first_bytes: int
    launched_s: float
    first_s: float
    change_ms: float
    page_ms: float
    painting_bytes: float
    change_bytes: float
    painting_ms: float
    server_ms: float
    again_ms: float


def main(given: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_screen", description=__doc__)
    parser.add_argument("--france", type=Path, help="a data folder with a release of France")
    chosen = parser.parse_args(given)
    console = Console(width=150)
    if not CHROMIUM.exists():
        console.print(f"No browser at {CHROMIUM}: the screen was not measured.")
        return
    table = Table(
        "areas", "map", "first, kB", "launched, s", "running, s", "change, ms", "page, ms",
        "to paint, kB", "in all, kB", "CPU to paint, ms", "in all, ms", "again, ms",
        title="The map on the screen: the first one, nothing kept, in a browser just launched or "
        f"running; medians of {CHANGES} changes, with the CPU of the server",
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="vigie-screen-") as folder:
        for territory, data, level in _releases(Path(folder), chosen.france):
            release = current_release(data)
            assert release is not None
            shown = shown_of(release, territory, level)
            ours = _measured(territory, data, shown)
            table.add_row(
                str(ours.areas), "Vigie", f"{ours.first_bytes / 1e3:,.0f}",
                f"{ours.launched_s:.2f}", f"{ours.first_s:.2f}",
                f"{ours.change_ms:.0f}", f"{ours.page_ms:.0f}",
                f"{ours.painting_bytes / 1e3:.1f}", f"{ours.change_bytes / 1e3:.1f}",
                f"{ours.painting_ms:.1f}", f"{ours.server_ms:.0f}", f"{ours.again_ms:.0f}",
            )  # fmt: skip
            with _browser() as context:
                context.pages[0].wait_for_timeout(SETTLED_MS)
                for peer in peers.measured(context, release, shown, CHANGES):
                    table.add_row(
                        str(ours.areas), peer.name, f"{peer.first_bytes / 1e3:,.0f}", "",
                        f"{peer.first_s:.2f}", f"{peer.change_ms:.0f}", *[""] * 6,
                    )  # fmt: skip
    console.print(table)


def _releases(folder: Path, france: Path | None) -> Iterator[tuple[str, Path, str]]:
    """A data folder for each number of areas: territory, folder, level."""
    small = folder / "haute_loire"
    environ = {**os.environ, "VIGIE_DATA": str(small), "VIGIE_TERRITORY": "haute_loire"}
    subprocess.run([*_vigie(), "refresh"], env=environ, check=True, stdout=subprocess.DEVNULL)
    yield "haute_loire", small, "commune"
    whole = _published(france)
    if whole is None:
        return
    middle = folder / "middle"
    cut_to(whole, middle, 3000)
    yield "france", middle, "commune"
    assert france is not None
    yield "france", france, "commune"


def _published(data: Path | None) -> Release | None:
    if data is None:
        return None
    return current_release(data) or waiting_release(data)


def _measured(territory: str, data: Path, shown: Shown) -> Screen:
    with _served(territory, data) as (host, server):
        _wait_for_painting(server)
        painting_ms = _painting_ms(host, shown, server)
        url = f"{host}/fr/carte?level={shown.level}&indicator={shown.indicators[0]}"
        launched = [_first_map(url, settled_ms=0)[0] for _ in range(FIRSTS)]
        firsts = [_first_map(url, settled_ms=SETTLED_MS) for _ in range(FIRSTS)]
        changes = _changes(url, shown, server)
    running, sent = zip(*firsts, strict=True)
    return Screen(
        areas=shown.areas,
        first_bytes=int(max(sent)),
        launched_s=statistics.median(launched) / 1000,
        first_s=statistics.median(running) / 1000,
        painting_ms=painting_ms,
        **changes,
    )


def _wait_for_painting(server: psutil.Process) -> None:
    """Until the server has nothing left to make ahead: the morning after a publication."""
    time.sleep(1)  # it begins with the first page
    for process in server.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "dashboard.ahead" in process.cmdline():
                psutil.wait_procs([process], timeout=PAINTED_S)


def _painting_ms(host: str, shown: Shown, server: psutil.Process) -> float:
    """What the server works to send what paints an indicator that nobody asked for yet."""
    asked = Request(f"{host}/_dash-layout", headers={"Referer": f"{host}/fr/carte"})
    with urlopen(asked) as frame:
        told = _ahead(json.load(frame))
    with urlopen(host + told["offerUrl"]) as file:
        offer = json.load(file)
    before = _cpu(server)
    for indicator in shown.indicators:
        named = {"indicator": indicator, "level": shown.level}
        period = offer[indicator][shown.level][-1]
        url = told["classesUrl"].format(**named, period=period, classing=told["classing"])
        with urlopen(Request(host + url, headers={"Accept-Encoding": "br"})) as file:
            file.read()
    return 1000 * (_cpu(server) - before) / len(shown.indicators)


def _ahead(frame: Any) -> dict[str, str]:
    """What the map of a frame says of what will paint it."""
    if isinstance(frame, dict):
        if frame.get("id") == "map-areas":
            return dict(frame["ahead"])
        frame = list(frame.values())
    found = (_ahead(part) for part in frame) if isinstance(frame, list) else ()
    return next((told for told in found if told), {})


def _first_map(url: str, settled_ms: int) -> tuple[float, float]:
    """Milliseconds and bytes until a browser with nothing kept shows the first map.

    ``settled_ms``: how long it has run when the address is opened.
    """
    with _browser() as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        taken = _bytes_of(page)
        page.wait_for_timeout(settled_ms)
        page.goto(url)
        first = _painted_after(page, 0)
        page.wait_for_load_state("networkidle")
        return first, sum(taken)


def _changes(url: str, shown: Shown, server: psutil.Process) -> dict[str, float]:
    """Medians of what a change of indicator takes, as `Screen` names them."""
    changes, pages, painting, sent, work, again = [], [], [], [], [], []
    with _browser() as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        taken = _bytes_of(page)
        page.goto(url)
        _painted_after(page, 0)
        page.wait_for_load_state("networkidle")
        for name in shown.indicators[1 : CHANGES + 1]:
            taken.clear()
            before = _cpu(server)
            took, painted_with = _changed(page, name)
            changes.append(took)
            painting.append(painted_with)
            pages.append(float(page.evaluate("window.seen.drawn - window.seen.chosen")))
            sent.append(sum(taken))
            work.append(_cpu(server) - before)
        for name in shown.indicators[1 : CHANGES + 1]:
            before = _cpu(server)
            _changed(page, name)
            again.append(_cpu(server) - before)
    return {
        "change_ms": statistics.median(changes),
        "page_ms": statistics.median(pages),
        "painting_bytes": statistics.median(painting),
        "change_bytes": statistics.median(sent),
        "server_ms": 1000 * statistics.median(work),
        "again_ms": 1000 * statistics.median(again),
    }


#: The bytes, headers included, of the answers that were whole before a moment.
ANSWERED_BEFORE = """(at) => performance.getEntriesByType("resource")
    .filter((answer) => answer.responseEnd <= at)
    .reduce((sum, answer) => sum + answer.transferSize, 0)"""


def _changed(page: Page, indicator: str) -> tuple[float, float]:
    """Choose an indicator as a reader does: milliseconds and bytes until the screen shows it."""
    count = page.evaluate("window.seen.painted.length")
    page.evaluate("performance.clearResourceTimings()")
    page.locator("#map-choice-indicator").select_option(indicator)
    at = _painted_after(page, count)
    painted_with = float(page.evaluate(ANSWERED_BEFORE, at))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return at - float(page.evaluate("window.seen.chosen")), painted_with


def _painted_after(page: Page, count: int) -> float:
    """When the map had been painted once more than ``count`` times, on the page's clock."""
    for _ in range(PATIENCE // 20):
        if page.evaluate("window.seen.painted.length") > count:
            return float(page.evaluate(f"window.seen.painted[{count}].at"))
        page.wait_for_timeout(20)
    raise TimeoutError("the map was not painted")


def _bytes_of(page: Page) -> list[float]:
    """A list that grows with the bytes of each answer, as they came over the wire."""
    taken: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda told: taken.append(told["encodedDataLength"]))
    return taken


def _cpu(server: psutil.Process) -> float:
    """Seconds of work of the server and its worker."""
    family = [server, *server.children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in family)


@contextmanager
def _browser() -> Iterator[BrowserContext]:
    """A browser with a new profile."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
            viewport={"width": 1440, "height": 900},
        )
        yield context
        context.close()


@contextmanager
def _served(territory: str, data: Path) -> Iterator[tuple[str, psutil.Process]]:
    """`vigie serve` on a free port: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {"VIGIE_TERRITORY": territory, "VIGIE_DATA": str(data), "VIGIE_PORT": str(port)}
    server = subprocess.Popen(
        [*_vigie(), "serve"], env={**os.environ, **environ}, stdout=subprocess.DEVNULL
    )
    host = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                with urlopen(f"{host}/fr/carte") as answer:
                    answer.read()
                    break
            except OSError:
                time.sleep(0.5)
        yield host, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _vigie() -> list[str]:
    return [str(Path(sys.executable).with_name("vigie"))]


if __name__ == "__main__":
    main()
