"""The questions of the pages: who may ask, of which release, and what comes back."""

from __future__ import annotations

import json
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from dashboard import data, journal
from geodata import schema
from geodata.model import OUTSIDE_CODE, STATUS_CODES, AreaKey, Principal, Status
from geodata.release import CURRENT, Making, current_release, draft, publish, refresh_lock, seal
from geodata.state import start_run, state_engine

LOCAL = Principal("local", "director", ("haute_loire",))
STRANGER = Principal("other", "director", ("elsewhere",))
QUESTIONS = {
    data.offer: (),
    data.areas: ("epci",),
    data.area_values: ("childcare_raw_coverage", "epci", "2020"),
    data.values_at: ((("childcare_raw_coverage", "2020"),), ("epci",)),
    data.area_series: ("childcare_raw_coverage", (AreaKey("departement", "43"),)),
    data.parents: (AreaKey("commune", "43157"),),
    data.gaps: ("childcare", "france_2020", "2020", "epci"),
    data.care_links: (AreaKey("epci", "200073419"),),
    data.broken_links: ("epci",),
    data.trends: ("rsa_share", AreaKey("epci", "200073419")),
    data.clusters: ("rsa_share", "commune"),
    data.inequalities: ("childcare_raw_coverage", "commune"),
    data.priority_order: ("family_prevention", "epci"),
    data.priority_parts: ("family_prevention", AreaKey("epci", "200073419")),
    data.priority_figures: (("poverty_rate",), "epci"),
    data.sources: (),
    data.issues: (),
    data.changes: (),
    data.lineages: (),
    data.reconciliations: (),
    data.tile: (7, 65, 45),
    data.value_bytes: ("childcare_raw_coverage", "epci", "2020"),
    data.map_classes: ("childcare_raw_coverage", "epci", "2020", "tested"),
    data.painted_bytes: ("childcare_raw_coverage", "epci", "2020", "fixed"),
    data.service_places: ("childcare",),
    data.place_bytes: ("childcare",),
    data.name_bytes: ("commune",),
}


@pytest.fixture(scope="module")
def release(release_data):
    return current_release(release_data)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_every_question_asks_who_asks_whatever_is_remembered(release, question):
    assert question(LOCAL, release, *QUESTIONS[question]) is not None
    with pytest.raises(data.Forbidden):
        question(STRANGER, release, *QUESTIONS[question])
    with pytest.raises(data.Forbidden):
        question(Principal("nobody", "none"), release, *QUESTIONS[question])


def test_runs_ask_too(release_data, settings_of):
    settings = settings_of(release_data)
    assert len(journal.runs(LOCAL, settings)) >= 1
    with pytest.raises(data.Forbidden):
        journal.runs(STRANGER, settings)
    asked = {
        journal.run_issues: (1,),
        journal.run_steps: (1,),
        journal.jobs: (),
        journal.pending_jobs: (),
        journal.log_lines: (1,),
        journal.is_worker_alive: (),
        journal.held_rows: (),
        journal.waiting: (),
        journal.kept: (),
        journal.publications: (),
        journal.known_on: (date(2026, 1, 1),),
    }
    for question, rest in asked.items():
        question(LOCAL, settings, *rest)
        for who in (STRANGER, Principal("nobody", "none")):
            with pytest.raises(data.Forbidden):
                question(who, settings, *rest)


def test_a_frame_that_was_changed_does_not_change_the_next_answer(release):
    asked = (LOCAL, release, "childcare_raw_coverage", "epci", "2020")
    first = data.area_values(*asked)
    first["value"] = 0.0
    assert (data.area_values(*asked)["value"] > 0).all()


def test_the_map_reads_values_and_statuses_in_order(release):
    content = data.value_bytes(LOCAL, release, "poverty_rate", "commune", "2021")
    frame = data.area_values(LOCAL, release, "poverty_rate", "commune", "2021")
    count = len(frame)
    assert len(content) == 6 * count
    values = np.frombuffer(content, "<f4", count)
    statuses = np.frombuffer(content, "u1", count, offset=4 * count)
    flags = np.frombuffer(content, "u1", count, offset=5 * count)
    assert frame["fid"].tolist() == list(range(count))
    is_edge = (frame["role"] == "edge").to_numpy()
    assert (statuses[is_edge] == OUTSIDE_CODE).all()
    assert np.isnan(values[is_edge]).all()
    is_silent = (frame["status"] == "suppressed").to_numpy() & ~is_edge
    assert (statuses[is_silent] == STATUS_CODES[Status.SUPPRESSED]).all()
    assert np.isnan(values[is_silent]).all()
    assert flags[is_edge | is_silent].max() == 0
    assert np.array_equal(flags[~is_edge], frame["flags"].to_numpy()[~is_edge])
    known = frame["value"].notna().to_numpy() & ~is_edge
    assert np.array_equal(values[known], frame["value"].to_numpy()[known].astype("float32"))


