"""Points on two squares of a tenth of a degree, side by side, and everything wrong with points."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from etl import locate_points
from etl.source import LINE, Known, Ledger, RejectedFile

BOXES = {"43001": shapely.box(3.5, 45.0, 3.6, 45.1), "43002": shapely.box(3.6, 45.0, 3.7, 45.1)}


@pytest.fixture
def contours():
    return pd.DataFrame({"area_id": list(BOXES), "geometry": list(BOXES.values())})


@pytest.fixture
def known(words):
    contour = pd.DataFrame(
        {
            "level": "commune",
            "area_id": list(BOXES),
            "geometry": [shapely.to_wkb(box) for box in BOXES.values()],
        }
    )
    return Known(
        words,
        {"commune": frozenset(BOXES)},
        tables={"x": {"contour": contour}},
    )


def rows(*cells):
    frame = pd.DataFrame(cells, columns=["lon", "lat"], dtype="str")
    frame[LINE] = range(2, len(frame) + 2)
    return frame


def begun(frame):
    ledger = Ledger("s", "s.csv")
    ledger.begin(frame)
    return ledger


def points(*cells):
    return pd.DataFrame(cells, columns=["longitude", "latitude"], dtype="float64")


def test_a_point_is_in_the_area_around_it_and_on_a_border_in_the_first(contours):
    found = locate_points.areas_at(
        points((3.55, 45.05), (3.65, 45.05), (3.6, 45.05), (3.8, 45.05), (np.nan, np.nan)),
        contours,
    )
    assert found.tolist()[:3] == ["43001", "43002", "43001"]
    assert found.isna().tolist() == [False, False, False, True, True]


def test_metres_outside_an_area_are_those_of_its_metric_system(contours, words):
    """On the ellipsoid a degree at 45.05 N is 78,780 m wide, 111,133 m high."""
    metres = locate_points.metres_outside(
        points((3.61, 45.05), (3.55, 45.11), (3.55, 45.05), (3.6, 45.05), (3.55, 45.05)),
        pd.Series(["43001", "43001", "43001", "43001", "43999"]),
        contours,
        words.territory,
    )
    # The projection of the territory is true to a thousandth there.
    assert metres.iloc[:2].tolist() == pytest.approx([787.8, 1_111.3], rel=2e-3)
    assert metres.iloc[2:4].tolist() == [0, 0]
    assert np.isnan(metres.iloc[4])


def test_each_area_is_measured_in_the_metric_system_of_its_zone(contours, words):
    """A hundredth of a degree north: true in one system, stretched by 1/cos in Mercator's."""
    territory = replace(
        words.territory, metric_crs="EPSG:3395", metric_zones={"43001": "EPSG:2154"}
    )
    metres = locate_points.metres_outside(
        points((3.55, 45.11), (3.65, 45.11)), pd.Series(["43001", "43002"]), contours, territory
    )
    assert metres.iloc[0] == pytest.approx(1_111.3, rel=2e-3)
    assert metres.iloc[1] == pytest.approx(1_111.3 / np.cos(np.radians(45.1)), rel=5e-3)


def test_a_point_without_place_in_the_metric_system_is_as_far_as_can_be(contours, words):
    """The south pole is at no end of a cone that opens to the north."""
    metres = locate_points.metres_outside(
        points((3.55, -90.0)), pd.Series(["43001"]), contours, words.territory
    )
    assert metres.tolist() == [locate_points.FARTHEST_M]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("0", "0"), "null_island"),
        (("0.0000", "0.001"), "null_island"),
        (("3.5", ""), "bad_point"),
        (("1e400", "45"), "bad_point"),
        (("nan", "45"), "bad_point"),
        (("3,5", "45"), "bad_point"),
        (("200", "45"), "out_of_the_world"),
        (("3.5", "95"), "out_of_the_world"),
    ],
)
def test_a_wrong_point_holds_its_row_back(known, cells, code):
    frame = rows(*[("3.55", "45.05")] * 3, cells, ("", ""))
    ledger = begun(frame)
    found = locate_points.placed(frame, "lon", "lat", known, ledger)
    (issue,) = ledger.issues
    assert (issue.code, issue.line, issue.column) == (code, 5, "lon")
    assert list(ledger.quarantined) == [5]
    assert found["longitude"].notna().tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ([("45.05", "3.55")] * 3 + [("3.55", "45.05")], "swapped_coordinates"),
        ([("770000", "6440000")] * 3 + [("3.55", "45.05")], "not_degrees"),
    ],
)
def test_a_file_of_swapped_points_or_metres_is_refused(known, cells, code):
    frame = rows(*cells)
    with pytest.raises(RejectedFile) as caught:
        locate_points.placed(frame, "lon", "lat", known, begun(frame))
    assert caught.value.issue.code == code
    assert caught.value.issue.mend_fr


