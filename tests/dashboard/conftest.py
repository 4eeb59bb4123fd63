"""A real browser for the tests of what people see."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.pages import View
from dashboard.sight import view_at
from geodata.model import Principal
from geodata.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
#: Quiet, and drawing WebGL by software, so that every machine shows the same pixels.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]

#: What a page is given to become what is expected of it: two tests share a small machine.
expect.set_options(timeout=15_000)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an app on a port of its own, as long as this lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def leave(page: Page) -> None:
    """Forget what the page remembers and leave it: it asks its server nothing more."""
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
        page.goto("about:blank")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine, without a window; its profile is new and thrown away."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: the tests of the screen did not run")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """What the pages are opened in: one cache for all, so that a script is read once."""
    context = browser.new_context(viewport={"width": 900, "height": 700}, locale="fr-FR")
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A new page of 900 x 700 pixels that remembers nothing of another test's.

    The test fails on anything the page complains about.
    """
    opened = window.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type}: {message.text}")

    opened.on("console", listen)
    opened.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    yield opened
    leave(opened)
    window.clear_cookies()
    opened.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def sideways() -> Callable[[Page], list[str]]:
    """Tells the tables, or the whole page, that are wider than their place."""

    def found(page: Page) -> list[str]:
        wide: list[str] = page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll(".scroll")]
                .filter(part => part.scrollWidth > part.clientWidth)
                .map(part => part.className || part.tagName)"""
        )
        return wide

    return found


@pytest.fixture(scope="session")
def site(release_data: Path, settings_of: Callable[[Path], Settings]) -> Iterator[str]:
    """The dashboard on a port of its own, for the browser."""
    with served(create_app(settings_of(release_data)).server) as address:
        yield address


@pytest.fixture(scope="session")
def view_of(
    release_data: Path, settings_of: Callable[[Path], Settings]
) -> Callable[[str, str], View]:
    """What an address shows, without a server or a browser."""
    reader = Principal("local", "director", ("haute_loire",))
    return lambda path, search: view_at(settings_of(release_data), reader, path, search)


@pytest.fixture(scope="session")
def masked_view(
    release_data: Path,
    settings_of: Callable[[Path], Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[View, str]:
    """The gap page of a release in which one commune is kept secret, and what it had."""
    folder = tmp_path_factory.mktemp("masked") / "data"
    shutil.copytree(release_data, folder)
    (database,) = folder.glob("releases/*/*.duckdb")
    where = "level = 'commune' AND area_id = '43012'"
    with duckdb.connect(str(database)) as store:
        row = store.execute(
            f"SELECT need FROM coverage WHERE {where} AND standard = 'france_2020'"
        ).fetchone()
        assert row is not None
        numbers = [
            name
            for name, kind in store.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'coverage'"
            ).fetchall()
            if kind == "DOUBLE"
        ]
        emptied = ", ".join(f"{name} = NULL" for name in numbers if name != "tau")
        store.execute(f"UPDATE coverage SET {emptied}, status = 'suppressed' WHERE {where}")
        store.execute(
            "UPDATE observation SET value = NULL, low = NULL, high = NULL, numerator = NULL,"
            f" denominator = NULL, status = 'suppressed' WHERE {where}"
        )
    reader = Principal("local", "director", ("haute_loire",))
    view = view_at(settings_of(folder), reader, "/fr/ecarts", "level=commune")
    return view, view.words.number(row[0], 1)


@pytest.fixture
def own_data(release_data, tmp_path):
    """A copy of the release and its log, to be refreshed at will."""
    return shutil.copytree(release_data, tmp_path / "vigie")
