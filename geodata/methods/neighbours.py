"""Statistical neighbours: the areas that are most like one, by what describes the people in them.

Areas are alike by figures that describe them, and never by their services: those are what is
compared afterwards. Each figure is standardised over the areas of a level, and weighed in plain
sight; what each one contributes to a distance is returned beside it.

Sources:
    CIPFA, Nearest Neighbours Model, as told in the joint strategic needs assessment of Hartlepool
    Borough Council (figures of mean 0 and standard deviation 1, Euclidean distances between all
    pairs, the farthest rebased to 1; what describes an area and not what it does).
    ONS, "Clustering similar local authorities and statistical nearest neighbours in the UK:
    methodology" (ordered neighbours; demographic and economic figures).
    NFER, Children's Services Statistical Neighbour Benchmarking Tool (weights; ten neighbours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from geodata.methods.amounts import FloatArray

LEAST_SHARED = 2 / 3
"""Share of the weight that two areas must both know for their distance to mean something."""


def standardised(figures: npt.ArrayLike, winsorised_at: float = 3.0) -> FloatArray:
    """Return (n,): the figures cut at so many standard deviations, then of mean 0 and sd 1.

    With m and s the mean and the standard deviation (of all the areas: n below the sum) of the
    known figures, y = min(max(x, m - c s), m + c s) and the score is (y - mean(y)) / sd(y).

    Args:
        figures: (n,) of one indicator over the areas of a level; NaN where unknown.
        winsorised_at: c, above 0.

    Returns:
        NaN where the figure is unknown, and everywhere if the known ones do not differ: what is
        the same everywhere tells no area from another.

    Raises:
        ValueError: for a figure that is infinite or a cut that is not above 0.

    >>> standardised([10, 20, 30, np.nan]).round(3).tolist()
    [-1.225, 0.0, 1.225, nan]
    >>> standardised([5, 5, np.nan]).tolist()
    [nan, nan, nan]
    """
    if not (np.isfinite(winsorised_at) and winsorised_at > 0):
        raise ValueError(f"winsorised_at must be finite and above 0, not {winsorised_at}")
    values = np.asarray(figures, dtype=np.float64)
    if np.isinf(values).any():
        raise ValueError("a figure is infinite")
    known = values[~np.isnan(values)]
    scores = np.full(values.shape, np.nan)
    if known.size == 0 or known.min() == known.max():
        return scores
    reach = winsorised_at * known.std()
    cut = np.clip(values, known.mean() - reach, known.mean() + reach)
    held = cut[~np.isnan(cut)]
    return np.asarray((cut - held.mean()) / held.std(), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Distances:
    """How far each area is from one area; each is NaN where too little is known of both.

    Attributes:
        distance: one per area, in standard deviations of the figures.
        relative: the same over that of the farthest area: from 0 to 1.
        shared: share of the weight that both areas know, whatever it is.
        contributions: areas by indicators; they add up to the square of the distance. NaN for a
            figure that one of the two lacks.
    """

    distance: pd.Series
    relative: pd.Series
    shared: pd.Series
    contributions: pd.DataFrame

    def nearest(self, count: int) -> pd.Index:
        """Return the `count` nearest areas but the area itself, the nearest first.

        Those at the same distance come in the order of their ids, whatever that of the rows.
        """
        known = self.distance.drop(self.distance.name).dropna()
        return known.sort_index().sort_values(kind="stable").index[:count]


def distances(
    scores: pd.DataFrame,
    weights: pd.Series,
    area_id: str,
    least_shared: float = LEAST_SHARED,
) -> Distances:
    """Return how far all areas of a level are from one of them.

    With w_c the weights, summing to 1, and K_ij the indicators that both areas know,

        d_ij^2 = sum_{c in K_ij} w_c (z_ic - z_jc)^2 / sum_{c in K_ij} w_c

    so that an area of which a figure is lacking is compared by the others, and is neither nearer
    nor farther for it. An indicator without any score (the same everywhere) has no weight.

    Args:
        scores: (areas by indicators) as `standardised` gives them, NaN where unknown.
        weights: of each indicator, above 0; only their shares matter.
        area_id: one of the index.
        least_shared: in (0, 1]; where both know less of the weight there is no distance, not even
            from an area to itself.

    Raises:
        KeyError: for an unknown area, or an indicator without weight.
        ValueError: for a weight or a share out of range.

    Three villages by two figures, the first counting three times; of C only the first is known:

    >>> scores = pd.DataFrame(
    ...     {"young": [0.0, 2, 1], "poor": [0.0, 2, np.nan]}, index=["A", "B", "C"]
    ... )
    >>> made = distances(scores, pd.Series({"young": 3, "poor": 1}), "A")
    >>> made.distance.tolist(), made.relative.tolist(), made.shared.tolist()
    ([0.0, 2.0, 1.0], [0.0, 1.0, 0.5], [1.0, 1.0, 0.75])
    >>> made.contributions.loc["B"].tolist(), made.nearest(1).tolist()
    ([3.0, 1.0], ['C'])
    """
    share = _shares(scores, weights, least_shared)
    own = scores.loc[area_id].to_numpy("float64")
    squares = (scores.to_numpy("float64") - own) ** 2
    is_known = ~np.isnan(squares)
    shared = (is_known * share).sum(axis=1)
    is_enough = shared >= least_shared - 1e-12
    parts = np.where(is_known, share * squares, np.nan)
    parts /= np.where(is_enough, shared, np.nan)[:, np.newaxis]
    distance = np.sqrt(np.where(is_enough, np.nansum(parts, axis=1), np.nan))
    farthest = np.nanmax(distance, initial=0.0)
    index = scores.index
    return Distances(
        pd.Series(distance, index, name=area_id),
        pd.Series(distance / (farthest or 1.0), index, name=area_id),
        pd.Series(shared, index, name=area_id),
        pd.DataFrame(parts, index, scores.columns),
    )


def nearest_of_each(
    scores: pd.DataFrame,
    weights: pd.Series,
    count: int,
    least_shared: float = LEAST_SHARED,
) -> pd.DataFrame:
    """Return the `count` nearest areas of every area, the nearest first.

    The distances are those of `distances`. Areas that know the same indicators stand in one tree,
    so that a country's finest areas take seconds.

    Args, Raises: as `distances`; `count` is at least 1.

    Returns:
        Columns area_id, neighbour_id, place (from 1), distance. Fewer rows for an area that fewer
        can be compared with. Among areas equally far at the last place, which is kept is not said.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    share = _shares(scores, weights, least_shared)
    values = scores.to_numpy("float64")
    patterns, of_pattern = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    members = [np.flatnonzero(of_pattern == number) for number in range(len(patterns))]
    found = []
    for there, pattern in zip(members, patterns, strict=True):
        for here, own in zip(members, patterns, strict=True):
            both = pattern & own
            shared = share[both].sum()
            if shared < least_shared - 1e-12:
                continue
            scale = np.sqrt(share[both] / shared)
            tree = KDTree(values[np.ix_(there, both)] * scale)
            sought = min(count + 1, there.size)
            far, near = tree.query(values[np.ix_(here, both)] * scale, k=[*range(1, sought + 1)])
            found.append(
                pd.DataFrame(
                    {
                        "area": np.repeat(here, sought),
                        "neighbour": there[near.ravel()],
                        "distance": far.ravel(),
                    }
                )
            )
    columns = ["area_id", "neighbour_id", "place", "distance"]
    if not found:
        return pd.DataFrame(columns=columns)
    made = pd.concat(found, ignore_index=True)
    made = made[made["area"] != made["neighbour"]].sort_values(["area", "distance", "neighbour"])
    made["place"] = made.groupby("area").cumcount() + 1
    made = made[made["place"] <= count]
    made["area_id"] = scores.index[made["area"]]
    made["neighbour_id"] = scores.index[made["neighbour"]]
    return made[columns].reset_index(drop=True)


def _shares(scores: pd.DataFrame, weights: pd.Series, least_shared: float) -> FloatArray:
    """Return each indicator's share of the weight; 0 for one that no area has a score of."""
    if not 0 < least_shared <= 1:
        raise ValueError(f"least_shared must be above 0 and at most 1, not {least_shared}")
    weight = weights.loc[scores.columns].to_numpy("float64")
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise ValueError(f"weights must be above 0: {dict(weights)}")
    weight = np.where(scores.notna().any().to_numpy(), weight, 0.0)
    return np.asarray(weight / (weight.sum() or 1.0), dtype=np.float64)
