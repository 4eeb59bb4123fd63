"""What areas are alike by: the period, who counts, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl.neighbours import COLUMNS, neighbour_scores
from geodata.catalogue.nouns import Catalogue, NeighbourSet

AREAS = list("ABCDEF")


@pytest.fixture
def chosen(words: Catalogue) -> NeighbourSet:
    """Poverty and job seekers."""
    return replace(
        words.neighbours["similar_people"],
        levels=("epci", "commune"),
        described_by=(("poverty_rate", 2.0), ("job_seeker_rate", 1.0)),
        winsorised_at=3.0,
    )


@pytest.fixture
def areas() -> pd.DataFrame:
    own = pd.DataFrame({"level": "epci", "area_id": AREAS, "role": "territory"})
    own.loc[5, "role"] = "comparison"
    beyond = pd.DataFrame({"level": ["epci"], "area_id": ["Z"], "role": ["edge"]})
    few = pd.DataFrame({"level": "commune", "area_id": list("abcd"), "role": "territory"})
    return pd.concat([own, beyond, few], ignore_index=True)


def rows(indicator: str, period: str, values: list[float | None], level="epci") -> pd.DataFrame:
    ids = [*AREAS, "Z"] if level == "epci" else list("abcd")
    return pd.DataFrame({"area_id": ids, "value": pd.Series(values, dtype="float64")}).assign(
        indicator=indicator, level=level, period=period
    )


def test_six_areas_by_hand(chosen: NeighbourSet, areas: pd.DataFrame) -> None:
    """Poverty of 2021 (2022 is known of one in six): 10, 20, 30, 30, 20, 10, mean 20, sd 8.165.

    Z lies beyond the border: its 900 is in no mean.
    """
    observed = pd.concat(
        [
            rows("poverty_rate", "2021", [10, 20, 30, 30, 20, 10, 900]),
            rows("poverty_rate", "2022", [99, None, None, None, None, None, 900]),
            rows("job_seeker_rate", "2023", [1, 2, 3, None, None, None, 9]),
        ]
    )
    made = neighbour_scores(chosen, observed, areas)
    assert list(made.columns) == COLUMNS
    poverty = made[made["indicator"] == "poverty_rate"].set_index("area_id")
    assert set(poverty["period"]) == {"2021"}
    assert poverty["value"].to_dict() == dict(zip(AREAS, (10, 20, 30, 30, 20, 10), strict=True))
    assert poverty["score"].round(3).tolist() == [-1.225, 0, 1.225, 1.225, 0, -1.225]
    # Known of half of the areas: enough. Those without a value have no row, and no zero.
    seekers = made[made["indicator"] == "job_seeker_rate"]
    assert seekers["area_id"].tolist() == ["A", "B", "C"]


def test_what_tells_nobody_apart_or_is_known_of_few_is_left_out(chosen, areas) -> None:
    observed = pd.concat(
        [
            rows("poverty_rate", "2021", [5] * 7),
            rows("job_seeker_rate", "2023", [1, 2, None, None, None, None, None]),
            rows("poverty_rate", "2021", [1, 2, 3, 4], level="commune"),  # four are too few
        ]
    )
    made = neighbour_scores(chosen, observed, areas)
    assert made.empty
    assert list(made.columns) == COLUMNS


def test_the_cut_is_that_of_the_set(chosen, areas) -> None:
    observed = rows("poverty_rate", "2021", [1, 2, 3, 4, 5, 60, None])
    far, near = (
        neighbour_scores(replace(chosen, winsorised_at=cut), observed, areas)["score"]
        for cut in (3.0, 1.0)
    )
    assert near.max() < far.max()


def test_counts_are_taken_in_logs(chosen, areas) -> None:
    """1, 3, 7, 15, 31 and 63 children: log(1 + x) has equal steps, scores too."""
    counts = replace(
        chosen, described_by=(("children_under_3_count", 1.0),), in_logs=("children_under_3_count",)
    )
    observed = rows("children_under_3_count", "2023", [1, 3, 7, 15, 31, 63, 9000])
    score = neighbour_scores(counts, observed, areas)["score"].to_numpy()
    assert np.diff(score) == pytest.approx(np.full(5, score[1] - score[0]))


def test_what_describes_areas_is_never_their_services(words: Catalogue) -> None:
    assert words.neighbours
    for chosen in words.neighbours.values():
        kinds = {words.indicators[indicator].kind for indicator, _weight in chosen.described_by}
        assert kinds == {"demand"}, chosen.id
        assert len(dict(chosen.described_by)) == len(chosen.described_by)
        assert all(weight > 0 for _indicator, weight in chosen.described_by)
        assert set(chosen.levels) == {"commune", "epci", "departement"}
        assert set(chosen.in_logs) <= set(dict(chosen.described_by))
