"""Scales: by hand, the treatment of outliers against its definition, and that they only rise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kurtosis, skew

from geodata.methods.scales import Normalisation, fitted_scale, has_outliers
from geodata.model import Direction

deterministic = settings(derandomize=True, deadline=None, max_examples=60)
WORSE, BETTER = Direction.WORSE, Direction.BETTER
FAR = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 100]
figures = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.sampled_from([80.0, -300.0, 1000.0])), min_size=2
).filter(lambda values: len(set(values)) > 1)


def slow_winsorised(values: list[float]) -> list[float] | None:
    """Return the values brought in one after another; None if five are not enough."""
    held, brought = np.array(values), set()
    while len(brought) < 5:
        upper = skew(held, bias=False) >= 0
        edge = held.max() if upper else held.min()
        at = np.flatnonzero(held == edge)
        rest = np.delete(held, at)
        if not len(rest):
            return None
        held[at] = rest.max() if upper else rest.min()
        brought |= {(upper, int(n)) for n in at}
        if np.ptp(held) == 0:
            return None
        if not (abs(skew(held, bias=False)) > 2 and kurtosis(held, bias=False) > 3.5):
            return list(held)
    return None


def test_three_villages_by_hand() -> None:
    """10, 20 and 40, worse upwards: each way of scoring; the unknown has no score."""
    values = [10, 20, 40, math.nan]
    low_high = fitted_scale(values, WORSE, Normalisation.MIN_MAX).of(values)
    np.testing.assert_allclose(low_high, [0, 100 / 3, 100, math.nan], rtol=1e-12)
    z = fitted_scale(values, WORSE, Normalisation.Z_SCORE).of(values)
    mean, sd = 70 / 3, math.sqrt(((40 / 3) ** 2 + (10 / 3) ** 2 + (50 / 3) ** 2) / 2)
    np.testing.assert_allclose(z[:3], [(x - mean) / sd for x in (10, 20, 40)], rtol=1e-12)
    rank = fitted_scale([*values, 20], WORSE, Normalisation.RANK).of([*values, 20])
    np.testing.assert_allclose(rank, [12.5, 50, 87.5, math.nan, 50], rtol=1e-12)


@pytest.mark.parametrize("normalisation", list(Normalisation))
def test_better_is_worse_turned_round(normalisation: Normalisation) -> None:
    """The score of a figure where less is worse is that of its opposite."""
    better = fitted_scale(FAR, BETTER, normalisation).of(FAR)
    opposite = [-x for x in FAR]
    np.testing.assert_array_equal(fitted_scale(opposite, WORSE, normalisation).of(opposite), better)
    assert (np.diff(better) <= 0).all()


def test_outliers_by_hand() -> None:
    """Both conditions; three figures have no kurtosis."""
    assert has_outliers(np.array(FAR, float))
    assert not has_outliers(np.arange(10.0))
    assert not has_outliers(np.array([0, 0, 1e9]))
    assert not has_outliers(np.zeros(9))


def test_one_point_is_brought_in_if_that_is_enough() -> None:
    """100 counts as 30; on the other side as well; and not if it is not asked for."""
    scale = fitted_scale(FAR, WORSE, Normalisation.MIN_MAX)
    assert (scale.points, scale.takes_log) == (1, 0)
    assert scale.of([1, 30, 100]).tolist() == [0, 100, 100]
    low = fitted_scale([-x for x in FAR], WORSE, Normalisation.MIN_MAX)
    assert (low.points, low.of([-100, -30, -1]).tolist()) == (1, [0, 0, 100])
    bare = fitted_scale(FAR, WORSE, Normalisation.MIN_MAX, treats_outliers=False)
    assert bare.of([30]) == pytest.approx(100 * 29 / 99)


def test_a_logarithm_if_five_points_are_not_enough() -> None:
    """log(x - min + 1 % of the range), mirrored where the long side is the low one."""
    tail = [*range(60), *(1000 * 2**k for k in range(8))]
    scale = fitted_scale(tail, WORSE, Normalisation.MIN_MAX)
    assert (scale.points, scale.takes_log) == (0, 1)
    bent = np.log(np.array(tail) + 0.01 * 128_000)
    expected = 100 * (bent - bent[0]) / (bent[-1] - bent[0])
    np.testing.assert_allclose(scale.of(tail), expected, rtol=1e-9, atol=1e-9)
    mirrored = fitted_scale(tail, BETTER, Normalisation.MIN_MAX)
    assert mirrored.takes_log == -1
    np.testing.assert_allclose(mirrored.of(tail), 100 - expected, rtol=1e-9, atol=1e-9)


@deterministic
@given(figures)
def test_the_treatment_agrees_with_its_definition(values: list[float]) -> None:
    """Brought in point by point, or bent."""
    scale = fitted_scale(values, WORSE, Normalisation.Z_SCORE)
    if not has_outliers(np.array(values)):
        assert (scale.points, scale.takes_log) == (0, 0)
        return
    brought = slow_winsorised(values)
    assert (scale.takes_log == 0) == (brought is not None)
    if brought is not None:
        held = np.array(brought)
        expected = (held - held.mean()) / held.std(ddof=1)
        np.testing.assert_allclose(scale.of(values), expected, rtol=1e-9, atol=1e-9)


@deterministic
@given(figures, st.sampled_from(list(Normalisation)), st.sampled_from([0.0, 1.0]))
def test_a_score_only_rises(
    values: list[float], normalisation: Normalisation, least: float
) -> None:
    """Also between and beyond the figures it was fitted on; in bounds unless a z-score."""
    scale = fitted_scale(values, WORSE, normalisation, least_score=least)
    scores = scale.of(np.linspace(-2000, 2000, 401))
    assert (np.diff(scores) >= -1e-9).all()
    if normalisation is not Normalisation.Z_SCORE:
        assert scores.min() >= least - 1e-9
        assert scores.max() <= 100 + 1e-9


def test_figures_that_tell_nothing_are_refused() -> None:
    """Neutral, the same everywhere, unknown everywhere, infinite."""
    with pytest.raises(ValueError, match="neutral"):
        fitted_scale([1, 2], Direction.NEUTRAL, Normalisation.RANK)
    for values in ([3, 3, math.nan], [math.nan], []):
        with pytest.raises(ValueError, match="cannot tell areas apart"):
            fitted_scale(values, WORSE, Normalisation.MIN_MAX)
    with pytest.raises(ValueError, match="infinite"):
        fitted_scale([1, math.inf], WORSE, Normalisation.MIN_MAX)
