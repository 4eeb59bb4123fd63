"""Deals: distinct, fair, and in either way of drawing."""

from collections import Counter

import numpy as np
import pytest

from geodata.methods.deals import distinct_positions


@pytest.mark.parametrize(("size", "taken"), [(4, 2), (5, 5), (30, 3)])
def test_every_deal_is_as_likely(size: int, taken: int) -> None:
    """Chi-square of the ordered deals (of the first two positions), within five deviations."""
    deals = 60_000
    made = distinct_positions(size, taken, deals, np.random.default_rng(3))
    assert (np.diff(np.sort(made, axis=1), axis=1) > 0).all()
    seen = Counter(map(tuple, made[:, :2].tolist()))
    kinds = size * (size - 1)
    assert len(seen) == kinds
    expected = deals / kinds
    square = sum((count - expected) ** 2 / expected for count in seen.values())
    assert abs(square - (kinds - 1)) < 5 * (2 * (kinds - 1)) ** 0.5


def test_more_than_there_are_is_refused() -> None:
    """And nothing is nothing."""
    random = np.random.default_rng(0)
    with pytest.raises(ValueError, match="3 of 2"):
        distinct_positions(2, 3, 1, random)
    assert distinct_positions(5, 2, 0, random).shape == (0, 2)
    assert distinct_positions(5, 5, 0, random).shape == (0, 5)
