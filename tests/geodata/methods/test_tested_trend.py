"""Tested trends: against statsmodels series by series, a search by hand, and their laws."""

import time
import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geodata.methods.tested_trend import Trends, Verdict, rate_trends, value_trends

YEARS = np.arange(2010, 2022)


def simulated(seed: int, size: int = 25) -> tuple[np.ndarray, np.ndarray]:
    """Counts with some trend and some excess, holes here and there, and the people."""
    draw = np.random.default_rng(seed)
    people = draw.lognormal(8, 1, (size, 1)) * np.exp(0.01 * np.arange(YEARS.size))
    mean = people * 0.02 * np.exp(draw.normal(0, 0.06, (size, 1)) * (YEARS - 2015))
    counts = draw.poisson(mean * draw.gamma(50, 1 / 50, mean.shape)).astype(float)
    counts[draw.random(counts.shape) < 0.1] = np.nan
    return counts, people


def test_rates_agree_with_statsmodels() -> None:
    """Slope, limits and p-value of a quasi-Poisson fit with Pearson's dispersion, at least 1."""
    counts, people = simulated(1)
    made = rate_trends(counts, people, YEARS, has_breaks=False)
    assert made.series.tolist() == list(range(len(counts)))
    for i, (y, n) in enumerate(zip(counts, people, strict=True)):
        known = ~np.isnan(y)
        design = sm.add_constant((YEARS - 2015.5)[known])
        model = sm.GLM(y[known], design, sm.families.Poisson(), offset=np.log(n[known]))
        plain = model.fit(tol=1e-14)
        scale = max(1.0, plain.pearson_chi2 / plain.df_resid)
        fit = model.fit(tol=1e-14, scale=scale, use_t=True)
        assert made.change[i] == pytest.approx(100 * np.expm1(fit.params[1]), rel=1e-9)
        low, high = 100 * np.expm1(fit.conf_int()[1])
        assert made.low[i] == pytest.approx(low, rel=1e-7)
        assert made.high[i] == pytest.approx(high, rel=1e-7)
        assert made.p_value[i] == pytest.approx(fit.pvalues[1], rel=1e-7)
        assert made.periods[i] == known.sum()


@pytest.mark.parametrize("is_log", [True, False])
def test_values_agree_with_statsmodels(is_log: bool) -> None:
    """Weighted least squares, on logarithms or on the values of series that pass through 0."""
    draw = np.random.default_rng(2)
    values = 20 + draw.normal(0, 1, (12, YEARS.size)).cumsum(axis=1)
    values[:, 3] = 0 if not is_log else np.nan
    weights = draw.lognormal(0, 1, values.shape)
    made = value_trends(values, YEARS, weights, level=0.9, has_breaks=False)
    for i, (y, w) in enumerate(zip(values, weights, strict=True)):
        known = ~np.isnan(y)
        target = np.log(y[known]) if is_log else y[known]
        fit = sm.WLS(target, sm.add_constant((YEARS - 2015.5)[known]), w[known]).fit()
        slopes = np.array([fit.params[1], *fit.conf_int(0.1)[1]])
        expected = 100 * (np.expm1(slopes) if is_log else slopes / y[known].mean())
        assert [made.change[i], made.low[i], made.high[i]] == pytest.approx(expected, rel=1e-9)
        assert made.p_value[i] == pytest.approx(fit.pvalues[1], rel=1e-9)
        assert made.method[i] == ("log_linear" if is_log else "linear")


