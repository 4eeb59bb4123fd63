"""`vigie add`, through its own parser: proposed, filled in, approved; refused with a word."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd
import pytest

from etl.add_commands import commands, rows_shown

COMMUNES = [f"43{n:03d}" for n in range(1, 81)]
ANSWERS = ("producer", "licence", "attribution", "unit")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """One data folder for the whole module: the territory is read once."""
    return tmp_path_factory.mktemp("add")


@pytest.fixture
def add(data, monkeypatch):
    monkeypatch.setenv("VIGIE_DATA", str(data))
    monkeypatch.setenv("VIGIE_DOWNLOADS", "no")
    monkeypatch.setenv("VIGIE_SETTLE", "0")

    def run(*words):
        made = argparse.ArgumentParser()
        commands(made.add_subparsers(required=True))
        given = made.parse_args(["add", *map(str, words)])
        return given.run(given)

    return run


@pytest.fixture
def counts(tmp_path):
    """A table of an officer: cp1252, semicolons, a secret, a count and a rate."""
    file = tmp_path / "Bénévoles 2024.csv"
    rows = "".join(f"{c};{'s' if n % 9 == 0 else n};{n},5\n" for n, c in enumerate(COMMUNES))
    file.write_bytes(f"Code;Bénévoles;Taux\n{rows}".encode("cp1252"))
    return file


def test_a_file_is_proposed_shown_filled_in_approved_and_removed(add, data, counts, capsys):
    assert add(counts, "--id", "volunteers", "--name", "Bénévoles") == 0
    out = capsys.readouterr().out
    proposed = data / "descriptions" / "proposed" / "volunteers.toml"
    assert "10 of 160 rows as they would load" in out
    assert "Agnat" in out  # the name of the first area
    assert "suppressed" in out
    assert "80 rows read: 80 loaded, 0 held back, 0 dropped." in out
    assert "Still to be filled in: sources.volunteers.passport.producer" in out
    assert not (data / "descriptions" / "volunteers.toml").exists()

    assert add(counts, "--id", "volunteers", "--approve", "--by", "Odile") == 1
    assert "still to be filled in" in capsys.readouterr().err
    text = proposed.read_text("utf-8")
    for key in ANSWERS:
        text = text.replace(f'{key} = "?"', f'{key} = "bénévoles"')
    proposed.write_text(text, "utf-8")
    assert add(counts, "--id", "volunteers", "--approve") == 1
    assert "who approves it?" in capsys.readouterr().err
    assert add(counts, "--id", "volunteers", "--approve", "--by", "Odile") == 0
    assert "Run `vigie refresh`" in capsys.readouterr().out
    approved = (data / "descriptions" / "volunteers.toml").read_text("utf-8")
    assert approved.startswith("# Approved by Odile on 20")
    assert (data / "incoming" / "volunteers.csv").read_bytes() == counts.read_bytes()

    assert add("--list") == 0
    assert "approved by Odile" in capsys.readouterr().out
    assert add(counts, "--id", "volunteers") == 1
    assert "already a source" in capsys.readouterr().err
    assert add("--remove", "volunteers") == 0
    assert add("--remove", "volunteers") == 1
    assert not (data / "incoming" / "volunteers.csv").exists()


def test_what_would_be_refused_is_said_before_it_is_approved(add, data, tmp_path, capsys):
    file = tmp_path / "own.csv"
    file.write_text("code;n\n" + "".join(f"{c};{i}\n" for i, c in enumerate(COMMUNES)))
    text = (
        '[sources.own]\nreader = "described"\nname = "x"\npublished_as = ["own.csv"]\n'
        '[sources.own.options]\nformat = "csv"\nseparator = ";"\narea_column = "code"\n'
        'level = "epci"\nperiod = "2023"\ncolumns.n = "own_n"\n'
        '[variables.own_n]\nsources = ["own"]\nname = "n"\nunit = "x"\nperiod_kind = "year"\n'
        'additivity = "exact"\nminimum = 0\nis_whole = true\n'
    )
    mine = tmp_path / "own.toml"
    mine.write_text(text)
    assert add(file, "--description", mine) == 0
    assert "would be refused" in capsys.readouterr().out
    assert add(file, "--description", mine, "--approve", "--by", "Odile") == 1
    assert "codes of another level" in capsys.readouterr().err
    mine.write_text(text.replace('"epci"', '"commune"'))
    assert add(file, "--description", mine, "--approve", "--by", "Odile") == 0
    assert (data / "descriptions" / "own.toml").is_file()
    add("--remove", "own")


def test_a_file_about_persons_is_refused_and_nothing_is_written(add, data, tmp_path, capsys):
    file = tmp_path / "suivis.csv"
    file.write_text("code;Nom;Prénom;n\n" + "".join(f"{c};Martin;Claire;1\n" for c in COMMUNES))
    assert add(file) == 1
    err = capsys.readouterr().err
    assert "SECURITY" in err
    assert "Claire" not in err
    assert not (data / "descriptions" / "proposed" / "suivis.toml").exists()


def test_files_and_names_that_cannot_be_used(add, tmp_path, capsys):
    towns = tmp_path / "towns.csv"
    towns.write_text("town;n\nAgnat;1\nAlly;2\n")
    for words, told in (
        ((), "name a file"),
        ((tmp_path / "absent.csv",), "cannot be read"),
        ((towns,), "no column holds codes of areas"),
        ((towns, "--id", "../up"), "cannot be an id"),
        ((towns, "--id", "insee_births"), "already a source"),
        ((towns, "--shipped", "nothing"), "known: drees_apl"),
        ((towns, "--approve", "--by", "Odile", "--id", "never"), "nothing is proposed"),
    ):
        assert add(*words) == 1
        assert told in capsys.readouterr().err


def test_a_shipped_description_reads_a_file_of_its_layout(add, data, tmp_path, capsys):
    assert add("--shipped") == 0
    assert "insee_births_by_commune" in capsys.readouterr().out
    file = tmp_path / "DS_ETAT_CIVIL_NAIS_COMMUNES_2025_data.csv"
    lines = ['"EC_MEASURE";"FREQ";"GEO";"GEO_OBJECT";"OBS_STATUS";"TIME_PERIOD";"OBS_VALUE"']
    lines += [f'"LVB";"A";"{c}";"COM";"A";2024;{n}' for n, c in enumerate(COMMUNES)]
    lines += ['"LVB";"A";"75101";"ARM";"A";2024;9', '"LVB";"A";"43";"DEP";"A";2024;1700']
    file.write_text("\n".join(lines) + "\n")
    assert add(file, "--shipped", "insee_births_by_commune", "--approve", "--by", "Odile") == 0
    out = capsys.readouterr().out
    assert "82 rows read: 81 loaded" in out
    assert "dropped by other_level: 1" in out
    add("--remove", "insee_births_by_commune")


def test_ten_rows_show_every_variable_and_what_has_no_value():
    frame = pd.DataFrame(
        {
            "variable": ["a"] * 50 + ["b"] * 50,
            "value": [1.0] * 99 + [None],
            "status": ["observed"] * 99 + ["suppressed"],
        }
    )
    shown = rows_shown(frame, "figure")
    assert len(shown) == 10
    assert set(shown["variable"]) == {"a", "b"}
    assert shown["status"].iloc[-1] == "suppressed"
    assert len(rows_shown(frame.head(4), "figure")) == 4


@pytest.mark.shared
def test_the_real_files_are_understood_as_if_unknown(add, data, shared, capsys):
    census = shared / "need" / "insee_census2022_communes_43_extract.csv"
    assert add(census, "--id", "census") == 0
    out = capsys.readouterr().out
    assert "257 rows read: 257 loaded" in out
    assert 'marks = { s = "suppressed" }' in out
    assert 'columns."TP60{yy}" = { variable = "census_tp60", decimal = "," }' in out
    filosofi = shared / "need" / "FILO2019_DISP_COM.csv"
    assert add(filosofi, "--id", "filo", "--columns", "NBMEN19,PPSOC19") == 0
    out = capsys.readouterr().out
    for line in ('separator = ";"', 'area_column = "CODGEO"', 'level = "commune"'):
        assert line in out
    assert 'decimal = ","' in out
    assert "dropped by counted_with_its_whole: 45" in out
    print(json.dumps(out.splitlines()[-12:], ensure_ascii=False, indent=1))


@pytest.fixture
def shared():
    """The folder of real files; the test is skipped where it is not there."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of shared files is not beside the project")
    return folder
