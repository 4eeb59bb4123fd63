"""What is counted of each extract: which records stand behind each figure, for each period.

A tally is told of an area by counting those of its records that live there. Those that are told in
the areas between the finest and the whole are ``wide``; the others are told of the whole alone,
because many small numbers side by side leave none that can be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.records.contracts.loader import Contract
from etl.records.vault import Extract
from geodata.model import PeriodKind

Rows = npt.NDArray[np.bool_]
Period = pd.Timestamp
#: Somebody is a child of the census's first age band until this age, in whole years.
CENSUS_CHILD = 15
#: Months within which a child whose case was closed, or who went home, is looked for again.
AGAIN = pd.DateOffset(months=12)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """A count: ``rows`` says which records it counts, (n,) of the extract's n.

    Args:
        name: the variable; None for a remainder, which is checked as the others and never told.
        period: as it is written.
        amounts: what each record adds to the value, (n,); None where it is counted once.
        part_of: the tally of the same period that all of its rows are in, or, of one that ties
            periods, the tally whose profile it is protected by.
        about_persons: whether a record is about somebody; an establishment is not.
        worth: how much more its loss would cost than that of another count as large.
        facet: of those that split one whole in several ways, which way; they are protected way by
            way, the whole first.
        fewest_people: minors of the areas between that it is told of, where that is more than its
            profile asks for.
        may_be_told: whether it may be told at all, here and now.
        is_known: whether an earlier release told it of the whole, under a name that this one does
            not give again.
    """

    name: str | None
    period: str
    rows: Rows
    part_of: str | None = None
    is_wide: bool = False
    amounts: npt.NDArray[np.float64] | None = None
    about_persons: bool = True
    worth: float = 1.0
    facet: str = ""
    fewest_people: int = 0
    may_be_told: bool = True
    is_known: bool = False

    def __post_init__(self) -> None:
        """Amounts of persons are told of the whole alone: only counts are protected by area."""
        if self.is_wide and self.amounts is not None:
            raise ValueError(f"{self.name}: a count told in every area adds up no amounts")


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """What is counted: the records of one extract, and those of others beside it.

    ``own`` are the finest areas of the territory; ``beside`` has the records of other extracts by
    source, only where they are there under the same key. ``told_on`` are the days of the earlier
    extracts whose own day's counts of the whole were told, by variable.
    """

    contract: Contract
    records: pd.DataFrame
    extract: Extract
    own: frozenset[str]
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    told_on: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)

    @property
    def on(self) -> Period:
        """The day of the extract."""
        return Period(self.extract.extracted_on)

    def within(self, name: str) -> Rows:
        """Which records have this column filled."""
        return self.records[name].notna().to_numpy()

    def has(self, name: str) -> bool:
        """Whether the extract fills an optional column at all."""
        return name in self.records and bool(self.records[name].notna().any())

    def codes(self, column: str) -> tuple[str, ...]:
        """The codes that the contract allows in a column."""
        return tuple(self.contract.columns[column].values)

    def of_group(self, group: str) -> Rows:
        """Which records are of a kind of this group."""
        kinds = [c for c, v in self.contract.columns["kind"].values.items() if v.group == group]
        return self.records["kind"].isin(kinds).to_numpy()

    def ages(self, on: pd.Series | Period) -> npt.NDArray[np.float64]:
        """Whole years of each record's child on a day, from its month of birth; NaN unknown."""
        if "birth_month" not in self.records:
            return np.full(len(self.records), np.nan)
        born = pd.to_datetime(self.records["birth_month"], format="%Y-%m")
        at = on if isinstance(on, pd.Series) else pd.Series(on, index=self.records.index)
        months = (at.dt.year - born.dt.year) * 12 + at.dt.month - born.dt.month
        return np.floor(months.to_numpy(dtype="float64") / 12)

    def first_of(self, rows: Rows, by: str = "child_id") -> Rows:
        """One record of each child among ``rows``: the first, in the records' order."""
        kept = rows.copy()
        kept[rows] = ~self.records.loc[rows, by].duplicated().to_numpy()
        return kept


def ordered(records: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The records in an order of their own, so that a child's first one is always the same."""
    dates = [c.name for c in contract.columns.values() if c.type == "date" and c.name in records]
    by = [*dates[:1], contract.key.name]
    return records.sort_values([name for name in by if name in records], ignore_index=True)


def periods(extract: Extract) -> Iterator[tuple[PeriodKind | None, Period, str]]:
    """Whole years and 31 Decembers that the extract covers, then its own day (kind None)."""
    since, on = extract.covered_since, extract.extracted_on
    for year in range(since.year, on.year + 1):
        end = Period(year=year, month=12, day=31)
        if end <= Period(on):
            if Period(since) <= Period(year=year, month=1, day=1):
                yield PeriodKind.YEAR, end, str(year)
            yield PeriodKind.ON_31_DECEMBER, end, str(year)
    yield None, Period(on), on.isoformat()


def is_followed(
    rows: pd.DataFrame, since: str, others: pd.DataFrame, at: str, within: pd.DateOffset
) -> Rows:
    """Which rows a later one of the same child follows: after ``since``, within so long of it.

    Calendar months: what comes on the same day a year later is within twelve months.
    """
    first = pd.DataFrame({"row": np.arange(len(rows)), "child_id": rows["child_id"].to_numpy()})
    first["since"] = rows[since].to_numpy()
    pairs = first.dropna().merge(others[["child_id", at]].dropna(), on="child_id")
    fits = (pairs[at] > pairs["since"]) & (pairs[at] <= pairs["since"] + within)
    found = np.zeros(len(rows), dtype=np.bool_)
    found[pairs.loc[fits, "row"].unique()] = True
    return found


def days_of_year(started: pd.Series, ended: pd.Series, year: int) -> npt.NDArray[np.float64]:
    """(n,) the days of a year from the start of each to its end, the last day not counted."""
    first, last = np.datetime64(f"{year}-01-01", "s"), np.datetime64(f"{year + 1}-01-01", "s")
    start = np.maximum(started.fillna(Period(last)).to_numpy(dtype="datetime64[s]"), first)
    end = np.minimum(ended.fillna(Period(last)).to_numpy(dtype="datetime64[s]"), last)
    return np.asarray(np.maximum((end - start) / np.timedelta64(1, "D"), 0.0), dtype="float64")
