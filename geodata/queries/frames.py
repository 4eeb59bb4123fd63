"""Answers as frames, column by column: for questions whose answer has a row for each area."""

from __future__ import annotations

import pandas as pd
import pyarrow
import sqlalchemy as sa

from geodata.model import Status

#: Numbers that are chosen, not counted.
_DECLARED = frozenset({"tau"})


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
    return told(frame)


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows; one that is withheld has no figure, whatever the release holds behind it.

    A release holds nothing there. Should a fault put something there all the same, it stays here:
    every page, file and paper reads a release through these questions.
    """
    if "status" in frame:
        is_withheld = frame["status"] == Status.SUPPRESSED.value
        if is_withheld.any():
            figures = [name for name in frame.select_dtypes("float") if name not in _DECLARED]
            frame.loc[is_withheld, figures] = float("nan")
    return frame
