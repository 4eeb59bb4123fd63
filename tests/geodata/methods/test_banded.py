"""Products over points in a plane: against one pair at a time, numpy, and what is conserved."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from geodata.methods import kernels
from geodata.methods.accessibility import three_step_catchments, two_step_catchments
from geodata.methods.amounts import FloatArray
from geodata.methods.banded import ROWS_IN_REACH, BandedPoints, warm
from geodata.methods.decay import Decay, Exponential, Gaussian, Logistic, Power, StepWeights

#: Each decay, and its curve written out from the papers.
CURVES: dict[str, tuple[Decay, Callable[[float], float]]] = {
    "one zone": (StepWeights((30,), (1,)), lambda t: 1.0),
    "three zones": (
        StepWeights((10, 20, 30), (1, 0.68, 0.22)),
        lambda t: 1.0 if t <= 10 else 0.68 if t <= 20 else 0.22,
    ),
    "six zones": (
        StepWeights((5, 10, 15, 20, 25, 30), (1, 0.8, 0.8, 0.5, 0.4, 0.1)),
        lambda t: (1, 0.8, 0.8, 0.5, 0.4, 0.1)[max(math.ceil(t / 5) - 1, 0)],
    ),
    "bell": (Gaussian(30, 11), lambda t: math.exp(-(t**2) / 242)),
    "bell to zero": (
        Gaussian(30, 30, reaches_zero=True),
        lambda t: (math.exp(-(t**2) / 1800) - math.exp(-0.5)) / (1 - math.exp(-0.5)),
    ),
    "exponential": (Exponential(30, 0.07), lambda t: math.exp(-0.07 * t)),
    "gravity": (Power(30, 1.5, 4), lambda t: (max(t, 4.0) / 4) ** -1.5),
    "logistic": (
        Logistic(30, 14, 3),
        lambda t: (1 + math.exp(-14 / 3)) / (1 + math.exp((t - 14) / 3)),
    ),
}

every_curve = pytest.mark.parametrize("name", CURVES)


def grid_points(seed: int, count: int) -> FloatArray:
    """Points on whole numbers, many of them twice, at cell borders and at 30 from one another."""
    return np.random.default_rng(seed).integers(0, 24, (count, 2)) * 2.5


def sums_by_hand(
    origins: FloatArray, destinations: FloatArray, name: str, values: FloatArray, power: int = 1
) -> list[float]:
    """The sums at the destinations, one pair at a time."""
    curve, sums = CURVES[name][1], []
    for x, y in destinations.tolist():
        total = 0.0
        for (from_x, from_y), value in zip(origins.tolist(), values.tolist(), strict=True):
            cost = math.sqrt((x - from_x) ** 2 + (y - from_y) ** 2)
            total += value * curve(cost) ** power if cost <= 30 else 0.0
        sums.append(total)
    return sums


@every_curve
@pytest.mark.parametrize(("n", "m"), [(90, 25), (25, 90)])
def test_each_decay_agrees_with_one_pair_at_a_time(name: str, n: int, m: int) -> None:
    """Both products, whichever side has more points, the threshold itself included."""
    origins, destinations = grid_points(1, n), grid_points(2, m)
    values = np.random.default_rng(3).uniform(0, 9, n)
    amounts = np.random.default_rng(4).uniform(0, 9, m)
    near = BandedPoints(origins, destinations, CURVES[name][0])
    by_hand = sums_by_hand(origins, destinations, name, values)
    np.testing.assert_allclose(near.at_destinations(values), by_hand, rtol=1e-12, atol=1e-14)
    by_hand = sums_by_hand(destinations, origins, name, amounts)
    np.testing.assert_allclose(near.at_origins(amounts), by_hand, rtol=1e-12, atol=1e-14)


@every_curve
@pytest.mark.parametrize("power", [2, 3])
def test_raised_weights_agree_with_one_pair_at_a_time(name: str, power: int) -> None:
    """Each weight to the power, and the power of a power."""
    origins, destinations, values = grid_points(5, 60), grid_points(6, 20), np.arange(60.0)
    near = BandedPoints(origins, destinations, CURVES[name][0])
    by_hand = sums_by_hand(origins, destinations, name, values, power)
    raised = near.raised(power).at_destinations(values)
    np.testing.assert_allclose(raised, by_hand, rtol=1e-12, atol=1e-14)
    again = near.raised(2).raised(power).at_destinations(values)
    by_hand = sums_by_hand(origins, destinations, name, values, 2 * power)
    np.testing.assert_allclose(again, by_hand, rtol=1e-11, atol=1e-14)
    unraised = sums_by_hand(origins, destinations, name, values)
    np.testing.assert_allclose(near.at_destinations(values), unraised, rtol=1e-12, atol=1e-14)


@every_curve
def test_numpy_agrees_on_scattered_points(name: str) -> None:
    """Far from the origin of coordinates, in metres, at minutes per metre."""
    random = np.random.default_rng(7)
    corner = np.array([6e5, 6.4e6])
    origins = corner + random.uniform(0, 90_000, (700, 2))
    destinations = corner + random.uniform(0, 90_000, (300, 2))
    values, amounts = random.uniform(-1, 5, 700), random.uniform(0, 5, 300)
    pair = [
        BandedPoints(origins, destinations, CURVES[name][0], 1 / 700, engine=engine).raised(2)
        for engine in ("numba", "numpy")
    ]
    compiled, plain = (one.at_destinations(values) for one in pair)
    np.testing.assert_allclose(compiled, plain, rtol=1e-12, atol=1e-13)
    compiled, plain = (one.at_origins(amounts) for one in pair)
    np.testing.assert_allclose(compiled, plain, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("cost_per_unit", [1.0, 1 / 3, 0.1, 60 / 50_000 * 1.4])
def test_the_threshold_itself_counts_as_numpy_rounds_it(cost_per_unit: float) -> None:
    """Points within a hair of each zone's edge: in the same zone, one by one, as in numpy."""
    edges = [bound / cost_per_unit for bound in (5.0, 20.0)]
    hairs = [edge + hair * math.ulp(edge) for edge in edges for hair in range(-6, 7)]
    line = np.column_stack(([0.0, 1e-9, *hairs], np.zeros(2 + len(hairs))))
    zones = StepWeights((0.0, 5.0, 20.0), (1, 0.5, 0.25))
    near = BandedPoints([(0.0, 0.0)], line, zones, cost_per_unit)
    expected = zones.of(np.sqrt(line[:, 0] * line[:, 0]) * cost_per_unit)
    assert near.at_destinations([1.0]).tolist() == expected.tolist()
    assert set(expected.tolist()) == {1.0, 0.5, 0.25, 0.0}


