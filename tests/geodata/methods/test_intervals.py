"""Intervals of rates and shares: against their definitions, a library and their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm
from statsmodels.stats.proportion import proportion_confint

from geodata.methods.intervals import rate_interval, share_interval, wilson_interval


@pytest.mark.parametrize("level", [0.9, 0.95, 0.998])
def test_wilson_agrees_with_statsmodels(level: float) -> None:
    """At every count of some totals."""
    for total in (1, 7, 100, 5000):
        count = np.unique(np.linspace(0, total, 12).round())
        low, high = wilson_interval(count, np.full(count.shape, total), level)
        expected = proportion_confint(count, total, 1 - level, method="wilson")
        np.testing.assert_allclose([low, high], expected, rtol=1e-9, atol=1e-15)


def test_wilson_agrees_with_the_formula_one_at_a_time() -> None:
    """As R's utils of PHEindicatormethods 2.1.0 write it, on the inputs of its tests."""
    z = norm.ppf(0.95 + 0.05 / 2)
    cases = [(65.0, 100.0), (1045.0, 5000.0), (0.445, 1.0)]
    low, high = wilson_interval([x for x, _ in cases], [n for _, n in cases])
    for (x, n), lower, upper in zip(cases, low, high, strict=True):
        half = z * (z**2 + 4 * x * (1 - x / n)) ** 0.5
        assert lower == pytest.approx((2 * x + z**2 - half) / 2 / (n + z**2), rel=1e-12)
        assert upper == pytest.approx((2 * x + z**2 + half) / 2 / (n + z**2), rel=1e-12)


def test_published_wilson_limits() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    low, high = wilson_interval([81, 15, 0, 1], [263, 148, 20, 29])
    assert low.round(4).tolist() == [0.2553, 0.0624, 0.0000, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_a_rate_has_the_limits_of_its_count() -> None:
    """Exact under ten, Byar's from ten; byars_lower(100) = 81.36210549 in ports of PHE's."""
    found = rate_interval([9, 10, 100, np.nan, 4, 4], [200, 200, 100, 10, 0, np.nan], per=100)
    assert found.method.tolist() == ["exact", "byar", "byar", None, None, None]
    assert found.low[0] == pytest.approx(chi2.ppf(0.025, 18) / 2 / 2, rel=1e-9)
    assert found.high[0] == pytest.approx(chi2.ppf(0.975, 20) / 2 / 2, rel=1e-9)
    assert found.low[2] == pytest.approx(81.36210549052788, rel=1e-9)
    assert np.isnan(found.low[3:]).all()
    assert np.isnan(found.high[3:]).all()


def test_what_is_unknown_has_no_interval() -> None:
    """Nor has a part of nothing."""
    found = share_interval([np.nan, 3, 0, 3], [5, np.nan, 0, 3])
    assert np.isnan(found.low[:3]).all()
    assert np.isnan(found.high[:3]).all()
    assert found.method.tolist() == [None, None, None, "wilson"]
    assert found.high[3] == 100


def test_impossible_input_is_refused() -> None:
    """A part above its whole, a negative count, lengths and factors that make no sense."""
    with pytest.raises(ValueError, match="above the whole"):
        wilson_interval([6], [5])
    with pytest.raises(ValueError, match="counts has 1"):
        rate_interval([-1], [5], 100)
    with pytest.raises(ValueError, match="2 counts but 1"):
        rate_interval([1, 2], [5], 100)
    with pytest.raises(ValueError, match="per must be"):
        share_interval([1], [5], per=0)
    with pytest.raises(ValueError, match="level"):
        wilson_interval([1], [5], level=95)


@settings(deadline=None)
@given(
    total=st.integers(1, 10**6),
    share=st.floats(0, 1),
    levels=st.tuples(st.floats(0.5, 0.999), st.floats(0.5, 0.999)),
)
def test_the_interval_encloses_the_share_is_mirrored_and_grows_with_the_level(
    total: int, share: float, levels: tuple[float, float]
) -> None:
    """What is not in the part is in the rest, with the mirrored limits."""
    count = float(round(share * total))
    narrow, wide = sorted(levels)
    low, high = wilson_interval([count], [total], wide)
    inner_low, inner_high = wilson_interval([count], [total], narrow)
    hair = 1e-12  # two levels that are next to each other are a rounding apart
    assert 0 <= low <= inner_low + hair
    assert inner_low <= count / total <= inner_high <= high + hair <= 1 + hair
    rest_low, rest_high = wilson_interval([total - count], [total], wide)
    np.testing.assert_allclose([rest_low, rest_high], [1 - high, 1 - low], atol=1e-12)
