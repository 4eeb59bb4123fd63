"""Amounts: the finite, non-negative numbers that people and places are counted in.

The methods compute on known amounts only. Whether an unknown figure is left out, estimated or
shown as missing is decided, and written down, by whoever calls them: never here, and never by
taking it for zero.
"""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def amounts(values: npt.ArrayLike, name: str) -> FloatArray:
    """Return `values` as a one-dimensional float64 array of known amounts.

    Args:
        values: (n,) amounts, in any unit.
        name: what they are, for the error message.

    Raises:
        ValueError: where a value is unknown (NaN), infinite or negative, or the array is not
            one-dimensional. The message gives the first position at fault.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, not of shape {array.shape}")
    refused = ~np.isfinite(array) | (array < 0)
    if refused.any():
        first = int(np.flatnonzero(refused)[0])
        raise ValueError(
            f"{name} has {int(refused.sum())} value(s) that are unknown, infinite or negative, "
            f"the first at position {first} ({array[first]}): an unknown amount is not zero, "
            "leave the area out or estimate it beforehand"
        )
    return array


def known_amounts(values: npt.ArrayLike, name: str) -> FloatArray:
    """Return `values` as a one-dimensional float64 array of amounts, some of them unknown (NaN).

    For the methods that pass an unknown amount on as unknown. Args, Raises: as `amounts`, but for
    NaN.
    """
    array = np.asarray(values, dtype=np.float64)
    amounts(np.where(np.isnan(array), 0.0, array), name)
    return array


def counted_among(counts: npt.ArrayLike, people: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return counts and the people they were taken among, both NaN where no rate can be made.

    That is where either is unknown (NaN), or nobody is there.

    Args:
        counts: (n,) amounts.
        people: (n,) amounts.

    Raises:
        ValueError: as `amounts`, but for NaN; and for arrays of different lengths.
    """
    x, n = known_amounts(counts, "counts"), known_amounts(people, "people")
    if x.shape != n.shape:
        raise ValueError(f"{x.size} counts but {n.size} of people")
    has_rate = ~np.isnan(x) & (n > 0)
    return np.where(has_rate, x, np.nan), np.where(has_rate, n, np.nan)
