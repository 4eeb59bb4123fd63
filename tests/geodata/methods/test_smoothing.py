"""Smoothing: against esda, slow versions from the papers, printed numbers, and its laws."""

from collections.abc import Callable

import geopandas
import libpysal
import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, gamma

from geodata.methods.smoothing import Smoothed, marshall, martuzzi_elliott, poisson_gamma

Method = Callable[..., Smoothed]
METHODS: tuple[Method, ...] = (marshall, martuzzi_elliott, poisson_gamma)


def areas(seed: int = 1, size: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Counts among people, with more spread than chance makes."""
    draw = np.random.default_rng(seed)
    people = np.ceil(draw.lognormal(6, 1, size))
    return draw.binomial(people.astype(int), draw.beta(4, 36, size)).astype(float), people


def slow_gamma(observed: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """nu and alpha by the iteration of Clayton and Kaldor, one sum at a time."""
    ratios = [o / e for o, e in zip(observed, expected, strict=True)]
    mean = sum(ratios) / len(ratios)
    variance = sum((r - mean) ** 2 for r in ratios) / (len(ratios) - 1)
    alpha, nu = mean / variance, mean**2 / variance
    for _ in range(5000):
        theta = [(o + nu) / (e + alpha) for o, e in zip(observed, expected, strict=True)]
        mean = sum(theta) / len(theta)
        second = sum(
            (1 + alpha / e) * (t - mean) ** 2 for e, t in zip(expected, theta, strict=True)
        ) / (len(theta) - 1)
        alpha, nu = mean / second, mean**2 / second
    return nu, alpha


def test_marshall_agrees_with_esda() -> None:
    """On areas with more spread than chance (esda lets the spread be negative)."""
    counts, people = areas()
    ours = marshall(counts, people)
    np.testing.assert_allclose(ours.value, Empirical_Bayes(counts, people).r.ravel(), rtol=1e-9)


def test_marshall_prints_what_esda_prints() -> None:
    """The homicides of St. Louis: the rates in the documentation of esda."""
    table = libpysal.io.open(libpysal.examples.get_path("stl_hom.csv"), "r")
    made = marshall(table[:, 10], table[:, 13])
    printed = [2.36718950e-05, 4.54539167e-05, 4.78114019e-05, 2.76907146e-05, 6.58989323e-05]
    np.testing.assert_allclose(made.value[:5], printed, rtol=1e-8)


def test_poisson_gamma_prints_what_dcluster_prints() -> None:
    """Sudden deaths in North Carolina, 1974-78: nu 4.6307, alpha 4.3956.

    R. Bivand et al., Applied Spatial Data Analysis with R (2008), 322. Its iteration stops when a
    round moves it little: the last digit printed is not settled.
    """
    table = geopandas.read_file(libpysal.examples.get_path("sids2.dbf"))
    deaths, births = table["SID74"].to_numpy(float), table["BIR74"].to_numpy(float)
    expected = births * deaths.sum() / births.sum()
    made = poisson_gamma(deaths, expected)
    alpha = (expected / made.weight - expected)[0]
    assert alpha == pytest.approx(4.3956, abs=2e-4)
    assert alpha * made.mean[0] == pytest.approx(4.6307, abs=2e-4)


def test_poisson_gamma_agrees_with_the_iteration() -> None:
    """And its limits with the quantiles of the gamma distribution."""
    counts, people = areas(2)
    expected = people * counts.sum() / people.sum()
    nu, alpha = slow_gamma(counts, expected)
    made = poisson_gamma(counts, expected, level=0.9)
    np.testing.assert_allclose(made.value, (counts + nu) / (expected + alpha), rtol=1e-9)
    for tail, limit in ((0.05, made.low), (0.95, made.high)):
        np.testing.assert_allclose(
            limit, gamma.ppf(tail, counts + nu, scale=1 / (expected + alpha)), rtol=1e-9
        )


def test_moments_agree_with_the_papers_one_area_at_a_time() -> None:
    """Rates with b/P and shares with b(1 - b)/P; the value is the mean of the distribution."""
    counts, people = areas(3, 12)
    b = counts.sum() / people.sum()
    squared = sum(n * (x / n - b) ** 2 for x, n in zip(counts, people, strict=True)) / people.sum()
    rate, share = marshall(counts, people), martuzzi_elliott(counts, people)
    for made, chance in ((rate, b), (share, b * (1 - b))):
        a = squared - chance / people.mean()
        assert a > 0
        for i, (x, n) in enumerate(zip(counts, people, strict=True)):
            assert made.value[i] == pytest.approx(b + (x / n - b) * a / (a + chance / n), rel=1e-9)
            if made is rate:
                truth = gamma(x + b**2 / a, scale=1 / (n + b / a))
            else:
                truth = beta(x + chance * b / a, n - x + chance * (1 - b) / a)
            assert truth.mean() == pytest.approx(made.value[i], rel=1e-9)
            assert truth.ppf([0.025, 0.975]).tolist() == pytest.approx(
                [made.low[i], made.high[i]], rel=1e-9
            )


@pytest.mark.parametrize("method", METHODS)
def test_groups_are_drawn_to_their_own_mean(method: Method) -> None:
    """As if computed alone; a group of four is drawn to the mean of all."""
    counts, people = areas(4, 44)
    groups = ["a"] * 20 + ["b"] * 20 + ["c"] * 4
    made = method(counts, people, groups)
    alone, everyone = method(counts[20:40], people[20:40]), method(counts, people)
    np.testing.assert_allclose(made.value[20:40], alone.value, rtol=1e-12)
    np.testing.assert_allclose(made.high[20:40], alone.high, rtol=1e-12)
    np.testing.assert_allclose(made.value[40:], everyone.value[40:], rtol=1e-12)
    assert made.mean[0] != made.mean[20]


@pytest.mark.parametrize("method", METHODS)
def test_what_is_unknown_stays_so_and_changes_nothing(method: Method) -> None:
    """Unknown counts, unknown people and nobody at all."""
    counts, people = areas(5, 20)
    more = [*counts, np.nan, 3, 0]
    made = method(more, [*people, 50, np.nan, 0])
    np.testing.assert_allclose(made.value[:20], method(counts, people).value, rtol=1e-12)
    for column in (made.value, made.low, made.high, made.mean, made.weight):
        assert np.isnan(column[20:]).all()
    assert np.isnan(method([np.nan], [5]).value).all()
    assert method([], []).value.size == 0


@pytest.mark.parametrize("method", METHODS)
def test_without_spread_the_mean_stands_for_all_and_has_no_limits(method: Method) -> None:
    """Equal rates, and no event at all."""
    for counts in ([5, 10, 20], [0, 0, 0]):
        made = method(counts, [50, 100, 200])
        assert made.value.tolist() == pytest.approx([sum(counts) / 350] * 3)
        assert made.weight.tolist() == [0, 0, 0]
        assert np.isnan(made.low).all()


def test_impossible_input_is_refused() -> None:
    """Lengths that differ, a part above its whole, a level out of range."""
    with pytest.raises(ValueError, match="2 counts but 1"):
        marshall([1, 2], [3])
    with pytest.raises(ValueError, match="2 areas but 1 groups"):
        poisson_gamma([1, 2], [3, 4], ["a"])
    with pytest.raises(ValueError, match="above the whole"):
        martuzzi_elliott([4], [3])
    with pytest.raises(ValueError, match="level"):
        marshall([1], [3], level=1)


@settings(deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(1, 10**5), st.floats(0, 1)), min_size=2, max_size=30),
    scale=st.floats(0.01, 1000),
)
def test_values_lie_between_the_own_figure_and_the_mean(
    pairs: list[tuple[int, float]], scale: float
) -> None:
    """Inside their interval or at its very edge; people in thousands change only the unit."""
    people = np.array([p for p, _ in pairs], dtype=float)
    counts = np.round(people * [share for _, share in pairs])
    for method in METHODS:
        made = method(counts, people)
        own = counts / people
        between = np.clip(made.value, np.minimum(own, made.mean), np.maximum(own, made.mean))
        np.testing.assert_allclose(made.value, between, rtol=1e-9, atol=1e-12)
        assert ((made.weight >= 0) & (made.weight <= 1)).all()
        # The mean of a law that is all at one end lies a little outside its equal tails.
        width = made.high - made.low
        assert not (made.low - made.value > 0.1 * width + 1e-9 * made.value).any()
        if method is poisson_gamma:
            scaled = method(counts, people * scale).value * scale
            np.testing.assert_allclose(scaled, made.value, rtol=1e-6)
