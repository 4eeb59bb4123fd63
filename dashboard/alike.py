"""The statistical neighbours of one area, with what makes them alike."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geodata.catalogue.nouns import NeighbourSet
from geodata.methods.neighbours import LEAST_SHARED, distances


@dataclass(frozen=True)
class Trait:
    """One of the figures that describe the areas: the area's own, and its share of the weight."""

    indicator: str
    period: str
    weight: float
    value: float


@dataclass(frozen=True)
class Neighbour:
    """One neighbour: its distance (0 alike, 1 the farthest of the level) and what it is made of.

    ``parts`` are the shares of the traits in the square of the distance, summing to 1, the largest
    first; none where the two are equal. ``values`` are its own figures.
    """

    area_id: str
    name: str
    distance: float
    shared: float
    parts: tuple[tuple[str, float], ...]
    values: dict[str, float]


@dataclass(frozen=True)
class StatisticalNeighbours:
    """The nearest areas, the nearest first; none where too little is known of the area.

    ``left_out`` are the indicators of the set that describe nobody at this level. ``known`` is the
    share of the weight that is known of the area; ``level_areas`` how many areas are described.
    """

    nearest: tuple[Neighbour, ...]
    traits: tuple[Trait, ...]
    left_out: tuple[str, ...]
    known: float
    least_known: float
    level_areas: int


@dataclass(frozen=True, eq=False)
class Described:
    """What the areas of a level are alike by: areas by indicators, NaN where unknown."""

    scores: pd.DataFrame
    values: pd.DataFrame
    names: pd.Series
    periods: pd.Series


def described(frame: pd.DataFrame) -> Described:
    """The rows of `queries.neighbours.scores`, laid out area by indicator."""
    scores, values = (
        frame.pivot(index="area_id", columns="indicator", values=column)
        for column in ("score", "value")
    )
    names = frame.drop_duplicates("area_id").set_index("area_id")["name"]
    periods = frame.drop_duplicates("indicator").set_index("indicator")["period"]
    return Described(scores, values, names, periods)


def neighbours_of(
    chosen: NeighbourSet, level: Described, area_id: str
) -> StatisticalNeighbours | None:
    """The neighbours of an area, from what describes the areas of its level.

    At most half of the other areas are called neighbours: of few areas, the farthest are like
    none. None where the area is not described at all.
    """
    scores, values = level.scores, level.values
    if area_id not in scores.index:
        return None
    weights = pd.Series(dict(chosen.described_by))
    made = distances(scores, weights, area_id)
    shares = weights[scores.columns] / weights[scores.columns].sum()
    own = values.loc[area_id].astype("float64").to_dict()
    found = []
    for near in made.nearest(min(chosen.count, (len(scores) - 1) // 2)):
        parts = made.contributions.loc[near]
        share = (parts / parts.sum()).dropna() if made.distance[near] > 0 else parts[:0]
        found.append(
            Neighbour(
                str(near),
                str(level.names[near]),
                float(made.relative[near]),
                float(made.shared[near]),
                tuple((str(k), float(v)) for k, v in share.sort_values(ascending=False).items()),
                values.loc[near].astype("float64").to_dict(),
            )
        )
    traits = tuple(
        Trait(name, str(level.periods[name]), float(shares[name]), float(own[name]))
        for name, _weight in chosen.described_by
        if name in scores
    )
    left_out = tuple(name for name, _weight in chosen.described_by if name not in scores)
    known = float(made.shared[area_id])
    return StatisticalNeighbours(tuple(found), traits, left_out, known, LEAST_SHARED, len(scores))
