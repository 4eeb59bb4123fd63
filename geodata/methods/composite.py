"""Composite indices: several figures made into one, with weights in plain sight.

The same machine makes an index of need (from figures on the people) and one of priority (from
need, gaps and links that are missing). Nothing is hidden in it: each component's contribution is
returned, they add up to the index, and `weightings` says how far the choice of weights matters.

Sources:
    OECD and JRC, "Handbook on constructing composite indicators: methodology and user guide",
    OECD Publishing, Paris (2008), steps 5 to 7.
    M. Nardo et al., "Tools for composite indicators building", EUR 21682 EN, JRC, Ispra (2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.methods.amounts import FloatArray
from geodata.methods.keyed_random import Draws, Purpose, keys_or_positions, normals, place_keys
from geodata.methods.scales import Normalisation, Scale, fitted_scale
from geodata.model import Direction


class Aggregation(StrEnum):
    """How scores become one number.

    Arithmetic: what is good in one component makes up for what is bad in another, in full.
    Geometric: only in part, the less so the lower the score.
    """

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"


@dataclass(frozen=True)
class Component:
    """One figure of an index.

    Args:
        id: its column.
        weight: what it counts for, above 0; weights need not sum to 1, only their shares matter.
        direction: which way is worse.
    """

    id: str
    weight: float
    direction: Direction


@dataclass(frozen=True)
class Recipe:
    """How an index is made; it is shown beside the index.

    Args:
        components: at least one, each once.
        normalisation: min-max unless said otherwise. With a z-score, one area far off stretches
            the unit for all, and may lower another's rank though neither changed.
        aggregation: arithmetic or geometric. Geometric needs scores above 0: they run from 1 to
            100, so it does not go with z-scores.
        treats_outliers: see `fitted_scale`.
        most_missing: share of the weight, 0 to below 1, that may be missing in an area. Up to it
            the others take over its weight, and the area is flagged; above it there is no index.

    Raises:
        ValueError: for weights, shares or a choice that cannot be.
    """

    components: tuple[Component, ...]
    normalisation: Normalisation = Normalisation.MIN_MAX
    aggregation: Aggregation = Aggregation.ARITHMETIC
    treats_outliers: bool = True
    most_missing: float = 1 / 3

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        names = [component.id for component in self.components]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"an index needs components, each once: {names}")
        for component in self.components:
            if not (np.isfinite(component.weight) and component.weight > 0):
                raise ValueError(f"the weight of {component.id} must be above 0: {component}")
            if component.direction is Direction.NEUTRAL:
                raise ValueError(f"{component.id} is neutral: it has no place in an index")
        if not 0 <= self.most_missing < 1:
            raise ValueError(f"most_missing must be from 0 to below 1, not {self.most_missing}")
        if (self.normalisation, self.aggregation) == (
            Normalisation.Z_SCORE,
            Aggregation.GEOMETRIC,
        ):
            raise ValueError("z-scores are negative for half the areas: no geometric mean of them")

    @property
    def weights(self) -> FloatArray:
        """The components' shares of the weight, summing to 1."""
        weights = np.array([component.weight for component in self.components], dtype=np.float64)
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    @property
    def least_score(self) -> float:
        """The lowest score of a min-max scale."""
        return 1.0 if self.aggregation is Aggregation.GEOMETRIC else 0.0


@dataclass(frozen=True, eq=False)
class Composite:
    """An index and what it is made of.

    Attributes:
        recipe: how it was made.
        scales: one per component, in the recipe's order.
        scores: areas by components, NaN where the figure is missing.
        index: one per area, higher is worse; NaN where too much is missing.
        contributions: areas by components; they add up to the index. NaN, not 0, for a figure
            that is missing.
        missing_weight: share of the weight that is missing, per area.
        is_reweighted: whether other components took over the weight of a missing one.
    """

    recipe: Recipe
    scales: tuple[Scale, ...]
    scores: pd.DataFrame
    index: pd.Series
    contributions: pd.DataFrame
    missing_weight: pd.Series
    is_reweighted: pd.Series


def composite(figures: pd.DataFrame, recipe: Recipe) -> Composite:
    """Return the index of each area.

    Arithmetic: I = sum_c w_c s_c / sum_c w_c, over the components known in the area; the
    contribution of c is w_c s_c / sum w. Geometric: I = exp(sum_c w_c ln s_c / sum_c w_c); the
    index is shared out in proportion to w_c ln s_c (to w_c where all scores are 1).

    Args:
        figures: one row per area, a column per component, NaN where there is no figure.
        recipe: how the index is made.

    Raises:
        KeyError: if a component has no column. ValueError: as `fitted_scale`, with its name.

    Three villages; poverty counts double, childcare is better when there is more of it:

    >>> figures = pd.DataFrame(
    ...     {"poverty": [10.0, 20, 30], "childcare": [50.0, 30, 40]}, index=list("ABC")
    ... )
    >>> recipe = Recipe((
    ...     Component("poverty", 2, Direction.WORSE), Component("childcare", 1, Direction.BETTER),
    ... ))
    >>> made = composite(figures, recipe)
    >>> made.scores
       poverty  childcare
    A      0.0        0.0
    B     50.0      100.0
    C    100.0       50.0
    >>> made.index.round(2).tolist()
    [0.0, 66.67, 83.33]
    >>> made.contributions.round(2).loc["C"].tolist()
    [66.67, 16.67]
    """
    names = [component.id for component in recipe.components]
    scales = tuple(_scale(figures[c.id], c, recipe) for c in recipe.components)
    scores = pd.DataFrame(
        {
            name: scale.of(figures[name].to_numpy("float64"))
            for name, scale in zip(names, scales, strict=True)
        },
        index=figures.index,
    )
    known = scores.to_numpy()
    missing = np.where(np.isnan(known), recipe.weights, 0.0).sum(axis=1)
    index = weighted_means(known, recipe.weights[np.newaxis], recipe.aggregation)[0]
    index[missing > recipe.most_missing + 1e-12] = np.nan
    return Composite(
        recipe,
        scales,
        scores,
        pd.Series(index, index=figures.index, name="index"),
        pd.DataFrame(_contributions(known, index, recipe), index=figures.index, columns=names),
        pd.Series(missing, index=figures.index, name="missing_weight"),
        pd.Series((missing > 0) & ~np.isnan(index), index=figures.index, name="is_reweighted"),
    )


