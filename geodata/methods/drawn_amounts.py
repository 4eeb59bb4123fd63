"""Drawn amounts: what a published amount may really be, given how it was come by.

Two ways of coming by an amount are told apart. A count is one outcome of chance: another year the
same people would have had a few more births, or fewer. A declared share is what somebody who
knows the figure says it may be off by. Both leave the mean where it is, so that sums over many
areas are not pushed up or down by their own uncertainty.

Sources:
    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936), 437-442
    (the gamma distribution behind a count).
    E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", Proceedings of the National
    Academy of Sciences 17 (1931), 684-688 (its cube root; Byar's limits are made of it).
    JCGM 100:2008, "Guide to the expression of uncertainty in measurement", 4.3.7 (where only
    bounds are known, all that lies between is as likely).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtri

from geodata.methods.amounts import FloatArray, known_amounts
from geodata.methods.keyed_random import Draws, Purpose, keys_or_positions, uniforms
from geodata.methods.poisson import FEW


@dataclass(frozen=True)
class Counted:
    """The amount is a count, or a count times a weight.

    Drawn as weight * Gamma(shape = amount / weight): mean the amount, variance amount * weight.
    None counted is drawn as none: an empty area stays empty.

    Args:
        weight: what one counted case stands for: 1 for a full count, 4 for a sample of one in
            four; finite and above 0.

    Raises:
        ValueError: for a weight out of range.
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a weight that cannot be."""
        if not (np.isfinite(self.weight) and self.weight > 0):
            raise ValueError(f"weight must be finite and above 0, not {self.weight}")


@dataclass(frozen=True)
class Within:
    """The amount is right within a declared share: evenly in amount * [1 - share, 1 + share].

    Args:
        share: 0 (known exactly) to 1.
        is_common: whether all places are off together in each draw, or each on its own.

    Raises:
        ValueError: for a share out of range.
    """

    share: float
    is_common: bool = False

    def __post_init__(self) -> None:
        """Refuse a share that would let an amount fall below none."""
        if not 0 <= self.share <= 1:
            raise ValueError(f"share must be from 0 to 1, not {self.share}")


EXACT = Within(0.0)
"""The amount is what it is said to be."""


def drawn_amounts(
    amounts: npt.ArrayLike,
    error: Counted | Within,
    draws: Draws,
    purpose: Purpose,
    keys: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return (draws, n) amounts, each drawn as its error says.

    Args:
        amounts: (n,) finite and at least 0, or NaN: an unknown amount stays unknown.
        error: how they were come by.
        draws: how many, and the seed.
        purpose: what they are; demand and supply do not share their chance.
        keys: (n,) stable keys of the places (`place_keys`); their positions if left out. Two
            services of one area whose places were counted apart have keys of their own, made of
            the service and the area, or their errors would go together.

    Raises:
        ValueError: for negative or infinite amounts, or keys that are not one for each.

    >>> drawn_amounts([12, float("nan")], EXACT, Draws(2), Purpose.DEMAND).tolist()
    [[12.0, nan], [12.0, nan]]

    A hundred children counted are 83.1 to 117.9 in nine draws out of ten (100 +/- 1.645 * 10,
    a little to the right):

    >>> drawn = drawn_amounts(np.full(20_000, 100.0), Counted(), Draws(1), Purpose.DEMAND)
    >>> abs(np.quantile(drawn, [0.05, 0.95]) - [84.1, 117.0]).max() < 0.6
    np.True_
    """
    values = known_amounts(amounts, purpose.name.lower())
    places = keys_or_positions(keys, values.size)
    if error == EXACT:
        return np.tile(values, (draws.count, 1))
    if isinstance(error, Within) and error.is_common:
        chance = uniforms(draws, purpose, np.zeros(1, np.uint64))
        return values * (1 + error.share * (2 * chance - 1))
    # Nothing is drawn for none.
    made = np.tile(values, (draws.count, 1))
    some = np.flatnonzero(values > 0)
    chance = uniforms(draws, purpose, places[some])
    if isinstance(error, Within):
        made[:, some] = values[some] * (1 + error.share * (2 * chance - 1))
    else:
        made[:, some] = error.weight * _drawn_counts(values[some] / error.weight, chance)
    return made


def _drawn_counts(shape: FloatArray, chance: FloatArray) -> FloatArray:
    """Return (draws, n) gamma quantiles of these shapes, all above 0, at `chance`.

    From `FEW` up by the cube root that Byar's limits are made of, under it exactly.
    """
    made = np.empty(chance.shape)
    is_many = shape >= FEW
    many = shape[is_many]
    cube_root = 1 - 1 / (9 * many) + ndtri(chance[:, is_many]) / (3 * np.sqrt(many))
    made[:, is_many] = many * cube_root**3
    made[:, ~is_many] = gammaincinv(shape[~is_many], chance[:, ~is_many])
    return made
