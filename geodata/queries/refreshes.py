"""Questions about refreshes: sources, issues, levels that disagree, and past runs."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import sqlalchemy as sa

from geodata.schema import area, change, figure, issue, reconciliation, source, told
from geodata.state_schema import held_row, run, run_issue, run_step

#: The account of a source's rows: read = loaded + quarantined + dropped.
ROW_COUNTS = ("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped")


def sources(engine: sa.Engine) -> pd.DataFrame:
    """The sources of a release: producer, dates, licence, hash, and rows read and kept."""
    return _frame(engine, sa.select(source).order_by(source.c.source_id))


def published_figures(engine: sa.Engine, source_id: str) -> pd.DataFrame:
    """What a source gave to a release: variable, level, area_id, period, value, status."""
    f = figure.c
    return _frame(
        engine,
        sa.select(f.variable, f.level, f.area_id, f.period, f.value, f.status).where(
            f.source_id == source_id
        ),
    )


def told_figures(engine: sa.Engine, source_ids: Collection[str]) -> pd.DataFrame:
    """What a release and those before it told of sources: the columns of the table ``told``.

    Of a release made before there was that table, what it told itself.
    """
    if sa.inspect(engine).has_table(told.name):
        return _frame(engine, sa.select(told).where(told.c.source_id.in_(list(source_ids))))
    f, is_invented = figure.c, sa.func.coalesce(source.c.is_invented, sa.false())
    statement = (
        sa.select(
            *(f.variable, f.level, f.area_id, f.period, f.value, f.source_id),
            is_invented.label("is_invented"),
        )
        .join(source, source.c.source_id == f.source_id)
        .where(f.source_id.in_(list(source_ids)), f.value.is_not(None))
    )
    return _frame(engine, statement)


def changes(engine: sa.Engine) -> pd.DataFrame:
    """What a release changes against the one it was made on: kind, indicator, level, ..."""
    c = change.c
    return _frame(
        engine, sa.select(change).order_by(c.kind, c.indicator, c.level, c.area_id, c.period)
    )


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


def run_steps(state: sa.Engine, run_id: int) -> pd.DataFrame:
    """What each step of a refresh cost: step, is_reused, seconds, peak_bytes, rows."""
    statement = sa.select(run_step).where(run_step.c.run_id == run_id)
    return _frame(state, statement.order_by(run_step.c.seconds.desc(), run_step.c.step))


def held_rows(state: sa.Engine, source_id: str | None = None) -> pd.DataFrame:
    """The rows in quarantine, each with its reason and its cells (JSON), of one source or all."""
    h = held_row.c
    statement = sa.select(held_row).order_by(h.source_id, h.line)
    return _frame(state, statement.where(h.source_id == source_id) if source_id else statement)


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)
