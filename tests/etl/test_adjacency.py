import geopandas as gpd
import pandas as pd
from shapely.geometry import Polygon, box

from etl.adjacency import adjacency, neighbours_at


def areas(shapes, level="commune"):
    wkb = gpd.GeoSeries(list(shapes.values())).to_wkb()
    return pd.DataFrame({"level": level, "area_id": list(shapes), "geometry": wkb})


def test_a_corner_is_enough_and_each_pair_is_told_twice():
    # A | B
    # --+--   D apart
    #   | C
    shapes = {
        "A": box(0, 1, 1, 2),
        "B": box(1, 1, 2, 2),
        "C": box(1, 0, 2, 1),
        "D": box(5, 5, 6, 6),
    }
    made = adjacency(areas(shapes))
    pairs = list(zip(made["here"], made["there"], strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert neighbours_at(made, "commune", 4).degree().tolist() == [2, 2, 2, 0]


def test_levels_do_not_mix_and_areas_without_a_contour_have_no_neighbour():
    blank = pd.DataFrame({"level": ["commune"], "area_id": ["N"], "geometry": [None]})
    two = pd.concat(
        [areas({"A": box(0, 0, 1, 1)}), blank, areas({"AB": box(0, 0, 2, 1)}, level="epci")],
        ignore_index=True,
    )
    made = adjacency(two)
    assert made.empty
    assert neighbours_at(made, "commune", 2).degree().tolist() == [0, 0]
    assert list(adjacency(blank.iloc[:0]).columns) == ["level", "here", "there"]


def test_an_island_inside_another_touches_it():
    hole = Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    assert len(adjacency(areas({"OUT": hole, "IN": box(1, 1, 2, 2)}))) == 2
