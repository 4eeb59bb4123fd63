"""Routing servers: a real one on this machine, that computes its answers and fails on purpose."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from etl.routing.road_times import RoadTimes
from etl.routing.server import RoutingServer
from etl.source import RejectedFile
from geodata.methods.travel import haversine_km

NO_WAIT = (0.0, 0.0, 0.0)
OSRM, VALHALLA = "/table/v1/driving", "/sources_to_targets"


def seconds(start, end):
    """By hand: 50 km/h along a straight line, eastward half as fast; no way to the isle."""
    if (start[0] > 5) != (end[0] > 5):
        return None
    slow = 2 if end[0] > start[0] else 1
    return float(haversine_km(*start, *end)) / 50 * 3600 * slow


class Handler(BaseHTTPRequestHandler):
    """Answers as OSRM and as Valhalla do."""

    def log_message(self, *_args):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        self.server.asked.append(self.path)
        if not self.is_fine(parts.path):
            return
        said = {key: value[0] for key, value in parse_qs(parts.query).items()}
        places = [
            tuple(map(float, one.split(","))) for one in parts.path.rsplit("/", 1)[1].split(";")
        ]
        if any(round(x, 3) == 4.7 for x, _ in places):
            self.send(400, {"code": "NoSegment", "message": "Could not find a segment"})
            return
        assert said["radiuses"].count(";") == len(places) - 1
        start = [places[int(k)] for k in said["sources"].split(";")]
        end = [places[int(k)] for k in said["destinations"].split(";")]
        self.send(200, {"code": "Ok", "durations": [[seconds(a, b) for b in end] for a in start]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)
        if not self.is_fine(urlsplit(self.path).path):
            return
        start, end = (
            [(p["lon"], p["lat"]) for p in asked[side]] for side in ("sources", "targets")
        )
        if any(round(x, 3) == 4.7 for x, _ in (*start, *end)):
            self.send(400, {"error_code": 171, "error": "No suitable edges near location"})
        elif any(seconds(a, b) is None for a in start for b in end):
            self.send(400, {"error_code": 170, "error": "Locations are in unconnected regions"})
        else:
            rows = [[{"time": seconds(a, b), "distance": 1} for b in end] for a in start]
            self.send(200, {"sources_to_targets": rows})

    def is_fine(self, path):
        """False where the path or the moment asks for a failure, which is then sent."""
        if len(self.server.asked) <= self.server.fail_first or path.startswith("/down"):
            self.send(503, {})
        elif path.startswith("/login"):
            self.send(302, {}, Location="http://localhost:1/table/v1/driving")
        elif path.startswith("/moved"):
            self.send(307, {}, Location=self.path.removeprefix("/moved"))
        elif path.startswith("/page"):
            self.send(200, b"<html>Welcome</html>")
        elif path.startswith("/short"):
            self.send(200, {"code": "Ok", "durations": [[0.0]]})
        elif path.startswith("/negative"):
            self.send(200, {"sources_to_targets": {"durations": [[-1.0]]}})
        elif path.startswith("/huge"):
            self.send(200, b" " * (9 * 1024 * 1024))
        elif path.startswith("/limit"):
            self.send(400, {"code": "TooBig", "message": "Too many table coordinates"})
        else:
            return True
        return False

    def send(self, status, body, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server(answering):
    made = answering(Handler)
    made.fail_first = 0
    return made


def router(address):
    return RoutingServer(address, NO_WAIT, pause=0.0)


def here(*places):
    return np.array(places, dtype=np.float64)


@pytest.mark.parametrize("path", [OSRM, VALHALLA, f"/moved{OSRM}", f"/moved{VALHALLA}"])
def test_trips_are_those_that_the_server_times(server, villages, as_matrix, path):
    """Each way its own; g has no road; between the isle and the rest there is no way."""
    trips = RoadTimes(router(f"{server.address}{path}")).trips(villages, villages, 40)
    found = as_matrix(trips, 9, 9)
    places = villages[["longitude", "latitude"]].to_numpy().tolist()
    for i, start in enumerate(places):
        for j, end in enumerate(places):
            expected = seconds(start, end)
            if 6 in (i, j) or expected is None or expected > 40 * 60:
                assert np.isnan(found[i, j])
            else:
                assert found[i, j] == pytest.approx(expected / 60, rel=1e-6)
    assert found[3, 1] < found[1, 3]
    assert trips.untimed_origins.tolist() == trips.untimed_destinations.tolist() == [6]


def test_what_was_asked_is_kept_on_disk_block_by_block(server, villages, tmp_path):
    """A new place in one cell asks for that cell's block only; a cut file is asked for again."""
    told = []

    def times():
        roads = RoadTimes(
            router(f"{server.address}{OSRM}"), tmp_path, progress=lambda *n: told.append(n)
        )
        return roads.trips(known, known, 20)

    known = villages.drop(index=6).reset_index(drop=True)
    first = times()
    blocks = len(server.asked)
    assert told == [(done, blocks) for done in range(blocks + 1)]
    again = times()
    assert len(server.asked) == blocks
    for name in ("origin", "destination", "minutes"):
        np.testing.assert_array_equal(getattr(again, name), getattr(first, name))
    known = known.assign(latitude=known["latitude"].replace(45.2, 45.21))
    times()
    assert blocks < len(server.asked) < 2 * blocks + 1
    files = sorted(tmp_path.rglob("*.npy"))
    files[0].write_bytes(files[0].read_bytes()[:50])
    before = len(server.asked)
    known = villages.drop(index=6).reset_index(drop=True)
    times()
    assert len(server.asked) - before <= 1
    assert not list(tmp_path.rglob("*.part"))


