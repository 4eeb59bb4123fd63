"""Three villages small enough to check by hand, and one real release for the whole session.

The villages are invented. A and B lie 7.0 km apart along a meridian, C far to the north, beyond
reach of both. A: 10 births a year, 12 places. B: 10 births a year, no place. C: no birth, 5 places.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pandas as pd
import pytest

from geodata import release, schema
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue
from geodata.settings import Settings, settings
from tests.made_once import made_once

VILLAGES = ("A", "B", "C")

# A busy machine is no fault of the code: no example has a deadline.
hypothesis.settings.register_profile("vigie", deadline=None)
hypothesis.settings.load_profile("vigie")


@pytest.fixture(scope="session")
def settings_of() -> Callable[[Path], Settings]:
    """Settings whose every file lies under a folder."""
    return lambda data: settings(
        {"VIGIE_DATA": str(data), "VIGIE_DOWNLOADS": "no", "VIGIE_SETTLE": "0"}
    )


@pytest.fixture(scope="session")
def words() -> Catalogue:
    """The catalogue of the territory."""
    return catalogue("haute_loire")


@pytest.fixture
def village_areas() -> pd.DataFrame:
    """The three villages and the one EPCI they make: A and B ours, C beyond the border."""
    seats = {"A": 45.0, "B": 45.0 + 7.0 / 111.195, "C": 46.5}
    rows = [
        {
            "level": "commune",
            "area_id": k,
            "role": "territory",
            "seat_longitude": 3.9,
            "seat_latitude": seats[k],
        }
        for k in VILLAGES
    ]
    rows[2]["role"] = "edge"
    rows.append({"level": "epci", "area_id": "AB", "role": "territory"})
    rows.append({"level": "departement", "area_id": "43", "role": "territory"})
    rows.append({"level": "departement", "area_id": "63", "role": "comparison"})
    return pd.DataFrame(rows)


@pytest.fixture
def village_membership() -> pd.DataFrame:
    """A and B are in the EPCI AB and in the département 43."""
    pairs = [
        ("A", "epci", "AB"),
        ("B", "epci", "AB"),
        ("A", "departement", "43"),
        ("B", "departement", "43"),
    ]
    return pd.DataFrame(
        [("commune", a, level, parent) for a, level, parent in pairs],
        columns=["level", "area_id", "parent_level", "parent_id"],
    )


@pytest.fixture
def village_figures() -> pd.DataFrame:
    """Births of three years and places of 2020, in the villages and in two départements."""
    rows = [
        ("births", "commune", village, str(year), births)
        for village, births in (("A", 10), ("B", 10), ("C", 0))
        for year in (2018, 2019, 2020)
    ]
    places = {"A": (12, 0, 0), "B": (0, 0, 0), "C": (0, 5, 0)}
    kinds = ("collective", "childminder", "other")
    rows += [
        (f"childcare_places_{kind}", "commune", village, "2020", count)
        for village, counts in places.items()
        for kind, count in zip(kinds, counts, strict=True)
    ]
    for departement, births, count in (("43", 20, 10), ("63", 80, 40)):
        rows += [("births", "departement", departement, str(y), births) for y in (2018, 2019, 2020)]
        rows += [
            (f"childcare_places_{kind}", "departement", departement, "2020", count)
            for kind in kinds
        ]
    frame = pd.DataFrame(rows, columns=["variable", "level", "area_id", "period", "value"])
    return frame.astype({"value": "float64"}).assign(status="observed", source_id="invented")


@pytest.fixture(scope="session")
def release_data(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[[Path], Settings]
) -> Path:
    """A data folder with one release made from the embedded data.

    It is made once for all processes that share the tests; each has a copy of its own.
    """
    from etl.refresh import refresh

    def published(made: Path) -> None:
        outcome = refresh(settings_of(made))
        assert outcome.outcome == "published", [x.text("en") for x in outcome.issues]

    made = made_once(tmp_path_factory, "released", published)
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("vigie") / "data"))


@pytest.fixture(scope="session")
def tiny_release() -> Callable[..., release.Release]:
    """Makes a release of a few rows on the current one: published, or waiting for an officer."""

    def made(
        data: Path, tables: Mapping[str, pd.DataFrame] | None = None, waits: bool = False
    ) -> release.Release:
        about = pd.DataFrame(
            {
                "schema_version": [schema.SCHEMA_VERSION],
                "territory_id": ["haute_loire"],
                "catalogue_sha256": ["catalogue"],
                "recipe_sha256": ["recipe"],
                "inputs_sha256": ["inputs"],
            }
        )
        with release.refresh_lock(data), release.draft(data) as draft:
            for name, rows in {"about": about, **(tables or {})}.items():
                draft.load(schema.release.tables[name], rows)
            current = release.current_release(data)
            making = release.Making(
                "haute_loire", "recipe", "inputs", current.release_id if current else None
            )
            sealed = release.seal(draft, data, making)
            if waits:
                release.wait(data, sealed.release_id)
                return sealed
            return release.publish(data, sealed.release_id, "Odile Martin", "test", keep=5)

    return made