def test_points_on_the_borders_of_cells_are_all_found() -> None:
    """Points where rows and columns meet, and a hair beside, all over the lattice."""
    reach = 8.0
    step = reach / ROWS_IN_REACH
    ticks = np.concatenate([np.nextafter(np.arange(20) * step, side) for side in (-1, 50)])
    points = np.array([(x, y) for x in ticks for y in ticks[::3]])
    zones = StepWeights((reach,), (1,))
    pair = [BandedPoints(points, points[::7], zones, engine=e) for e in ("numba", "numpy")]
    ones = np.ones(len(points)), np.ones(len(points[::7]))
    compiled, plain = ((one.at_destinations(ones[0]), one.at_origins(ones[1])) for one in pair)
    np.testing.assert_array_equal(compiled[0], plain[0])
    np.testing.assert_array_equal(compiled[1], plain[1])


def test_many_points_in_one_place_and_one_far_away() -> None:
    """Three thousand at one place make one run, longer than the buffer; one is a world away."""
    origins = np.vstack((np.zeros((3000, 2)), [(1e9, -1e9)]))
    destinations = [(0.0, 10.0), (1e9, -1e9 + 30)]
    near = BandedPoints(origins, destinations, Exponential(30, 0.1))
    totals = near.at_destinations(np.ones(3001))
    np.testing.assert_allclose(totals, [3000 * math.exp(-1), math.exp(-3)], rtol=1e-12)
    back = near.at_origins([1.0, 1.0])
    np.testing.assert_allclose(back[[0, 2999, 3000]], np.exp([-1, -1, -3]), rtol=1e-12)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_empty_sides_and_one_point(engine: str) -> None:
    """No origin, no destination: zeros or nothing. One point on both sides: itself."""
    zones = StepWeights((0,), (0.5,))
    none: list[tuple[float, float]] = []
    empty = BandedPoints(none, [(0, 0), (1, 1)], zones, engine=engine)
    assert empty.shape == (0, 2)
    assert empty.at_destinations([]).tolist() == [0, 0]
    assert empty.at_origins([1, 2]).tolist() == []
    empty = BandedPoints([(0, 0)], np.empty((0, 2)), zones, engine=engine)
    assert empty.at_origins([]).tolist() == [0]
    assert empty.at_destinations([5]).tolist() == []
    one = BandedPoints([(3, 4)], [(3, 4)], zones, engine=engine)
    assert one.at_destinations([6]).tolist() == [3]
    assert one.at_origins([6]).tolist() == [3]


