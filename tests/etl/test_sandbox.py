import io
import logging
import struct
import time
import zipfile
import zlib
from dataclasses import replace
from functools import partial
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from etl.sandbox import Limits, staged_safely
from etl.source import Known, RejectedFile
from etl.sources import territory

STAGES = """
import os
import signal
import socket
import subprocess
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from etl.reading import csv_text, geo_frame, json_value, sheet_text
from etl.source import Ledger, Staged


def made(entry, file, content, known):
    ledger = Ledger(entry.id, file)
    frame = pd.DataFrame({"code": [str(n) for n in range(300)], "line": range(2, 302)})
    frame = ledger.begin(frame)
    ledger.quarantine(5, "bad", "faux", "wrong", column="code", sample="3")
    ledger.drop([7, 8], "repeated", "répétée", "repeated")
    ledger.warn("odd", "étrange", "odd", line=np.int64(3), rows=np.int64(2))
    kept = ledger.kept(frame)[["code"]].assign(
        whole=pd.array([1, None] * 148 + [3], dtype="Int64"),
        share=0.1,
        is_it=True,
        body=b"\\x00\\x01",
        day=pd.Timestamp("2024-01-31"),
        kind=pd.Categorical(["a", "b", None] * 99),
        text=pd.Series(["é", None, ""] * 99, dtype="object").to_numpy(),
    )
    places = gpd.GeoDataFrame(
        {"n": [1, 2]}, geometry=[shapely.Point(1, 2), None], crs="EPSG:4326", index=[4, 9]
    )
    return ledger.staged({"figure": kept, "place": places, "none": kept.iloc[:0]})


def refuse(entry, file, content, known):
    ledger = Ledger(entry.id, file)
    raise ledger.reject("bad", "faux", "wrong", line=np.int64(3), column="code", sample="x")


def eat(*_):
    return bytearray(5 << 30)


def eat_by_bits(*_):
    return [np.ones(1 << 24) for _ in range(40)]


def loop(*_):
    while True:
        pass


def sleep(*_):
    time.sleep(600)


def fork(*_):
    os.fork()


def spawn(*_):
    subprocess.run(["true"])


def connect(*_):
    socket.create_connection(("127.0.0.1", 9))


def kill_parent(*_):
    os.kill(os.getppid(), signal.SIGTERM)


def write_elsewhere(target, *_):
    with open(target, "w") as stream:
        stream.write("x")


def remove(target, *_):
    os.remove(target)


def rename(target, *_):
    os.rename(target, target + ".old")


def write_too_much(*_):
    import tempfile
    with tempfile.TemporaryFile() as stream:
        for _ in range(10):
            stream.write(b"x" * (1 << 20))


def exit_now(*_):
    os._exit(0)


def exit_three(*_):
    os._exit(3)


def leave(*_):
    raise SystemExit("Jeanne")


def segfault(*_):
    os.abort()


def fail(entry, file, content, known):
    print("Jeanne", flush=True)
    os.write(2, b"Jeanne")
    raise ValueError("Jeanne")


def unwritable(entry, file, content, known):
    return Staged({"t": pd.DataFrame({"a": pd.Series(["Jeanne", 3], dtype="object")})}, 2, 2)


def read_sheet(entry, file, content, known):
    sheet_text(content, ["code"], Ledger(entry.id, file), sheet="data")


def read_csv(entry, file, content, known):
    csv_text(content, ["code"], Ledger(entry.id, file))


def read_json(entry, file, content, known):
    json_value(content, Ledger(entry.id, file))


def read_geojson(entry, file, content, known):
    geo_frame(content, ["code"], Ledger(entry.id, file), suffix=".geojson", kind="point")
"""
SMALL = Limits(memory_bytes=1 << 30, cpu_seconds=5, wall_seconds=30, file_bytes=4 << 20)


@pytest.fixture
def stages(tmp_path, monkeypatch):
    """A module of little readers that another process can import."""
    (tmp_path / "sandbox_stages.py").write_text(STAGES, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "sandbox_stages", raising=False)
    return import_module("sandbox_stages")


@pytest.fixture
def entry(words):
    return words.sources["territory"]


