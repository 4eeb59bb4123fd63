"""Which travel times are taken, and how slow the roads of an area are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from etl.routing.choice import travel_times
from etl.routing.factors import pace_factors
from etl.routing.road_times import RoadTimes
from etl.source import RejectedFile
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Pace, Travel
from geodata.methods.travel_times import StraightLine, SuppliedMatrix
from geodata.settings import settings

MOUNTAIN = Pace("mountain", "mountain", ("06", "03"), 1.2, 1.1)
ISLAND = Pace("island", "island", ("yes",), 1.5)
TRAVEL = Travel("straight_line", 1.4, 50.0, 0.3, date(2026, 11, 22), (MOUNTAIN, ISLAND))


def traits(*rows):
    return pd.DataFrame(
        rows or None, columns=["level", "area_id", "trait", "code", "period"], dtype="str"
    )


def test_factors_follow_the_traits_that_are_loaded():
    """a: mountain; b: no more since 2025; c: both; d: of another level; e: nothing is known."""
    loaded = traits(
        ("village", "a", "mountain", "06", "2025"),
        ("village", "b", "mountain", "03", "2020"),
        ("village", "b", "mountain", "not_applicable", "2025"),
        ("village", "c", "mountain", "03", "2025"),
        ("village", "c", "island", "yes", "2025"),
        ("province", "d", "mountain", "06", "2025"),
        ("village", "e", "rurality", "06", "2025"),
    )
    areas = pd.Index(list("abcde"))
    found = pace_factors(areas, loaded, "village", TRAVEL)
    assert found.to_dict() == pytest.approx({"a": 1.2, "b": 1, "c": 1.8, "d": 1, "e": 1})
    winter = pace_factors(areas, loaded, "village", TRAVEL, is_winter=True)
    assert winter.to_dict() == pytest.approx({"a": 1.32, "b": 1, "c": 1.98, "d": 1, "e": 1})
    assert (pace_factors(areas, traits(), "village", TRAVEL) == 1).all()


@pytest.mark.parametrize("territory", ["haute_loire", "france"])
def test_the_mountain_is_declared_with_the_codes_that_its_source_gives(territory):
    words = catalogue(territory)
    (pace,) = words.territory.travel.paces
    options = words.sources["anct_mountain"].options
    assert pace.trait == options["trait"]
    assert set(pace.codes) == set(options["codes"].values())
    assert options["others"] not in pace.codes


def test_without_anything_else_it_is_a_straight_line(tmp_path):
    chosen = settings({"VIGIE_DATA": str(tmp_path)})
    made = travel_times(TRAVEL, chosen, factors={"a": 1.2})
    assert isinstance(made, StraightLine)
    assert (made.detour_factor, made.speed_kmh, made.error_share) == (1.4, 50.0, 0.3)
    assert made.factors == {"a": 1.2}


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
    with pytest.raises(RejectedFile):
        travel_times(TRAVEL, replace(chosen, roads=tmp_path / "none.osm.pbf"))
