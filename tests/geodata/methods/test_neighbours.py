"""Statistical neighbours: by hand, against a slow loop, and what must hold whatever the figures."""

from __future__ import annotations

import math
from itertools import product
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.methods.neighbours import (
    LEAST_SHARED,
    distances,
    nearest_of_each,
    standardised,
)

nan = math.nan
NAMES = ["size", "young", "poor"]
WEIGHTS = pd.Series({"size": 1.0, "young": 2.0, "poor": 1.0})


def slow_scores(figures: list[float], cut: float) -> list[float]:
    """`standardised`, as its formula is written."""
    known = [x for x in figures if not math.isnan(x)]
    mean = sum(known) / len(known)
    spread = math.sqrt(sum((x - mean) ** 2 for x in known) / len(known))
    low, high = mean - cut * spread, mean + cut * spread
    held = [min(max(x, low), high) for x in known]
    centre = sum(held) / len(held)
    unit = math.sqrt(sum((y - centre) ** 2 for y in held) / len(held))
    return [x if math.isnan(x) else (min(max(x, low), high) - centre) / unit for x in figures]


def slow_distance(one: pd.Series, other: pd.Series, weights: pd.Series) -> tuple[float, float]:
    """The distance of two areas and the share of the weight that both know."""
    both = [c for c in weights.index if not (math.isnan(one[c]) or math.isnan(other[c]))]
    shared = sum(weights[c] for c in both) / weights.sum()
    if shared < LEAST_SHARED - 1e-12:
        return nan, shared
    squares = sum(weights[c] * (one[c] - other[c]) ** 2 for c in both)
    return math.sqrt(squares / sum(weights[c] for c in both)), shared


def invented(areas: int, seed: int, missing: float = 0.15) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    figures = chance.lognormal(size=(areas, len(NAMES)))
    figures[chance.random(figures.shape) < missing] = nan
    ids = [f"{number:05}" for number in range(areas)]
    return pd.DataFrame(
        {name: standardised(figures[:, k]) for k, name in enumerate(NAMES)}, index=ids
    )


def test_a_case_by_hand() -> None:
    """Poverty 10, 20, 30, 20: mean 20, sd sqrt(50) = 7.07; nothing is cut.

    Scores -1.414, 0, 1.414, 0. Young people 10, 10, 20, 20: -1, -1, 1, 1. Weights 1 and 3, so 1/4
    and 3/4. From A to B: 1/4 x 2 + 0 = 0.5; to C: 1/4 x 8 + 3/4 x 4 = 5; to D: 1/2 + 3 = 3.5.
    """
    scores = pd.DataFrame(
        {"poor": standardised([10, 20, 30, 20]), "young": standardised([10, 10, 20, 20])},
        index=list("ABCD"),
    )
    made = distances(scores, pd.Series({"young": 3, "poor": 1}), "A")
    assert (made.distance**2).round(12).tolist() == [0, 0.5, 5, 3.5]
    assert made.contributions.loc["C"].round(12).to_dict() == {"poor": 2, "young": 3}
    assert (made.relative**2).round(12).tolist() == [0, 0.1, 1, 0.7]
    assert made.nearest(2).tolist() == ["B", "D"]


def test_a_figure_far_off_is_brought_in() -> None:
    """99 villages at 0 and one at 100: mean 1, sd sqrt(99) = 9.95; 100 counts as 30.85."""
    figures = [0.0] * 99 + [100.0]
    assert standardised(figures, 3.0) == pytest.approx(slow_scores(figures, 3.0))
    # Two values remain, so that cutting changes no score; with some in between it does.
    figures = [*np.linspace(0, 10, 50), 500.0]
    assert standardised(figures, 3.0)[:50].std() > standardised(figures, 100.0)[:50].std()


