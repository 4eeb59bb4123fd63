"""Ordering: the order of areas under a priority, with its declared weights or a reader's own.

The declared weights give what the release keeps, to the letter. Others are worked out anew from
the figures and standard errors that it keeps, by the very method that made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from dashboard import data
from dashboard.selection import HEAVIEST, Selection
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Priority
from geodata.methods.priority_order import priority_order, reweighted, top_places
from geodata.model import Principal, Status
from geodata.release import Release

_COLUMNS = ("rank", "rank_low", "rank_high", "value", "p_worst_fifth", "share_in_top")
#: A place is sure when at least so many of the draws agree.
SURE = 0.9


@dataclass(frozen=True, eq=False)
class Ordering:
    """The order of the areas of a level.

    ``areas`` has the columns of `data.priority_order`, the unranked last; ``parts`` those of
    `data.priority_level_parts`, ``weight`` being a share of the weights applied, and ``status``,
    that of the figure. ``weights`` are shares too, in the order of the components. ``fifth`` and
    ``top`` are numbers of places.
    """

    areas: pd.DataFrame
    parts: pd.DataFrame
    weights: tuple[float, ...]
    ranked: int
    fifth: int
    top: int

    @property
    def surely_first(self) -> pd.DataFrame:
        """The areas that are in the first fifth in nine draws of ten at least."""
        return self.areas[self.areas["p_worst_fifth"] >= SURE]

    @property
    def always_top(self) -> pd.DataFrame:
        """The areas that stay at the top under every weighting that was tried."""
        return self.areas[self.areas["share_in_top"] >= 1]


def ordering(principal: Principal, release: Release, selection: Selection) -> Ordering | None:
    """The order of the selected priority, level and weights; None where there is none."""
    if not selection.priority:
        return None
    chosen = (selection.priority, selection.level, selection.weights)
    return _ordering(principal, release, *chosen)


def positions(priority: Priority) -> tuple[float, ...]:
    """The declared weights on the scale of the sliders, the heaviest at the end of it."""
    weights = priority.recipe.weights
    return tuple(float(f"{weight:.4g}") for weight in HEAVIEST * weights / weights.max())


@lru_cache(maxsize=64)
def _ordering(
    principal: Principal,
    release: Release,
    priority_id: str,
    level: str,
    weights: tuple[float, ...],
) -> Ordering | None:
    priority = catalogue(release.territory_id, release.descriptions).priorities[priority_id]
    areas = data.priority_order(principal, release, priority_id, level)
    parts = data.priority_level_parts(principal, release, priority_id, level)
    if areas["rank"].notna().sum() == 0:
        return None
    shares = tuple(float(share) for share in priority.recipe.weights)
    if weights:
        made = _reordered(areas, parts, priority, weights)
        if made is None:
            return None
        areas, parts = made
        shares = tuple(weight / sum(weights) for weight in weights)
    numbers = areas.astype(dict.fromkeys(_COLUMNS, "float64"))
    ranked = int(numbers["rank"].notna().sum())
    return Ordering(
        areas=numbers,
        parts=parts.assign(status=_statuses(principal, release, level, parts)),
        weights=shares,
        ranked=ranked,
        fifth=-(-ranked // 5),
        top=top_places(priority.top_share, ranked),
    )


def _statuses(principal: Principal, release: Release, level: str, parts: pd.DataFrame) -> pd.Series:
    """Why each figure is what it is; one that has no period is nowhere, hence missing."""
    dated = parts.loc[parts["period"] != "", ["indicator", "period"]].drop_duplicates()
    periods = tuple(dated.itertuples(index=False, name=None))
    found = data.values_at(principal, release, periods, (level,))
    known = found.set_index(["area_id", "indicator"])["status"]
    keys = pd.MultiIndex.from_frame(parts[["area_id", "indicator"]])
    told = known.reindex(keys).fillna(Status.MISSING.value)
    return pd.Series(told.to_numpy(), index=parts.index)


def _reordered(
    areas: pd.DataFrame, parts: pd.DataFrame, priority: Priority, weights: tuple[float, ...]
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The two tables of a release, made with other weights from what it keeps."""
    ids = pd.Index(sorted(areas["area_id"]), name="area_id")
    recipe = reweighted(priority.recipe, weights)
    names = [component.id for component in recipe.components]
    figures, errors = (
        parts.pivot(index="area_id", columns="indicator", values=name)
        .reindex(index=ids, columns=names)
        .astype("float64")
        for name in ("value", "standard_error")
    )
    made = priority_order(figures, errors, recipe, priority.top_share)
    if made is None:
        return None
    kept = ["fid", "area_id", "name", "role"]
    whole = areas[kept].join(made.areas, on="area_id")
    status = np.where(whole["rank"].notna(), Status.ESTIMATED.value, Status.MISSING.value)
    whole = whole.assign(status=status, ranked=made.ranked)
    keys = pd.MultiIndex.from_frame(parts[["area_id", "indicator"]])
    shares = dict(zip((c.id for c in priority.recipe.components), weights, strict=True))
    total = sum(weights)
    part = parts.assign(
        weight=[shares[str(name)] / total for name in parts["indicator"]],
        score=made.scores.stack().reindex(keys).to_numpy(),
        contribution=made.contributions.stack().reindex(keys).to_numpy(),
    )
    return whole.sort_values(["rank", "fid"], na_position="last", ignore_index=True), part
