"""Composite indices: by hand, against a slow loop, contributions that add up, and draws."""

import math

import numpy as np
import pandas as pd
import pytest

from geodata.methods.composite import (
    Aggregation,
    Component,
    Composite,
    Recipe,
    composite,
    composite_draws,
    weighted_means,
)
from geodata.methods.keyed_random import Draws, place_keys
from geodata.methods.ranking import p_worst_fifth, ranks
from geodata.methods.scales import Normalisation
from geodata.model import Direction

nan = math.nan
WORSE, BETTER = Direction.WORSE, Direction.BETTER
ARITHMETIC, GEOMETRIC = Aggregation.ARITHMETIC, Aggregation.GEOMETRIC
PARTS = (Component("x", 2, WORSE), Component("y", 1, BETTER), Component("z", 1, WORSE))
RECIPES = [
    Recipe(PARTS, normalisation, aggregation)
    for normalisation in Normalisation
    for aggregation in Aggregation
    if (normalisation, aggregation) != (Normalisation.Z_SCORE, GEOMETRIC)
]


@pytest.fixture
def figures() -> pd.DataFrame:
    """Eighty areas, one figure skewed, some figures missing."""
    chance = np.random.default_rng(3)
    made = pd.DataFrame(
        {
            "x": chance.normal(20, 5, 80),
            "y": chance.uniform(0, 100, 80),
            "z": chance.lognormal(0, 1.5, 80),
        },
        index=place_names(80),
    )
    return made.mask(chance.random((80, 3)) < 0.1)


def place_names(count: int) -> list[str]:
    """Return codes of areas."""
    return [f"{n:03d}" for n in range(count)]


def test_three_villages_by_hand() -> None:
    """Arithmetic and geometric; the middle one is better in x and worse in y."""
    table = pd.DataFrame({"x": [0.0, 50, 100], "y": [100.0, 0, 50]}, index=list("ABC"))
    made = composite(table, Recipe(PARTS[:2]))
    assert made.scores.to_numpy().tolist() == [[0, 0], [50, 100], [100, 50]]
    assert made.index.tolist() == pytest.approx([0, 200 / 3, 250 / 3])
    assert made.contributions.loc["B"].tolist() == pytest.approx([100 / 3, 100 / 3])
    product = composite(table, Recipe(PARTS[:2], aggregation=GEOMETRIC))
    assert product.scores.loc["A"].tolist() == [1, 1]
    assert product.index.tolist() == pytest.approx(
        [1, (50.5**2 * 100) ** (1 / 3), (100**2 * 50.5) ** (1 / 3)]
    )
    logs = np.log([50.5**2, 100])
    assert product.contributions.loc["B"].tolist() == pytest.approx(
        (product.index["B"] * logs / logs.sum()).tolist()
    )
    assert product.contributions.loc["A"].tolist() == pytest.approx([2 / 3, 1 / 3])


@pytest.mark.parametrize("recipe", RECIPES)
def test_agrees_with_a_slow_loop(figures: pd.DataFrame, recipe: Recipe) -> None:
    """From the scores, one area and one component at a time."""
    made = composite(figures, recipe)
    for area in figures.index:
        score = made.scores.loc[area]
        known = [part for part in PARTS if not math.isnan(score[part.id])]
        weight = sum(part.weight for part in known)
        assert made.missing_weight[area] == pytest.approx(1 - weight / 4, abs=1e-12)
        if 1 - weight / 4 > 1 / 3:
            assert math.isnan(made.index[area])
            assert made.contributions.loc[area].isna().all()
            assert not made.is_reweighted[area]
            continue
        if recipe.aggregation is ARITHMETIC:
            expected = sum(part.weight * score[part.id] for part in known) / weight
        else:
            expected = math.prod(score[part.id] ** (part.weight / weight) for part in known)
        assert made.index[area] == pytest.approx(expected, rel=1e-9)
        assert made.is_reweighted[area] == (len(known) < 3)


@pytest.mark.parametrize("recipe", RECIPES)
def test_contributions_add_up_to_the_index(figures: pd.DataFrame, recipe: Recipe) -> None:
    """To 1e-9; a missing figure has no contribution, rather than none."""
    made = composite(figures, recipe)
    has = made.index.notna()
    np.testing.assert_allclose(
        made.contributions[has].sum(axis=1), made.index[has], rtol=1e-9, atol=1e-9
    )
    missing = figures[has].isna()
    assert (made.contributions[has].isna() == missing).all(axis=None)
    assert missing.any(axis=None)


@pytest.mark.parametrize("recipe", [r for r in RECIPES if r.normalisation != "z_score"])
def test_getting_worse_never_lowers_the_rank(recipe: Recipe) -> None:
    """Fitted anew after the change, without treatment of outliers, in each component."""
    recipe = Recipe(PARTS, recipe.normalisation, recipe.aggregation, treats_outliers=False)
    chance = np.random.default_rng(9)
    for _ in range(60):
        table = pd.DataFrame(chance.integers(0, 9, (8, 3)).astype(float), columns=list("xyz"))
        area, part = int(chance.integers(8)), PARTS[int(chance.integers(3))]
        worse = table.copy()
        step = float(chance.integers(1, 20))
        worse.loc[area, part.id] += step if part.direction is WORSE else -step
        if min(table.nunique().min(), worse.nunique().min()) < 2:
            continue  # A figure that is the same everywhere is refused.
        before, after = (
            ranks(composite(t, recipe).index.round(9).to_numpy(), True) for t in (table, worse)
        )
        assert after.rank[area] <= before.rank[area]


