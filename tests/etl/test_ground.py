"""Squares of a tenth of a degree in a row of ten, and what is wrong between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.ground import EQUAL_AREA, shared_ground, tell_shared_ground
from etl.source import Ledger
from geodata.model import Issue

deterministic = settings(derandomize=True, deadline=None, max_examples=40)
COMMUNES = Path(__file__).parents[3] / "shared/data/territory/haute_loire/communes-43.geojson"


def squares(count: int = 10) -> list[shapely.Geometry]:
    """A block of ``count`` columns and three rows, in degrees."""
    return [
        shapely.box(4 + x / 10, 50 + y / 10, 4 + (x + 1) / 10, 50 + (y + 1) / 10)
        for y in range(3)
        for x in range(count)
    ]


def told(
    shapes: Sequence[shapely.Geometry],
    growing: Sequence[str] = (),
    enclaves: Sequence[shapely.Point] = (),
) -> list[Issue]:
    ledger = Ledger("contours", "contours.geojson")
    codes = [f"A{n:02}" for n in range(len(shapes))]
    frame = pd.DataFrame({"area_id": codes, "name": "Aubel", "geometry": shapes})
    tell_shared_ground(frame, ledger, growing, enclaves)
    return ledger.issues


def verdicts(issues: Sequence[Issue]) -> list[tuple[str, str]]:
    return [(issue.code, str(issue.severity)) for issue in issues]


def test_areas_that_touch_are_left_alone() -> None:
    assert told(squares()) == []
    assert told(squares()[:1]) == []
    assert told([]) == []


@pytest.mark.parametrize(
    ("wider", "expected"),
    [
        # Of thirty squares one reaches over its neighbour by a share of its width.
        (0.009, []),
        (0.02, [("areas_overlap", "warning")]),
        (0.2, [("areas_overlap", "warning")]),
        (0.29, [("areas_overlap", "warning")]),
        (0.31, [("areas_overlap", "hold")]),
        (1.0, [("areas_overlap", "hold")]),
    ],
)
def test_an_overlap_is_said_then_held(wider: float, expected: list[tuple[str, str]]) -> None:
    shapes = squares()
    shapes[14] = shapely.box(4.4, 50.1, 4.5 + wider / 10, 50.2)
    issues = told(shapes)
    assert verdicts(issues) == expected
    for issue in issues:
        assert "A14 Aubel et A15 Aubel" in issue.message_fr
        assert "A14 Aubel and A15 Aubel" in issue.message_en
        assert f"{100 * wider / 30:.2g}% of the ground" in issue.message_en
        assert f"{100 * wider:.2g}% of one area" in issue.message_en
        assert issue.column == "geometry"
        assert issue.mend_fr
        assert issue.mend_en


@pytest.mark.parametrize("again", [squares()[14], shapely.box(4.43, 50.13, 4.47, 50.17)])
def test_an_area_there_twice_or_inside_another_overlaps_it(again: shapely.Geometry) -> None:
    issues = told([*squares(), again])
    assert [issue.code for issue in issues] == ["areas_overlap"]
    assert "A14 Aubel and A30 Aubel" in issues[0].message_en


@pytest.mark.parametrize(
    ("narrower", "expected"),
    [
        # The square is closed in: what it gives up no other area holds.
        (0.02, []),
        (0.04, [("gaps_between_areas", "warning")]),
        (0.29, [("gaps_between_areas", "warning")]),
        (0.31, [("gaps_between_areas", "hold")]),
    ],
)
def test_a_gap_is_said_then_held(narrower: float, expected: list[tuple[str, str]]) -> None:
    shapes = squares()
    shapes[14] = shapely.box(4.4, 50.1, 4.5 - narrower / 10, 50.2)
    issues = told(shapes)
    assert verdicts(issues) == expected
    for issue in issues:
        assert "A14 Aubel" in issue.message_fr
        assert "A15 Aubel" in issue.message_en
        assert issue.rows == 1
        assert issue.mend_fr


def test_a_gap_that_is_explained_is_not_one() -> None:
    ring = squares()
    del ring[14]
    assert verdicts(told(ring)) == [("gaps_between_areas", "hold")]
    assert told(ring, growing=["A04"]) == []
    assert told(ring, enclaves=[shapely.Point(4.45, 50.15)]) == []
    assert len(told(ring, growing=["A27"], enclaves=[shapely.Point(4.35, 50.15)])) == 1


def test_slivers_and_crossed_contours_do_not_stop_the_count() -> None:
    shapes = squares()
    ring = [(4.4, 50.1), (4.5, 50.2), (4.5, 50.1), (4.4, 50.2), (4.4, 50.1)]
    shapes[14] = shapely.Polygon(ring)
    assert not shapes[14].is_valid
    assert verdicts(told(shapes)) == [("gaps_between_areas", "hold")]


@deterministic
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 4)), max_size=6))
def test_shares_are_those_of_a_count_of_cells(boxes: list[tuple[int, int, int]]) -> None:
    """Boxes on a board of cells: ground held more than once is what their areas add up to."""
    board = np.zeros((16, 16), dtype=int)
    for x, y, side in boxes:
        board[x : x + side, y : y + side] += 1
    shapes = np.array([shapely.box(x, y, x + side, y + side) for x, y, side in boxes], dtype=object)
    found = shared_ground(shapes)
    held = max(1, int((board > 0).sum()))
    assert found.overlap == pytest.approx((board.sum() - (board > 0).sum()) / held)
    assert bool(found.pairs) == bool((board > 1).any())
    shares = [share for _one, _other, share in found.pairs]
    assert shares == sorted(shares, reverse=True)
    assert all(0 < share <= 1 for share in shares)


@pytest.mark.shared
@pytest.mark.skipif(not COMMUNES.exists(), reason="needs the folder of shared files")
def test_real_contours_are_not_held() -> None:
    frame = gpd.read_file(COMMUNES)
    assert verdicts(told(frame.geometry.tolist())) == []
    flat = frame.geometry.to_crs(EQUAL_AREA).to_numpy()
    found = shared_ground(np.asarray(flat, dtype=object))
    print(f"overlap {found.overlap:.2e} gap {found.gap:.2e} pairs {len(found.pairs)}")
