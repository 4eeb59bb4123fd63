"""The worker's own actions on real data: refresh, cancel between steps, roll back."""

import os
import shutil

import pytest
import sqlalchemy as sa

from etl.worker import run_worker
from etl.worker_actions import actions
from geodata import jobs, state
from geodata.catalogue.nouns import Text
from geodata.jobs import Cancelled, Job
from geodata.queries import jobs as job_queries
from geodata.queries import refreshes
from geodata.release import current_release, refresh_lock, waiting_release
from geodata.state_schema import review

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


@pytest.mark.parametrize(
    ("kind", "outcome", "said"),
    [
        ("publish", "published", "Release {} is published."),
        ("refuse", "refused", "Release {} is refused; what was published stays."),
    ],
)
def test_a_decision_asked_of_the_worker_is_taken_as_by_hand(
    engine, chosen, tiny_release, kind, outcome, said
):
    first, waits = tiny_release(chosen.data), tiny_release(chosen.data, waits=True)
    row = do(engine, chosen, kind, release_id=waits.release_id, reason="looked at")
    assert (row["state"], row["outcome"]) == ("done", outcome)
    assert row["message_en"] == said.format(waits.release_id)
    assert waits.release_id in row["message_fr"]
    assert waiting_release(chosen.data) is None
    shown = waits if kind == "publish" else first
    assert current_release(chosen.data).release_id == shown.release_id
    with state.reading(engine) as connection:
        (decision,) = connection.execute(sa.select(review)).all()
    assert (decision.decided_by, decision.reason) == ("Odile Martin", "looked at")


@pytest.mark.parametrize("kind", ["publish", "refuse"])
def test_a_decision_on_a_release_that_no_longer_waits_fails_and_says_why(
    engine, chosen, tiny_release, kind
):
    first = tiny_release(chosen.data)
    row = do(engine, chosen, kind)
    assert row["state"] == "failed"
    assert "No release waits" in row["message_en"]
    seen, newer = (tiny_release(chosen.data, waits=True) for _ in range(2))
    row = do(engine, chosen, kind, release_id=seen.release_id)
    assert row["state"] == "failed"
    assert f"{newer.release_id} does" in row["message_en"]
    assert current_release(chosen.data) == first
    assert waiting_release(chosen.data) == newer


def test_a_decision_on_another_base_fails_and_the_release_waits(engine, chosen, tiny_release):
    first, _second = tiny_release(chosen.data), tiny_release(chosen.data)
    waits = tiny_release(chosen.data, waits=True)
    row = do(engine, chosen, "rollback", release_id=first.release_id)
    assert (row["state"], row["outcome"]) == ("done", "rolled_back")
    row = do(engine, chosen, "publish")
    assert row["state"] == "failed"
    assert "vigie refresh" in row["message_en"]
    assert waiting_release(chosen.data) == waits


def test_every_kind_of_decision_has_its_action(chosen):
    assert {"refresh", "publish", "refuse", "rollback"} <= set(actions(chosen))
