"""What is counted of concerns and of their assessments."""

from __future__ import annotations

from collections.abc import Iterator

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
)
from geodata.model import PeriodKind

#: Under this age, in whole years, a child is to be assessed sooner.
YOUNGEST = 2
#: Sources of concerns told in every area; the others of the whole alone.
WIDE_SOURCES = ("school", "health")
#: The worth of a count that rates among children are made of: it is told before the others.
RATES = 3.0
#: The weeks before the extract that what comes in each week is the mean of.
WEEKS = 12


def concerns(of: Counting, kind: PeriodKind | None, day: Period, name: str) -> Iterator[Tally]:
    """The tallies of one period; see :data:`etl.records.aggregates.COUNTS`."""
    at = of.records["received_on"]
    if kind is None and Period(of.extract.covered_since) <= day - pd.DateOffset(weeks=WEEKS):
        lately = (at > day - pd.DateOffset(weeks=WEEKS)).to_numpy()
        yield Tally("own_concerns_last_12_weeks", name, lately, is_wide=True)
    if kind is not PeriodKind.YEAR:
        return
    received = (at.dt.year == day.year).to_numpy()
    whole = "own_concerns_received"
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
    left = is_closed.copy()
    for code in of.codes("decision"):
        decided = is_closed & (rows["decision"] == code).to_numpy()
        left &= ~decided
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
