"""A data folder with a release in it, a folder to bring files to, a server, places to share."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from etl.problem import Problem
from etl.roads import Roads
from geodata.methods.decay import Decay, StepWeights
from geodata.methods.keyed_random import Draws, place_keys
from geodata.methods.travel_times import StraightLine
from geodata.model import ServiceMethod


class Server(ThreadingHTTPServer):
    """A server on this machine, which remembers what it was asked."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self.asked: list[Any] = []
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def serve() -> Iterator[Callable[[BaseServer], int]]:
    """Starts a server, whatever it speaks, and gives its port; it stops with the test."""
    running: list[tuple[BaseServer, threading.Thread]] = []

    def started(server: BaseServer) -> int:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        running.append((server, thread))
        return int(server.server_address[1])

    yield started
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def answering(
    serve: Callable[[BaseServer], int],
) -> Callable[[type[BaseHTTPRequestHandler]], Server]:
    """Starts a server whose requests are answered by a handler, and gives it."""

    def started(handler: type[BaseHTTPRequestHandler]) -> Server:
        server = Server(handler)
        serve(server)
        return server

    return started


@pytest.fixture
def data(release_data: Path, tmp_path: Path) -> Path:
    """A data folder of one's own with the real release in it."""
    shutil.copytree(release_data, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture(scope="session")
def bring() -> Callable[..., Path]:
    """Puts a file in the incoming folder: ``bring(data, "insee_births", content)``."""

    def brought(data: Path, source_id: str, content: bytes, suffix: str = ".csv") -> Path:
        (data / "incoming").mkdir(exist_ok=True)
        path = data / "incoming" / f"{source_id}{suffix}"
        path.write_bytes(content)
        return path

    return brought


#: The weights of zones of five minutes, and the pace of every road.
NEAR = StepWeights((5.0, 10.0, 15.0), (1.0, 0.68, 0.22))
TIMES = StraightLine(1.4, 50.0, 0.0)


def _roads_between(places: npt.ArrayLike) -> Roads:
    at = np.asarray(places, dtype=np.float64)
    ids = [f"P{k}" for k in range(len(at))]
    frame = pd.DataFrame({"id": ids, "longitude": at[:, 0], "latitude": at[:, 1]})
    return Roads(TIMES, frame, frame)


@pytest.fixture(scope="session")
def roads_between() -> Callable[[npt.ArrayLike], Roads]:
    """The roads between places, of (n, 2) longitudes and latitudes: each is reached from each."""
    return _roads_between


@pytest.fixture(scope="session")
def sharing() -> Callable[..., Problem]:
    """A problem of as many places where people live as there are areas, with eight draws."""

    def made(
        demand: npt.ArrayLike,
        supply: npt.ArrayLike,
        decay: Decay | None = NEAR,
        catchment: list[int] | None = None,
        travel_error: float = 0.0,
        method: ServiceMethod = ServiceMethod.ENHANCED,
        supply_error: float = 0.0,
        draws: Draws = Draws(8, seed=5),  # noqa: B008 - frozen
    ) -> Problem:
        people = np.asarray(demand, dtype=np.float64)
        keys = place_keys([f"P{k}" for k in range(len(people))])
        return Problem(
            people,
            np.asarray(supply, dtype=np.float64),
            decay,
            keys,
            draws,
            travel_error,
            None if catchment is None else (np.array(catchment), np.array(catchment)),
            supply_keys=keys,
            supply_error=supply_error,
            method=method,
        )

    return made


@pytest.fixture(scope="session")
def scattered() -> Callable[..., tuple[Roads, npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """Places at random over a hundred kilometres, their people and their places.

    A few have no seat and a few amounts are unknown, unless ``are_known``.
    """

    def made(
        count: int, seed: int, are_known: bool = False
    ) -> tuple[Roads, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        random = np.random.default_rng(seed)
        places = np.column_stack(
            (random.uniform(3.0, 4.4, count), random.uniform(44.6, 45.6, count))
        )
        demand = random.poisson(40, count).astype(np.float64)
        supply = random.poisson(2, count).astype(np.float64)
        if not are_known:
            places[random.integers(0, count, 3)] = np.nan
            demand[random.integers(0, count, 2)] = np.nan
            supply[random.integers(0, count, 2)] = np.nan
        return _roads_between(places), demand, supply

    return made
