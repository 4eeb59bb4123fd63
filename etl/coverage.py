"""Run the catchment engine for each service, period and standard of the catalogue."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from etl.demand import PeoplePlaces, people_places
from etl.engine import Problem, Shares, shares
from etl.roads import Positions, Roads
from etl.standards import side_by_side, standard_value, unknown_figures
from geodata.catalogue.nouns import Catalogue, ServiceCategory, Standard
from geodata.methods.amounts import FloatArray
from geodata.methods.gap import aggregated_gap, gap_triad
from geodata.methods.keyed_random import Draws, place_keys
from geodata.methods.need import DrawnNeed, Need
from geodata.methods.travel_times import StraightLine, TravelTimes
from geodata.methods.uncertainty import gap_interval, p_positive
from geodata.model import Issue

#: How often chance is let play for the interval of a gap, and from which seed.
DRAWS = Draws(count=100, seed=1)


@dataclass(frozen=True, eq=False)
class Scene:
    """Where people live, where the areas are, and the ways between them: for all services.

    Attributes:
        people: where people live, as :func:`etl.demand.people_places` gives it.
        areas: level, area_id, role... of every level; its finest are the roads' destinations.
        membership: level, area_id, parent_level, parent_id of the territory's own finest areas.
        roads: the ways, kept from one service to the next.
        pool, tiles: who solves the tiles of a problem, and how many there are; without a pool
            problems are solved whole, here.
    """

    people: PeoplePlaces
    areas: pd.DataFrame
    membership: pd.DataFrame
    roads: Roads
    pool: Executor | None = None
    tiles: int = 1


def scene(
    areas: pd.DataFrame,
    membership: pd.DataFrame,
    catalogue: Catalogue,
    times: TravelTimes | None = None,
    points: pd.DataFrame | None = None,
) -> Scene:
    """Set the scene: people at the seats of their areas, or at the points of a population grid.

    ``times`` is how trips are timed: the territory's declared estimate when left out.
    """
    territory = catalogue.territory
    travel = territory.travel
    times = times or StraightLine(travel.detour_factor, travel.speed_kmh, travel.error_share)
    finest = areas[areas["level"] == territory.finest_level]
    seats = pd.DataFrame(
        {
            "id": finest["area_id"].to_numpy(),
            "longitude": finest["seat_longitude"].to_numpy(dtype="float64"),
            "latitude": finest["seat_latitude"].to_numpy(dtype="float64"),
        }
    )
    people = people_places(seats, points)
    return Scene(people, areas, membership, Roads(times, people.places, seats))


def coverages(
    figures: pd.DataFrame, service: ServiceCategory, catalogue: Catalogue, at: Scene
) -> tuple[pd.DataFrame, list[Issue]]:
    """The table ``coverage`` for one service: need, effective places, triad and gap, in places.

    The engine runs on the finest areas, those beyond the border included, so that a family at
    the edge finds the places next door and shares them with those who live there. Only the
    territory's own areas are returned; larger areas are sums of them, then ratios.

    An area whose demand or supply is unknown is left out, and so is what it could change: every
    area that shares a place with it is ``missing``, and so is each larger area that holds one
    (unknown is not zero). A warning says how many.

    ``gap_low``, ``gap_high`` and ``p_gap`` come from :data:`DRAWS` of the people (a count, drawn as
    a Poisson one) and of travel (off by up to its declared share, all trips together); the places
    of the register are taken as they are. A larger area's draws are the sums of its parts' draws.

    Raises
    ------
    RejectedFile
        When the demand or supply of over 5 % of the territory's own areas is unknown, or too few
        of the country's parts are known for its standard and none is declared.
    """
    made: list[pd.DataFrame] = []
    issues: list[Issue] = []
    parts_level = catalogue.territory.country_parts_level
    parts = pd.Index(at.areas.loc[at.areas["level"] == parts_level, "area_id"])
    for period in service.periods:
        wide, role = _known(figures, service, period, catalogue, at)
        issues += unknown_figures(wide, role, service, period, catalogue)
        counts = pd.DataFrame(
            {
                "demand": wide[service.demand],
                "supply": wide[list(service.supply)].sum(axis=1, skipna=False),
            }
        )
        found = _shared_out(counts, service, at)
        for standard in service.standards:
            tau = standard_value(standard, figures, parts, service, catalogue)
            rows = _under(tau, counts, found, role, at, catalogue)
            made.append(_laid_out(rows, service, standard, period, tau))
    return pd.concat(made, ignore_index=True), issues


def _known(
    figures: pd.DataFrame,
    service: ServiceCategory,
    period: str,
    catalogue: Catalogue,
    at: Scene,
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """The figures of each finest area, in the order of the roads, and its role."""
    finest = catalogue.territory.finest_level
    role = at.areas[at.areas["level"] == finest].set_index("area_id")["role"]
    wide = side_by_side(figures, finest, service, period)
    return wide.reindex(index=role.index), role


def _shared_out(counts: pd.DataFrame, service: ServiceCategory, at: Scene) -> Shares:
    """What falls to each place where people live."""
    people = at.people
    catchment = _catchments(counts.index, at.membership, service)
    problem = Problem(
        people.spread(counts["demand"].to_numpy(dtype="float64")),
        counts["supply"].to_numpy(dtype="float64") * service.week_share,
        service.decay,
        place_keys(people.places["id"]),
        DRAWS,
        at.roads.times.error_share,
        None if catchment is None else (catchment[people.area], catchment),
    )
    return shares(problem, at.roads, at.pool, at.tiles)


def _catchments(
    finest: pd.Index, membership: pd.DataFrame, service: ServiceCategory
) -> Positions | None:
    """The number of the area of work each finest area lies in, -1 for none; None for no such."""
    if service.service_area is None:
        return None
    of_level = membership[membership["parent_level"] == service.service_area]
    parent = of_level.set_index("area_id")["parent_id"].reindex(finest)
    return pd.factorize(parent, sort=True)[0].astype(np.int64)


def _under(
    tau: float,
    counts: pd.DataFrame,
    found: Shares,
    role: pd.Series[str],
    at: Scene,
    catalogue: Catalogue,
) -> pd.DataFrame:
    """The amounts of every level's own areas under one standard, and whether they are known."""
    own = role.index[role == "territory"]
    lived_in = pd.Series(counts.index[at.people.area])
    lived_in = lived_in[lived_in.isin(own)]
    sure = lived_in.index[found.is_known[lived_in.index]]
    demand = at.people.spread(counts["demand"].to_numpy(dtype="float64"))
    triad = gap_triad(
        demand[sure], found.effective[sure], tau, found.is_within[sure], pd.Index(sure)
    )
    levels = []
    itself = pd.DataFrame({"area_id": own, "parent_id": own})
    parents = [(catalogue.territory.finest_level, itself), *at.membership.groupby("parent_level")]
    for level, members in parents:
        of_area = members.set_index("area_id")["parent_id"].reindex(own)
        sums = _sums(counts.loc[own], of_area)
        of_people = lived_in.map(of_area).dropna()
        whole = _summed(triad, of_people, demand, found, tau).reindex(sums.index)
        is_known = sums["demand"].notna() & whole.pop("is_known").eq(True)
        sums["nearest_minutes"] = whole.pop("nearest_minutes")
        if level != catalogue.territory.finest_level:
            sums = sums.where(is_known)
        whole = whole.drop(columns="demand").where(is_known)
        levels.append(whole.join(sums).assign(level=level, is_known=is_known))
    return pd.concat(levels).rename_axis("area_id").reset_index()