def test_getting_worse_never_lowers_the_rank_on_scales_already_fitted(
    figures: pd.DataFrame,
) -> None:
    """Whatever the recipe, outliers treated: a score only rises, and the others' stay."""
    for recipe in RECIPES:
        made = composite(figures, recipe)
        scores = made.scores.to_numpy()
        whole = weighted_means(scores, recipe.weights[np.newaxis], recipe.aggregation)[0]
        worse = scores.copy()
        worse[0, 0] = made.scales[0].of([figures["x"].iloc[0] + 7])[0]
        after = weighted_means(worse, recipe.weights[np.newaxis], recipe.aggregation)[0]
        assert after[0] >= whole[0]
        np.testing.assert_array_equal(after[1:], whole[1:])


def test_a_z_score_can_lower_a_rank_by_stretching() -> None:
    """Why it is not the default. A gets worse in x, and loses to B, who did not change."""
    # A leads B by 2 standard deviations of x when it has 10, by 1.89 when it has 40; in y it
    # trails by 2. At a weight of 0.97 for y that decides.
    recipe = Recipe((Component("x", 1, WORSE), Component("y", 0.97, WORSE)), Normalisation.Z_SCORE)
    placed = {}
    for x in (10.0, 40.0):
        table = pd.DataFrame({"x": [x, -10.0, 0.0], "y": [0.0, 10.0, 5.0]})
        placed[x] = ranks(composite(table, recipe).index.to_numpy(), True).rank[0]
    assert placed == {10.0: 1, 40.0: 2}


@pytest.mark.parametrize("recipe", RECIPES)
def test_exact_figures_are_drawn_as_the_index(figures: pd.DataFrame, recipe: Recipe) -> None:
    """With standard errors of 0, every draw is the index; where there is none, none."""
    made = composite(figures, recipe)
    drawn = composite_draws(figures, figures * 0, made, Draws(3))
    np.testing.assert_allclose(drawn, np.tile(made.index, (3, 1)), rtol=1e-9, atol=1e-9)


def test_draws_have_the_spread_of_their_components(figures: pd.DataFrame) -> None:
    """Independent normal errors on a linear scale: sqrt(sum of (w_c e_c / unit_c)^2)."""
    full = figures[["x", "y"]].dropna()
    # Those far enough from the ends of the scales for no draw to be cut off.
    share = full.rank(pct=True)
    middle = ((share > 0.3) & (share < 0.7)).all(axis=1).to_numpy()
    made = composite(full, Recipe(PARTS[:2], treats_outliers=False))
    errors = full * 0 + [0.4, 3.0]
    drawn = composite_draws(full, errors, made, Draws(3000, seed=1), place_keys(full.index))
    x, y = np.ptp(full["x"]), np.ptp(full["y"])
    expected = math.hypot(2 / 3 * 40 / x, 1 / 3 * 300 / y)
    assert middle.sum() > 5
    np.testing.assert_allclose(drawn.std(axis=0)[middle], expected, rtol=0.06)
    np.testing.assert_allclose(drawn.mean(axis=0)[middle], made.index[middle], atol=0.2)


def test_an_area_keeps_its_draws(figures: pd.DataFrame) -> None:
    """Drawn alone or among others, given its key; and the worst fifth has its places."""
    made, errors = composite(figures, Recipe(PARTS)), figures * 0 + 2
    keys = place_keys(figures.index)
    drawn = composite_draws(figures, errors, made, Draws(50), keys)
    some = figures.index[10:20]
    part = Composite(
        made.recipe,
        made.scales,
        made.scores.loc[some],
        made.index.loc[some],
        made.contributions.loc[some],
        made.missing_weight.loc[some],
        made.is_reweighted.loc[some],
    )
    alone = composite_draws(figures.loc[some], errors.loc[some], part, Draws(50), keys[10:20])
    np.testing.assert_array_equal(alone, drawn[:, 10:20])
    chance = p_worst_fifth(drawn, higher_is_worse=True)
    assert np.nansum(chance) == pytest.approx(math.ceil(made.index.notna().sum() / 5), rel=1e-12)


def test_what_cannot_be_an_index_is_refused(figures: pd.DataFrame) -> None:
    """No component, one twice, weights, shares, neutral ones, and a mean of negative scores."""
    one = Component("x", 1, WORSE)
    for parts in ((), (one, one)):
        with pytest.raises(ValueError, match="each once"):
            Recipe(parts)
    for weight in (0, -1, nan, math.inf):
        with pytest.raises(ValueError, match="weight of x"):
            Recipe((Component("x", weight, WORSE),))
    with pytest.raises(ValueError, match="x is neutral"):
        Recipe((Component("x", 1, Direction.NEUTRAL),))
    with pytest.raises(ValueError, match="most_missing"):
        Recipe((one,), most_missing=1)
    with pytest.raises(ValueError, match="z-scores"):
        Recipe((one,), Normalisation.Z_SCORE, GEOMETRIC)
    with pytest.raises(ValueError, match="x: a figure that is unknown"):
        composite(pd.DataFrame({"x": [1.0, 1.0]}), Recipe((one,)))
    with pytest.raises(KeyError, match="x"):
        composite(pd.DataFrame({"y": [1.0, 2.0]}), Recipe((one,)))
    made = composite(figures, Recipe((one,)))
    with pytest.raises(ValueError, match="same areas"):
        composite_draws(figures.iloc[1:], figures, made, Draws(1))
    with pytest.raises(ValueError, match="x: a standard error"):
        composite_draws(figures, figures * 0 - 1, made, Draws(1))
