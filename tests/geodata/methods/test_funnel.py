"""Funnels: against the formulas of two implementations, printed numbers, and their laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm, poisson

from geodata.methods.funnel import (
    Convention,
    Trimming,
    overdispersed_funnel,
    rate_funnel,
    share_funnel,
)
from geodata.methods.intervals import rate_interval
from geodata.model import Standing


def sigma_adjusted(p: float, n: float, b: float, side: int) -> float:
    """The limit as PHEindicatormethods writes it: Wilson's quadratic equation solved at length."""
    q2 = norm.ppf(p) ** 2
    first = b * (n / q2 + 1)
    inner = n * (b * (n / q2 + 2) - 1) + q2 * (b - 1)
    root = math.sqrt((-8 * first) ** 2 - 64 * (1 / q2 + 1 / n) * b * inner)
    return (first + side * root / 8) / (1 / q2 + 1 / n) / n


@pytest.mark.parametrize("benchmark", [0.01, 0.3, 0.5, 0.97])
def test_share_limits_agree_with_the_long_formula(benchmark: float) -> None:
    """For few people and many, kept within 0 and 100 %."""
    totals = np.array([1.0, 7, 100, 15232, 1e6])
    made = share_funnel(0 * totals, totals, per=100, benchmark=100 * benchmark)
    for p, side, limits in (
        (0.999, -1, made.far_low),
        (0.975, -1, made.low),
        (0.975, 1, made.high),
        (0.999, 1, made.far_high),
    ):
        expected = [100 * sigma_adjusted(p, n, benchmark, side) for n in totals]
        np.testing.assert_allclose(limits, np.clip(expected, 0, 100), rtol=1e-9, atol=1e-9)


def test_the_example_of_the_reference() -> None:
    """Four areas of the help page of phe_funnel_significance, told by the long formula."""
    counts, totals = [10232, 12321, 15123, 13213], [15232, 16123, 17932, 18475]
    made = share_funnel(counts, totals)
    b = sum(counts) / sum(totals)
    assert made.benchmark == pytest.approx(100 * b)
    for x, n, standing in zip(counts, totals, made.standing, strict=True):
        if x / n < sigma_adjusted(0.999, n, b, -1):
            assert standing is Standing.MUCH_LOWER
        elif x / n > sigma_adjusted(0.999, n, b, 1):
            assert standing is Standing.MUCH_HIGHER
        else:
            raise AssertionError("all four are far from their common share")


def test_rate_limits_print_what_the_reference_prints() -> None:
    """Ports print poisson_funnel(200, 0.025, low) = 173.24086, (500, 0.001, high) = 573.02748.

    An area of 200 events is on its upper limit where so many are expected, one of 500 on its lower.
    """
    made = rate_funnel([0, 0], [173.24086241121654, 573.0274767209943], benchmark=1)
    assert made.high[0] * 173.24086241121654 == pytest.approx(200, rel=1e-6)
    assert made.far_low[1] * 573.0274767209943 == pytest.approx(500, rel=1e-6)


def test_rate_limits_leave_the_stated_chance_outside() -> None:
    """The chance of as many events, or as few, as are beyond a limit is at most p."""
    expected = np.array([0.02, 0.5, 3, 12.3, 250, 4e4])
    made = rate_funnel(0 * expected, expected, benchmark=1)
    for p, low, high in ((0.025, made.low, made.high), (0.001, made.far_low, made.far_high)):
        # The next whole number beyond each limit.
        under, over = np.ceil(low * expected) - 1, np.floor(high * expected) + 1
        assert (poisson.cdf(under, expected) <= p).all()
        assert (poisson.sf(over - 1, expected) <= p).all()
        assert (poisson.cdf(under + 1, expected) > p - 1e-12).all()
        assert (poisson.sf(over - 2, expected) > p - 1e-12).all()


def test_a_share_is_outside_about_as_often_as_chance_says() -> None:
    """Wilson's limits are approximate: near 5 % for a thousand people, 0.2 % beyond the outer."""
    made = share_funnel([0], [1000], per=1, benchmark=0.3)
    for p, low, high in ((0.05, made.low, made.high), (0.002, made.far_low, made.far_high)):
        outside = binom.cdf(np.ceil(low * 1000) - 1, 1000, 0.3) + binom.sf(
            np.floor(high * 1000), 1000, 0.3
        )
        assert outside[0] == pytest.approx(p, rel=0.2)


