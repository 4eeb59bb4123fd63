"""What a reader's process hands back: Arrow files and one JSON, never a pickle.

The process that parsed an untrusted file is not trusted either: what it writes is read as data.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from etl.source import HELD_COLUMNS, Staged
from geodata.model import Issue, Severity

#: The file that says what became of the reading; it is written last.
OUTCOME = "outcome.json"


def write_outcome(folder: Path, outcome: dict[str, Any]) -> None:
    """Write what became of the reading: ``kind`` and what goes with it."""
    text = json.dumps(outcome, ensure_ascii=False, default=_plain)
    aside = folder / f"{OUTCOME}.aside"
    aside.write_text(text, encoding="utf-8")
    aside.replace(folder / OUTCOME)  # whole or not at all


def outcome_of(folder: Path) -> dict[str, Any] | None:
    """What became of the reading; None when nothing was written."""
    path = folder / OUTCOME
    if not path.is_file():
        return None
    outcome: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return outcome


def write_staged(folder: Path, staged: Staged) -> dict[str, Any]:
    """Write the tables, one Arrow file each; return the rest, fit for JSON."""
    tables = []
    for number, (name, frame) in enumerate(staged.tables.items()):
        contours = [str(c) for c, kind in frame.dtypes.items() if kind == "geometry"]
        plainly = pd.DataFrame(frame).assign(**{c: frame[c].to_wkb() for c in contours})
        table = pa.Table.from_pandas(plainly)
        with (
            (folder / f"{number}.arrow").open("wb") as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            for batch in table.to_batches() or [pa.RecordBatch.from_pandas(plainly)]:
                writer.write_batch(batch)
        tables.append(
            {
                "name": name,
                "objects": {
                    str(name): bool(column.map(lambda cell: isinstance(cell, float)).any())
                    for name, column in frame.items()
                    if column.dtype == "object"
                },
                "contours": {c: frame[c].crs.to_wkt() if frame[c].crs else None for c in contours},
                "active": frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else "",
            }
        )
    return {
        "tables": tables,
        "rows_read": staged.rows_read,
        "rows_loaded": staged.rows_loaded,
        "rows_quarantined": staged.rows_quarantined,
        "rows_dropped": staged.rows_dropped,
        "issues": [asdict(issue) for issue in staged.issues],
        "dropped": dict(staged.dropped),
        "held": staged.held.astype("object").where(staged.held.notna(), None).to_numpy().tolist(),
    }


def staged_from(folder: Path, rest: dict[str, Any]) -> Staged:
    """The tables written in a folder and their account, as the reader made them.

    Raises
    ------
    ValueError, KeyError, TypeError, OSError, AssertionError
        When what was written does not hold together.
    """
    tables = {
        about["name"]: _table(folder / f"{number}.arrow", about)
        for number, about in enumerate(rest["tables"])
    }
    return Staged(
        tables,
        rows_read=int(rest["rows_read"]),
        rows_loaded=int(rest["rows_loaded"]),
        rows_quarantined=int(rest["rows_quarantined"]),
        rows_dropped=int(rest["rows_dropped"]),
        issues=tuple(issue_from(issue) for issue in rest["issues"]),
        dropped={str(rule): int(count) for rule, count in rest["dropped"].items()},
        held=pd.DataFrame(rest["held"], columns=list(HELD_COLUMNS)),
    )


def issue_from(written: dict[str, Any]) -> Issue:
    """An issue as it was written by :func:`dataclasses.asdict` in JSON."""
    return Issue(**{**written, "severity": Severity(written["severity"])})


def _table(path: Path, about: dict[str, Any]) -> pd.DataFrame:
    with path.open("rb") as source, pa.ipc.open_file(source) as reader:
        table = reader.read_all()
    table.validate(full=True)
    frame: pd.DataFrame = table.to_pandas()
    for name, has_nan in about["objects"].items():
        cells = [np.nan if c is None and has_nan else c for c in table.column(name).to_pylist()]
        frame[name] = pd.Series(cells, index=frame.index, dtype="object")
    for name, crs in about["contours"].items():
        frame[name] = gpd.GeoSeries.from_wkb(frame[name], crs=crs)
    if about["active"]:
        frame = gpd.GeoDataFrame(frame, geometry=about["active"])
    return frame


def _plain(value: Any) -> Any:
    """A number of numpy as Python's own."""
    return value.item()
