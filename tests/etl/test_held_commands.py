"""Rows held back, exported, mended by hand and taken in, through the real parser."""

import csv
import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.held_commands import REASONS, exported, mended
from etl.source import Ledger
from geodata import quarantine, state
from geodata.command import main
from geodata.queries import refreshes
from geodata.release import current_release, reading_engine

deterministic = settings(derandomize=True, deadline=None, max_examples=40)
BIRTHS = (
    Path(__file__).parents[2] / "geodata" / "embedded" / "figures" / "insee_births.csv"
).read_bytes()
SHA = "1" * 64


def held(cells_by_line, sha256=SHA, column="status"):
    rows = [
        {
            "line": line,
            "code": "bad",
            "column": column,
            "message_fr": "statut inconnu",
            "message_en": "unknown status",
            "mend_fr": "Écrire un statut.",
            "mend_en": "Write a status.",
            "cells": json.dumps(cells, ensure_ascii=False),
            "sha256": sha256,
        }
        for line, cells in cells_by_line.items()
    ]
    return pd.DataFrame(rows)


def book():
    return Ledger("insee_births", "mended.csv")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder with two rows of births and one of places held back."""
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VIGIE_DOWNLOADS", "no")
    monkeypatch.setenv("VIGIE_SETTLE", "0")
    engine = state.state_engine(tmp_path / "data")
    births = {2: {"area_id": "01001", "status": "sûr"}, 9: {"area_id": "43001", "status": ""}}
    for source, cells, column in (("births", births, "status"), ("places", {5: {}}, None)):
        quarantine.write_held(
            engine,
            1,
            source,
            SHA,
            f"{source}.csv",
            held(cells, column=column).drop(columns="sha256"),
        )
    engine.dispose()
    return tmp_path / "data"


def mends_of(data):
    engine = state.state_engine(data)
    made = quarantine.mends(engine)
    engine.dispose()
    return made


def edited(path, *changes):
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def test_held_lists_each_row_with_its_place_and_reason(data, capsys):
    assert main(["held"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "births.csv, line 2, column status: unknown status",
        "births.csv, line 9, column status: unknown status",
        "places.csv, line 5: unknown status",
        "3 rows are held back.",
    ]
    assert main(["held", "places"]) == 0
    assert "1 rows are held back" in capsys.readouterr().out
    assert main(["held", "weddings"]) == 0
    assert capsys.readouterr().out == "0 rows are held back.\n"


def test_an_export_names_one_source_and_a_place_that_can_be_written(data, tmp_path, capsys):
    out = tmp_path / "held.csv"
    assert main(["held", "--out", str(out)]) == 1
    assert "name the source" in capsys.readouterr().err
    assert main(["held", "births", "--out", str(tmp_path / "nowhere" / "held.csv")]) == 1
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err
    assert not out.exists()


def test_an_export_holds_the_reasons_then_the_files_own_cells(data, tmp_path, capsys):
    out = tmp_path / "held.csv"
    assert main(["held", "births", "--out", str(out)]) == 0
    assert "2 rows in" in capsys.readouterr().out
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8"))))
    assert rows[0] == [*REASONS, "area_id", "status"]
    why = ["statut inconnu", "Écrire un statut.", SHA]
    assert rows[1:] == [
        ["2", "status", *why, "01001", "sûr"],
        ["9", "status", *why, "43001", ""],
    ]
    assert main(["held", "places", "--out", str(out)]) == 0
    assert out.read_text("utf-8").splitlines()[1] == f"5,,{','.join(why)}"


def test_mend_takes_in_the_cells_that_changed_and_says_how_many(data, tmp_path, capsys):
    out = tmp_path / "held.csv"
    main(["held", "births", "--out", str(out)])
    assert main(["mend", "births", str(out), "--by", "Odile"]) == 0
    assert "0 rows are mended" in capsys.readouterr().out
    assert mends_of(data) == {}
    edited(out, (",sûr", ",observed"), ("43001,", "43157,missing"))
    assert main(["mend", "births", str(out), "--by", "Odile"]) == 0
    assert "2 rows are mended. Run `vigie refresh`" in capsys.readouterr().out
    assert mends_of(data) == {
        ("births", SHA): {
            2: {"status": "observed"},
            9: {"area_id": "43157", "status": "missing"},
        }
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("\n2,", "\n3,"), "line 2, column held_line: this row is not held back"),
        (("\n2,", "\nx,"), "line 2, column held_line: this row is not held back"),
        (("\n2,", "\n,"), "line 2, column held_line: this row is not held back"),
        ((SHA, "2" * 64), "column held_line: this row is not held back"),
        (("held_sha256", "hash"), "held_sha256"),
        ((",area_id", ""), "held.csv, line 1"),
    ],
)
def test_a_file_that_is_no_export_of_these_rows_is_refused(data, tmp_path, capsys, change, said):
    out = tmp_path / "held.csv"
    main(["held", "births", "--out", str(out)])
    edited(out, change, (",sûr", ",observed"))
    capsys.readouterr()
    assert main(["mend", "births", str(out)]) == 1
    streams = capsys.readouterr()
    assert said in streams.err
    assert streams.err.startswith("vigie: held.csv")
    assert mends_of(data) == {}


def test_a_mend_of_a_source_without_held_rows_or_without_file_is_refused(data, tmp_path, capsys):
    out = tmp_path / "held.csv"
    main(["held", "births", "--out", str(out)])
    capsys.readouterr()
    assert main(["mend", "weddings", str(out)]) == 1
    assert "this row is not held back" in capsys.readouterr().err
    assert main(["mend", "births", str(tmp_path / "absent.csv")]) == 1
    assert "absent.csv cannot be read (No such file or directory)" in capsys.readouterr().err
    assert mends_of(data) == {}


# What is exported and not touched is no correction.


#: Texts as files hold them; broken accents and backslashes before quotes refuse any CSV.
TEXT = st.text(
    st.characters(exclude_categories=("C",), exclude_characters="\\ÂÃÅâ")
    | st.sampled_from(" \u00a0\u200b,;\"'\r\n\t=#0é\u0301"),
    max_size=8,
)


@deterministic
@given(
    st.dictionaries(
        st.integers(2, 99),
        st.fixed_dictionaries({"area_id": TEXT, "name": TEXT}),
        min_size=1,
        max_size=4,
    )
)
def test_an_export_that_nobody_touched_corrects_nothing(cells):
    frame = held(cells)
    assert mended(exported(frame), frame, book()) == {}


def test_a_cell_that_reads_otherwise_than_it_was_written_is_mended_when_it_is_touched():
    frame = held({2: {"area_id": " 01001", "name": "Ce\u0301aux"}})
    content = exported(frame)
    assert mended(content, frame, book()) == {}
    made = mended(content.replace(b" 01001", b"43001"), frame, book())
    assert made == {SHA: {2: {"area_id": "43001"}}}


def test_rows_of_two_files_of_one_source_are_told_apart():
    frame = pd.concat([held({2: {"status": "a"}}), held({2: {"status": "b"}}, "2" * 64)])
    content = exported(frame).replace(b",a\r\n", b",c\r\n").replace(b",b\r\n", b",d\r\n")
    assert mended(content, frame, book()) == {
        SHA: {2: {"status": "c"}},
        "2" * 64: {2: {"status": "d"}},
    }


def test_a_row_about_a_person_is_exported_without_a_cell():
    frame = held({4: {}})
    assert exported(frame).decode().splitlines()[0] == ",".join(REASONS)
    assert mended(exported(frame), frame, book()) == {}


def test_a_row_may_be_left_out_of_what_comes_back():
    frame = held({2: {"status": "sure"}, 3: {"status": "sure"}})
    head, first, _second = exported(frame).splitlines(keepends=True)
    made = mended(head + first.replace(b",sure", b",observed"), frame, book())
    assert made == {SHA: {2: {"status": "observed"}}}


# The whole way, on the real release.


def test_a_wrong_line_is_held_mended_in_two_goes_and_published(
    release_data, tmp_path, monkeypatch, capsys
):
    data, out = tmp_path / "data", tmp_path / "held.csv"
    shutil.copytree(release_data, data)
    monkeypatch.setenv("VIGIE_DATA", str(data))
    monkeypatch.setenv("VIGIE_DOWNLOADS", "no")
    monkeypatch.setenv("VIGIE_SETTLE", "0")
    rows = BIRTHS.splitlines(keepends=True)
    cells = rows[1].decode().rstrip("\n").split(",")
    rows[1] = rows[1].replace(b",observed", b",sure").replace(f",{cells[3]},".encode(), b",20,")
    (data / "incoming").mkdir()
    (data / "incoming" / "insee_births.csv").write_bytes(b"".join(rows))
    assert main(["refresh", "--by", "Odile"]) in (0, 3)
    capsys.readouterr()
    assert main(["held"]) == 0
    assert "insee_births.csv, line 2" in capsys.readouterr().out
    # One fault is seen at a time: the first correction must not be lost by the second.
    for old, new in ((",20,", f",{cells[3]},"), (",sure", ",observed")):
        assert main(["held", "insee_births", "--out", str(out)]) == 0
        edited(out, (old, new))
        assert main(["mend", "insee_births", str(out), "--by", "Odile"]) == 0
        assert main(["refresh", "--by", "Odile"]) in (0, 3)
    capsys.readouterr()
    assert main(["held"]) == 0
    assert capsys.readouterr().out == "0 rows are held back.\n"
    sources = refreshes.sources(reading_engine(current_release(data).database))
    births = sources.set_index("source_id").loc["insee_births", list(refreshes.ROW_COUNTS)]
    assert births.astype(int).tolist() == [len(rows) - 1, len(rows) - 1, 0, 0]
