"""The steps that share services out: which can be, from what, and what the engine found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context

import pandas as pd

from etl.care_chain import care_chain
from etl.coverage import coverages
from etl.routing.choice import travel_parameters, travel_times
from etl.routing.road_times import RoadTimes
from etl.scene import Scene, scene
from etl.source import Ledger
from etl.staging import Stock
from etl.steps import Made, Step, Steps, hashed
from etl.variables import FINEST, Ground
from geodata.catalogue.nouns import Catalogue, ServiceCategory
from geodata.model import Issue, ServiceMethod
from geodata.pace import pace_factors
from geodata.settings import Settings

_TRAIT = ["level", "area_id", "trait", "code", "period"]


@dataclass(frozen=True, slots=True)
class SharedServices:
    """The step of each category that was shared out, the chain they make, and what was noted.

    ``travel`` tells how trips were timed: `etl.routing.choice.travel_parameters`, and whether they
    leave from the ``seats`` of areas or from a ``grid`` of people (``leaves_from``).
    """

    coverages: Mapping[str, Step]
    chain: Step
    travel: Mapping[str, object]
    issues: tuple[Issue, ...]


def shared_services(
    stock: Stock,
    by_variable: Mapping[str, Step],
    ground: Ground,
    words: Catalogue,
    steps: Steps,
    settings: Settings,
    progress: Callable[[str, float], None],
) -> SharedServices:
    """Share out every category whose people and places are known somewhere.

    People live at the seats of their areas, or at the points of a population grid where a source
    staged one. Trips are timed as `etl.routing.choice` says.

    Raises
    ------
    RejectedFile
        As :func:`etl.coverage.coverages`; or when roads are asked for and cannot be had.
    """
    territory = stock.territory
    assert territory is not None
    at, setting, travel, noted = _scene(stock, ground, words, settings, progress)
    wanted = [
        service for service in words.services.values() if service.method is not ServiceMethod.NONE
    ]
    # The farthest first: the trips of the others are among its own.
    wanted.sort(key=lambda service: -(service.threshold_minutes or 0))
    fed = [service for service in wanted if _is_fed(service, by_variable)]
    made = {}
    needed = _Needed(words)
    with _pool(settings.processes) as pool:
        at = replace(at, pool=pool, tiles=2 * settings.processes)
        for number, service in enumerate(fed):
            progress(f"coverage {service.id}", number / len(fed))
            keys = [territory.key, setting]
            made[service.id] = _coverage(service, by_variable, keys, at, needed, steps)
    unfed = [service for service in wanted if service not in fed]
    chain = steps.step(
        "care chain",
        [territory.key, repr(words.services), *(step.key for step in made.values())],
        lambda: _chain(made, ground, words),
    )
    issues = (*noted, *_not_computed(unfed, by_variable, words))
    return SharedServices(made, chain, travel, issues)


@contextmanager
def _pool(processes: int) -> Iterator[Executor | None]:
    """A pool of so many processes; None for one, which is this one."""
    if processes == 1:
        yield None
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield pool


def _scene(
    stock: Stock,
    ground: Ground,
    words: Catalogue,
    settings: Settings,
    progress: Callable[[str, float], None],
) -> tuple[Scene, str, Mapping[str, object], list[Issue]]:
    """Where people live, one text that changes when that or travel does, how they travel, notes.

    Of several tables of trips, or several grids, the first in reading order stands.
    """
    finest, travel = words.territory.finest_level, words.territory.travel
    feeding = [*stock.steps_with("trip"), *stock.steps_with("demand_point")]
    grids, tables = stock.frames("demand_point"), stock.frames("trip")
    traits = pd.concat([pd.DataFrame(columns=_TRAIT), *stock.frames("area_trait")])
    ids = pd.Index(ground.areas.loc[ground.areas["level"] == finest, "area_id"])
    factors = pace_factors(ids, traits, finest, travel)
    times = travel_times(
        travel,
        settings,
        tables[0] if tables else None,
        {str(area): float(slow) for area, slow in factors[factors > 1].items()},
        lambda done, of: progress("roads", done / of),
    )
    made = scene(ground.areas, ground.own, words, times, grids[0] if grids else None)
    kind = times.router.identity if isinstance(times, RoadTimes) else type(times).__name__
    noted = [
        *_one_of("trip", stock, words),
        *_one_of("demand_point", stock, words),
        *(_even_pace(stock, words) if made.planes is not None and (factors > 1).any() else ()),
    ]
    return (
        made,
        hashed(kind, repr(travel), repr(factors.to_list()), *(x.key for x in feeding)),
        {**travel_parameters(times), "leaves_from": "grid" if grids else "seats"},
        noted,
    )


def _one_of(table: str, stock: Stock, words: Catalogue) -> list[Issue]:
    """A warning for each source whose table is left aside: another one came first."""
    first, *others = [step.name for step in stock.steps_with(table)] or [""]
    made = []
    for name in others:
        ledger = Ledger(name, words.sources[name].file or name)
        ledger.warn(
            "left_aside",
            f"laissé de côté : {first} dit la même chose et vient avant",
            f"left aside: {first} says the same and comes first",
            mend_fr="N’en apporter qu’un.",
            mend_en="Bring one of them only.",
        )
        made += ledger.issues
    return made


def _even_pace(stock: Stock, words: Catalogue) -> list[Issue]:
    """A note that roads are not slowed in some areas: there are too many points for that."""
    name = stock.steps_with("demand_point")[0].name
    ledger = Ledger(name, words.sources[name].file or name)
    ledger.note(
        "even_pace",
        "trop de points pour ralentir les trajets de certaines aires : même allure partout",
        "too many points to slow the trips of some areas: the same pace everywhere",
    )
    return ledger.issues


class _Needed:
    """The figures that services are computed from, each table read once."""

    def __init__(self, words: Catalogue) -> None:
        self.words = words
        self._levels = [words.territory.finest_level, words.territory.country_parts_level]
        self._variables = [name for x in words.services.values() for name in x.variables]
        self._kept: dict[str, pd.DataFrame] = {}

    def figures(self, steps: Sequence[Step]) -> pd.DataFrame:
        """Those of these steps, of the finest level and of the country's parts."""
        return pd.concat([self._figures(step) for step in steps], ignore_index=True)

    def _figures(self, step: Step) -> pd.DataFrame:
        if step.key not in self._kept:
            frame = step.frame("figure")
            is_needed = frame["level"].isin(self._levels) & frame["variable"].isin(self._variables)
            self._kept[step.key] = frame[is_needed]
        return self._kept[step.key]


