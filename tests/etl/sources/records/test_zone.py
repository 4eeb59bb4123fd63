"""The zone of records and its key: pseudonyms alone enter, counts alone leave."""

import pickle
import stat
from dataclasses import replace

import pandas as pd

from etl.sources import records


def test_only_pseudonyms_enter_the_zone_and_only_counts_leave_it(known, stage, many):
    staged = stage(many(), known)
    assert set(staged.tables) == {"figure", "mask", "disclosure_audit", "record_extract"}
    kept = pd.read_parquet(next((known.records / "own_measures").glob("*.parquet")))
    for name in ("measure_id", "case_id", "child_id"):
        assert kept[name].str.fullmatch("[0-9a-f]{32}").all()
        assert kept[name].nunique() == 300
    leaving = pickle.dumps(staged)
    for number in (*kept["child_id"], "E0001", "D0001"):
        assert number.encode() not in leaving


def test_the_key_is_neither_in_the_zone_nor_in_what_leaves(caseload):
    staged, known = caseload
    secret = known.key.read_bytes()
    for path in known.records.rglob("*"):
        assert path.is_dir() or secret not in path.read_bytes()
        assert path.is_dir() or secret.hex().encode() not in path.read_bytes()
    assert secret not in pickle.dumps(staged)
    assert known.records not in known.key.parents
    found = [known.records, *known.records.rglob("*")]
    assert len(found) == 1 + 5 * 3
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_one_child_has_one_pseudonym_in_every_file(known, concern, stage, many):
    stage(many(make=concern), known, "own_concerns")
    stage(many(), known)
    kept = [
        pd.read_parquet(next((known.records / name).glob("*.parquet")))
        for name in ("own_concerns", "own_measures")
    ]
    assert set(kept[0]["child_id"]) == set(kept[1]["child_id"])
    assert not set(kept[0]["child_id"]) & set(kept[0]["case_id"])


def test_the_same_file_is_kept_once(known, stage, many):
    first = stage(many(), known)
    again = stage(many(), known)
    assert len(list((known.records / "own_measures").glob("*.parquet"))) == 1
    pd.testing.assert_frame_equal(first.tables["figure"], again.tables["figure"])


def test_an_open_zone_or_an_absent_one_refuses_the_file(known, stage, many, refusal):
    stage(many(), known)
    known.records.chmod(0o755)
    assert refusal(many(), known).code == "zone_open"
    known.records.chmod(0o700)
    known.key.chmod(0o644)
    assert refusal(many(), known).code == "zone_open"
    assert refusal(many(), replace(known, records=None)).code == "no_zone"


def test_a_refused_file_leaves_nothing_in_the_zone(known, measure, refusal):
    refusal([measure(n, kind="x") for n in range(9)], known)
    assert not list(known.records.rglob("*.parquet"))


def test_once_the_file_is_gone_the_zone_is_counted_again(caseload, entry):
    staged, known = caseload
    for name in staged:
        again = records.recounted(entry(name), known)
        pd.testing.assert_frame_equal(again.tables["figure"], staged[name].tables["figure"])
        assert "invented" in {issue.code for issue in again.issues}
    assert records.recounted(entry("own_staff"), replace(known, records=None)) is None
