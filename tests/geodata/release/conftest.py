"""A release of two figures, and what makes one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pandas as pd
import pytest

from geodata import schema
from geodata.release import Making, Release, draft, publish, refresh_lock, seal


@pytest.fixture
def about() -> pd.DataFrame:
    """What a release says of itself."""
    return pd.DataFrame(
        {
            "schema_version": [schema.SCHEMA_VERSION],
            "territory_id": ["haute_loire"],
            "catalogue_sha256": ["c"],
            "recipe_sha256": ["recipe"],
            "inputs_sha256": ["inputs"],
        }
    )


@pytest.fixture
def figures() -> pd.DataFrame:
    """A figure that no decimal writes whole, and one that is suppressed."""
    return pd.DataFrame(
        {
            "variable": ["births", "births"],
            "level": ["commune", "commune"],
            "area_id": ["A", "B"],
            "period": ["2020", "2020"],
            "value": [1 / 7, float("nan")],
            "status": ["observed", "suppressed"],
        }
    )


@pytest.fixture
def published(about: pd.DataFrame, figures: pd.DataFrame) -> Callable[..., Release]:
    """Publishes a release of these figures, or of others."""

    def made(
        data: Path,
        frame: pd.DataFrame = figures,
        keep: int = 5,
        pinned: Collection[str] = (),
    ) -> Release:
        with refresh_lock(data), draft(data) as drafted:
            drafted.load(schema.figure, frame)
            drafted.load(schema.about, about)
            sealed = seal(drafted, data, Making("haute_loire", "recipe", "inputs"))
            return publish(data, sealed.release_id, "Test", "test", keep, pinned=pinned)

    return made
