"""Rows held back and their corrections, as the state keeps them."""

import json

import pandas as pd
import pytest

from geodata import quarantine, state
from geodata.queries import refreshes

ONE, OTHER = "1" * 64, "2" * 64


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def held(*lines, column="status"):
    rows = [
        {
            "line": line,
            "code": "unknown_status",
            "column": column,
            "message_fr": "statut inconnu",
            "message_en": "unknown status",
            "mend_fr": "Écrire un statut.",
            "mend_en": "Write a status.",
            "cells": json.dumps({"status": "sûr"}, ensure_ascii=False),
        }
        for line in lines
    ]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["line"])


def lines_of(engine, source_id=None):
    return refreshes.held_rows(engine, source_id)["line"].tolist()


def test_held_rows_of_a_source_replace_its_earlier_ones_and_no_others(engine):
    quarantine.write_held(engine, 1, "births", ONE, "births.csv", held(2, 7))
    quarantine.write_held(engine, 1, "rsa", ONE, "rsa.csv", held(3))
    quarantine.write_held(engine, 2, "births", OTHER, "births.csv", held(7))
    frame = refreshes.held_rows(engine)
    told = frame[["source_id", "line", "sha256", "run_id"]].to_numpy().tolist()
    assert told == [["births", 7, OTHER, 2], ["rsa", 3, ONE, 1]]
    assert json.loads(frame["cells"][0]) == {"status": "sûr"}
    quarantine.write_held(engine, 3, "births", OTHER, "births.csv", held())
    assert lines_of(engine) == [3]
    assert lines_of(engine, "births") == []


def test_a_reason_without_a_column_is_absent_not_a_word(engine):
    frame = pd.concat([held(2), held(3, column=None)], ignore_index=True)
    quarantine.write_held(engine, 1, "births", ONE, "births.csv", frame)
    assert refreshes.held_rows(engine)["column"].isna().tolist() == [False, True]


def test_no_correction_at_first(engine):
    assert quarantine.mends(engine) == {}


def test_corrections_are_of_one_very_file(engine):
    quarantine.write_mends(engine, "births", ONE, {2: {"status": "observed"}}, "Odile")
    quarantine.write_mends(engine, "births", OTHER, {2: {"status": "missing"}}, "Odile")
    quarantine.write_mends(engine, "rsa", ONE, {2: {"name": "Céaux"}, 5: {"name": ""}}, "Odile")
    assert quarantine.mends(engine) == {
        ("births", ONE): {2: {"status": "observed"}},
        ("births", OTHER): {2: {"status": "missing"}},
        ("rsa", ONE): {2: {"name": "Céaux"}, 5: {"name": ""}},
    }


def test_a_later_correction_replaces_that_of_its_cell_only(engine):
    """A line mended twice: a cell the first time, another the second; the first one stays."""
    quarantine.write_mends(engine, "births", ONE, {2: {"status": "observed", "value": "1"}}, "A")
    quarantine.write_mends(engine, "births", ONE, {3: {"status": "missing"}}, "A")
    quarantine.write_mends(engine, "births", ONE, {2: {"value": "3", "period": "2020"}}, "B")
    assert quarantine.mends(engine)["births", ONE] == {
        2: {"status": "observed", "value": "3", "period": "2020"},
        3: {"status": "missing"},
    }


def test_no_correction_writes_nothing_and_many_are_taken(engine):
    quarantine.write_mends(engine, "births", ONE, {}, "A")
    assert quarantine.mends(engine) == {}
    many = {line: {"value": "1"} for line in range(33_000)}  # over the variables SQLite takes
    quarantine.write_mends(engine, "births", ONE, many, "A")
    quarantine.write_mends(engine, "births", ONE, many, "A")
    assert len(quarantine.mends(engine)["births", ONE]) == 33_000
