"""Known amounts pass unchanged; anything else is refused, with its position."""

import math

import numpy as np
import pytest

from geodata.methods.amounts import amounts, known_amounts


def test_known_amounts_pass_as_float64() -> None:
    """Whole numbers become floats; zero is an amount; none at all is none."""
    assert amounts([0, 3], "places").tolist() == [0.0, 3.0]
    assert amounts([], "places").dtype == np.float64


@pytest.mark.parametrize("unknown", [float("nan"), None, float("inf"), -1.0])
def test_what_is_not_an_amount_is_refused_where_it_stands(unknown: float | None) -> None:
    """An unknown amount is never taken for zero."""
    with pytest.raises(ValueError, match=r"places has 1 value.*position 1"):
        amounts(np.array([4.0, unknown], dtype=float), "places")


def test_a_table_is_not_a_list_of_amounts() -> None:
    """Two dimensions are refused."""
    with pytest.raises(ValueError, match="one-dimensional"):
        amounts([[1.0]], "places")


def test_some_amounts_may_be_unknown() -> None:
    """NaN passes, as itself; all else is refused as before."""
    made = known_amounts([1, math.nan, 0], "places")
    np.testing.assert_array_equal(made, [1, math.nan, 0])
    for refused in ([-1.0], [math.inf]):
        with pytest.raises(ValueError, match="places has 1"):
            known_amounts(refused, "places")
    with pytest.raises(ValueError, match="one-dimensional"):
        known_amounts([[math.nan]], "places")