def test_points_far_from_their_area_are_told_and_held_when_many(known):
    there, area = [(3.55, 45.05)] * 39, ["43001"] * 39
    frame = rows(*[("", "")] * 40)
    for strays, severity in ((1, "warning"), (2, "warning"), (3, "hold")):
        ledger = begun(frame)
        moved = points(*there[: 40 - strays], *[(3.65, 45.05)] * strays)
        codes = pd.Series([*area, "43001"])
        locate_points.warn_of_strays(frame, moved, codes, known, ledger)
        (issue,) = ledger.issues
        assert (issue.code, issue.rows, str(issue.severity)) == (
            "point_outside_area",
            strays,
            severity,
        )
        assert ledger.quarantined == {}
        assert issue.line == 42 - strays
        assert issue.mend_fr


def test_half_a_kilometre_is_near_and_a_little_more_is_not(known):
    """0.00447 degree north of an area is 497 m away, 0.00455 degree is 506 m."""
    frame = rows(*[("", "")] * 40)
    for north, told in ((0.00447, []), (0.00455, ["point_outside_area"])):
        ledger = begun(frame)
        where = points(*[(3.55, 45.05)] * 39, (3.55, 45.1 + north))
        locate_points.warn_of_strays(frame, where, pd.Series(["43001"] * 40), known, ledger)
        assert [issue.code for issue in ledger.issues] == told


def test_points_without_an_area_or_a_place_do_not_count_in_the_share(known):
    """One stray of ten points that can be checked is a tenth, however long the file."""
    frame = rows(*[("", "")] * 100)
    ledger = begun(frame)
    where = points(*[(3.55, 45.05)] * 9, (3.65, 45.05), *[(np.nan, np.nan)] * 90)
    locate_points.warn_of_strays(frame, where, pd.Series(["43001"] * 100), known, ledger)
    assert [str(issue.severity) for issue in ledger.issues] == ["hold"]


def test_nothing_is_told_of_strays_where_no_contour_is_known(words):
    frame = rows(("", ""))
    ledger = begun(frame)
    known = Known(words, {"commune": frozenset(BOXES)})
    locate_points.warn_of_strays(frame, points((3, 44)), pd.Series(["43001"]), known, ledger)
    assert ledger.issues == []


def test_more_than_five_services_on_a_point_are_told():
    frame = rows(*[("", "")] * 6)
    for last, told in (((3.5, 45.0), 6), ((3.5, 45.1), None)):
        ledger = begun(frame)
        locate_points.warn_of_crowds(frame, points(*[(3.5, 45.0)] * 5, last), ledger)
        assert [issue.rows for issue in ledger.issues] == ([told] if told else [])


def test_a_point_on_the_edge_is_counted_and_a_far_one_is_outside_the_territory(known):
    frame = rows(*[("", "")] * 4)
    ledger = begun(frame)
    found = locate_points.located_by_point(
        frame,
        points((3.55, 45.05), (3.704, 45.05), (3.9, 45.05), (np.nan, np.nan)),
        known,
        ledger,
    )
    assert found.tolist()[:2] == ["43001", "43002"]
    assert found.isna().tolist() == [False, False, True, True]
    assert ledger.dropped == {4: "outside_territory"}
    assert {issue.code: issue.rows for issue in ledger.issues} == {
        "nearest_area": 1,
        "outside_territory": 1,
    }


def test_contours_may_come_with_the_areas_and_only_known_areas_count(known):
    table = known.tables["x"]["contour"]
    for name, found in (("contour", ["43001", "43002"]), ("area", ["43001", "43002"])):
        other = replace(known, tables={"x": {name: table}})
        assert locate_points.known_contours(other, "commune")["area_id"].tolist() == found
    fewer = replace(known, areas={"commune": frozenset({"43002"})})
    assert locate_points.known_contours(fewer, "commune")["area_id"].tolist() == ["43002"]


def test_a_divided_area_is_where_its_point_is_and_only_in_what_became_of_it(known):
    """43009 was divided between the two squares in 2020; 43008 became the first one alone."""
    events = pd.DataFrame(
        {
            "level": "commune",
            "on": "2020-01-01",
            "step": 1,
            "before_id": ["43009", "43009", "43008", "43001", "43002"],
            "after_id": ["43001", "43002", "43001", "43001", "43002"],
            "kind": ["split", "split", "merge", "merge", "merge"],
        }
    )
    dated = replace(known, tables={**known.tables, "e": {"area_event": events}})
    frame = rows(*[("", "")] * 5).assign(code=["43009", "43008", "43001", "", "43002"])
    ledger = begun(frame)
    inside = (3.65, 45.05)
    where = points(inside, inside, inside, inside, (np.nan, np.nan))
    found = locate_points.located_services(
        frame, "code", where, dated, ledger, edition="2018-01-01"
    )
    assert found.tolist() == ["43002", "43001", "43001", "43002", "43002"]
    assert [(i.code, i.rows) for i in ledger.issues] == [("located_by_point", 1), ("old_code", 1)]
    assert ledger.quarantined == {}


def test_a_row_with_neither_a_code_nor_a_point_is_held_back(known):
    frame = rows(("", "")).assign(code="")
    ledger = begun(frame)
    locate_points.located_services(frame, "code", points((np.nan, np.nan)), known, ledger)
    assert [issue.code for issue in ledger.issues] == ["blank_code"]
