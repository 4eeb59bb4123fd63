"""Weightings: how far an order of priority hangs on weights that others would have chosen.

An index is somebody's choice of weights. An area that stays among the first under nearly all the
weightings a reasonable person could defend survives argument; one that is first under the declared
weights only does not. What counts as reasonable is declared:

- `band_weightings`: each weight anywhere within plus or minus a half of the declared one;
- `dirichlet_weightings`: around the declared weights as a Dirichlet distribution is, the closer
  the higher its concentration; a weight may come near zero.

Sources:
    M. Saisana, A. Saltelli and S. Tarantola, "Uncertainty and sensitivity analysis techniques as
    tools for the quality assessment of composite indicators", Journal of the Royal Statistical
    Society A 168 (2005), 307-323.
    R. Lahdelma, J. Hokkanen and P. Salminen, "SMAA - stochastic multiobjective acceptability
    analysis", European Journal of Operational Research 106 (1998), 137-143 (the share of weights
    under which an option holds a rank).
"""

import numpy as np
import pandas as pd

from geodata.methods.amounts import FloatArray
from geodata.methods.composite import Composite, Recipe, weighted_means
from geodata.methods.ranking import p_among_first

_BLOCK = 64
"""Weightings worked on at once: what keeps 35,000 areas within 20 MB."""


def band_weightings(recipe: Recipe, count: int, seed: int, share: float = 0.5) -> FloatArray:
    """Return (count, c) weightings, each weight drawn evenly within +/- `share` of the declared.

    They are then scaled to sum to 1.

    Raises:
        ValueError: for a share outside 0 to 1, or no weighting at all.
    """
    if not 0 <= share <= 1 or count < 1:
        raise ValueError(f"share must be from 0 to 1 and count at least 1: {share}, {count}")
    chance = np.random.Generator(np.random.Philox(seed)).uniform(
        -share, share, (count, len(recipe.components))
    )
    drawn = recipe.weights * (1 + chance)
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True), dtype=np.float64)


def dirichlet_weightings(
    recipe: Recipe, count: int, seed: int, concentration: float = 20.0
) -> FloatArray:
    """Return (count, c) weightings from the Dirichlet distribution of mean the declared weights.

    A weight w has the standard deviation sqrt(w (1 - w) / (concentration + 1)): with 20, a weight
    of 0.25 mostly lies within 0.25 +/- 0.19.

    Raises:
        ValueError: for a concentration that is not above 0, or no weighting at all.
    """
    if not (np.isfinite(concentration) and concentration > 0) or count < 1:
        raise ValueError(
            f"concentration must be above 0 and count at least 1: {concentration}, {count}"
        )
    generator = np.random.Generator(np.random.Philox(seed))
    return generator.dirichlet(concentration * recipe.weights, count)


def share_in_top(made: Composite, weightings: FloatArray, k: int) -> pd.Series:
    """Return, for each area, the share of the weightings under which it is among the k worst.

    Areas that have no index under the declared weights have none here (NaN). Where a component
    is missing the others take over its weight under each weighting, as they do in the index.

    Args:
        made: what `composite` returned.
        weightings: (w, c), in the order of the recipe's components.
        k: how many are at the top, 0 or more.

    Returns:
        One share per area; they add up to k.

    Raises:
        ValueError: if the weightings do not match the components.

    A is worst in both components, so it is first whatever the weights; B and C, each better in
    one, depend on them:

    >>> from geodata.methods.composite import Component, composite
    >>> from geodata.model import Direction
    >>> worse = Direction.WORSE
    >>> figures = pd.DataFrame({"x": [9.0, 5, 1, 0], "y": [9.0, 1, 5, 0]}, index=list("ABCD"))
    >>> made = composite(figures, Recipe((Component("x", 1, worse), Component("y", 1, worse))))
    >>> share_in_top(made, np.array([[0.7, 0.3], [0.6, 0.4], [0.4, 0.6], [0.8, 0.2]]), 2).tolist()
    [1.0, 0.75, 0.25, 0.0]
    """
    if weightings.ndim != 2 or weightings.shape[1] != len(made.recipe.components):
        raise ValueError(
            f"weightings must be (w, {len(made.recipe.components)}), not {weightings.shape}"
        )
    has_index = made.index.notna().to_numpy()
    scores = made.scores.to_numpy()[has_index]
    held = np.zeros(len(scores))
    for start in range(0, len(weightings), _BLOCK):
        block = weightings[start : start + _BLOCK]
        means = weighted_means(scores, block, made.recipe.aggregation)
        held += len(block) * p_among_first(means, k, higher_first=True)
    share = np.full(len(has_index), np.nan)
    share[has_index] = held / len(weightings)
    return pd.Series(share, index=made.index.index, name="share_in_top")
