"""Questions about refreshes: sources, issues, levels that disagree, and past runs."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, figure, issue, reconciliation, run, run_issue, source


def sources(engine: sa.Engine) -> pd.DataFrame:
    """The sources of a release: producer, dates, licence, hash, and rows read and kept."""
    return _frame(engine, sa.select(source).order_by(source.c.source_id))


def published_keys(engine: sa.Engine) -> pd.DataFrame:
    """What each source gave to a release: source_id, variable, level, area_id, period."""
    f = figure.c
    keys = (f.source_id, f.variable, f.level, f.area_id, f.period)
    return _frame(engine, sa.select(*keys).where(f.source_id.is_not(None)))


def issues(engine: sa.Engine) -> pd.DataFrame:
    """The issues a release was published with, gravest first as they were written."""
    return _frame(engine, sa.select(issue).order_by(issue.c.source_id, issue.c.line))


def reconciliations(engine: sa.Engine, variables: tuple[str, ...] = ()) -> pd.DataFrame:
    """Sums of communes beside published totals: variable, period, level, area_id, name, ...

    All variables, or only those named.
    """
    statement = sa.select(reconciliation, area.c.name).join(
        area,
        sa.and_(area.c.level == reconciliation.c.level, area.c.area_id == reconciliation.c.area_id),
    )
    if variables:
        statement = statement.where(reconciliation.c.variable.in_(variables))
    r = reconciliation.c
    return _frame(engine, statement.order_by(r.variable, r.period, r.level, r.area_id))


def runs(state: sa.Engine, limit: int = 20) -> pd.DataFrame:
    """The latest refreshes, newest first: run_id, started_at, ended_at, outcome, release_id..."""
    return _frame(state, sa.select(run).order_by(run.c.run_id.desc()).limit(limit))


def run_issues(state: sa.Engine, run_id: int) -> pd.DataFrame:
    """The issues of one refresh, in the order they were found."""
    statement = (
        sa.select(run_issue).where(run_issue.c.run_id == run_id).order_by(run_issue.c.run_issue_id)
    )
    return _frame(state, statement)


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)