def _sums(counts: pd.DataFrame, of_area: pd.Series[str]) -> pd.DataFrame:
    """Sums over larger areas; one with a hole has none."""
    grouped = counts.groupby(of_area)
    return grouped.sum().where(counts.notna().groupby(of_area).all())


def _summed(
    triad: pd.DataFrame,
    of_people: pd.Series[str],
    demand: FloatArray,
    found: Shares,
    tau: float,
) -> pd.DataFrame:
    """The amounts of larger areas from those of the places where their people live.

    With the interval of the gap, and the minutes to the nearest place, a mean over the people.
    """
    codes, areas = pd.factorize(of_people, sort=True)
    held = triad[triad.index.isin(of_people.index)]
    amounts = aggregated_gap(held, of_people) if len(held) else held.astype("float64")
    is_known = pd.Series(found.is_known[of_people.index]).groupby(codes).all()
    made = amounts.reindex(areas).assign(is_known=is_known.to_numpy())
    matrix = csr_array(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))), (len(areas), len(codes))
    )
    need = DrawnNeed(Need.NORMATIVE, tau * found.people_drawn[of_people.index])
    drawn = (matrix @ (need.drawn - found.effective_drawn[of_people.index])).T
    low, high = gap_interval(drawn)
    weight = np.nan_to_num(demand[of_people.index]) + 1e-9  # where nobody lives, the plain mean
    minutes = found.nearest_minutes[of_people.index]
    return made.assign(
        gap_low=low,
        gap_high=high,
        p_gap=p_positive(drawn),
        nearest_minutes=(matrix @ (minutes * weight)) / (matrix @ weight),
    )


def _laid_out(
    rows: pd.DataFrame, service: ServiceCategory, standard: Standard, period: str, tau: float
) -> pd.DataFrame:
    """The rows of the table: rates are per so many people, and say nothing where there is none."""
    is_known = rows.pop("is_known").astype(bool)
    demand = rows["demand"].where(rows["demand"] > 0)
    nobody = np.where(demand.isna(), "not_applicable", "estimated")
    return rows.assign(
        service=service.id,
        standard=standard.id,
        period=period,
        tau=tau,
        coverage=service.per * rows["effective"] / demand,
        unmet_rate=service.per * rows["unmet"] / demand,
        gap_rate=service.per * rows["gap"] / demand,
        status=np.where(is_known, nobody, "missing"),
    )