@given(st.lists(st.one_of(st.integers(-50, 50), st.just(nan)), min_size=1, max_size=40))
def test_scores_have_mean_nought_and_deviation_one(figures: list[float]) -> None:
    scores = standardised(figures, 2.0)
    assert (np.isnan(scores) >= np.isnan(figures)).all()
    known = scores[~np.isnan(scores)]
    distinct = {x for x in figures if not math.isnan(x)}
    assert bool(known.size) == (len(distinct) > 1)
    if known.size:
        assert (known.mean(), known.std()) == pytest.approx((0, 1), abs=1e-9)
        assert scores == pytest.approx(slow_scores(figures, 2.0), nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_distances_are_those_of_the_slow_version(seed: int) -> None:
    scores = invented(30, seed)
    for area in scores.index:
        made = distances(scores, WEIGHTS, area)
        slow = [slow_distance(scores.loc[area], scores.loc[k], WEIGHTS) for k in scores.index]
        assert made.distance.to_numpy() == pytest.approx([d for d, _ in slow], nan_ok=True)
        assert made.shared.to_numpy() == pytest.approx([s for _, s in slow])
        known = made.distance.notna()
        total = made.contributions[known].sum(axis=1)
        assert total.to_numpy() == pytest.approx(made.distance[known].to_numpy() ** 2)
        assert made.contributions[~known].isna().all(axis=None)


@pytest.mark.parametrize("seed", range(3))
def test_what_must_hold(seed: int) -> None:
    """Nought to itself, the same both ways, whatever the order; a constant changes nothing."""
    scores = invented(40, seed)
    all_made = {area: distances(scores, WEIGHTS, area) for area in scores.index}
    shuffled = scores.sample(frac=1, random_state=seed)[["poor", "size", "young"]]
    with_constant = scores.assign(same=standardised([7.0] * 40))
    for area, made in all_made.items():
        is_known = made.shared[area] >= LEAST_SHARED
        assert made.distance[area] == 0 if is_known else math.isnan(made.distance[area])
        again = distances(shuffled, WEIGHTS, area)
        assert again.nearest(10).tolist() == made.nearest(10).tolist()
        assert again.distance[scores.index].to_numpy() == pytest.approx(
            made.distance.to_numpy(), nan_ok=True
        )
        more = distances(with_constant, pd.Series({**WEIGHTS, "same": 9.0}), area)
        pd.testing.assert_series_equal(more.distance, made.distance)
        pd.testing.assert_series_equal(more.shared, made.shared)
        assert made.relative.max() == 1 or not is_known
    for one, other in product(scores.index, repeat=2):
        there, back = all_made[one].distance[other], all_made[other].distance[one]
        assert there == pytest.approx(back, nan_ok=True)


def test_too_little_known_gives_no_neighbour() -> None:
    """Of A half of the weight is known, of B three quarters: B has neighbours and A has none."""
    scores = pd.DataFrame(
        {"size": [nan, nan, 1, 3], "young": [1.0, 1, 2, 3], "poor": [nan, 2, 4, 5]},
        index=list("ABCD"),
    )
    none = distances(scores, WEIGHTS, "A")
    assert none.shared.tolist() == [0.5] * 4
    assert none.nearest(3).tolist() == []
    assert none.distance.isna().all()
    some = distances(scores, WEIGHTS, "B")
    assert some.nearest(3).tolist() == ["C", "D"]
    assert some.contributions.loc["C"].isna().to_dict() == {
        "size": True,
        "young": False,
        "poor": False,
    }
    each = nearest_of_each(scores, WEIGHTS, 3)
    assert set(each["area_id"]) == {"B", "C", "D"}


def test_areas_equally_far_come_by_their_ids() -> None:
    scores = pd.DataFrame({"size": [0.0, 1, -1, 1]}, index=list("DCAB"))
    assert distances(scores, WEIGHTS, "D").nearest(2).tolist() == ["A", "B"]


def test_all_alike_have_no_scores_and_no_neighbours() -> None:
    scores = pd.DataFrame({"size": standardised([2.0, 2, 2])}, index=list("ABC"))
    assert distances(scores, WEIGHTS, "A").nearest(2).empty
    assert nearest_of_each(scores, WEIGHTS, 2).empty


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_nearest_of_each_are_those_of_one_by_one(missing: float) -> None:
    scores = invented(200, 11, missing)
    each = nearest_of_each(scores, WEIGHTS, 6)
    for area in scores.index:
        made, found = distances(scores, WEIGHTS, area), each[each["area_id"] == area]
        assert found["neighbour_id"].tolist() == made.nearest(6).tolist()
        assert found["place"].tolist() == list(range(1, len(found) + 1))
        sought = made.distance[found["neighbour_id"]].to_numpy()
        assert found["distance"].to_numpy() == pytest.approx(sought)


def test_a_country_of_villages_is_quick() -> None:
    scores = invented(35_000, 5, 0.05)
    start = perf_counter()
    made = distances(scores, WEIGHTS, "00007")
    assert made.nearest(10).size == 10
    assert perf_counter() - start < 1  # some 15 ms; the machine may be busy


@pytest.mark.parametrize(
    ("weights", "least", "message"),
    [
        ({"size": 0.0, "young": 1, "poor": 1}, 0.5, "weights"),
        ({"size": nan, "young": 1, "poor": 1}, 0.5, "weights"),
        (dict(WEIGHTS), 0.0, "least_shared"),
        (dict(WEIGHTS), 1.1, "least_shared"),
    ],
)
def test_what_cannot_be_is_refused(weights, least, message) -> None:
    with pytest.raises(ValueError, match=message):
        distances(invented(5, 1), pd.Series(weights), "00001", least)


def test_other_refusals() -> None:
    with pytest.raises(ValueError, match="infinite"):
        standardised([1.0, math.inf])
    with pytest.raises(ValueError, match="winsorised_at"):
        standardised([1.0, 2.0], 0.0)
    with pytest.raises(ValueError, match="count"):
        nearest_of_each(invented(5, 1), WEIGHTS, 0)
    with pytest.raises(KeyError):
        distances(invented(5, 1), WEIGHTS, "nowhere")
    with pytest.raises(KeyError):
        distances(invented(5, 1), WEIGHTS.drop("poor"), "00001")
