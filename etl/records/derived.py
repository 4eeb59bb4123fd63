"""Figures that etl derives from records, where every count that they stand on is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.records.counting import Counting, Period, Rows
from etl.records.measures import areas_of_places
from etl.source import Known
from geodata.catalogue.nouns import Travel
from geodata.methods.comparison import Reference, comparative_need
from geodata.methods.survival import delay
from geodata.methods.travel import straight_line_minutes

Floats = npt.NDArray[np.float64]
#: Delays are told to the nearest of so many days.
WEEK = 7
#: The detection gap, and the count that it judges.
GAP, DETECTED = "own_detection_gap", "own_children_0_14_with_concern"


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """A figure of some records: given where the counts it stands on are told, and are enough.

    Args:
        stands_on: names of tallies of the same period; the first counts the records it is of.
        fewest: records that it takes.
        of: the figure of some records, by their rows; None where there is none yet.
        split: parts that the figure tells the size of: it is told of the whole alone, and there
            only where none of them is of fewer than the smallest count; none by default.
        smallest: that count.
    """

    name: str
    period: str
    stands_on: tuple[str, ...]
    fewest: int
    of: Callable[[Rows], float | None]
    split: tuple[Rows, ...] = ()
    smallest: int = 0

    def is_told(self, rows: Rows) -> bool:
        """Whether no part of some records is too small."""
        return all(int((rows & part).sum()) >= self.smallest for part in self.split)


def derived(
    of: Counting, named: Iterable[tuple[str, str]], known: Known, smallest: Mapping[str, int]
) -> Iterator[Derived]:
    """Every figure that can be derived from the records of one extract.

    ``named`` are the tallies there are, by variable and period; ``smallest`` is the least count of
    each variable that may be told.
    """
    for name, period in named:
        if name == "own_assessments_begun":
            yield from _delays(of, period, smallest[name])
        elif name == "own_assessments_under_2":
            yield _soon(of, period, smallest[name])
        elif name == "own_home_measures_ordered":
            yield _waits(of, period, smallest[name])
        elif name == "own_children_in_known_place":
            yield from _trips(of, period, known, smallest[name])


def _fewest(share: float, smallest: int) -> int:
    """Records that a quantile takes, for as many as are withheld to lie on either side of it."""
    return ceil(round(smallest / min(share, 1 - share), 9))


def _lasted(of: Counting, since: str, until: str) -> tuple[Floats, Rows]:
    """Days from one date to another, or to the day of the extract; and whether it has come."""
    rows = of.records
    is_closed = rows[until].notna().to_numpy()
    return _days(rows[since], rows[until].fillna(of.on)), is_closed


def _days(since: pd.Series, until: pd.Series) -> Floats:
    return np.asarray((until - since).dt.days, dtype="float64")


def _quantile(days: Floats, is_closed: Rows, share: float, rows: Rows) -> float | None:
    """The days within which a share of some cases is closed; None where it is not reached yet.

    To the nearest week: the very number of days is that of one case.
    """
    value = delay(days[rows], is_closed[rows]).quantile(share).value
    return None if value is None else WEEK * float(np.round(value / WEEK))


def _percent_within(lasted: Floats, is_closed: Rows, limit: float, rows: Rows) -> float | None:
    """The percentage of some cases closed within a limit; None where none was seen so long."""
    share = delay(lasted[rows], is_closed[rows]).share_within(limit).value
    return None if share is None else 100 * share


def _split(
    of: Counting, period: str, allowed: pd.DateOffset, lasted: Floats, is_closed: Rows, limit: float
) -> tuple[Rows, ...]:
    """What the share closed within a limit tells of beside those that were: late, and not yet due.

    Once everybody's time is up the share is a part of its whole and tells nothing more. Before, it
    tells how many are still open within their time, and so how many are late.
    """
    if Period(f"{period}-12-31") + allowed <= of.on:
        return ()
    is_due = is_closed | (lasted >= limit)
    return ~is_due, is_due & ~(is_closed & (lasted <= limit))


def _delays(of: Counting, period: str, smallest: int) -> Iterator[Derived]:
    """From reception to the end of the assessment: the median, nine in ten, and those in time."""
    days, is_closed = _lasted(of, "received_on", "closed_on")
    whole = "own_assessments_begun"
    for share, word in ((0.5, "median"), (0.9, "p90")):
        yield Derived(
            f"own_assessment_days_{word}",
            period,
            (whole,),
            _fewest(share, smallest),
            partial(_quantile, days, is_closed, share),
        )
    received = of.records["received_on"]
    allowed = pd.DateOffset(months=of.contract.limit_months or 0)
    limit = received + allowed
    # Each case by its own limit, as calendar months are not of one length: 1 is the last day.
    lasted = days / _days(received, limit)
    yield Derived(
        "own_assessments_in_time_share",
        period,
        (whole, "own_assessments_begun_in_time"),
        smallest,
        partial(_percent_within, lasted, is_closed, 1.0),
        _split(of, period, allowed, lasted, is_closed, 1.0),
        smallest,
    )


def _soon(of: Counting, period: str, smallest: int) -> Derived:
    """Children under 2 assessed within the authority's target."""
    days, is_closed = _lasted(of, "received_on", "closed_on")
    target = of.contract.target_days or 0
    return Derived(
        "own_assessments_under_2_in_target_share",
        period,
        ("own_assessments_under_2", "own_assessments_under_2_in_target"),
        smallest,
        partial(_percent_within, days, is_closed, target),
        _split(of, period, pd.DateOffset(days=target), days, is_closed, target),
        smallest,
    )


