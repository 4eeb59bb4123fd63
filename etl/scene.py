"""Where the engine's services meet people: set once in a refresh, for every category."""

from __future__ import annotations

from collections.abc import Hashable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from etl.crowds import CROWD, on_plane
from etl.demand import PeoplePlaces, people_places
from etl.roads import Flags, Positions, Roads
from geodata.catalogue.nouns import Catalogue
from geodata.methods.amounts import FloatArray
from geodata.methods.drawn_amounts import Counted, drawn_amounts
from geodata.methods.keyed_random import Draws, Keys, Purpose, place_keys
from geodata.methods.travel_times import StraightLine, TravelTimes

#: Least share of a part's residents whose areas are known for the others to be estimated.
KNOWN_SHARE = 0.9
#: How often chance is let play for the interval of a gap, and from which seed.
DRAWS = Draws(count=100, seed=1)


@dataclass(frozen=True, eq=False)
class Rung:
    """A level of the territory over its finest areas.

    Attributes:
        level: its name.
        areas: the codes of its areas.
        of_finest: (m,) the position in ``areas`` of the one that holds each finest area; -1 where
            none does, and for areas that are not the territory's own.
    """

    level: str
    areas: pd.Index
    of_finest: Positions


@dataclass(frozen=True, eq=False)
class Planes:
    """Metres of the n places where people live and of the m areas, for a crowd."""

    origins: FloatArray
    destinations: FloatArray


@dataclass(frozen=True, eq=False)
class Scene:
    """Where people live, where the areas are, and the ways between them: for all services.

    Attributes:
        people: where people live, as :func:`etl.demand.people_places` gives it.
        keys: (n,) the stable keys of those places.
        finest_keys: (m,) the stable keys of the finest areas.
        finest: (m,) the codes of the finest areas, in the order of the roads' destinations.
        own: (m,) which of them are the territory's own.
        rungs: every level, the finest first.
        residents: (m,) the legal population of the finest areas; NaN where unknown.
        part: (m,) the position in ``country_parts`` of the one each lies in; -1 where unknown.
        country_parts: the codes of the areas that make the country up.
        roads: the ways, kept from one service to the next.
        planes: set where people live in so many places that trips cannot be kept.
        pool, tiles: who solves the tiles of a problem, and how many there are; without a pool
            problems are solved whole, here.
    """

    people: PeoplePlaces
    keys: Keys
    finest_keys: Keys
    finest: pd.Index
    own: Flags
    rungs: tuple[Rung, ...]
    residents: FloatArray
    part: Positions
    country_parts: pd.Index
    roads: Roads
    planes: Planes | None = None
    pool: Executor | None = None
    tiles: int = 1
    _drawn: dict[Hashable, FloatArray] = field(default_factory=dict, repr=False)

    def estimated_people(self, people: pd.Series[float]) -> pd.Series[float]:
        """The people of the finest areas, those unknown estimated from the legal population.

        An area takes the rate of the areas of its part of the country that are known, where those
        are at least :data:`KNOWN_SHARE` of the residents of the part; elsewhere unknown stays so.
        """
        values = people.to_numpy(dtype="float64").copy()
        inside = np.flatnonzero((self.part >= 0) & np.isfinite(self.residents))
        is_known = np.isfinite(values[inside])
        size = int(self.part.max(initial=-1)) + 1
        part, residents = self.part[inside], self.residents[inside]
        everybody = np.bincount(part, residents, minlength=size)
        known = np.bincount(part[is_known], residents[is_known], minlength=size)
        counted = np.bincount(part[is_known], values[inside][is_known], minlength=size)
        rate = np.full(size, np.nan)
        can_tell = (known > 0) & (known >= KNOWN_SHARE * everybody)
        np.divide(counted, known, out=rate, where=can_tell)
        gaps = inside[~is_known]
        values[gaps] = rate[self.part[gaps]] * self.residents[gaps]
        return pd.Series(values, index=people.index, name=people.name)

    def people_drawn(self, name: Hashable, demand: FloatArray) -> FloatArray:
        """(draws, n): counts of people drawn; those of one name are drawn once.

        Unknown counts are drawn as none: what they touch is unknown all the same.
        """
        if name not in self._drawn:
            self._drawn[name] = drawn_amounts(
                np.nan_to_num(demand), Counted(), DRAWS, Purpose.DEMAND, self.keys
            )
        return self._drawn[name]


def scene(
    areas: pd.DataFrame,
    membership: pd.DataFrame,
    catalogue: Catalogue,
    times: TravelTimes | None = None,
    points: pd.DataFrame | None = None,
) -> Scene:
    """Set the scene: people at the seats of their areas, or at the points of a population grid.

    Parameters
    ----------
    areas: level, area_id, role, seat_longitude, seat_latitude... of every level.
    membership: level, area_id, parent_level, parent_id of the territory's own finest areas.
    times: how trips are timed; the territory's declared estimate when left out.
    points: the table ``demand_point`` of a population grid, if there is one.
    """
    territory = catalogue.territory
    travel = territory.travel
    times = times or StraightLine(travel.detour_factor, travel.speed_kmh, travel.error_share)
    fine = areas[areas["level"] == territory.finest_level]
    finest = pd.Index(fine["area_id"].to_numpy())
    seats = pd.DataFrame(
        {
            "id": fine["area_id"].to_numpy(),
            "longitude": fine["seat_longitude"].to_numpy(dtype="float64"),
            "latitude": fine["seat_latitude"].to_numpy(dtype="float64"),
        }
    )
    people = people_places(seats, points)
    own = (fine["role"] == "territory").to_numpy()
    itself = np.where(own, np.cumsum(own) - 1, -1)
    rungs = [Rung(territory.finest_level, finest[own], itself)]
    for level, members in membership.groupby("parent_level"):
        parent = members.set_index("area_id")["parent_id"].reindex(finest[own])
        codes, parents = pd.factorize(parent, sort=True)
        of_finest = np.full(len(finest), -1, dtype=np.int64)
        of_finest[own] = codes
        rungs.append(Rung(str(level), pd.Index(parents), of_finest))
    planes = None
    if len(people.places) > CROWD and isinstance(times, StraightLine):
        lived_in = pd.Series(finest[people.area])
        planes = Planes(
            on_plane(people.places, lived_in, territory),
            on_plane(seats, pd.Series(finest), territory),
        )
    parts = areas.loc[areas["level"] == territory.country_parts_level, "area_id"]
    of_part = membership[membership["parent_level"] == territory.country_parts_level]
    country_parts = pd.Index(parts)
    part = country_parts.get_indexer(of_part.set_index("area_id")["parent_id"].reindex(finest))
    residents = fine.get("legal_population", pd.Series(np.nan, index=fine.index))
    return Scene(
        people,
        place_keys(people.places["id"]),
        place_keys(finest),
        finest,
        own,
        tuple(rungs),
        np.asarray(residents.astype("Float64").to_numpy("float64", na_value=np.nan)),
        part,
        country_parts,
        Roads(times, people.places, seats),
        planes,
    )
