"""What is counted of concerns and of their assessments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from etl.records.counting import (
    AGAIN,
    CENSUS_CHILD,
    Counting,
    Period,
    Rows,
    Tally,
    is_followed,
    periods,
)
from geodata.model import PeriodKind

#: Under this age, in whole years, a child is to be assessed sooner.
YOUNGEST = 2
#: Sources of concerns told in every area; the others of the whole alone.
WIDE_SOURCES = ("school", "health")
#: The worth of a count that rates among children are made of: it is told before the others.
RATES = 3.0
#: The weeks before the extract that what comes in each week is the mean of, and their count.
WEEKS = pd.DateOffset(weeks=12)
LATELY = "own_concerns_last_12_weeks"


def concerns(of: Counting, kind: PeriodKind | None, day: Period, name: str) -> Iterator[Tally]:
    """The tallies of one period; see :data:`etl.records.aggregates.COUNTS`."""
    if kind is None:
        yield from _lately(of, name)
    elif kind is PeriodKind.YEAR:
        received = (of.records["received_on"].dt.year == day.year).to_numpy()
        told = [rows for on, rows in _windows(of).items() if on != of.on]
        is_open = all((received & ~rows).any() for rows in _beside(told, received))
        for tally in _received(of, received, name):
            yield replace(tally, may_be_told=is_open)


def _windows(of: Counting) -> dict[Period, Rows]:
    """Concerns of the weeks before this extract, and before each earlier one that told of them."""
    at, since = of.records["received_on"], Period(of.extract.covered_since)
    days = {of.on, *(day for day in of.told_on.get(LATELY, ()) if day < of.on)}
    covered = [day for day in sorted(days) if since <= day - WEEKS]
    return {day: ((at > day - WEEKS) & (at <= day)).to_numpy() for day in covered}


def _beside(windows: Iterable[Rows], received: Rows) -> list[Rows]:
    """The windows that reach into a year, and all of them together."""
    reaching = [rows for rows in windows if (rows & received).any()]
    return reaching + [np.logical_or.reduce(reaching)] * (len(reaching) > 1)


def _lately(of: Counting, name: str) -> Iterator[Tally]:
    """The concerns of the last weeks, told of the whole alone; and what ties them to the years.

    A year less the weeks within it is a count too, that of its other weeks, whichever extract tells
    the one and the other. Each such count is protected; where a year would be left with none
    neither is told, for nobody is there who could be counted among others.
    """
    windows = _windows(of)
    years = [
        (of.records["received_on"].dt.year == day.year).to_numpy()
        for kind, day, _ in periods(of.extract)
        if kind is PeriodKind.YEAR
    ]
    if of.on in windows:
        is_open = True
        for received in years:
            if (windows[of.on] & received).any():
                others = (received & ~rows for rows in _beside(windows.values(), received))
                is_open &= all(rows.any() for rows in others)
        yield Tally(LATELY, name, windows[of.on], may_be_told=is_open)
    for day, rows in windows.items():
        if day != of.on and rows.any():
            yield Tally(None, name, rows, LATELY, is_known=True)
    ties = [rows & ~np.logical_or.reduce(years, axis=0) for rows in windows.values() if years]
    for one, next_one in pairwise(windows.values()):
        ties += [one & ~next_one, next_one & ~one]
    for received in years:
        for rows in _beside(windows.values(), received):
            ties += [received & ~rows, received & rows]
    yield from (Tally(None, name, rows, LATELY) for rows in ties if rows.any())


def _received(of: Counting, received: Rows, name: str) -> Iterator[Tally]:
    """What was received in a year: by source, and by child."""
    at, whole = of.records["received_on"], "own_concerns_received"
    yield Tally(whole, name, received, is_wide=True)
    others = received.copy()
    for code in of.codes("source"):
        rows = received & (of.records["source"] == code).to_numpy()
        is_wide = code in WIDE_SOURCES
        others &= ~(rows & is_wide)
        yield Tally(f"own_concerns_from_{code}", name, rows, whole, is_wide)
    yield Tally(None, name, others, whole, is_wide=True)
    ages = of.ages(at)
    if "age" in of.records:
        ages = np.where(np.isnan(ages), of.records["age"].to_numpy(dtype="float64"), ages)
    children = of.first_of(received)
    yield Tally("own_children_with_concern", name, children, whole)
    yield Tally(None, name, received & ~children, whole)
    young = of.first_of(received & (ages < CENSUS_CHILD))
    yield Tally("own_children_0_14_with_concern", name, young, whole, is_wide=True, worth=RATES)
    yield Tally(None, name, received & ~young, whole, is_wide=True)


def assessments(of: Counting, kind: PeriodKind | None, day: Period, name: str) -> Iterator[Tally]:
    """The tallies of one period; see :data:`etl.records.aggregates.COUNTS`."""
    rows = of.records
    opened, closed = rows["opened_on"], rows["closed_on"]
    limit = rows["received_on"] + pd.DateOffset(months=of.contract.limit_months or 0)
    if kind is not PeriodKind.YEAR:
        is_open = ((opened <= day) & ~(closed <= day)).to_numpy()
        if kind is PeriodKind.ON_31_DECEMBER:
            yield Tally("own_assessments_open", name, is_open)
            return
        late = is_open & (limit < day).to_numpy()
        whole = "own_assessments_open_on_day"
        yield Tally(whole, name, is_open, is_wide=True)
        yield Tally("own_assessments_open_late", name, late, whole)
        yield Tally(None, name, is_open & ~late, whole)
        return
    is_closed = (closed.dt.year == day.year).to_numpy()
    late = is_closed & (closed > limit).to_numpy()
    whole = "own_assessments_closed"
    yield Tally(whole, name, is_closed, is_wide=True)
    yield Tally("own_assessments_closed_late", name, late, whole)
    yield Tally(None, name, is_closed & ~late, whole)
    for code in of.codes("decision"):
        decided = is_closed & (rows["decision"] == code).to_numpy()
        yield Tally(f"own_assessments_concluded_{code}", name, decided, whole, is_wide=True)
    begun = (rows["received_on"].dt.year == day.year).to_numpy()
    in_time = begun & (closed <= limit).to_numpy()
    whole = "own_assessments_begun"
    yield Tally(whole, name, begun, is_wide=True)
    yield Tally("own_assessments_begun_in_time", name, in_time, whole, is_wide=True)
    yield Tally(None, name, begun & ~in_time, whole, is_wide=True)
    yield from _youngest(of, begun, name)
    yield from _seen_again(of, is_closed, day, name)


def _youngest(of: Counting, begun: Rows, name: str) -> Iterator[Tally]:
    """Children under 2 when the concern came, and those assessed within the declared target."""
    if of.contract.target_days is None or not of.has("birth_month"):
        return
    rows = of.records
    target = rows["received_on"] + pd.DateOffset(days=of.contract.target_days)
    young = begun & (of.ages(rows["received_on"]) < YOUNGEST)
    soon = young & (rows["closed_on"] <= target).to_numpy()
    whole = "own_assessments_under_2"
    yield Tally(whole, name, young, "own_assessments_begun")
    yield Tally("own_assessments_under_2_in_target", name, soon, whole)
    yield Tally(None, name, young & ~soon, whole)


def _seen_again(of: Counting, is_closed: Rows, day: Period, name: str) -> Iterator[Tally]:
    """Children closed without follow-up, and those of whom a concern came within a year after."""
    heard = of.beside.get("own_concerns")
    if heard is None or day + AGAIN > of.on:
        return
    classed = of.first_of(is_closed & (of.records["decision"] == "no_follow_up").to_numpy())
    again = classed & is_followed(of.records, "closed_on", heard, "received_on", AGAIN)
    whole = "own_children_closed_without_follow_up"
    yield Tally(whole, name, classed, "own_assessments_closed")
    yield Tally("own_children_seen_again", name, again, whole)
    yield Tally(None, name, classed & ~again, whole)
