"""Kernels: the inner loops over points in a plane, compiled with numba.

Points lie on a lattice of rows cut into columns, sorted by row and then by column, so that all
that is within reach of a point in one row is one unbroken run. No pair is ever stored. A kernel is
given the part of the work that is its own and writes nowhere else; it lets go of Python's lock, so
that threads run side by side, and each sum is made in one order, however many threads there are.

Distances are compared squared, in double precision and without any rearrangement, so that a point
at the very threshold is within it here exactly when it is in numpy. Only sums may be reordered,
by the compiler, once for all.

Compiled code is kept beside this file, in the user's cache folder where that cannot be written,
or in NUMBA_CACHE_DIR; where nothing can be written each process compiles for itself. numba looks
at the date of this one file to know whether what it kept is out of date: so all parts of the
kernels stand in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from geodata.methods.amounts import FloatArray

IntArray = npt.NDArray[np.int32]
Curve = tuple[float, float, float, float, float, float, float, float]
Function = TypeVar("Function", bound=Callable[..., object])

STEPS, GAUSSIAN, EXPONENTIAL, POWER, LOGISTIC = range(5)
"""Kinds of decay. What the eight numbers of a `Curve` mean, d being the squared distance:

STEPS: four limits of d, ascending, and the weight up to each (unused ones: a limit of -1).
GAUSSIAN: limit, a, edge, scale: (exp(a d) - edge) * scale, at least 0.
EXPONENTIAL: limit, a: exp(a sqrt(d)).
POWER: limit, a, b: exp(a log(max(b d, 1))).
LOGISTIC: limit, a, b, scale: scale / (1 + exp(a sqrt(d) + b)).
"""

BUFFER = 1024
"""Weights made at a time."""

ROUND = 6755399441055744.0
"""1.5 * 2^52: added, it leaves the nearest whole number in the low bits of the sum."""


class Lattice(NamedTuple):
    """Rows of height `height` from `y0` up, each cut into columns of `width` from `x0` on.

    Three points in a row of two columns, sorted: the one on the left, then both on the right.

    >>> lattice = Lattice(x0=0.0, y0=0.0, width=1.0, height=1.0, columns=2, rows=1)
    >>> order, starts = np.empty(3, np.int32), np.zeros(3, np.int32)
    >>> sort(np.array([1.5, 0.5, 1.0]), np.zeros(3), lattice, order, starts)
    >>> order.tolist(), starts.tolist()
    ([1, 0, 2], [0, 1, 3])
    """

    x0: float
    y0: float
    width: float
    height: float
    columns: int
    rows: int


def kernel(function: Function) -> Function:
    """Return `function` compiled at its first call, and kept for later processes if possible."""
    try:
        compiled = njit(function, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:  # No folder can be written.
        compiled = njit(function, nogil=True, error_model="numpy")
    return cast(Function, compiled)


def part(*freedoms: str) -> Callable[[Function], Function]:
    """Return what makes a function a part of the kernels that call it, without a call's cost.

    Args:
        freedoms: what the compiler may do with its floats: "reassoc" lets it add up numbers in
            whatever order is fast, "contract" lets it round a product and a sum once.
    """

    def made(function: Function) -> Function:
        inlined = njit(function, forceinline=True, error_model="numpy", fastmath=set(freedoms))
        return cast(Function, inlined)

    return made


@part()
def _power_of_two(rounded: float) -> float:
    """2^k, where `rounded` is k + ROUND and k a whole number of -1022 to 1023."""
    bits = np.float64(rounded).view(np.int64)
    return np.int64((bits + 1023) << 52).view(np.float64)


@part("contract")
def _exp_near_zero(r: float) -> float:
    """exp(r) for |r| <= log(2) / 2, by its series, to 1e-16."""
    p = 1 / 6227020800.0
    p = p * r + 1 / 479001600.0
    p = p * r + 1 / 39916800.0
    p = p * r + 1 / 3628800.0
    p = p * r + 1 / 362880.0
    p = p * r + 1 / 40320.0
    p = p * r + 1 / 5040.0
    p = p * r + 1 / 720.0
    p = p * r + 1 / 120.0
    p = p * r + 1 / 24.0
    p = p * r + 1 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    return p * r + 1.0


@part()
def exponential(t: float) -> float:
    """exp(t) to a few 1e-16, several at a time; beyond +-700 as at +-700."""
    within = min(max(t, -700.0), 700.0)
    rounded = within * 1.4426950408889634 + ROUND
    k = rounded - ROUND
    # log(2) in two pieces, the first short enough for k times it to be exact.
    r = (within - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    return _exp_near_zero(r) * _power_of_two(rounded)


@part("contract")
def _twice_atanh(z: float) -> float:
    """log((1 + z) / (1 - z)) for |z| <= 0.1716, by its series, to 1e-16."""
    s = z * z
    p = 1 / 21.0
    p = p * s + 1 / 19.0
    p = p * s + 1 / 17.0
    p = p * s + 1 / 15.0
    p = p * s + 1 / 13.0
    p = p * s + 1 / 11.0
    p = p * s + 1 / 9.0
    p = p * s + 1 / 7.0
    p = p * s + 1 / 5.0
    p = p * s + 1 / 3.0
    return 2.0 * z * (p * s) + 2.0 * z


@part()
def logarithm(t: float) -> float:
    """log(t) for t >= 1, to a few 1e-16, several at a time."""
    bits = np.float64(t).view(np.int64)
    k = (bits >> 52) - 1023
    fraction = np.int64((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    is_upper = fraction > 1.4142135623730951
    fraction = fraction * 0.5 if is_upper else fraction
    # Made into a float by its bits: a conversion that every processor does several at a time.
    exponent = np.int64(k + 0x4338000000000000).view(np.float64) - ROUND
    exponent = exponent + 1.0 if is_upper else exponent
    logged = _twice_atanh((fraction - 1.0) / (fraction + 1.0))
    return exponent * 0.6931471803691238 + (exponent * 1.9082149292705877e-10 + logged)


@part()
def _squared_distance(x: float, y: float, to_x: float, to_y: float) -> float:
    dx = x - to_x
    dy = y - to_y
    return dx * dx + dy * dy


@part()
def _step(d: float, curve: Curve) -> float:
    """The weight of the first zone that holds d."""
    weight = curve[7] if d <= curve[3] else 0.0
    weight = curve[6] if d <= curve[2] else weight
    weight = curve[5] if d <= curve[1] else weight
    return curve[4] if d <= curve[0] else weight


@part("reassoc", "nsz")
def _gather_steps(
    x: float, y: float, xs: FloatArray, ys: FloatArray, values: FloatArray, curve: Curve
) -> float:
    total = 0.0
    for p in range(len(xs)):
        total += _step(_squared_distance(x, y, xs[p], ys[p]), curve) * values[p]
    return total


@part()
def _scatter_steps(
    x: float,
    y: float,
    value: float,
    xs: FloatArray,
    ys: FloatArray,
    totals: FloatArray,
    curve: Curve,
) -> None:
    for p in range(len(xs)):
        totals[p] += _step(_squared_distance(x, y, xs[p], ys[p]), curve) * value


@part()
def _weigh_gaussian(
    x: float, y: float, xs: FloatArray, ys: FloatArray, weights: FloatArray, curve: Curve
) -> None:
    for p in range(len(xs)):
        d = _squared_distance(x, y, xs[p], ys[p])
        weight = max((exponential(curve[1] * d) - curve[2]) * curve[3], 0.0)
        weights[p] = weight if d <= curve[0] else 0.0


@part()
def _weigh_exponential(
    x: float, y: float, xs: FloatArray, ys: FloatArray, weights: FloatArray, curve: Curve
) -> None:
    for p in range(len(xs)):
        d = _squared_distance(x, y, xs[p], ys[p])
        weight = exponential(curve[1] * math.sqrt(d))
        weights[p] = weight if d <= curve[0] else 0.0


@part()
def _weigh_power(
    x: float, y: float, xs: FloatArray, ys: FloatArray, weights: FloatArray, curve: Curve
) -> None:
    for p in range(len(xs)):
        d = _squared_distance(x, y, xs[p], ys[p])
        weight = exponential(curve[1] * logarithm(max(curve[2] * d, 1.0)))
        weights[p] = weight if d <= curve[0] else 0.0


@part()
def _weigh_logistic(
    x: float, y: float, xs: FloatArray, ys: FloatArray, weights: FloatArray, curve: Curve
) -> None:
    for p in range(len(xs)):
        d = _squared_distance(x, y, xs[p], ys[p])
        weight = curve[3] / (1.0 + exponential(curve[1] * math.sqrt(d) + curve[2]))
        weights[p] = weight if d <= curve[0] else 0.0


@part()
def _weigh(
    kind: int,
    power: int,
    x: float,
    y: float,
    xs: FloatArray,
    ys: FloatArray,
    weights: FloatArray,
    curve: Curve,
) -> None:
    """Write the weight of each point, to this power."""
    if kind == GAUSSIAN:
        _weigh_gaussian(x, y, xs, ys, weights, curve)
    elif kind == EXPONENTIAL:
        _weigh_exponential(x, y, xs, ys, weights, curve)
    elif kind == POWER:
        _weigh_power(x, y, xs, ys, weights, curve)
    else:
        _weigh_logistic(x, y, xs, ys, weights, curve)
    if power == 2:
        for p in range(len(xs)):
            weights[p] *= weights[p]
    elif power > 2:
        for p in range(len(xs)):
            weights[p] **= power


@part("reassoc", "nsz")
def _weighted_sum(weights: FloatArray, values: FloatArray) -> float:
    total = 0.0
    for p in range(len(weights)):
        total += weights[p] * values[p]
    return total


@part()
def _add_weighted(weights: FloatArray, value: float, totals: FloatArray) -> None:
    for p in range(len(weights)):
        totals[p] += weights[p] * value


@part()
def _run(
    x: float, y: float, row: int, reach: float, slack: float, lattice: Lattice, starts: IntArray
) -> tuple[int, int]:
    """Where the points of `row` that may be within `reach` of (x, y) begin and end."""
    bottom = lattice.y0 + row * lattice.height
    across = max(bottom - y, y - (bottom + lattice.height)) - slack
    across = max(across, 0.0)
    along = reach * reach - across * across
    if along < 0:
        return 0, 0
    along = math.sqrt(along) + slack
    first = (x - along - lattice.x0) / lattice.width
    last = (x + along - lattice.x0) / lattice.width
    if last < 0 or first >= lattice.columns:
        return 0, 0
    cell = row * lattice.columns
    begin = starts[cell + int(max(first, 0.0))]
    return begin, starts[cell + int(min(last, lattice.columns - 1.0)) + 1]


@part()
def _row(y: float, lattice: Lattice) -> int:
    """The row of the lattice that is nearest to y."""
    return int(min(max((y - lattice.y0) / lattice.height, 0.0), lattice.rows - 1.0))


@kernel
def sort(
    xs: FloatArray, ys: FloatArray, lattice: Lattice, order: IntArray, starts: IntArray
) -> None:
    """Write the positions of points sorted by cell, and where each cell starts.

    Args:
        xs, ys: (n,) coordinates on the lattice.
        order: (n,) written: positions in `xs`, cell by cell, in their own order within a cell.
        starts: (rows * columns + 1,) zeros; written: where each cell starts in `order`.
    """
    cells = np.empty(len(xs), np.int32)
    for i in range(len(xs)):
        column = int(min((xs[i] - lattice.x0) / lattice.width, lattice.columns - 1.0))
        cells[i] = _row(ys[i], lattice) * lattice.columns + column
        starts[cells[i] + 1] += 1
    for cell in range(len(starts) - 1):
        starts[cell + 1] += starts[cell]
    following = starts[:-1].copy()
    for i in range(len(xs)):
        order[following[cells[i]]] = i
        following[cells[i]] += 1


@kernel
def gather(
    kind: int,
    power: int,
    curve: Curve,
    reach: float,
    slack: float,
    lattice: Lattice,
    xs: FloatArray,
    ys: FloatArray,
    totals: FloatArray,
    to_xs: FloatArray,
    to_ys: FloatArray,
    values: FloatArray,
    starts: IntArray,
    first: int,
    last: int,
) -> None:
    """Add to `totals[first:last]` the weighted sum of the values within reach of each point.

    Args:
        kind, power, curve: the decay.
        reach: the longest distance with a weight. slack: what rounding may do to a coordinate.
        xs, ys, totals: (n,) the points that gather.
        to_xs, to_ys, values: (m,) the points gathered from, sorted; starts: where cells start.
    """
    weights = np.empty(BUFFER)
    for i in range(first, last):
        x, y, total = xs[i], ys[i], 0.0
        for row in range(_row(y - reach - slack, lattice), _row(y + reach + slack, lattice) + 1):
            begin, end = _run(x, y, row, reach, slack, lattice, starts)
            if kind == STEPS:
                total += _gather_steps(
                    x, y, to_xs[begin:end], to_ys[begin:end], values[begin:end], curve
                )
                continue
            for a in range(begin, end, BUFFER):
                b = min(a + BUFFER, end)
                made = weights[: b - a]
                _weigh(kind, power, x, y, to_xs[a:b], to_ys[a:b], made, curve)
                total += _weighted_sum(made, values[a:b])
        totals[i] += total


@kernel
def scatter(
    kind: int,
    power: int,
    curve: Curve,
    reach: float,
    slack: float,
    lattice: Lattice,
    xs: FloatArray,
    ys: FloatArray,
    values: FloatArray,
    value_starts: IntArray,
    to_xs: FloatArray,
    to_ys: FloatArray,
    totals: FloatArray,
    starts: IntArray,
    first: int,
    last: int,
) -> None:
    """Add to the totals of the rows `first` to `last` (excluded) the values within their reach.

    The same sums as `gather`, the other way round: each value is added, weighted, to all the
    totals around it. It is faster where there are more totals than values.

    Args:
        xs, ys, values: (m,) the points that scatter, sorted; value_starts: where cells start.
        to_xs, to_ys, totals: (n,) the points scattered to, sorted; starts: where cells start.
        The others: as in `gather`.
    """
    weights = np.empty(BUFFER)
    for row in range(first, last):
        if starts[row * lattice.columns] == starts[(row + 1) * lattice.columns]:
            continue
        bottom = lattice.y0 + row * lattice.height
        lowest = _row(bottom - reach - slack, lattice)
        highest = _row(bottom + lattice.height + reach + slack, lattice)
        for j in range(
            value_starts[lowest * lattice.columns], value_starts[(highest + 1) * lattice.columns]
        ):
            x, y, value = xs[j], ys[j], values[j]
            begin, end = _run(x, y, row, reach, slack, lattice, starts)
            if kind == STEPS:
                _scatter_steps(
                    x, y, value, to_xs[begin:end], to_ys[begin:end], totals[begin:end], curve
                )
                continue
            for a in range(begin, end, BUFFER):
                b = min(a + BUFFER, end)
                made = weights[: b - a]
                _weigh(kind, power, x, y, to_xs[a:b], to_ys[a:b], made, curve)
                _add_weighted(made, value, totals[a:b])


@kernel
def find_nearest(
    lattice: Lattice,
    slack: float,
    order: IntArray,
    xs: FloatArray,
    ys: FloatArray,
    to_order: IntArray,
    to_xs: FloatArray,
    to_ys: FloatArray,
    starts: IntArray,
    first: int,
    last: int,
    squared: FloatArray,
    nearest: IntArray,
) -> None:
    """Write the squared distance and the position of the point nearest to each.

    Each search starts from what was nearest to the point before, which lies close by.

    Args:
        order: (n,) the points that search, in an order that keeps neighbours together; those of
            `order[first:last]` are done. xs, ys: (n,) their coordinates, not in that order.
        to_order: (m,) the positions of the points searched, at least one, sorted.
        to_xs, to_ys: (m,) their coordinates, sorted; starts: where cells start.
        squared, nearest: (n,) written. Of several at one distance, the lowest position.
    """
    found = 0
    for k in range(first, last):
        i = order[k]
        x, y = xs[i], ys[i]
        best = _squared_distance(x, y, to_xs[found], to_ys[found])
        middle = _row(y, lattice)
        for step in range(2 * lattice.rows):
            # Rows in turn above and below: middle, middle + 1, middle - 1, ...
            away = (step + 1) // 2
            row = middle + away if step % 2 else middle - away
            reach = math.sqrt(best)
            if (away - 1) * lattice.height > reach + slack:
                break
            if row < 0 or row >= lattice.rows:
                continue
            begin, end = _run(x, y, row, reach + slack, slack, lattice, starts)
            for p in range(begin, end):
                d = _squared_distance(x, y, to_xs[p], to_ys[p])
                if d < best or (d == best and to_order[p] < to_order[found]):
                    best, found = d, p
        squared[i] = best
        nearest[i] = to_order[found]