@pytest.fixture
def refusal(entry, words):
    """The issue that a stage ends with, and no trace of the cell in it."""

    def refused(stage, content=b"x", limits=SMALL, source=entry):
        start = time.monotonic()
        with pytest.raises(RejectedFile) as caught:
            staged_safely(stage, source, "f.csv", content, Known(words), limits)
        assert time.monotonic() - start < 30
        issue = caught.value.issue
        assert (issue.source_id, issue.file) == ("territory", "f.csv")
        told = str(caught.value) + issue.text("fr") + issue.text("en") + issue.sample
        assert "Jeanne" not in told
        assert caught.value.__cause__ is None
        return issue

    return refused


def test_what_comes_back_is_what_the_stage_made(stages, entry, words):
    ours = stages.made(entry, "f.csv", b"x", Known(words))
    back = staged_safely(stages.made, entry, "f.csv", b"x", Known(words), SMALL)
    assert back.tables.keys() == ours.tables.keys()
    pd.testing.assert_frame_equal(back.tables["figure"], ours.tables["figure"])
    pd.testing.assert_frame_equal(back.tables["none"], ours.tables["none"])
    assert isinstance(back.tables["place"], gpd.GeoDataFrame)
    assert back.tables["place"].crs == ours.tables["place"].crs
    pd.testing.assert_frame_equal(back.tables["place"], ours.tables["place"])
    pd.testing.assert_frame_equal(back.held, ours.held)
    assert (back.issues, back.dropped) == (ours.issues, ours.dropped)
    assert (back.rows_read, back.rows_loaded) == (300, 297)
    assert (back.rows_quarantined, back.rows_dropped) == (1, 2)


def test_a_real_source_comes_back_as_it_is(entry, words):
    from etl.snapshot import embedded_snapshot

    taken = embedded_snapshot(entry)
    ours = territory.stage(entry, taken.file, taken.content, Known(words))
    back = staged_safely(territory.stage, entry, taken.file, taken.content, Known(words))
    pd.testing.assert_frame_equal(back.tables["area"], ours.tables["area"])


def test_a_refusal_comes_back_as_it_was_raised(stages, entry, words):
    issues = []
    for read in (stages.refuse, partial(staged_safely, stages.refuse)):
        with pytest.raises(RejectedFile) as caught:
            read(entry, "f.csv", b"x", Known(words))
        issues.append(caught.value.issue)
    assert issues[0] == issues[1]


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("eat", "too_heavy", "memory"),
        ("eat_by_bits", "too_heavy", "memory"),
        ("exit_now", "reader_died", "exit 0"),
        ("exit_three", "reader_died", "exit 3"),
        ("leave", "reader_died", "SystemExit"),
        ("segfault", "reader_died", "SIGABRT"),
        ("fail", "reader_died", "ValueError"),
        ("unwritable", "reader_died", "Arrow"),
        ("write_too_much", "reader_died", "OSError"),
        ("fork", "reader_died", "ForbiddenActError"),
        ("spawn", "reader_died", "ForbiddenActError"),
        ("connect", "reader_died", "ForbiddenActError"),
        ("kill_parent", "reader_died", "ForbiddenActError"),
    ],
)
def test_a_reader_that_goes_wrong_refuses_its_file(stages, refusal, capfd, name, code, word):
    issue = refusal(getattr(stages, name))
    assert issue.code == code
    assert word in issue.message_en
    assert issue.mend_fr
    out, err = capfd.readouterr()
    assert "Jeanne" not in out + err


def test_a_reader_that_never_ends_is_stopped(stages, refusal):
    issue = refusal(stages.loop, limits=replace(SMALL, cpu_seconds=1))
    assert (issue.code, "1 s of computing" in issue.message_en) == ("too_heavy", True)
    issue = refusal(stages.sleep, limits=replace(SMALL, wall_seconds=1))
    assert (issue.code, "over 1 s" in issue.message_en) == ("too_heavy", True)