@pytest.mark.parametrize("trimming", list(Trimming))
@pytest.mark.parametrize("is_share", [False, True])
def test_dispersion_agrees_with_the_definitions(trimming: Trimming, is_share: bool) -> None:
    """One area at a time: scores, both ways of trimming, phi, tau^2, limits (as FunnelPlotR)."""
    draw = np.random.default_rng(3)
    n = np.ceil(draw.lognormal(6, 0.7, 37))
    x = draw.binomial(n.astype(int), draw.beta(20, 60, n.size)).astype(float)
    made = overdispersed_funnel(x, n, per=100, is_share=is_share, trimming=trimming)
    b = x.sum() / n.sum()
    if is_share:
        scores = [
            (math.asin(math.sqrt(a / c)) - math.asin(math.sqrt(b))) * 2 * math.sqrt(c)
            for a, c in zip(x, n, strict=True)
        ]
        errors = [1 / (2 * math.sqrt(c)) for c in n]
    else:
        scores = [math.sqrt(c * b) * math.log(a / (c * b)) for a, c in zip(x, n, strict=True)]
        errors = [1 / math.sqrt(c * b) for c in n]
    pairs = sorted(zip(scores, errors, strict=True))
    if trimming is Trimming.TRUNCATED:
        kept = [
            pair for i, pair in enumerate(pairs, 1) if 0 < math.floor(i * 10 / (len(pairs) + 1)) < 9
        ]
    else:
        low, high = (np.quantile(scores, q) for q in (0.1, 0.9))
        kept = [(min(max(z, low), high), s) for z, s in pairs]
    phi = sum(z * z for z, _ in kept) / len(kept)
    w = [1 / s**2 for _, s in kept]
    tau2 = (len(kept) * phi - (len(kept) - 1)) / (sum(w) - sum(v * v for v in w) / sum(w))
    assert tau2 > 0
    assert made.phi == pytest.approx(phi, rel=1e-9)
    assert made.tau2 == pytest.approx(tau2, rel=1e-9)
    for z, limits in ((-1.959964, made.low), (3.090232, made.far_high)):
        for s, limit in zip(errors, limits, strict=True):
            if is_share:
                expected = math.sin(math.asin(math.sqrt(b)) + z * math.sqrt(s**2 + tau2)) ** 2
            else:
                expected = b * math.exp(z * math.sqrt(s**2 + tau2))
            assert limit == pytest.approx(100 * expected, rel=1e-6)


def test_without_excess_the_overdispersed_funnel_adds_nothing() -> None:
    """Equal figures: phi 0, tau^2 0. And none at all has a score, not minus infinity."""
    made = overdispersed_funnel([10, 20, 30], [100, 200, 300])
    assert made.phi == pytest.approx(0, abs=1e-20)
    assert made.tau2 == 0
    nothing = overdispersed_funnel([0, 0, 40, 60], [1, 90, 100, 100])
    assert nothing.standing[0] is Standing.WITHIN
    assert nothing.standing[1] in (Standing.LOWER, Standing.MUCH_LOWER)
    assert np.isfinite(nothing.phi)


def test_what_is_unknown_stands_nowhere() -> None:
    """Nor is it part of the benchmark; nor has a lone area a spread."""
    for funnel in (share_funnel, rate_funnel, overdispersed_funnel):
        made = funnel([5, np.nan, 3, 0], [100, 100, np.nan, 0], per=100)
        assert made.benchmark == 5
        assert made.standing.tolist() == [Standing.WITHIN, None, None, None]
        assert np.isnan(made.low[1:]).all()
        assert made.convention in Convention
        unknown = funnel([np.nan], [1])
        assert math.isnan(unknown.benchmark)
        assert unknown.standing.tolist() == [None]


def test_where_nothing_is_expected_any_event_is_high() -> None:
    """A benchmark of 0."""
    made = rate_funnel([0, 1], [10, 10], benchmark=0)
    assert made.standing.tolist() == [Standing.WITHIN, Standing.MUCH_HIGHER]
    assert rate_funnel([0, 0], [10, 10]).standing.tolist() == [Standing.WITHIN] * 2
    assert overdispersed_funnel([0, 0], [10, 10]).standing.tolist() == [Standing.WITHIN] * 2


def test_impossible_input_is_refused() -> None:
    """Parts above wholes, benchmarks out of range, lengths that differ."""
    for made in (share_funnel, lambda x, n: overdispersed_funnel(x, n, is_share=True)):
        with pytest.raises(ValueError, match="above the whole"):
            made([3], [2])
    with pytest.raises(ValueError, match="above the whole"):
        share_funnel([1], [2], per=100, benchmark=101)
    with pytest.raises(ValueError, match="benchmark"):
        rate_funnel([1], [2], benchmark=-1)
    with pytest.raises(ValueError, match="2 counts but 1"):
        rate_funnel([1, 2], [2])
    with pytest.raises(ValueError, match="per must be"):
        rate_funnel([1], [2], per=0)


@settings(deadline=None)
@given(
    areas=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 10**5)), min_size=1, max_size=20),
    benchmark=st.floats(0.01, 50),
)
def test_an_area_is_outside_where_its_exact_interval_misses_the_benchmark(
    areas: list[tuple[int, int]], benchmark: float
) -> None:
    """Limits are in order, and outside in the unit of the figure says the same in any unit."""
    counts, people = np.array(areas, dtype=float).T
    made = rate_funnel(counts, people, per=1000, benchmark=benchmark)
    assert (made.far_low <= made.low).all()
    assert (made.low <= benchmark * (1 + 1e-9)).all()
    assert (made.high >= benchmark * (1 - 1e-9)).all()
    assert (made.high <= made.far_high).all()
    few = counts < 10
    interval = rate_interval(counts, people, 1000)
    is_high = np.isin(made.standing, [Standing.HIGHER, Standing.MUCH_HIGHER])
    is_low = np.isin(made.standing, [Standing.LOWER, Standing.MUCH_LOWER])
    np.testing.assert_array_equal(is_high[few], interval.low[few] > benchmark)
    np.testing.assert_array_equal(is_low[few], interval.high[few] < benchmark)
