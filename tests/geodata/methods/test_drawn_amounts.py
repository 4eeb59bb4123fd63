"""Drawn amounts: the distributions they should have, and what stays as it is."""

import math

import numpy as np
import pytest
from scipy.stats import gamma, kstest, uniform

from geodata.methods.drawn_amounts import EXACT, Counted, Within, drawn_amounts
from geodata.methods.keyed_random import Draws, Purpose

nan = math.nan
MANY = Draws(2000, seed=2)


@pytest.mark.parametrize(("count", "weight"), [(0.4, 1), (3, 1), (9.9, 1), (12, 4), (8, 0.5)])
def test_few_counted_are_gamma(count: float, weight: float) -> None:
    """Kolmogorov and Smirnov see no difference, exact as they are."""
    drawn = drawn_amounts([count], Counted(weight), MANY, Purpose.DEMAND)[:, 0]
    assert kstest(drawn, gamma(count / weight, scale=weight).cdf).pvalue > 0.01
    assert drawn.mean() == pytest.approx(count, rel=4 / math.sqrt(2000 * count / weight))


@pytest.mark.parametrize("count", [10, 16, 100, 30_000])
def test_many_counted_are_gamma_to_a_thousandth(count: float) -> None:
    """The cube root's quantiles beside the exact ones, from 1 % to 99 %; and the mean."""
    drawn = np.sort(drawn_amounts([count], Counted(), MANY, Purpose.DEMAND)[:, 0])
    assert kstest(drawn, gamma(count).cdf).pvalue > 0.01
    assert drawn.mean() == pytest.approx(count, rel=4 / math.sqrt(2000 * count))
    assert drawn.var() == pytest.approx(count, rel=0.1)


def test_within_a_share_is_even() -> None:
    """Between the ends and nowhere else; each on its own, or all together."""
    apart = drawn_amounts([50, 50], Within(0.2), MANY, Purpose.SUPPLY)
    assert kstest(apart[:, 0], uniform(40, 20).cdf).pvalue > 0.01
    assert abs(np.corrcoef(apart.T)[0, 1]) < 0.08
    together = drawn_amounts([50, 25], Within(0.2, is_common=True), MANY, Purpose.SUPPLY)
    np.testing.assert_allclose(together[:, 0], 2 * together[:, 1], rtol=1e-15)
    assert kstest(together[:, 0], uniform(40, 20).cdf).pvalue > 0.01


@pytest.mark.parametrize("error", [EXACT, Within(0.3), Within(0.3, True), Counted(), Counted(4)])
def test_the_unknown_and_the_empty_stay_so(error: Counted | Within) -> None:
    """NaN is NaN and nobody is nobody in every draw; nothing falls below."""
    drawn = drawn_amounts([nan, 0, 2, 200], error, Draws(200), Purpose.DEMAND)
    assert drawn.shape == (200, 4)
    assert np.isnan(drawn[:, 0]).all()
    assert (drawn[:, 1] == 0).all()
    assert (drawn[:, 2:] > 0).all()


def test_exact_amounts_are_themselves() -> None:
    """To the last bit."""
    np.testing.assert_array_equal(
        drawn_amounts([0.1, 7, nan], EXACT, Draws(3), Purpose.DEMAND),
        np.tile([0.1, 7, nan], (3, 1)),
    )


def test_impossible_errors_and_amounts_are_refused() -> None:
    """Shares and weights out of range, negative amounts, tables."""
    for share in (-0.1, 1.1, nan):
        with pytest.raises(ValueError, match="share"):
            Within(share)
    for weight in (0, -1, nan, math.inf):
        with pytest.raises(ValueError, match="weight"):
            Counted(weight)
    with pytest.raises(ValueError, match="demand has 1"):
        drawn_amounts([-1], EXACT, Draws(1), Purpose.DEMAND)
    with pytest.raises(ValueError, match="one-dimensional"):
        drawn_amounts([[1.0]], EXACT, Draws(1), Purpose.DEMAND)
