"""Answers that are kept: equal to those that are made, for who may read them, of one release."""

from __future__ import annotations

import shutil

import brotli
import pytest

from dashboard import data, planning
from dashboard.app import create_app
from dashboard.planning import Wish
from dashboard.selection import parsed
from geodata.model import Principal
from geodata.release import current_release
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


def opened(client, path):
    """What a browser is told of a page as it opens it."""
    told = client.get("/_dash-layout", base_url=BASE, headers={"Referer": f"{BASE}{path}"})
    assert told.status_code == 200
    assert told.headers["Cache-Control"] == "no-store"
    return told.get_json()


def test_a_page_that_is_opened_again_is_not_drawn_again(client, monkeypatch):
    paths = ("/fr/carte?level=epci", "/fr/profil?level=epci&area=200073419", "/en/methods")
    first = [opened(client, path) for path in paths]
    assert len({str(told) for told in first}) == len(paths)
    monkeypatch.setattr("dashboard.app._frame", None)
    assert [opened(client, path) for path in paths] == first


@pytest.fixture
def written(own_data, settings_of):
    """An app, and what writes a wish of a planner into its state."""
    settings = settings_of(own_data)
    release = current_release(own_data)
    planner = Principal("somebody", "planner", ("haute_loire",))
    offer = data.offer(planner, release)
    selection, _ = parsed("/fr/ecarts", "level=epci&area=200073419", offer)

    def write(kind, text="", item=""):
        wish = Wish(kind, "Odile", text, item)
        return planning.write(planner, settings, release, selection, wish)

    return create_app(settings).server.test_client(), write


def test_a_page_that_is_opened_again_tells_what_was_written_meanwhile(written):
    client, write = written
    path = "/fr/ecarts?level=epci&area=200073419"
    assert "Une crèche ouvre." not in str(opened(client, path))
    write("note", "Une crèche ouvre.")
    assert "Une crèche ouvre." in str(opened(client, path))
    code = write("save", "Pour la réunion").code
    assert "Pour la réunion" in str(opened(client, path))
    write("withdraw_view", item=code)
    told = str(opened(client, path))
    assert "Pour la réunion" not in told
    assert "Une crèche ouvre." in told


def test_a_page_of_a_state_that_cannot_be_read_says_so_and_shows_the_rest(own_data, settings_of):
    for left in own_data.glob("state.sqlite*"):
        left.unlink()
    (own_data / "state.sqlite").mkdir()
    client = create_app(settings_of(own_data)).server.test_client()
    told = str(opened(client, "/fr/ecarts?level=epci&area=200073419"))
    assert told.count("L’état ne se lit pas") == 2  # notes, saved views
    assert "CA du Puy-en-Velay" in told
    answer = client.get("/v/abcdefghjk", base_url=BASE)
    assert answer.status_code == 503
    assert "L’état ne se lit pas" in answer.text


def test_what_is_at_work_is_drawn_anew_each_time_its_page_is_opened(client, monkeypatch):
    assert "INVENTÉ" not in str(opened(client, "/fr/donnees"))
    monkeypatch.setattr("dashboard.data.invented_sources", None)
    told = client.get("/_dash-layout", base_url=BASE, headers={"Referer": f"{BASE}/fr/donnees"})
    assert told.status_code == 500


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
