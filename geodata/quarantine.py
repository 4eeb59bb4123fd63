"""Rows held back, and what officers did to mend them: kept with the state, by the file's hash."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa

from geodata.state import Engine, now, reading, writing
from geodata.state_schema import held_row, mend

#: Line -> column -> text, by source id and hash of the file.
Mends = dict[tuple[str, str], dict[int, dict[str, str]]]


def write_held(
    engine: Engine, run_id: int, source_id: str, sha256: str, file: str, held: pd.DataFrame
) -> None:
    """Put down the rows of a source's file that are held back now, in place of earlier ones.

    ``held`` has the columns line, code, column, message_fr, message_en, mend_fr, mend_en, cells.
    """
    told = {"source_id": source_id, "sha256": sha256, "file": file, "run_id": run_id}
    cleaned = held.astype("object").where(held.notna(), None)
    rows = [{str(k): v for k, v in row.items()} for row in cleaned.to_dict("records")]
    with writing(engine) as connection:
        connection.execute(held_row.delete().where(held_row.c.source_id == source_id))
        if rows:
            moment = now()
            connection.execute(held_row.insert(), [{**told, **r, "found_at": moment} for r in rows])


def write_mends(
    engine: Engine,
    source_id: str,
    sha256: str,
    cells: Mapping[int, Mapping[str, str]],
    mended_by: str,
) -> None:
    """Put down corrections of some lines of one very file.

    A later correction of a cell replaces an earlier one; those of the line's other cells stay.
    """
    same = (mend.c.source_id == source_id) & (mend.c.sha256 == sha256)
    with writing(engine) as connection:
        found = connection.execute(sa.select(mend.c.line, mend.c.cells).where(same)).all()
        earlier = {int(line): json.loads(text) for line, text in found}
        moment = now()
        rows = [
            {
                "source_id": source_id,
                "sha256": sha256,
                "line": line,
                "cells": json.dumps(
                    {**earlier.get(line, {}), **mended}, ensure_ascii=False, sort_keys=True
                ),
                "mended_by": mended_by,
                "mended_at": moment,
            }
            for line, mended in cells.items()
        ]
        replaced = [{"replaced": line} for line in cells if line in earlier]
        if replaced:
            one = same & (mend.c.line == sa.bindparam("replaced"))
            connection.execute(mend.delete().where(one), replaced)
        if rows:
            connection.execute(mend.insert(), rows)


def mends(engine: Engine) -> Mends:
    """Every correction, by source id and hash of the file it is of."""
    statement = sa.select(mend).order_by(mend.c.source_id, mend.c.sha256, mend.c.line)
    made: Mends = {}
    with reading(engine) as connection:
        for row in connection.execute(statement):
            found = made.setdefault((row.source_id, row.sha256), {})
            found[int(row.line)] = json.loads(row.cells)
    return made
