"""Weightings: where they lie, and the areas that stay at the top whatever they are."""

import math

import numpy as np
import pandas as pd
import pytest

from geodata.methods.composite import Aggregation, Component, Composite, Recipe, composite
from geodata.methods.weightings import band_weightings, dirichlet_weightings, share_in_top
from geodata.model import Direction

PARTS = tuple(
    Component(name, weight, Direction.WORSE) for name, weight in (("x", 5), ("y", 3), ("z", 2))
)
RECIPE = Recipe(PARTS)


@pytest.fixture(params=list(Aggregation))
def made(request: pytest.FixtureRequest) -> Composite:
    """Thirty areas, whole numbers so that some are equal, some figures missing."""
    chance = np.random.default_rng(2)
    table = pd.DataFrame(chance.integers(0, 6, (30, 3)).astype(float), columns=list("xyz"))
    table = table.mask(chance.random((30, 3)) < 0.1)
    return composite(table, Recipe(PARTS, aggregation=request.param))


def test_a_band_is_even_around_the_declared_weights() -> None:
    """Before they are scaled to 1, each is within half of the declared, and fills it."""
    drawn = band_weightings(RECIPE, 4000, seed=1)
    np.testing.assert_allclose(drawn.sum(axis=1), 1, rtol=1e-12)
    # A ratio of two weights lies within (1 - s) / (1 + s) and its inverse of the declared one.
    ratio = drawn[:, 0] / drawn[:, 1] / (5 / 3)
    assert 1 / 3 <= ratio.min() < 0.4
    assert 2.5 < ratio.max() <= 3
    np.testing.assert_allclose(drawn.mean(axis=0), [0.5, 0.3, 0.2], atol=0.015)
    np.testing.assert_array_equal(band_weightings(RECIPE, 4000, seed=1), drawn)
    exact = band_weightings(RECIPE, 3, seed=1, share=0)
    np.testing.assert_allclose(exact, np.tile(RECIPE.weights, (3, 1)), rtol=1e-15)


def test_dirichlet_weights_have_the_mean_and_the_spread_they_should() -> None:
    """Mean w, variance w (1 - w) / (concentration + 1)."""
    drawn = dirichlet_weightings(RECIPE, 8000, seed=1, concentration=20)
    np.testing.assert_allclose(drawn.sum(axis=1), 1, rtol=1e-12)
    w = RECIPE.weights
    np.testing.assert_allclose(drawn.mean(axis=0), w, atol=0.01)
    np.testing.assert_allclose(drawn.var(axis=0), w * (1 - w) / 21, rtol=0.06)


def test_agrees_with_a_slow_loop(made: Composite) -> None:
    """One weighting at a time, over more than one block of them; equals share the last place."""
    weightings = band_weightings(RECIPE, 70, seed=4)
    share = share_in_top(made, weightings, k=7)
    held = dict.fromkeys(made.index.index, 0.0)
    for weights in weightings:
        means = {}
        for area, scores in made.scores[made.index.notna()].iterrows():
            known = [(w, s) for w, s in zip(weights, scores, strict=True) if not math.isnan(s)]
            whole = sum(w for w, _ in known)
            if made.recipe.aggregation is Aggregation.ARITHMETIC:
                means[area] = round(sum(w * s for w, s in known) / whole, 9)
            else:
                means[area] = round(math.exp(sum(w * math.log(s) for w, s in known) / whole), 9)
        for area, mean in means.items():
            before = sum(other > mean for other in means.values())
            equal = sum(other == mean for other in means.values())
            held[area] += min(max((7 - before) / equal, 0), 1)
    for area, index in made.index.items():
        if math.isnan(index):
            assert math.isnan(share[area])
        else:
            assert share[area] == pytest.approx(held[area] / 70, abs=1e-9)


def test_shares_add_up_to_the_places(made: Composite) -> None:
    """Under each kind of weightings, whatever k."""
    for weightings in (band_weightings(RECIPE, 100, 0), dirichlet_weightings(RECIPE, 100, 0)):
        for k in (0, 1, 6, 30):
            total = share_in_top(made, weightings, k).sum()
            assert total == pytest.approx(min(k, made.index.notna().sum()), rel=1e-9)


def test_the_worst_in_everything_is_first_under_all_weightings() -> None:
    """And the best in everything under none."""
    table = pd.DataFrame({"x": [9.0, 5, 0], "y": [9.0, 5, 0], "z": [9.0, 5, 0]})
    share = share_in_top(composite(table, RECIPE), dirichlet_weightings(RECIPE, 50, 0), 1)
    assert share.tolist() == [1, 0, 0]


def test_weightings_that_make_no_sense_are_refused(made: Composite) -> None:
    """Shares, concentrations, none at all, or of other components."""
    for share in (-0.1, 1.5):
        with pytest.raises(ValueError, match="share must be"):
            band_weightings(RECIPE, 1, 0, share)
    for concentration in (0, math.nan, math.inf):
        with pytest.raises(ValueError, match="concentration"):
            dirichlet_weightings(RECIPE, 1, 0, concentration)
    for drawn in (band_weightings, dirichlet_weightings):
        with pytest.raises(ValueError, match="count"):
            drawn(RECIPE, 0, 0)
    with pytest.raises(ValueError, match=r"weightings must be \(w, 3\)"):
        share_in_top(made, np.ones((4, 2)), 1)
