import argparse
import csv
import json
import os
import stat
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from etl.records import commands
from etl.records.contracts.loader import contracts
from etl.records.invented import caseload
from etl.records.vault import Extract, Zone
from etl.snapshot import Passport

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("VIGIE_KEY", raising=False)

    def running(*arguments):
        parser = argparse.ArgumentParser()
        commands.commands(parser.add_subparsers(required=True))
        given = parser.parse_args(["records", *map(str, arguments)])
        return given.run(given)

    return running


def test_contracts_are_listed_and_printed_in_both_languages(run, capsys):
    assert run("contract") == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in contracts())
    for language, word in (("fr", "obligatoire"), ("en", "required")):
        assert run("contract", "own_measures", "--language", language) == 0
        shown = capsys.readouterr().out
        assert word in shown
        assert "{" not in shown
        for column in contracts()["own_measures"].columns.values():
            assert column.name in shown
            assert all(code in shown for code in column.values)


@pytest.mark.parametrize("name", sorted(contracts()))
def test_a_template_is_the_contract_and_nothing_else(run, tmp_path, name):
    assert run("contract", name, "--out", tmp_path) == 0
    columns = list(contracts()[name].columns)
    assert (tmp_path / f"{name}.csv").read_text("utf-8") == ",".join(columns) + "\n"
    book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
    assert [[cell.value for cell in row] for row in book[name].iter_rows()] == [columns]


def test_an_invented_caseload_is_written_and_marked_everywhere(run, words, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("invent", "--out", out, "--as-of", "2026-10-31") == 0
    assert "invented" in capsys.readouterr().out
    names = {path.name for path in out.iterdir()}
    tables = {f"invented_{name}.csv" for name in contracts()}
    assert names == tables | {f"{name}.toml" for name in tables} | {"invented_caseload.xlsx"}
    for name in tables:
        with (out / name).open(newline="", encoding="utf-8") as file:
            assert {row["invented"] for row in csv.DictReader(file)} == {"yes"}
        passport = tomllib.loads((out / f"{name}.toml").read_text("utf-8"))
        assert set(passport) == set(Passport.__dataclass_fields__)
        assert "invent" in passport["vintage"]
        assert "invent" in passport["attribution"].lower()
    again = caseload(commands.embedded_volumes(words), date(2026, 10, 31), 43)
    for name, frame in again.items():
        text = commands.csv_bytes(list(frame.columns), frame.to_numpy().tolist())
        assert (out / f"invented_{name}.csv").read_bytes() == text


def test_extracts_are_listed_and_erased(run, tmp_path, capsys):
    import pandas as pd

    assert run("list") == 0
    zone = Zone(tmp_path / "data" / "records", tmp_path / "data" / "keys" / "k")
    kept = Extract("own_staff", "abc", "key", date(2026, 1, 31), date(2026, 1, 31), True, 3)
    zone.keep(kept, pd.DataFrame({"state": ["filled"]}))
    assert run("list") == 0
    shown = capsys.readouterr().out
    assert "own_staff" in shown
    assert "invented" in shown
    assert "abc" in shown
    assert run("forget", "own_staff", "other") == 1
    assert run("forget", "own_staff", "abc") == 0
    assert zone.extracts("own_staff") == []
    zone.folder.chmod(0o755)
    assert run("list") == 1
    assert "mode 700" in capsys.readouterr().err


def test_the_key_lies_where_the_setting_says(settings_of, tmp_path):
    chosen = settings_of(tmp_path)
    assert commands.key_path(chosen) == tmp_path / "keys" / "pseudonym.key"
    zone = commands.zone_of(replace(chosen, key=tmp_path / "safe" / "key"))
    assert zone.key_path == tmp_path / "safe" / "key"
    zone.key()
    assert stat.S_IMODE((tmp_path / "safe" / "key").stat().st_mode) == 0o600


def test_the_dashboard_names_neither_the_zone_nor_its_key():
    for path in (ROOT / "dashboard").rglob("*.py"):
        text = path.read_text("utf-8")
        for word in ("import etl", "from etl", "etl.records", "VIGIE_KEY", "pseudonym"):
            assert word not in text, (path, word)


WEB = """
import json, os, sys
from pathlib import Path
opened = []
def hear(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and arguments and arguments[0] is not None:
        opened.append(os.fsdecode(arguments[0]) if not isinstance(arguments[0], int) else "")
sys.addaudithook(hear)
from dashboard.app import create_app
from geodata.settings import settings
client = create_app(settings()).server.test_client()
def page(path):
    return client.post("/_dash-update-component", json={
        "output": "shell.children",
        "outputs": {"id": "shell", "property": "children"},
        "inputs": [{"id": "location", "property": "pathname", "value": path}],
        "state": [{"id": "location", "property": "search", "value": ""}],
        "changedPropIds": ["location.pathname"],
    }).status_code
addresses = ["/", "/fr/carte", "/en/map", "/fr/ecarts", "/fr/donnees"]
answers = [client.get(path).status_code for path in addresses] + [page(p) for p in addresses]
etl = sorted(name for name in sys.modules if name.split(".")[0] == "etl")
print(json.dumps({"answers": answers, "etl": etl, "opened": opened}))
"""


def test_the_web_process_never_opens_the_zone(release_data):
    zone = Zone(release_data / "records", release_data / "keys" / "pseudonym.key")
    zone.key()
    told = subprocess.run(
        [sys.executable, "-c", WEB],
        env={**os.environ, "VIGIE_DATA": str(release_data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(told.stdout.splitlines()[-1])
    assert 200 in seen["answers"]
    assert seen["etl"] == []
    assert len(seen["opened"]) > 50
    for path in seen["opened"]:
        where = Path(path).absolute()
        assert not where.is_relative_to(zone.folder)
        assert not where.is_relative_to(zone.key_path.parent)
