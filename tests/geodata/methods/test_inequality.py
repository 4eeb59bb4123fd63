"""Inequality: against sums over pairs, printed numbers, and its laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.inequality import concentration, gini, lorenz, ridits, theil

SHARES = st.lists(
    st.tuples(st.floats(0, 1000), st.integers(1, 1000), st.integers(0, 5)), min_size=2, max_size=25
)


def pairwise(x: np.ndarray, p: np.ndarray) -> float:
    """Gini as half the mean distance of all pairs of people over the mean."""
    share = p / p.sum()
    mean = (share * x).sum()
    distance = sum(
        a * b * abs(u - v)
        for u, a in zip(x, share, strict=True)
        for v, b in zip(x, share, strict=True)
    )
    return distance / (2 * mean)


def test_agrees_with_sums_over_pairs() -> None:
    """Weighted and not, and with the formula of ordered values."""
    draw = np.random.default_rng(1)
    x, p = draw.lognormal(0, 1, 60), draw.lognormal(5, 1, 60)
    assert gini(x, p) == pytest.approx(pairwise(x, p), rel=1e-9)
    ordered, n = np.sort(x), 60
    formula = 2 * (np.arange(1, n + 1) * ordered).sum() / (n * x.sum()) - (n + 1) / n
    assert gini(x) == pytest.approx(formula, rel=1e-9)


def test_concentration_agrees_with_its_covariance_and_regression() -> None:
    """C = 2 cov(x, R) / mu, and a figure ranked by itself has its Gini."""
    draw = np.random.default_rng(2)
    x, p, rank = draw.random(40), draw.lognormal(5, 1, 40), draw.permutation(40).astype(float)
    made = concentration(x, rank, p)
    order = np.argsort(rank)
    before = 0.0
    room = np.empty(40)
    for i in order:
        room[i] = (before + p[i] / 2) / p.sum()
        before += p[i]
    mean = np.average(x, weights=p)
    covariance = np.average((x - mean) * (room - 0.5), weights=p)
    assert made.index == pytest.approx(2 * covariance / mean, rel=1e-9)
    assert made.wagstaff == pytest.approx(made.index / (1 - mean), rel=1e-9)
    assert made.erreygers == pytest.approx(8 * covariance, rel=1e-9)
    assert concentration(x, x, p).index == pytest.approx(gini(x, p), rel=1e-9)
    percent = concentration(100 * x, rank, p, bounds=(0, 100))
    assert percent.wagstaff == pytest.approx(made.wagstaff, rel=1e-9)
    assert math.isnan(concentration(100 * x, rank, p).erreygers)


def test_theil_agrees_with_its_definition_group_by_group() -> None:
    """The whole is the part between plus each group's own, weighted by its share."""
    draw = np.random.default_rng(3)
    x, p = draw.lognormal(0, 1, 30), draw.lognormal(3, 1, 30)
    groups = ["a"] * 12 + ["b"] * 18
    made = theil(x, p, groups)
    mean = np.average(x, weights=p)
    total = sum(n / p.sum() * v / mean * math.log(v / mean) for v, n in zip(x, p, strict=True))
    assert made.total == pytest.approx(total, rel=1e-9)
    within = sum(
        (x * p)[part].sum() / (x * p).sum() * theil(x[part], p[part]).total
        for part in (slice(12), slice(12, 30))
    )
    assert made.within == pytest.approx(within, rel=1e-9)
    assert theil(x, p).between == 0


def test_one_who_has_all() -> None:
    """Gini (n - 1) / n, Theil ln n."""
    assert gini([0, 0, 0, 7]) == pytest.approx(0.75)
    assert theil([0, 0, 0, 7]).total == pytest.approx(math.log(4))


def test_what_is_unknown_is_left_out() -> None:
    """And where there is nothing to share there is no measure."""
    assert gini([1, 4, np.nan, 9, 5], [4, 1, 3, np.nan, 0]) == gini([1, 4], [4, 1])
    assert concentration([0.2, 0.6, 9], [1, 2, np.nan]).index == pytest.approx(0.25)
    known = theil([1, 3, np.nan], groups=["a", "b", "c"])
    assert known == theil([1, 3], groups=["a", "b"])
    for nothing in ([], [0, 0], [np.nan]):
        assert math.isnan(gini(nothing))
        assert math.isnan(theil(nothing).total)
        assert math.isnan(concentration(nothing, nothing).index)
        assert lorenz(nothing).shape == (0, 2)


def test_impossible_input_is_refused() -> None:
    """Negative figures, lengths that differ."""
    with pytest.raises(ValueError, match="values has 1"):
        gini([-1, 2])
    with pytest.raises(ValueError, match="2 values, 1 of people"):
        gini([1, 2], [1])
    with pytest.raises(ValueError, match="3 ranks"):
        concentration([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="2 areas but 1 groups"):
        theil([1, 2], groups=["a"])


@settings(deadline=None)
@given(areas=SHARES, factor=st.floats(0.01, 100))
def test_laws(areas: list[tuple[float, int, int]], factor: float) -> None:
    """Unit and doubling of people change nothing; ranks turned round turn the sign; bounds."""
    x, p, rank = np.array(areas, dtype=float).T
    if x.sum() < 1e-3:
        return
    index = gini(x, p)
    assert -1e-9 <= index < 1
    assert gini(x * factor, p * 2) == pytest.approx(index, abs=1e-9)
    forward = concentration(x, rank, p).index
    assert abs(forward) <= index + 1e-9
    assert concentration(x, -rank, p).index == pytest.approx(-forward, abs=1e-9)
    whole = theil(x, p, rank.tolist())
    assert -1e-12 <= whole.between <= whole.total + 1e-9
    points = lorenz(x, p)
    assert (np.diff(points, axis=0) >= 0).all()
    assert (points[:, 1] <= points[:, 0] + 1e-9).all()
    assert (ridits(rank, p) * p).sum() / p.sum() == pytest.approx(0.5)
