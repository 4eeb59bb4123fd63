"""Small extracts made by hand, and what is counted of them."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from etl.records.aggregates import tallies
from etl.records.contracts.loader import contracts
from etl.records.counting import Counting, ordered
from etl.records.vault import Extract

OWN = frozenset(("43001", "43002", "43003"))


@pytest.fixture(scope="session")
def typed():
    """Rows typed as the door types them: ``typed("own_measures", [{...}, ...])``."""

    def made(name, rows):
        contract = contracts()[name]
        frame = pd.DataFrame(rows)
        columns = {}
        for column in contract.columns.values():
            if column.is_of_file:
                continue
            cells = frame.get(column.name, pd.Series([None] * len(frame), dtype=object))
            if column.type == "date":
                columns[column.name] = pd.to_datetime(cells).astype("datetime64[s]")
            elif column.type in ("whole", "number"):
                columns[column.name] = pd.to_numeric(cells).astype("float64")
            else:
                columns[column.name] = cells.astype(object)
        made = pd.DataFrame(columns)
        key = contract.key.name
        made[key] = made[key].fillna(pd.Series([f"n{i:04d}" for i in range(len(made))]))
        return made

    return made


@pytest.fixture(scope="session")
def counting(typed):
    """What is counted of some rows, extracted on a day and complete since another."""

    def made(name, rows, on=date(2026, 6, 30), since=date(2023, 1, 1), own=OWN, **beside):
        extract = Extract(name, "", "", on, since, False, len(rows))
        contract = contracts()[name]
        others = {other: typed(other, of) for other, of in beside.items()}
        return Counting(contract, ordered(typed(name, rows), contract), extract, own, others)

    return made


@pytest.fixture(scope="session")
def counts(counting):
    """What each variable comes to, by variable and period, before anything is protected."""

    def made(name, rows, **how):
        of = counting(name, rows, **how)
        return {
            (t.name, t.period): t.rows.sum() if t.amounts is None else t.amounts[t.rows].sum()
            for t in tallies(of)
            if t.name is not None
        }

    return made
