"""The worker: tells the truth of every job, and no job stops it. Real files, real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from etl import worker
from etl.source import Ledger
from etl.worker import Ended, run_worker
from geodata import jobs, state, workers
from geodata.catalogue.nouns import Text
from geodata.model import Issue, Severity
from geodata.queries import jobs as job_queries
from geodata.release import ReleaseError
from geodata.state import StateError

HERE = "haute_loire"


@pytest.fixture
def chosen(settings_of, tmp_path):
    return settings_of(tmp_path)


@pytest.fixture
def engine(chosen):
    made = state.state_engine(chosen.data)
    yield made
    made.dispose()


def ask(engine, kind="refresh", **argument):
    return jobs.ask(engine, kind, HERE, "Odile Martin", argument)


def row_of(engine, job_id):
    frame = job_queries.jobs(engine, HERE, 100)
    return frame[frame["job_id"] == job_id].iloc[0]


def log_of(engine, job_id, language="en"):
    return job_queries.log_lines(engine, job_id)[f"text_{language}"].tolist()


def wait_for(is_so, seconds=30.0):
    limit = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.01)


def test_a_job_is_done_with_its_progress_its_log_and_its_run(engine, chosen):
    seen = []

    def refreshed(job, report):
        run_id = state.start_run(engine, os.getpid(), job.territory_id, job.job_id)
        for step, share in (("read", 0.0), ("check", 0.2), ("check", 0.4), ("done", 1.0)):
            report(step, share)
            row = row_of(engine, job.job_id)
            seen.append((row["state"], row["step"], row["share"]))
        state.end_run(engine, run_id, "published")
        return Ended("published", Text("C’est en ligne.", "It is published."))

    first, second = ask(engine), ask(engine, again=True)
    assert run_worker(chosen, once=True, actions={"refresh": refreshed}) == 2
    assert {name for name, _step, _share in seen} == {"running"}
    assert [(step, share) for _state, step, share in seen[:3]] == [
        ("read", 0.0),
        ("check", 0.2),
        ("check", 0.4),
    ]
    row = row_of(engine, first)
    assert (row["state"], row["outcome"], row["message_fr"]) == (
        "done",
        "published",
        "C’est en ligne.",
    )
    assert [row_of(engine, job_id)["run_id"] for job_id in (first, second)] == [1, 2]
    assert log_of(engine, first)[1:] == ["read", "check", "done", "It is published."]
    assert log_of(engine, first, "fr")[-1] == "C’est en ligne."
    assert not workers.is_worker_alive(engine), "it has left"


def test_an_error_of_others_fails_the_job_without_its_words_and_the_next_goes_on(engine, chosen):
    def act(job, _report):
        if job.argument.get("bad"):
            return Ended(str(float("DUPONT Jeanne")))
        return Ended("published")

    bad, good = ask(engine, bad=True), ask(engine)
    assert run_worker(chosen, once=True, actions={"refresh": act}) == 2
    assert (row_of(engine, bad)["state"], row_of(engine, good)["state"]) == ("failed", "done")
    assert "Unexpected ValueError (etl/test_worker.py:" in row_of(engine, bad)["message_en"]
    assert any("test_worker.py" in line and line.endswith("act") for line in log_of(engine, bad))
    engine.dispose()
    kept = b"".join(path.read_bytes() for path in chosen.data.glob("state.sqlite*"))
    assert b"Odile" in kept
    assert b"DUPONT" not in kept


REJECTED = Ledger("a", "a.csv").reject("cut", "coupé", "cut", line=3, mend_en="Again.")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ReleaseError("Occupé.", "Another refresh is running."), "Failed: Another refresh is"),
        (REJECTED, "a.csv, line 3: cut → Again."),
        (OSError(28, "No space left on device", "/srv/DUPONT"), "Failed: the disk is full."),
        (OSError(5, "Input/output error", "/srv/DUPONT"), "System error: Input/output error."),
        (MemoryError(), "Unexpected MemoryError"),
        (SystemExit(3), "Unexpected SystemExit"),
    ],
)
def test_whatever_an_action_raises_is_told_and_the_worker_lives(engine, chosen, error, says):
    def act(_job, _report):
        raise error

    first, second = ask(engine), ask(engine, again=True)
    assert run_worker(chosen, once=True, actions={"refresh": act}) == 2
    for job_id in (first, second):
        assert row_of(engine, job_id)["state"] == "failed"
        assert row_of(engine, job_id)["message_en"].startswith(says)
        assert "DUPONT" not in row_of(engine, job_id)["message_fr"]


def test_a_job_that_this_version_cannot_do_is_told(engine, chosen):
    job_id = ask(engine, "take_mends")
    run_worker(chosen, once=True, actions={})
    assert row_of(engine, job_id)["message_en"] == "This version cannot do 'take_mends'."
    assert "ne sait pas faire" in row_of(engine, job_id)["message_fr"]


def steps_until_cancelled(passed):
    """An action of many short steps, that would end by itself after ten seconds."""

    def act(_job, report):
        for n in range(1000):
            report(f"step {n}", n / 1000)
            passed.append(n)
            time.sleep(0.01)
        return Ended("published")

    return act


def test_cancel_stops_a_job_at_its_next_step(engine, chosen):
    passed = []
    job_id = ask(engine)
    working = threading.Thread(
        target=run_worker,
        args=(chosen,),
        kwargs={"once": True, "actions": {"refresh": steps_until_cancelled(passed)}},
    )
    working.start()
    wait_for(lambda: len(passed) > 2)
    assert jobs.ask_cancel(engine, job_id, "Paul") == "running"
    working.join(10)
    assert not working.is_alive()
    row = row_of(engine, job_id)
    assert (row["state"], row["message_fr"]) == ("cancelled", "Annulée par Paul.")
    assert len(passed) < 1000


def test_what_is_done_cannot_be_cancelled_any_more(engine, chosen):
    def act(job, report):
        jobs.ask_cancel(engine, job.job_id, "Paul")
        report("done", 1.0)
        return Ended("published")

    job_id = ask(engine)
    run_worker(chosen, once=True, actions={"refresh": act})
    assert (row_of(engine, job_id)["state"], row_of(engine, job_id)["outcome"]) == (
        "done",
        "published",
    )


def test_stop_finishes_the_step_cancels_the_job_and_leaves_the_others_waiting(engine, chosen):
    stop, passed = threading.Event(), []

    def act(_job, report):
        report("one", 0.1)
        stop.set()
        passed.append("the step goes to its end")
        report("two", 0.2)
        passed.append("never")
        return Ended("published")

    first, second = ask(engine), ask(engine, again=True)
    assert run_worker(chosen, stop=stop, actions={"refresh": act}) == 1
    assert passed == ["the step goes to its end"]
    row = row_of(engine, first)
    assert (row["state"], row["message_en"]) == ("cancelled", worker.STOPPED.en)
    assert row_of(engine, second)["state"] == "queued"


def test_a_job_taken_for_dead_stops_and_its_end_is_told(engine, chosen):
    def act(job, report):
        later = state.now() + 2 * workers.SILENCE
        assert jobs.next_job(engine, "other", HERE, at=later) is None
        report("next", 0.5)
        return Ended("published")

    job_id = ask(engine)
    assert run_worker(chosen, once=True, actions={"refresh": act}) == 1
    assert row_of(engine, job_id)["state"] == "failed"
    assert row_of(engine, job_id)["message_en"] == workers.DIED.en
    assert log_of(engine, job_id)[-1] == "Ended (cancelled) after it was taken for dead."


def test_a_long_step_does_not_look_like_death(engine, chosen, monkeypatch):
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.02)
    moment = [state.now()]

    def act(job, _report):
        for _ in range(5):  # without a word of ours, 200 seconds in all
            moment[0] += timedelta(seconds=40)
            wait_for(lambda: workers.is_worker_alive(engine, HERE, moment[0] + workers.SILENCE))
            assert jobs.next_job(engine, "other", HERE, at=moment[0]) is None
            assert row_of(engine, job.job_id)["state"] == "running"
        return Ended("published")

    job_id = ask(engine)
    run_worker(chosen, once=True, actions={"refresh": act}, clock=lambda: moment[0])
    assert row_of(engine, job_id)["state"] == "done", row_of(engine, job_id)["message_en"]


def test_an_end_that_cannot_be_written_is_written_later(engine, chosen, monkeypatch, capsys):
    write, failures = jobs.end, []

    def fail_once(*given, **named):
        if not failures:
            failures.append("disk full")
            raise StateError("Le disque est plein.", "The state cannot be written (disk full).")
        return write(*given, **named)

    monkeypatch.setattr(jobs, "end", fail_once)
    job_id = ask(engine)
    done = run_worker(chosen, once=True, actions={"refresh": lambda _job, _report: Ended("ok")})
    assert done == 1
    assert row_of(engine, job_id)["state"] == "done"
    assert "disk full" in capsys.readouterr().err


def test_a_refusal_is_told_outside_and_kept_when_nobody_listens(engine, chosen):
    def act(job, _report):
        run_id = state.start_run(engine, os.getpid(), HERE, job.job_id)
        issue = Issue(
            "insee_births", Severity.REJECT, "cut", "coupé", "cut", file="b.csv", line=9, sample="z"
        )
        state.end_run(engine, run_id, "rejected", issues=[issue])
        return Ended("rejected", Text("Refusé.", "Refused."))

    ask(engine)
    told = replace(chosen, webhook="http://127.0.0.1:9/hook")
    run_worker(told, once=True, actions={"refresh": act})
    row = job_queries.notices(engine).iloc[0]
    assert (row["kind"], row["channel"], row["tries"]) == ("rejected", "webhook", 1)
    assert row["error"] == "127.0.0.1 cannot be reached (ConnectionError)."
    assert "b.csv, ligne 9 : coupé" in row["body"]


def test_a_described_source_with_a_schedule_is_refreshed_when_due(engine, chosen):
    chosen.descriptions.mkdir()
    (chosen.descriptions / "invented.toml").write_text(
        '[sources.invented]\nreader = "figures"\npublished_as = ["invented.csv"]\n'
        'name = { fr = "Inventée", en = "Invented" }\nschedule = "daily at 05:00"\n',
        "utf-8",
    )
    asked = []

    def act(job, _report):
        asked.append((job.asked_by, job.argument))
        return Ended("unchanged")

    for _time in range(2):
        run_worker(chosen, once=True, actions={"refresh": act})
    assert asked == [("schedule", {"sources": ["invented"]})]
    tomorrow = state.now() + timedelta(days=1, hours=1)
    run_worker(chosen, once=True, actions={"refresh": act}, clock=lambda: tomorrow)
    assert len(asked) == 2


#: A worker in its own process; its jobs append to a file when they begin and when they end.
CHILD = """
import json, os, sys, time
from pathlib import Path
from etl.worker import Ended, run_worker
from etl.worker_commands import stop_on_signals
from geodata.settings import settings

