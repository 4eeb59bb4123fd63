"""Valhalla on an extract of four roads, against kilometres and speeds by hand."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from etl.routing.road_times import RoadTimes
from etl.routing.valhalla import Valhalla
from etl.source import RejectedFile

is_installed = importlib.util.find_spec("valhalla") is not None
needs_valhalla = pytest.mark.skipif(
    not is_installed, reason="the extra `roads` (Valhalla) is not installed"
)
NODES = [
    (1, 3.90, 45.00),
    (2, 3.90, 45.10),
    (3, 3.90, 45.20),
    (4, 4.00, 45.10),
    (5, 4.10, 45.10),
    (6, 4.10, 45.20),
    (7, 5.30, 45.10),
    (8, 5.30, 45.20),
]
WAYS = [
    ((1, 2, 3), {"highway": "secondary", "maxspeed": "60"}),
    ((2, 4), {"highway": "secondary", "maxspeed": "60"}),
    ((4, 5), {"highway": "tertiary", "maxspeed": "30"}),
    ((5, 6), {"highway": "secondary", "maxspeed": "90", "oneway": "yes"}),
    ((7, 8), {"highway": "secondary", "maxspeed": "60"}),
]
#: A tenth of a degree: along a meridian, and along the parallel at 45.1 degrees north.
UP, ACROSS = 11.12, 11.12 * np.cos(np.radians(45.1))
AB, BD, DE, EF = UP / 60 * 60, ACROSS / 60 * 60, ACROSS / 30 * 60, UP / 90 * 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("roads")


@pytest.fixture(scope="module")
def roads(folder, written_extract):
    return written_extract(folder / "four_roads.osm.pbf", NODES, WAYS)


@needs_valhalla
def test_minutes_are_kilometres_over_speeds(folder, roads, villages, as_matrix):
    """Along three roads in a row; one is one-way; g has no road at all; h and i are an isle."""
    router = Valhalla(roads, folder / "graphs")
    trips = RoadTimes(router).trips(villages, villages, 60)
    found = as_matrix(trips, 9, 9)
    by_hand = {
        "ab": AB,
        "ac": 2 * AB,
        "ad": AB + BD,
        "ae": AB + BD + DE,
        "af": AB + BD + DE + EF,
        "ea": AB + BD + DE,
        "cf": AB + BD + DE + EF,
        "ff": 0.0,
        "hi": AB,
    }
    for pair, minutes in by_hand.items():
        i, j = ("abcdefghi".index(one) for one in pair)
        assert found[i, j] == pytest.approx(minutes, rel=0.02, abs=0.1), pair
    assert np.isnan(found[5, :5]).all()
    assert np.isnan(found[6]).all()
    assert np.isnan(found[:7, 7:]).all()
    assert np.isnan(found[7:, :7]).all()
    assert trips.untimed_origins.tolist() == trips.untimed_destinations.tolist() == [6]
    assert found[~np.isnan(found)].max() <= 60


@needs_valhalla
def test_the_graph_is_built_once(folder, roads):
    first = Valhalla(roads, folder / "graphs")
    told = []
    again = Valhalla(roads, folder / "graphs", lambda *done: told.append(done))
    assert again.identity == first.identity
    assert not told
    assert [path.is_dir() for path in (folder / "graphs").iterdir()] == [True]


@needs_valhalla
def test_what_is_no_extract_is_refused_and_leaves_nothing(tmp_path):
    wrong = tmp_path / "page.osm.pbf"
    wrong.write_text("<html>Log in</html>")
    with pytest.raises(RejectedFile) as raised:
        Valhalla(wrong, tmp_path / "graphs")
    assert raised.value.issue.code == "no_graph"
    assert raised.value.issue.file == "page.osm.pbf"
    assert not list((tmp_path / "graphs").iterdir())


@needs_valhalla
def test_a_job_that_is_stopped_stops_the_builder(tmp_path, roads):
    class StopError(Exception):
        pass

    def stop(*_done):
        raise StopError

    with pytest.raises(StopError):
        Valhalla(roads, tmp_path / "graphs", stop)
    assert not list((tmp_path / "graphs").iterdir())


@needs_valhalla
def test_an_extract_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RejectedFile, match="VIGIE_ROADS names"):
        Valhalla(tmp_path / "none.osm.pbf", tmp_path)


@pytest.mark.skipif(is_installed, reason="the extra `roads` (Valhalla) is installed")
def test_without_the_extra_the_error_says_the_command(tmp_path):
    with pytest.raises(RejectedFile) as raised:
        Valhalla(tmp_path / "any.osm.pbf", tmp_path)
    issue = raised.value.issue
    assert issue.code == "no_valhalla"
    for mend in (issue.mend_fr, issue.mend_en):
        assert f"{sys.executable} -m pip install pyvalhalla" in mend
