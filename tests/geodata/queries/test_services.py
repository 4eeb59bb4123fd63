"""Places of two villages: who stands in an area, and what was counted there."""

import pandas as pd
import pytest

from geodata.model import AreaKey
from geodata.queries import chain, services
from geodata.release import reading_engine


@pytest.fixture
def engine(tmp_path, tiny_release):
    """A and B make the larger area X; C lies outside."""
    areas = pd.DataFrame(
        {
            "level": "village",
            "area_id": ["A", "B", "C"],
            "fid": [0, 1, 2],
            "name": ["Aurec", "Beaux", "Céaux"],
            "role": "territory",
        }
    )
    belonging = pd.DataFrame(
        [("village", name, "valley", "X", "2024", "s") for name in ("A", "B")],
        columns=["level", "area_id", "parent_level", "parent_id", "period", "source_id"],
    )
    register = pd.DataFrame(
        [
            ("1", "School", "school", "B", "village", 40.0, "pupils", "s", "2022"),
            ("2", "College", "school", "A", "village", None, "pupils", "s", "2022"),
            ("3", "Far", "school", "C", "village", 9.0, "pupils", "s", "2022"),
            ("4", "Desk", "desk", "A", "address", None, None, "s", "2024"),
        ],
        columns=[
            *("service_id", "name", "category", "area_id", "position", "capacity"),
            *("capacity_unit", "source_id", "period"),
        ],
    )
    equipment = pd.DataFrame(
        [
            ("A", "D1", "2018", "doctor", 2, "b"),
            ("B", "D1", "2018", "doctor", 3, "b"),
            ("B", "D1", "2012", "doctor", 9, "b"),
            ("C", "D1", "2018", "doctor", 7, "b"),
        ],
        columns=["area_id", "equipment_code", "period", "category", "count", "source_id"],
    )
    links = pd.DataFrame(
        [("village", name, "detection", "social", "absent", "x", "absent", "x", 1, 0)
         for name in ("A", "B", "C")],
        columns=[
            *("level", "area_id", "care_step", "sector", "state", "service"),
            *("worst_state", "worst_service", "categories", "unknown"),
        ],
    )  # fmt: skip
    tables = {
        "area": areas,
        "area_membership": belonging,
        "service": register,
        "equipment": equipment,
        "care_chain": links,
    }
    return reading_engine(tiny_release(tmp_path, tables).database)


def test_the_places_of_an_area_are_those_of_its_parts_or_its_own(engine):
    found = services.places(engine, ("school",), "village", AreaKey("valley", "X"))
    assert found[["area", "name"]].values.tolist() == [["Aurec", "College"], ["Beaux", "School"]]
    assert found["capacity"].isna().tolist() == [True, False]
    own = services.places(engine, ("school", "desk"), "village", AreaKey("village", "A"))
    assert own["name"].tolist() == ["Desk", "College"]


def test_the_latest_count_is_told_the_most_numerous_first(engine):
    found = services.counted(engine, ("doctor",), "village", AreaKey("valley", "X"))
    assert found[["area", "count", "period"]].values.tolist() == [
        ["Beaux", 3, "2018"],
        ["Aurec", 2, "2018"],
    ]


def test_the_chains_of_a_level_are_all_or_those_within_an_area(engine):
    assert chain.chains(engine, "village")["area_id"].tolist() == ["A", "B", "C"]
    within = chain.chains(engine, "village", AreaKey("valley", "X"))
    assert within["area_id"].tolist() == ["A", "B"]
