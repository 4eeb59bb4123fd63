"""The areas that records are counted in: those whole in the territory, and who lives in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.records.volumes import CHILDREN, YEARS
from etl.source import Known
from geodata.model import AreaKey

#: Somebody is a minor for so many years.
MINOR_YEARS = 18


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The areas counted in, and the blocks that their borders cut the territory into.

    Args:
        areas: the areas between the finest and the whole that lie whole in the territory.
        block_of: the block of each finest area: those that are in the same areas are in one.
        parts: (areas, blocks) which blocks make up each area.
        children: (areas,) people of the census's first band in each area; NaN where unknown.
        whole: the territory.
        finest_level: the level of its finest areas.
        finest: those areas, in order.
        members: (areas, finest) which finest areas make up each area.
    """

    whole: AreaKey
    finest_level: str
    areas: tuple[AreaKey, ...]
    finest: tuple[str, ...]
    members: npt.NDArray[np.bool_]
    block_of: Mapping[str, int]
    parts: npt.NDArray[np.bool_]
    children: npt.NDArray[np.float64]

    @property
    def minors(self) -> npt.NDArray[np.float64]:
        """(areas,) people under 18 of each area, from those of the census's first band."""
        made: npt.NDArray[np.float64] = self.children * (MINOR_YEARS / YEARS[CHILDREN])
        return made


def membership(known: Known) -> pd.DataFrame:
    """The staged table ``area_membership``, empty when the source was not asked for."""
    for tables in known.tables.values():
        if "area_membership" in tables:
            return tables["area_membership"]
    return pd.DataFrame(columns=["level", "area_id", "parent_level", "parent_id"])


def own_areas(known: Known) -> frozenset[str]:
    """Codes of the finest areas that belong to the territory."""
    territory = known.catalogue.territory
    table = membership(known)
    inside = (
        (table["level"] == territory.finest_level)
        & (table["parent_level"] == territory.area.level)
        & (table["parent_id"] == territory.area.area_id)
    )
    return frozenset(table.loc[inside, "area_id"])


def ground(known: Known) -> Ground:
    """The areas of the territory, from the memberships and the census that are known."""
    territory = known.catalogue.territory
    finest = tuple(sorted(own_areas(known)))
    table = membership(known)
    table = table[table["level"] == territory.finest_level]
    between = {level.id for level in territory.levels} - {
        territory.finest_level,
        territory.area.level,
        territory.country.level,
    }
    above = table[table["parent_level"].isin(between)]
    areas, members = [], []
    place = {code: n for n, code in enumerate(finest)}
    for (level, parent), parts in above.groupby(["parent_level", "parent_id"]):
        codes = set(parts["area_id"])
        if codes <= place.keys():  # one that others share is not ours to count
            areas.append(AreaKey(str(level), str(parent)))
            row = np.zeros(len(finest), dtype=np.bool_)
            row[[place[code] for code in codes]] = True
            members.append(row)
    within = np.array(members, dtype=np.bool_).reshape(len(areas), len(finest))
    patterns, block = np.unique(within.T, axis=0, return_inverse=True)
    people = _children(known).reindex(finest).to_numpy(dtype="float64")
    return Ground(
        whole=territory.area,
        finest_level=territory.finest_level,
        areas=tuple(areas),
        finest=finest,
        members=within,
        block_of={code: int(n) for code, n in zip(finest, block.ravel(), strict=True)},
        parts=patterns.T.astype(np.bool_),
        children=within.astype("float64") @ np.nan_to_num(people, nan=0.0)
        + np.where(within @ np.isnan(people), np.nan, 0.0),
    )


def _children(known: Known) -> pd.Series:
    """People of the census's first band, of the latest period, by finest area."""
    level = known.catalogue.territory.finest_level
    for tables in known.tables.values():
        figures = tables.get("figure")
        if figures is not None and (figures["variable"] == CHILDREN).any():
            rows = figures[(figures["variable"] == CHILDREN) & (figures["level"] == level)]
            return rows.sort_values("period").groupby("area_id")["value"].last()
    return pd.Series(dtype="float64")
