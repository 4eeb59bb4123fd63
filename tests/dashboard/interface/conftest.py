"""A release of five places, one of which hides figures that would be known again anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely
from flask.testing import FlaskClient

from dashboard.app import create_app
from geodata import schema

#: Numbers that stand in withheld rows, where a release has none: no answer may ever have them.
PROTECTED = tuple(7319.0 + n / 8 for n in range(40))


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Three communes of ours, the third of which is withheld; an EPCI; and one beyond the edge."""
    square = [shapely.box(n, 45, n + 1, 46).wkb for n in range(5)]
    names = ("=HYPERLINK(1)", "Bas", "Caché", "Ensemble", "Dehors")
    areas = pd.DataFrame(
        {
            "level": ["commune"] * 3 + ["epci", "commune"],
            "area_id": ["01001", "01002", "01003", "E", "99999"],
            "fid": [0, 1, 2, 0, 3],
            "name": names,
            "role": ["territory"] * 4 + ["edge"],
            "west": [float(n) for n in range(5)],
            "south": 45.0,
            "east": [n + 1.0 for n in range(5)],
            "north": 46.0,
            "geometry": square,
        }
    )
    return {
        "area": areas,
        "area_membership": pd.DataFrame(
            {
                "level": "commune",
                "area_id": ["01001", "01002", "01003"],
                "parent_level": "epci",
                "parent_id": "E",
                "period": "2026",
                "source_id": "s",
            }
        ),
        "observation": _observations(),
        "coverage": _coverage(),
        "service": _services(),
        "source": _sources(),
    }


@pytest.fixture(scope="session")
def protected() -> tuple[float, ...]:
    """The numbers of the withheld rows."""
    return PROTECTED


@pytest.fixture(scope="session")
def real_client(release_data: Path, settings_of: Callable) -> FlaskClient:
    """Asks an app with a real release."""
    return create_app(settings_of(release_data)).server.test_client()


@pytest.fixture(scope="session")
def withheld(
    tmp_path_factory: pytest.TempPathFactory,
    tables: dict[str, pd.DataFrame],
    tiny_release: Callable,
) -> Path:
    """A data folder whose one release has these tables."""
    folder = tmp_path_factory.mktemp("withheld")
    tiny_release(folder, tables)
    return folder


@pytest.fixture(scope="session")
def client(withheld: Path, settings_of: Callable) -> FlaskClient:
    """Asks an app that has that release."""
    return create_app(settings_of(withheld)).server.test_client()


def _observations() -> pd.DataFrame:
    columns = schema.observation.columns
    numbers = [c.name for c in columns if c.type.python_type is float]
    rows = []
    for place, area_id in enumerate(("01001", "01002", "01003", "99999")):
        is_hidden = area_id in ("01003", "99999")
        row = {c.name: None for c in columns}
        row |= dict.fromkeys(numbers, 2.0 + place)
        if is_hidden:
            row |= dict(zip(numbers, PROTECTED[place * 5 :], strict=False))
        row |= {
            "indicator": "rsa_share",
            "level": "commune",
            "area_id": area_id,
            "period": "2023",
            "status": "suppressed" if area_id == "01003" else "observed",
            "standing": "much_higher" if is_hidden else "within",
            "interval": "exact" if is_hidden else "byar",
            "flags": 1,
            "parts": None,
            "parts_expected": None,
        }
        rows.append(row)
    shown = {"level": "commune", "period": "2020", "status": "estimated", "value": 1.0}
    shown["indicator"] = "childcare_effective_coverage"
    rows += [{**shown, "area_id": area_id} for area_id in ("01001", "01002")]
    return pd.DataFrame(rows)


def _coverage() -> pd.DataFrame:
    columns = schema.coverage.columns
    numbers = [c.name for c in columns if c.type.python_type is float]
    rows = []
    for place, area_id in enumerate(("01001", "01002", "01003")):
        row = {c.name: None for c in columns} | dict.fromkeys(numbers, 1.0 + place)
        if area_id == "01003":
            row |= dict(zip(numbers, PROTECTED[10:], strict=False))
        row |= {
            "service": "childcare",
            "standard": "france_2020",
            "period": "2020",
            "level": "commune",
            "area_id": area_id,
            "status": "suppressed" if area_id == "01003" else "estimated",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _services() -> pd.DataFrame:
    rows = [
        (f"s{n}", "france_services", area_id, 3.5 + n)
        for n, area_id in enumerate(("01001", "01003", "99999", None))
    ]
    frame = pd.DataFrame(rows, columns=["service_id", "category", "area_id", "longitude"])
    return frame.assign(
        name="=1+1", latitude=45.5, position="address", source_id="s", period="2024", capacity=None
    )


def _sources() -> pd.DataFrame:
    texts = ("file", "producer", "dataset", "licence", "url", "attribution", "sha256")
    row = dict.fromkeys(texts, "x") | {
        "source_id": "s",
        "origin": "embedded",
        "vintage": "invented 2024",
        "retrieved_on": "2026-01-01",
        **dict.fromkeys(("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped"), 0),
    }
    return pd.DataFrame([row])
