"""What three villages are alike by: the set, the level, and what is known."""

import pandas as pd
import pytest

from geodata.queries import neighbours
from geodata.release import reading_engine


@pytest.fixture
def engine(tmp_path, tiny_release):
    areas = pd.DataFrame(
        {
            "level": ["commune", "commune", "epci"],
            "area_id": ["A", "B", "A"],
            "fid": [0, 1, 0],
            "name": ["Aurec", "Beaux", "Alleuze"],
            "role": "territory",
        }
    )
    rows = pd.DataFrame(
        [
            ("people", "commune", "B", "poverty", "2021", 12.0, 1.0),
            ("people", "commune", "A", "poverty", "2021", 8.0, -1.0),
            ("people", "commune", "A", "births", "2023", 3.0, 0.5),
            ("people", "epci", "A", "poverty", "2021", 9.0, 0.0),
            ("work", "commune", "A", "poverty", "2021", 8.0, -2.0),
        ],
        columns=["neighbours", "level", "area_id", "indicator", "period", "value", "score"],
    )
    made = tiny_release(tmp_path, {"area": areas, "neighbour_score": rows})
    return reading_engine(made.database)


def test_only_the_set_and_the_level_asked_for(engine):
    found = neighbours.scores(engine, "people", "commune")
    assert list(found.columns) == ["area_id", "name", "indicator", "period", "value", "score"]
    assert found.to_numpy().tolist() == [
        ["A", "Aurec", "births", "2023", 3.0, 0.5],
        ["A", "Aurec", "poverty", "2021", 8.0, -1.0],
        ["B", "Beaux", "poverty", "2021", 12.0, 1.0],
    ]
    assert neighbours.scores(engine, "people", "country").empty


def test_where_each_set_can_be_used(engine):
    found = neighbours.levels(engine)
    assert found.to_numpy().tolist() == [
        ["people", "commune"],
        ["people", "epci"],
        ["work", "commune"],
    ]