def _waits(of: Counting, period: str, smallest: int) -> Derived:
    """From the order of a home measure to its beginning; one given up before is censored."""
    rows = of.records
    is_closed = rows["started_on"].notna().to_numpy()
    until = rows["started_on"].fillna(rows["ended_on"]).fillna(of.on)
    days = _days(rows["ordered_on"], until)
    return Derived(
        "own_home_measure_wait_days_median",
        period,
        ("own_home_measures_ordered",),
        _fewest(0.5, smallest),
        partial(_quantile, days, is_closed, 0.5),
    )


def _trips(of: Counting, period: str, known: Known, smallest: int) -> Iterator[Derived]:
    """Minutes from home to place, as travel is declared; only medians are ever told."""
    minutes = trip_minutes(of, known)
    if minutes is None:
        return

    def median(rows: Rows) -> float | None:
        told = minutes[rows]
        told = told[~np.isnan(told)]
        enough = len(told) >= _fewest(0.5, smallest)
        return float(np.round(np.median(told))) if enough else None

    yield Derived(
        "own_home_to_place_minutes_median",
        period,
        ("own_children_in_known_place",),
        _fewest(0.5, smallest),
        median,
    )


def trip_minutes(of: Counting, known: Known) -> Floats | None:
    """Minutes from each record's home to its place; NaN where either is not known."""
    where, seats = areas_of_places(of), _seats(known)
    if where is None or seats.empty:
        return None
    home = seats.index.get_indexer(pd.Index(of.records["area_id"], dtype=object))
    place = seats.index.get_indexer(pd.Index(where, dtype=object))
    travel: Travel = known.catalogue.territory.travel
    made = np.full(len(home), np.nan)
    both = np.flatnonzero((home >= 0) & (place >= 0))
    starts, start = np.unique(home[both], return_inverse=True)
    ends, end = np.unique(place[both], return_inverse=True)
    points = seats.to_numpy(dtype="float64")
    if len(both):
        matrix = straight_line_minutes(
            points[starts], points[ends], travel.detour_factor, travel.speed_kmh
        )
        made[both] = matrix[start, end]
    return made


def _seats(known: Known) -> pd.DataFrame:
    """Longitude and latitude of the seat of each finest area, where a source that was needed has
    them.
    """
    level = known.catalogue.territory.finest_level
    columns = ["seat_longitude", "seat_latitude"]
    for tables in known.tables.values():
        for table in tables.values():
            if {"level", "area_id", *columns} <= set(table.columns):
                rows = table[table["level"] == level].set_index("area_id")
                return rows[columns].dropna()
    return pd.DataFrame(columns=columns)


def detection_gaps(observed: Floats, children: Floats) -> Floats:
    """How far below what is expected the counts of some areas lie, in percent; (n,) like theirs.

    Expected are the rates of the others (indirect standardisation, one stratum), never the area's
    own. NaN where a count or the children are unknown, or no other area is known.

    Three areas of 100 children; the others of the first have 30 for 200, so 15 are expected:

    >>> detection_gaps(np.array([12.0, 10, 20]), np.array([100.0, 100, 100])).tolist()
    [20.0, 37.5, -81.81818181818183]
    """
    made = np.full(len(observed), np.nan)
    known = np.flatnonzero(~np.isnan(observed) & (children > 0))
    if len(known) < 2:
        return made
    events, people = observed[known, np.newaxis], children[known, np.newaxis]
    need = comparative_need(people, Reference(events, people, np.arange(len(known))))
    expected = np.where(need.value > 0, need.value, np.nan)
    made[known] = 100 * (expected - observed[known]) / expected
    return made