def test_the_offer_is_what_the_release_holds(release, words):
    offer = data.offer(LOCAL, release)
    assert next(iter(offer.indicators)) == words.default_indicator.id
    assert offer.indicators["care_rate"].keys() == {"departement"}
    assert len(offer.areas["commune"]) == 257
    assert {"43", "36", "63"} < offer.areas["departement"]  # ours, and those it is compared with


def _publish(folder, name):
    area = {"level": "epci", "area_id": name, "fid": 0, "name": name, "role": "territory"}
    with draft(folder) as made:
        made.load(schema.area, pd.DataFrame([area]))
        sealed = seal(made, folder, Making("haute_loire", name, name))
    return publish(folder, sealed.release_id, "Odile Martin", "test", keep=5)


def test_a_new_release_is_seen_at_the_next_question(tmp_path, settings_of):
    settings = settings_of(tmp_path)
    with pytest.raises(data.Unready) as nothing:
        data.open_release(settings)
    assert nothing.value.state == "none"
    for name in ("first", "second"):
        _publish(tmp_path, name)
        opened = data.open_release(settings)
        assert data.areas(LOCAL, opened, "epci")["name"].tolist() == [name]
    kept = data.release_named(settings, data.open_release(settings).release_id)
    assert kept == data.open_release(settings)
    assert data.release_named(settings, "../building") is None


@pytest.mark.parametrize(
    ("change", "state"), [({"schema_version": 0}, "schema"), ({"territory_id": "b"}, "territory")]
)
def test_a_release_that_cannot_be_shown_is_named(tmp_path, settings_of, change, state):
    release = _publish(tmp_path, "one")
    manifest = release.folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | change))
    with pytest.raises(data.Unready) as error:
        data.open_release(settings_of(tmp_path))
    assert error.value.state == state


def test_a_damaged_pointer_is_named(tmp_path, settings_of):
    (tmp_path / CURRENT).write_text("{")
    with pytest.raises(data.Unready) as error:
        data.open_release(settings_of(tmp_path))
    assert error.value.state == "damaged"
    assert "vigie rollback" in error.value.detail


def test_a_damaged_database_is_a_state_of_the_house_not_a_crash(
    release_data, settings_of, tmp_path
):
    shutil.copytree(release_data, tmp_path / "data")
    settings = settings_of(tmp_path / "data")
    release = current_release(settings.data)
    release.database.write_bytes(release.database.read_bytes()[:4096])
    with pytest.raises(data.Unready) as caught:
        data.open_release(settings)
    assert caught.value.state == "damaged"
    assert data.release_named(settings, release.release_id) is None


def test_a_refresh_that_was_killed_is_not_said_to_run(settings_of, tmp_path):
    settings = settings_of(tmp_path)
    engine = state_engine(settings.data)
    start_run(engine, 1)
    engine.dispose()
    assert journal.runs(LOCAL, settings)["outcome"].tolist() == ["interrupted"]
    with refresh_lock(settings.data):
        assert journal.runs(LOCAL, settings)["outcome"].tolist() == ["running"]


def test_what_is_remembered_has_a_weight(release):
    """A country's finest areas weigh megabytes a level: they are counted by what they weigh."""
    frame = pd.DataFrame({"value": np.zeros(50_000), "name": ["Saint-Julien"] * 50_000})
    weigh = data._kept.getsizeof
    assert weigh(frame) > 50_000 * 8 + 50_000 * len("Saint-Julien")
    assert 70_000 < weigh(b"x" * 70_000) < 80_000
    data.area_values(LOCAL, release, "childcare_raw_coverage", "epci", "2020")
    assert 0 < data._kept.currsize <= data._kept.maxsize == 256 * 2**20


def test_a_level_is_read_once_and_nobody_changes_it(release, monkeypatch):
    asked = ("childcare_raw_coverage", "epci", "2020")
    first = data.area_values(LOCAL, release, *asked)
    was = first.copy()
    first["value"] = -1.0
    monkeypatch.setattr("dashboard.data.indicator_queries.values", None)
    pd.testing.assert_frame_equal(data.area_values(LOCAL, release, *asked), was)
    painted = data.painted_bytes(LOCAL, release, *asked, "quantile")
    assert len(painted) > 2 * len(was)
