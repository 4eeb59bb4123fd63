"""The refresh end to end: published whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from etl.decisions import DecisionError, publish_waiting, refuse_waiting, roll_back
from etl.held_commands import exported, mended
from etl.refresh import refresh
from etl.source import Ledger
from geodata import quarantine, state
from geodata.catalogue.loader import catalogue
from geodata.queries import indicators, refreshes
from geodata.release import current_release, publications, reading_engine, waiting_release

EMBEDDED = Path(__file__).parents[2] / "geodata" / "embedded"


@pytest.fixture(params=["new", "old"])
def new_or_old(request, release_data, tmp_path):
    """A data folder never published from, whose steps are ready; then one with the release."""
    data = tmp_path / "data"
    if request.param == "new":
        shutil.copytree(release_data / "steps", data / "steps")
    else:
        shutil.copytree(release_data, data)
    return data


def chosen_indicators_of(source_id: str):
    words = catalogue("haute_loire")
    return [i for i in words.indicators.values() if source_id in words.sources_of(i)]


def is_whole(release) -> bool:
    return hashlib.sha256(release.database.read_bytes()).hexdigest() == release.database_sha256


def test_a_second_run_on_unchanged_sources_does_nothing(data, settings_of):
    before = current_release(data)
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "unchanged"
    assert outcome.release == current_release(data) == before
    log = state.state_engine(data)
    assert refreshes.runs(log)["outcome"].tolist() == ["unchanged", "published"]
    log.dispose()


BIRTHS = (EMBEDDED / "figures" / "insee_births.csv").read_bytes()


@pytest.mark.parametrize(
    ("source_id", "suffix", "content", "code", "line"),
    [
        ("insee_births", ".csv", BIRTHS[:-7], "truncated", BIRTHS.count(b"\n")),
        ("insee_births", ".csv", b"<!doctype html><title>502</title>", "html_page", 1),
        ("insee_births", ".csv", BIRTHS.replace(b"period", b"annee", 1), "missing_column", 1),
        ("insee_births", ".csv", b"", "empty", None),
        ("insee_births", ".csv", BIRTHS.replace(b",observed", b",sure"), "too_many_quarantined", 2),
        ("territory", ".parquet", b"PAR1half", "truncated", None),
        ("membership", ".csv", b"level,area_id\n", "missing_column", 1),
    ],
)
def test_a_wrong_file_is_refused_and_the_release_stays(
    data, source_id, suffix, content, code, line, settings_of, bring
):
    before = current_release(data)
    bring(data, source_id, content, suffix)
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "rejected"
    issue = next(issue for issue in outcome.issues if issue.code == code)
    assert issue.line == line
    assert issue.mend_fr
    assert issue.file.endswith(suffix)
    assert current_release(data) == before
    assert is_whole(before)
    log = state.state_engine(data)
    run = refreshes.runs(log).iloc[0]
    kept = state.issues_of(refreshes.run_issues(log, int(run["run_id"])))
    log.dispose()
    assert run["outcome"] == "rejected"
    assert issue in kept


def test_a_file_cut_at_the_end_of_a_line_waits_for_a_person(new_or_old, settings_of, bring):
    """97 % of the lines: no line is wrong, and the births of some départements are gone."""
    data = new_or_old
    lines = BIRTHS.splitlines(keepends=True)
    bring(data, "insee_births", b"".join(lines[: int(0.97 * len(lines))]))
    before = current_release(data)
    chosen = settings_of(data)
    outcome = refresh(chosen)
    assert outcome.outcome == "waiting"
    held = [issue for issue in outcome.issues if issue.severity == "hold"]
    assert "vanished" in [issue.code for issue in held]
    assert current_release(data) == before
    with pytest.raises(DecisionError, match="--by NAME"):
        publish_waiting(chosen, "  ", "meant")
    with pytest.raises(DecisionError, match="does not wait"):
        publish_waiting(chosen, "A. Martin", "meant", "000009-0123456789")
    made = publish_waiting(chosen, "A. Martin", "the producer withdrew them")
    assert current_release(data) == made == replace(outcome.release, published_at=made.published_at)
    last = publications(data)[-1]
    assert (last.by, last.reason) == ("A. Martin", "the producer withdrew them")


def test_silences_that_jump_and_values_that_shift_wait_for_a_person(new_or_old, settings_of, bring):
    """The last year of births: half of the communes secret; the year before in thousandths."""
    data = new_or_old
    rows = [line.split(",") for line in BIRTHS.decode().splitlines()]
    years = sorted({row[3] for row in rows[1:] if row[0] == "commune"})
    for row in rows:
        if row[0] == "commune" and row[3] == years[-1] and int(row[1]) % 2:
            row[4:] = ["", "suppressed"]
        elif row[0] == "commune" and row[3] == years[-2]:
            row[4] = f"{1000 * int(row[4])}" if row[4] else ""
    bring(data, "insee_births", "".join(",".join(row) + "\n" for row in rows).encode())
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "waiting"
    held = {issue.code: issue for issue in outcome.issues if issue.severity == "hold"}
    assert f"(commune), {years[-1]}: " in held["silence_jump"].message_en
    assert f"instead of 0% in {years[-1]}" in held["silence_jump"].message_en
    assert f"(commune), {years[-2]}: " in held["value_shift"].message_en
    assert "first Saint-Étienne (42218)" in held["value_shift"].message_en


def test_a_waiting_release_is_refused_or_overtaken(data, settings_of, bring):
    chosen = settings_of(data)
    lines = BIRTHS.splitlines(keepends=True)
    bring(data, "insee_births", b"".join(lines[: int(0.97 * len(lines))]))
    waits = refresh(chosen).release
    assert waiting_release(data) == waits
    refuse_waiting(chosen, "A. Martin", "cut file")
    assert waiting_release(data) is None
    assert not waits.folder.exists()
    with pytest.raises(DecisionError, match="No release waits"):
        publish_waiting(chosen, "A. Martin", "too late")
    # One that was compared with what is no longer published must be compared anew.
    waits = refresh(chosen).release
    assert waiting_release(data) == waits
    row = b"commune,43157,births,2023,"
    (line,) = [line for line in lines if line.startswith(row)]
    bring(data, "insee_births", BIRTHS.replace(line, row + b"170,observed\n"))
    assert refresh(chosen).outcome == "published"
    assert waiting_release(data) is None


def test_a_waiting_release_goes_when_its_files_have_gone(data, settings_of, bring):
    chosen = settings_of(data)
    lines = BIRTHS.splitlines(keepends=True)
    bring(data, "insee_births", b"".join(lines[: int(0.97 * len(lines))]))
    first = refresh(chosen).release
    waits = refresh(chosen).release
    assert not first.folder.exists()  # one waits at a time
    (data / "incoming" / "insee_births.csv").unlink()
    outcome = refresh(chosen)
    assert outcome.outcome == "unchanged"
    assert [issue.code for issue in outcome.issues if issue.severity != "note"] == ["overtaken"]
    assert waiting_release(data) is None
    assert not waits.folder.exists()


def test_what_was_rolled_back_is_not_published_again_by_itself(data, settings_of, bring):
    rows = (EMBEDDED / "figures" / "insee_births.csv").read_bytes()
    bring(data, "insee_births", rows + b"commune,43001,births,2007,5,observed\n")
    first = current_release(data)
    assert refresh(settings_of(data)).outcome == "published"
    roll_back(settings_of(data), "A. Officer", "wrong births")
    again = refresh(settings_of(data))
    assert again.outcome == "waiting"
    assert "taken_back" in [issue.code for issue in again.issues]
    assert current_release(data).release_id == first.release_id
    made = publish_waiting(settings_of(data), "A. Officer", "right after all")
    assert refresh(settings_of(data)).outcome == "unchanged"
    assert current_release(data).release_id == made.release_id


def test_too_little_of_the_country_for_its_standard_is_refused(data, settings_of, bring):
    lines = BIRTHS.splitlines(keepends=True)
    bring(data, "insee_births", b"".join(lines[: int(0.92 * len(lines))]))
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "rejected"
    (refusal,) = [issue for issue in outcome.issues if issue.severity == "reject"]
    assert refusal.code == "unknown_figure"


def test_one_unknown_capacity_is_missing_there_and_told(data, settings_of, bring):
    places = (EMBEDDED / "figures" / "cnaf_childcare_places.csv").read_bytes()
    row = b"commune,43001,childcare_places_other,"
    (line,) = [line for line in places.splitlines(keepends=True) if line.startswith(row)]
    bring(data, "cnaf_childcare_places", places.replace(line, b""))
    outcome = refresh(settings_of(data))
    # The whole loses its value with it: that is for a person to see first.
    assert outcome.outcome == "waiting"
    held = {issue.code for issue in outcome.issues if issue.severity == "hold"}
    assert held == {"values_lost"}
    # Those of neighbours that no file counts are notes.
    found = [issue for issue in outcome.issues if issue.code == "unknown_figure"]
    (told,) = [issue for issue in found if issue.severity == "warning"]
    assert told.column == "childcare_places_other"
    assert "43001" in told.message_fr
    engine = reading_engine(outcome.release.database)
    frame = indicators.values(engine, "childcare_effective_coverage", "commune", "2020")
    status = frame[frame["role"] == "territory"].set_index("area_id")["status"]
    assert status["43001"] == "missing"
    assert 1 < (status == "missing").sum() < 60  # it and those who share places with it
    assert status["43157"] == "estimated"


def test_a_file_that_was_brought_stays_when_it_leaves_the_incoming_folder(data, settings_of, bring):
    chosen = settings_of(data)
    row = b"commune,43157,births,2023,"
    (line,) = [line for line in BIRTHS.splitlines() if line.startswith(row)]
    bring(data, "insee_births", BIRTHS.replace(line, row + b"170,observed"))
    made = refresh(chosen).release
    (data / "incoming" / "insee_births.csv").unlink()
    assert refresh(chosen).outcome == "unchanged"
    sources = refreshes.sources(reading_engine(made.database)).set_index("source_id")
    assert sources.loc["insee_births", "origin"] == "incoming"
    again = refresh(chosen, again=True).release
    sources = refreshes.sources(reading_engine(again.database)).set_index("source_id")
    assert sources.loc["insee_births", "origin"] == "kept"
    assert again.content_sha256 == made.content_sha256
    # Given up, the file carried with the project is read again.
    given_up = refresh(chosen, forget=["insee_births"])
    sources = refreshes.sources(reading_engine(given_up.release.database)).set_index("source_id")
    assert sources.loc["insee_births", "origin"] == "embedded"


def test_a_change_in_one_source_recomputes_only_what_depends_on_it(data, settings_of, bring):
    chosen = settings_of(data)
    row = b"commune,43157,births,2023,"
    (line,) = [line for line in BIRTHS.splitlines() if line.startswith(row)]
    bring(data, "insee_births", BIRTHS.replace(line, row + b"171,observed"))
    outcome = refresh(chosen)
    made_anew = {timing.step for timing in outcome.timings if not timing.is_reused}
    computed = {timing.step.removeprefix("indicator ") for timing in outcome.timings}
    births = {i.id for i in chosen_indicators_of("insee_births")} & computed
    services = ("childcare", "childcare_centre", "nursery_school", "midwife", "maternity_unit")
    assert made_anew == {
        *("insee_births", "figures births", "care chain", "priority family_prevention"),
        *(f"coverage {name}" for name in (*services, "paediatrician")),
        "coverage maternity_within_45_minutes",
        *(f"indicator {name}" for name in births),
        *(name for name in made_anew if name.startswith(("inequality ", "neighbours "))),
    }
    unequal = {name.split()[1] for name in made_anew if name.startswith("inequality ")}
    assert unequal & births, "what is made of births is measured again"


def test_rows_held_back_are_mended_and_taken_in_again(data, settings_of, bring):
    chosen = settings_of(data)
    rows = BIRTHS.splitlines(keepends=True)
    rows[1] = rows[1].replace(b",observed", b",sure")
    bring(data, "insee_births", b"".join(rows))
    first = refresh(chosen)
    assert first.outcome in ("published", "waiting")
    log = state.state_engine(data)
    held = refreshes.held_rows(log, "insee_births")
    assert held["line"].tolist() == [2]
    assert json.loads(held["cells"][0])["status"] == "sure"
    content = exported(held).replace(b",sure", b",observed")
    for sha256, cells in mended(content, held, Ledger("insee_births", "mended.csv")).items():
        assert cells == {2: {"status": "observed"}}
        quarantine.write_mends(log, "insee_births", sha256, cells, "A. Martin")
    log.dispose()
    again = refresh(chosen)
    assert again.outcome == "published"
    log = state.state_engine(data)
    assert refreshes.held_rows(log).empty
    log.dispose()
    sources = refreshes.sources(reading_engine(again.release.database)).set_index("source_id")
    counts = sources.loc["insee_births", list(refreshes.ROW_COUNTS)].astype(int).tolist()
    assert counts == [len(rows) - 1, len(rows) - 1, 0, 0]


def test_a_file_named_after_no_source_is_told(data, settings_of, bring):
    bring(data, "births", BIRTHS)
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "unchanged"
    told = [(issue.code, issue.file) for issue in outcome.issues if issue.severity != "note"]
    assert told == [("unknown_file", "births.csv")]


def test_a_newer_file_is_taken_in_and_its_origin_told(data, settings_of, bring):
    row = b"commune,43157,births,2023,"
    (line,) = [line for line in BIRTHS.splitlines() if line.startswith(row)]
    bring(data, "insee_births", BIRTHS.replace(line, row + b"170,observed"))
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "published"
    assert outcome.release.number == 2
    sources = refreshes.sources(reading_engine(outcome.release.database)).set_index("source_id")
    assert sources.loc["insee_births", "origin"] == "incoming"
    assert sources.loc["insee_births", "vintage"] == "2008-2023"  # told by its own periods
    assert sources.loc["insee_census_2022", "origin"] == "embedded"


def test_the_same_files_give_the_same_content(data, settings_of):
    before = current_release(data)
    after = refresh(settings_of(data), again=True).release
    assert after.number == before.number + 1
    assert after.content_sha256 == before.content_sha256


def moments(data: Path) -> dict[str, object]:
    """When to kill: as soon as what is named is seen."""
    return {
        "the lock is taken": lambda: (data / "refresh.lock").exists(),
        "the draft is begun": lambda: any((data / "building").glob("*/release.duckdb")),
        # So short that it may be over before it is seen: then the next one is met instead.
        "the draft is sealed": lambda: (
            any((data / "building").glob("*/manifest.json"))
            or len(list((data / "releases").glob("*"))) > 1
        ),
        "the release is in place": lambda: len(list((data / "releases").glob("*"))) > 1,
    }


@pytest.mark.parametrize("moment", list(moments(Path())))
def test_kill_9_leaves_a_whole_release(data, moment, settings_of):
    before = current_release(data)
    (data / "refresh.lock").unlink(missing_ok=True)
    seen = moments(data)[moment]
    process = subprocess.Popen(
        [sys.executable, "-m", "geodata.command", "refresh", "--again"],
        env={**os.environ, "VIGIE_DATA": str(data), "VIGIE_DOWNLOADS": "no", "VIGIE_SETTLE": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not seen() and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the refresh ended before it could be killed"
    found = current_release(data)
    is_in_place = moment in ("the draft is sealed", "the release is in place")
    assert found.release_id == before.release_id or is_in_place
    assert is_whole(found)
    assert found.content_sha256 == before.content_sha256
    with reading_engine(found.database).connect() as connection:
        assert len(refreshes.sources(connection.engine)) == 22
    # The next run is not hindered by what the dead one left.
    assert refresh(settings_of(data)).outcome == "unchanged"
    assert not list((data / "building").glob("*"))


def test_a_damaged_database_is_mended_by_the_next_refresh(data, settings_of):
    damaged = current_release(data)
    damaged.database.write_bytes(b"not a database")
    made = refresh(settings_of(data), again=True)
    assert made.outcome == "published"
    assert is_whole(made.release)


def test_a_directory_of_services_that_is_brought_is_in_the_release(data, settings_of, bring):
    organisations = "id,source,nom,date_maj\ns1,dora,Maison des solidarités,2026-10-01\n"
    heads = "id,structure_id,source,nom,type,thematiques,frais,code_insee,longitude,latitude,"
    heads += "modes_accueil,date_maj"
    family = "a1,s1,dora,Parentalité,accompagnement,['famille--soutien-a-la-parentalite'],gratuit,"
    car = "a2,s1,dora,Garage,accompagnement,['mobilite--entretenir-son-vehicule'],payant,"
    rows = [
        heads,
        f"{family}43157,3.8850,45.0430,['en-presentiel'],2026-10-01",
        f"{car}43040,,,['en-presentiel'],2026-10-02\n",
    ]
    bring(data, "data_inclusion_structures", organisations.encode())
    bring(data, "data_inclusion_services", "\n".join(rows).encode())
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "published"
    with reading_engine(outcome.release.database).connect() as connection:
        asked = (
            "SELECT category, area_id, position, name FROM service"
            " WHERE source_id = 'data_inclusion_services' ORDER BY category"
        )
        found = [tuple(row) for row in connection.exec_driver_sql(asked)]
        judged = connection.exec_driver_sql(
            "SELECT count(*) FROM coverage WHERE service LIKE 'inclusion%'"
        ).scalar()
    assert found == [
        ("inclusion_family", "43157", "address", "Parentalité"),
        ("inclusion_mobility", "43040", "commune", "Garage"),
    ]
    assert judged == 0
    sources = refreshes.sources(reading_engine(outcome.release.database)).set_index("source_id")
    assert sources.loc["data_inclusion_services", ["vintage", "attribution"]].tolist() == [
        "2026",
        "data·inclusion",
    ], "its passport has no date: what it holds tells it"
