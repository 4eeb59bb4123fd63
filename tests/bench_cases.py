"""What the engine is measured on: points drawn from a seed, as dense as those that were promised.

Half a million square kilometres do not hold a million people evenly. Of the points of either side
three in ten lie anywhere in a square; the others lie around a thousand towns, more in few large
ones (Pareto), and both sides have the same towns. The side of the square alone is then chosen so
that as many pairs are within reach as the case says: the quoted 10.4, 412 and 666 million. The
pairs that there are in fact are counted in every run and printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.decay import StepWeights

FloatArray = npt.NDArray[np.float64]

TOWNS = 1000
SPREAD = 0.006
"""How far a town's points lie from its centre, as a share of the side of the square."""
SCATTERED = 0.3


@dataclass(frozen=True)
class Case:
    """Points of demand and of supply, in kilometres, and how far they reach."""

    origins: int
    destinations: int
    side_km: float
    reach_km: float = 0.0

    def points(self) -> tuple[FloatArray, FloatArray]:
        """Origins and destinations, (n, 2) and (m, 2)."""
        random = np.random.default_rng(2026)
        centres, sizes = random.random((TOWNS, 2)), random.pareto(1.5, TOWNS) + 1
        sides = []
        for count in (self.origins, self.destinations):
            points = random.random((count, 2))
            is_urban = random.random(count) >= SCATTERED
            urban = int(is_urban.sum())
            town = random.choice(TOWNS, urban, p=sizes / sizes.sum())
            points[is_urban] = centres[town] + random.normal(0, SPREAD, (urban, 2))
            sides.append(points * self.side_km)
        return sides[0], sides[1]

    def amounts(self) -> tuple[FloatArray, FloatArray]:
        """People and places."""
        random = np.random.default_rng(43)
        people = random.poisson(20, self.origins).astype(float)
        return people, random.poisson(8, self.destinations).astype(float)

    @property
    def zones(self) -> StepWeights:
        """Three zones, in kilometres, with the weights of Luo and Qi."""
        bounds = (self.reach_km / 3, self.reach_km * 2 / 3, self.reach_km)
        return StepWeights(bounds, (1, 0.68, 0.22))


CASES = {
    "a": Case(3_000, 400, 100, 30),
    "b": Case(35_000, 60_000, 1_060, 30),
    "c": Case(1_000_000, 100_000, 858, 20),
    "d": Case(4_300_000, 1_000_000, 5_392, 15),
    "nearest": Case(2_300_000, 60_000, 800),
}