def test_a_server_that_is_late_is_asked_again(server):
    server.fail_first = 2
    found = router(f"{server.address}{OSRM}").minutes(here((3.9, 45.0)), here((3.9, 45.1)), 30)
    assert found == pytest.approx(np.array([[11.1195 / 50 * 60]]), rel=1e-4)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"/down{OSRM}", "router_unreachable"),
        (f"/login{OSRM}", "redirected"),
        (f"/login{VALHALLA}", "redirected"),
        (f"/page{VALHALLA}", "not_a_matrix"),
        (f"/short{OSRM}", "not_a_matrix"),
        (f"/negative{VALHALLA}", "not_a_matrix"),
        (f"/huge{OSRM}", "not_a_matrix"),
        (f"/limit{OSRM}", "router_refuses"),
    ],
)
def test_a_server_that_fails_is_refused_and_its_key_is_not_told(server, path, code):
    address = f"{server.address}{path}?api_key=s3cr3t"
    asked = router(address)
    with pytest.raises(RejectedFile) as raised:
        asked.minutes(here((3.9, 45.0)), here((3.9, 45.1), (3.9, 45.2)), 30)
    issue = raised.value.issue
    assert issue.code == code
    assert "api_key=s3cr3t" in server.asked[0]
    assert issue.mend_fr
    assert issue.mend_en
    assert "s3cr3t" not in f"{issue.text('fr')}{issue.text('en')}{asked.identity}"


def test_a_server_that_is_gone_is_unreachable():
    with pytest.raises(RejectedFile) as raised:
        router(f"http://127.0.0.1:9{OSRM}").minutes(here((3.9, 45)), here((3.9, 45)), 30)
    assert raised.value.issue.code == "router_unreachable"


def test_a_shared_server_is_not_asked_for_a_country(server):
    asked = RoutingServer(f"{server.address}{OSRM}", NO_WAIT, 0.0, most_questions=2)
    for _ in range(2):
        asked.minutes(here((3.9, 45.0)), here((3.9, 45.1)), 30)
    with pytest.raises(RejectedFile, match="too many questions"):
        asked.minutes(here((3.9, 45.0)), here((3.9, 45.1)), 30)
    assert len(server.asked) == 2


def test_an_address_of_no_known_kind_is_refused():
    with pytest.raises(ValueError, match="ends with"):
        RoutingServer("https://router.example.org/route/v1/driving")


def test_nobody_is_asked_where_nobody_is_placed(server, villages):
    nowhere = villages.assign(longitude=np.nan)
    trips = RoadTimes(router(f"{server.address}{OSRM}")).trips(nowhere, villages, 30)
    assert (len(trips.origin), len(trips.untimed_origins)) == (0, 9)
    assert not server.asked
