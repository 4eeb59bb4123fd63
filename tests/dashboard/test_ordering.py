"""Other weights: the same numbers by both roads, and laws that hold whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard import data
from dashboard.ordering import ordering, positions
from dashboard.selection import parsed
from geodata.catalogue.loader import catalogue
from geodata.methods.composite import Component, Recipe
from geodata.methods.priority_order import priority_order, reweighted
from geodata.model import Direction, Principal
from geodata.release import current_release

WHO = Principal("somebody", "reader", ("haute_loire",))
NUMBERS = ["value", "rank", "rank_low", "rank_high", "p_worst_fifth", "share_in_top"]


@pytest.fixture(scope="module")
def release(release_data):
    return current_release(release_data)


@pytest.fixture(scope="module")
def priority(release):
    return catalogue("haute_loire", release.descriptions).priorities["family_prevention"]


def chosen(release, level, weights=()):
    offer = data.offer(WHO, release)
    return replace(parsed("/fr/priorites", f"level={level}", offer)[0], weights=weights)


def of(release, level, weights=()):
    return ordering(WHO, release, chosen(release, level, weights))


@pytest.mark.parametrize("level", ["epci", "canton_or_town"])
def test_the_declared_weights_give_the_numbers_of_the_release_by_both_roads(
    release, priority, level
):
    stored, again = of(release, level), of(release, level, positions(priority))
    one, other = (made.areas.set_index("area_id").sort_index() for made in (stored, again))
    pd.testing.assert_frame_equal(
        one[[*NUMBERS, "missing_weight"]], other[[*NUMBERS, "missing_weight"]], rtol=1e-12
    )
    keys = ["area_id", "indicator"]
    parts = [made.parts.set_index(keys).sort_index() for made in (stored, again)]
    columns = ["value", "score", "weight", "contribution"]
    pd.testing.assert_frame_equal(parts[0][columns], parts[1][columns], rtol=1e-12)


def test_without_weights_it_is_what_the_release_keeps(release):
    made = of(release, "epci")
    kept = data.priority_order(WHO, release, "family_prevention", "epci")
    assert made.areas["rank"].tolist() == kept["rank"].tolist()
    assert made.areas["value"].tolist() == kept["value"].tolist()
    assert (made.ranked, made.fifth, made.top) == (11, 3, 2)


@pytest.mark.parametrize("place", range(5))
def test_who_is_worst_of_all_on_an_indicator_never_falls_when_its_weight_is_raised(
    release, priority, place
):
    """Without a missing figure: I is a mean, and moving weight to a score of 100 draws it up."""
    name = priority.recipe.components[place].id
    first = of(release, "epci").parts
    first = first[(first["indicator"] == name) & (first["score"] == 100)]["area_id"]
    before = None
    for heavier in (1.0, 3.0, 6.0, 10.0):
        weights = tuple(heavier if at == place else 4.0 for at in range(5))
        at = of(release, "epci", weights).areas.set_index("area_id").loc[first]
        if before is not None:
            assert (at["rank"] <= before["rank"]).all()
            assert (at["value"] >= before["value"] - 1e-9).all()
        before = at
    assert before is not None


def test_a_weight_of_zero_is_as_if_the_indicator_were_not_there(release):
    made = of(release, "epci", (10.0, 0.0, 0.0, 0.0, 0.0))
    parts = made.parts[made.parts["indicator"] == "poverty_rate"].set_index("area_id")
    areas = made.areas.set_index("area_id")
    np.testing.assert_allclose(areas["value"], parts["score"].reindex(areas.index), rtol=1e-12)
    assert made.weights == (1.0, 0.0, 0.0, 0.0, 0.0)


def test_weights_that_nothing_is_known_for_give_no_order(release):
    # Poverty is known of no canton: alone it orders none.
    assert of(release, "canton_or_town", (10.0, 0.0, 0.0, 0.0, 0.0)) is None


def test_an_order_by_hand_and_weights_that_cannot_be():
    figures = pd.DataFrame({"x": [0.0, 1, 2, 3, 4], "y": [4.0, 3, 2, 1, 0]}, index=list("ABCDE"))
    recipe = Recipe((Component("x", 3, Direction.WORSE), Component("y", 1, Direction.WORSE)))
    made = priority_order(figures, 0 * figures, recipe, 0.2)
    assert made is not None
    assert made.areas["value"].tolist() == [25.0, 37.5, 50.0, 62.5, 75.0]
    assert made.areas["rank"].tolist() == [5, 4, 3, 2, 1]
    # Exact figures: no draw moves anything; within +/- 50 % x stays the heavier of the two.
    assert made.areas["rank_low"].tolist() == made.areas["rank_high"].tolist() == [5, 4, 3, 2, 1]
    assert made.areas["share_in_top"].tolist() == [0, 0, 0, 0, 1]
    assert priority_order(figures.head(4), 0 * figures.head(4), recipe, 0.2) is None
    with pytest.raises(ValueError, match="components"):
        reweighted(recipe, (0.0, 0.0))
    with pytest.raises(ValueError, match=r"shorter|longer"):
        reweighted(recipe, (1.0,))
