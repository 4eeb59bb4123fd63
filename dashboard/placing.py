"""What stands on a map over its colours, as the browser reads it: places of services, names.

Pure: frames come in, JSON goes out. It says nothing in words, so that one file serves every
language.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
import shapely

#: The most names that a browser chooses among.
MOST_NAMES = 2000
#: Decimals of a degree: ten metres.
_DECIMALS = 4
#: Services of one point, each with its capacity or None, and the area that they stand in.
_Standing: TypeAlias = tuple[list[tuple[str, float | None]], str | None]


def places_json(frame: pd.DataFrame) -> bytes:
    """Points of services, with the area that each stands in or null:

    [[longitude, latitude, 1 where exact, [[name, capacity or null], ...], area id], ...].

    ``frame`` is that of `geodata.queries.places`. Services at one point stand together; the most
    capable first, so that small circles are drawn over large ones.
    """
    known = frame.dropna(subset=["longitude", "latitude"])
    parts = ("longitude", "latitude", "is_exact", "name", "capacity", "area_id")
    standing: dict[tuple[float, float, bool], _Standing] = {}
    for *point, name, capacity, area in zip(*(known[part].tolist() for part in parts), strict=True):
        within = area if isinstance(area, str) else None
        told, _ = standing.setdefault(tuple(point), ([], within))
        told.append((str(name), None if pd.isna(capacity) else round(float(capacity), 2)))
    points = [
        (*degrees(longitude, latitude), int(is_exact), told, within)
        for (longitude, latitude, is_exact), (told, within) in standing.items()
    ]
    points.sort(key=lambda point: -sum(capacity or 0 for _name, capacity in point[3]))
    return _written(points)


def sizes(frame: pd.DataFrame) -> list[tuple[float, float]]:
    """Up to three capacities that a legend shows, the largest first, and the radius of each.

    A radius is a share (0 to 1) of that of the largest point of `places_json`: surfaces are as
    capacities. Capacities are round (1, 2 or 5 and zeros) and 1 or more; none where none is known.
    """
    known = frame.dropna(subset=["longitude", "latitude", "capacity"])
    most = known.groupby(["longitude", "latitude", "is_exact"])["capacity"].sum().max()
    if not most >= 1:
        return []
    told = dict.fromkeys(_round_down(most / part) for part in (1, 4, 16) if most / part >= 1)
    return [(capacity, float(np.sqrt(capacity / most))) for capacity in told]


def _round_down(number: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50... that is not above a number of 1 or more."""
    power = 10.0 ** np.floor(np.log10(number))
    return float(next(step * power for step in (5, 2, 1) if step * power <= number))


def names_json(frame: pd.DataFrame) -> bytes:
    """Names of areas, the most populous first: [[longitude, latitude, name], ...].

    ``frame`` is that of `geodata.queries.places.level_names`. A name stands at the seat of its
    area, or where none is known at a point inside it; an area without a contour has none.
    """
    top = frame.head(MOST_NAMES).reset_index(drop=True)
    inside = shapely.point_on_surface(
        shapely.from_wkb([None if pd.isna(part) else bytes(part) for part in top["geometry"]])
    )
    points = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    seats = top[["longitude", "latitude"]].to_numpy(dtype="float64")
    where = np.where(np.isnan(seats), points, seats)
    return _written(
        [
            [*degrees(*point), str(name)]
            for point, name in zip(where, top["name"], strict=True)
            if not np.isnan(point).any()
        ]
    )


def degrees(longitude: float, latitude: float) -> tuple[float, float]:
    """A point as the map has it, to ten metres."""
    return round(float(longitude), _DECIMALS), round(float(latitude), _DECIMALS)


def _written(rows: Sequence[object]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
