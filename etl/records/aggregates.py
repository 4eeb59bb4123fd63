"""Records become counts, and only counts go on.

Until disclosure control covers every table, counts about persons are given for the whole territory
alone, and a count of 1 to 4 is not given: the whole minus its parts can then reveal nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from etl.records.contracts.loader import Contract, contracts
from etl.records.vault import Extract
from etl.source import Known
from geodata.catalogue.nouns import Territory
from geodata.model import AreaKey, PeriodKind, Status

#: A count of persons from 1 to one less than this is suppressed.
SMALLEST = 5
#: Whether persons are counted in the areas between the finest and the whole too. Not before
#: disclosure control: areas that cross, and a whole minus its parts, tell what each hides.
PERSONS_WITHIN = False

COLUMNS = ("variable", "level", "area_id", "period", "value", "status", "source_id")
Period = pd.Timestamp


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts that add up to one whole: all of them are given, or none is.

    ``persons`` is how many rows about persons stand behind each; None: they are not about persons.
    A name of None is a remainder: it is checked like the others and never written.
    """

    values: Mapping[str | None, float]
    persons: Mapping[str | None, int] | None

    @property
    def is_safe(self) -> bool:
        """Whether none of them tells of one to four persons."""
        return self.persons is None or not any(0 < n < SMALLEST for n in self.persons.values())

    def told(self) -> Iterator[tuple[str, tuple[float | None, str]]]:
        """Name, then value and status, of each count that is written."""
        safe = self.is_safe
        status = Status.OBSERVED if safe else Status.SUPPRESSED
        for name, value in self.values.items():
            if name is not None:
                yield name, (float(value) if safe else None, str(status))


def _of(values: Mapping[str | None, int]) -> Counts:
    return Counts(values, values)


def figures(
    contract: Contract, records: pd.DataFrame, extract: Extract, known: Known
) -> pd.DataFrame:
    """The rows of the table ``figure`` that one extract gives.

    Parameters
    ----------
    records: typed and pseudonymised rows, as the zone keeps them.

    Returns
    -------
    variable, level, area_id, period, value, status, source_id. A suppressed count has no value.
    Years and 31 Decembers that the extract does not cover whole are not given.
    """
    rows: list[tuple[object, ...]] = []
    territory = known.catalogue.territory
    for about_persons, subset in _halves(contract, records):
        count = COUNTS[contract.id]
        nothing: dict[
            tuple[PeriodKind | None, str], list[Counts]
        ] = {}  # most small areas have no place: counted once
        for area, part in _areas(subset, about_persons, territory, membership(known)):
            for kind, day, period in periods(extract):
                found = nothing.get((kind, period)) if part.empty else None
                if found is None:
                    found = list(count(contract, part, extract, kind, day, about_persons))
                if part.empty:
                    nothing[kind, period] = found
                rows += [
                    (name, area.level, area.area_id, period, *told)
                    for counts in found
                    for name, told in counts.told()
                ]
    made = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    made["value"] = made["value"].astype("float64")
    return made.assign(source_id=extract.source_id)


def membership(known: Known) -> pd.DataFrame:
    """The staged table ``area_membership``, empty when the source was not asked for."""
    for tables in known.tables.values():
        if "area_membership" in tables:
            return tables["area_membership"]
    return pd.DataFrame(columns=["level", "area_id", "parent_level", "parent_id"])


def own_areas(known: Known) -> frozenset[str]:
    """Codes of the finest areas that belong to the territory."""
    territory = known.catalogue.territory
    table = membership(known)
    inside = (
        (table["level"] == territory.finest_level)
        & (table["parent_level"] == territory.area.level)
        & (table["parent_id"] == territory.area.area_id)
    )
    return frozenset(table.loc[inside, "area_id"])


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


def _halves(contract: Contract, records: pd.DataFrame) -> list[tuple[bool, pd.DataFrame]]:
    """What is about persons, and what is not: places that are establishments."""
    if contract.id != "own_places":
        return [(True, records)]
    families = [c for c, v in contract.columns["kind"].values.items() if v.group == "person"]
    at_home = records["kind"].isin(families)
    return [(True, records[at_home]), (False, records[~at_home])]


def _areas(
    records: pd.DataFrame, about_persons: bool, territory: Territory, members: pd.DataFrame
) -> Iterator[tuple[AreaKey, pd.DataFrame]]:
    """Each area that may be counted in, with its records; the whole takes all of them."""
    yield territory.area, records
    if about_persons and not PERSONS_WITHIN:
        return
    ours = members[(members["level"] == territory.finest_level)]
    inside = ours.loc[
        (ours["parent_level"] == territory.area.level)
        & (ours["parent_id"] == territory.area.area_id),
        "area_id",
    ]
    if not about_persons:
        for area_id in sorted(inside):
            key = AreaKey(territory.finest_level, area_id)
            yield key, records[records["area_id"] == area_id]
    between = {level.id for level in territory.levels} - {
        territory.finest_level,
        territory.area.level,
        territory.country.level,
    }
    above = ours[ours["parent_level"].isin(between) & ours["area_id"].isin(inside)]
    for (level, parent), parts in above.groupby(["parent_level", "parent_id"]):
        yield AreaKey(str(level), str(parent)), records[records["area_id"].isin(parts["area_id"])]


def _concerns(
    contract: Contract,
    part: pd.DataFrame,
    _extract: Extract,
    kind: PeriodKind | None,
    day: Period,
    _persons: bool,
) -> Iterator[Counts]:
    if kind is PeriodKind.YEAR:
        received = part[part["received_on"].dt.year == day.year]
        yield _of({"own_concerns_received": len(received)})
        yield _of(_by(received["source"], contract, "source", "own_concerns_from_"))


