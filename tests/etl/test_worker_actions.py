"""The worker's own actions on real data: refresh, cancel between steps, roll back."""

import os
import shutil

import pytest

from etl.worker import run_worker
from etl.worker_actions import actions
from geodata import jobs, state
from geodata.catalogue.nouns import Text
from geodata.jobs import Cancelled, Job
from geodata.queries import jobs as job_queries
from geodata.queries import refreshes
from geodata.release import current_release, refresh_lock

HERE = "haute_loire"


@pytest.fixture
def chosen(settings_of, tmp_path):
    return settings_of(tmp_path)


@pytest.fixture
def engine(chosen):
    made = state.state_engine(chosen.data)
    yield made
    made.dispose()


def do(engine, chosen, kind, **argument):
    job_id = jobs.ask(engine, kind, HERE, "Odile Martin", argument)
    run_worker(chosen, once=True, actions=actions(chosen))
    frame = job_queries.jobs(engine, HERE, 100)
    return frame[frame["job_id"] == job_id].iloc[0]


def test_refresh_publishes_says_so_and_is_undone_by_hand(release_data, settings_of, tmp_path):
    data = tmp_path / "copy"
    shutil.copytree(release_data, data)
    chosen, engine, first = settings_of(data), state.state_engine(data), current_release(data)
    assert do(engine, chosen, "rollback")["state"] == "failed", "there is none before"
    row = do(engine, chosen, "refresh", again=True)
    second = current_release(data)
    assert (row["state"], row["outcome"]) == ("done", "published")
    assert row["message_en"] == f"Release {second.release_id} is published."
    assert second.release_id != first.release_id
    run = refreshes.runs(engine).iloc[0]
    assert (run["run_id"], run["job_id"]) == (row["run_id"], row["job_id"])
    said = job_queries.log_lines(engine, row["job_id"])["text_en"].tolist()
    assert said[1] == "read"
    assert "check insee_births" in said
    row = do(engine, chosen, "rollback", reason="wrong births")
    assert (row["state"], row["outcome"]) == ("done", "rolled_back")
    assert current_release(data).release_id == first.release_id
    engine.dispose()


def test_a_refresh_cancelled_between_two_steps_publishes_nothing(engine, chosen):
    def report(step, _share):
        if step.startswith("check"):
            raise Cancelled(Text("Annulée.", "Cancelled."))

    job = Job(1, "refresh", HERE, {}, "Odile", state.now())
    with pytest.raises(Cancelled):
        actions(chosen)["refresh"](job, report)
    assert current_release(chosen.data) is None
    assert refreshes.runs(engine)["outcome"].item() in ("cancelled", "failed")


def test_a_job_beside_a_refresh_by_hand_fails_and_names_its_holder(engine, chosen):
    with refresh_lock(chosen.data):
        row = do(engine, chosen, "refresh")
    assert row["state"] == "failed"
    assert f"process {os.getpid()}" in row["message_en"]
