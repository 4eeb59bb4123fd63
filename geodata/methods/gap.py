"""Gap: the places needed, the places there are in effect, and what lies between.

Bradshaw's normative need: a dated standard, so many places per person. Against it stand the
effective places of the accessibility methods. The gap keeps its sign, so that a surplus shows;
unmet need does not, since a surplus in one area does not house the children of another: what
they can reach of it, the accessibility method has already counted as theirs.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.methods.amounts import amounts

GAP_COLUMNS = (
    "demand",
    "need",
    "effective",
    "served",
    "within_reach",
    "out_of_reach",
    "gap",
    "unmet",
    "coverage",
)
"""Columns of a gap frame: all are amounts that add up over areas, but coverage, a ratio."""


def reference_standard(places: npt.ArrayLike, children: npt.ArrayLike) -> float:
    """Return tau, the places per child of the areas where both are known.

    tau = sum of places / sum of children. The sums are of the same areas: where either is
    unknown (NaN), the area is left out of both.

    Args:
        places: (n,) places per area, NaN where unknown.
        children: (n,) children per area, NaN where unknown.

    Raises:
        ValueError: for negative or infinite values, shapes that do not match, or no child in the
            areas where both are known.

    The third area's places are unknown, so tau = (30 + 50) / (100 + 100) = 0.4:

    >>> reference_standard([30, 50, float("nan")], [100, 100, 700])
    0.4
    """
    offered, living = np.asarray(places, np.float64), np.asarray(children, np.float64)
    if offered.shape != living.shape or offered.ndim != 1:
        raise ValueError(
            f"places and children must be as many, not {offered.shape} and {living.shape}"
        )
    is_known = ~(np.isnan(offered) | np.isnan(living))
    total_places = amounts(offered[is_known], "places").sum()
    total_children = amounts(living[is_known], "children").sum()
    if total_children <= 0:
        raise ValueError("no area has both its places and its children known, children above 0")
    return float(total_places / total_children)


def gap_triad(
    demand: npt.ArrayLike,
    effective: npt.ArrayLike,
    standard: npt.ArrayLike,
    within_reach: npt.ArrayLike,
    index: pd.Index | None = None,
) -> pd.DataFrame:
    """Return need, what meets it, and the gap, one row per area.

    need = standard * demand; gap = need - effective, signed; unmet = max(gap, 0);
    served = min(need, effective). The rest, need - served, is `within_reach` (somewhere has
    places near enough, but not one for each) or `out_of_reach` (nowhere near has any). So

        need = served + within_reach + out_of_reach   and   unmet = within_reach + out_of_reach.

    coverage = 100 * effective / demand, places per 100 people; NaN, not applicable, where there
    is no demand.

    Args:
        demand: (n,) people.
        effective: (n,) places that fall to the area, as `e2sfca` gives them.
        standard: tau, places needed per person, above 0: one for all, or (n,) one for each area.
        within_reach: (n,) boolean: a supplier with places lies within the threshold.
        index: the areas; 0..n-1 if left out.

    Returns:
        A frame with `GAP_COLUMNS`, all float64.

    Raises:
        ValueError: for unknown or negative amounts, a standard out of range, shapes that do not
            match, or effective places where nothing is within reach.

    Three villages of 100, 50 and 50 children, with 40, 30 and 0 effective places, the last with
    nothing within reach; the standard is one place for two children:

    >>> gap_triad([100, 50, 50], [40, 30, 0], 0.5, [True, True, False]).drop(columns="demand")
       need  effective  served  within_reach  out_of_reach   gap  unmet  coverage
    0  50.0       40.0    40.0          10.0           0.0  10.0   10.0      40.0
    1  25.0       30.0    25.0           0.0           0.0  -5.0    0.0      60.0
    2  25.0        0.0     0.0           0.0          25.0  25.0   25.0       0.0
    """
    people, places = amounts(demand, "demand"), amounts(effective, "effective")
    is_within = np.asarray(within_reach)
    if is_within.dtype != np.bool_:
        raise ValueError(f"within_reach must be boolean, not {is_within.dtype}")
    if not people.shape == places.shape == is_within.shape:
        raise ValueError(
            "demand, effective and within_reach must be as many, "
            f"not {people.shape}, {places.shape} and {is_within.shape}"
        )
    tau = np.asarray(standard, dtype=np.float64)
    if tau.shape not in ((), people.shape):
        raise ValueError(f"standard must be one, or one for each area, not {tau.shape}")
    if not (np.isfinite(tau) & (tau > 0)).all():
        raise ValueError(f"standard must be finite and above 0, not {tau.tolist()}")
    if (places[~is_within] > 0).any():
        raise ValueError("effective places where nothing is within reach: thresholds disagree")
    need = tau * people
    served = np.minimum(need, places)
    gap = need - places
    amounts_by_name = {
        "demand": people,
        "need": need,
        "effective": places,
        "served": served,
        "within_reach": np.where(is_within, need - served, 0.0),
        "out_of_reach": np.where(is_within, 0.0, need - served),
        "gap": gap,
        "unmet": np.maximum(gap, 0.0),
    }
    return _with_coverage(pd.DataFrame(amounts_by_name, index=index))


def aggregated_gap(frame: pd.DataFrame, parent: pd.Series) -> pd.DataFrame:
    """Return the gap of larger areas: the amounts of their parts added up, then the ratio.

    Unmet need is the sum of the parts' unmet need, so it is at least the gap (which is net of
    the surplus of some parts) and never a gap that a surplus elsewhere has filled on paper.

    Args:
        frame: as `gap_triad` gives it, indexed by area, each area once.
        parent: the larger area of each, indexed by area; may cover more areas than `frame`.

    Returns:
        A frame with `GAP_COLUMNS`, indexed by parent in sorted order.

    Raises:
        ValueError: if an area is twice in `frame` or `parent`, or has no parent.

    The three villages of `gap_triad`, the first two in one valley:

    >>> villages = gap_triad([100, 50, 50], [40, 30, 0], 0.5, [True, True, False], list("ABC"))
    >>> valleys = pd.Series({"A": "north", "B": "north", "C": "south"})
    >>> aggregated_gap(villages, valleys)[["need", "served", "gap", "unmet", "coverage"]]
           need  served   gap  unmet   coverage
    north  75.0    65.0   5.0   10.0  46.666667
    south  25.0     0.0  25.0   25.0   0.000000
    """
    for name, areas in (("frame", frame.index), ("parent", parent.index)):
        if not areas.is_unique:
            twice = areas[areas.duplicated()].unique()
            raise ValueError(f"{name} has areas more than once: {list(twice[:5])}")
    parent_of_row = parent.reindex(frame.index)
    orphans = frame.index[parent_of_row.isna()]
    if len(orphans):
        raise ValueError(f"{len(orphans)} area(s) without a parent: {list(orphans[:5])}")
    additive = [name for name in GAP_COLUMNS if name != "coverage"]
    summed = frame[additive].groupby(parent_of_row.to_numpy(), sort=True).sum()
    return _with_coverage(summed)


def _with_coverage(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with places per 100 people, NaN where there is nobody, as last column."""
    demand = frame["demand"]
    return frame.assign(coverage=100 * frame["effective"] / demand.where(demand > 0))
