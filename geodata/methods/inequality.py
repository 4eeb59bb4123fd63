"""Inequality: how unevenly a figure is spread, over areas or along their deprivation.

Gini, Theil and the Lorenz curve ask how uneven the figure is, whoever has more of it. The
concentration index and the slope and relative indices ask whether it goes with something else: the
areas are ranked by that (deprivation, say), each taking the room of its people on a line from 0 to
1, and standing in the middle of its room (ridit). Areas of equal rank share one room.

An area without a value, a rank, or people is left out.

Sources:
    C. Gini, Variabilita e mutabilita, Cuppini (1912). M. O. Lorenz, Publications of the American
    Statistical Association 9 (1905), 209-219. H. Theil, Economics and Information Theory (1967).
    N. C. Kakwani, A. Wagstaff and E. van Doorslaer, "Socioeconomic inequalities in health",
    Journal of Econometrics 77 (1997), 87-103 (concentration index).
    A. Wagstaff, Health Economics 14 (2005), 429-432; G. Erreygers, Journal of Health Economics 28
    (2009), 504-515 (bounded figures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import xlogy

from geodata.methods.amounts import FloatArray, known_amounts


def lorenz(values: npt.ArrayLike, people: npt.ArrayLike | None = None) -> FloatArray:
    """Return (m + 1, 2) points of the Lorenz curve, from (0, 0) to (1, 1).

    The first column is the share of people, from those who have least of it; the second their share
    of the whole.

    Args:
        values: (n,) figure per person, at least 0; NaN where unknown.
        people: (n,) of each area; one each if None.

    Raises:
        ValueError: for amounts that are negative or infinite, or arrays of different lengths.

    One area has a fifth, the other four fifths:

    >>> lorenz([4, 1]).tolist()
    [[0.0, 0.0], [0.5, 0.2], [1.0, 1.0]]
    """
    x, p, _, _ = _held(values, people)
    order = np.argsort(x, kind="stable")
    held, those = np.cumsum((x * p)[order]), np.cumsum(p[order])
    if not x.size or held[-1] <= 0:
        return np.empty((0, 2))
    points = np.stack([those / those[-1], held / held[-1]], axis=1)
    return np.concatenate([np.zeros((1, 2)), points])


def gini(values: npt.ArrayLike, people: npt.ArrayLike | None = None) -> float:
    """Return the Gini index, 0 where all have the same, near 1 where one has all.

    1 - sum (P_k - P_k-1)(L_k + L_k-1) over the Lorenz curve; without people this is
    2 sum i x_(i) / (n sum x) - (n + 1) / n. NaN where there is nothing to share.

    Args, Raises: as `lorenz`.

    The shares 0.2 and 0.8 of two areas, and of a first one with four times the people:

    >>> round(gini([1, 4]), 9), round(gini([1, 4], [4, 1]), 9)
    (0.3, 0.3)
    """
    points = lorenz(values, people)
    if not len(points):
        return float("nan")
    rise = points[1:] + points[:-1]
    return float(1 - (np.diff(points[:, 0]) * rise[:, 1]).sum())


@dataclass(frozen=True)
class Theil:
    """Theil's T, and its parts: between the groups' means, and within the groups.

    NaN where there is nothing to share; between is 0 without groups.
    """

    total: float
    between: float
    within: float


def theil(
    values: npt.ArrayLike,
    people: npt.ArrayLike | None = None,
    groups: Sequence[object] | None = None,
) -> Theil:
    """Return Theil's T = sum p (x / mu) ln(x / mu), p being shares of people; 0 ln 0 is 0.

    With s_g the group's share of the whole and p_g its share of people, the part between is
    sum s_g ln(s_g / p_g), the part within sum s_g T_g.

    Args:
        values: (n,) figure per person, at least 0; NaN where unknown.
        people: (n,) of each area; one each if None.
        groups: (n,) the group of each area.

    Raises:
        ValueError: as `lorenz`; and for groups that are not as many.

    Two groups, of equals within: 1 and 3 times the mean of 2 over 2.

    >>> made = theil([1, 1, 3, 3], groups=["a", "a", "b", "b"])
    >>> round(made.total, 6), made.within, made.total == made.between
    (0.130812, 0.0, True)
    """
    x, p, _, known = _held(values, people)
    if groups is not None and len(groups) != known.size:
        raise ValueError(f"{known.size} areas but {len(groups)} groups")
    labels = pd.Series([0] * known.size if groups is None else list(groups), dtype=object)[known]
    group = pd.factorize(labels, use_na_sentinel=False)[0]
    held, those = x * p, p
    if not held.sum() > 0:
        return Theil(np.nan, np.nan, np.nan)
    held, those = held / held.sum(), those / those.sum()
    total = float(xlogy(held, held / those).sum())
    of_group, in_group = np.bincount(group, held), np.bincount(group, those)
    between = float(xlogy(of_group, of_group / in_group).sum())
    return Theil(total, between, total - between)


@dataclass(frozen=True)
class Concentration:
    """The concentration index and its forms for figures with bounds; NaN where undefined.

    Below 0 where those of low rank have more, above 0 where those of high rank do.
    """

    index: float
    erreygers: float
    wagstaff: float


def concentration(
    values: npt.ArrayLike,
    rank_by: npt.ArrayLike,
    people: npt.ArrayLike | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Concentration:
    """Return C = 2 / mu sum p x R - 1, R the ridit of the areas ranked by something.

    Erreygers' is 4 mu C / (high - low), Wagstaff's (high - low) mu C / ((high - mu)(mu - low)).

    Args:
        values: (n,) figure per person, at least 0; NaN where unknown.
        rank_by: (n,) what the areas are ranked by, ascending.
        people: (n,) of each area; one each if None.
        bounds: the least and the greatest that the figure may be: (0, 100) for percentages. A mean
            out of them has no bounded forms.

    Raises:
        ValueError: as `lorenz`.

    Half the people, the least deprived, have a share of 0.2, the others 0.6:
    2 / 0.4 (0.1 * 0.25 + 0.3 * 0.75) - 1 = 0.25.

    >>> made = concentration([0.2, 0.6], rank_by=[1, 2])
    >>> round(made.index, 9), round(made.erreygers, 9), round(made.wagstaff, 9)
    (0.25, 0.4, 0.416666667)
    """
    x, p, rank, _ = _held(values, people, rank_by)
    if not (x * p).sum() > 0:
        return Concentration(np.nan, np.nan, np.nan)
    share = p / p.sum()
    mean = float((share * x).sum())
    index = float(2 / mean * (share * x * ridits(rank, p)).sum() - 1)
    low, high = bounds
    if not low < mean < high:
        return Concentration(index, np.nan, np.nan)
    room = high - low
    return Concentration(
        index, 4 * mean * index / room, room * mean * index / ((high - mean) * (mean - low))
    )


def ridits(rank_by: FloatArray, people: FloatArray) -> FloatArray:
    """Return (n,) the middle of each area's room on the line from 0 to 1; equals share a room.

    >>> ridits(np.array([1.0, 3, 2]), np.array([50.0, 25, 25])).tolist()
    [0.25, 0.875, 0.625]
    """
    _, place = np.unique(rank_by, return_inverse=True)
    room = np.bincount(place, people) / people.sum()
    return np.asarray((np.cumsum(room) - room / 2)[place], dtype=np.float64)


def known_ranked(
    values: npt.ArrayLike, people: npt.ArrayLike | None, rank_by: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return values, people and ranks of the areas that have all three, and which those are.

    Raises:
        ValueError: for people that are negative or infinite, or arrays of different lengths.

    >>> x, p, rank, known = known_ranked([5, 6, np.nan], [1, 0, 1], [3, 2, 1])
    >>> x.tolist(), p.tolist(), rank.tolist(), known.tolist()
    ([5.0], [1.0], [3.0], [True, False, False])
    """
    x, rank = np.asarray(values, dtype=np.float64), np.asarray(rank_by, dtype=np.float64)
    p = np.ones(x.shape) if people is None else known_amounts(people, "people")
    if x.ndim != 1 or x.shape != p.shape or x.shape != rank.shape:
        raise ValueError(f"{x.size} values, {p.size} of people and {rank.size} ranks")
    known = ~np.isnan(x) & ~np.isnan(rank) & (p > 0)
    return x[known], p[known], rank[known], known


def _held(
    values: npt.ArrayLike, people: npt.ArrayLike | None, rank_by: npt.ArrayLike | None = None
) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return the same for amounts that are shared out; ranked by themselves if by nothing else."""
    x = known_amounts(values, "values")
    return known_ranked(x, people, x if rank_by is None else rank_by)
