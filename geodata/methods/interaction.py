"""Who can reach whom, and how much it counts: the one thing that catchment methods ask of travel.

An interaction is a matrix w of n origins by m destinations, mostly zeros, that is never asked for
whole. A method that needs nothing but its two products runs on trips that were timed on roads and
on a million points in a plane alike.
"""

from __future__ import annotations

from typing import Protocol

from geodata.methods.amounts import FloatArray


class Interaction(Protocol):
    """A weight w_ij >= 0 between each origin i and each destination j; 0 out of reach."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m): how many origins and destinations."""

    def at_destinations(self, at_origins: FloatArray) -> FloatArray:
        """Return (m,): for each destination j, the sum over origins of w_ij times `at_origins`."""

    def at_origins(self, at_destinations: FloatArray) -> FloatArray:
        """Return (n,): for each origin i, the sum over destinations of w_ij times what is there."""

    def raised(self, power: int) -> Interaction:
        """Return the interaction whose weights are w_ij to this power, 1 or more."""
