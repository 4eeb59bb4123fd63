"""How slow the roads of an area are, from the traits that are loaded and what is declared."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Pace, Travel
from geodata.pace import pace_factors

MOUNTAIN = Pace("mountain", "mountain", ("06", "03"), 1.2, 1.1)
ISLAND = Pace("island", "island", ("yes",), 1.5)
TRAVEL = Travel("straight_line", 1.4, 50.0, 0.3, date(2026, 11, 22), (MOUNTAIN, ISLAND))


def traits(*rows):
    return pd.DataFrame(
        rows or None, columns=["level", "area_id", "trait", "code", "period"], dtype="str"
    )


def test_factors_follow_the_traits_that_are_loaded():
    """a: mountain; b: no more since 2025; c: both; d: of another level; e: nothing is known."""
    loaded = traits(
        ("village", "a", "mountain", "06", "2025"),
        ("village", "b", "mountain", "03", "2020"),
        ("village", "b", "mountain", "not_applicable", "2025"),
        ("village", "c", "mountain", "03", "2025"),
        ("village", "c", "island", "yes", "2025"),
        ("province", "d", "mountain", "06", "2025"),
        ("village", "e", "rurality", "06", "2025"),
    )
    areas = pd.Index(list("abcde"))
    found = pace_factors(areas, loaded, "village", TRAVEL)
    assert found.to_dict() == pytest.approx({"a": 1.2, "b": 1, "c": 1.8, "d": 1, "e": 1})
    winter = pace_factors(areas, loaded, "village", TRAVEL, is_winter=True)
    assert winter.to_dict() == pytest.approx({"a": 1.32, "b": 1, "c": 1.98, "d": 1, "e": 1})
    assert (pace_factors(areas, traits(), "village", TRAVEL) == 1).all()


@pytest.mark.parametrize("territory", ["haute_loire", "france"])
def test_the_mountain_is_declared_with_the_codes_that_its_source_gives(territory):
    words = catalogue(territory)
    (pace,) = words.territory.travel.paces
    options = words.sources["anct_mountain"].options
    assert pace.trait == options["trait"]
    assert set(pace.codes) == set(options["codes"].values())
    assert options["others"] not in pace.codes
