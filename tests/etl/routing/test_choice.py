"""Which travel times are taken, and what lineage tells of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from etl.routing.choice import travel_parameters, travel_times
from etl.routing.road_times import RoadTimes
from etl.source import RejectedFile
from geodata.catalogue.nouns import Travel
from geodata.methods.travel_times import StraightLine, SuppliedMatrix
from geodata.settings import settings

TRAVEL = Travel("straight_line", 1.4, 50.0, 0.3, date(2026, 11, 22))


def test_without_anything_else_it_is_a_straight_line(tmp_path):
    chosen = settings({"VIGIE_DATA": str(tmp_path)})
    made = travel_times(TRAVEL, chosen, factors={"a": 1.2})
    assert isinstance(made, StraightLine)
    assert (made.detour_factor, made.speed_kmh, made.error_share) == (1.4, 50.0, 0.3)
    assert made.factors == {"a": 1.2}
    declared = {"detour_factor": 1.4, "speed_kmh": 50.0}
    assert travel_parameters(made) == {"travel": "straight_line", "travel_error": 0.3, **declared}


def test_the_authoritys_own_table_comes_first_and_its_last_period(tmp_path):
    table = pd.DataFrame(
        {
            "origin_id": ["a", "a"],
            "destination_id": ["b", "b"],
            "minutes": [30.0, 25.0],
            "period": ["2024", "2025"],
            "longest_minutes": [np.nan, 60.0],
        }
    )
    chosen = settings({"VIGIE_ROUTER": "https://router.example.org/table/v1/driving"})
    made = travel_times(TRAVEL, chosen, supplied=table)
    assert isinstance(made, SuppliedMatrix)
    assert made.longest_minutes == 60.0
    assert made.table["minutes"].tolist() == [25.0]
    assert travel_parameters(made) == {"travel": "supplied", "travel_error": 0.0}
    undeclared = travel_times(TRAVEL, chosen, supplied=table[:1])
    assert isinstance(undeclared, SuppliedMatrix)
    assert undeclared.longest_minutes is None


def test_a_router_that_the_settings_name_is_taken(tmp_path):
    chosen = settings(
        {"VIGIE_DATA": str(tmp_path), "VIGIE_ROUTER": "https://r.example.org/sources_to_targets"}
    )
    made = travel_times(TRAVEL, chosen)
    assert isinstance(made, RoadTimes)
    assert made.folder == tmp_path / "roads" / "blocks"
    told = travel_parameters(made)  # who reads a figure need not know where the server stands
    assert told == {"travel": "roads", "travel_error": 0.0, "router": "server"}
    with pytest.raises(RejectedFile):
        travel_times(TRAVEL, replace(chosen, roads=tmp_path / "none.osm.pbf"))
