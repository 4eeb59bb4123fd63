"""The real files beside the project, and all of France as known when a later source is read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from etl.source import Known
from geodata.catalogue.loader import catalogue

SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files; the test is skipped where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("the folder of shared files is not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def france(shared_data: Path) -> Known:
    """Every area of metropolitan France and the five overseas départements, by level."""
    folder = shared_data / "territory" / "etalab"

    def rows(table: str) -> list[dict[str, str]]:
        return json.loads((folder / f"{table}.json").read_text("utf-8"))

    def codes(table: str) -> frozenset[str]:
        return frozenset(row["code"] for row in rows(table) if row.get("zone") != "com")

    communes = frozenset(
        row["code"]
        for row in rows("communes")
        if row["type"] == "commune-actuelle" and row["zone"] != "com"
    )
    table = shared_data / "territory" / "cog_table_supracommunale_2024.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        cantons = frozenset(row["CANOV"] for row in csv.DictReader(stream) if row["CANOV"])
    return Known(
        catalogue("france"),
        areas={
            "commune": communes,
            "epci": codes("epci"),
            "canton_or_town": cantons,
            "arrondissement": codes("arrondissements"),
            "departement": codes("departements"),
            "region": codes("regions"),
            "country": frozenset({"FR"}),
        },
    )


@pytest.fixture(scope="session")
def embedded() -> Callable[[str], pd.DataFrame]:
    """Reads a table carried with the project, all text: ``embedded("services/menj_ips.csv")``."""

    def table(name: str) -> pd.DataFrame:
        file = resources.files("geodata.embedded") / name
        with file.open(encoding="utf-8") as stream:
            return pd.read_csv(stream, dtype="str", keep_default_na=False)

    return table