def test_no_file_elsewhere_is_written_moved_or_removed(stages, refusal, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    for act in (stages.write_elsewhere, stages.remove, stages.rename):
        issue = refusal(partial(act, str(mine)))
        assert "ForbiddenActError" in issue.message_en
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_stage_that_cannot_be_imported_is_the_caller_s_mistake(entry, words):
    with pytest.raises(TypeError, match="imported"):
        staged_safely(lambda *_: None, entry, "f.csv", b"x", Known(words), SMALL)


def test_the_trace_is_logged_but_for_files_about_persons(stages, refusal, entry, caplog):
    with caplog.at_level(logging.DEBUG):
        refusal(stages.fail, source=replace(entry, is_record_level=True))
    assert caplog.text == ""
    with caplog.at_level(logging.DEBUG):
        refusal(stages.fail)
    assert "sandbox_stages.py" in caplog.text


def packed(sheet: bytes, megabytes: int) -> bytes:
    """A workbook whose sheet is ``sheet``, its mark ``@`` replaced by megabytes of spaces."""
    made, old, new = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    made.active.title = "data"
    made.save(old)
    start, end = sheet.split(b"@")
    spaces, deflate = b" " * (1 << 20), zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = deflate.compress(start) + deflate.flush(zlib.Z_FULL_FLUSH)
    megabyte = deflate.compress(spaces) + deflate.flush(zlib.Z_FULL_FLUSH)
    deflated += megabyte * megabytes + deflate.compress(end) + deflate.flush()
    crc = zlib.crc32(start)
    for _ in range(megabytes):
        crc = zlib.crc32(spaces, crc)
    crc, size = zlib.crc32(end, crc), len(start) + len(end) + (megabytes << 20)
    with zipfile.ZipFile(old) as plain, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in plain.namelist():
            if name != "xl/worksheets/sheet1.xml":
                bomb.writestr(name, plain.read(name))
        at = new.tell()
        bomb.writestr("xl/worksheets/sheet1.xml", deflated, zipfile.ZIP_STORED)
    content = bytearray(new.getvalue())
    for header, method in ((at, 8), (content.rindex(b"PK\x01\x02"), 10)):  # it was deflated before
        content[header + method : header + method + 2] = struct.pack("<H", zipfile.ZIP_DEFLATED)
        content[header + method + 6 : header + method + 10] = struct.pack("<L", crc)
        content[header + method + 14 : header + method + 18] = struct.pack("<L", size)
    return bytes(content)


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
)
LAUGHS = b"<!DOCTYPE x [<!ENTITY l0 'Jeanne'>%s]>" % b"".join(
    b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
)


def test_bombs_are_refused_within_their_limits(stages, refusal):
    bomb = packed(SHEET % b"@<sheetData/>", 1024)
    assert len(bomb) < 1_200_000
    cell = (
        b'@<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>'
    )
    laughs = packed(LAUGHS + SHEET % cell, 0)
    deep = b"[" * 100_000 + b"]" * 100_000
    wide = b",".join(b"Jeanne%d" % n for n in range(1_000_000)) + b"\n" + b"," * 999_999 + b"\n"
    features = b'{"type":"FeatureCollection","features":' + deep + b"}"
    assert refusal(stages.read_sheet, bomb).code == "zip_bomb"
    with zipfile.ZipFile(io.BytesIO(packed(SHEET % b"@<sheetData/>", 3))) as whole:
        assert whole.testzip() is None  # so that it is refused for its size alone
    assert refusal(stages.read_sheet, laughs).code == "doctype"
    assert refusal(stages.read_json, deep).severity == "reject"
    assert refusal(stages.read_geojson, features).code == "unreadable_features"
    assert refusal(stages.read_csv, wide, replace(SMALL, cpu_seconds=2)).severity == "reject"


def test_no_zombie_is_left(stages, refusal):
    refusal(stages.exit_three)
    refusal(stages.sleep, limits=replace(SMALL, wall_seconds=0.3))
    server = forkserver._forkserver._forkserver_pid
    time.sleep(0.2)
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    assert children == []


def test_a_process_starts_at_once(stages, entry, words):
    staged_safely(stages.made, entry, "f.csv", b"x", Known(words), SMALL)
    start = time.monotonic()
    for _ in range(5):
        staged_safely(stages.made, entry, "f.csv", b"x", Known(words), SMALL)
    assert time.monotonic() - start < 5
