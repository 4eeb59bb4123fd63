"""Agreement with PySAL `access`, to 1e-9: on the inputs of its own tests, and on random ones.

Where definitions differ, the difference is tested too, so that a change on either side shows.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import access
import numpy as np
import pandas as pd
import pytest
from access import Access, weights
from access.fca import weighted_catchment

from geodata.methods.accessibility import three_step_catchments, two_step_catchments
from geodata.methods.decay import Decay, Gaussian, Power, StepWeights
from geodata.methods.reach import opportunities
from geodata.methods.trips import Trips
from geodata.methods.weighted_trips import WeightedTrips

# The peer sets indexes in place, as pandas 3 no longer wants.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")


@dataclass(frozen=True)
class Places:
    """Demand and supply by identifier, and the table of costs between them, as the peer's."""

    demand: pd.Series
    supply: pd.Series
    costs: pd.DataFrame

    def peer(self) -> Access:
        """Return the peer's model of it."""
        return Access(
            demand_df=self.demand.rename_axis("geoid").rename("people").reset_index(),
            demand_index="geoid",
            demand_value="people",
            supply_df=self.supply.rename_axis("geoid").rename("places").reset_index(),
            supply_index="geoid",
            supply_value="places",
            cost_df=self.costs.copy(),
            cost_origin="origin",
            cost_dest="dest",
            cost_name="cost",
        )

    def interaction(self, decay: Decay) -> WeightedTrips:
        """Return ours of it."""
        origin = self.demand.index.get_indexer(self.costs["origin"])
        destination = self.supply.index.get_indexer(self.costs["dest"])
        order = np.lexsort((destination, origin))
        cost = self.costs["cost"].to_numpy(dtype=np.float64)
        trips = Trips(origin[order], destination[order], cost[order])
        return WeightedTrips(trips, decay, len(self.demand), len(self.supply))

    def assert_agrees(self, ours: np.ndarray, theirs: pd.DataFrame) -> None:
        """Assert that access is the same for each area to 1e-9; not in reach is 0, not NaN."""
        found = theirs.iloc[:, 0].reindex(self.demand.index).fillna(0)
        np.testing.assert_allclose(ours, found, rtol=1e-9)


def inputs_of(name: str) -> ModuleType:
    """Return a module of the peer's own tests, which it installs beside itself."""
    file = Path(access.__file__).parent / "tests" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"access_tests_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def traffic() -> list[pd.DataFrame]:
    """Return the costs of the peer's example of hospitals, in each of four states of traffic."""
    example = inputs_of("test_hospital_example").TestHospitalExample()
    example.setup_method()
    return example.costs


def hospitals(scenario: int) -> Places:
    """Return the peer's example of three tracts, in one state of traffic."""
    tracts = pd.DataFrame({"people": [100, 50, 10], "places": [15, 20, 100]}, index=[1, 2, 3])
    return Places(tracts["people"], tracts["places"], traffic()[scenario])


def grid() -> Places:
    """Return the peer's grid of 25 points, with its random values, and the distances."""
    made = inputs_of("util")
    points = made.create_nxn_grid(5, random_values=True)
    values = points.set_index("id")["value"]
    costs = made.create_cost_matrix(points, "euclidean").astype({"origin": int, "dest": int})
    return Places(values, values[::-1].set_axis(values.index), costs)


def country() -> Places:
    """Return 80 areas and 30 suppliers at random; some demand is zero, many pairs are missing."""
    random = np.random.default_rng(46)
    homes, sites = random.uniform(0, 60, (80, 2)), random.uniform(0, 60, (30, 2))
    cost = np.hypot(*(homes[:, np.newaxis] - sites).transpose(2, 0, 1)).round(2)
    i, j = np.nonzero(cost <= 25)
    costs = pd.DataFrame({"origin": i, "dest": j, "cost": cost[i, j]})
    return Places(
        pd.Series(random.poisson(30, 80) * (random.random(80) > 0.1)),
        pd.Series(random.poisson(5, 30) + 1),
        costs.sample(frac=1, random_state=46, ignore_index=True),
    )


PLACES: list[Callable[[], Places]] = [*(lambda s=s: hospitals(s) for s in range(4)), grid, country]


@pytest.fixture(params=PLACES, ids=["gridlock", "inbound", "outbound", "fast", "grid", "country"])
def places(request: pytest.FixtureRequest) -> Places:
    """Each set of inputs in turn."""
    return request.param()


@pytest.fixture
def threshold(places: Places) -> float:
    """The peer's own 61 minutes, or one that leaves out a part of the pairs."""
    costs = places.costs["cost"]
    return 61.0 if costs.max() >= 40 else float(costs.quantile(0.7))


def test_two_steps(places: Places, threshold: float) -> None:
    """`two_stage_fca`: one catchment, weight 1."""
    near = places.interaction(StepWeights((threshold,), (1,)))
    shared = two_step_catchments(places.demand, places.supply, near)
    places.assert_agrees(shared.access, places.peer().two_stage_fca(max_cost=threshold))