def _assessments(
    contract: Contract,
    part: pd.DataFrame,
    _extract: Extract,
    kind: PeriodKind | None,
    day: Period,
    _persons: bool,
) -> Iterator[Counts]:
    limit = part["received_on"] + pd.DateOffset(months=contract.limit_months or 0)
    if kind is PeriodKind.YEAR:
        is_closed = part["closed_on"].dt.year == day.year
        closed, late = part[is_closed], int((is_closed & (part["closed_on"] > limit)).sum())
        yield _of({"own_assessments_closed": len(closed)})
        yield _of({"own_assessments_closed_late": late, None: len(closed) - late})
        yield _of(_by(closed["decision"], contract, "decision", "own_assessments_concluded_"))
        return
    is_open = (part["opened_on"] <= day) & ~(part["closed_on"] <= day)
    if kind is PeriodKind.ON_31_DECEMBER:
        yield _of({"own_assessments_open": int(is_open.sum())})
        return
    late = int((is_open & (limit < day)).sum())
    yield _of({"own_assessments_open_on_day": int(is_open.sum())})
    yield _of({"own_assessments_open_late": late, None: int(is_open.sum()) - late})


def _measures(
    contract: Contract,
    part: pd.DataFrame,
    _extract: Extract,
    kind: PeriodKind | None,
    day: Period,
    _persons: bool,
) -> Iterator[Counts]:
    groups = {code: str(v.group) for code, v in contract.columns["kind"].values.items()}
    if kind is PeriodKind.YEAR:
        started = part[part["started_on"].dt.year == day.year]
        ended = part[part["ended_on"].dt.year == day.year]
        yield _of({"own_measures_started": len(started), "own_measures_ended": len(ended)})
        yield _of(
            {
                f"own_{group}_measures_{word}": int(rows["kind"].map(groups).eq(group).sum())
                for group in dict.fromkeys(groups.values())
                for word, rows in (("started", started), ("ended", ended))
            }
        )
    elif kind is PeriodKind.ON_31_DECEMBER:
        running = part[(part["started_on"] <= day) & ~(part["ended_on"] <= day)]
        children = running["child_id"].nunique()
        yield _of({"own_measures_in_force": len(running)})
        yield _of({"own_children_with_measure": children, None: len(running) - children})
        yield _of(_by(running["kind"], contract, "kind", "own_measures_"))
        grouped = running["kind"].map(groups)
        yield _of(
            {
                f"own_{group}_measures_{who}": int(
                    ((grouped == group) & (running["decided_by"] == who)).sum()
                )
                for group in dict.fromkeys(groups.values())
                for who in contract.columns["decided_by"].values
            }
        )


def _places(
    contract: Contract,
    part: pd.DataFrame,
    _extract: Extract,
    kind: PeriodKind | None,
    day: Period,
    persons: bool,
) -> Iterator[Counts]:
    if kind is not PeriodKind.ON_31_DECEMBER:
        return
    is_open = (part["authorised_on"] <= day) & ~(part["closed_on"] <= day)
    for code, value in contract.columns["kind"].values.items():
        if (value.group == "person") == persons:
            homes = part[is_open & (part["kind"] == code)]
            name = f"own_places_{code}"
            yield Counts({name: homes["capacity"].sum()}, {name: len(homes)} if persons else None)


def _staff(
    contract: Contract,
    part: pd.DataFrame,
    _extract: Extract,
    kind: PeriodKind | None,
    _day: Period,
    _persons: bool,
) -> Iterator[Counts]:
    if kind is None:
        posts = {code: part[part["state"] == code] for code in contract.columns["state"].values}
        names = {code: f"own_staff_{code}" for code in posts}
        yield Counts(
            {
                names[code]: round(float(rows["full_time_equivalents"].sum()), 2)
                for code, rows in posts.items()
            },
            {names[code]: len(rows) for code, rows in posts.items()},
        )


def _by(codes: pd.Series, contract: Contract, column: str, start: str) -> dict[str | None, int]:
    """How many rows have each code of a column; an empty cell is a remainder."""
    found = codes.value_counts()
    values = contract.columns[column].values
    made: dict[str | None, int] = {f"{start}{c}": int(found.get(c, 0)) for c in values}
    made[None] = len(codes) - sum(made.values())
    return made


#: How the records of each contract are counted, for one area and one period.
COUNTS: dict[
    str,
    Callable[[Contract, pd.DataFrame, Extract, PeriodKind | None, Period, bool], Iterator[Counts]],
] = {
    "own_concerns": _concerns,
    "own_assessments": _assessments,
    "own_measures": _measures,
    "own_places": _places,
    "own_staff": _staff,
}


def variables(contract_id: str) -> tuple[str, ...]:
    """Every variable that a contract's records can give, each once."""
    contract = contracts()[contract_id]
    empty = pd.DataFrame({name: [] for name in contract.columns}).astype(
        {
            c.name: "datetime64[s]" if c.type == "date" else "float64" if c.maximum else "object"
            for c in contract.columns.values()
        }
    )
    day = Period(year=2000, month=12, day=31)
    whole = Extract(contract_id, "", "", day.date(), day.date(), False, 0)
    found: dict[str, None] = {}
    for kind in (PeriodKind.YEAR, PeriodKind.ON_31_DECEMBER, None):
        for persons in (True, False):
            for counts in COUNTS[contract_id](contract, empty, whole, kind, day, persons):
                found |= dict.fromkeys(name for name in counts.values if name is not None)
    return tuple(found)
