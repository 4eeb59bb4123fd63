"""A step made beside the others: as if made here, whatever becomes of either process."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from etl.beside import ClosedError, _written, beside
from etl.source import RejectedFile
from etl.steps import Steps
from geodata.catalogue.nouns import Text
from geodata.jobs import Cancelled

MAKERS = """
import os
import signal
import tempfile
import time

import pandas as pd

from etl.source import Ledger


def maker():
    return {"maker": pd.DataFrame({"pid": [os.getpid()]})}, {"rows": 1}


def same(one, other):
    assert one is other
    return {"same": pd.DataFrame({"id": [id(one)]})}, {}


def refuse():
    raise Ledger("territory", "areas.csv").reject("not_a_coverage", "se chevauchent", "overlap")


def die_unless(pid):
    if os.getpid() != pid:
        os.kill(os.getpid(), signal.SIGKILL)
    return maker()


def wait(folder):
    scratch = tempfile.mkdtemp()
    (folder / "begun.txt").write_text(f"{os.getpid()} {scratch}")
    (folder / "begun.txt").rename(folder / "begun")
    time.sleep(600)
"""
PARENT = """
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    import makers
    from etl.beside import beside
    from etl.steps import Steps

    folder = Path(sys.argv[1])
    with beside(Steps(folder / "steps", "1")) as other:
        other.step("slow", ["a"], partial(makers.wait, folder))
"""


@pytest.fixture
def makers(tmp_path, monkeypatch):
    """A module of little makers that another process can import."""
    (tmp_path / "makers.py").write_text(MAKERS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "makers", raising=False)
    return import_module("makers")


@pytest.fixture
def steps(tmp_path):
    return Steps(tmp_path / "steps", "1")


def until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.02)


def begun(folder):
    """The process that waits, and the folder it may write in."""
    until((folder / "begun").exists)
    pid, scratch = (folder / "begun").read_text().split()
    return Path("/proc") / pid, Path(scratch)


def is_over(process):
    """Gone, or dead and not yet taken note of by whoever began it."""
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def test_another_process_makes_the_steps_and_they_are_found_here(makers, steps):
    with beside(steps) as other:
        here = steps.step("other", ["a"], makers.maker)
        there = [other.step("maker", [name], makers.maker) for name in "ab"]
    pids = [int(step.frame("maker")["pid"][0]) for step in (here, *there)]
    assert pids[0] == os.getpid()
    assert pids[1] == pids[2] != os.getpid(), "one process makes all of them"
    assert (there[0].name, there[0].account) == ("maker", {"rows": 1})
    told = [(timing.step, timing.is_reused, timing.rows) for timing in steps.timings]
    assert told == [("other", False, 1), ("maker", False, 1), ("maker", False, 1)]
    assert steps.timings[-1].seconds > 0
    assert there[0].key == Steps(steps.folder, "1").step("maker", ["a"], makers.refuse).key
    steps.forget_others()
    assert there[0].tables == ("maker",), "it counts as used"


def test_what_is_shared_is_sent_once_and_is_one_object_there(makers, steps):
    words = {"long": "x" * 100_000}
    assert len(_written(("name", (), partial(makers.same, words, words)), [words])) < 500
    with beside(steps, [words]) as other:
        made = [other.step("same", [name], partial(makers.same, words, words)) for name in "ab"]
    ids = [step.frame("same")["id"][0] for step in made]
    assert ids[0] == ids[1]


def test_a_kept_step_begins_no_process(makers, steps):
    steps.step("maker", ["a"], makers.maker)
    with beside(steps) as other:
        made = other.step("maker", ["a"], makers.refuse)
        assert multiprocessing.active_children() == []
        assert made.frame("maker")["pid"][0] == os.getpid()
    assert [timing.is_reused for timing in steps.timings] == [False, True]


def test_a_fault_comes_out_as_if_made_here_and_leaves_nothing(makers, steps):
    with beside(steps) as other:
        with pytest.raises(RejectedFile, match=r"areas\.csv.*overlap") as caught:
            other.step("maker", ["a"], makers.refuse)
        assert not list(steps.folder.glob("*"))
        assert other.step("maker", ["b"], makers.maker).frame("maker")["pid"][0] != os.getpid()
    assert (caught.value.issue.code, caught.value.__cause__) == ("not_a_coverage", None)
    assert [timing.rows for timing in steps.timings] == [1]


def test_steps_are_made_here_when_the_other_process_is_killed(makers, steps):
    with beside(steps) as other:
        made = [
            other.step("maker", [name], partial(makers.die_unless, os.getpid())) for name in "ab"
        ]
    assert [step.frame("maker")["pid"][0] for step in made] == [os.getpid()] * 2
    assert [timing.is_reused for timing in steps.timings] == [False, False]


def test_what_cannot_be_given_to_another_process_is_made_here(steps):
    with beside(steps) as other:
        made = other.step("maker", ["a"], lambda: ({"maker": pd.DataFrame({"x": [1]})}, {}))
    assert made.frame("maker")["x"].tolist() == [1]


def test_a_cancelled_refresh_leaves_no_process_and_no_file(makers, steps, tmp_path):
    seen, asked = [], []

    def cancelled():
        with ThreadPoolExecutor(max_workers=1) as turn, beside(steps) as other:
            wait = partial(makers.wait, tmp_path)
            asked.append(turn.submit(other.step, "slow", ["a"], wait))
            seen.extend(begun(tmp_path))
            assert seen[1].is_dir()
            raise Cancelled(Text("Annulée.", "Cancelled."))

    with pytest.raises(Cancelled):
        cancelled()
    with pytest.raises(ClosedError):
        asked[0].result()
    process, scratch = seen
    assert is_over(process)
    assert not scratch.exists()
    assert multiprocessing.active_children() == []


def test_a_refresh_that_is_killed_takes_the_other_process_along(makers, tmp_path):
    (tmp_path / "parent.py").write_text(PARENT, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path)]
    parent = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    process, scratch = begun(tmp_path)
    assert scratch.is_dir()
    parent.kill()
    assert parent.wait(30) == -signal.SIGKILL
    until(lambda: is_over(process))
    until(lambda: not scratch.exists())
    assert not list((tmp_path / "steps").glob("*"))
