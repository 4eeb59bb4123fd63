"""Decay: how much less a place counts the longer the way to it.

A decay gives each travel cost a weight: 1 at no cost, falling, 0 beyond the threshold. The cost is
in whatever unit the threshold is in, minutes or metres; a journey of exactly the threshold counts.
Which curve is right is not known in general: the steps are what most agencies publish, the smooth
curves do not jump at the edge of a zone. A result is shown with the curve it rests on.

Sources:
    W. Luo and Y. Qi, Health & Place 15 (2009), 1100-1107 (steps by zone of travel time).
    D. Dai, "Black residential segregation, disparities in spatial access to health care
    facilities, and late-stage breast cancer diagnosis in metropolitan Detroit", Health & Place 16
    (2010), 1038-1052 (the Gaussian that comes down to 0 at the threshold).
    M.-P. Kwan, "Space-time and integral measures of individual accessibility", Geographical
    Analysis 30 (1998), 191-216 (Gaussian, exponential and power side by side).
    F. Wang, "Measurement, optimization, and impact of health care accessibility", Annals of the
    Association of American Geographers 102 (2012), 1104-1112 (the family of curves).
"""

import itertools
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray


class Decay(Protocol):
    """A weight for each travel cost, falling, and 0 beyond a threshold."""

    @property
    def threshold(self) -> float:
        """The highest cost that counts, itself included."""

    def of(self, cost: npt.ArrayLike) -> FloatArray:
        """Return the weight of each cost, in the shape of `cost`; inf, no way, weighs 0."""


