"""Another country is a territory file: no code of ours knows which one is at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.refresh import refresh
from geodata.queries import areas, refreshes
from geodata.release import reading_engine
from geodata.settings import settings

REGIONS = Path(__file__).parents[2] / "shared" / "data" / "europe" / "nuts_2024_20M.geojson"


@pytest.mark.shared
@pytest.mark.skipif(not REGIONS.is_file(), reason=f"needs {REGIONS}")
def test_the_regions_of_belgium_are_published_from_eurostats_file(tmp_path):
    (tmp_path / "incoming").mkdir()
    shutil.copy(REGIONS, tmp_path / "incoming")
    chosen = {
        "VIGIE_DATA": str(tmp_path),
        "VIGIE_TERRITORY": "belgium",
        "VIGIE_DOWNLOADS": "no",
        "VIGIE_SETTLE": "0",
    }
    outcome = refresh(settings(chosen))
    assert outcome.outcome == "published", [issue.text("en") for issue in outcome.issues]
    engine = reading_engine(outcome.release.database)
    (row,) = refreshes.sources(engine).to_dict("records")
    assert (row["rows_read"], row["rows_loaded"], row["rows_dropped"]) == (1798, 59, 1739)
    roles = areas.areas_of_roles(engine)
    assert roles.groupby("level").size().sum() == 59
    assert set(roles["role"]) == {"territory"}
    assert refresh(settings(chosen)).outcome == "unchanged"