def test_the_break_is_the_one_found_by_hand() -> None:
    """Every place tried one by one with statsmodels; the change, and its covariance in average."""
    draw = np.random.default_rng(5)
    x = YEARS - YEARS.mean()
    for kink in (3, 6, 8):
        truth = 3 + 0.1 * x - 0.25 * np.maximum(x - x[kink], 0)
        y = truth + draw.normal(0, 0.02, x.size)
        made = value_trends([np.exp(y)], YEARS)
        fits = {
            at: sm.OLS(y, np.stack([x * 0 + 1, x, np.maximum(x - x[at], 0)], axis=1)).fit()
            for at in range(2, 10)
        }
        best = min(fits, key=lambda at, fits=fits: fits[at].ssr)
        fit, line = fits[best], sm.OLS(y, sm.add_constant(x)).fit()
        assert made.last[0] == best == made.first[1]
        assert made.periods.tolist() == [best + 1, 12 - best]
        assert made.break_p[0] == pytest.approx(8 * fit.compare_f_test(line)[1], rel=1e-6)
        late = fit.t_test([0, 1, 1])
        assert made.change[1] == pytest.approx(100 * np.expm1(late.effect[0]), rel=1e-9)
        assert made.p_value[1] == pytest.approx(late.pvalue, rel=1e-6)
        share = (11 - best) / 11
        average = fit.t_test([0, 1, share])
        assert made.average[0] == pytest.approx(100 * np.expm1(average.effect[0]), rel=1e-9)
        assert made.average_high[0] == pytest.approx(
            100 * np.expm1(average.conf_int()[0, 1]), rel=1e-9
        )


def test_a_break_in_counts_agrees_with_statsmodels() -> None:
    """Rising by 15 % until 2015, falling after: found, with the fit of the bent design."""
    x = YEARS - YEARS.mean()
    people = np.full(YEARS.size, 1e5)
    mean = people * np.exp(-4 + 0.15 * x - 0.35 * np.maximum(x - x[5], 0))
    y = np.random.default_rng(4).poisson(mean).astype(float)
    made = rate_trends([y], [people], YEARS)
    assert made.first.tolist() == [0, 5]
    design = np.stack([x * 0 + 1, x, np.maximum(x - x[5], 0)], axis=1)
    model = sm.GLM(y, design, sm.families.Poisson(), offset=np.log(people))
    plain = model.fit(tol=1e-14)
    fit = model.fit(tol=1e-14, scale=max(1, plain.pearson_chi2 / plain.df_resid), use_t=True)
    late = fit.t_test([0, 1, 1])
    assert made.change[1] == pytest.approx(100 * np.expm1(late.effect[0]), rel=1e-9)
    assert made.low[1] == pytest.approx(100 * np.expm1(late.conf_int()[0, 0]), rel=1e-7)
    assert made.verdict.tolist() == [Verdict.RISING, Verdict.FALLING]


def test_without_enough_there_is_no_trend() -> None:
    """Two periods, no event, events in one period only; three periods are enough."""
    nan = np.nan
    counts = [[5, 6, nan, nan], [0, 0, 0, 0], [9, 0, 0, 0], [0, 0, 0, 9], [5, 6, nan, 9]]
    made = rate_trends(counts, np.full((5, 4), 100), [1, 2, 3, 4])
    assert made.series.tolist() == [4]
    assert made.periods.tolist() == [3]
    assert made.last.tolist() == [3]
    assert np.isnan(made.average[:4]).all()
    assert np.isnan(made.break_p).all()
    nothing = value_trends(np.full((2, 3), nan), [1, 2, 3])
    assert nothing.series.size == 0
    assert value_trends([[-1, -2, -4]], [1, 2, 3]).series.size == 0
    assert rate_trends(np.empty((0, 3)), np.empty((0, 3)), [1, 2, 3]).average.size == 0
    assert rate_trends([[1.0]], [[10]], [1]).series.size == 0


def test_what_does_not_move_is_unclear() -> None:
    """Rounding must not pass for a trend."""
    for made in (
        value_trends([[7.1] * 9, [1.0] * 9], YEARS[:9]),
        rate_trends([[30.0] * 9], [[999.0] * 9], YEARS[:9]),
    ):
        assert set(made.verdict) == {Verdict.UNCLEAR}
        np.testing.assert_allclose(made.change, 0, atol=1e-9)
        assert (made.p_value > 0.99).all()


