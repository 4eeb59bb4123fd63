"""The worker's schedule: it asks once for what is due, and waits after failures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from etl import schedule
from etl.schedule import is_paused, wait_after
from geodata import jobs, state
from geodata.due import time_zone
from geodata.queries import jobs as job_queries
from tests.job_history import history

NOON = datetime.fromisoformat("2026-03-04T12:00:00")


def utc(text, zone):
    """The moment, in UTC without zone, when clocks of the zone show this."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (1, 5), (2, 15), (3, 60), (4, 120), (5, 240), (7, 960), (8, 1440), (1000, 1440)],
)
def test_the_wait_grows_with_failures_in_a_row(failures, minutes):
    assert wait_after(failures) == timedelta(minutes=minutes)


def test_three_failures_in_a_row_pause_the_schedule_and_one_success_ends_the_pause():
    failed = [("failed", NOON - timedelta(minutes=n), "{}", False) for n in range(3)]
    done = ("done", NOON - timedelta(hours=1), "{}", False)
    queued = ("cancelled", NOON, "{}", True)
    assert is_paused(history(queued, *failed, done), NOON + timedelta(minutes=59))
    assert not is_paused(history(*failed, done), NOON + timedelta(minutes=60))
    assert not is_paused(history(done, *failed), NOON)
    assert not is_paused(history(), NOON)
    assert not is_paused(history(*failed), NOON - timedelta(days=1)), "the clock went back"


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def planned(words):
    """The catalogue with two sources on a schedule."""
    names = words.territory.sources[:3]
    texts = ("daily at 05:00", "daily at 05:00", "yearly")
    entries = {n: replace(words.sources[n], schedule=t) for n, t in zip(names, texts, strict=True)}
    return replace(words, sources={**words.sources, **entries})


def take(engine, at, ends="done"):
    job = jobs.next_job(engine, "w", at=at)
    jobs.end(engine, job.job_id, ends, at=at)
    return job


def test_one_refresh_is_asked_for_all_the_sources_that_are_due(engine, planned):
    names = list(planned.territory.sources[:3])
    zone = time_zone(planned)
    assert schedule.ask_due(engine, planned, utc("2026-03-04T12:00", zone)) == 1
    assert schedule.ask_due(engine, planned, utc("2026-03-04T12:00", zone)) is None, "it waits"
    job = take(engine, utc("2026-03-04T12:00", zone))
    assert (job.kind, job.asked_by, job.argument) == ("refresh", "schedule", {"sources": names})
    assert schedule.ask_due(engine, planned, utc("2026-03-04T23:00", zone)) is None
    assert schedule.ask_due(engine, planned, utc("2026-03-05T05:00", zone)) == 2
    assert take(engine, utc("2026-03-05T05:00", zone)).argument == {"sources": names[:2]}


def test_a_failed_refresh_is_asked_again_after_a_wait_that_grows(engine, planned):
    at, moments = NOON, []
    while at < NOON + timedelta(hours=8):
        if schedule.ask_due(engine, planned, at) is not None:
            moments.append(int((at - NOON).total_seconds() // 60))
            take(engine, at, "failed")
        at += timedelta(minutes=1)
    assert moments == [0, 5, 20, 80, 200, 440]


def test_a_refresh_by_hand_lately_makes_the_first_look_ask_nothing(engine, planned):
    state.end_run(engine, state.start_run(engine, 1), "published")
    assert schedule.ask_due(engine, planned, state.now()) is None
    assert schedule.ask_due(engine, planned, state.now() + timedelta(days=400)) == 1


def test_two_workers_that_look_together_ask_once(engine, planned, monkeypatch):
    """The other worker asks, does and ends the job between our look and our request."""
    look = job_queries.history

    def look_slowly(*given):
        found = look(*given)
        monkeypatch.undo()
        assert schedule.ask_due(engine, planned, NOON) == 1
        take(engine, NOON)
        return found

    monkeypatch.setattr(job_queries, "history", look_slowly)
    assert schedule.ask_due(engine, planned, NOON) is None
    assert len(job_queries.jobs(engine, planned.territory.id)) == 1
