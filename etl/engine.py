"""The engine over a territory: whole, or tile by tile beside one another.

A problem is cut into bands of latitude, each with the halo that can change it: those who share a
place with someone of the band live at most two thresholds away. A tile gives what the whole gives,
sum by sum, so that it does not show in the figures where they were computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import fields, replace

import numpy as np

from etl.problem import Problem, Shares
from etl.roads import Positions, Roads
from etl.solution import solved
from geodata.model import ServiceMethod


def shares(problem: Problem, roads: Roads, pool: Executor | None = None, tiles: int = 1) -> Shares:
    """Solve a problem: at once in this process, or in so many tiles, wherever the pool runs them.

    The figures are the same to the last sum whichever is asked for. Any pool of the standard
    interface will do, of processes here or of machines elsewhere: a tile carries all it needs. An
    allocation is one plan for all, and is never cut.
    """
    is_one_plan = problem.decay is None or problem.method is ServiceMethod.ALLOCATION
    if pool is None or is_one_plan:
        return solved(problem, roads)
    futures = [pool.submit(tile, *task) for task in tasks(problem, roads, tiles)]
    return joined([future.result() for future in futures], len(problem.demand))


def tasks(problem: Problem, roads: Roads, count: int) -> Iterator[tuple[Problem, Roads, int, int]]:
    """What each tile is computed from: the problem, the roads, its number, how many there are."""
    for number in range(count):
        yield problem, roads, number, count


def tile(problem: Problem, roads: Roads, number: int, count: int) -> tuple[Positions, Shares]:
    """One tile: the positions of its own origins, and what falls to them.

    Origins are ranked from south to north and dealt out in ``count`` bands; those of which it is
    not known where they are belong to the first.
    """
    latitude = roads.latitude
    is_placed = np.isfinite(latitude)
    ranked = np.argsort(latitude[is_placed], kind="stable")
    own = np.flatnonzero(is_placed)[np.array_split(ranked, count)[number]]
    strays = np.flatnonzero(~is_placed) if number == 0 else own[:0]
    near = own
    if len(own):
        margin = 2 * roads.reach_degrees(problem.searched_minutes)
        south, north = latitude[own].min() - margin, latitude[own].max() + margin
        near = np.flatnonzero(is_placed & (latitude >= south) & (latitude <= north))
    own = np.union1d(own, strays)
    return own, _restricted(problem, roads, np.union1d(near, own), own)


def joined(tiles: list[tuple[Positions, Shares]], size: int) -> Shares:
    """The whole from its tiles."""
    made = {}
    for part in fields(Shares):
        values = [getattr(found, part.name) for _own, found in tiles]
        whole = np.empty((size, *values[0].shape[1:]), dtype=values[0].dtype)
        for (own, _found), value in zip(tiles, values, strict=True):
            whole[own] = value
        made[part.name] = whole
    return Shares(**made)


def _restricted(problem: Problem, roads: Roads, inside: Positions, own: Positions) -> Shares:
    """Solve the problem of some of the people, and keep what falls to a few of them."""
    smaller = replace(
        problem,
        demand=problem.demand[inside],
        keys=problem.keys[inside],
        people_drawn=None if problem.people_drawn is None else problem.people_drawn[:, inside],
    )
    found = solved(smaller, roads.among(inside, np.arange(len(problem.supply))))
    kept = np.searchsorted(inside, own)
    return Shares(**{part.name: getattr(found, part.name)[kept] for part in fields(Shares)})
