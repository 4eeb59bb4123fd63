"""Contiguity: against libpysal and a pairwise search, and its laws."""

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import Queen, Rook

from geodata.methods.contiguity import Neighbours, contiguity, neighbours_of

SHARED = Path(__file__).parents[4] / "shared"


def cells(seed: int, size: int = 80) -> np.ndarray:
    """A territory cut into the parts that are nearest to each of some points."""
    points = shapely.multipoints(np.random.default_rng(seed).random((size, 2)) * 1000)
    return np.array(shapely.voronoi_polygons(points).geoms)


def lists(neighbours: Neighbours) -> list[list[int]]:
    """The neighbours of each area."""
    return [part.tolist() for part in np.split(neighbours.other, neighbours.start[1:-1])]


@pytest.mark.parametrize("is_rook", [False, True])
def test_agrees_with_libpysal(is_rook: bool) -> None:
    """On a chessboard, where corners matter, and on irregular cells."""
    board = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(5) for y in range(6)])
    for shapes in (board, cells(1)):
        kind = Rook if is_rook else Queen
        theirs = kind.from_dataframe(geopandas.GeoDataFrame(geometry=shapes), use_index=False)
        expected = [sorted(theirs.neighbors[i]) for i in range(len(shapes))]
        assert lists(contiguity(shapes, is_rook)) == expected


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="needs the folder of shared files")
def test_agrees_with_libpysal_on_real_contours() -> None:
    """The 257 areas of the pilot: no hole in the map, everyone has a neighbour."""
    file = SHARED / "data/territory/haute_loire/communes-43.geojson"
    shapes = geopandas.read_file(file).geometry
    made = contiguity(shapes.to_numpy())
    theirs = Queen.from_dataframe(geopandas.GeoDataFrame(geometry=shapes), use_index=False)
    assert lists(made) == [sorted(theirs.neighbors[i]) for i in range(len(shapes))]
    assert made.degree().min() > 0


def test_what_has_no_contour_is_beside_nobody() -> None:
    """None, and empty; two that overlap are beside each other."""
    shapes = [shapely.box(0, 0, 2, 2), None, shapely.Polygon(), shapely.box(1.9, 0, 3, 2)]
    for is_rook in (False, True):
        assert lists(contiguity(shapes, is_rook)) == [[3], [], [], [0]]
    assert contiguity([]).size == 0


def test_pairs_out_of_range_are_refused_and_doubles_count_once() -> None:
    """A pair twice, turned round, or with itself."""
    assert lists(neighbours_of([(0, 1), (1, 0), (2, 2)], 3)) == [[1], [0], []]
    for pair in ((0, 3), (-1, 0)):
        with pytest.raises(ValueError, match=r"out of 0\.\.2"):
            neighbours_of([pair], 3)


@settings(deadline=None, max_examples=50)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40),
    kept=st.sets(st.integers(0, 11)),
)
def test_neighbours_are_mutual_and_a_part_keeps_its_own(
    pairs: list[tuple[int, int]], kept: set[int]
) -> None:
    """Sums over neighbours, and the sub-graph, one area at a time."""
    beside = [{b for a, b in pairs + [(b, a) for a, b in pairs] if a == i != b} for i in range(12)]
    made = neighbours_of(pairs, 12)
    assert lists(made) == [sorted(there) for there in beside]
    values = np.arange(12.0) ** 2
    assert made.sums(values).tolist() == [sum(values[j] for j in there) for there in beside]
    order = sorted(kept)
    part = made.among(np.array(order, dtype=np.int64))
    assert part.size == len(order)
    if order:
        assert lists(part) == [[order.index(j) for j in order if j in beside[i]] for i in order]
