"""Staging: what each source's step depends on, what a bad file hides, what mends do."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from etl import staging
from etl.records.commands import zone_of
from etl.snapshot import Snapshot, embedded_snapshot
from etl.source import Staged
from etl.staging import Desk, ids_of, key_of, staged_sources
from etl.steps import Steps

EMBEDDED = Path(__file__).parents[2] / "geodata" / "embedded"
BIRTHS = (EMBEDDED / "figures" / "insee_births.csv").read_bytes()
HEADER, *ROWS = BIRTHS.splitlines(keepends=True)
TERRITORIAL = ("territory", "membership")


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """One folder of steps for the whole module: the territory is staged once."""
    return tmp_path_factory.mktemp("steps")


@pytest.fixture
def stage(words, steps, tmp_path, settings_of):
    """Stages the territory and the births, from some bytes; a few sources, so that it is quick."""

    def staged(content=BIRTHS, mends=None, file="insee_births.csv", code="1", without=()):
        births = words.sources["insee_births"]
        path = tmp_path / "births.csv"
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        told = embedded_snapshot(births).passport
        taken = [embedded_snapshot(words.sources[x]) for x in TERRITORIAL if x not in without]
        taken.append(Snapshot("insee_births", file, "incoming", sha256, told, path))
        bench = Steps(steps, code)
        seen = []
        desk = Desk(words, bench, mends or {}, zone_of(settings_of(tmp_path)))
        stock = staged_sources(taken, desk, lambda name, share: seen.append((name, share)))
        return stock, {t.step for t in bench.timings if not t.is_reused}, seen

    return staged


def mended(content, line, **cells):
    return {("insee_births", hashlib.sha256(content).hexdigest()): {line: cells}}


def test_each_source_is_staged_once_and_found_again(stage, words):
    stock, _, seen = stage()
    assert list(stock.sources) == [*TERRITORIAL, "insee_births"]
    assert [issue for issue in stock.issues if issue.severity == "reject"] == []
    assert stock.sources["insee_births"].account["rows_read"] == len(ROWS)
    assert len(stock.frames("figure")[0]) == len(ROWS)
    assert [share for _, share in seen] == sorted(share for _, share in seen)
    again, made, _ = stage()
    assert made == set()
    assert [s.key for s in again.sources.values()] == [s.key for s in stock.sources.values()]
    assert key_of(again, words, "births") == key_of(stock, words, "births")


@pytest.mark.parametrize(
    "change",
    [
        {"content": BIRTHS.replace(b",observed", b",estimated", 1)},
        {"file": "births_2024.csv"},
        {"mends": mended(BIRTHS, 2, status="estimated")},
        {"code": "2"},
    ],
    ids=["bytes", "name", "mend", "code"],
)
def test_a_key_changes_with_each_thing_it_is_made_of(stage, words, change):
    before, _, _ = stage()
    after, made, _ = stage(**change)
    assert "insee_births" in made
    assert key_of(after, words, "births") != key_of(before, words, "births")
    # What does not depend on the births stays: another code alone makes all anew.
    assert ("territory" in made) == ("code" in change)
    assert (key_of(after, words, "rsa_households") == key_of(before, words, "rsa_households")) == (
        "code" not in change
    )


@pytest.mark.parametrize(
    "mends",
    [
        {("weddings", "0" * 64): {2: {"status": "observed"}}},
        {("insee_births", "0" * 64): {2: {"status": "observed"}}},
        {("insee_births", hashlib.sha256(BIRTHS).hexdigest()): {}},
    ],
    ids=["an unknown source", "another file of the source", "no line"],
)
def test_corrections_of_anything_else_change_nothing(stage, mends):
    before, _, _ = stage()
    after, made, _ = stage(mends=mends)
    assert made == set()
    assert after.sources["insee_births"].key == before.sources["insee_births"].key


def test_a_mended_line_is_taken_in(stage):
    wrong = HEADER + ROWS[0].replace(b",observed", b",sure") + b"".join(ROWS[1:])
    held, _, _ = stage(wrong)
    step = held.sources["insee_births"]
    assert step.account["rows_quarantined"] == 1
    assert step.frame("held")["line"].tolist() == [2]
    taken, _, _ = stage(wrong, mends=mended(wrong, 2, status="observed"))
    step = taken.sources["insee_births"]
    assert step.account["rows_loaded"] == len(ROWS)
    assert [issue.code for issue in taken.issues if issue.source_id == "insee_births"] == ["mended"]


def test_a_bad_file_leaves_no_step_and_does_not_hide_the_others(stage, steps):
    kept = {folder.name for folder in steps.glob("*")}
    stock, _, _ = stage(BIRTHS[:-7])
    assert "insee_births" not in stock.sources
    assert [i.code for i in stock.issues if i.severity == "reject"] == ["truncated"]
    assert stock.territory is not None
    assert {folder.name for folder in steps.glob("*")} == kept
    # Nor is a refusal remembered: mended, the file is read.
    assert "insee_births" in stage()[0].sources


def test_a_correction_of_a_line_that_is_not_there_refuses_the_file(stage):
    stock, _, _ = stage(mends=mended(BIRTHS, 10**6, status="observed"))
    (refusal,) = [issue for issue in stock.issues if issue.severity == "reject"]
    assert (refusal.code, refusal.line) == ("mend_of_another_file", 10**6)


def test_without_the_territory_no_code_can_be_checked(stage):
    stock, _, _ = stage(without=TERRITORIAL)
    assert stock.territory is None
    assert stock.sources == {}


def test_areas_are_known_by_level(stage):
    known = ids_of(stage()[0].territory.frame("area"))
    assert "43157" in known["commune"]
    assert known["departement"] >= {"43", "63"}


def test_what_feeds_a_variable_is_in_its_key(stage, words):
    stock, _, _ = stage()
    changed = replace(
        words,
        variables={**words.variables, "births": replace(words.variables["births"], minimum=1)},
    )
    assert key_of(stock, changed, "births") != key_of(stock, words, "births")
    # Three years of births are births too.
    window = next(v.id for v in words.variables.values() if v.window_of == "births")
    assert key_of(stock, changed, window) != key_of(stock, words, window)
    assert key_of(stock, changed, "rsa_households") == key_of(stock, words, "rsa_households")


def test_what_protects_a_variable_is_part_of_its_key(stage, words):
    """Another least count that may be shown: its figures are judged anew, and no others."""
    stock, _, _ = stage()
    protected = next(v for v in words.variables if words.profile(v) is not None)
    named = words.profile(protected)
    stricter = replace(named, smallest=named.smallest + 1)
    other = replace(words, profiles={**words.profiles, named.id: stricter})
    assert key_of(stock, other, protected) != key_of(stock, words, protected)
    bare = next(v for v in words.variables if words.profile(v) is None)
    assert key_of(stock, other, bare) == key_of(stock, words, bare)


def test_the_account_of_records_is_one_of_rounded_parts():
    exact = Staged({}, 1009, 1001, 3, 5, dropped={"twice": 4, "empty": 1})
    _tables, account = staging._put_down(exact, is_exact=False)
    assert account["rows_loaded"] == 1000
    assert account["rows_quarantined"] == 5
    assert account["dropped"] == {"twice": 5, "empty": 5}
    assert account["rows_read"] == 1000 + 5 + 10 == 1005 + account["rows_dropped"]
    _tables, account = staging._put_down(exact)
    assert (account["rows_read"], account["rows_loaded"]) == (1009, 1001)
