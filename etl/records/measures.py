"""What is counted of measures: in force, ordered, ended; and of the children who have them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from etl.records.counting import (
    AGAIN,
    CENSUS_CHILD,
    Counting,
    Period,
    Rows,
    Tally,
    days_of_year,
    is_followed,
)
from geodata.model import PeriodKind

#: Bands of age, in whole years, that children with a measure are counted in.
BANDS = ((0, 5), (6, 10), (11, 14), (15, 17), (18, 20))
SEXES = {"f": "girls", "m": "boys"}
#: Minors of the areas in which they are counted so: in smaller ones next to nothing could be told.
FEWEST_BY_AGE = 3000
#: Months over which the places of a child are counted, and how many of them are many.
MOVES, MANY_PLACES = pd.DateOffset(months=24), 3
#: The groups of kinds, and those of the kinds whose places have nights to count.
GROUPS = ("home", "placement")
#: Children with a measure, and those of them who are placed in a known place.
CHILDREN, IN_KNOWN_PLACE = "own_children_with_measure", "own_children_in_known_place"


def measures(of: Counting, kind: PeriodKind | None, day: Period, name: str) -> Iterator[Tally]:
    """The tallies of one period; see :data:`etl.records.aggregates.COUNTS`."""
    if kind is PeriodKind.YEAR:
        yield from _flows(of, day, name)
        yield from _ordered(of, day, name)
        yield from _back_home(of, day, name)
        yield from _nights(of, day, name)
    elif kind is PeriodKind.ON_31_DECEMBER:
        yield from _in_force(of, day, name)
        yield from _children(of, day, name)
        yield from _waiting(of, day, name)
        yield from _placed(of, day, name)
    else:
        yield Tally("own_children_with_measure_on_day", name, _with_measure(of, day))


def running(of: Counting, day: Period) -> Rows:
    """Which measures are in force at the end of a day."""
    rows = of.records
    return ((rows["started_on"] <= day) & ~(rows["ended_on"] <= day)).to_numpy()


def _flows(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    for column, word in (("started_on", "started"), ("ended_on", "ended")):
        moved = (of.records[column].dt.year == day.year).to_numpy() & of.within("started_on")
        yield Tally(f"own_measures_{word}", name, moved)
        for group in GROUPS:
            rows = moved & of.of_group(group)
            yield Tally(f"own_{group}_measures_{word}", name, rows, f"own_measures_{word}")


def _in_force(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    whole, in_force = "own_measures_in_force", running(of, day)
    yield Tally(whole, name, in_force)
    for code in of.codes("kind"):
        rows = in_force & (of.records["kind"] == code).to_numpy()
        yield Tally(f"own_measures_{code}", name, rows, whole)
    for group in GROUPS:
        for who in of.codes("decided_by"):
            rows = in_force & of.of_group(group) & (of.records["decided_by"] == who).to_numpy()
            yield Tally(f"own_{group}_measures_{who}", name, rows, whole)


def _children(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    """Children with a measure, each once: by age and sex, with a plan, in a known place."""
    whole, in_force = CHILDREN, running(of, day)
    somewhere, children = _somewhere(of, day), _with_measure(of, day)
    yield Tally(whole, name, children, is_wide=True)
    yield Tally(None, name, in_force & ~children, "own_measures_in_force")
    ages = of.ages(day)
    young = children & (ages < CENSUS_CHILD)
    yield Tally("own_children_0_14_with_measure", name, young, whole, is_wide=True, facet="age")
    yield Tally(None, name, children & ~young, whole, is_wide=True, facet="age")
    left = children.copy()
    for letter, sex in SEXES.items():
        for first, last in BANDS:
            rows = children & (ages >= first) & (ages < last + 1)
            rows = rows & (of.records["sex"] == letter).to_numpy()
            left &= ~rows
            yield Tally(
                f"own_children_{sex}_{first}_{last}",
                name,
                rows,
                whole,
                is_wide=True,
                facet="age",
                fewest_people=FEWEST_BY_AGE,
            )
    if left.any():
        yield Tally(None, name, left, whole, is_wide=True, facet="age")
    if of.has("plan_signed_on"):
        signed = in_force & (of.records["plan_signed_on"] <= day).to_numpy()
        who = set(of.records.loc[signed, "child_id"])
        rows = children & of.records["child_id"].isin(who).to_numpy()
        yield Tally("own_children_with_plan", name, rows, whole, is_wide=True, facet="plan")
        yield Tally(None, name, children & ~rows, whole, is_wide=True, facet="plan")
    if somewhere is not None:
        yield Tally(IN_KNOWN_PLACE, name, somewhere, whole, is_wide=True, facet="place")
        yield Tally(None, name, children & ~somewhere, whole, is_wide=True, facet="place")


def _with_measure(of: Counting, day: Period) -> Rows:
    """Children with a measure on a day, each once.

    Those in a known place are part of them: the same record stands for a child in both.
    """
    in_force, somewhere = running(of, day), _somewhere(of, day)
    if somewhere is None:
        return of.first_of(in_force)
    is_named = of.records["child_id"].isin(of.records.loc[somewhere, "child_id"]).to_numpy()
    return somewhere | of.first_of(in_force & ~is_named)


def _ordered(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    """Measures ordered in the year: home support, and placements that a judge ordered."""
    if not of.has("ordered_on"):
        return
    rows = of.records
    in_year = (rows["ordered_on"].dt.year == day.year).to_numpy()
    home = in_year & of.of_group("home")
    yield Tally("own_home_measures_ordered", name, home, is_wide=True)
    days = of.contract.begun_within_days
    if days is None or day + pd.DateOffset(days=days) > of.on:
        return
    placed = in_year & of.of_group("placement") & (rows["decided_by"] == "judicial").to_numpy()
    begun = (rows["started_on"] <= rows["ordered_on"] + pd.DateOffset(days=days)).to_numpy()
    whole = "own_placements_ordered"
    yield Tally(whole, name, placed)
    yield Tally("own_placements_not_begun", name, placed & ~begun, whole)
    yield Tally(None, name, placed & begun, whole)


def _waiting(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    """Home support ordered by a day: what has not begun, beside what is in force."""
    if not of.has("ordered_on"):
        return
    rows = of.records
    is_due = (rows["ordered_on"] <= day) & ~(rows["started_on"] <= day) & ~(rows["ended_on"] <= day)
    home = of.of_group("home")
    waits, runs = home & is_due.to_numpy(), home & running(of, day)
    whole = "own_home_measures_due"
    yield Tally(whole, name, waits | runs, is_wide=True)
    yield Tally("own_home_measures_waiting", name, waits, whole, is_wide=True)
    yield Tally(None, name, runs, whole, is_wide=True)


def _back_home(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    """Children whose placement ended at home, and those placed again within a year."""
    if not of.has("left_for") or day + AGAIN > of.on:
        return
    rows = of.records
    left = (rows["ended_on"].dt.year == day.year) & (rows["left_for"] == "home")
    home = of.first_of(left.to_numpy() & of.of_group("placement"))
    placed = rows[of.of_group("placement")]
    again = home & is_followed(rows, "ended_on", placed, "started_on", AGAIN)
    whole = "own_children_back_home"
    yield Tally(whole, name, home)
    yield Tally("own_children_placed_again", name, again, whole)
    yield Tally(None, name, home & ~again, whole)


def _placed(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    """Children in a placement: how far, out of the territory, and in how many places."""
    placed = running(of, day) & of.of_group("placement")
    where, somewhere = areas_of_places(of), _somewhere(of, day)
    if where is not None and somewhere is not None:
        away = somewhere & ~where.isin(of.own).to_numpy()
        yield Tally("own_children_placed_outside", name, away, IN_KNOWN_PLACE)
        yield Tally(None, name, somewhere & ~away, IN_KNOWN_PLACE)
    before = day - MOVES
    if Period(of.extract.covered_since) > before:
        return
    rows = of.records
    then = running(of, before) & of.of_group("placement")
    long = of.first_of(placed & rows["child_id"].isin(rows.loc[then, "child_id"]).to_numpy())
    since = (rows["started_on"] <= day) & ~(rows["ended_on"] <= before)
    stays = rows[since & of.of_group("placement")]
    places = stays["place_id"].fillna(stays["measure_id"]).groupby(stays["child_id"]).nunique()
    many = long & rows["child_id"].map(places).ge(MANY_PLACES).to_numpy()
    whole = "own_children_placed_24_months"
    yield Tally(whole, name, long)
    yield Tally("own_children_in_many_places", name, many, whole)
    yield Tally(None, name, long & ~many, whole)


def _somewhere(of: Counting, day: Period) -> Rows | None:
    """Children placed in a known place on a day, each once; None where no place is known."""
    where = areas_of_places(of)
    if where is None:
        return None
    placed = running(of, day) & of.of_group("placement")
    return of.first_of(placed & where.notna().to_numpy())


def areas_of_places(of: Counting) -> pd.Series | None:
    """The finest area of each measure's place; None where the places are not there."""
    places = of.beside.get("own_places")
    if places is None or "place_id" not in of.records:
        return None
    return of.records["place_id"].map(places.set_index("place_id")["area_id"])


def _nights(of: Counting, day: Period, name: str) -> Iterator[Tally]:
    """Days that children of ours spent in the year in the establishments of the territory."""
    places = of.beside.get("own_places")
    if places is None:
        return
    kinds = of.records["place_id"].map(places.set_index("place_id")["kind"])
    where = areas_of_places(of)
    assert where is not None, "the places are there"
    is_home = kinds.notna() & (kinds != "foster_family") & where.isin(of.own)
    days = days_of_year(of.records["started_on"], of.records["ended_on"], day.year)
    yield Tally("own_place_days_used", name, is_home.to_numpy() & (days > 0), amounts=days)
