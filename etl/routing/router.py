"""What a router is: something that times trips on roads, a block of places at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from etl.source import Ledger, RejectedFile

Floats = NDArray[np.float64]
#: Told how much is done and how much there is to do.
Progress = Callable[[int, int], None]

#: A place farther than this from every road of the graph is not on it.
SNAP_METRES = 2000


class NoRoadError(Exception):
    """One of the places at least has no road near it; the router does not say which."""


class NoWayError(Exception):
    """Some of the places are on roads that do not meet; the router does not say which."""


class Router(Protocol):
    """Times trips on roads."""

    @property
    def identity(self) -> str:
        """What its minutes depend on: the roads, the software, the options. No key in it."""

    @property
    def most_origins(self) -> int:
        """The most origins that it takes at once."""

    @property
    def most_destinations(self) -> int:
        """The most destinations that it takes at once."""

    def minutes(self, origins: Floats, destinations: Floats, longest_minutes: float) -> Floats:
        """Return (n, m) minutes between (n, 2) and (m, 2) degrees; inf where there is no way.

        A trip over ``longest_minutes`` may be inf as well: it is not looked for farther.

        Raises NoRoadError when a place has no road within :data:`SNAP_METRES`; NoWayError where
        it would rather refuse the block than say so pair by pair.
        """


def valhalla_question(origins: Floats, destinations: Floats) -> dict[str, Any]:
    """What Valhalla is asked, in the library and over the web alike."""

    def places(points: Floats) -> list[dict[str, float]]:
        return [{"lon": x, "lat": y, "search_cutoff": SNAP_METRES} for x, y in points.tolist()]

    return {
        "sources": places(origins),
        "targets": places(destinations),
        "costing": "auto",
        "verbose": False,
    }


def valhalla_minutes(answer: Any, shape: tuple[int, int], ledger: Ledger) -> Floats:
    """The minutes of an answer of Valhalla, short (`durations`) or long (`time` of each pair).

    Raises
    ------
    RejectedFile
        When it is no such answer.
    """
    try:
        found = answer["sources_to_targets"]
        if isinstance(found, dict):
            return minutes_of(found["durations"], shape, ledger)
        return minutes_of([[pair["time"] for pair in row] for row in found], shape, ledger)
    except (KeyError, TypeError) as error:
        raise not_a_matrix(ledger) from error


def minutes_of(seconds: Any, shape: tuple[int, int], ledger: Ledger) -> Floats:
    """Rows of seconds as minutes; null is no way (inf).

    Raises
    ------
    RejectedFile
        When they are not as many as was asked, or not all known and at least 0.
    """
    try:
        rows = [[np.inf if one is None else float(one) for one in row] for row in seconds]
        made = np.array(rows, dtype=np.float64) / 60
    except (TypeError, ValueError) as error:
        raise not_a_matrix(ledger) from error
    if made.shape != shape or not (made >= 0).all():
        raise not_a_matrix(ledger)
    return made


def not_a_matrix(ledger: Ledger) -> RejectedFile:
    """The refusal of an answer that is not the times that were asked."""
    return ledger.reject(
        "not_a_matrix",
        "la réponse n’est pas le tableau de durées demandé",
        "the answer is not the table of times that was asked",
        mend_fr="Vérifier l’adresse du serveur d’itinéraires et sa version.",
        mend_en="Check the address of the routing server and its version.",
    )
