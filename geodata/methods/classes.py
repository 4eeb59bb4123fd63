"""Classes: where a map's colours change.

k classes have k - 1 breaks, the values at which one class ends and the next begins. A class holds
its lower break and not its upper one: breaks 10 and 20 make "below 10", "10 to below 20" and
"20 and more".
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray
from geodata.methods.natural_breaks import natural_breaks

#: Makes breaks of values, at most so many classes.
Breaks = Callable[[npt.ArrayLike, int], FloatArray]
#: Widths of equal classes that one reads, times a power of ten: as (digits, shift of the power).
_WIDTHS = ((1, 0), (2, 0), (25, -1), (5, 0))


def quantile_breaks(values: npt.ArrayLike, k: int = 5) -> FloatArray:
    """Return breaks that put about as many of the values other than zero in each class.

    Each break is one of the values, so no class is empty. Equal values stay together: where they
    straddle quantiles these collapse, and there are fewer classes. Zeros do not weigh on the
    breaks (a map half of zeros would otherwise have half its colours for them) and fall in the
    class that holds zero.

    Args:
        values: (n,) values; NaN, no value, is left out.
        k: how many classes to aim for, at least 1.

    Returns:
        Strictly increasing breaks, at most k - 1, none where there are no two distinct values.

    Raises:
        ValueError: for an infinite value or k below 1.

    >>> quantile_breaks([0, 0, 0, 1, 2, 3, 4, 5, 6], k=3).tolist()
    [3.0, 5.0]
    >>> quantile_breaks([7, 7, 7, 7, 9], k=5).tolist()
    [9.0]
    """
    counted = _counted(values)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if counted.size == 0:
        return np.empty(0)
    # The first value of each k-th part of the sorted values; integers, so exact.
    starts = np.array([-(-counted.size * part // k) for part in range(1, k)], dtype=np.intp)
    breaks: FloatArray = np.unique(np.sort(counted)[starts[starts < counted.size]])
    lowest: float = counted.min()
    return breaks[breaks > lowest]


def readable_breaks(values: npt.ArrayLike, k: int = 5) -> FloatArray:
    """Return quantile breaks rounded to numbers that one reads and remembers.

    Two significant digits where that leaves each class at least half of its values, otherwise
    three. Where values are so close that neither does, each break takes as many digits as it
    needs to part the same values as the quantile did.

    Args and errors: as `quantile_breaks`. No class is empty.

    >>> readable_breaks([3.14, 8.77, 12.42, 19.9, 27.31, 104.6], k=3).tolist()
    [12.0, 27.0]
    >>> readable_breaks([100.1, 100.2, 100.32, 100.41], k=2).tolist()
    [100.3]
    """
    counted = _counted(values)
    exact = quantile_breaks(counted, k)
    least = (class_counts(counted, exact) + 1) // 2
    for digits in (2, 3):
        rounded = np.array([_rounded(value, digits) for value in exact], dtype=np.float64)
        if (np.diff(rounded) > 0).all() and (class_counts(counted, rounded) >= least).all():
            return rounded
    return np.array([_shortest_parting(counted, value) for value in exact], dtype=np.float64)


def jenks_breaks(values: npt.ArrayLike, k: int = 5) -> FloatArray:
    """Return natural breaks of the values other than zero, as the shortest numbers that do.

    See `geodata.methods.natural_breaks`. Each break takes as few digits as part the same values.

    Args and errors: as `quantile_breaks`. No class is empty.

    >>> jenks_breaks([0, 1.02, 1.04, 5.21, 5.33, 40.7], k=3).tolist()
    [5.2, 40.7]
    """
    counted = _counted(values)
    exact = natural_breaks(counted, k)
    return np.array([_shortest_parting(counted, value) for value in exact], dtype=np.float64)


def equal_breaks(values: npt.ArrayLike, k: int = 5) -> FloatArray:
    """Return breaks at equal distances, multiples of a width that one reads.

    The width is 1, 2, 2.5 or 5 times a power of ten, the smallest that makes at most k classes of
    the values other than zero. Classes between the first and the last may be empty.

    Args and errors: as `quantile_breaks`.

    >>> equal_breaks([3, 48, 97], k=5).tolist()
    [20.0, 40.0, 60.0, 80.0]
    >>> equal_breaks([0, 7, 7]).tolist()
    []
    """
    counted = _counted(values)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if counted.size == 0 or k == 1 or counted.min() == counted.max():
        return np.empty(0)
    lowest, highest = float(counted.min()), float(counted.max())
    power = int(np.floor(np.log10((highest - lowest) / k))) - 1
    found = (
        breaks
        for shift in range(4)
        for digits, less in _WIDTHS
        if (breaks := _multiples(digits, power + shift + less, lowest, highest, k)) is not None
    )
    return np.array(next(found), dtype=np.float64)


def diverging_breaks(
    values: npt.ArrayLike, k: int = 6, breaks: Breaks = readable_breaks
) -> FloatArray:
    """Return breaks that mirror each other around a break at zero, for values with a sign.

    The sizes of the values, whatever their sign, make k / 2 classes by `breaks`; the same breaks
    serve below and above zero, so that equal colours mean equal distances from it. A side
    without values of some size has empty classes: symmetry matters more. A value that is exactly
    a break, zero included, falls in the class above it, on either side.

    Args:
        values: (n,) signed values; NaN, no value, is left out.
        k: how many classes to aim for, even, at least 2.

    Raises:
        ValueError: for an infinite value, or k odd or below 2.

    Sizes 5, 8, 12, 16, 24 and 31 make "below 12", "12 to below 24" and "24 and more":

    >>> diverging_breaks([-31, -12, -5, 0, 8, 16, 24], k=6).tolist()
    [-24.0, -12.0, 0.0, 12.0, 24.0]
    """
    if k < 2 or k % 2:
        raise ValueError(f"k must be even and at least 2, not {k}")
    above = breaks(np.abs(_counted(values)), k // 2)
    return np.concatenate([-above[::-1], [0.0], above])


def class_index(values: npt.ArrayLike, breaks: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the class of each value, 0 for the lowest, and -1 where there is no value (NaN).

    Raises:
        ValueError: if the breaks are not finite and strictly increasing.

    >>> class_index([5, 10, 19, 20, float("nan")], [10, 20]).tolist()
    [0, 1, 1, 2, -1]
    """
    numbers, bounds = np.asarray(values, np.float64), np.asarray(breaks, np.float64)
    if not (np.isfinite(bounds).all() and (np.diff(bounds) > 0).all()):
        raise ValueError(f"breaks must be finite and strictly increasing: {bounds.tolist()}")
    index = np.searchsorted(bounds, numbers, side="right")
    return np.where(np.isnan(numbers), -1, index).astype(np.int64)


