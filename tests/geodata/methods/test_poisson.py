"""Limits of counts: against the chi-square quantiles, published values, and in order."""

import numpy as np
import pytest
from scipy.stats import chi2, norm

from geodata.methods.poisson import poisson_interval


def test_agrees_with_the_definitions_one_count_at_a_time() -> None:
    """Exact under 10, Byar's from 10 on, at two levels."""
    counts = [0.0, 1, 3.5, 9, 10, 48, 1000]
    for level in (0.9, 0.95):
        low, high = poisson_interval(counts, level)
        tail, z = (1 - level) / 2, norm.ppf((1 + level) / 2)
        for x, lower, upper in zip(counts, low, high, strict=True):
            if x < 10:
                assert lower == pytest.approx(chi2.ppf(tail, 2 * x) / 2 if x else 0, rel=1e-9)
                assert upper == pytest.approx(chi2.ppf(1 - tail, 2 * x + 2) / 2, rel=1e-9)
            else:
                y = x + 1
                assert lower == pytest.approx(x * (1 - 1 / (9 * x) - z / (3 * x**0.5)) ** 3)
                assert upper == pytest.approx(y * (1 - 1 / (9 * y) + z / (3 * y**0.5)) ** 3)


def test_published_values() -> None:
    """Garwood's table at 95 %: 0 to 3.69, 1: 0.025 to 5.57, 5: 1.62 to 11.67."""
    low, high = poisson_interval([0, 1, 5])
    assert low.round(3).tolist() == [0, 0.025, 1.623]
    assert high.round(2).tolist() == [3.69, 5.57, 11.67]


def test_encloses_the_count_and_rises_with_it() -> None:
    """Also where one rule takes over from the other; the unknown stays unknown."""
    counts = np.arange(0, 40)
    low, high = poisson_interval(counts)
    assert ((low <= counts) & (counts <= high)).all()
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) > 0).all()
    assert np.isnan(poisson_interval([np.nan])).all()


def test_impossible_counts_and_levels_are_refused() -> None:
    """Negative counts, and levels that leave nothing."""
    with pytest.raises(ValueError, match="counts has 1"):
        poisson_interval([-1])
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match="level"):
            poisson_interval([1], level)
