"""Frames read by column are those that pandas reads row by row."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa

from geodata import schema
from geodata.queries.frames import frame_of, told
from geodata.release import current_release, reading_engine

ROWS = sa.text(
    "SELECT * FROM (VALUES"
    " (1::INTEGER, 2::UTINYINT, 1.5::DOUBLE, 'Le Puy', TRUE, DATE '2024-01-31', NULL::INTEGER),"
    " (2::INTEGER, 255::UTINYINT, NULL, NULL, FALSE, NULL, 7::INTEGER)"
    ") AS t(whole, small, real, text, is_true, day, lacking) ORDER BY whole"
).columns(
    *(sa.column(name) for name in ("whole", "small", "real", "text", "is_true", "day", "lacking"))
)


@pytest.fixture(scope="module")
def engine(release_data):
    return reading_engine(current_release(release_data).database)


def test_each_kind_of_column(engine):
    found = frame_of(engine, sa.select(ROWS.subquery()).order_by("whole"))
    assert found["whole"].tolist() == [1, 2]
    assert (found["whole"].dtype, found["small"].dtype) == ("int64", "int64")
    assert (found["small"] + 1).tolist() == [3, 256]  # no wrap of a small type
    assert found["real"].isna().tolist() == [False, True]
    assert found["text"].tolist()[0] == "Le Puy"
    assert found["text"].isna().tolist() == [False, True]
    assert found["is_true"].tolist() == [True, False]
    assert found["day"].tolist()[0] == date(2024, 1, 31)
    assert found["lacking"].dtype == "float64"
    assert found["lacking"].tolist()[1] == 7.0


@pytest.mark.parametrize("name", ["observation", "area_membership", "tested_trend", "inequality"])
def test_tables_of_a_release_read_the_same(engine, name):
    table = getattr(schema, name)
    statement = sa.select(table).order_by(*table.c).limit(500)
    with engine.connect() as connection:
        rows = pd.read_sql(statement, connection)
    assert len(rows) > 10
    pd.testing.assert_frame_equal(frame_of(engine, statement), rows, check_dtype=False)


def test_no_row_keeps_the_columns(engine):
    table = schema.observation
    found = frame_of(engine, sa.select(table).where(table.c.level == "nowhere"))
    assert found.empty
    assert found.columns.tolist() == [column.name for column in table.c]


def test_what_is_withheld_has_no_figure_whatever_lies_behind_it():
    frame = pd.DataFrame(
        {
            "status": ["observed", "suppressed", "missing"],
            "value": [1.0, 7391846.25, float("nan")],
            "low": [0.5, 7391846.25, float("nan")],
            "tau": [0.4, 0.4, 0.4],
            "fid": [0, 1, 2],
        }
    )
    found = told(frame.copy())
    assert found["value"].isna().tolist() == found["low"].isna().tolist() == [False, True, True]
    pd.testing.assert_frame_equal(found[["status", "tau", "fid"]], frame[["status", "tau", "fid"]])
    pd.testing.assert_frame_equal(told(frame[["value"]]), frame[["value"]])
