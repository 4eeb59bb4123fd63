"""What the engine found, judged by a standard, area by area and level by level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl.problem import Shares
from etl.roads import Flags, Positions
from etl.scene import DRAWS, Rung, Scene
from etl.standards import Measure
from geodata.methods.amounts import FloatArray
from geodata.methods.gap import aggregated_gap, gap_triad
from geodata.methods.uncertainty import gap_interval, p_positive, summed_draws

#: Share of a larger area's parts that may be unknown for it to be told from the others.
MOST_UNKNOWN = 0.01


@dataclass(frozen=True, eq=False)
class _Judged:
    """What the engine found, under one standard: where people live, and what each area counts.

    Attributes:
        found: what falls to each place where people live.
        counted: (m, 2) people and places of the finest areas. demand: (n,) people of the places.
        unsure: (m,) finest areas of which something is not known.
        sure: the positions of the places that ``triad`` has a row for.
        drawn: (draws, r) gaps, of the places where people live or, for a crowd, of the finest
            areas; of_drawn: (r,) which finest area each belongs to.
        is_drawn: (r,) whether it has an interval; has_drawn: (m,) likewise of the finest areas.
        tau: (m,) places per person.
    """

    found: Shares
    counted: FloatArray
    demand: FloatArray
    unsure: Flags
    sure: Positions
    triad: pd.DataFrame
    drawn: FloatArray
    of_drawn: Positions
    is_drawn: Flags
    has_drawn: Flags
    tau: FloatArray


def judged(by: Measure, counts: pd.DataFrame, found: Shares, at: Scene) -> pd.DataFrame:
    """The amounts of every level's own areas under one standard, and whether they are known.

    Parameters
    ----------
    by: what need is measured by.
    counts: demand, supply of the finest areas; NaN where unknown.
    found: what the engine found.

    Returns
    -------
    level, area_id, is_known, tau, demand, supply, nearest_minutes, the amounts of
    `geodata.methods.gap.GAP_COLUMNS`, gap_low, gap_high, p_gap, and for larger areas parts and
    parts_expected.
    """
    counted = counts.to_numpy(dtype="float64")
    lived_in = at.people.area
    demand = at.people.spread(counted[:, 0])
    sure = np.flatnonzero(found.is_known & at.own[lived_in])
    triad = gap_triad(
        demand[sure],
        found.effective[sure],
        by.tau[lived_in[sure]],
        found.is_within[sure],
        pd.Index(sure),
    )
    is_by_place = found.people_drawn.shape[0] == len(demand)
    of_drawn = lived_in if is_by_place else np.arange(len(counted))
    need = by.need(found.people_drawn.T, of_drawn, DRAWS)
    # The draws of a place side by side: sums and quantiles run along them.
    drawn = np.ascontiguousarray((need.drawn - found.effective_drawn.T).T).T
    unsure = np.isnan(counted[:, 0])
    unsure[lived_in[~found.is_known]] = True
    is_drawn = np.isfinite(drawn[0])
    has_drawn = np.zeros(len(counted), dtype=np.bool_)
    has_drawn[of_drawn[is_drawn]] = True
    made = _Judged(
        found, counted, demand, unsure, sure, triad, drawn, of_drawn, is_drawn, has_drawn, by.tau
    )
    return pd.concat([_of_rung(rung, made, at) for rung in at.rungs], ignore_index=True)


def _of_rung(rung: Rung, made: _Judged, at: Scene) -> pd.DataFrame:
    """The amounts of one level's areas: sums over the places where their people live."""
    size, of_area = len(rung.areas), rung.of_finest
    is_finest = rung is at.rungs[0]
    lived_in = of_area[at.people.area]
    homes = np.flatnonzero(lived_in >= 0)

    def summed(values: FloatArray) -> FloatArray:
        return np.bincount(lived_in[homes], values[homes], minlength=size).astype(np.float64)

    held = np.flatnonzero(of_area >= 0)
    expected = np.bincount(of_area[held], minlength=size)
    told = held[~made.unsure[held]]
    parts = np.bincount(of_area[told], minlength=size)
    is_known = (parts > 0) & (parts >= (1 - MOST_UNKNOWN) * expected)
    inside = held if is_finest else told
    of_inside = of_area[inside]
    sums = [np.bincount(of_inside, x[inside], minlength=size) for x in made.counted.T]
    parent = pd.Series(lived_in[made.sure], index=made.sure)
    parent = parent[parent >= 0]
    amounts = aggregated_gap(made.triad.loc[parent.index], parent).reindex(range(size))
    # A part that is unknown, or that the quickest trips would make so, is left out of the sums
    # of a larger area of which nearly all is known.
    summed_up = np.where(made.is_drawn | is_finest, of_area[made.of_drawn], -1)
    gaps = summed_draws(made.drawn, summed_up, size)
    if not is_finest:
        drawn_parts = np.bincount(of_area[held[made.has_drawn[held]]], minlength=size)
        gaps[:, drawn_parts < (1 - MOST_UNKNOWN) * expected] = np.nan
    low, high = gap_interval(gaps)
    weight = np.nan_to_num(made.demand) + 1e-9  # where nobody lives, the plain mean
    with np.errstate(invalid="ignore"):
        minutes = summed(made.found.nearest_minutes * weight) / summed(weight)
    known = amounts.drop(columns="demand").assign(
        gap_low=low, gap_high=high, p_gap=p_positive(gaps)
    )
    plain = pd.DataFrame({"demand": sums[0], "supply": sums[1], "nearest_minutes": minutes})
    if not is_finest:
        plain = plain.where(pd.Series(is_known)).assign(parts=parts, parts_expected=expected)
    return (
        known.where(pd.Series(is_known), np.nan)
        .join(plain)
        .assign(
            area_id=rung.areas,
            level=rung.level,
            is_known=is_known,
            tau=_tau(rung, made),
        )
    )


def _tau(rung: Rung, made: _Judged) -> FloatArray:
    """(areas,) places per person that need is measured by: their people's mean where it varies."""
    if (made.tau == made.tau[0]).all():
        return np.full(len(rung.areas), made.tau[0])
    held = np.flatnonzero(rung.of_finest >= 0)
    of_held, tau = rung.of_finest[held], made.tau[held]
    # Of the people whose need is summed; where there are none, the plain mean.
    people = np.where(made.unsure, 0.0, made.counted[:, 0])[held] + 1e-9
    weight = np.bincount(of_held, people, minlength=len(rung.areas))
    return np.asarray(np.bincount(of_held, people * tau, minlength=len(rung.areas)) / weight)
