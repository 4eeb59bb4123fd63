"""Two processes share the steps of indicators out: each is made once, wherever it is made."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from types import SimpleNamespace

import pandas as pd
import pytest

from etl.beside import beside
from etl.observed import TwoMakers
from etl.steps import Steps
from geodata.catalogue.nouns import Text
from geodata.jobs import Cancelled


def whose():
    return {"maker": pd.DataFrame({"pid": [os.getpid()]})}, {}


def named(*ids):
    return [SimpleNamespace(id=one) for one in ids]


def made_by(indicator, maker):
    return None if indicator.id == "none" else maker(indicator.id, [indicator.id], whose)


def process_of(step):
    return int(step.frame("maker")["pid"][0])


def test_the_other_process_begins_at_once_and_this_one_joins_it(tmp_path):
    steps, is_begun = Steps(tmp_path, "1"), Event()

    def make(indicator, maker):
        is_begun.set()
        return made_by(indicator, maker)

    with ThreadPoolExecutor(max_workers=1) as turn, beside(steps) as other:
        two = TwoMakers(steps, other, turn, make, named("a"))
        assert is_begun.wait(30), "nothing of it was waited for"
        turn.submit(lambda: None).result()
        told = []
        made = two.made(named("none", "b", "c"), lambda name, done: told.append((name, done)))
    assert list(made) == ["a", "b", "c"], "in the order asked for, those that are none left out"
    assert process_of(made["a"]) != os.getpid()
    assert len(steps.timings) == 3, "each was made once"
    assert {name for name, _done in told} <= {"none", "b", "c"}
    assert [done for _name, done in told] == sorted({done for _name, done in told})


def test_both_work_on_what_waits(tmp_path):
    steps, met = Steps(tmp_path, "1"), Event()

    def make(indicator, maker):
        # Each of two waits until the other has begun: neither process alone would end.
        if met.is_set():
            return made_by(indicator, maker)
        if indicator.id == "a":
            assert met.wait(30)
        else:
            met.set()
        return made_by(indicator, maker)

    with ThreadPoolExecutor(max_workers=1) as turn, beside(steps) as other:
        made = TwoMakers(steps, other, turn, make).made(named("a", "b"))
    assert len({process_of(step) for step in made.values()}) == 2


def test_what_has_not_begun_is_given_up(tmp_path):
    steps, begun = Steps(tmp_path, "1"), []

    def make(indicator, maker):
        begun.append(indicator.id)
        return made_by(indicator, maker)

    def tell(_name, _done):
        raise Cancelled(Text("Annulée.", "Cancelled."))

    many = named(*(f"i{n}" for n in range(200)))
    with ThreadPoolExecutor(max_workers=1) as turn, beside(steps) as other:
        with pytest.raises(Cancelled):
            TwoMakers(steps, other, turn, make).made(many, tell)
        turn.submit(lambda: None).result()
    assert len(begun) < len(many)


def test_a_fault_met_beside_comes_out_here(tmp_path):
    steps = Steps(tmp_path, "1")

    def make(indicator, maker):
        raise ValueError(indicator.id)

    with ThreadPoolExecutor(max_workers=1) as turn, beside(steps) as other:
        two = TwoMakers(steps, other, turn, partial(make), named("wrong"))
        with pytest.raises(ValueError, match="wrong"):
            two.made()
