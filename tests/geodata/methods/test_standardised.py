"""Direct standardisation: against the formula one area at a time, and its laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geodata.methods.standardised import directly_standardised


def test_agrees_with_the_formula_one_area_at_a_time() -> None:
    """Dobson's limits about Byar's, at two levels."""
    draw = np.random.default_rng(1)
    n = np.ceil(draw.lognormal(6, 1, (20, 5)))
    x, w = draw.poisson(n * 0.03).astype(float), np.array([5.0, 5.5, 5.5, 7, 4])
    for level, z in ((0.95, 1.959963984540054), (0.998, 3.090232306167813)):
        made = directly_standardised(x, n, w, per=100_000, level=level)
        for i in range(20):
            events = x[i].sum()
            assert events >= 10
            rate = sum(w * x[i] / n[i]) / sum(w)
            variance = sum(w**2 * x[i] / n[i] ** 2) / sum(w) ** 2
            low = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
            more = events + 1
            high = more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3
            scale = math.sqrt(variance / events)
            assert made.value[i] == pytest.approx(1e5 * rate, rel=1e-9)
            assert made.low[i] == pytest.approx(1e5 * (rate + scale * (low - events)), rel=1e-9)
            assert made.high[i] == pytest.approx(1e5 * (rate + scale * (high - events)), rel=1e-9)


def test_where_there_is_no_rate() -> None:
    """Nine events; a stratum unknown, or without people; one that the standard lacks is ignored."""
    nan = np.nan
    made = directly_standardised(
        [[4, 5], [9, nan], [9, 9], [9, 9], [10, 0]],
        [[50, 50], [50, 50], [50, nan], [50, 0], [50, 50]],
        [1, 1],
        per=100,
    )
    assert np.isnan(made.value[:4]).all()
    assert np.isnan(made.low[:4]).all()
    assert made.value[4] == pytest.approx(10)
    assert made.events.tolist()[0] == 9
    spared = directly_standardised([[10, nan]], [[50, 0]], [1, 0], per=100)
    assert spared.value[0] == pytest.approx(20)


def test_impossible_input_is_refused() -> None:
    """Shapes, weights, negative cells."""
    with pytest.raises(ValueError, match="areas by 2 strata"):
        directly_standardised([[1, 2, 3]], [[1, 2, 3]], [1, 1], per=1)
    with pytest.raises(ValueError, match="nobody"):
        directly_standardised([[1, 2]], [[1, 2]], [0, 0], per=1)
    with pytest.raises(ValueError, match="counts has 1"):
        directly_standardised([[1, -2]], [[1, 2]], [1, 1], per=1)
    with pytest.raises(ValueError, match="per must be"):
        directly_standardised([[1, 2]], [[1, 2]], [1, 1], per=0)


@settings(deadline=None)
@given(
    counts=arrays(np.float64, (3, 4), elements=st.integers(3, 500).map(float)),
    people=arrays(np.float64, (3, 4), elements=st.integers(1, 5000).map(float)),
    factor=st.floats(0.01, 100),
)
def test_laws(counts: np.ndarray, people: np.ndarray, factor: float) -> None:
    """Its own people as the standard: the crude rate. The standard's size changes nothing."""
    made = directly_standardised(counts, people, people[0], per=1000)
    assert made.value[0] == pytest.approx(1000 * counts[0].sum() / people[0].sum())
    scaled = directly_standardised(counts, people, people[0] * factor, per=1000)
    np.testing.assert_allclose(scaled.high, made.high, rtol=1e-9)
    assert (made.low < made.value).all()
    assert (made.value < made.high).all()
    rates = 1000 * counts / people
    assert (made.value <= rates.max(axis=1) * (1 + 1e-9)).all()
    assert (made.value >= rates.min(axis=1) * (1 - 1e-9)).all()
