"""A state of an earlier version opens with nothing lost; one of a later version is refused."""

import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa

from geodata import state, state_schema, upgrades
from geodata.queries import jobs as job_queries
from geodata.queries import refreshes
from geodata.state_schema import state_version

#: The tables of the first version, as it made them.
FIRST = """
CREATE TABLE run (
    run_id INTEGER NOT NULL,
    started_at DATETIME NOT NULL,
    ended_at DATETIME,
    outcome TEXT NOT NULL,
    release_id TEXT,
    message TEXT,
    process_id INTEGER NOT NULL,
    has_ended BOOLEAN NOT NULL,
    PRIMARY KEY (run_id)
);
CREATE TABLE run_issue (
    run_issue_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    source_id TEXT,
    severity TEXT,
    code TEXT,
    file TEXT,
    line INTEGER,
    "column" TEXT,
    message_fr TEXT,
    message_en TEXT,
    mend_fr TEXT,
    mend_en TEXT,
    sample TEXT,
    rows INTEGER,
    PRIMARY KEY (run_issue_id)
);
CREATE INDEX run_issue_by_run ON run_issue (run_id);
INSERT INTO run VALUES (1, '2026-11-22 08:00:00.000000', '2026-11-22 08:00:09.000000',
    'published', '000001-abc', '', 42, 1);
INSERT INTO run VALUES (2, '2026-11-23 08:00:00.000000', '2026-11-23 08:00:09.000000',
    'rejected', '000001-abc', 'no', 43, 1);
INSERT INTO run_issue VALUES (1, 2, 'insee_births', 'reject', 'truncated', 'b.csv', 9, 'v',
    'coupé', 'cut', '', '', '', 1);
"""


@pytest.fixture
def old(tmp_path):
    """A data folder whose state the first version made."""
    connection = sqlite3.connect(tmp_path / "state.sqlite")
    connection.executescript(FIRST)
    connection.close()
    return tmp_path


def shape(engine):
    """Every table, its columns in the order of their names, its indexes."""
    looked = sa.inspect(engine)
    return {
        table: (
            sorted(
                (c["name"], str(c["type"]), c["nullable"], c["primary_key"])
                for c in looked.get_columns(table)
            ),
            sorted((i["name"], i["unique"]) for i in looked.get_indexes(table)),
        )
        for table in looked.get_table_names()
    }


def test_a_state_of_the_first_version_is_upgraded_with_its_runs(old, tmp_path_factory):
    engine = state.state_engine(old)
    fresh = state.state_engine(tmp_path_factory.mktemp("fresh"))
    assert shape(engine) == shape(fresh)
    assert set(shape(fresh)) == set(state_schema.state.tables)
    runs = refreshes.runs(engine)
    assert runs["outcome"].tolist() == ["rejected", "published"]
    assert runs["territory_id"].isna().all()
    assert state.issues_of(refreshes.run_issues(engine, 2))[0].line == 9
    run_id = state.start_run(engine, 7, "haute_loire", 5)
    assert run_id == 3
    assert job_queries.run_of_job(engine, 5) == 3
    engine.dispose()
    fresh.dispose()


def test_opening_twice_writes_the_steps_once(old):
    for _ in range(2):
        engine = state.state_engine(old)
        with state.reading(engine) as connection:
            found = connection.execute(sa.select(state_version.c.version)).scalars().all()
        assert found == list(range(2, upgrades.VERSION + 1))
        engine.dispose()


def test_an_upgrade_that_fails_leaves_the_state_as_it_was(old, monkeypatch):
    def half(connection):
        connection.exec_driver_sql("ALTER TABLE run ADD COLUMN half TEXT")
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    before = (old / "state.sqlite").read_bytes()
    monkeypatch.setattr(upgrades, "STEPS", (half,))
    with pytest.raises(state.StateError, match="nowhere"):
        state.state_engine(old)
    monkeypatch.undo()
    connection = sqlite3.connect(old / "state.sqlite")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(run)")]
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master ORDER BY 1")]
    connection.close()
    assert "half" not in columns
    assert tables == ["run", "run_issue", "run_issue_by_run"]
    assert len(before) > 0
    engine = state.state_engine(old)
    assert len(refreshes.runs(engine)) == 2
    engine.dispose()


def test_a_state_of_a_later_version_is_refused_with_the_mend(tmp_path):
    engine = state.state_engine(tmp_path)
    with state.writing(engine) as connection:
        connection.execute(state_version.insert().values(version=99, applied_at=state.now()))
    engine.dispose()
    with pytest.raises(state.StateError, match=r"newer version .*99.* another VIGIE_DATA"):
        state.state_engine(tmp_path)


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "state.sqlite").write_bytes(b"this was a spreadsheet " * 100)
    with pytest.raises(state.StateError, match="not a database"):
        state.state_engine(tmp_path)


OPENER = """
import sys
from pathlib import Path
from geodata import state
print("ready", flush=True)
sys.stdin.readline()
for folder in sys.argv[1:]:
    state.start_run(state.state_engine(Path(folder)), 1)
"""


def test_processes_that_open_a_state_together_make_it_once(old, tmp_path_factory):
    folders = [old, tmp_path_factory.mktemp("empty")]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, *map(str, folders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    for folder, first in zip(folders, (2, 1), strict=True):
        engine = state.state_engine(folder)
        with state.reading(engine) as connection:
            found = connection.execute(sa.select(state_version.c.version)).scalars().all()
        assert found == list(range(first, upgrades.VERSION + 1))
        assert (refreshes.runs(engine)["process_id"] == 1).sum() == 4
        engine.dispose()