@pytest.mark.parametrize("name", ["three zones", "bell"])
@pytest.mark.parametrize(("n", "m"), [(2500, 900), (900, 2500)])
def test_results_are_the_same_bytes_for_any_number_of_threads(name: str, n: int, m: int) -> None:
    """One, two and five threads; enough pairs for threads to be used."""
    random = np.random.default_rng(8)
    origins, destinations = random.normal(0, 60, (n, 2)), random.normal(0, 60, (m, 2))
    values, amounts = random.uniform(0, 1, n), random.uniform(0, 1, m)
    found = set()
    for threads in (1, 2, 5):
        near = BandedPoints(origins, destinations, CURVES[name][0], threads=threads)
        totals = near.at_destinations(values).tobytes() + near.at_origins(amounts).tobytes()
        found.add(totals)
    assert len(found) == 1


@every_curve
def test_what_is_shared_out_is_what_there_is(name: str) -> None:
    """The catchment methods run on it unchanged, and lose no place."""
    random = np.random.default_rng(9)
    origins, destinations = random.uniform(0, 150, (400, 2)), random.uniform(0, 200, (120, 2))
    people, places = random.poisson(3, 400), random.poisson(2, 120)
    near = BandedPoints(origins, destinations, CURVES[name][0])
    plain = BandedPoints(origins, destinations, CURVES[name][0], engine="numpy")
    for method in (two_step_catchments, three_step_catchments):
        shared = method(people, places, near)
        assert shared.unreachable_supply > 0
        assert shared.effective.sum() == pytest.approx(shared.allocated.sum(), rel=1e-9)
        total = shared.allocated.sum() + shared.unreachable_supply
        assert total == pytest.approx(places.sum(), rel=1e-9)
        expected = method(people, places, plain).access
        np.testing.assert_allclose(shared.access, expected, rtol=1e-11, atol=1e-14)


def test_what_is_wrong_is_refused() -> None:
    """Each fault has its message."""
    zones = StepWeights((1,), (1,))
    with pytest.raises(ValueError, match=r"origins must be \(n, 2\)"):
        BandedPoints([(1, 2, 3)], [(0, 0)], zones)
    with pytest.raises(ValueError, match=r"destinations has 1 .* position 1 "):
        BandedPoints([(0, 0)], [(0, 0), (math.nan, 0)], zones)
    with pytest.raises(ValueError, match="cost_per_unit"):
        BandedPoints([(0, 0)], [(0, 0)], zones, 0.0)
    with pytest.raises(ValueError, match="threads must be 1"):
        BandedPoints([(0, 0)], [(0, 0)], zones, threads=0)
    with pytest.raises(ValueError, match='"numba" or "numpy"'):
        BandedPoints([(0, 0)], [(0, 0)], zones, engine="fortran")  # type: ignore[arg-type]
    near = BandedPoints([(0, 0)], [(0, 0)], zones)
    with pytest.raises(ValueError, match="power must be 1"):
        near.raised(0)
    with pytest.raises(ValueError, match=r"at_origins must be of shape \(1,\)"):
        near.at_destinations([1, 2])
    with pytest.raises(ValueError, match="at_destinations must be finite: position 0"):
        near.at_origins([math.inf])


class Linear:
    """A decay that has no compiled loop."""

    threshold = 30.0

    def of(self, cost: FloatArray) -> FloatArray:
        """Fall to 0 in a straight line."""
        return np.maximum(1 - cost / 30, 0)


def test_a_decay_without_a_compiled_loop_runs_in_numpy_only() -> None:
    """The refusal says so."""
    with pytest.raises(TypeError, match='engine="numpy"'):
        BandedPoints([(0, 0)], [(0, 15)], Linear())
    plain = BandedPoints([(0, 0)], [(0, 15)], Linear(), engine="numpy")
    assert plain.at_destinations([8]).tolist() == [4]


def test_each_kernel_is_compiled_for_one_kind_of_argument_only() -> None:
    """Whole numbers, numpy's numbers and lists: all arrive as the same types after `warm`."""
    warm()
    for decay in (StepWeights((3,), (1,)), Gaussian(3, np.float32(2)), Power(np.int64(9), 1, 1)):
        near = BandedPoints([(0, 0), (1, 1)], np.ones((3, 2), dtype=np.int32), decay, 1)
        near.raised(2).at_destinations([1, 2])
        near.at_origins(np.ones(3, dtype=np.int8))
    for kernel in (kernels.sort, kernels.gather, kernels.scatter):
        assert len(kernel.signatures) == 1  # type: ignore[attr-defined]
