"""The bundle: all that is ours in two files, and of Dash's own what a page needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dashboard
from dashboard.app import create_app
from dashboard.bundle import Bundle, bundle, needed

HOUSE = Path(dashboard.__file__).parent


@pytest.fixture(scope="module")
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


@pytest.mark.parametrize(("suffix", "whole"), [("js", "script"), ("css", "style")])
def test_every_file_of_ours_is_in_it_once(suffix, whole):
    """A script that is not in the list of components would never run."""
    made = getattr(bundle(), whole)
    files = [*HOUSE.glob(f"components/*.{suffix}"), *HOUSE.glob(f"assets/*.{suffix}")]
    assert len(files) > 5
    for path in files:
        assert made.count(path.read_bytes()) == 1, path
    assert len(made) == sum(path.stat().st_size for path in files) + len(files) * (
        3 if suffix == "js" else 1
    )


def test_the_address_changes_with_the_content():
    first, second = Bundle(b"a", b"b"), Bundle(b"a", b"c")
    assert first.script_url == second.script_url
    assert first.style_url != second.style_url


def test_a_page_asks_for_the_two_files(client):
    page = client.get("/fr/carte").text
    made = bundle()
    assert page.count(made.script_url) == page.count(made.style_url) == 1
    # React comes before what is built on it, and the start of Dash after all.
    places = [page.index(part) for part in ("/deps/react@", made.script_url, "new DashRenderer")]
    assert places == sorted(places)
    assert client.get(made.script_url).data == made.script
    assert client.get(made.style_url).mimetype == "text/css"
    assert client.get("/bundle/0123456789abcdef0123.js").status_code == 404


def test_dash_is_asked_for_what_a_page_needs(client):
    page = client.get("/fr/carte").text
    asked = re.findall(r'<script src="([^"]+)"', page)
    assert not [url for url in asked if "dash_table" in url or "polyfill" in url]
    for part in ("react-dom@", "dash_renderer", "dash_core_components.v", "dash_html_components"):
        assert len([url for url in asked if part in url]) == 1, part


def test_only_what_is_named_is_left_out():
    kept = '<script src="/_dash-component-suites/dash/deps/react@18.js"></script>\n'
    old = '<script src="/_dash-component-suites/dash/deps/polyfill@7.v1.min.js"></script>\n'
    tables = '<script src="/x/dash_table/bundle.v7.js"></script>'
    assert needed(old + kept + tables) == kept