def class_counts(values: npt.ArrayLike, breaks: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return how many values each class holds; those without a value (NaN) are in none.

    >>> class_counts([5, 10, 19, 20, float("nan")], [10, 20]).tolist()
    [1, 2, 1]
    """
    index = class_index(values, breaks)
    counts = np.bincount(index[index >= 0], minlength=np.asarray(breaks).size + 1)
    return counts.astype(np.int64)


def _counted(values: npt.ArrayLike) -> FloatArray:
    """Return the values that breaks are made from: known, and other than zero."""
    numbers = np.asarray(values, dtype=np.float64)
    if np.isinf(numbers).any():
        raise ValueError("values must not be infinite")
    counted: FloatArray = numbers[~np.isnan(numbers) & (numbers != 0)]
    return counted


def _rounded(value: float, digits: int) -> float:
    """Return `value` to so many significant digits, as the decimal that prints so."""
    return float(f"{value:.{digits - 1}e}")


def _shortest_parting(values: FloatArray, value: float) -> float:
    """Return the shortest number above the values below `value`, and not above `value`."""
    below = values[values < value].max()
    candidates = (_rounded(value, digits) for digits in range(2, 18))
    return next(number for number in candidates if below < number <= value)


def _multiples(
    digits: int, power: int, lowest: float, highest: float, k: int
) -> list[float] | None:
    """Return the multiples of digits * 10^power above `lowest` and not above `highest`.

    None where they are more than k classes have breaks.
    """
    width = float(f"{digits}e{power}")
    first, last = int(np.floor(lowest / width)), int(np.floor(highest / width))
    if last - first > k + 1:
        return None
    every = [float(f"{n * digits}e{power}") for n in range(first, last + 2)]
    kept = [value for value in every if lowest < value <= highest]
    return kept if len(kept) < k else None