@dataclass(frozen=True)
class StepWeights:
    """Weights by zone of travel time: each zone ends at, and includes, its upper bound.

    Beyond the last bound, which is the threshold, the weight is 0. One zone of weight 1 is the
    plain two-step method.

    Args:
        upper_minutes: the zones' upper bounds, finite, at least 0, strictly ascending.
        weights: one weight per zone, in (0, 1], never rising with time.

    Raises:
        ValueError: if the zones and the weights do not match or are out of range.

    >>> zones = StepWeights(upper_minutes=(10, 20), weights=(1, 0.5))
    >>> zones.of([0, 10, 10.1, 20, 20.1]).tolist()
    [1.0, 1.0, 0.5, 0.5, 0.0]
    >>> zones.threshold_minutes
    20
    """

    upper_minutes: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse zones that do not make a falling staircase."""
        if not self.upper_minutes or len(self.upper_minutes) != len(self.weights):
            raise ValueError(
                "upper_minutes and weights must be as many, and at least one, not "
                f"{len(self.upper_minutes)} and {len(self.weights)}"
            )
        if not all(np.isfinite(bound) and bound >= 0 for bound in self.upper_minutes):
            raise ValueError(f"upper_minutes must be finite and >= 0: {self.upper_minutes}")
        if any(after <= before for before, after in itertools.pairwise(self.upper_minutes)):
            raise ValueError(f"upper_minutes must be strictly ascending: {self.upper_minutes}")
        if not all(0 < weight <= 1 for weight in self.weights):
            raise ValueError(f"weights must be above 0 and at most 1: {self.weights}")
        if any(after > before for before, after in itertools.pairwise(self.weights)):
            raise ValueError(f"weights must not rise with travel time: {self.weights}")

    @property
    def threshold(self) -> float:
        """The longest journey that counts."""
        return self.upper_minutes[-1]

    @property
    def threshold_minutes(self) -> float:
        """The threshold, named with the unit of the zones."""
        return self.threshold

    def of(self, cost: npt.ArrayLike) -> FloatArray:
        """Return the weight of each travel time, in the shape of `cost`; inf weighs 0.

        Raises:
            ValueError: for negative or unknown minutes.
        """
        costs = known_costs(cost)
        # A third of the time of a binary search, and there are a handful of zones.
        zone = np.zeros(costs.shape, dtype=np.int16)
        for bound in self.upper_minutes:
            zone += costs > bound
        return np.array([*self.weights, 0.0], dtype=np.float64)[zone]


@dataclass(frozen=True)
class Gaussian:
    """A bell: w(t) = (g(t) - edge) / (1 - edge), with g(t) = exp(-t^2 / (2 bandwidth^2)).

    With `reaches_zero`, edge = g(threshold): the weight comes down to exactly 0 at the threshold
    and does not jump there. With a bandwidth equal to the threshold, this is the curve of Dai
    (2010). Without it, edge = 0: the bell is cut at the threshold, as in Wan, Zou and Sternberg
    (2012) and in PySAL `access`. Those who write exp(-t^2 / beta) have beta = 2 bandwidth^2.

    Args:
        threshold: the highest cost that counts, finite, above 0.
        bandwidth: the standard deviation, in the unit of cost, finite, above 0.
        reaches_zero: whether the curve is lowered and stretched to be 0 at the threshold.

    Raises:
        ValueError: for a parameter out of range, or a bell so wide that lowering it leaves
            nothing.

    At one bandwidth the bell is at exp(-1/2) = 0.6065. Dai's curve is half way down at
    (exp(-1/8) - exp(-1/2)) / (1 - exp(-1/2)) = 0.7014 of the height.

    >>> Gaussian(threshold=40, bandwidth=20).of([0, 20, 40, 40.1]).round(4).tolist()
    [1.0, 0.6065, 0.1353, 0.0]
    >>> Gaussian(threshold=20, bandwidth=20, reaches_zero=True).of([0, 10, 20]).round(4).tolist()
    [1.0, 0.7014, 0.0]
    """

    threshold: float
    bandwidth: float
    reaches_zero: bool = False

    def __post_init__(self) -> None:
        """Refuse a bell without width."""
        _refuse_unless_above_zero(threshold=self.threshold, bandwidth=self.bandwidth)
        if self.edge == 1:
            raise ValueError(
                f"bandwidth {self.bandwidth} is so far above threshold {self.threshold} that the "
                "curve is flat: it cannot reach zero"
            )

    @property
    def edge(self) -> float:
        """What is taken off the bell so that it ends at zero; 0 if it is cut instead."""
        if not self.reaches_zero:
            return 0.0
        return float(np.exp(-0.5 * (self.threshold / self.bandwidth) ** 2))

    def of(self, cost: npt.ArrayLike) -> FloatArray:
        """Return the weight of each cost, in the shape of `cost`; ValueError if unknown."""
        within, is_within = _within(cost, self.threshold)
        bell = np.exp(-0.5 * (within / self.bandwidth) ** 2)
        return np.where(is_within, (bell - self.edge) / (1 - self.edge), 0.0)


@dataclass(frozen=True)
class Exponential:
    """Falls by the same share with each unit of cost: w(t) = exp(-rate t).

    Args:
        threshold: the highest cost that counts, finite, above 0.
        rate: per unit of cost, finite, above 0; log(2) / rate is the cost that halves the weight.

    Raises:
        ValueError: for a parameter out of range.

    >>> Exponential(threshold=20, rate=np.log(2) / 10).of([0, 10, 20, 20.1]).round(9).tolist()
    [1.0, 0.5, 0.25, 0.0]
    """

    threshold: float
    rate: float

    def __post_init__(self) -> None:
        """Refuse a curve that does not fall."""
        _refuse_unless_above_zero(threshold=self.threshold, rate=self.rate)

    def of(self, cost: npt.ArrayLike) -> FloatArray:
        """Return the weight of each cost, in the shape of `cost`; ValueError if unknown."""
        within, is_within = _within(cost, self.threshold)
        return np.where(is_within, np.exp(-self.rate * within), 0.0)


@dataclass(frozen=True)
class Power:
    """The gravity law: w(t) = (max(t, near) / near)^-exponent.

    The law itself, t^-exponent, has no end as t goes to 0: a supplier next door would outweigh
    all others put together. Here all that is nearer than `near` counts alike, with weight 1. The
    choice of `near` changes results, as it sets what one step further costs; it is shown.

    Args:
        threshold: the highest cost that counts, finite, above 0.
        exponent: finite, above 0; 1 to 2 as a rule.
        near: the cost up to which the weight is 1, finite, above 0, at most the threshold.

    Raises:
        ValueError: for a parameter out of range.

    >>> Power(threshold=40, exponent=2, near=10).of([0, 10, 20, 40, 40.1]).tolist()
    [1.0, 1.0, 0.25, 0.0625, 0.0]
    """

    threshold: float
    exponent: float
    near: float

    def __post_init__(self) -> None:
        """Refuse a curve that does not fall or starts beyond its end."""
        _refuse_unless_above_zero(threshold=self.threshold, exponent=self.exponent, near=self.near)
        if self.near > self.threshold:
            raise ValueError(f"near is {self.near}, beyond the threshold {self.threshold}")

    def of(self, cost: npt.ArrayLike) -> FloatArray:
        """Return the weight of each cost, in the shape of `cost`; ValueError if unknown."""
        within, is_within = _within(cost, self.threshold)
        return np.where(is_within, (np.maximum(within, self.near) / self.near) ** -self.exponent, 0)


@dataclass(frozen=True)
class Logistic:
    """An S: nearly all up to some cost, nearly nothing soon after.

    w(t) = s(t) / s(0), with s(t) = 1 / (1 + exp((t - midpoint) / spread)). The division makes
    w(0) = 1 whatever the parameters; where midpoint is many times spread it changes nothing.

    Args:
        threshold: the highest cost that counts, finite, above 0.
        midpoint: the cost at which s is one half, finite, above 0.
        spread: how gently it falls there, in the unit of cost, finite, above 0.

    Raises:
        ValueError: for a parameter out of range.

    s(0) = 1 / (1 + exp(-4)) = 0.9820, so w(20) = 0.5 / 0.9820 = 0.5092:

    >>> Logistic(threshold=40, midpoint=20, spread=5).of([0, 20, 40, 40.1]).round(4).tolist()
    [1.0, 0.5092, 0.0183, 0.0]
    """

    threshold: float
    midpoint: float
    spread: float

    def __post_init__(self) -> None:
        """Refuse a curve that does not fall."""
        _refuse_unless_above_zero(
            threshold=self.threshold, midpoint=self.midpoint, spread=self.spread
        )

    def of(self, cost: npt.ArrayLike) -> FloatArray:
        """Return the weight of each cost, in the shape of `cost`; ValueError if unknown."""
        within, is_within = _within(cost, self.threshold)
        # log(1 + exp(z)) = logaddexp(0, z), which holds for any z.
        start = np.logaddexp(0.0, -self.midpoint / self.spread)
        fall = np.logaddexp(0.0, (within - self.midpoint) / self.spread)
        return np.where(is_within, np.exp(start - fall), 0.0)


def known_costs(cost: npt.ArrayLike) -> FloatArray:
    """Return `cost` as a float64 array, none of it unknown; inf, no way, is known.

    Raises:
        ValueError: for NaN or a negative cost.
    """
    costs = np.asarray(cost, dtype=np.float64)
    if not (costs >= 0).all():
        raise ValueError("travel costs must be known and at least 0; where there is no way, inf")
    return costs


def _within(cost: npt.ArrayLike, threshold: float) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return the costs, none above the threshold, and which were not to begin with."""
    costs = known_costs(cost)
    return np.minimum(costs, threshold), costs <= threshold


def _refuse_unless_above_zero(**parameters: float) -> None:
    """Raise ValueError for the first parameter that is not finite and above 0."""
    for name, value in parameters.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be finite and above 0, not {value}")
