"""Priority orders: areas put in order by a composite index, with how far to trust the order.

One machine for the release and for whoever tries other weights: what it needs is kept in a release
(the figures and their standard errors), so that the same weights give the same numbers.

Sources: those of `composite`, `ranking` and `weightings`, of which this is the sum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from geodata.methods.composite import Component, Recipe, composite, composite_draws
from geodata.methods.keyed_random import Draws, place_keys
from geodata.methods.ranking import p_worst_fifth, rank_interval, ranks
from geodata.methods.weightings import band_weightings, share_in_top

#: How many times the figures are drawn within their errors, and the weights within their band.
DRAWS = Draws(count=500, seed=1)
WEIGHTINGS = 1_000
#: With fewer areas that have a figure there is no order worth the name.
FEWEST = 5
#: A figure that fewer than this share of the areas have is left out of their order.
LEAST_KNOWN = 0.5


@dataclass(frozen=True, eq=False)
class PriorityOrder:
    """The order of some areas.

    Attributes:
        areas: one row an area, in the order given: value (the index, 0 to 100), missing_weight
            (share), rank, rank_low, rank_high, p_worst_fifth, share_in_top. NaN without a rank.
        scores: areas by components (0 to 100); a column of NaN for a component that is left out.
        contributions: likewise, in points of the index; they add up to it.
        ranked: how many areas have a rank.
    """

    areas: pd.DataFrame
    scores: pd.DataFrame
    contributions: pd.DataFrame
    ranked: int


def priority_order(
    figures: pd.DataFrame, errors: pd.DataFrame, recipe: Recipe, top_share: float
) -> PriorityOrder | None:
    """Return the order of the areas of `figures`, the worst first; None where there can be none.

    A component that is the same everywhere, or that few areas have (`FEWEST`, `LEAST_KNOWN`), is
    left out, its weight counted as missing; where that is more than may be missing there is no
    order. The rank interval (90 %) and P(worst fifth) come from `DRAWS` of each figure within its
    standard error; the share in the top from `WEIGHTINGS`, each weight within +/- 50 %.

    Args:
        figures: areas (by their codes, from which chance is drawn) by components, NaN if unknown.
        errors: the standard error of each figure, in its own unit; 0 where it is exact.
        recipe: the components and their weights.
        top_share: share of the ranked areas that are said to be at the top, above 0.

    Raises:
        ValueError: as `composite_draws`.
    """
    here, left_out = _recipe_here(recipe, figures)
    if here is None:
        return None
    made = composite(figures, here)
    drawn = composite_draws(figures, errors, made, DRAWS, place_keys(figures.index))
    held = rank_interval(drawn, higher_first=True)
    ranked = int(made.index.notna().sum())
    weightings = band_weightings(here, WEIGHTINGS, DRAWS.seed)
    areas = pd.DataFrame(
        {
            "value": made.index.to_numpy(),
            "missing_weight": left_out + (1 - left_out) * made.missing_weight.to_numpy(),
            "rank": ranks(made.index, higher_first=True).rank,
            "rank_low": held.low,
            "rank_high": held.high,
            "p_worst_fifth": p_worst_fifth(drawn, higher_is_worse=True),
            "share_in_top": share_in_top(made, weightings, top_places(top_share, ranked)),
        },
        index=figures.index,
    )
    names = [component.id for component in recipe.components]
    return PriorityOrder(
        areas, made.scores.reindex(columns=names), made.contributions.reindex(columns=names), ranked
    )


def top_places(top_share: float, ranked: int) -> int:
    """How many of so many ranked areas are at the top: one at least.

    >>> top_places(0.2, 11), top_places(0.2, 2)
    (2, 1)
    """
    return max(1, round(top_share * ranked))


def reweighted(recipe: Recipe, weights: tuple[float, ...]) -> Recipe:
    """Return the recipe with other weights; a component of weight 0 has no place in it.

    Args:
        weights: one for each component, 0 or more, one at least above 0; only shares matter.

    Raises:
        ValueError: for as many weights as there are no components, or none above 0.
    """
    pairs = zip(recipe.components, weights, strict=True)
    kept = tuple(Component(c.id, weight, c.direction) for c, weight in pairs if weight != 0)
    return replace(recipe, components=kept)


def _recipe_here(recipe: Recipe, figures: pd.DataFrame) -> tuple[Recipe | None, float]:
    """The recipe with what the areas have, and the weight of the rest; None if too much."""
    names = [component.id for component in recipe.components]
    known, distinct = figures[names].notna().sum(), figures[names].nunique()
    tells = (known >= max(FEWEST, LEAST_KNOWN * len(figures))) & (distinct > 1)
    pairs = list(zip(recipe.components, recipe.weights, strict=True))
    kept = tuple(component for component, _weight in pairs if tells[component.id])
    left_out = float(sum(weight for component, weight in pairs if not tells[component.id]))
    if not kept or left_out > recipe.most_missing:
        return None, left_out
    more = (recipe.most_missing - left_out) / (1 - left_out)
    return replace(recipe, components=kept, most_missing=more), left_out
