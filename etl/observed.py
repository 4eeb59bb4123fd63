"""The observations of each indicator and what is told of them: a step each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count

import pandas as pd

from etl import compute
from etl.adjacency import adjacency
from etl.beside import Beside
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
#: Makes a step of a name, on keys: here or in another process.
Maker = Callable[[str, Sequence[str], Callable[[], Made]], Step]


@dataclass(frozen=True, slots=True, eq=False)
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
    events: tuple[Step, ...]
    latest: tuple[str, ...]
    present: frozenset[str]

    def facts(self) -> Facts:
        """The facts that flags are made of, worked out when a step first needs them."""
        return _facts(self.territory, self.events, self.latest)

    def parents(self) -> dict[str, dict[str, str]]:
        """The middle area that holds each of the finest: those are drawn towards one another."""
        place = self.words.territory
        return _parents(self.territory, place.finest_level, place.middle_level)

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


@lru_cache(maxsize=1)
def _facts(territory: Step, events: tuple[Step, ...], latest: tuple[str, ...]) -> Facts:
    told = [step.frame(_EVENTS) for step in events]
    joined = pd.concat(told, ignore_index=True).drop_duplicates() if told else None
    return facts(territory.frame("area"), joined, latest)


@lru_cache(maxsize=1)
def _parents(territory: Step, finest: str, middle: str) -> dict[str, dict[str, str]]:
    members = territory.frame("area_membership")
    own = members["level"].eq(finest) & members["parent_level"].eq(middle)
    pairs = zip(members.loc[own, "area_id"], members.loc[own, "parent_id"], strict=True)
    return {finest: {str(a): str(b) for a, b in pairs}}


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
        tuple(stock.steps_with(_EVENTS)),
        tuple(sorted({str(step.account[LATEST]) for step in by_variable.values()} - {""})),
        frozenset(stock.sources),
    )


class TwoMakers:
    """This process and another one, which make the steps of indicators side by side.

    The other begins at once with those it is given first; this one joins it in :meth:`made`.

    Parameters
    ----------
    steps: makes a step here.
    other: makes a step in the other process; asked by the one thread of ``turn`` alone.
    make: the step of an indicator, by one maker or the other; None where there is none.
    first: the indicators that the other process begins with.
    """

    def __init__(
        self,
        steps: Steps,
        other: Beside,
        turn: Executor,
        make: Callable[[Indicator, Maker], Step | None],
        first: Iterable[Indicator] = (),
    ) -> None:
        self._steps, self._other, self._turn, self._make = steps, other, turn, make
        self._waiting = deque(first)
        self._order = [indicator.id for indicator in self._waiting]
        self._begun = count()
        self._found: dict[str, Step | None] = {}
        self._theirs = [self._beside()]

    def made(
        self,
        more: Iterable[Indicator] = (),
        tell: Callable[[str, int], None] = lambda _name, _done: None,
    ) -> dict[str, Step]:
        """The steps of the first indicators and of some more, by id; those that are none left out.

        ``tell`` is told the id of each that is begun here and how many were begun before it, in
        this thread; when it raises, what has not begun is given up.
        """
        others = list(more)
        self._waiting.extend(others)
        self._order += [indicator.id for indicator in others]
        self._theirs.append(self._beside())  # the first may have ended, or be about to
        try:
            self._work(self._steps.step, tell)
            for work in self._theirs:
                work.result()
        finally:
            self._waiting.clear()
        return {name: step for name in self._order if (step := self._found[name]) is not None}

    def _beside(self) -> Future[None]:
        return self._turn.submit(self._work, self._other.step, lambda _name, _done: None)

    def _work(self, maker: Maker, tell: Callable[[str, int], None]) -> None:
        while True:
            try:
                indicator = self._waiting.popleft()
            except IndexError:
                return
            tell(indicator.id, next(self._begun))
            self._found[indicator.id] = self._make(indicator, maker)


def observed_step(
    indicator: Indicator,
    maker: Maker,
    by_variable: Mapping[str, Step],
    coverages: Mapping[str, Step],
    at: Outlook,
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
    return maker(f"indicator {indicator.id}", keys, partial(_observed, indicator, read, at))


def inequality_step(
    indicator: Indicator, maker: Maker, by_indicator: Mapping[str, Step], at: Outlook
) -> Step | None:
    """The step that measures how unequal an indicator is; None where it is not asked."""
    words = at.words
    if indicator.id not in by_indicator or not is_measured(indicator, words):
        return None
    own = by_indicator[indicator.id]
    ranked_by = {
        name: by_indicator[name] for name in words.territory.deprivation if name in by_indicator
    }
    keys = [repr(indicator), *at.keys(indicator), own.key, *(x.key for x in ranked_by.values())]
    make = partial(_inequality, indicator, own, ranked_by, at)
    return maker(f"inequality {indicator.id}", keys, make)


def _inequality(
    indicator: Indicator, own: Step, ranked_by: Mapping[str, Step], at: Outlook
) -> Made:
    ranking = {
        at.words.indicators[name]: step.frame("observation") for name, step in ranked_by.items()
    }
    areas = at.territory.frame("area")
    found = inequalities(own.frame("observation"), indicator, ranking, areas)
    return ({"inequality": found} if len(found) else {}), {}


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
