"""From staged sources to the tables of a release, each step on what it reads and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from etl import checks, compute
from etl.beside import beside
from etl.priorities import priorities, with_gap_bounds
from etl.shared_services import shared_services
from etl.staging import Stock
from etl.steps import Made, Step, Steps, issues_of
from etl.tile_step import tile_table
from etl.variables import ground_of, variable_steps
from geodata.catalogue.nouns import Catalogue, Indicator, Priority
from geodata.model import Issue
from geodata.settings import Settings

#: Tables that sources stage as they stand in the release.
AS_STAGED = ("service", "equipment", "area_event", "area_trait")


@dataclass(frozen=True, slots=True)
class Built:
    """The steps that hold each table of the release, and what was found wrong on the way."""

    tables: Mapping[str, list[Step]]
    issues: tuple[Issue, ...]


def built(
    stock: Stock,
    words: Catalogue,
    steps: Steps,
    settings: Settings,
    progress: Callable[[str, float], None],
) -> Built:
    """Every table of the release but ``about``, ``source``, ``issue`` and ``change``.

    Raises
    ------
    RejectedFile
        When what the sources say together cannot stand: an orphan, contours that overlap, a
        need whose figures are unknown.
    """
    territory = stock.territory
    assert territory is not None
    areas, membership = territory.frame("area"), territory.frame("area_membership")
    checks.orphans(areas, membership, words)
    ground = ground_of(areas, membership, words)
    with beside(steps, "tiles", [territory.key], partial(tile_table, territory, words)) as tiles:
        by_variable = variable_steps(
            stock, ground, words, steps, lambda name, share: progress(name, 0.5 * share)
        )
        shared = shared_services(
            stock,
            by_variable,
            ground,
            words,
            steps,
            settings,
            lambda name, share: progress(name, 0.5 + 0.2 * share),
        )
        made_so_far = dict.fromkeys([*by_variable.values(), *shared.coverages.values()])
        # Services that read the same figures lack the same ones: each is told once.
        issues = dict.fromkeys(
            [*shared.issues, *(issue for step in made_so_far for issue in issues_of(step))]
        )
        observed = []
        for number, indicator in enumerate(words.indicators.values()):
            progress(f"indicator {indicator.id}", 0.7 + 0.2 * number / len(words.indicators))
            observed.append(
                _observed(indicator, by_variable, shared.coverages, territory, words, steps)
            )
        by_indicator = {
            x.id: s for x, s in zip(words.indicators.values(), observed, strict=True) if s
        }
        ordered = [
            _ordered(priority, by_indicator, shared.coverages, territory, words, steps)
            for priority in words.priorities.values()
        ]
        progress("tiles", 0.95)
        drawn = tiles()
    made = {
        "area": [territory],
        "area_membership": [territory],
        "figure": list(dict.fromkeys(by_variable.values())),
        "reconciliation": list(dict.fromkeys(by_variable.values())),
        "coverage": list(shared.coverages.values()),
        "observation": [step for step in observed if step is not None],
        "tile": [drawn],
    }
    made |= {table: stock.steps_with(table) for table in AS_STAGED}
    made |= {
        table: [step for step in (shared.chain, *ordered) if table in step.tables]
        for table in ("care_chain", "broken_link", "priority", "priority_part")
    }
    return Built(made, tuple(issues))


def _observed(
    indicator: Indicator,
    by_variable: Mapping[str, Step],
    coverages: Mapping[str, Step],
    territory: Step,
    words: Catalogue,
    steps: Steps,
) -> Step | None:
    """The observations of one indicator; None when nothing feeds it."""
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

    def make() -> Made:
        table = "coverage" if indicator.coverage is not None else "figure"
        frame = pd.concat([step.frame(table) for step in read], ignore_index=True)
        areas = territory.frame("area")
        return {"observation": compute.observations(indicator, frame, areas, words)}, {}

    keys = [repr(indicator), repr(words.territory), territory.key, *(step.key for step in read)]
    return steps.step(f"indicator {indicator.id}", keys, make)


def _ordered(
    priority: Priority,
    by_indicator: Mapping[str, Step],
    coverages: Mapping[str, Step],
    territory: Step,
    words: Catalogue,
    steps: Steps,
) -> Step:
    """The order of areas of one priority."""
    named = [words.indicators[part.id] for part in priority.recipe.components]
    used = [x for x in named if x.id in by_indicator]

    def make() -> Made:
        frames = []
        for indicator in used:
            frame = by_indicator[indicator.id].frame("observation")
            if indicator.coverage is not None:
                service = words.services[indicator.coverage.service]
                table = coverages[service.id].frame("coverage")
                frame = with_gap_bounds(frame, table, indicator.coverage.standard, service.per)
            frames.append(frame)
        observed = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        whole, part = priorities(priority, observed, territory.frame("area"), words)
        return ({"priority": whole, "priority_part": part} if len(whole) else {}), {}

    keys = [repr(priority), territory.key, *(by_indicator[x.id].key for x in used)]
    return steps.step(f"priority {priority.id}", keys, make)
