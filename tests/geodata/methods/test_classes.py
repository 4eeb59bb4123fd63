"""Classes: by hand, against a loop, and what every map asks of its breaks."""

import bisect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.classes import (
    class_counts,
    class_index,
    diverging_breaks,
    equal_breaks,
    jenks_breaks,
    quantile_breaks,
    readable_breaks,
)

deterministic = settings(derandomize=True, deadline=None)
figure = st.one_of(
    st.just(0.0), st.just(math.nan), st.integers(1, 40).map(float), st.floats(0.001, 1e5)
)
signed = st.one_of(st.just(0.0), st.just(math.nan), st.floats(-1e5, -0.001), st.floats(0.001, 1e5))
sizes = st.integers(1, 8)


def counted(values: list[float]) -> list[float]:
    """Return the values that breaks are made from."""
    return sorted(v for v in values if not math.isnan(v) and v != 0)


def quantiles_by_hand(values: list[float], k: int) -> list[float]:
    """Return the first value of each k-th part, repeats and the lowest left out."""
    found: list[float] = []
    ordered = counted(values)
    for position, value in enumerate(ordered):
        starts_a_part = any(
            position * k >= part * len(ordered) > (position - 1) * k for part in range(1, k)
        )
        if starts_a_part and value > ordered[0] and value not in found:
            found.append(value)
    return found


def test_six_values_in_three_classes() -> None:
    """Two in each, and zeros and holes weigh nothing."""
    values = [0, 0, 0, math.nan, 1, 2, 3, 4, 5, 6]
    assert quantile_breaks(values, 3).tolist() == [3, 5]
    assert class_counts(values, [3, 5]).tolist() == [5, 2, 2]


def test_equal_values_stay_together() -> None:
    """Four sevens and a nine make two classes, however many are asked for."""
    assert quantile_breaks([7, 7, 7, 7, 9]).tolist() == [9]
    assert quantile_breaks([7, 7]).tolist() == []
    assert quantile_breaks([0, math.nan]).tolist() == []
    assert quantile_breaks([1, 2, 3], 1).tolist() == []


def test_breaks_are_numbers_one_reads() -> None:
    """12.42 becomes 12, 27.31 becomes 27; three digits where two would empty a class."""
    assert readable_breaks([3.14, 8.77, 12.42, 19.9, 27.31, 104.6], 3).tolist() == [12, 27]
    assert readable_breaks([1004, 1013, 1021, 1032], 2).tolist() == [1020]
    assert readable_breaks([1.00001, 1.00002], 2).tolist() == [1.00002]


def test_rounding_may_take_half_of_a_class_and_no_more() -> None:
    """At 12 the first class keeps one of its two; then one of three, so the break stays 12.4."""
    assert readable_breaks([5, 12.2, 12.4, 20], 2).tolist() == [12]
    assert readable_breaks([5, 12.2, 12.3, 12.4, 20, 30], 2).tolist() == [12.4]


def test_the_shortest_break_still_parts_the_values() -> None:
    """1.0001 is shorter than 1.00014, but would leave nothing below it."""
    assert readable_breaks([1.0001, 1.00014], 2).tolist() == [1.00014]


def test_large_values_round_as_well() -> None:
    """12,345 inhabitants are some 12,000."""
    assert readable_breaks([500, 800, 12345, 45678], 2).tolist() == [12000]


@deterministic
@given(st.lists(figure, max_size=60), sizes)
def test_quantiles_agree_with_a_loop(values: list[float], k: int) -> None:
    """And no class of them is empty."""
    breaks = quantile_breaks(values, k)
    assert breaks.tolist() == quantiles_by_hand(values, k)
    if counted(values):
        assert (class_counts(counted(values), breaks) > 0).all()


@deterministic
@given(st.lists(st.one_of(figure, signed), max_size=60), sizes)
def test_readable_breaks_keep_what_quantiles_promise(values: list[float], k: int) -> None:
    """As many classes, strictly increasing, each at least half as full and never empty."""
    exact, breaks = quantile_breaks(values, k), readable_breaks(values, k)
    assert len(breaks) == len(exact) < max(k, 1)
    assert (np.diff(breaks) > 0).all()
    if counted(values):
        found, before = class_counts(counted(values), breaks), class_counts(counted(values), exact)
        assert (found > 0).all()
        assert (2 * found >= before).all()