def test_chance_alone_seldom_makes_a_trend_or_a_break() -> None:
    """Of 4000 series of mere chance about 5 % seem to move, at most 5 % to break."""
    draw = np.random.default_rng(6)
    counts, people = draw.poisson(80, (4000, 8)), np.full((4000, 8), 1000)
    line = rate_trends(counts, people, YEARS[:8], has_breaks=False)
    moving = np.mean(line.verdict != Verdict.UNCLEAR)
    assert 0.005 < moving < 0.05
    bent = rate_trends(counts, people, YEARS[:8])
    assert np.mean(~np.isnan(bent.break_p)) < 0.05
    noise = value_trends(np.exp(draw.normal(0, 0.1, (4000, 8))), YEARS[:8], has_breaks=False)
    assert np.mean(noise.verdict != Verdict.UNCLEAR) == pytest.approx(0.05, abs=0.012)


def test_a_country_takes_seconds() -> None:
    """35,000 series of ten years, every break tried."""
    draw = np.random.default_rng(7)
    people = draw.lognormal(6, 1.2, (35_000, 1)) * np.ones(10)
    counts = draw.poisson(people * 0.05)
    started = time.perf_counter()
    made = rate_trends(counts, people, YEARS[:10])
    assert time.perf_counter() - started < 20
    assert made.average.size == 35_000


def test_impossible_input_is_refused() -> None:
    """Shapes, periods, weights and levels that make no sense."""
    with pytest.raises(ValueError, match="ascend"):
        value_trends([[1, 2, 3]], [2020, 2019, 2021])
    with pytest.raises(ValueError, match="series by 3 periods"):
        rate_trends([[1, 2]], [[1, 2]], [1, 2, 3])
    with pytest.raises(ValueError, match="counts has 1"):
        rate_trends([[1, -2]], [[1, 2]], [1, 2])
    with pytest.raises(ValueError, match="but people"):
        rate_trends([[1, 2]], [[1, 2], [1, 2]], [1, 2])
    with pytest.raises(ValueError, match="weights"):
        value_trends([[1, 2]], [1, 2], weights=[[1, 0]])
    with pytest.raises(ValueError, match="values must be finite"):
        value_trends([[1, np.inf]], [1, 2])
    with pytest.raises(ValueError, match="level"):
        value_trends([[1, 2]], [1, 2], level=95)


def same(first: Trends, second: Trends) -> None:
    """The same segments with the same changes."""
    assert first.series.tolist() == second.series.tolist()
    assert first.first.tolist() == second.first.tolist()
    np.testing.assert_allclose(first.change, second.change, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(first.p_value, second.p_value, rtol=1e-5, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    counts=arrays(np.int64, (4, 7), elements=st.integers(0, 500)),
    per=st.floats(0.1, 1e4),
    start=st.integers(0, 50),
)
def test_units_and_companions_change_nothing(counts: np.ndarray, per: float, start: int) -> None:
    """People in another unit, years counted from elsewhere, series computed alone."""
    people = np.full(counts.shape, 1000.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = rate_trends(counts, people, YEARS[:7])
    same(rate_trends(counts, people * per, YEARS[:7] + start), made)
    alone = rate_trends(counts[2:3], people[2:3], YEARS[:7])
    assert alone.change.tolist() == pytest.approx(made.change[made.series == 2].tolist(), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(values=arrays(np.float64, (3, 8), elements=st.floats(0.5, 500)))
def test_time_turned_round_turns_the_trend_round(values: np.ndarray) -> None:
    """(1 + change) becomes 1 / (1 + change); limits enclose the change."""
    made = value_trends(values, YEARS[:8], has_breaks=False)
    turned = value_trends(values[:, ::-1], YEARS[:8], has_breaks=False)
    np.testing.assert_allclose(
        1 + turned.change / 100, 1 / (1 + made.change / 100), rtol=1e-8, atol=1e-12
    )
    assert (made.low <= made.change).all()
    assert (made.change <= made.high).all()
    np.testing.assert_allclose(made.average, made.change, rtol=1e-12)
