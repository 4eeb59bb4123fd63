"""What an area is compared with, and how its value stands to it: no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

import pandas as pd

from dashboard import data
from dashboard.alike import StatisticalNeighbours
from dashboard.components.reading import Reading, chosen_indicator, reading
from dashboard.offer import AREAS, TARGET
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.methods.benchmarks import Together, Verdict, together, verdict
from geodata.model import AreaKey


@dataclass(frozen=True)
class Benchmark:
    """What stands beside an area.

    ``kind`` is an entry of `Offer.benchmarks`. ``key`` is that of a larger area; ``members`` are
    the areas of a choice or the statistical neighbours, ``whole`` what they are together.
    """

    kind: str
    value: float
    key: AreaKey | None = None
    members: tuple[Reading, ...] = ()
    whole: Together | None = None
    neighbours: StatisticalNeighbours | None = None


def larger_areas(view: View, here: Reading, readings: Mapping[AreaKey, Reading]) -> list[AreaKey]:
    """The larger areas that an area may be compared with, one a level, in the order of the offer.

    ``readings`` are those of the areas it lies in, of the whole and of the country.
    """
    territory = view.catalogue.territory
    of_level = {key.level: key for key in readings if key != here.key}
    of_level |= {key.level: key for key in (territory.country, territory.area)}
    offered = view.offer.benchmarks.get(here.key.level, ())
    return [of_level[kind] for kind in offered if kind in of_level and of_level[kind] in readings]


def benchmark(view: View, here: Reading, readings: Mapping[AreaKey, Reading]) -> Benchmark:
    """What the address asks to compare with; the first larger area where it has none like it."""
    selection = view.selection
    if selection.against == TARGET:
        return Benchmark(TARGET, nan if selection.target is None else selection.target)
    if selection.against == AREAS:
        return _of_members(view, AREAS, here.key.level, selection.compared, None)
    if selection.against in view.catalogue.neighbours:
        found = data.statistical_neighbours(
            view.principal, view.release, selection.against, here.key
        )
        nearest = tuple(near.area_id for near in found.nearest) if found else ()
        return _of_members(view, selection.against, here.key.level, nearest, found)
    larger = larger_areas(view, here, readings)
    asked = [key for key in larger if key.level == selection.against] or larger
    if not asked:
        return Benchmark(TARGET, nan if selection.target is None else selection.target)
    return Benchmark(asked[0].level, readings[asked[0]].value, key=asked[0])


def verdict_on(here: Reading, beside: Benchmark) -> Verdict:
    """How the value of an area stands to its benchmark, by its own interval."""
    return verdict(here.low, here.high, beside.value)


def _of_members(
    view: View,
    kind: str,
    level: str,
    area_ids: tuple[str, ...],
    neighbours: StatisticalNeighbours | None,
) -> Benchmark:
    if not area_ids:
        return Benchmark(kind, nan, neighbours=neighbours)
    indicator, period = chosen_indicator(view), view.selection.period
    keys = tuple(AreaKey(level, area_id) for area_id in area_ids)
    series = data.area_series(view.principal, view.release, indicator.id, keys)
    named = data.areas(view.principal, view.release, level).set_index("area_id")["name"]
    members = tuple(reading(series, key, str(named[key.area_id]), period) for key in keys)
    frame = pd.DataFrame(
        [(m.status, m.numerator, m.denominator) for m in members],
        columns=["status", "numerator", "denominator"],
    )
    whole = together(frame, _per(view, indicator), indicator.chance)
    return Benchmark(kind, whole.value, members=members, whole=whole, neighbours=neighbours)


def _per(view: View, indicator: Indicator) -> float:
    """So many that a ratio is given for."""
    if indicator.coverage is None:
        return indicator.per
    return view.catalogue.services[indicator.coverage.service].per