data = Path(sys.argv[1])
journal = os.open(data / "journal", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

def act(job, report):
    os.write(journal, f"begin {job.job_id} {os.getpid()}\\n".encode())
    for n in range(job.argument["steps"]):
        report(f"step {n}", 0.5)
        time.sleep(0.01)
    os.write(journal, f"end {job.job_id} {os.getpid()}\\n".encode())
    return Ended("published")

stop = stop_on_signals()
chosen = settings({"VIGIE_DATA": str(data)})
print(run_worker(chosen, stop=stop, actions={"refresh": act}))
"""


@pytest.fixture
def start(chosen):
    """Start a worker process; whatever is left is killed when the test ends."""
    started = []

    def begin():
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(chosen.data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def listens(process):
    """Whether a process is ready to be told to end: it catches SIGTERM."""
    try:
        told = Path(f"/proc/{process.pid}/status").read_text()
    except FileNotFoundError:
        return False
    caught = next(line.split()[1] for line in told.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def journal(chosen):
    path = chosen.data / "journal"
    return path.read_text().splitlines() if path.exists() else []


def test_kill_9_in_the_middle_of_a_job_fails_it_and_never_runs_it_twice(engine, chosen, start):
    lost, after = ask(engine, steps=100_000), ask(engine, steps=1)
    process = start()
    wait_for(lambda: row_of(engine, lost)["step"] not in (None, "", "step 0"))
    assert workers.is_worker_alive(engine, HERE)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    done = []

    def act(job, _report):
        done.append(job.job_id)
        return Ended("published")

    assert run_worker(chosen, once=True, actions={"refresh": act}) == 0, "not before a minute"
    assert row_of(engine, lost)["state"] == "running"
    later = state.now() + workers.SILENCE + timedelta(seconds=2)
    assert run_worker(chosen, once=True, actions={"refresh": act}, clock=lambda: later) == 1
    assert done == [after]
    row = row_of(engine, lost)
    assert (row["state"], row["message_en"]) == ("failed", workers.DIED.en)
    assert bool(row["is_told"])
    assert journal(chosen) == [f"begin {lost} {process.pid}"]


def test_sigterm_finishes_the_step_and_leaves(engine, chosen, start):
    job_id = ask(engine, steps=100_000)
    process = start()
    wait_for(lambda: len(journal(chosen)) == 1)
    process.send_signal(signal.SIGTERM)
    said, wrong = process.communicate(timeout=20)
    assert (process.returncode, said.strip()) == (0, "1")
    assert "leaves after the step" in wrong
    row = row_of(engine, job_id)
    assert (row["state"], row["message_en"]) == ("cancelled", worker.STOPPED.en)
    assert not workers.is_worker_alive(engine)


def test_two_workers_share_the_queue_one_job_at_a_time(engine, chosen, start):
    asked = [ask(engine, steps=2, n=n) for n in range(8)]
    both = [start(), start()]
    wait_for(
        lambda: (
            set(job_queries.jobs(engine, HERE, 100)["state"]) == {"done"}
            or any(process.poll() is not None for process in both)
        )
    )
    # One may still be starting when the other has done it all.
    wait_for(lambda: all(listens(process) or process.poll() is not None for process in both))
    for process in both:
        process.send_signal(signal.SIGTERM)
    counts = []
    for process in both:
        said, wrong = process.communicate(timeout=20)
        assert process.returncode == 0, wrong
        counts.append(json.loads(said))
    assert sum(counts) == len(asked)
    lines = [line.split() for line in journal(chosen)]
    assert [line[0] for line in lines] == ["begin", "end"] * len(asked), "never two at once"
    assert [int(line[1]) for line in lines[::2]] == asked, "in the order they were asked"
