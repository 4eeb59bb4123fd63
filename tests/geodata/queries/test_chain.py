"""The care chain of three villages: what is asked of one, and of all."""

import pandas as pd
import pytest

from geodata.queries import chain
from geodata.release import reading_engine


@pytest.fixture
def engine(tmp_path, tiny_release):
    """A and B are ours, C is a neighbour without a chain."""
    areas = pd.DataFrame(
        {
            "level": "commune",
            "area_id": ["A", "B", "C"],
            "fid": [0, 1, 2],
            "name": ["Aurec", "Beaux", "Céaux"],
            "role": ["territory", "territory", "edge"],
        }
    )
    keys = ["level", "area_id", "care_step", "sector"]
    rest = ["state", "service", "worst_state", "worst_service", "categories", "unknown"]
    links = pd.DataFrame(
        [
            ("commune", "A", "placement", "social", "absent", "home", "absent", "home", 1, 0),
            ("commune", "A", "detection", "social", "reachable", "line", "unknown", "desk", 2, 1),
            ("commune", "B", "detection", "social", "unknown", "desk", "unknown", "desk", 2, 2),
            ("epci", "A", "detection", "social", "present", "line", "present", "line", 1, 0),
        ],
        columns=[*keys, *rest],
    )
    broken = pd.DataFrame(
        [
            ("commune", "A", "broken", "placement", "universal_prevention"),
            ("commune", "B", "unknown", None, "universal_prevention"),
            ("epci", "A", "holds", None, None),
        ],
        columns=["level", "area_id", "verdict", "care_step", "unknown_before"],
    )
    tables = {"area": areas, "care_chain": links, "broken_link": broken}
    return reading_engine(tiny_release(tmp_path, tables).database)


def test_the_links_of_one_area_are_its_own_at_its_level(engine):
    found = chain.care_links(engine, "commune", "A")
    assert found.to_dict("records") == [
        {
            "care_step": "detection",
            "sector": "social",
            "state": "reachable",
            "service": "line",
            "worst_state": "unknown",
            "worst_service": "desk",
            "categories": 2,
            "unknown": 1,
        },
        {
            "care_step": "placement",
            "sector": "social",
            "state": "absent",
            "service": "home",
            "worst_state": "absent",
            "worst_service": "home",
            "categories": 1,
            "unknown": 0,
        },
    ]


def test_an_area_without_a_chain_has_no_links(engine):
    assert chain.care_links(engine, "commune", "C").empty
    assert chain.care_links(engine, "region", "A").empty


def test_broken_links_are_those_of_the_level_in_map_order(engine):
    found = chain.broken_links(engine, "commune")
    assert found["name"].tolist() == ["Aurec", "Beaux"]
    assert found["verdict"].tolist() == ["broken", "unknown"]
    assert found["care_step"].isna().tolist() == [False, True]
    assert found["unknown_before"].tolist() == ["universal_prevention"] * 2
