"""Points in a plane and who is within reach of whom, without storing a pair.

The catchment methods ask of travel two products only (`interaction.Interaction`). Between points
in a plane they need no table of pairs: points are sorted once into the cells of a lattice, and
each product is one walk over the runs of points that may be within reach (`kernels`). Memory goes
as the points, not as the pairs: a million by a hundred thousand at 20 km is 412 million pairs.

The results do not depend on how many threads there are, to the last bit. `engine="numpy"` computes
the same from whole rows of the matrix: slow, without a compiler, and what the tests compare with.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.methods import kernels
from geodata.methods.amounts import FloatArray
from geodata.methods.decay import Decay, Exponential, Gaussian, Logistic, Power, StepWeights
from geodata.methods.kernels import Curve, Lattice
from geodata.methods.lattice import (
    Engine,
    Side,
    box,
    even_cuts,
    known_engine,
    lattice_over,
    plane_points,
    share_out,
    slack,
    sorted_side,
    squared_distances,
    thread_count,
)
from geodata.methods.nearest import nearest

ROWS_IN_REACH = 8
"""Rows of the lattice to the longest distance that counts: more make runs tighter, and shorter."""

COLUMNS_IN_ROW = 4
"""Columns to the height of a row: runs are trimmed to them."""

WORTH_THREADS = 2_000_000
"""Pairs of points below which one thread is done before several have started."""


class Term(NamedTuple):
    """One part of a decay, as `kernels` take it; the weights of all parts add up to its own."""

    kind: int
    power: int
    curve: Curve
    reach: float


class BandedPoints:
    """The interaction between points in a plane: w_ij = decay(distance_ij * cost_per_unit).

    Args:
        origins: (n, 2) finite coordinates in a plane, in any unit, metres as a rule.
        destinations: (m, 2) likewise.
        decay: the weight of a cost; one of `decay`'s curves, or with numpy any other.
        cost_per_unit: cost of one unit of distance, such as minutes per metre; above 0.
        threads: how many; by default as many as this process may use. Results are the same.
        engine: "numba" compiled, or "numpy".

    Raises:
        ValueError: for coordinates that are unknown or not in pairs, or a parameter out of range.
        TypeError: for a decay that has no compiled loop.

    Three villages on a line, 10 km from one to the next, at 1 minute a kilometre; 30 places in the
    first and 11 in the last, as in the example of `weighted_trips.e2sfca`:

    >>> villages = [(0.0, 0.0), (10_000.0, 0.0), (20_000.0, 0.0)]
    >>> zones = StepWeights((10, 20), (1, 0.5))
    >>> near = BandedPoints(villages, villages[::2], zones, 1 / 1000, engine="numpy")
    >>> near.shape
    (3, 2)
    >>> near.at_destinations([100, 40, 20]).tolist()
    [150.0, 110.0]
    >>> near.at_origins([30 / 150, 11 / 110]).round(12).tolist()
    [0.25, 0.3, 0.2]
    """

    def __init__(
        self,
        origins: npt.ArrayLike,
        destinations: npt.ArrayLike,
        decay: Decay,
        cost_per_unit: float = 1.0,
        *,
        threads: int | None = None,
        engine: Engine = "numba",
    ) -> None:
        if not (np.isfinite(cost_per_unit) and cost_per_unit > 0):
            raise ValueError(f"cost_per_unit must be finite and above 0, not {cost_per_unit}")
        self._origins = plane_points(origins, "origins")
        self._destinations = plane_points(destinations, "destinations")
        self._decay = decay
        self._cost_per_unit = float(cost_per_unit)
        self._engine = known_engine(engine)
        self._threads = thread_count(threads)
        self._power = 1
        self._layout: _Layout | None = None
        if engine == "numba":
            _terms(decay, self._cost_per_unit, 1)
            if len(self._origins) and len(self._destinations):
                limit = _squared_limit(decay.threshold, self._cost_per_unit)
                self._layout = _layout(self._origins, self._destinations, math.sqrt(limit))

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m): how many origins and destinations."""
        return len(self._origins), len(self._destinations)

    def at_destinations(self, at_origins: npt.ArrayLike) -> FloatArray:
        """Return (m,): for each destination j, the sum over origins of w_ij times `at_origins`.

        Raises:
            ValueError: unless there is one finite value for each origin.
        """
        values = _values(at_origins, self.shape[0], "at_origins")
        totals = np.zeros(self.shape[1])
        if self._layout is not None:
            self._add_products(values, totals, self._layout.origins, self._layout.destinations)
        elif self._engine == "numpy":
            for rows, weights in self._rows():
                totals += values[rows] @ weights
        return totals

    def at_origins(self, at_destinations: npt.ArrayLike) -> FloatArray:
        """Return (n,): for each origin i, the sum over destinations of w_ij times what is there.

        Raises:
            ValueError: unless there is one finite value for each destination.
        """
        values = _values(at_destinations, self.shape[1], "at_destinations")
        totals = np.zeros(self.shape[0])
        if self._layout is not None:
            self._add_products(values, totals, self._layout.destinations, self._layout.origins)
        elif self._engine == "numpy":
            for rows, weights in self._rows():
                totals[rows] = weights @ values
        return totals

    def raised(self, power: int) -> BandedPoints:
        """Return the interaction whose weights are w_ij to this power, over the same points."""
        if power < 1:
            raise ValueError(f"power must be 1 or more, not {power}")
        made = copy.copy(self)
        made._power = self._power * power
        return made

    def _rows(self) -> Iterator[tuple[slice, FloatArray]]:
        """The weights of some origins after others to all destinations."""
        n, m = self.shape
        step = max(1, 1_000_000 // max(m, 1))
        for first in range(0, n, step):
            rows = slice(first, min(first + step, n))
            distance = np.sqrt(squared_distances(self._origins[rows], self._destinations))
            yield rows, self._decay.of(distance * self._cost_per_unit) ** self._power

    def _add_products(self, values: FloatArray, totals: FloatArray, by: Side, to: Side) -> None:
        """Add to the totals of one side the weighted values of the other.

        The inner loop runs over the side that has more points: runs are longer there.
        """
        assert self._layout is not None
        lattice, margin = self._layout.lattice, self._layout.margin
        terms = _terms(self._decay, self._cost_per_unit, self._power)
        threads = self._threads if len(values) * len(totals) >= WORTH_THREADS else 1
        sorted_values, sorted_totals = values[by.order], np.zeros(len(totals))

        def gathered(first: int, last: int) -> None:
            for kind, power, curve, reach in terms:
                kernels.gather(
                    kind, power, curve, reach, margin, lattice, to.xs, to.ys, sorted_totals,
                    by.xs, by.ys, sorted_values, by.starts, first, last,
                )  # fmt: skip

        def scattered(first: int, last: int) -> None:
            for kind, power, curve, reach in terms:
                kernels.scatter(
                    kind, power, curve, reach, margin, lattice, by.xs, by.ys, sorted_values,
                    by.starts, to.xs, to.ys, sorted_totals, to.starts, first, last,
                )  # fmt: skip

        cuts = even_cuts(len(totals), threads)
        if len(values) >= len(totals):
            share_out(gathered, cuts, threads)
        else:
            # Whole rows, so that no two parts write to the same totals.
            rows = np.searchsorted(to.starts[:: lattice.columns], cuts[1:-1]).tolist()
            share_out(scattered, [0, *rows, lattice.rows], threads)
        totals[to.order] = sorted_totals


def warm() -> None:
    """Compile every kernel, or load what an earlier process compiled: tens of milliseconds."""
    two = np.array([[0.0, 0.0], [1.0, 1.0]])
    pair = BandedPoints(two, two[:1], StepWeights((2,), (1,)), threads=1)
    pair.at_destinations([1.0, 1.0])
    pair.at_origins([1.0])
    nearest(two, two, threads=1)


class _Layout(NamedTuple):
    """Both sides on one lattice; what rounding may add to a coordinate."""

    lattice: Lattice
    margin: float
    origins: Side
    destinations: Side


def _layout(origins: FloatArray, destinations: FloatArray, reach: float) -> _Layout:
    low, high = box(origins, destinations)
    height = reach / ROWS_IN_REACH
    most_cells = 2 * (len(origins) + len(destinations))
    lattice = lattice_over(low, high, height / COLUMNS_IN_ROW, height, most_cells)
    sides = sorted_side(origins, lattice), sorted_side(destinations, lattice)
    return _Layout(lattice, slack(low, high, reach), *sides)


def _terms(decay: Decay, cost_per_unit: float, power: int) -> Sequence[Term]:
    """What `kernels` need to know of a decay to this power."""
    limit = _squared_limit(decay.threshold, cost_per_unit)
    match decay:
        case StepWeights():
            return _step_terms(decay, cost_per_unit, power)
        case Gaussian():
            fall = -0.5 * (cost_per_unit / float(decay.bandwidth)) ** 2
            return [_smooth(kernels.GAUSSIAN, power, limit, fall, decay.edge, 1 / (1 - decay.edge))]
        case Exponential():
            fall = -float(decay.rate) * cost_per_unit * power
            return [_smooth(kernels.EXPONENTIAL, 1, limit, fall)]
        case Power():
            fall = -float(decay.exponent) / 2 * power
            return [
                _smooth(kernels.POWER, 1, limit, fall, (cost_per_unit / float(decay.near)) ** 2)
            ]
        case Logistic():
            middle, rise = -decay.midpoint / decay.spread, cost_per_unit / float(decay.spread)
            return [_smooth(kernels.LOGISTIC, power, limit, rise, middle, 1 + math.exp(middle))]
    raise TypeError(
        f'{type(decay).__name__} has no compiled loop: use a decay that has, or engine="numpy"'
    )


def _smooth(kind: int, power: int, limit: float, a: float, b: float = 0, scale: float = 0) -> Term:
    """A term of one smooth curve."""
    curve = (limit, float(a), float(b), float(scale), 0.0, 0.0, 0.0, 0.0)
    return Term(kind, power, curve, math.sqrt(limit))


def _step_terms(decay: StepWeights, cost_per_unit: float, power: int) -> list[Term]:
    """The zones, four at a time.

    The weights of four zones are what they have above the next zone beyond; that zone's own four
    give the rest to all that is nearer too.
    """
    limits = [_squared_limit(bound, cost_per_unit) for bound in decay.upper_minutes]
    weights = [float(weight) ** power for weight in decay.weights]
    terms = []
    for first in range(0, len(limits), 4):
        beyond = weights[first + 4] if first + 4 < len(weights) else 0.0
        above = [weight - beyond for weight in weights[first : first + 4]]
        reach = math.sqrt(limits[first + len(above) - 1])
        l1, l2, l3, l4 = (limits[first : first + 4] + [-1.0] * 3)[:4]
        w1, w2, w3, w4 = (above + [0.0] * 3)[:4]
        terms.append(Term(kernels.STEPS, 1, (l1, l2, l3, l4, w1, w2, w3, w4), reach))
    return terms


def _squared_limit(cost: float, cost_per_unit: float) -> float:
    """Return the highest squared distance whose cost, as numpy rounds it, is at most `cost`."""
    longest = min(float(cost) / cost_per_unit, 1e150)
    limit = longest * longest
    while math.sqrt(limit) * cost_per_unit > cost:
        limit = math.nextafter(limit, 0.0)
    while math.sqrt(math.nextafter(limit, math.inf)) * cost_per_unit <= cost and limit < 1e300:
        limit = math.nextafter(limit, math.inf)
    return limit


def _values(values: npt.ArrayLike, count: int, name: str) -> FloatArray:
    """Return `values` as (count,) finite numbers."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (count,):
        raise ValueError(f"{name} must be of shape ({count},), not {array.shape}")
    is_known = np.isfinite(array)
    if not is_known.all():
        first = int(np.flatnonzero(~is_known)[0])
        raise ValueError(f"{name} must be finite: position {first} is {array[first]}")
    return array
