"""Notices: owed once for each job, sent by one worker, tried five times at most."""

from datetime import datetime, timedelta

import pytest

from geodata import jobs, outbox, state
from geodata.queries import jobs as job_queries

NOON = datetime.fromisoformat("2026-03-01T12:00:00")


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def ended(engine, state_, outcome=None, territory="here", message="no"):
    jobs.ask(engine, "refresh", territory, "Odile", at=NOON)
    job = jobs.next_job(engine, "w", territory, at=NOON)
    jobs.end(engine, job.job_id, state_, message, 7, outcome, at=NOON)
    return job.job_id


def test_only_what_failed_was_refused_or_waits_is_owed(engine):
    ended(engine, "done", "published")
    ended(engine, "cancelled")
    failed = ended(engine, "failed")
    rejected = ended(engine, "done", "rejected")
    held = ended(engine, "done", "waiting")
    ended(engine, "failed", territory="there")
    found = outbox.owed(engine, "here")
    assert [(o.job_id, o.kind) for o in found] == [
        (failed, "failed"),
        (rejected, "rejected"),
        (held, "held"),
    ]
    assert (found[0].message.fr, found[0].run_id, found[0].asked_by) == ("no", 7, "Odile")


def test_a_notice_is_written_once_for_each_channel_and_the_job_is_told(engine):
    job_id = ended(engine, "failed")
    for is_first in (True, False):
        assert (
            outbox.write_notice(engine, job_id, "failed", "s", "b", ["webhook", "email"], at=NOON)
            is is_first
        )
    assert outbox.owed(engine, "here") == []
    written = job_queries.notices(engine)
    assert sorted(written["channel"]) == ["email", "webhook"]
    assert written["job_id"].tolist() == [job_id, job_id]
    first, second = outbox.next_notice(engine, NOON), outbox.next_notice(engine, NOON)
    assert (first.channel, second.channel) == ("webhook", "email")
    assert outbox.next_notice(engine, NOON) is None, "both are in someone's hands"


def test_without_a_channel_the_job_counts_as_told(engine):
    job_id = ended(engine, "failed")
    outbox.write_notice(engine, job_id, "failed", "s", "b", [], at=NOON)
    assert outbox.owed(engine, "here") == []
    assert job_queries.notices(engine).empty


def test_a_notice_that_cannot_leave_is_tried_five_times_further_and_further_apart(engine):
    outbox.write_notice(engine, ended(engine, "failed"), "failed", "s", "b", ["email"], at=NOON)
    moments, at = [], NOON
    for _minute in range(600):
        found = outbox.next_notice(engine, at)
        if found is not None:
            moments.append(int((at - NOON).total_seconds() // 60))
            outbox.write_delivery(
                engine, found.notice_id, is_delivered=False, error="mail: down", at=at
            )
        at += timedelta(minutes=1)
    assert moments == [0, 1, 6, 21, 81]
    row = job_queries.notices(engine).iloc[0]
    assert (row["tries"], row["error"]) == (5, "mail: down")
    assert row["delivered_at"] is None or row["delivered_at"] != row["delivered_at"]


def test_one_that_left_at_the_second_try_has_no_error_any_more(engine):
    outbox.write_notice(engine, ended(engine, "failed"), "failed", "s", "b", ["email"], at=NOON)
    found = outbox.next_notice(engine, NOON)
    outbox.write_delivery(engine, found.notice_id, is_delivered=False, error="down", at=NOON)
    again = outbox.next_notice(engine, NOON + timedelta(minutes=1))
    assert again == found
    outbox.write_delivery(engine, found.notice_id, is_delivered=True, at=NOON)
    row = job_queries.notices(engine).iloc[0]
    assert (row["delivered_at"], row["error"]) == (NOON, None)
    assert outbox.next_notice(engine, NOON + timedelta(days=1)) is None
