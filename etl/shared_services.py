"""The steps that share services out: which can be, from what, and what the engine found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from etl.care_chain import care_chain
from etl.coverage import Scene, coverages, scene
from etl.source import Ledger
from etl.steps import Made, Step, Steps
from etl.variables import FINEST, Ground
from geodata.catalogue.nouns import Catalogue, ServiceCategory
from geodata.model import Issue


@dataclass(frozen=True, slots=True)
class SharedServices:
    """The step of each category that was shared out, the chain they make, and what was noted."""

    coverages: Mapping[str, Step]
    chain: Step
    issues: tuple[Issue, ...]


def shared_services(
    by_variable: Mapping[str, Step],
    ground: Ground,
    territory: Step,
    words: Catalogue,
    steps: Steps,
    progress: Callable[[str, float], None],
) -> SharedServices:
    """Share out every category whose people and places are known somewhere."""
    at = scene(ground.areas, ground.own, words)
    wanted = [service for service in words.services.values() if service.method != "none"]
    # The farthest first: the trips of the others are among its own.
    wanted.sort(key=lambda service: -(service.threshold_minutes or 0))
    fed = [service for service in wanted if _is_fed(service, by_variable)]
    made = {}
    for number, service in enumerate(fed):
        progress(f"coverage {service.id}", number / len(fed))
        made[service.id] = _coverage(service, by_variable, territory, at, words, steps)
    unfed = [service for service in wanted if service not in fed]
    chain = steps.step(
        "care chain",
        [territory.key, repr(words.services), *(step.key for step in made.values())],
        lambda: _chain(made, ground, words),
    )
    return SharedServices(made, chain, tuple(_not_computed(unfed, by_variable, words)))


def _coverage(
    service: ServiceCategory,
    by_variable: Mapping[str, Step],
    territory: Step,
    at: Scene,
    words: Catalogue,
    steps: Steps,
) -> Step:
    read = list(dict.fromkeys(by_variable[v] for v in service.variables))

    def make() -> Made:
        frames = [step.frame("figure") for step in read]
        figures = pd.concat(frames, ignore_index=True)
        made, issues = coverages(figures, service, words, at)
        return {"coverage": made}, {"issues": [asdict(issue) for issue in issues]}

    keys = [repr(service), repr(words.territory), territory.key, *(step.key for step in read)]
    return steps.step(f"coverage {service.id}", keys, make)


def _chain(coverages: Mapping[str, Step], ground: Ground, words: Catalogue) -> Made:
    tables = {name: step.frame("coverage") for name, step in coverages.items()}
    chain, broken = care_chain(tables, ground.areas, words)
    return {"care_chain": chain, "broken_link": broken}, {}


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
