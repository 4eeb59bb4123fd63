"""The statistical neighbours of an area: by hand, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from dashboard.alike import described, neighbours_of
from geodata.catalogue.nouns import Catalogue, NeighbourSet


@pytest.fixture
def chosen(words: Catalogue) -> NeighbourSet:
    parts = (("poverty_rate", 1.0), ("rsa_share", 3.0), ("job_seeker_rate", 4.0))
    return replace(words.neighbours["similar_people"], described_by=parts, count=2)


@pytest.fixture
def frame() -> pd.DataFrame:
    """Six villages; nobody knows the job seekers, and of F only the poverty is known."""
    known = {"A": (0, 0), "B": (2, 0), "C": (0, 1), "D": (4, 4), "E": (0, 0)}
    rows = [
        (area, f"Village {area}", indicator, period, 10.0 + score, float(score))
        for area, scores in known.items()
        for (indicator, period), score in zip(
            (("poverty_rate", "2021"), ("rsa_share", "2023")), scores, strict=True
        )
    ]
    rows.append(("F", "Village F", "poverty_rate", "2021", 11.0, 1.0))
    columns = ["area_id", "name", "indicator", "period", "value", "score"]
    return pd.DataFrame(rows, columns=columns)


def test_the_nearest_with_what_each_distance_is_made_of(chosen, frame) -> None:
    """Shares 1/4 and 3/4. From B: to A and E 1/4 x 4 = 1, to C 1 + 3/4, to D 1 + 12 = 13."""
    found = neighbours_of(chosen, described(frame), "B")
    assert [near.name for near in found.nearest] == ["Village A", "Village E"]
    assert found.nearest[0].distance == pytest.approx((1 / 13) ** 0.5)
    assert found.nearest[0].parts == (("poverty_rate", 1.0), ("rsa_share", 0.0))
    assert found.nearest[0].values == {"poverty_rate": 10.0, "rsa_share": 10.0}
    assert [(t.indicator, t.period, t.weight, t.value) for t in found.traits] == [
        ("poverty_rate", "2021", 0.25, 12.0),
        ("rsa_share", "2023", 0.75, 10.0),
    ]
    assert (found.left_out, found.known, found.level_areas) == (("job_seeker_rate",), 1.0, 6)


def test_equals_are_made_of_nothing(chosen, frame) -> None:
    found = neighbours_of(chosen, described(frame), "A")
    assert (found.nearest[0].area_id, found.nearest[0].distance) == ("E", 0.0)
    assert found.nearest[0].parts == ()


def test_of_few_areas_half_are_neighbours_at_most(chosen, frame) -> None:
    few = frame[frame["area_id"].isin(["A", "B", "C"])]
    assert len(neighbours_of(chosen, described(few), "A").nearest) == 1


def test_too_little_known_and_nothing_known(chosen, frame) -> None:
    found = neighbours_of(chosen, described(frame), "F")
    assert (found.nearest, found.known) == ((), 0.25)
    assert neighbours_of(chosen, described(frame), "Z") is None
