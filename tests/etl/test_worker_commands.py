"""The commands around the queue, through their own parser."""

import argparse

import pytest

from etl.worker_commands import commands
from geodata import jobs, state, workers

HERE = "haute_loire"


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def run(*words):
    made = argparse.ArgumentParser()
    commands(made.add_subparsers(required=True))
    given = made.parse_args(words)
    return given.run(given)


def test_jobs_lists_the_newest_first_and_says_that_no_worker_runs(engine, capsys):
    first = jobs.ask(engine, "refresh", HERE, "Odile Martin")
    jobs.ask(engine, "rollback", HERE, "Paul")
    jobs.ask(engine, "refresh", "elsewhere", "Zoé")
    jobs.next_job(engine, "w", HERE)
    jobs.report(engine, first, "check insee_births", 0.25)
    workers.worker_leaves(engine, "w")
    assert run("jobs") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "rollback" in lines[0]
    assert "queued" in lines[0]
    assert "Paul" in lines[0]
    assert lines[1].endswith("25% check insee_births")
    assert lines[2:] == ["No worker is running: start `vigie worker`."]
    workers.worker_beat(engine, "w", territory_id=HERE)
    run("jobs", "--limit", "1")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_the_log_of_a_job_and_of_none(engine, capsys):
    job_id = jobs.ask(engine, "refresh", HERE, "Odile")
    jobs.write_line(engine, job_id, "read")
    assert run("jobs", str(job_id)) == 0
    assert capsys.readouterr().out.endswith("Z  read\n")
    assert run("jobs", "99") == 1
    assert "Job 99 said nothing" in capsys.readouterr().err


def test_cancel_says_what_became_of_the_job(engine, capsys):
    running, waiting = (jobs.ask(engine, "refresh", HERE, "Odile", {"n": n}) for n in range(2))
    jobs.next_job(engine, "w", HERE)
    assert run("cancel", str(waiting), "--by", "Paul") == 0
    assert run("cancel", str(running), "--by", "Paul") == 0
    assert run("cancel", str(waiting), "--by", "Paul") == 0
    assert run("cancel", "99", "--by", "Paul") == 1
    assert run("cancel", str(running), "--by", "x" * 81) == 1
    jobs.end(engine, running, "done")
    assert run("cancel", str(running), "--by", "Paul") == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"Job {waiting} is cancelled.",
        f"Job {running} stops after the step at hand.",
        f"Job {waiting} is cancelled.",
        "There is no job 99.",
        f"Job {running} has ended already (done).",
    ]
    assert "80 characters" in said.err
