"""What a browser asks: nothing is believed, nothing is queued twice, every refusal has words."""

from __future__ import annotations

import pytest

from dashboard import data, journal
from dashboard.app import create_app
from dashboard.decisions import Malformed, Wish, ask, wish_of
from geodata import jobs
from geodata.jobs import JobError
from geodata.model import Principal
from geodata.release import current_release

HERE = "haute_loire"
LOCAL = Principal("local", "director", (HERE,))


@pytest.fixture
def settings(settings_of, tmp_path):
    return settings_of(tmp_path)


def queued(settings):
    return journal.jobs(LOCAL, settings)[["kind", "state", "asked_by"]].to_numpy().tolist()


def test_the_same_wish_is_queued_once_whatever_its_reason(settings):
    first = ask(LOCAL, settings, Wish("refresh", "Odile Martin"))
    second = ask(LOCAL, settings, Wish("refresh", " Odile  Martin ", "again"))
    assert first == second
    assert "n° 1" in first.fr
    assert queued(settings) == [["refresh", "queued", "Odile Martin"]]


def test_a_refresh_asked_while_one_runs_waits_for_its_turn(settings):
    ask(LOCAL, settings, Wish("refresh", "Odile"))
    jobs.next_job(journal.state_of(settings), "worker", HERE)
    assert "n° 2" in ask(LOCAL, settings, Wish("refresh", "Odile")).fr


@pytest.mark.parametrize(
    "wish",
    [
        Wish("refresh", ""),
        Wish("refresh", "\u200b \n"),
        Wish("refresh", "x" * 81),
        Wish("refresh", "Odile", "x" * 301),
        Wish("publish", "Odile", release_id="000009-gone"),
        Wish("refuse", "Odile"),
        Wish("rollback", "Odile", release_id="../building"),
        Wish("rollback", "Odile"),
        Wish("cancel", "Odile", job_id=7),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_queued(settings, wish):
    with pytest.raises(JobError) as refused:
        ask(LOCAL, settings, wish)
    assert refused.value.message.fr
    assert refused.value.message.en
    assert not queued(settings)


@pytest.mark.parametrize(
    "who",
    [
        Principal("other", "director", ("elsewhere",)),
        Principal("reader", "reader", (HERE,)),
        Principal("nobody", "none"),
    ],
)
def test_who_may_not_decide_queues_nothing(settings, who):
    with pytest.raises(data.Forbidden):
        ask(who, settings, Wish("refresh", "Odile"))
    assert not queued(settings)


def test_there_is_no_going_back_to_what_is_shown(release_data, settings_of):
    settings, current = settings_of(release_data), current_release(release_data)
    with pytest.raises(JobError, match="shown already"):
        ask(LOCAL, settings, Wish("rollback", "Odile", release_id=current.release_id))


def test_a_waiting_job_is_cancelled_by_name_and_a_running_one_is_told_to_stop(settings):
    ask(LOCAL, settings, Wish("refresh", "Odile"))
    assert "annulée" in ask(LOCAL, settings, Wish("cancel", "Paul", job_id=1)).fr
    ask(LOCAL, settings, Wish("refresh", "Odile"))
    jobs.next_job(journal.state_of(settings), "worker", HERE)
    assert "s’arrête" in ask(LOCAL, settings, Wish("cancel", "Paul", job_id=2)).fr
    assert journal.jobs(LOCAL, settings)["cancel_asked_by"].tolist() == ["Paul", "Paul"]


@pytest.mark.parametrize(
    "said",
    [
        None,
        "refresh",
        ["refresh"],
        {},
        {"kind": "take_mends", "by": "Odile"},
        {"kind": "drop table", "by": "Odile"},
        {"kind": "refresh", "by": {"$ne": ""}},
        {"kind": "refresh", "by": "x" * 401},
        {"kind": "cancel", "by": "Odile", "job_id": "1 OR 1"},
        {"kind": "cancel", "by": "Odile", "job_id": 7},
    ],
)
def test_a_request_that_no_page_of_ours_sends_is_malformed(said):
    with pytest.raises(Malformed):
        wish_of(said)


def posted(settings, wish, **headers):
    outputs = [{"id": name, "property": p} for name, p in (("data-answer", "children"),)]
    outputs.append({"id": "data-answered", "property": "data"})
    return (
        create_app(settings)
        .server.test_client()
        .post(
            "/_dash-update-component",
            json={
                "output": "..data-answer.children...data-answered.data..",
                "outputs": outputs,
                "inputs": [{"id": "data-wish", "property": "data", "value": wish}],
                "state": [{"id": "location", "property": "pathname", "value": "/en/data"}],
                "changedPropIds": ["data-wish.data"],
            },
            headers={"Host": "127.0.0.1:8050", **headers},
        )
    )


WISH = {"kind": "refresh", "by": "Odile", "reason": "", "release_id": "", "job_id": "", "sent": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8050"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_from_elsewhere_asks_for_nothing(settings, headers):
    assert posted(settings, WISH, **headers).status_code == 403
    assert not queued(settings)


def test_our_own_page_asks_and_a_tampered_one_does_not(settings):
    here = {"Origin": "http://127.0.0.1:8050", "Sec-Fetch-Site": "same-origin"}
    assert posted(settings, {"kind": "refresh", "by": 3}, **here).status_code == 400
    nameless = posted(settings, WISH | {"by": " "}, **here)
    assert "Write your name" in nameless.get_data(as_text=True)
    assert not queued(settings)
    assert "Request no. 1 is noted" in posted(settings, WISH, **here).get_data(as_text=True)
    assert queued(settings) == [["refresh", "queued", "Odile"]]


def test_the_reason_goes_with_the_job(settings):
    ask(LOCAL, settings, wish_of(WISH | {"reason": " births\nof March "}))
    taken = jobs.next_job(journal.state_of(settings), "worker", HERE)
    assert taken.argument == {"reason": "births of March"}
