"""Rows in turn are the rows at once, in the same order, however they are asked for."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from geodata.model import AreaKey
from geodata.queries.published import Coverages, Observations, Services, rows, rows_in_turn
from geodata.release import current_release, reading_engine
from geodata.schema import coverage, observation, service


@pytest.fixture(scope="module")
def engine(release_data):
    return reading_engine(current_release(release_data).database)


def series_of(engine, table, name, names):
    """Every level of some series with its periods, in no order."""
    c = table.c
    statement = sa.select(c[name], c.level, c.period).distinct().where(c[name].in_(names))
    with engine.connect() as connection:
        found = pd.read_sql(statement, connection)
    groups = found.groupby([name, "level"], sort=False)["period"]
    return tuple((*key, tuple(periods)) for key, periods in groups)[::-1]


def asked(engine, kind):
    if kind == "services":
        with engine.connect() as connection:
            names = connection.execute(sa.select(service.c.category).distinct()).scalars().all()
        return Services(tuple(names), "commune", AreaKey("departement", "43"))
    if kind == "nothing":
        return Observations(())
    if kind == "coverages":
        with engine.connect() as connection:
            found = connection.execute(sa.select(coverage.c.standard).distinct()).scalars().all()
        assert len(found) > 1
        return Coverages(series_of(engine, coverage, "service", ["childcare"]), tuple(found))
    series = series_of(engine, observation, "indicator", ["rsa_share", "birth_rate"])
    assert len(series) > 4
    return Observations(series)


@pytest.mark.parametrize("kind", ["observations", "coverages", "services", "nothing"])
@pytest.mark.parametrize("at_once", [7, 20_000])
def test_the_parts_make_the_whole(engine, kind, at_once):
    wanted = asked(engine, kind)
    whole = rows(engine, wanted, 100_000, 0)
    parts = list(rows_in_turn(engine, wanted, at_once))
    assert parts  # one at least, for the names of the columns
    assert max(map(len, parts)) <= at_once
    together = pd.concat(parts, ignore_index=True)
    assert together.columns.tolist() == whole.columns.tolist()
    assert len(whole) > 20 or kind == "nothing"
    assert cells(together) == cells(whole)


def cells(frame):
    """The rows as they are told: what is absent is None, whatever the column holds besides."""
    told = frame.astype("object").where(frame.notna(), None)
    return list(told.itertuples(index=False, name=None))