def test_two_steps_with_gravity(places: Places, threshold: float) -> None:
    """`two_stage_fca` with a weight of 1 / cost, floored: the scale of the weights cancels out."""
    near = places.interaction(Power(threshold, 1, near=0.5))
    shared = two_step_catchments(places.demand, places.supply, near)
    gravity = weights.gravity(scale=3, alpha=-1, min_dist=0.5)
    peer = places.peer().two_stage_fca(max_cost=threshold, weight_fn=gravity)
    places.assert_agrees(shared.access, peer)


def test_enhanced_two_steps(places: Places, threshold: float) -> None:
    """`enhanced_two_stage_fca`, with steps and with a bell that is cut."""
    zones = (threshold / 3, threshold / 2, threshold)
    steps = weights.step_fn(dict(zip(zones, (1, 0.68, 0.22), strict=True)))
    for decay, weight in (
        (StepWeights(zones, (1, 0.68, 0.22)), steps),
        (Gaussian(threshold, threshold / 2), weights.gaussian(threshold / 2)),
    ):
        near = places.interaction(decay)
        shared = two_step_catchments(places.demand, places.supply, near)
        peer = places.peer().enhanced_two_stage_fca(max_cost=threshold, weight_fn=weight)
        places.assert_agrees(shared.access, peer)


def test_three_steps(places: Places, threshold: float) -> None:
    """`three_stage_fca`, its cost table being cut at the threshold beforehand."""
    cut = Places(places.demand, places.supply, places.costs[places.costs["cost"] <= threshold])
    zones = (threshold / 3, threshold / 2, threshold)
    steps = weights.step_fn(dict(zip(zones, (1, 0.68, 0.22), strict=True)))
    for decay, weight in (
        (Power(threshold, 1, near=1), weights.gravity(scale=1, alpha=-1, min_dist=1)),
        (StepWeights(zones, (1, 0.68, 0.22)), steps),
    ):
        near = cut.interaction(decay)
        shared = three_step_catchments(cut.demand, cut.supply, near)
        peer = cut.peer().three_stage_fca(max_cost=threshold, weight_fn=weight)
        cut.assert_agrees(shared.access, peer)


def test_weighted_catchment(places: Places, threshold: float) -> None:
    """`weighted_catchment` of the supply, seen from the demand: the opportunities."""
    sites = places.supply.rename_axis("geoid").rename("places").reset_index()
    for decay, weight in (
        (StepWeights((threshold,), (1,)), None),
        (Gaussian(threshold, threshold / 2), weights.gaussian(threshold / 2)),
    ):
        theirs = weighted_catchment(
            sites,
            places.costs,
            max_cost=threshold,
            cost_source="dest",
            cost_dest="origin",
            loc_value="places",
            weight_fn=weight,
        )
        ours = opportunities(places.supply, places.interaction(decay))
        places.assert_agrees(ours, theirs.to_frame())


def test_three_steps_differ_where_the_peer_counts_sites_out_of_reach() -> None:
    """It chooses among all rows of its table; we, like the paper, among those in the catchment.

    In gridlock two tracts are 80 minutes apart, beyond the 61 that count. The peer lets each
    take a part of the other's people for this: 1/80 beside 1 and 1/40.
    """
    places = hospitals(0)
    gravity = weights.gravity(scale=1, alpha=-1, min_dist=1)
    peer = places.peer().three_stage_fca(max_cost=61, weight_fn=gravity).iloc[:, 0]
    near = places.interaction(Power(61, 1, near=1))
    ours = three_step_catchments(places.demand, places.supply, near).access
    apart = np.abs(ours / peer.to_numpy() - 1)
    assert 1e-6 < apart.max() < 0.01


def test_three_steps_differ_where_a_site_has_no_supply() -> None:
    """The peer counts a site without places as a choice; to us it is none."""
    country_places = country()
    supply = country_places.supply.where(country_places.supply.index % 3 > 0, 0)
    places = Places(country_places.demand, supply, country_places.costs)
    zones = weights.step_fn({10: 1, 25: 0.4})
    peer = places.peer().three_stage_fca(max_cost=25, weight_fn=zones).iloc[:, 0]
    near = places.interaction(StepWeights((10, 25), (1, 0.4)))
    ours = three_step_catchments(places.demand, places.supply, near).access
    assert np.nanmax(np.abs(ours / peer.reindex(places.demand.index).to_numpy() - 1)) > 0.05
    # Left out of its tables, they agree.
    held = supply[supply > 0]
    costs = places.costs[places.costs["dest"].isin(held.index)]
    bare = Places(places.demand, held, costs)
    bare.assert_agrees(ours, bare.peer().three_stage_fca(max_cost=25, weight_fn=zones))
