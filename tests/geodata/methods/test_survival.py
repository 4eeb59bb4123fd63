"""Survival: against lifelines, a slow version, statsmodels' own limits, and its laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_times
from statsmodels.duration.survfunc import SurvfuncRight

from geodata.methods.survival import Survival, delay

#: Remission of leukaemia under 6-MP, weeks; D. R. Cox and D. Oakes, Analysis of Survival Data
#: (1984), table 1.1: the curve is printed in many places, its median is 23.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
ENDED = [True] * 9 + [False] * 12


def cases(seed: int, size: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Delays in whole days with ties, a third still open."""
    draw = np.random.default_rng(seed)
    return np.ceil(draw.weibull(1.4, size) * 60), draw.random(size) < 0.67


def quantile(fitter: KaplanMeierFitter, share: float) -> list[float]:
    """Value, low and high as lifelines finds them; infinite where not reached."""
    curves = [fitter.survival_function_, fitter.confidence_interval_]
    value, limits = (qth_survival_times(1 - share, curve) for curve in curves)
    return [float(value), *np.sort(np.asarray(limits, dtype=float).ravel())]


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agrees_with_lifelines(seed: int, level: float) -> None:
    """The curve, its limits, the shares within a delay, median and P90 with their limits."""
    durations, closed = cases(seed)
    ours = delay(durations, closed, level=level)
    theirs = KaplanMeierFitter(alpha=1 - level).fit(durations, closed)
    band = theirs.confidence_interval_
    for i, at in enumerate(ours.times):
        assert ours.open[i] == pytest.approx(theirs.survival_function_.loc[at].item(), rel=1e-9)
        if ours.open[i] > 0:
            assert ours.open_low[i] == pytest.approx(band.loc[at].iloc[0], rel=1e-9)
            assert ours.open_high[i] == pytest.approx(band.loc[at].iloc[1], rel=1e-9)
    for limit in (20, 45.5, 90):
        within = ours.share_within(limit)
        assert within.value == pytest.approx(1 - theirs.predict(limit), rel=1e-9)
        low = band[band.index <= limit].iloc[-1]
        assert [within.low, within.high] == pytest.approx([1 - low.iloc[1], 1 - low.iloc[0]])
    for share, made in ((0.5, ours.median), (0.9, ours.p90)):
        expected = quantile(theirs, share)
        found = [made.value, made.low, made.high]
        assert [math.inf if v is None else v for v in found] == expected


def test_late_entries_agree_with_lifelines() -> None:
    """Cases seen only from some day on."""
    durations, closed = cases(4)
    entry = np.floor(durations * np.random.default_rng(9).random(80) * 0.6)
    ours = delay(durations, closed, entry)
    theirs = KaplanMeierFitter().fit(durations, closed, entry=entry)
    for at, left in zip(ours.times, ours.open, strict=True):
        assert left == pytest.approx(theirs.survival_function_.loc[at].item(), rel=1e-9)


def test_limits_of_quantiles_are_those_of_statsmodels() -> None:
    """Brookmeyer and Crowley, through log(-log)."""
    durations, closed = cases(5, 200)
    curve, ours = SurvfuncRight(durations, closed.astype(float)), delay(durations, closed)
    for share in (0.3, 0.5, 0.75):
        made = ours.quantile(share)
        assert [made.low, made.high] == list(curve.quantile_ci(share))


def test_printed_curve() -> None:
    """Cox and Oakes: 0.857 after 6 weeks, 0.448 after 23, the median 23; P90 is not reached."""
    made = delay(WEEKS, ENDED)
    assert made.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert made.open.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert made.median.value == 23
    assert made.median.high is None
    assert (made.p90.value, made.p90.high) == (None, None)
    assert made.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_without_open_cases_it_is_the_share_counted() -> None:
    """And the least delay within which half are closed is the middle one, the day included."""
    made = delay([5, 1, 3, 4, 2], [True] * 5)
    assert [made.share_within(t).value for t in (0, 1, 2.9, 3, 9)] == pytest.approx(
        [0, 0.2, 0.4, 0.6, 1]
    )
    assert made.median.value == 3
    assert delay([1, 2, 3, 4], [True] * 4).median.value == 2
    assert made.share_within(5).low is None


def test_what_nobody_has_seen_is_not_told() -> None:
    """Beyond the longest follow-up, without a closed case, without a case."""
    made = delay(WEEKS, ENDED)
    assert made.share_within(36).value is None
    assert made.share_within(35).value == pytest.approx(1 - 0.448, abs=5e-4)
    still = delay([3, 9], [False, False])
    assert still.share_within(9).value == 0
    assert still.share_within(9).high is None
    assert still.share_within(10).value is None
    assert still.median.value is None
    assert delay([], []).share_within(1).value is None
    assert delay([4, 9], [True, True]).share_within(20).value == 1


def test_impossible_input_is_refused() -> None:
    """Unknown or negative durations, entries after the end, shares and levels out of range."""
    with pytest.raises(ValueError, match="unknown"):
        delay([np.nan], [True])
    with pytest.raises(ValueError, match="durations has 1"):
        delay([-1], [True])
    with pytest.raises(ValueError, match="2 durations, 1 ends"):
        delay([1, 2], [True])
    with pytest.raises(ValueError, match="before it ends"):
        delay([1, 2], [True, True], [0, 2])
    with pytest.raises(ValueError, match="level"):
        delay([1], [True], level=95)
    with pytest.raises(ValueError, match="share"):
        delay([1], [True]).quantile(90)


def slow(durations: list[int], closed: list[bool]) -> dict[int, float]:
    """The product, one delay at a time."""
    left, curve = 1.0, {}
    for at in sorted({d for d, c in zip(durations, closed, strict=True) if c}):
        risk = sum(d >= at for d in durations)
        ends = sum(d == at and c for d, c in zip(durations, closed, strict=True))
        left *= 1 - ends / risk
        curve[at] = left
    return curve


@settings(deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=40),
    factor=st.floats(0.1, 10),
)
def test_laws(pairs: list[tuple[int, bool]], factor: float) -> None:
    """The slow product; limits enclose; the unit of time scales the delays and no share."""
    durations, closed = [d for d, _ in pairs], [c for _, c in pairs]
    made = delay(durations, closed)
    expected = slow(durations, closed)
    assert made.times.tolist() == list(expected)
    np.testing.assert_allclose(made.open, list(expected.values()), atol=1e-12)
    is_open = (made.open > 0) & (made.open < 1)
    assert (made.open_low[is_open] <= made.open[is_open]).all()
    assert (made.open[is_open] <= made.open_high[is_open]).all()
    scaled: Survival = delay(np.array(durations) * factor, closed)
    np.testing.assert_allclose(scaled.open, made.open, rtol=1e-12)
    if made.median.value is not None:
        assert scaled.median.value == pytest.approx(made.median.value * factor)
        assert made.share_within(made.median.value).value >= 0.5 - 1e-9
