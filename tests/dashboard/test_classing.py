"""The classes of a map: by hand on six areas, and the bytes that the browser reads."""

from __future__ import annotations

import json
from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd
import pytest

from dashboard.classing import (
    HIGHER,
    LOWER,
    SIMILAR,
    TESTED,
    UNKNOWN,
    UNTESTED,
    ZERO,
    ZERO_CLASS,
    class_bytes,
    classes,
)
from geodata.catalogue.loader import catalogue
from geodata.methods.benchmarks import Verdict, verdict
from geodata.model import OUTSIDE_CODE, STATUS_CODES, Direction, Status

#: Surely lower, at the limit, surely higher, without an interval, withheld, a neighbour, zero.
FRAME = pd.DataFrame(
    {
        "role": ["territory"] * 5 + ["edge", "territory"],
        "value": [2.0, 8.0, 30.0, 12.0, nan, 50.0, 0.0],
        "low": [1.0, 5.0, 20.0, nan, nan, 40.0, 0.0],
        "high": [3.0, 10.0, 45.0, nan, nan, 60.0, 4.0],
        "status": [*["observed"] * 2, "estimated", "observed", "suppressed", *["observed"] * 2],
        "flags": [1, 0, 0, 0, 0, 1, 0],
    }
)


@pytest.fixture(scope="module")
def rate():
    return replace(
        catalogue("haute_loire").indicators["rsa_share"],
        is_signed=False,
        direction=Direction.WORSE,
    )


def test_each_value_is_on_its_side_of_the_benchmark(rate):
    made = classes(FRAME, rate, "tested", 10.0)
    assert made.verdicts.tolist() == [LOWER, SIMILAR, HIGHER, UNKNOWN, UNKNOWN, UNKNOWN, LOWER]
    assert (made.method, made.counts) == ("tested", (2, 1, 1, 1))
    assert made.colours == (*TESTED, UNTESTED)
    assert made.index.tolist() == [0, 1, 2, 3, -1, -1, 0]
    assert not made.is_doubted  # its classes say so already
    better = classes(FRAME, replace(rate, direction=Direction.BETTER), "tested", 10.0)
    assert better.colours == (*TESTED[::-1], UNTESTED)


def test_the_verdicts_are_those_of_one_area_at_a_time(rate):
    slow = {Verdict.LOWER: LOWER, Verdict.SIMILAR: SIMILAR, Verdict.HIGHER: HIGHER}
    own = FRAME[FRAME["role"] != "edge"]
    for benchmark in (0.0, 1.0, 3.0, 10.0, 45.0, nan):
        made = classes(FRAME, rate, "quantile", benchmark).verdicts[own.index]
        told = [verdict(*pair, benchmark) for pair in zip(own["low"], own["high"], strict=True)]
        assert made.tolist() == [slow.get(one, UNKNOWN) for one in told]


@pytest.mark.parametrize("frame", [FRAME.assign(low=nan, high=nan), FRAME])
def test_what_cannot_be_tested_is_cut_into_quantiles(rate, frame):
    benchmark = 10.0 if frame["low"].isna().all() else nan
    made = classes(frame, rate, "tested", benchmark)
    assert (made.wanted, made.method) == ("tested", "quantile")
    assert made.breaks == classes(frame, rate, "quantile").breaks
    assert not made.is_doubted


def test_zero_stands_apart_and_neighbours_do_not_count(rate):
    made = classes(FRAME, rate, "quantile")
    assert (made.zeros, made.zero_colour) == (1, "#fff3c4")
    assert sum(made.counts) == 4
    assert made.index.tolist()[4:] == [-1, -1, ZERO_CLASS]


def test_fixed_classes_come_from_every_period(rate):
    years = np.arange(1.0, 101.0)
    made = classes(FRAME, rate, "fixed", series=years)
    assert made.breaks == (21.0, 41.0, 61.0, 81.0)
    other = classes(FRAME.assign(value=FRAME["value"] * 2), rate, "fixed", series=years)
    assert other.breaks == made.breaks
    assert sum(made.counts) == 4


def test_equal_and_natural_classes_differ_from_quantiles(rate):
    frame = pd.DataFrame(
        {
            "role": "territory",
            "value": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 96, 98],
            "low": nan,
            "high": nan,
        }
    )
    found = {name: classes(frame, rate, name) for name in ("quantile", "jenks", "equal")}
    assert found["equal"].breaks == (20.0, 40.0, 60.0, 80.0)
    assert found["equal"].counts == (10, 0, 0, 0, 2)
    assert found["jenks"].counts[-1] in (1, 2)
    assert len({made.breaks for made in found.values()}) == 3


def heading_and_rest(content):
    start = 4 + int.from_bytes(content[:4], "little")
    return json.loads(content[4:start]), content[start:]


def test_a_byte_holds_class_status_doubt_and_what_is_fragile(rate):
    made = classes(FRAME, rate, "quantile", 10.0)
    heading, content = heading_and_rest(class_bytes(FRAME, made))
    assert heading == {"colours": list(made.colours), "zero": ZERO}
    assert len(content) == 2 * len(FRAME)
    packed = np.frombuffer(content, "u1", len(FRAME))
    ranks = [*(made.index[:4] + 1).tolist(), 0, 0, ZERO_CLASS]
    assert (packed & 7).tolist() == ranks
    codes = [STATUS_CODES[Status(text)] for text in FRAME["status"]]
    codes[5] = OUTSIDE_CODE
    assert (packed >> 3 & 7).tolist() == codes
    assert (packed >> 6 & 1).tolist() == [0, 1, 0, 0, 0, 0, 0]
    assert (packed >> 7).tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert np.frombuffer(content, "u1", offset=len(FRAME)).tolist() == [0] * len(FRAME)
    made = classes(FRAME, rate, "tested", 10.0)
    heading, content = heading_and_rest(class_bytes(FRAME, made))
    assert heading == {"colours": list(made.colours), "zero": None}
    tested = np.frombuffer(content, "u1", len(FRAME))
    assert (tested >> 6 & 1).max() == 0


def test_a_flag_that_is_not_fragile_travels_apart(rate):
    frame = FRAME.assign(flags=[1 | 8, 8, 0, 0, 0, 0, 0])
    _heading, content = heading_and_rest(class_bytes(frame, classes(frame, rate, "quantile")))
    assert (np.frombuffer(content, "u1", len(frame)) >> 7).tolist() == [1, 0, 0, 0, 0, 0, 0]
    flags = np.frombuffer(content, "u1", offset=len(frame))
    assert flags.tolist() == [8, 8, 0, 0, 0, 0, 0]
