"""The queue: nothing lost, nothing doubled, one job at a time for a territory."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from geodata import jobs, state, state_schema, workers
from geodata.queries import jobs as job_queries

NOON = datetime.fromisoformat("2026-03-01T12:00:00")
LATER = NOON + timedelta(seconds=61)


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def ask(engine, territory="here", kind="refresh", **argument):
    return jobs.ask(engine, kind, territory, "Odile Martin", argument, at=NOON)


def states(engine, territory="here"):
    return job_queries.jobs(engine, territory)["state"].tolist()[::-1]


def test_a_job_is_asked_claimed_reported_and_ended(engine):
    job_id = jobs.ask(engine, "publish", "here", " Odile\n Martin ", {"release_id": "2"}, at=NOON)
    job = jobs.next_job(engine, "w1", at=NOON)
    assert job == jobs.Job(job_id, "publish", "here", {"release_id": "2"}, "Odile Martin", NOON)
    jobs.report(engine, job_id, "check insee_births", 0.25)
    row = job_queries.jobs(engine, "here").iloc[0]
    assert (row["state"], row["step"], row["share"]) == ("running", "check insee_births", 0.25)
    assert jobs.end(engine, job_id, "done", "ok", run_id=7, outcome="published", at=LATER)
    row = job_queries.jobs(engine, "here").iloc[0]
    assert (row["state"], row["outcome"], row["run_id"]) == ("done", "published", 7)
    assert (row["message_fr"], row["message_en"]) == ("ok", "ok")
    assert (row["started_at"], row["ended_at"]) == (NOON, LATER)
    assert jobs.next_job(engine, "w1", at=NOON) is None


def test_the_same_request_waits_once_whatever_the_order_of_its_words(engine):
    first = ask(engine, sources=["a"], again=True)
    assert ask(engine, again=True, sources=["a"]) == first
    others = {
        ask(engine),
        ask(engine, sources=["b"], again=True),
        ask(engine, territory="there", sources=["a"], again=True),
        ask(engine, kind="rollback", sources=["a"], again=True),
    }
    assert len(others | {first}) == 5
    jobs.next_job(engine, "w", at=NOON)
    assert ask(engine, sources=["a"], again=True) not in others | {first}, "the first one runs"


@pytest.mark.parametrize("name", ["", "  \n\t", "x" * 81, "\x00\x1b"])
def test_a_request_needs_a_name(engine, name):
    with pytest.raises(jobs.JobError, match="your name") as raised:
        jobs.ask(engine, "refresh", "here", name)
    assert "son nom" in raised.value.message.fr
    job_id = ask(engine)
    with pytest.raises(jobs.JobError):
        jobs.ask_cancel(engine, job_id, name)
    assert states(engine) == ["queued"]


def test_a_name_of_80_characters_is_kept_whole(engine):
    jobs.ask(engine, "refresh", "here", f"  {'é' * 80}  ")
    assert job_queries.jobs(engine, "here")["asked_by"].item() == "é" * 80


@pytest.mark.parametrize(
    ("kind", "argument", "says"),
    [
        ("format_disk", {}, "Unknown job"),
        ("refresh", {"at": NOON}, "as JSON"),
        ("refresh", {"share": float("nan")}, "as JSON"),
    ],
)
def test_what_cannot_be_queued_is_told_in_two_languages(engine, kind, argument, says):
    with pytest.raises(jobs.JobError, match=says) as raised:
        jobs.ask(engine, kind, "here", "Odile", argument)
    assert raised.value.message.fr != raised.value.message.en


def test_a_territory_has_one_job_at_work_and_others_go_on(engine):
    first, second, elsewhere = ask(engine), ask(engine, again=True), ask(engine, territory="there")
    assert jobs.next_job(engine, "w1", at=NOON).job_id == first
    assert jobs.next_job(engine, "w2", at=NOON).job_id == elsewhere
    assert jobs.next_job(engine, "w3", at=NOON) is None
    jobs.end(engine, first, "failed", "no")
    assert jobs.next_job(engine, "w3", "there", at=NOON) is None
    assert jobs.next_job(engine, "w3", "here", at=NOON).job_id == second


def test_the_tables_themselves_refuse_two_jobs_at_work(engine):
    for _ in range(2):
        ask(engine, n=_)
    with pytest.raises(sa.exc.IntegrityError), state.writing(engine) as connection:
        connection.execute(state_schema.job.update().values(state="running"))
    assert states(engine) == ["queued", "queued"]


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_is_asked_to_stop(engine):
    running, waiting = ask(engine), ask(engine, again=True)
    jobs.next_job(engine, "w", at=NOON)
    assert not jobs.is_cancel_asked(engine, running)
    assert jobs.ask_cancel(engine, waiting, "Paul", at=NOON) == "cancelled"
    assert jobs.ask_cancel(engine, running, "Paul", at=NOON) == "running"
    assert jobs.ask_cancel(engine, running, "Zoé", at=LATER) == "running"
    assert jobs.cancel_reason(engine, running).fr == "Annulée par Paul."
    assert jobs.end(engine, running, "cancelled", jobs.cancel_reason(engine, running))
    assert states(engine) == ["cancelled", "cancelled"]
    assert job_queries.jobs(engine, "here")["cancel_asked_by"].tolist() == ["Paul", "Paul"]
    assert jobs.ask_cancel(engine, running, "Zoé") == "cancelled"
    assert jobs.ask_cancel(engine, 999, "Zoé") is None


def test_a_job_ends_once(engine):
    job_id = ask(engine)
    assert not jobs.end(engine, job_id, "done"), "it has not begun"
    jobs.next_job(engine, "w", at=NOON)
    assert jobs.end(engine, job_id, "done", "first")
    assert not jobs.end(engine, job_id, "failed", "second")
    assert job_queries.jobs(engine, "here")["message_en"].item() == "first"
    with pytest.raises(ValueError, match="queued"):
        jobs.end(engine, job_id, "queued")


def test_the_job_of_a_dead_worker_has_failed_and_is_not_run_again(engine):
    job_id, after = ask(engine), ask(engine, again=True)
    jobs.next_job(engine, "dead", at=NOON)
    assert jobs.next_job(engine, "heir", at=NOON + timedelta(seconds=60)) is None
    assert jobs.next_job(engine, "heir", at=LATER).job_id == after
    row = job_queries.jobs(engine, "here").iloc[1]
    assert (row["job_id"], row["state"]) == (job_id, "failed")
    assert "worker died" in row["message_en"]
    assert not jobs.end(engine, job_id, "done"), "it comes back from the dead"
    assert jobs.cancel_reason(engine, job_id) == workers.DIED


def test_a_worker_that_beats_keeps_its_job(engine):
    job_id = ask(engine)
    jobs.next_job(engine, "slow", at=NOON)
    workers.worker_beat(engine, "slow", LATER)
    assert jobs.next_job(engine, "other", at=LATER + timedelta(seconds=59)) is None
    assert jobs.cancel_reason(engine, job_id) is None


def test_whether_a_worker_is_alive(engine):
    assert not workers.is_worker_alive(engine, at=NOON)
    workers.worker_beat(engine, "w", NOON, "here")
    assert workers.is_worker_alive(engine, at=NOON + timedelta(seconds=60))
    assert workers.is_worker_alive(engine, "here", at=NOON)
    assert not workers.is_worker_alive(engine, "there", at=NOON)
    assert not workers.is_worker_alive(engine, at=LATER)
    assert not workers.is_worker_alive(engine, at=NOON - timedelta(days=1)), "the clock went back"
    workers.worker_leaves(engine, "w")
    assert not workers.is_worker_alive(engine, at=NOON)


def test_a_log_is_read_in_order_in_two_languages(engine):
    job_id = ask(engine)
    jobs.write_line(engine, job_id, "read", at=LATER)
    jobs.write_line(engine, job_id, jobs.Text("lu", "done"), at=NOON)
    jobs.write_line(engine, job_id + 1, "of another")
    jobs.write_line(engine, job_id, "x" * 5000)
    as_frames_have_it = job_queries.jobs(engine, "here")["job_id"].iloc[0]
    lines = job_queries.log_lines(engine, as_frames_have_it)
    assert lines["text_fr"].tolist()[:2] == ["read", "lu"]
    assert lines["text_en"].tolist()[:2] == ["read", "done"]
    assert lines["text_en"].str.len().max() == jobs.LINE_LENGTH


@pytest.mark.parametrize(("said", "kept"), [(-1.0, 0.0), (0.5, 0.5), (7.0, 1.0)])
def test_a_share_lies_between_0_and_1(engine, said, kept):
    job_id = ask(engine)
    jobs.next_job(engine, "w", at=NOON)
    jobs.report(engine, job_id, "step", said)
    assert job_queries.jobs(engine, "here")["share"].item() == kept


def test_who_decides_second_on_the_same_queue_does_nothing(engine):
    first = jobs.ask_after(engine, "refresh", "here", "schedule", {"sources": ["a"]}, last_id=0)
    assert first is not None
    jobs.next_job(engine, "w", at=NOON)
    argument = {"sources": ["a"]}
    assert jobs.ask_after(engine, "refresh", "here", "schedule", argument, last_id=0) is None
    assert jobs.ask_after(engine, "refresh", "here", "schedule", argument, last_id=first)


CLAIMER = """
import json, os, sys, time
from pathlib import Path
from geodata import jobs, state

