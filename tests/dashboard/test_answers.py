"""Answers that are kept: equal to those that are made, for who may read them, of one release."""

from __future__ import annotations

import shutil

import brotli
import pytest

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
    monkeypatch.setattr("dashboard.data.invented_sources", None)
    assert answer(client, question).status_code == 500


def test_answers_are_sent_small(client, asked):
    question = asked.update("map", "?level=commune")
    plain = answer(client, question)
    small = answer(client, question, **{"Accept-Encoding": "br, gzip"})
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 4


def test_the_processes_of_a_server_keep_answers_together(
    release_data, settings_of, tmp_path, monkeypatch
):
    """What one process answered, another does not work out again; another server does."""
    settings = settings_of(release_data)
    first, second = (create_app(settings, tmp_path).server.test_client() for _ in range(2))
    told = script(lambda path: first.get(path, base_url=BASE).text, queries(settings))
    question = told.update("map", "?level=epci")
    made = answer(first, question)
    assert second.get("/fr/carte", base_url=BASE).status_code == 200
    monkeypatch.setattr("dashboard.data.area_values", None)
    assert answer(second, question).get_json() == made.get_json()
    alone = create_app(settings).server.test_client()
    assert answer(alone, question).status_code == 500


def test_room_is_made_for_new_answers(release_data, settings_of, tmp_path, monkeypatch):
    """The folder does not grow without end."""
    monkeypatch.setattr("dashboard.answers.MOST_ANSWERS", 3)
    client = create_app(settings_of(release_data), tmp_path).server.test_client()
    told = script(
        lambda path: client.get(path, base_url=BASE).text, queries(settings_of(release_data))
    )
    for number in range(12):
        assert answer(client, told.update("map", f"?level=epci&x={number}")).status_code == 200
    assert len(list(tmp_path.iterdir())) <= 5  # those, the newest, and their count
