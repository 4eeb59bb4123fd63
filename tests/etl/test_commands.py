"""The commands a data officer types, through the real parser."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geodata.command import main
from geodata.release import current_release

EMBEDDED = Path(__file__).parents[2] / "geodata" / "embedded"


@pytest.fixture
def data(release_data, tmp_path, monkeypatch):
    shutil.copytree(release_data, tmp_path / "data")
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VIGIE_DOWNLOADS", "no")
    monkeypatch.setenv("VIGIE_SETTLE", "0")
    return tmp_path / "data"


def test_status_of_an_empty_folder_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))
    assert main(["status"]) == 1
    assert "Run `vigie refresh`" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["status"], ["refresh"], ["jobs"], ["publish", "--by", "A"]])
def test_what_the_system_refuses_is_told_in_one_line(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "data").write_bytes(b"a file, not a folder")
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "data"))
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said.startswith("vigie: the system refuses: ")
    assert said.count("\n") == 1


def test_status_says_what_is_published_from_when_with_what(data, capsys):
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert current_release(data).release_id in said
    assert "insee_births" in said
    assert "Last run  published" in said


def test_refresh_unchanged_says_so(data, capsys):
    assert main(["refresh"]) == 0
    assert "Nothing changed" in capsys.readouterr().out
    assert main(["refresh", "--if-none"]) == 0
    assert capsys.readouterr().out == ""


def test_to_forget_a_source_that_is_none_is_told(data, capsys):
    assert main(["refresh", "--forget", "insee_birth"]) == 1
    assert "no source insee_birth; known: " in capsys.readouterr().err


def test_refresh_refused_names_the_fault_and_exits_1(data, capsys):
    (data / "incoming").mkdir()
    (data / "incoming" / "cnaf_rsa.csv").write_bytes(b"<html>502</html>\n")
    assert main(["refresh"]) == 1
    streams = capsys.readouterr()
    assert "cnaf_rsa.csv, line 1: this is a web page" in streams.err
    assert "stays published" in streams.out
    assert main(["status"]) == 0
    assert "rejected" in capsys.readouterr().out


def test_a_refresh_that_waits_exits_3_and_is_looked_at_then_published(data, capsys):
    births = EMBEDDED / "figures" / "insee_births.csv"
    lines = births.read_bytes().splitlines(keepends=True)
    (data / "incoming").mkdir()
    cut = b"".join(lines[: int(0.97 * len(lines))])
    (data / "incoming" / "insee_births.csv").write_bytes(cut)
    before = current_release(data)
    assert main(["refresh", "--by", "Odile"]) == 3
    streams = capsys.readouterr()
    assert "hold: insee_births.csv" in streams.err
    assert "waits for an officer: see `vigie diff`" in streams.out
    assert current_release(data) == before
    assert main(["status"]) == 0
    assert "Waiting   000002-" in capsys.readouterr().out
    assert main(["diff"]) == 0
    said = capsys.readouterr().out
    assert f"on {before.release_id}" in said
    assert "removed" in said
    assert " nan" not in said
    assert main(["publish", "--by", "Odile", "--reason", "meant"]) == 0
    assert main(["rollback", "--by", "Odile"]) == 0
    assert current_release(data).release_id == before.release_id


def test_rollback_without_an_earlier_release_is_refused(data, capsys):
    assert main(["rollback"]) == 1
    assert "no earlier release" in capsys.readouterr().err


def test_a_wrong_setting_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("VIGIE_PORT", "eighty")
    assert main(["status"]) == 1
    assert capsys.readouterr().err.startswith("vigie: VIGIE_PORT='eighty'")


def test_a_reader_who_leaves_early_is_no_error(data):
    command = f"{sys.executable} -m geodata.command status | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={**os.environ, "VIGIE_DATA": str(data)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Release")
    assert done.stderr == ""
