"""A few areas of two countries, and the inspection of bytes without a process of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from etl.inspection.shape import Inspection, inspected, inspection_of
from etl.source import Known
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text

#: Communes of Haute-Loire and of the Ain, départements, regions.
COMMUNES = (*(f"43{n:03d}" for n in range(1, 41)), "01001", "01002", "75056", "13055")


@pytest.fixture(scope="session")
def places() -> Known:
    """France with forty communes of one département and a few others."""
    return Known(
        catalogue("france"),
        areas={
            "commune": frozenset(COMMUNES),
            "departement": frozenset({"01", "43", "63", "75", "13", "2A"}),
            "region": frozenset({"11", "84", "93"}),
            "country": frozenset({"FR"}),
        },
    )


@pytest.fixture(scope="session")
def belgium() -> Known:
    """Belgium by its file alone, with some arrondissements and provinces of NUTS."""
    provinces = [f"BE2{n}" for n in range(1, 6)] + [f"BE3{n}" for n in range(1, 6)]
    return Known(
        catalogue("belgium"),
        areas={
            "arrondissement": frozenset(f"{p}{n}" for p in provinces for n in range(1, 5)),
            "province": frozenset(provinces),
            "region": frozenset({"BE1", "BE2", "BE3"}),
            "country": frozenset({"BE"}),
        },
    )


@pytest.fixture(scope="session")
def look() -> Callable[..., Inspection]:
    """Inspects bytes: ``look("births.csv", content, known)``."""

    def inspection(file: str, content: bytes, known: Known, makes: str = "") -> Inspection:
        entry = SourceEntry(id="own", reader="", name=Text("x", "x"), options={"makes": makes})
        return inspection_of(inspected(entry, file, content, known))

    return inspection
