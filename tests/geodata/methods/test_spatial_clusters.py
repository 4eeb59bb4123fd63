"""Spatial clusters: against esda, every deal counted out, and their laws."""

import itertools
import math
import time

import numpy as np
import pytest
from esda.moran import Moran, Moran_Local
from esda.smoothing import assuncao_rate
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import W

from geodata.methods.contiguity import Neighbours, neighbours_of
from geodata.methods.spatial_clusters import (
    Kind,
    global_moran,
    local_moran,
    standardised_rates,
)


def grid(width: int, height: int) -> Neighbours:
    """Squares that share a side."""
    cell = [(x, y) for y in range(height) for x in range(width)]
    number = {at: i for i, at in enumerate(cell)}
    pairs = [
        (number[at], number[to])
        for at in cell
        for to in ((at[0] + 1, at[1]), (at[0], at[1] + 1))
        if to in number
    ]
    return neighbours_of(pairs, len(cell))


def weights(neighbours: Neighbours) -> W:
    """The same for esda."""
    parts = np.split(neighbours.other, neighbours.start[1:-1])
    return W({i: part.tolist() for i, part in enumerate(parts)}, silence_warnings=True)


def field(seed: int, neighbours: Neighbours) -> np.ndarray:
    """Values that are somewhat like those beside them."""
    noise = np.random.default_rng(seed).normal(size=neighbours.size)
    return noise + 0.6 * neighbours.sums(noise) / neighbours.degree()


def test_agrees_with_esda() -> None:
    """Local I (esda divides by n - 1), quadrants, global I and its variance and p-value."""
    squares = grid(9, 7)
    values = field(1, squares)
    ours = local_moran(values, squares, permutations=99)
    theirs = Moran_Local(values, weights(squares), permutations=0)
    np.testing.assert_allclose(ours.local_i, theirs.Is * 63 / 62, rtol=1e-9)
    quadrant = {1: Kind.HIGH_HIGH, 2: Kind.LOW_HIGH, 3: Kind.LOW_LOW, 4: Kind.HIGH_LOW}
    for kind, number in zip(ours.kind, theirs.q, strict=True):
        assert kind in (Kind.NONE, quadrant[number])
    whole, reference = global_moran(values, squares), Moran(values, weights(squares))
    assert whole.i == pytest.approx(reference.I, rel=1e-9)
    assert whole.expected == pytest.approx(reference.EI, rel=1e-9)
    assert whole.variance == pytest.approx(reference.VI_rand, rel=1e-9)
    assert whole.p_value == pytest.approx(reference.p_rand, rel=1e-9)
    assert whole.areas == 63


def test_p_values_agree_with_deals_area_by_area() -> None:
    """The others shuffled anew for each area, as esda does; within four deviations of both."""
    squares = grid(8, 6)
    values = field(2, squares)
    ours = local_moran(values, squares, permutations=9999, seed=5)
    draw = np.random.default_rng(1)
    for i, part in enumerate(np.split(squares.other, squares.start[1:-1])):
        others = np.tile(np.delete(values, i), (4000, 1))
        sums = draw.permuted(others, axis=1)[:, : part.size].sum(axis=1)
        tail = min((sums >= values[part].sum()).mean(), (sums <= values[part].sum()).mean())
        error = math.sqrt(tail * (1 - tail) * (1 / 4000 + 1 / 9999))
        assert ours.p_value[i] / 2 == pytest.approx(tail, abs=4 * error + 1e-3)


def test_p_values_agree_with_every_deal_counted_out() -> None:
    """Nine areas, whole numbers with ties: all subsets of the other eight, one by one."""
    squares = grid(3, 3)
    values = np.array([1.0, 5, 2, 5, 9, 1, 2, 2, 1])
    made = local_moran(values, squares, permutations=200_000)
    for i, part in enumerate(np.split(squares.other, squares.start[1:-1])):
        observed = values[part].sum()
        others = [v for j, v in enumerate(values) if j != i]
        sums = [sum(c) for c in itertools.combinations(others, len(part))]
        tail = min(
            sum(s >= observed for s in sums) / len(sums),
            sum(s <= observed for s in sums) / len(sums),
        )
        assert made.p_value[i] == pytest.approx(min(1, 2 * tail), abs=0.008)


def test_the_false_discovery_rate_is_kept_by_hand() -> None:
    """The largest k whose p-value is at most k * 5 % / m (Benjamini and Hochberg)."""
    squares = grid(30, 20)
    values = field(3, squares)
    values[[0, 1, 30, 31, 60, 61, 90, 91, 92, 62, 32]] += 6
    made = local_moran(values, squares)
    ordered = sorted(made.p_value)
    passed = [k for k, p in enumerate(ordered, 1) if p <= k * 0.05 / len(ordered)]
    assert passed
    expected = made.p_value <= ordered[passed[-1] - 1]
    np.testing.assert_array_equal(made.is_sure, expected)
    assert 0 < made.is_sure.sum() < (made.kind != Kind.NONE).sum()
    assert set(made.kind[made.is_sure]) <= {Kind.HIGH_HIGH, Kind.LOW_LOW}


