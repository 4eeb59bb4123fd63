"""Answers that are kept: equal to those that are made, for who may read them, of one release."""

from __future__ import annotations

import shutil

import brotli
import pytest

from dashboard.answers import Answers
from dashboard.app import create_app
from tests.load_script import queries, script

BASE = "http://127.0.0.1:8050"


@pytest.fixture
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


@pytest.fixture
def asked(client, release_data, settings_of):
    """The script of the app, over the indicators of its release."""
    shown = queries(settings_of(release_data))
    return script(lambda path: client.get(path, base_url=BASE).text, shown)


def answer(client, question, **headers):
    return client.post(
        "/_dash-update-component", json=question, base_url=BASE, headers=headers or None
    )


def test_what_is_kept_is_what_was_answered(client, asked, monkeypatch):
    question = asked.update("map", "?level=epci")
    first = answer(client, question)
    assert first.status_code == 200
    monkeypatch.setattr("dashboard.data.area_values", None)  # nothing is asked of the release
    again = answer(client, question)
    assert again.get_json() == first.get_json()
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert answer(client, asked.update("map", "?level=commune")).status_code == 500


def test_another_release_is_another_answer(release_data, settings_of, tiny_release, tmp_path):
    """What was kept of a release is not shown once another is published."""
    data = tmp_path / "vigie"
    shutil.copytree(release_data, data)
    client = create_app(settings_of(data)).server.test_client()
    told = script(lambda path: client.get(path, base_url=BASE).text, queries(settings_of(data)))
    question = told.update("map", "")
    assert answer(client, question).get_json()["response"]["map-shown"]["data"]["indicator"]
    tiny_release(data)
    said = str(answer(client, question).get_json()["response"]["map-remarks"])
    assert "version publiée est vide" in said


def test_what_is_at_work_is_never_kept(client, asked, monkeypatch):
    """The data page shows jobs: it is drawn anew each time."""
    question = asked.update("data", "")
    assert answer(client, question).status_code == 200
    monkeypatch.setattr("dashboard.data.sources", None)
    assert answer(client, question).status_code == 500


def test_answers_are_sent_small(client, asked):
    question = asked.update("map", "?level=commune")
    plain = answer(client, question)
    small = answer(client, question, **{"Accept-Encoding": "br, gzip"})
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 4


def test_the_answer_least_asked_for_makes_room():
    kept = Answers(most_bytes=10)
    kept.keep("a", b"1234")
    kept.keep("b", b"1234")
    assert kept.get("a") == b"1234"
    kept.keep("c", b"1234")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (b"1234", None, b"1234")
    kept.keep("d", b"12345678901")
    assert kept.get("d") is None
    kept.keep("a", b"12")
    kept.keep("e", b"1234")
    assert kept.get("c") == b"1234"