def _coverage(
    service: ServiceCategory,
    by_variable: Mapping[str, Step],
    setting: Sequence[str],
    at: Scene,
    needed: _Needed,
    steps: Steps,
) -> Step:
    read = list(dict.fromkeys(by_variable[v] for v in service.variables))
    words = needed.words

    def make() -> Made:
        made, issues = coverages(needed.figures(read), service, words, at)
        return {"coverage": made}, {"issues": [asdict(issue) for issue in issues]}

    keys = [repr(service), repr(words.territory), *setting, *(step.key for step in read)]
    return steps.step(f"coverage {service.id}", keys, make)


def _chain(coverages: Mapping[str, Step], ground: Ground, words: Catalogue) -> Made:
    tables = {name: step.frame("coverage") for name, step in coverages.items()}
    chain, broken = care_chain(tables, ground.areas, words)
    return ({"care_chain": chain, "broken_link": broken} if len(chain) else {}), {}


def _is_fed(service: ServiceCategory, by_variable: Mapping[str, Step]) -> bool:
    """Whether each of a service's variables has figures of the finest areas."""
    return not _lacking(service, by_variable)


def _lacking(service: ServiceCategory, by_variable: Mapping[str, Step]) -> list[str]:
    return [
        name
        for name in service.variables
        if name not in by_variable or name not in by_variable[name].account[FINEST]
    ]


def _not_computed(
    services: Sequence[ServiceCategory], by_variable: Mapping[str, Step], words: Catalogue
) -> list[Issue]:
    """A note on the services that nothing feeds: which, and the figures they lack."""
    lacking = list(dict.fromkeys(x for s in services for x in _lacking(s, by_variable)))
    feeding = [x for name in lacking for x in words.variables[name].sources]
    sources = [name for name in feeding if name in words.territory.sources]
    if not sources:
        return []
    entry = words.sources[sources[0]]
    ledger = Ledger(entry.id, entry.file or entry.id)
    french, english = (
        ", ".join(service.name.words(language) for service in services) for language in ("fr", "en")
    )
    ledger.note(
        "services_not_computed",
        f"{len(services)} services sans chiffres des aires les plus fines : {french}",
        f"{len(services)} services without figures of the finest areas: {english}",
        mend_fr=f"Apporter un fichier qui les compte : {', '.join(lacking)}.",
        mend_en=f"Bring a file that counts them: {', '.join(lacking)}.",
        rows=len(services),
    )
    return ledger.issues
