"""The commands a data officer types, through the real parser."""

import os
import shutil
import subprocess
import sys

import pytest

from geodata.command import main
from geodata.release import current_release


@pytest.fixture
def data(release_data, tmp_path, monkeypatch):
    shutil.copytree(release_data, tmp_path / "data")
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VIGIE_DOWNLOADS", "no")
    return tmp_path / "data"


def test_status_of_an_empty_folder_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))
    assert main(["status"]) == 1
    assert "Run `vigie refresh`" in capsys.readouterr().out


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


def test_refresh_refused_names_the_fault_and_exits_1(data, capsys):
    (data / "incoming").mkdir()
    (data / "incoming" / "cnaf_rsa.csv").write_bytes(b"<html>502</html>\n")
    assert main(["refresh"]) == 1
    streams = capsys.readouterr()
    assert "cnaf_rsa.csv, line 1: this is a web page" in streams.err
    assert "stays published" in streams.out
    assert main(["status"]) == 0
    assert "rejected" in capsys.readouterr().out


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