def weighted_means(
    scores: FloatArray, weightings: FloatArray, aggregation: Aggregation
) -> FloatArray:
    """Return (w, n): the mean of the known scores of n areas under each of w weightings.

    Args:
        scores: (n, c), NaN where missing; above 0 if geometric.
        weightings: (w, c), each at least 0.
        aggregation: which mean. An area without any known score has none (NaN).

    >>> scores = np.array([[100.0, 25.0], [100.0, np.nan]])
    >>> weighted_means(scores, np.array([[1.0, 1.0]]), Aggregation.ARITHMETIC).tolist()
    [[62.5, 100.0]]
    >>> weighted_means(scores, np.array([[1.0, 1.0]]), Aggregation.GEOMETRIC).round(9).tolist()
    [[50.0, 100.0]]
    """
    is_geometric = aggregation is Aggregation.GEOMETRIC
    values = np.log(scores) if is_geometric else scores
    is_known = ~np.isnan(values)
    above, below = np.zeros((2, len(weightings), len(scores)))
    # Component by component: areas with equal scores have equal means, to the last bit.
    for part, weight in enumerate(weightings.T[:, :, np.newaxis]):
        above += weight * np.where(is_known[:, part], values[:, part], 0.0)
        below += weight * is_known[:, part]
    mean = np.full(above.shape, np.nan)
    np.divide(above, below, out=mean, where=below > 0)
    return np.exp(mean) if is_geometric else mean


def composite_draws(
    figures: pd.DataFrame,
    standard_errors: pd.DataFrame,
    made: Composite,
    draws: Draws,
    keys: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return (draws, n): the index drawn anew, each figure within its standard error.

    Each figure is drawn from a normal distribution round its value, independently of the others,
    and scored on the scale that was fitted on the published figures. Feed it to
    `ranking.rank_interval` and `ranking.p_worst_fifth`.

    Args:
        figures: as given to `composite`, the same areas.
        standard_errors: likewise; 0 where a figure is exact.
        made: what `composite` returned for these figures.
        draws: how many, and the seed.
        keys: (n,) stable keys of the areas (`place_keys`); their positions if left out.

    Returns:
        NaN where `made` has no index.

    Raises:
        ValueError: for indexes that differ, or a standard error that is negative, or unknown
            where its figure is known.
    """
    if not (figures.index.equals(made.index.index) and figures.index.equals(standard_errors.index)):
        raise ValueError("figures, standard errors and index must be of the same areas, in order")
    places = keys_or_positions(keys, len(figures))
    is_geometric = made.recipe.aggregation is Aggregation.GEOMETRIC
    total, weight = np.zeros((draws.count, len(figures))), np.zeros(len(figures))
    parts = zip(made.recipe.components, made.recipe.weights, made.scales, strict=True)
    for component, share, scale in parts:
        value = figures[component.id].to_numpy("float64")
        error = standard_errors[component.id].to_numpy("float64")
        is_known = ~np.isnan(value)
        if not (error[is_known] >= 0).all():
            raise ValueError(f"{component.id}: a standard error is unknown or negative")
        # Each component has its own chance: the places' keys, marked with its name.
        chance = normals(draws, Purpose.VALUE, places ^ place_keys([component.id])[0])
        score = scale.of(value + np.where(is_known, error, 0.0) * chance)
        total += share * np.where(is_known, np.log(score) if is_geometric else score, 0.0)
        weight += share * is_known
    mean = np.full(total.shape, np.nan)
    np.divide(total, weight, out=mean, where=made.index.notna().to_numpy())
    return np.exp(mean) if is_geometric else mean


def _scale(figures: pd.Series, component: Component, recipe: Recipe) -> Scale:
    """Return a component's scale; an error names the component."""
    try:
        return fitted_scale(
            figures.to_numpy("float64"),
            component.direction,
            recipe.normalisation,
            recipe.treats_outliers,
            recipe.least_score,
        )
    except ValueError as error:
        raise ValueError(f"{component.id}: {error}") from error


def _contributions(scores: FloatArray, index: FloatArray, recipe: Recipe) -> FloatArray:
    """Return (n, c) contributions that add up to the index; NaN for what is missing."""
    weight = np.where(np.isnan(scores), np.nan, recipe.weights)
    if recipe.aggregation is Aggregation.ARITHMETIC:
        parts = weight * scores
        whole = np.nansum(weight, axis=1)
        share = parts / np.where(whole > 0, whole, np.nan)[:, np.newaxis]
        return np.where(np.isnan(index)[:, np.newaxis], np.nan, share)
    parts = weight * np.log(scores)
    is_flat = np.nansum(parts, axis=1) == 0
    parts = np.where(is_flat[:, np.newaxis], weight, parts)
    whole = np.nansum(parts, axis=1)
    return index[:, np.newaxis] * parts / np.where(whole > 0, whole, np.nan)[:, np.newaxis]
