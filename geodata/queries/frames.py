"""Answers as frames, column by column: for questions whose answer has a row for each area."""

from __future__ import annotations

import pandas as pd
import pyarrow
import sqlalchemy as sa


def frame_of(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    """The rows of a statement, as `pandas.read_sql` types them, without a Python object a cell.

    Whole numbers are int64, or float64 where one is absent; text is str, absent text missing.
    """
    with engine.connect() as connection:
        table: pyarrow.Table = connection.execute(statement).cursor.to_arrow_table()
    columns = [
        column.cast(pyarrow.int64()) if pyarrow.types.is_integer(column.type) else column
        for column in table.itercolumns()
    ]
    frame: pd.DataFrame = pyarrow.table(columns, names=table.column_names).to_pandas()
    return frame
