"""The engine: tiles give what the whole gives, whoever solves them."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from etl.engine import joined, shares, tasks, tile
from etl.problem import Shares
from etl.solution import solved
from geodata.methods.decay import StepWeights
from geodata.model import ServiceMethod

QUARTER = StepWeights((15.0,), (1.0,))


def same(one: Shares, other: Shares) -> None:
    for part in fields(Shares):
        ours, theirs = getattr(one, part.name), getattr(other, part.name)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=0, err_msg=part.name)


@pytest.mark.parametrize(("size", "count"), [(300, 1), (300, 2), (300, 7), (40, 60)])
def test_tiles_give_what_the_whole_gives(scattered, sharing, size, count):
    ways, demand, supply = scattered(size, seed=2)
    given = sharing(demand, supply, travel_error=0.3)
    tiles = [tile(*task) for task in tasks(given, ways, count)]
    owned = np.sort(np.concatenate([own for own, _found in tiles]))
    assert owned.tolist() == list(range(size))  # each area in one tile, and in one only
    same(joined(tiles, size), solved(given, ways))


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("method", [ServiceMethod.THREE_STEP, ServiceMethod.WITHIN])
def test_tiles_of_other_methods_give_what_the_whole_gives(scattered, sharing, method, count):
    ways, demand, supply = scattered(300, seed=2)
    if method is ServiceMethod.WITHIN:
        supply = np.where(supply > 3, supply, 0 * supply)  # few enough to be far from some
        given = sharing(demand, supply, QUARTER, travel_error=0.3, method=method)
    else:
        given = sharing(demand, supply, travel_error=0.3, method=method, supply_error=0.1)
    whole = solved(given, ways)
    assert 0 < whole.is_known.sum() < 300
    assert 0 < np.isfinite(whole.effective_drawn[:, 0]).sum() < whole.is_known.sum()
    same(joined([tile(*task) for task in tasks(given, ways, count)], 300), whole)


def test_a_pool_of_processes_gives_what_one_process_gives(scattered, sharing):
    ways, demand, supply = scattered(200, seed=3)
    given = sharing(demand, supply, travel_error=0.3)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        same(shares(given, ways, pool, tiles=4), shares(given, ways))


class _NeverAsked(Executor):
    """A pool to which nothing may be given."""

    def submit(self, *_task: Any, **_named: Any) -> Future[Any]:
        raise AssertionError("one plan for all was cut")


def test_one_plan_for_all_is_never_cut(scattered, sharing):
    ways, demand, supply = scattered(60, seed=3)
    plan = sharing(demand, supply, QUARTER, method=ServiceMethod.ALLOCATION)
    same(shares(plan, ways, _NeverAsked(), tiles=4), solved(plan, ways))
    remote = sharing(demand, supply, None)
    same(shares(remote, ways, _NeverAsked(), tiles=4), solved(remote, ways))
    with pytest.raises(AssertionError, match="was cut"):
        shares(sharing(demand, supply), ways, _NeverAsked(), tiles=4)
