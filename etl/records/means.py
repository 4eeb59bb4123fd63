"""What is counted of the means: places, those who hold them, and posts."""

from __future__ import annotations

from collections.abc import Iterator

from etl.records.counting import Counting, Period, Tally, days_of_year
from geodata.model import PeriodKind

#: A foster carer of this age or more may soon retire.
NEAR_RETIREMENT = 55


def places(of: Counting, kind: PeriodKind | None, day: Period, name: str) -> Iterator[Tally]:
    """The tallies of one period; see :data:`etl.records.aggregates.COUNTS`."""
    rows = of.records
    ours = rows["area_id"].isin(of.own).to_numpy()
    is_home = of.of_group("establishment")
    size = rows["capacity"].to_numpy(dtype="float64")
    if kind is PeriodKind.YEAR:
        days = days_of_year(rows["authorised_on"], rows["closed_on"], day.year)
        yield Tally(
            "own_place_days",
            name,
            ours & is_home,
            amounts=days * size,
            about_persons=False,
        )
    if kind is not PeriodKind.ON_31_DECEMBER:
        return
    is_open = ours & ((rows["authorised_on"] <= day) & ~(rows["closed_on"] <= day)).to_numpy()
    for code, value in of.contract.columns["kind"].values.items():
        persons = value.group == "person"
        yield Tally(
            f"own_places_{code}",
            name,
            is_open & (rows["kind"] == code).to_numpy(),
            amounts=size,
            about_persons=persons,
        )
    if of.has("holder_birth_year"):
        carers = is_open & of.of_group("person") & of.within("holder_birth_year")
        age = day.year - rows["holder_birth_year"].to_numpy(dtype="float64")
        whole = "own_foster_carers"
        yield Tally(whole, name, carers, is_wide=True)
        yield Tally("own_foster_carers_55", name, carers & (age >= NEAR_RETIREMENT), whole, True)
        yield Tally(None, name, carers & (age < NEAR_RETIREMENT), whole, True)


def staff(of: Counting, kind: PeriodKind | None, _day: Period, name: str) -> Iterator[Tally]:
    """The tallies of one period; see :data:`etl.records.aggregates.COUNTS`."""
    if kind is not None:
        return
    rows = of.records
    share = rows["full_time_equivalents"].to_numpy(dtype="float64")
    for state in of.codes("state"):
        are = (rows["state"] == state).to_numpy()
        yield Tally(f"own_staff_{state}", name, are, amounts=share)
    filled = (rows["state"] == "filled").to_numpy()
    for code in of.codes("function"):
        held = filled & (rows["function"] == code).to_numpy()
        yield Tally(f"own_staff_{code}", name, held, "own_staff_filled", amounts=share)
