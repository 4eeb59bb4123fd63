"""Shift: whether the values of the same areas are still distributed as they were.

The population stability index is the symmetric divergence of Jeffreys (1946, "An invariant form
for the prior probability in estimation problems", Proc. R. Soc. A 186:453-461) between the shares
of two samples in the same classes; credit scoring reads over 0.25 as a shift (Siddiqi 2006,
"Credit Risk Scorecards", Wiley). In small samples chance alone makes it large (Yurdakul and
Naranjo 2020, "Statistical properties of the population stability index", J. Risk Model
Validation 14(4):89-100), so that it is read beside the two-sample test of Kolmogorov and Smirnov.
Whether more areas fell silent than spoke up is the exact test of McNemar (1947, "Note on the
sampling error of the difference between correlated proportions", Psychometrika 12:153-157).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

#: Added to the count of each class, so that an empty one has a finite weight.
HALF = 0.5


@dataclass(frozen=True)
class Shift:
    """How two samples differ.

    Attributes:
        index: population stability index on deciles of the first sample; 0 when they are alike.
        distance: largest distance of the two distribution functions, from 0 to 1.
        p_value: how often chance alone would make such a distance.
    """

    index: float
    distance: float
    p_value: float


@dataclass(frozen=True)
class Silence:
    """How many of the same areas have no value, before and after.

    Attributes:
        before: share of areas without a value, from 0 to 1.
        after: likewise.
        p_value: how often chance alone would part the areas that changed so unevenly.
    """

    before: float
    after: float
    p_value: float

    @property
    def moved(self) -> float:
        """How far the share moved, up or down."""
        return abs(self.after - self.before)


def stability_index(expected: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return the population stability index of two counts over the same classes.

    PSI = sum of (a - e) * ln(a / e), where e and a are the shares of the classes, half a case
    being added to each class. It is symmetric, never negative, and 0 for equal counts.

    Args:
        expected: (n,) cases per class.
        actual: (n,) cases per class.

    Raises:
        ValueError: for negative or unknown counts, shapes that do not match, or no class.

    The shares are 1.5 / 4 and 2.5 / 4, then the reverse: 2 * 0.25 * ln(5 / 3):

    >>> round(stability_index([1, 2], [2, 1]), 6)
    0.255413
    """
    first, second = np.asarray(expected, np.float64), np.asarray(actual, np.float64)
    if first.shape != second.shape or first.ndim != 1 or not first.size:
        raise ValueError(
            f"expected and actual must be as many, not {first.shape} and {second.shape}"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("counts must be known and finite")
    if min(first.min(), second.min()) < 0:
        raise ValueError("counts must not be negative")
    e, a = ((x + HALF) / (x + HALF).sum() for x in (first, second))
    return float(np.sum((a - e) * np.log(a / e)))


def decile_counts(
    then: npt.ArrayLike, now: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return how many values of each sample lie in each class between the deciles of the first.

    A class takes its upper limit. Deciles that are equal make one class: where half of the values
    are 0 there are fewer than ten.

    Args:
        then: (n,) values, all known.
        now: (m,) values, all known.

    Raises:
        ValueError: for an unknown value or an empty sample.

    >>> [counts.tolist() for counts in decile_counts([0, 0, 0, 1, 2], [0, 2, 9])]
    [[3, 1, 1, 0], [1, 0, 1, 1]]
    """
    first, second = _sample(then), _sample(now)
    limits = np.unique(np.quantile(first, np.arange(1, 10) / 10, method="higher"))
    before, after = (
        np.bincount(np.searchsorted(limits, sample, side="left"), minlength=len(limits) + 1)
        for sample in (first, second)
    )
    return before, after


def distribution_shift(then: npt.ArrayLike, now: npt.ArrayLike) -> Shift:
    """Return how far the values of `now` are distributed otherwise than those of `then`.

    Args:
        then: (n,) values, all known.
        now: (m,) values, all known; of the same areas, or the areas that differ show as a shift.

    Raises:
        ValueError: for an unknown value or an empty sample.

    >>> shift = distribution_shift(range(100), range(100))
    >>> shift.index, shift.distance, shift.p_value
    (0.0, 0.0, 1.0)
    """
    first, second = _sample(then), _sample(now)
    # The limit law has no meaning for two single values; the exact one is slow for thousands.
    method = "exact" if min(first.size, second.size) == 1 else "asymp"
    test = stats.ks_2samp(first, second, method=method)
    index = stability_index(*decile_counts(first, second))
    return Shift(index, float(test.statistic), float(test.pvalue))


def silence(was_silent: npt.ArrayLike, is_silent: npt.ArrayLike) -> Silence:
    """Return how the share of areas without a value moved, and whether chance could do it.

    Of the areas that changed, as many should fall silent as speak up: the p-value is that of
    the exact binomial test of one half, two-sided.

    Args:
        was_silent: (n,) boolean, whether the area had no value.
        is_silent: (n,) boolean, of the same areas in the same order.

    Raises:
        ValueError: for shapes that do not match, or no area.

    Of four areas none was silent and three are: 2 * (1/2)^3:

    >>> silence([False] * 4, [True, True, True, False])
    Silence(before=0.0, after=0.75, p_value=0.25)
    """
    before, after = np.asarray(was_silent, np.bool_), np.asarray(is_silent, np.bool_)
    if before.shape != after.shape or before.ndim != 1 or not before.size:
        raise ValueError(f"areas must be as many, not {before.shape} and {after.shape}")
    fell, spoke = int((~before & after).sum()), int((before & ~after).sum())
    p_value = float(stats.binomtest(fell, fell + spoke).pvalue) if fell + spoke else 1.0
    return Silence(float(before.mean()), float(after.mean()), p_value)


def multiples_share(values: npt.ArrayLike, step: float) -> float:
    """Return the share of values that are whole multiples of `step` (0 is one).

    A producer who rounds to fives leaves nothing else. Raises ValueError as the others do.

    >>> multiples_share([0, 5, 7, 10], 5)
    0.75
    """
    return float(np.mean(np.mod(_sample(values), step) == 0))


def _sample(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    sample = np.asarray(values, np.float64)
    if sample.ndim != 1 or not sample.size or np.isnan(sample).any():
        raise ValueError("a sample is a list of known values, at least one")
    return sample
