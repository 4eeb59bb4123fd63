"""Clusters on a chessboard of areas: one half high, one half low."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from etl.adjacency import adjacency
from etl.clusters import clusters
from geodata.model import Chance

SIDE = 8


@pytest.fixture(scope="module")
def areas():
    """A board of squares; the first column lies beyond the border."""
    cells = [(x, y) for x in range(SIDE) for y in range(SIDE)]
    shapes = gpd.GeoSeries([box(x, y, x + 1, y + 1) for x, y in cells])
    return pd.DataFrame(
        {
            "level": "commune",
            "area_id": [f"{x}{y}" for x, y in cells],
            "role": ["edge" if x == 0 else "territory" for x, _y in cells],
            "geometry": shapes.to_wkb(),
        }
    )


@pytest.fixture(scope="module")
def pairs(areas):
    return adjacency(areas)


@pytest.fixture
def plain(words):
    return replace(words.indicators["median_income"], chance=Chance.NONE)


def halves(areas, period="2021"):
    """High on the left, low on the right, a little of each everywhere."""
    x = areas["area_id"].str[0].astype(int)
    value = (x < SIDE / 2) * 10.0 + (x + areas["area_id"].str[1].astype(int)) % 3
    return areas[["level", "area_id"]].assign(period=period, value=value, status="observed")


def test_the_halves_are_found_and_the_border_of_the_territory_is_none(areas, pairs, plain):
    made = clusters(halves(areas), areas, pairs, plain).set_index("area_id")
    assert len(made) == SIDE * (SIDE - 1)
    assert not set(made.index) & set(areas.loc[areas["role"] == "edge", "area_id"])
    assert (made.loc["13", "kind"], made.loc["13", "is_sure"]) == ("high_high", True)
    assert (made.loc["64", "kind"], made.loc["64", "is_sure"]) == ("low_low", True)
    # Where the halves meet, half of the neighbours are high.
    assert not made.loc["44", "is_sure"]
    assert set(made["period"]) == {"2021"}
    # Without the areas beyond the border, fewer neighbours tell of the first column.
    alone = clusters(halves(areas[areas["role"] != "edge"]), areas, pairs, plain).set_index(
        "area_id"
    )
    assert alone.loc["13", "p_value"] > made.loc["13", "p_value"]


def test_only_the_latest_period_that_our_areas_have_is_told(areas, pairs, plain):
    older, newer = halves(areas, "2020"), halves(areas, "2021")
    newer.loc[areas["role"].ne("edge").to_numpy(), "value"] = None
    made = clusters(pd.concat([older, newer], ignore_index=True), areas, pairs, plain)
    assert set(made["period"]) == {"2020"}


def test_an_area_without_a_value_has_no_row(areas, pairs, plain):
    frame = halves(areas)
    frame.loc[frame["area_id"] == "33", ["value", "status"]] = [None, "suppressed"]
    assert "33" not in set(clusters(frame, areas, pairs, plain)["area_id"])


def test_few_areas_or_the_same_everywhere_make_none(areas, pairs, plain):
    frame = halves(areas)
    assert clusters(frame[frame["area_id"].str[0] > "5"], areas, pairs, plain).empty
    assert clusters(frame.assign(value=3.0), areas, pairs, plain).empty
    assert clusters(frame.assign(value=None), areas, pairs, plain).empty
    assert clusters(frame.iloc[:0], areas, pairs, plain).empty


def test_a_village_s_wild_rate_weighs_little(areas, pairs, words):
    rate = replace(words.indicators["care_rate"], chance=Chance.RATE, per=1000.0)
    frame = halves(areas)
    people = pd.Series(10_000.0, index=frame.index).mask(frame["area_id"] == "64", 50.0)
    cases = (frame["value"] * 10).mask(frame["area_id"] == "64", 1.0)
    told = frame.assign(numerator=cases, denominator=people, value=1000 * cases / people)
    by_value = clusters(told, areas, pairs, replace(rate, chance=Chance.NONE)).set_index("area_id")
    by_rate = clusters(told, areas, pairs, rate).set_index("area_id")
    # One case among fifty people is the highest value by far, and says little: its low neighbour
    # is more alike those around it when that is known.
    assert told["value"].idxmax() == frame.index[frame["area_id"] == "64"][0]
    assert by_rate.loc["75", "local_i"] > by_value.loc["75", "local_i"]


def test_an_area_that_is_not_drawn_has_no_place_among_the_others(areas, pairs, plain):
    """Its value must not fall on the last area of the board."""
    stray = pd.DataFrame(
        {"level": ["commune"], "area_id": ["gone"], "period": "2021", "value": 1e9}
    ).assign(status="observed")
    frame = pd.concat([halves(areas), stray], ignore_index=True)
    pd.testing.assert_frame_equal(
        clusters(frame, areas, pairs, plain), clusters(halves(areas), areas, pairs, plain)
    )


def test_areas_without_people_do_not_make_enough_areas(areas, pairs, words):
    rated = next(i for i in words.indicators.values() if i.chance is Chance.RATE)
    frame = halves(areas).assign(denominator=100.0)
    frame["numerator"] = frame["value"]
    frame.loc[frame.index >= 15, "denominator"] = 0.0
    assert clusters(frame, areas, pairs, rated).empty
