"""A routing server that times trips over the web: OSRM's `table`, or Valhalla's matrix.

A public server is somebody's kindness: it is asked small blocks, one at a time, with a pause in
between, and nothing twice. It learns which places are asked for; area seats and cells of a grid
are public, a person's address must never be among them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests

from etl.download import MOST_REDIRECTS, REDIRECTS, TIMEOUT, TRY_AGAIN, is_elsewhere
from etl.routing.router import (
    SNAP_METRES,
    Floats,
    NoRoadError,
    NoWayError,
    minutes_of,
    not_a_matrix,
    valhalla_minutes,
    valhalla_question,
)
from etl.source import Ledger, RejectedFile
from geodata.settings import ROUTERS

OSRM, VALHALLA = ROUTERS
#: Seconds before each try of one block.
WAITS = (0.0, 1.0, 4.0, 15.0)
#: The longest that a server's own "come back in so many seconds" is heeded.
LONGEST_WAIT = 60.0
#: Seconds between two blocks.
PAUSE = 1.0
#: More questions than this are no use of a server that is shared: an extract does it at home.
MOST_QUESTIONS = 3_000
_LARGEST_ANSWER = 8 * 1024 * 1024
#: What servers say of a place without a road (OSRM's code, Valhalla's number), and of places on
#: roads that do not meet.
_NO_ROAD, _NO_WAY = ("NoSegment", 171), (170,)


class RoutingServer:
    """A :class:`etl.routing.router.Router` that asks the server at ``address``.

    The end of the address says which kind it is (:data:`geodata.settings.ROUTERS`); what stands
    behind a ``?`` (a key) is sent with every question and never told.
    """

    most_origins = 50
    most_destinations = 50

    def __init__(
        self,
        address: str,
        waits: Sequence[float] = WAITS,
        pause: float = PAUSE,
        most_questions: int = MOST_QUESTIONS,
    ) -> None:
        """Take the address; nothing is asked yet. ValueError for one of no known kind."""
        self._parts = urlsplit(address)
        self._path = self._parts.path.rstrip("/")
        if not self._path.endswith(ROUTERS):
            raise ValueError(f"the address of a routing server ends with {' or '.join(ROUTERS)}")
        self._waits, self._pause, self._left = tuple(waits), pause, most_questions
        self._ledger = Ledger("router", self._parts.hostname or "")
        self.identity = f"server {urlunsplit(self._parts._replace(query='', fragment=''))}"

    def minutes(self, origins: Floats, destinations: Floats, longest_minutes: float) -> Floats:
        """Return (n, m) minutes by car; inf where there is no way.

        Raises NoRoadError and NoWayError as any router, RejectedFile when the server fails,
        redirects to another host, answers something else, or is asked too much.
        """
        shape = (len(origins), len(destinations))
        if self._path.endswith(OSRM):
            answer = self._asked(self._osrm_address(origins, destinations), None)
            return minutes_of(answer.get("durations"), shape, self._ledger)
        question = valhalla_question(origins, destinations)
        return valhalla_minutes(
            self._asked(self._address(self._path), question), shape, self._ledger
        )

    def _address(self, path: str, query: str = "") -> str:
        both = "&".join(part for part in (query, self._parts.query) if part)
        return urlunsplit(self._parts._replace(path=path, query=both, fragment=""))

    def _osrm_address(self, origins: Floats, destinations: Floats) -> str:
        places = [f"{x:.6f},{y:.6f}" for x, y in [*origins.tolist(), *destinations.tolist()]]
        numbers = [str(number) for number in range(len(places))]
        query = (
            f"sources={';'.join(numbers[: len(origins)])}"
            f"&destinations={';'.join(numbers[len(origins) :])}"
            f"&radiuses={';'.join([str(SNAP_METRES)] * len(places))}&annotations=duration"
        )
        return self._address(f"{self._path}/{';'.join(places)}", query)

    def _asked(self, address: str, question: dict[str, Any] | None) -> dict[str, Any]:
        """The server's answer, tried again while it may do better later."""
        if self._left <= 0:
            raise self._too_much()
        self._left -= 1
        failure = ""
        heeded = 0.0
        for wait in self._waits:
            time.sleep(max(wait, heeded))
            try:
                answer, content = self._answer(address, question)
            except requests.RequestException as error:
                failure = type(error).__name__  # its words may hold the key
                continue
            if answer.status_code not in TRY_AGAIN:
                time.sleep(self._pause)
                return self._understood(answer.status_code, content)
            failure = f"HTTP {answer.status_code}"
            said = answer.headers.get("Retry-After", "")
            heeded = min(float(said), LONGEST_WAIT) if said.isdecimal() else 0.0
        raise self._ledger.reject(
            "router_unreachable",
            f"le serveur d’itinéraires ne répond pas ({failure})",
            f"the routing server does not answer ({failure})",
            mend_fr="Réessayer plus tard : ce qui est déjà calculé est gardé.",
            mend_en="Try again later: what is computed already is kept.",
        )

    def _answer(
        self, address: str, question: dict[str, Any] | None
    ) -> tuple[requests.Response, bytes]:
        """The answer, through redirects on the server's own host only, and not too long."""
        for _ in range(MOST_REDIRECTS):
            answer = requests.request(
                "GET" if question is None else "POST",
                address,
                json=question,
                headers={"User-Agent": "vigie"},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                if answer.status_code not in REDIRECTS:
                    content = bytearray()
                    for piece in answer.iter_content(1 << 16):
                        content += piece
                        if len(content) > _LARGEST_ANSWER:
                            raise not_a_matrix(self._ledger)
                    return answer, bytes(content)
            leads = urljoin(address, answer.headers.get("Location", ""))
            if is_elsewhere(address, leads):
                raise self._redirected()
            address = leads
        raise self._redirected()

    def _understood(self, status: int, content: bytes) -> dict[str, Any]:
        try:
            said = json.loads(content)
        except ValueError as error:
            raise not_a_matrix(self._ledger) from error
        if not isinstance(said, dict):
            raise not_a_matrix(self._ledger)
        fault = said.get("error_code", said.get("code"))
        if fault in _NO_ROAD:
            raise NoRoadError
        if fault in _NO_WAY:
            raise NoWayError
        if status != 200 or fault not in (None, "Ok"):
            told = f"HTTP {status}" + (f", {fault}" if fault is not None else "")
            raise self._ledger.reject(
                "router_refuses",
                f"le serveur d’itinéraires refuse la question ({told[:80]})",
                f"the routing server refuses the question ({told[:80]})",
                mend_fr="Vérifier l’adresse, la clé et les limites du serveur.",
                mend_en="Check the address, the key and the limits of the server.",
            )
        return said

    def _redirected(self) -> RejectedFile:
        return self._ledger.reject(
            "redirected",
            "le serveur d’itinéraires renvoie ailleurs : refusé",
            "the routing server leads elsewhere: refused",
            mend_fr="Écrire l’adresse finale dans VIGIE_ROUTER si elle est du même service.",
            mend_en="Write the final address in VIGIE_ROUTER if it is of the same service.",
        )

    def _too_much(self) -> RejectedFile:
        return self._ledger.reject(
            "too_many_questions",
            "trop de questions pour un serveur partagé ; celles déjà posées sont gardées",
            "too many questions for a shared server; those asked already are kept",
            mend_fr="Calculer chez soi : un extrait OpenStreetMap dans VIGIE_ROADS.",
            mend_en="Compute at home: an OpenStreetMap extract in VIGIE_ROADS.",
        )
