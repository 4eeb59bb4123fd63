"""An invented caseload, staged by the reader of own records on the areas that the project carries.

Used by the tests of the reader and by the audit (`make audit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pandas as pd

from etl.records.commands import csv_bytes
from etl.records.volumes import Volumes
from etl.source import Known, Staged
from etl.sources import records
from geodata.catalogue.nouns import Catalogue, SourceEntry, Text

EMBEDDED = Path(str(resources.files("geodata") / "embedded"))
SEAT = ["level", "area_id", "seat_longitude", "seat_latitude"]
#: The contracts in the order in which one may need another.
IN_ORDER = ("own_concerns", "own_assessments", "own_places", "own_measures", "own_staff")


def entry(name: str) -> SourceEntry:
    """The catalogue entry of a record-level source, by its id."""
    return SourceEntry(id=name, reader="records", name=Text(name, name), is_record_level=True)


def known(words: Catalogue, size: Volumes, data: Path) -> Known:
    """The areas and the census that the project carries, and a zone of one's own in ``data``."""
    census = _carried("figures/insee_census_2022.csv").rename(columns={"area_level": "level"})
    seats = pd.read_parquet(EMBEDDED / "territory/areas.parquet", columns=SEAT)
    return Known(
        words,
        areas={"commune": frozenset(size.under_21)},
        tables={
            "membership": {"area_membership": _carried("territory/membership.csv")},
            "insee_census_2022": {"figure": census.assign(value=census["value"].astype("float64"))},
            "territory": {"area": seats},
        },
        records=data / "records",
        key=data / "keys" / "pseudonym.key",
    )


def written(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """The extracts of an invented caseload as the files of an authority, by source."""
    return {
        name: csv_bytes(list(frame.columns), frame.to_numpy().tolist())
        for name, frame in frames.items()
    }


def staged(files: Mapping[str, bytes], on: Known) -> tuple[dict[str, Staged], Known]:
    """What the reader makes of each file, one after the other; and what is known at last."""
    made = {}
    for name in IN_ORDER:
        made[name] = records.stage(entry(name), f"{name}.csv", files[name], on)
        on = replace(on, tables={**on.tables, name: made[name].tables})
    return made, on


def _carried(name: str) -> pd.DataFrame:
    """A table carried with the project, as text."""
    return pd.read_csv(EMBEDDED / name, dtype="str", keep_default_na=False)
