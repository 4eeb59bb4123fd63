"""A territory from its text: its levels, its sources, how people travel there."""

from __future__ import annotations

from typing import Any

from geodata.catalogue.entry import Entry, text_of
from geodata.catalogue.nouns import Level, Pace, Territory, Travel
from geodata.model import AreaKey, Status


def territory_of(_key: str, entry: dict[str, Any]) -> Territory:
    """A territory from its entry; ValueError or KeyError for what cannot be."""
    area, country = dict(entry.pop("area")), dict(entry.pop("country"))
    levels = []
    for level_id, item in entry.pop("levels").items():
        left = dict(item)
        levels.append(
            Level(
                id=level_id,
                name=text_of(left, "name"),
                one=text_of(left, "one"),
                pattern=left.pop("pattern", ""),
                own=left.pop("own", ""),
                first_zoom=int(left.pop("first_zoom", 3)),
                is_outline=bool(left.pop("is_outline", False)),
            )
        )
        if left:
            raise ValueError(f"unknown keys in level {level_id}: {sorted(left)}")
    west, south, east, north = (float(x) for x in entry.pop("bounds"))
    c_west, c_south, c_east, c_north = (float(x) for x in entry.pop("comparison_bounds"))
    return Territory(
        id=entry.pop("id"),
        name=text_of(entry, "name"),
        area=AreaKey(area["level"], area["id"]),
        country=AreaKey("country", country["id"]),
        country_name=text_of(country, "name"),
        neighbours=tuple(entry.pop("neighbours", ())),
        metric_crs=entry.pop("metric_crs"),
        default_level=entry.pop("default_level"),
        middle_level=entry.pop("middle_level"),
        country_parts_level=entry.pop("country_parts_level"),
        sources=tuple(entry.pop("sources")),
        bounds=(west, south, east, north),
        comparison_bounds=(c_west, c_south, c_east, c_north),
        levels=tuple(levels),
        travel=_travel(entry.pop("travel")),
        parts=dict(entry.pop("parts", {})),
        marks={mark: str(Status(word)) for mark, word in entry.pop("marks", {}).items()},
        metric_zones=dict(entry.pop("metric_zones", {})),
        enclaves={name: (float(x), float(y)) for name, (x, y) in entry.pop("enclaves", {}).items()},
        time_zone=entry.pop("time_zone", "UTC"),
        tile_zooms=_zooms(*entry.pop("tile_zooms", (3, 11))),
        deprivation=tuple(entry.pop("deprivation", ())),
    )


def _travel(entry: Entry) -> Travel:
    """Travel with its paces: each table inside it is one, by its name."""
    plain = {key: value for key, value in entry.items() if not isinstance(value, dict)}
    paces = tuple(_pace(key, dict(value)) for key, value in entry.items() if key not in plain)
    travel = Travel(**plain, paces=paces)
    if travel.detour_factor < 1 or travel.speed_kmh <= 0 or not 0 <= travel.error_share < 1:
        raise ValueError("travel: detour_factor >= 1, speed_kmh > 0, error_share in [0, 1)")
    return travel


def _pace(key: str, entry: dict[str, Any]) -> Pace:
    pace = Pace(
        id=key,
        trait=str(entry.pop("trait")),
        codes=tuple(str(code) for code in entry.pop("codes")),
        factor=float(entry.pop("factor")),
        winter_factor=float(entry.pop("winter_factor", 1.0)),
    )
    if entry:
        raise ValueError(f"unknown keys in travel.{key}: {sorted(entry)}")
    if not pace.codes or not (1 <= pace.factor <= 5 and 1 <= pace.winter_factor <= 5):
        raise ValueError(f"travel.{key} needs codes, and factors between 1 and 5")
    return pace


def _zooms(first: int, last: int) -> tuple[int, int]:
    if not 0 <= first <= last <= 14:
        raise ValueError("tile_zooms are two zooms between 0 and 14")
    return first, last
