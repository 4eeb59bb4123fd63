"""The refresh end to end: published whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from etl.refresh import refresh
from geodata import state
from geodata.queries import refreshes
from geodata.release import current_release, reading_engine

EMBEDDED = Path(__file__).parents[2] / "geodata" / "embedded"


@pytest.fixture
def data(release_data, tmp_path):
    """A data folder of one's own with the real release in it."""
    shutil.copytree(release_data, tmp_path / "data")
    return tmp_path / "data"


def bring(data: Path, source_id: str, content: bytes, suffix: str = ".csv") -> None:
    (data / "incoming").mkdir(exist_ok=True)
    (data / "incoming" / f"{source_id}{suffix}").write_bytes(content)


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
    data, source_id, suffix, content, code, line, settings_of
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


@pytest.mark.parametrize("is_first", [True, False])
def test_a_file_cut_at_the_end_of_a_line_is_held_until_accepted(
    release_data, tmp_path, settings_of, is_first
):
    """92 % of the lines: no line is wrong, and the births of 47 départements are gone."""
    data = tmp_path / "data"
    if not is_first:
        shutil.copytree(release_data, data)
    data.mkdir(exist_ok=True)
    lines = BIRTHS.splitlines(keepends=True)
    bring(data, "insee_births", b"".join(lines[: int(0.92 * len(lines))]))
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "rejected"
    held = [issue for issue in outcome.issues if issue.severity == "hold"]
    assert [issue.code for issue in held] == ["vanished"]
    assert "--accept insee_births" in held[0].mend_en
    # Accepted all the same, too little of France is left for its standard: refused, with reason.
    outcome = refresh(settings_of(data), accepted=["insee_births"])
    assert outcome.outcome == "rejected"
    (refusal,) = [issue for issue in outcome.issues if issue.severity == "reject"]
    assert refusal.code == "unknown_figure"


def test_one_unknown_capacity_is_refused_with_its_mend(data, settings_of):
    places = (EMBEDDED / "figures" / "cnaf_childcare_places.csv").read_bytes()
    row = b"commune,43001,childcare_places_other,"
    (line,) = [line for line in places.splitlines(keepends=True) if line.startswith(row)]
    bring(data, "cnaf_childcare_places", places.replace(line, b""))
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "rejected"
    refusal = outcome.issues[0]
    assert (refusal.code, refusal.column) == ("unknown_figure", "childcare_places_other")
    assert "43001" in refusal.message_fr


def test_a_file_named_after_no_source_is_told(data, settings_of):
    bring(data, "births", BIRTHS)
    outcome = refresh(settings_of(data))
    assert outcome.outcome == "unchanged"
    assert [(issue.code, issue.file) for issue in outcome.issues] == [
        ("unknown_file", "births.csv")
    ]


def test_a_newer_file_is_taken_in_and_its_origin_told(data, settings_of):
    row = b"commune,43157,births,2023,"
    (line,) = [line for line in BIRTHS.splitlines() if line.startswith(row)]
    bring(data, "insee_births", BIRTHS.replace(line, row + b"999,observed"))
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
        "the draft is sealed": lambda: any((data / "building").glob("*/manifest.json")),
        "the release is in place": lambda: len(list((data / "releases").glob("*"))) > 1,
    }


@pytest.mark.parametrize("moment", list(moments(Path())))
def test_kill_9_leaves_a_whole_release(data, moment, settings_of):
    before = current_release(data)
    (data / "refresh.lock").unlink(missing_ok=True)
    seen = moments(data)[moment]
    process = subprocess.Popen(
        [sys.executable, "-m", "geodata.command", "refresh", "--again"],
        env={**os.environ, "VIGIE_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not seen() and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the refresh ended before it could be killed"
    found = current_release(data)
    assert found.release_id == before.release_id or moment == "the release is in place"
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