data, name = Path(sys.argv[1]), sys.argv[2]
engine = state.state_engine(data)
print("ready", flush=True)
sys.stdin.readline()
same = jobs.ask(engine, "refresh", "nobody", "Odile", {"sources": ["a"]})
done = []
idle = 0
while idle < 40:
    job = jobs.next_job(engine, name, "here") or jobs.next_job(engine, name, "there")
    if job is None:
        idle += 1
        time.sleep(0.005)
        continue
    idle = 0
    lock = data / f"at_work_{job.territory_id}"
    held = os.open(lock, os.O_CREAT | os.O_EXCL)  # fails when another works for the territory
    done.append(job.job_id)
    jobs.report(engine, job.job_id, "step", 0.5)
    os.close(held)
    lock.unlink()
    assert jobs.end(engine, job.job_id, "done")
print(json.dumps([same, done]))
"""


def test_processes_share_the_jobs_never_a_territory_and_ask_for_the_same_once(tmp_path):
    engine = state.state_engine(tmp_path)
    asked = [
        jobs.ask(engine, "refresh", place, "Odile", {"n": n})
        for n in range(15)
        for place in ("here", "there")
    ]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(tmp_path), f"w{n}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(3)
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    same, done = set(), []
    for process in started:
        said, wrong = process.communicate(timeout=60)
        assert process.returncode == 0, wrong
        asked_id, claimed = json.loads(said)
        same.add(asked_id)
        done += claimed
    assert len(same) == 1, "what they all asked for was queued once"
    assert sorted(done) == sorted(asked)
    assert set(states(engine) + states(engine, "there")) == {"done"}
    engine.dispose()


def test_a_state_locked_by_another_is_told(tmp_path):
    holder = state.state_engine(tmp_path)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'state.sqlite'}", connect_args={"timeout": 0})
    with state.writing(holder), pytest.raises(state.StateError, match=r"locked.*VIGIE_DATA"):
        ask(engine)
    assert ask(engine) == 1
    engine.dispose()
    holder.dispose()
