"""Shift: by hand, a slow second version, and the laws of a divergence."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geodata.methods.shift import (
    decile_counts,
    distribution_shift,
    multiples_share,
    silence,
    stability_index,
)

deterministic = settings(derandomize=True, deadline=None, max_examples=40)
counts = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 500), min_size=n, max_size=n)] * 2)
)
samples = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=40)


def test_two_classes_by_hand():
    """Shares 0.05 and 0.95 against 0.95 and 0.05: 2 * 0.9 * ln 19."""
    assert stability_index([0, 9], [9, 0]) == pytest.approx(1.8 * math.log(19), rel=1e-12)


def test_three_classes_by_hand():
    """Shares 1, 3, 6 tenths against 6, 3, 1 tenths: 2 * 0.5 * ln 6; the middle weighs nothing."""
    assert stability_index([0.5, 2.5, 5.5], [5.5, 2.5, 0.5]) == pytest.approx(
        math.log(6), rel=1e-12
    )


def slow_index(then: list[float], now: list[float]) -> float:
    """The index with loops: classes end at the deciles, each a value of the first sample."""
    ranked = sorted(then)
    limits = sorted({ranked[-((-d * (len(ranked) - 1)) // 10)] for d in range(1, 10)})
    total = 0.0
    for low, high in zip([-math.inf, *limits], [*limits, math.inf], strict=True):
        share = [
            (sum(low < x <= high for x in sample) + 0.5) / (len(sample) + 0.5 * (len(limits) + 1))
            for sample in (then, now)
        ]
        total += (share[1] - share[0]) * math.log(share[1] / share[0])
    return total


@deterministic
@given(samples, samples)
def test_the_index_is_that_of_a_slow_version(then, now):
    assert distribution_shift(then, now).index == pytest.approx(slow_index(then, now), abs=1e-9)


@deterministic
@given(counts)
def test_a_divergence_is_symmetric_never_negative_and_zero_for_equals(pair):
    first, second = pair
    index = stability_index(first, second)
    assert index == pytest.approx(stability_index(second, first), abs=1e-12)
    assert index >= -1e-12
    assert stability_index(first, first) == 0
    turned = stability_index(first[::-1], second[::-1])
    assert turned == pytest.approx(index, abs=1e-12)


@deterministic
@given(samples, samples, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(then, now, unit):
    first = distribution_shift(then, now)
    second = distribution_shift([x * unit for x in then], [x * unit for x in now])
    assert second.index == pytest.approx(first.index, abs=1e-12)
    assert second.distance == first.distance


@deterministic
@given(samples, samples)
def test_every_value_is_in_one_class(then, now):
    before, after = decile_counts(then, now)
    assert (before.sum(), after.sum()) == (len(then), len(now))
    assert len(before) == len(after) <= 10


def test_another_unit_shifts_and_a_sample_of_the_same_law_does_not():
    drawn = np.random.default_rng(1).lognormal(3, 1, (2, 400))
    same, other = distribution_shift(*drawn), distribution_shift(drawn[0], 1000 * drawn[1])
    assert same.index < 0.25
    assert same.p_value > 0.001
    assert other.index > 2
    assert other.distance > 0.9
    assert other.p_value < 1e-9


def test_silences_are_compared_area_by_area():
    """Eight of ten fall silent, none speaks up: 2 * (1/2)^8; as many of each is no news."""
    found = silence([False] * 10, [True] * 8 + [False] * 2)
    assert (found.before, found.after, found.moved) == (0.0, 0.8, 0.8)
    assert found.p_value == pytest.approx(2 / 256)
    assert silence([True, False] * 20, [False, True] * 20).p_value == 1
    assert silence([True] * 5, [True] * 5).p_value == 1


@deterministic
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_the_exact_test_is_the_sum_of_the_binomial_tail(pairs):
    was, is_now = map(list, zip(*pairs, strict=True))
    fell = sum(b and not a for a, b in pairs)
    changed = sum(a != b for a, b in pairs)
    tail = sum(math.comb(changed, k) for k in range(max(fell, changed - fell), changed + 1))
    wanted = min(1.0, 2 * tail / 2**changed)
    assert silence(was, is_now).p_value == pytest.approx(wanted, rel=1e-9)


def test_the_share_of_multiples():
    assert multiples_share([0, 5, 10, 12], 5) == 0.75
    assert multiples_share([0.5, 1.0], 5) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: stability_index([1, 2], [1]),
        lambda: stability_index([], []),
        lambda: stability_index([-1, 2], [1, 2]),
        lambda: stability_index([math.nan, 2], [1, 2]),
        lambda: distribution_shift([], [1]),
        lambda: distribution_shift([1, math.nan], [1]),
        lambda: silence([True], [True, False]),
        lambda: silence([], []),
        lambda: multiples_share([], 5),
    ],
)
def test_what_cannot_be_compared_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must|known"):
        wrong()


def test_the_distance_is_that_of_kolmogorov_and_smirnov():
    then, now = np.arange(60), np.arange(60) + 20
    found = distribution_shift(then, now)
    assert found.distance == pytest.approx(20 / 60)
    assert found.p_value == stats.ks_2samp(then, now, method="asymp").pvalue
