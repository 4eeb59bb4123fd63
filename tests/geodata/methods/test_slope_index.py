"""Slope index: against the transformed regression of the reference, and its laws."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from geodata.methods.slope_index import Spread, slope_index, standard_errors

#: The first area of the example in the help of phe_sii: ten deciles, life expectancy.
PEOPLE = np.array([7291, 7997, 6105, 7666, 5790, 6934, 5918, 5974, 7147, 7534.0])
VALUES = np.array([75.9, 78.3, 83.8, 83.6, 80.5, 81.1, 81.7, 84.2, 80.6, 86.3])
LOW = np.array([72.7, 75.3, 80.9, 80.2, 77.1, 78, 79, 81.4, 75.8, 83.2])
HIGH = np.array([79.1, 81.4, 86.8, 87.1, 83.8, 84.2, 84.4, 86.9, 85.4, 89.4])
ERRORS = np.array([1.64, 1.58, 1.51, 1.78, 1.7, 1.56, 1.37, 1.4, 2.43, 1.57])
DECILES = np.arange(1, 11)


def transformed(y: np.ndarray, people: np.ndarray) -> tuple[float, float]:
    """Start and slope, as phe_sii: Y sqrt(a) on sqrt(a) and b sqrt(a), no constant."""
    a = people / people.sum()
    b = np.cumsum(a) - a / 2
    fit = sm.OLS(y * np.sqrt(a), np.stack([np.sqrt(a), b * np.sqrt(a)], axis=1)).fit()
    return float(fit.params[0]), float(fit.params[1])


def test_agrees_with_the_transformed_regression() -> None:
    """On the reference's own example."""
    start, slope = transformed(VALUES, PEOPLE)
    made = slope_index(VALUES, PEOPLE, DECILES, ERRORS)
    assert made.sii == pytest.approx(slope, rel=1e-9)
    assert made.rii == pytest.approx((start + slope) / start, rel=1e-9)
    assert made.areas == 10


def test_standard_errors_are_those_printed_beside_the_intervals() -> None:
    """The reference's example gives both, to two digits of rounded limits."""
    np.testing.assert_allclose(standard_errors(LOW, HIGH), ERRORS, atol=0.04)
    rates = standard_errors([5.0], [20.0], Spread.LOG)
    assert rates[0] == pytest.approx(math.log(4) / (2 * norm.ppf(0.975)), rel=1e-9)
    share = standard_errors([0.2], [0.8], Spread.LOGIT)
    assert share[0] == pytest.approx(2 * math.log(4) / (2 * norm.ppf(0.975)), rel=1e-9)


@pytest.mark.parametrize("spread", list(Spread))
def test_limits_are_those_of_simulated_regressions(spread: Spread) -> None:
    """A thousandfold slow version: draw, transform back, regress, take quantiles."""
    y = VALUES / 100
    errors = standard_errors(LOW / 100, HIGH / 100, spread)
    made = slope_index(y, PEOPLE, DECILES, errors, spread=spread)
    draw = np.random.default_rng(11)
    indices = []
    for _ in range(3000):
        noise = errors * draw.standard_normal(10)
        if spread is Spread.PLAIN:
            drawn = y + noise
        elif spread is Spread.LOG:
            drawn = y * np.exp(noise)
        else:
            odds = y / (1 - y) * np.exp(noise)
            drawn = odds / (1 + odds)
        a = PEOPLE / PEOPLE.sum()
        b = np.cumsum(a) - a / 2
        root = np.sqrt(a)
        (start, slope), *_ = np.linalg.lstsq(np.stack([root, b * root], 1), drawn * root)
        indices.append((slope, (start + slope) / start))
    slow = np.quantile(indices, [0.025, 0.975], axis=0)
    width = slow[1] - slow[0]
    assert [made.sii_low, made.sii_high] == pytest.approx(slow[:, 0], abs=0.06 * width[0])
    assert [made.rii_low, made.rii_high] == pytest.approx(slow[:, 1], abs=0.06 * width[1])


def test_plain_limits_of_the_slope_are_exact() -> None:
    """Whatever the seed; those of the ratio move with it a little."""
    first, second = (slope_index(VALUES, PEOPLE, DECILES, ERRORS, seed=s) for s in (1, 2))
    assert first.sii_low == second.sii_low
    assert first.rii_low != second.rii_low
    assert first.rii_low == pytest.approx(second.rii_low, abs=0.002)


def test_what_is_unknown_is_left_out() -> None:
    """Unknown figures, ranks, errors, and nobody there."""
    nan = np.nan
    made = slope_index(
        [*VALUES, nan, 5, 5, 5],
        [*PEOPLE, 9, 0, 9, 9],
        [*DECILES, 4, 4, nan, 4],
        [*ERRORS, 1, 1, 1, nan],
    )
    assert made == slope_index(VALUES, PEOPLE, DECILES, ERRORS)
    assert math.isnan(slope_index([1, 2], [5, 5], [3, 3]).sii)
    assert math.isnan(slope_index([], [], []).rii)
    without = slope_index(VALUES, PEOPLE, DECILES)
    assert math.isnan(without.sii_low)
    assert without.sii == slope_index(VALUES, PEOPLE, DECILES, ERRORS).sii


def test_a_line_that_starts_below_nothing_has_no_ratio() -> None:
    """Nor has one that may, limits."""
    falling = slope_index([-1, 1], [1, 1], [1, 2], [0.1, 0.1])
    assert math.isnan(falling.rii)
    shaky = slope_index([1, 2], [1, 1], [1, 2], [2, 2])
    assert shaky.rii == pytest.approx(5)
    assert math.isnan(shaky.rii_low)


def test_impossible_input_is_refused() -> None:
    """Errors below 0, figures out of the scale, few draws."""
    with pytest.raises(ValueError, match="errors"):
        slope_index([1, 2], [1, 1], [1, 2], [1, -1])
    with pytest.raises(ValueError, match="scale log"):
        slope_index([0, 2], [1, 1], [1, 2], [1, 1], spread=Spread.LOG)
    with pytest.raises(ValueError, match="scale logit"):
        slope_index([0.5, 1], [1, 1], [1, 2], [1, 1], spread=Spread.LOGIT)
    with pytest.raises(ValueError, match="draws"):
        slope_index([1, 2], [1, 1], [1, 2], draws=10)
    with pytest.raises(ValueError, match="1 ranks"):
        slope_index([1, 2], [1, 1], [1])


@settings(deadline=None)
@given(
    areas=st.lists(
        st.tuples(st.floats(1, 100), st.integers(1, 1000), st.integers(0, 6)),
        min_size=2,
        max_size=20,
    ),
    factor=st.floats(0.1, 10),
)
def test_laws(areas: list[tuple[float, int, int]], factor: float) -> None:
    """A straight line is found exactly; the unit scales the slope; ranks turned round turn it."""
    x, p, rank = np.array(areas, dtype=float).T
    if np.unique(rank).size < 2:
        return
    made, turned = slope_index(x, p, rank), slope_index(x, p, -rank)
    assert turned.sii == pytest.approx(-made.sii, abs=1e-7)
    assert slope_index(x * factor, p, rank).sii == pytest.approx(made.sii * factor, abs=1e-6)
    assert slope_index(x * 0 + 7, p, rank).sii == pytest.approx(0, abs=1e-9)