@deterministic
@given(st.lists(st.floats(1, 1e5), min_size=200, max_size=200, unique=True))
def test_breaks_have_at_most_three_digits_where_values_are_many(values: list[float]) -> None:
    """Or part the very same values as the quantiles do."""
    breaks, exact = readable_breaks(values), quantile_breaks(values)
    is_short = all(float(f"{b:.2e}") == b for b in breaks)
    assert is_short or (class_counts(values, breaks) == class_counts(values, exact)).all()


@deterministic
@given(st.lists(signed, max_size=60), st.sampled_from([2, 4, 6, 8]))
def test_diverging_breaks_mirror_each_other(values: list[float], k: int) -> None:
    """Zero in the middle, the same above as below, and made from sizes alone."""
    breaks = diverging_breaks(values, k)
    assert breaks[len(breaks) // 2] == 0
    assert len(breaks) % 2 == 1
    assert len(breaks) <= k - 1
    assert (np.diff(breaks) > 0).all()
    np.testing.assert_array_equal(breaks, -breaks[::-1])
    np.testing.assert_array_equal(breaks, diverging_breaks([-v for v in values], k))


def test_a_gap_by_hand() -> None:
    """Two of the sizes 5, 8, 12, 16, 24, 31 in each of three classes; nothing but zero, one."""
    assert diverging_breaks([-31, -12, -5, 0, 8, 16, 24]).tolist() == [-24, -12, 0, 12, 24]
    assert diverging_breaks([0, math.nan]).tolist() == [0]


@deterministic
@given(st.lists(figure, max_size=40), st.sets(st.integers(1, 40), max_size=5))
def test_classes_agree_with_a_loop(values: list[float], bounds: set[int]) -> None:
    """A class holds its lower break, not its upper; no value, no class."""
    breaks = sorted(float(bound) for bound in bounds)
    by_hand = [-1 if math.isnan(v) else bisect.bisect_right(breaks, v) for v in values]
    assert class_index(values, breaks).tolist() == by_hand
    counts = [by_hand.count(number) for number in range(len(breaks) + 1)]
    assert class_counts(values, breaks).tolist() == counts


def test_what_makes_no_classes_is_refused() -> None:
    """Infinite values, unordered breaks, no classes, an odd number around zero."""
    with pytest.raises(ValueError, match="infinite"):
        quantile_breaks([1, math.inf])
    with pytest.raises(ValueError, match="k must be"):
        quantile_breaks([1], 0)
    for k in (0, 5, -2):
        with pytest.raises(ValueError, match="even"):
            diverging_breaks([1], k)
    for breaks in ([2.0, 1.0], [1.0, 1.0], [math.nan], [math.inf]):
        with pytest.raises(ValueError, match="strictly increasing"):
            class_index([1], breaks)


def test_equal_classes_have_limits_one_reads() -> None:
    """Widths of 1, 2, 2.5 and 5; the first that makes few enough classes."""
    assert equal_breaks([3, 48, 97], 5).tolist() == [20, 40, 60, 80]
    assert equal_breaks([0.1, 1.2], 5).tolist() == [0.25, 0.5, 0.75, 1.0]
    assert equal_breaks([-7, 12], 4).tolist() == [0, 10]
    assert equal_breaks([5, 5, 0], 5).tolist() == []
    with pytest.raises(ValueError, match="at least 1"):
        equal_breaks([1, 2], 0)


@given(st.lists(figure, max_size=60), st.integers(2, 8))
@deterministic
def test_equal_classes_are_equal_and_cover_all(values: list[float], k: int) -> None:
    """The distance between breaks is one; the ends hold the lowest and the highest value."""
    breaks = equal_breaks(values, k)
    known = counted(values)
    assert breaks.size < k
    if len(set(known)) < 2:
        assert breaks.size == 0
        return
    if breaks.size > 1:
        assert np.diff(breaks) == pytest.approx(np.diff(breaks)[0])
    assert breaks.size
    assert known[0] < breaks[0]
    assert breaks[-1] <= known[-1]


@given(st.lists(figure, max_size=40), sizes)
@deterministic
def test_natural_classes_are_never_empty(values: list[float], k: int) -> None:
    """As many as there may be, each with a value."""
    breaks = jenks_breaks(values, k)
    known = counted(values)
    assert (class_counts(known, breaks) > 0).all() or not known
    assert breaks.size == max(min(k, len(set(known))) - 1, 0)


def test_signed_natural_breaks_mirror() -> None:
    """The sizes 1, 2, 9 and 10 part at 9, on both sides."""
    assert diverging_breaks([-10, -1, 2, 9], 4, jenks_breaks).tolist() == [-9, 0, 9]
