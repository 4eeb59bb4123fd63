"""The observations of each indicator and what is told of them: a step each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import pandas as pd

from etl import compute
from etl.adjacency import adjacency
from etl.clusters import clusters
from etl.flags import Facts, facts, flags
from etl.inequalities import inequalities, is_measured
from etl.priorities import with_gap_bounds
from etl.staging import Stock
from etl.statistics import with_intervals, with_smoothed, with_standing
from etl.steps import Made, Step, Steps
from etl.trends import tested_trends, years_of
from etl.variables import LATEST
from geodata.catalogue.nouns import Catalogue, Indicator

#: Tables of the release that the steps of indicators hold.
OBSERVED = ("observation", "tested_trend", "cluster", "inequality")
_EVENTS = "area_event"


@dataclass(slots=True, eq=False)
class Outlook:
    """What the observations of every indicator are told with, set once in a refresh.

    Attributes:
        territory: the step that holds areas and memberships.
        beside: the step that holds which areas touch.
        events: the steps that tell what became of areas.
        latest: the latest period of each variable's figures.
        present: the sources of the release.
    """

    words: Catalogue
    territory: Step
    beside: Step
    events: list[Step]
    latest: tuple[str, ...]
    present: frozenset[str]
    _lock: Lock = field(default_factory=Lock, repr=False)
    _facts: Facts | None = field(default=None, repr=False)
    _parents: dict[str, dict[str, str]] | None = field(default=None, repr=False)

    def facts(self) -> Facts:
        """The facts that flags are made of, worked out when a step first needs them."""
        with self._lock:
            if self._facts is None:
                told = [step.frame(_EVENTS) for step in self.events]
                events = pd.concat(told, ignore_index=True).drop_duplicates() if told else None
                self._facts = facts(self.territory.frame("area"), events, self.latest)
            return self._facts

    def parents(self) -> dict[str, dict[str, str]]:
        """The middle area that holds each of the finest: those are drawn towards one another."""
        with self._lock:
            if self._parents is None:
                territory = self.words.territory
                members = self.territory.frame("area_membership")
                own = members["level"].eq(territory.finest_level)
                own &= members["parent_level"].eq(territory.middle_level)
                pairs = zip(members.loc[own, "area_id"], members.loc[own, "parent_id"], strict=True)
                self._parents = {territory.finest_level: {str(a): str(b) for a, b in pairs}}
            return self._parents

    def keys(self, indicator: Indicator) -> list[str]:
        """What every step of an indicator's observations depends on, besides its figures."""
        words = self.words
        sources = [words.sources[x] for x in words.sources_of(indicator) if x in self.present]
        return [
            repr(words.territory),
            self.territory.key,
            self.beside.key,
            *(step.key for step in self.events),
            max(self.latest, default=""),
            repr([(source.id, source.schedule) for source in sources]),
        ]


def outlook(
    stock: Stock, by_variable: Mapping[str, Step], words: Catalogue, steps: Steps
) -> Outlook:
    """The outlook of a refresh whose sources are staged and variables made."""
    territory = stock.territory
    assert territory is not None

    def beside() -> Made:
        return {"adjacency": adjacency(territory.frame("area"))}, {}

    return Outlook(
        words,
        territory,
        steps.step("adjacency", [territory.key], beside),
        stock.steps_with(_EVENTS),
        tuple(sorted({str(step.account[LATEST]) for step in by_variable.values()} - {""})),
        frozenset(stock.sources),
    )


def two_by_two(
    make: Callable[[Indicator], Step | None],
    indicators: Iterable[Indicator],
    tell: Callable[[str, int], None] = lambda _name, _done: None,
) -> dict[str, Step]:
    """The steps that are made of some indicators, by id, two at a time; those that are none apart.

    ``tell`` is told the id of each and how many are done, in this thread; when it raises, what has
    not begun is given up.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        asked = {indicator.id: pool.submit(make, indicator) for indicator in indicators}
        made = {}
        try:
            for done, (name, answer) in enumerate(asked.items()):
                tell(name, done)
                made[name] = answer.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {name: step for name, step in made.items() if step is not None}


def observed_step(
    indicator: Indicator,
    by_variable: Mapping[str, Step],
    coverages: Mapping[str, Step],
    at: Outlook,
    steps: Steps,
) -> Step | None:
    """The step of one indicator's observations; None when nothing feeds it."""
    if indicator.coverage is not None:
        if indicator.coverage.service not in coverages:
            return None
        read = [coverages[indicator.coverage.service]]
    else:
        named = [*indicator.numerator, *indicator.denominator]
        named += [indicator.variable] if indicator.variable else []
        if not set(named) <= set(by_variable):
            return None
        read = list(dict.fromkeys(by_variable[name] for name in named))
    keys = [repr(indicator), *at.keys(indicator), *(step.key for step in read)]
    return steps.step(f"indicator {indicator.id}", keys, lambda: _observed(indicator, read, at))


def inequality_step(
    indicator: Indicator, by_indicator: Mapping[str, Step], at: Outlook, steps: Steps
) -> Step | None:
    """The step that measures how unequal an indicator is; None where it is not asked."""
    words = at.words
    if indicator.id not in by_indicator or not is_measured(indicator, words):
        return None
    own = by_indicator[indicator.id]
    named = [name for name in words.territory.deprivation if name in by_indicator]

    def make() -> Made:
        ranked_by = {
            words.indicators[name]: by_indicator[name].frame("observation") for name in named
        }
        areas = at.territory.frame("area")
        found = inequalities(own.frame("observation"), indicator, ranked_by, areas)
        return ({"inequality": found} if len(found) else {}), {}

    keys = [repr(indicator), *at.keys(indicator), own.key, *(by_indicator[x].key for x in named)]
    return steps.step(f"inequality {indicator.id}", keys, make)


def _observed(indicator: Indicator, read: list[Step], at: Outlook) -> Made:
    table = "coverage" if indicator.coverage is not None else "figure"
    frame = pd.concat([step.frame(table) for step in read], ignore_index=True)
    areas, words = at.territory.frame("area"), at.words
    observed = with_edges = compute.observations(indicator, frame, areas, words)
    if indicator.coverage is None and areas["role"].eq("edge").any():
        with_edges = compute.observations(indicator, frame, areas, words, with_edges=True)
    bounds = None
    if indicator.coverage is not None:
        service = words.services[indicator.coverage.service]
        bounds = with_gap_bounds(observed, frame, indicator.coverage.standard, service.per)
    observed = with_intervals(observed, indicator, bounds)
    observed = with_smoothed(observed, indicator, at.parents())
    observed = with_standing(observed, indicator, words.territory)
    observed["flags"] = flags(observed, indicator, at.facts(), words, at.present)
    pairs = at.beside.frame("adjacency")
    tables = {
        "observation": observed,
        "tested_trend": tested_trends(observed, indicator, years_of(indicator, words)),
        "cluster": clusters(with_edges, areas, pairs, indicator),
    }
    return {name: frame for name, frame in tables.items() if len(frame)}, {}
