"""What paints the maps is made ahead: all of it, once, by a process that ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading

import pytest

from dashboard.ahead import main, paint_ahead, painting
from dashboard.app import create_app

BASE = "http://127.0.0.1:8050"
SMALL = {"Accept-Encoding": "br, gzip"}
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def begun(monkeypatch):
    """The commands that were begun, none of which runs."""
    commands: list[list[str]] = []

    def run(command):
        commands.append(command)

    monkeypatch.setattr("dashboard.ahead.subprocess.run", run)
    return commands


@pytest.fixture
def settings(release_data, settings_of, tmp_path, monkeypatch):
    """Those of a server that keeps its answers in a folder, as its processes find them."""
    chosen = settings_of(release_data)
    monkeypatch.setenv("VIGIE_SERVED_ANSWERS", str(tmp_path))
    monkeypatch.setenv("VIGIE_DATA", str(chosen.data))
    monkeypatch.setenv("VIGIE_TERRITORY", chosen.territory)
    monkeypatch.setattr("os.nice", lambda _: None)
    return chosen


def opened(server):
    return server.test_client().get(
        "/_dash-layout", base_url=BASE, headers={"Referer": f"{BASE}/fr/carte"}
    )


def test_every_indicator_is_painted_at_each_level(settings):
    reader = create_app(settings).server.test_client()
    addresses = list(painting(reader, settings))
    offer = f"/offer/{addresses[0].split('/')[2]}.json"
    offered = reader.get(offer, base_url=BASE).get_json()
    assert len(addresses) == len(set(addresses)) == sum(map(len, offered.values())) > 20
    assert all(reader.get(found, base_url=BASE).status_code == 200 for found in addresses)


def test_what_was_painted_is_not_worked_out_again(settings, tmp_path, monkeypatch):
    main()
    plain = create_app(settings).server.test_client()
    addresses = list(painting(plain, settings))
    made = [plain.get(found, base_url=BASE, headers=SMALL) for found in addresses]
    monkeypatch.setattr("dashboard.data.painted_bytes", None)
    served = create_app(settings, tmp_path).server.test_client()
    for found, first in zip(addresses, made, strict=True):
        again = served.get(found, base_url=BASE, headers=BROWSER)
        assert (again.status_code, again.data) == (200, first.data)
        for name in ("Content-Type", "Content-Encoding", "Cache-Control", "ETag", "Vary"):
            assert again.headers[name] == first.headers[name]
    known = {**SMALL, "If-None-Match": made[0].headers["ETag"]}
    assert served.get(addresses[0], base_url=BASE, headers=known).status_code == 304


def test_a_browser_that_reads_less_is_given_what_it_reads(settings, tmp_path):
    """What was kept small is not given to who did not ask for it."""
    reader = create_app(settings, tmp_path).server.test_client()
    address = next(painting(reader, settings))
    small = reader.get(address, base_url=BASE, headers=SMALL)
    plain = reader.get(address, base_url=BASE)
    assert small.headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in plain.headers
    assert len(plain.data) > len(small.data)


def test_what_is_kept_of_a_release_goes_with_it(release_data, settings_of, tiny_release, tmp_path):
    """Once another is shown and it was taken away, nothing is told of it; nothing is written."""
    settings = settings_of(tmp_path / "data")
    shutil.copytree(release_data, settings.data)
    served = create_app(settings, tmp_path / "answers").server.test_client()
    address = next(painting(served, settings))
    assert served.get(address, base_url=BASE).status_code == 200
    assert served.post(address, base_url=BASE).status_code == 405
    (taken,) = (settings.data / "releases").iterdir()
    tiny_release(settings.data)
    shutil.rmtree(taken)
    assert served.get(address, base_url=BASE).status_code == 404


def test_one_process_begins_once_a_release(settings, tmp_path, begun):
    servers = [create_app(settings, tmp_path).server for _ in range(2)]
    for server in servers:
        paint_ahead(server, settings, tmp_path)
    for server in (*servers, *servers):
        server.test_client().get("/fr/carte", base_url=BASE)
        assert opened(server).status_code == 200
    for thread in threading.enumerate():
        if thread.daemon and thread.name.endswith("(run)"):
            thread.join()
    assert begun == [[sys.executable, "-m", "dashboard.ahead"]]


def test_nothing_is_painted_without_a_release(settings_of, tmp_path, begun):
    settings = settings_of(tmp_path / "nothing")
    server = create_app(settings, tmp_path / "answers").server
    paint_ahead(server, settings, tmp_path / "answers")
    assert opened(server).status_code == 200
    assert begun == []


def test_it_ends_when_who_began_it_is_gone(settings, tmp_path, monkeypatch):
    parents = iter([10, 10, 1])
    monkeypatch.setattr("os.getppid", lambda: next(parents))
    main()
    assert len(list(tmp_path.iterdir())) == 2  # the one that was asked for, and their count


def test_it_is_a_command(tmp_path):
    """Begun where nothing is to be shown, it says so and ends."""
    environ = {"VIGIE_SERVED_ANSWERS": str(tmp_path), "VIGIE_DATA": str(tmp_path / "none")}
    ended = subprocess.run(
        [sys.executable, "-m", "dashboard.ahead"], env=environ, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "Unready" in ended.stderr
