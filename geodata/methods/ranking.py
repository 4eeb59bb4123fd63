"""Ranking: each area's place among its peers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray


@dataclass(frozen=True, eq=False)
class Ranking:
    """Ranks among peers.

    Attributes:
        rank: (n,) from 1; NaN where there is no value.
        ranked: how many have a rank, the "of 257" to show beside it.
    """

    rank: FloatArray
    ranked: int


def ranks(values: npt.ArrayLike, higher_first: bool) -> Ranking:
    """Return each value's rank: one more than the values strictly before it.

    Equals share the best rank and the next ranks are skipped (1, 2, 2, 4). No value, no rank.

    Args:
        values: (n,) values; NaN where there is none.
        higher_first: whether the highest value is first.

    Raises:
        ValueError: if `values` is not one-dimensional.

    >>> ranks([30, 20, float("nan"), 20, 10], higher_first=True)
    Ranking(rank=array([ 1.,  2., nan,  2.,  4.]), ranked=4)
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"values must be one-dimensional, not of shape {numbers.shape}")
    keys = -numbers if higher_first else numbers
    is_ranked = ~np.isnan(keys)
    before = np.searchsorted(np.sort(keys[is_ranked]), keys, side="left")
    return Ranking(np.where(is_ranked, before + 1.0, np.nan), int(is_ranked.sum()))