def test_areas_without_value_are_nobodys_neighbour() -> None:
    """As if they were not there; whoever has only such neighbours is alone."""
    row = neighbours_of([(0, 1), (1, 2), (2, 3), (3, 4), (5, 6)], 7)
    made = local_moran([1, 2, np.nan, 4, 3, 6, np.nan], row, permutations=99)
    assert made.kind.tolist()[2] is None
    assert made.kind[5] is Kind.ALONE
    assert np.isnan(made.local_i[[2, 5, 6]]).all()
    without = local_moran([1, 2, 4, 3, 6], neighbours_of([(0, 1), (2, 3)], 5), permutations=99)
    known = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(made.local_i[known], without.local_i, rtol=1e-12)
    np.testing.assert_array_equal(made.p_value[known], without.p_value)
    assert not made.is_sure[[2, 5, 6]].any()


def test_where_all_are_alike_nothing_stands_out() -> None:
    """No deviation, no cluster, no p-value of the whole."""
    squares = grid(4, 4)
    made = local_moran([0.1] * 16, squares, permutations=99)
    assert set(made.kind) == {Kind.NONE}
    assert (made.p_value == 1).all()
    assert (made.local_i == 0).all()
    assert math.isnan(global_moran([0.1] * 16, squares).i)
    assert math.isnan(global_moran([1, 2, 3], neighbours_of([(0, 1)], 3)).p_value)
    unknown = local_moran([np.nan] * 16, squares)
    assert unknown.kind.tolist() == [None] * 16


def test_chance_alone_finds_its_share() -> None:
    """Of areas without pattern 5 % have a small p-value, and none is sure."""
    squares = grid(60, 50)
    made = local_moran(np.random.default_rng(8).normal(size=3000), squares)
    assert np.mean(made.p_value < 0.05) == pytest.approx(0.05, abs=0.012)
    assert made.is_sure.sum() == 0


def test_a_country_takes_seconds() -> None:
    """35,000 areas, 99,999 deals for each number of neighbours."""
    squares = grid(200, 175)
    values = field(9, squares)
    started = time.perf_counter()
    local_moran(values, squares)
    assert time.perf_counter() - started < 6


def test_rates_are_standardised_as_esda_does() -> None:
    """Printed in its documentation, and on areas of many sizes."""
    events = np.array([30, 25, 25, 15, 33, 21, 30, 20.0])
    people = np.array([100, 100, 110, 90, 100, 90, 110, 90.0])
    printed = [1.03843594, -0.04099089, -0.56250375, -1.73061861]
    np.testing.assert_allclose(standardised_rates(events, people)[:4], printed, atol=5e-9)
    draw = np.random.default_rng(4)
    people = np.ceil(draw.lognormal(6, 1.5, 200))
    events = draw.poisson(people * draw.gamma(9, 0.1 / 9, 200)).astype(float)
    np.testing.assert_allclose(
        standardised_rates(events, people), assuncao_rate(events, people), rtol=1e-9
    )
    made = standardised_rates([1, np.nan, 3, 0], [10, 10, np.nan, 0])
    assert made[0] == 0
    assert np.isnan(made[1:]).all()
    assert standardised_rates([0, 0], [5, 9]).tolist() == [0, 0]
    assert np.isnan(standardised_rates([np.nan], [1])).all()


def test_impossible_input_is_refused() -> None:
    """Values that are infinite or too few, numbers out of range."""
    row = neighbours_of([(0, 1)], 2)
    with pytest.raises(ValueError, match="one for each of 2"):
        local_moran([1], row)
    with pytest.raises(ValueError, match="finite"):
        global_moran([1, np.inf], row)
    for wrong in ({"permutations": 0}, {"seed": -1}, {"level": 5.0}):
        with pytest.raises(ValueError, match="permutations"):
            local_moran([1, 2], row, **wrong)
    with pytest.raises(ValueError, match="2 counts but 1"):
        standardised_rates([1, 2], [3])


@settings(deadline=None, max_examples=30)
@given(
    values=st.lists(st.floats(-1000, 1000), min_size=20, max_size=20, unique=True),
    factor=st.floats(0.1, 100),
    order=st.permutations(range(20)),
)
def test_unit_and_order_change_nothing(
    values: list[float], factor: float, order: list[int]
) -> None:
    """Nor does a constant; the local I add up to n times the global one."""
    x = np.array(values)
    if np.diff(np.sort(x)).min() < 1e-3:
        return
    squares = grid(5, 4)
    made = local_moran(x, squares, permutations=499)
    assert made.local_i.mean() == pytest.approx(global_moran(x, squares).i, abs=1e-9)
    scaled = local_moran(x * factor + 3, squares, permutations=499)
    np.testing.assert_allclose(scaled.local_i, made.local_i, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(scaled.p_value, made.p_value)
    place = np.argsort(order)
    turned = neighbours_of(
        [(place[a], place[b]) for a, b in zip(squares.owners(), squares.other, strict=True)], 20
    )
    mixed = local_moran(x[order], turned, permutations=499)
    np.testing.assert_array_equal(mixed.p_value, made.p_value[order])
    assert mixed.kind.tolist() == made.kind[order].tolist()
