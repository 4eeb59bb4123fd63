"""Decays: each against its formula, one cost at a time, and the laws that all of them keep."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.decay import (
    Decay,
    Exponential,
    Gaussian,
    Logistic,
    Power,
    StepWeights,
    known_costs,
)

deterministic = settings(derandomize=True, deadline=None)
above_zero = st.floats(0.1, 100)


@st.composite
def steps(draw: st.DrawFn) -> StepWeights:
    """Draw one to four zones."""
    bounds = draw(st.sets(st.sampled_from([0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0]), min_size=1))
    size = len(bounds)
    weights = draw(st.lists(st.floats(0.01, 1), min_size=size, max_size=size))
    return StepWeights(tuple(sorted(bounds)), tuple(sorted(weights, reverse=True)))


@st.composite
def powers(draw: st.DrawFn) -> Power:
    """Draw a power law that starts to fall before its end."""
    threshold = draw(above_zero)
    return Power(threshold, draw(st.floats(0.1, 4)), near=threshold * draw(st.floats(0.01, 1)))


@st.composite
def lowered_bells(draw: st.DrawFn) -> Gaussian:
    """Draw a bell that reaches zero, not so wide that rounding is all there is to it."""
    threshold = draw(above_zero)
    return Gaussian(threshold, threshold * draw(st.floats(0.1, 5)), reaches_zero=True)


smooth = st.one_of(
    st.builds(Gaussian, above_zero, above_zero),
    lowered_bells(),
    st.builds(Exponential, above_zero, st.floats(0.001, 1)),
    powers(),
    st.builds(Logistic, above_zero, above_zero, st.floats(1, 100)),
)


def by_hand(decay: Decay, t: float) -> float:
    """Return the weight of one cost, from the formulas as they are published."""
    if t > decay.threshold:
        return 0.0
    match decay:
        case StepWeights(upper_minutes, weights):
            return next(w for bound, w in zip(upper_minutes, weights, strict=True) if t <= bound)
        case Gaussian(threshold, bandwidth, False):
            return math.exp(-t * t / (2 * bandwidth**2))
        case Gaussian(threshold, bandwidth, True):
            bell, edge = (math.exp(-((x / bandwidth) ** 2) / 2) for x in (t, threshold))
            return (bell - edge) / (1 - edge)
        case Exponential(_, rate):
            return math.exp(-rate * t)
        case Power(_, exponent, near):
            return 1.0 if t <= near else t**-exponent / near**-exponent
        case Logistic(_, midpoint, spread):
            s, start = (1 / (1 + math.exp((x - midpoint) / spread)) for x in (t, 0))
            return s / start
    raise TypeError(decay)


@deterministic
@given(st.one_of(steps(), smooth), st.lists(st.floats(0, 150), min_size=1))
def test_weights_are_those_of_the_formula(decay: Decay, costs: list[float]) -> None:
    """One cost at a time, to 1e-12; the threshold and its two neighbours are always among them."""
    edge = decay.threshold
    costs = [*costs, 0.0, math.nextafter(edge, 0) if edge else 0.0, edge, math.nextafter(edge, 999)]
    expected = [by_hand(decay, t) for t in costs]
    np.testing.assert_allclose(decay.of(costs), expected, rtol=1e-12, atol=1e-12)


@deterministic
@given(smooth)
def test_a_smooth_weight_is_one_at_home_and_falls_to_zero_beyond_the_threshold(
    decay: Decay,
) -> None:
    """1, never rising, never negative, then exactly 0; no way at all weighs 0 too."""
    assert decay.of(0).tolist() == pytest.approx(1, abs=1e-15)
    within = decay.of(np.linspace(0, decay.threshold, 200))
    assert (np.diff(within) <= 1e-15).all()
    assert (within >= 0).all()
    assert decay.of([math.nextafter(decay.threshold, 1e9), math.inf]).tolist() == [0, 0]


@deterministic
@given(steps(), st.floats(0, 100))
def test_zones_include_their_upper_bound(zones: StepWeights, minutes: float) -> None:
    """And weigh something up to the threshold, whatever it is called."""
    assert bool(zones.of(minutes) > 0) == (minutes <= zones.threshold_minutes)
    assert zones.of(zones.upper_minutes).tolist() == list(zones.weights)
    assert zones.threshold == zones.threshold_minutes


def test_a_journey_of_exactly_the_threshold_counts() -> None:
    """In every curve but the one that is made to end at zero there."""
    curves = (
        Gaussian(20, 10),
        Exponential(20, 0.1),
        Power(20, 1.5, near=2),
        Logistic(20, 15, 3),
        StepWeights((20,), (0.5,)),
    )
    assert all(curve.of(20) > 0.01 for curve in curves)
    assert Gaussian(20, 10, reaches_zero=True).of(20) == 0


def test_the_bell_of_dai() -> None:
    """G(d, d0) of Dai (2010), equation 3, at quarters of the threshold."""
    share = np.array([0, 0.25, 0.5, 0.75, 1])
    dai = (np.exp(-0.5 * share**2) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    bell = Gaussian(threshold=30, bandwidth=30, reaches_zero=True)
    np.testing.assert_allclose(bell.of(30 * share), dai, rtol=1e-12, atol=1e-15)


def test_weights_keep_the_shape_of_the_costs() -> None:
    """A matrix in, a matrix out; one number in, one number out."""
    for decay in (StepWeights((10,), (1,)), Exponential(10, 0.1)):
        assert decay.of([[0.0, 1.0, 2.0]]).shape == (1, 3)
        assert decay.of(3.0).shape == ()


def test_an_s_too_steep_for_the_exponential_is_still_one() -> None:
    """The exponent of 1e5 over 0.001 does not overflow."""
    assert Logistic(threshold=1e6, midpoint=1e5, spread=0.001).of([0, 1e5, 5e5]).tolist() == [
        1.0,
        0.5,
        0.0,
    ]


@pytest.mark.parametrize(
    ("upper_minutes", "weights", "complaint"),
    [
        ((), (), "at least one"),
        ((10,), (1, 0.5), "as many"),
        ((20, 10), (1, 0.5), "ascending"),
        ((10, 10), (1, 0.5), "ascending"),
        ((-1,), (1,), "finite"),
        ((math.inf,), (1,), "finite"),
        ((math.nan,), (1,), "finite"),
        ((10, 20), (0.5, 1), "rise"),
        ((10,), (0,), "above 0"),
        ((10,), (1.1,), "at most 1"),
        ((10,), (math.nan,), "above 0"),
    ],
)
def test_zones_that_are_no_staircase_are_refused(
    upper_minutes: tuple[float, ...], weights: tuple[float, ...], complaint: str
) -> None:
    """Each fault has its message."""
    with pytest.raises(ValueError, match=complaint):
        StepWeights(upper_minutes, weights)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize(
    ("curve", "names"),
    [
        (Gaussian, ("threshold", "bandwidth")),
        (Exponential, ("threshold", "rate")),
        (Power, ("threshold", "exponent", "near")),
        (Logistic, ("threshold", "midpoint", "spread")),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(
    curve: Callable[..., Decay], names: tuple[str, ...], value: float
) -> None:
    """Each parameter in turn, the others being sound."""
    for name in names:
        sound = {other: 1.0 for other in names if other != name}
        with pytest.raises(ValueError, match=f"{name} must be finite and above 0"):
            curve(**sound, **{name: value})


def test_curves_that_contradict_themselves_are_refused() -> None:
    """A flat bell cannot come down to zero; what is near is not beyond the threshold."""
    with pytest.raises(ValueError, match="flat"):
        Gaussian(threshold=1, bandwidth=1e9, reaches_zero=True)
    with pytest.raises(ValueError, match="beyond the threshold"):
        Power(threshold=10, exponent=1, near=11)


@pytest.mark.parametrize("unknown", [math.nan, -1.0])
def test_unknown_costs_are_refused(unknown: float) -> None:
    """Where there is no way one writes inf; NaN says that nobody looked."""
    for decay in (StepWeights((10,), (1,)), Gaussian(10, 5), Power(10, 1, near=1)):
        with pytest.raises(ValueError, match="must be known"):
            decay.of([1.0, unknown])
    with pytest.raises(ValueError, match="must be known"):
        known_costs(unknown)
