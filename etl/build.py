"""From staged sources to the tables of a release, each step on what it reads and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pandas as pd

from etl import checks
from etl.beside import beside
from etl.neighbours import neighbour_scores
from etl.observed import OBSERVED, TwoMakers, inequality_step, observed_step, outlook
from etl.priorities import priorities, with_gap_bounds
from etl.shared_services import shared_services
from etl.staging import Stock
from etl.steps import Made, Step, Steps, issues_of
from etl.tile_step import tile_table
from etl.variables import ground_of, variable_steps
from geodata.catalogue.nouns import Catalogue, NeighbourSet, Priority
from geodata.model import Issue
from geodata.settings import Settings

#: Tables that sources stage as they stand in the release.
AS_STAGED = ("service", "equipment", "area_event", "area_trait", "mask", "disclosure_audit")


@dataclass(frozen=True, slots=True)
class Built:
    """The steps that hold each table of the release, how trips were timed, what was found wrong."""

    tables: Mapping[str, list[Step]]
    travel: Mapping[str, object]
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
    with ThreadPoolExecutor(max_workers=1) as turn, beside(steps, [words]) as other:
        drawing = partial(tile_table, territory, words)
        tiles = turn.submit(other.step, "tiles", [territory.key], drawing)
        by_variable = variable_steps(
            stock, ground, words, steps, lambda name, share: progress(name, 0.5 * share)
        )
        at = outlook(stock, by_variable, words, steps)
        coverages: dict[str, Step] = {}
        every = words.indicators.values()
        # The other process begins with what no service is read for, while services are shared out.
        two = TwoMakers(
            steps,
            other,
            turn,
            lambda indicator, maker: observed_step(indicator, maker, by_variable, coverages, at),
            [indicator for indicator in every if indicator.coverage is None],
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
        coverages |= shared.coverages
        by_indicator = two.made(
            [indicator for indicator in every if indicator.coverage is not None],
            lambda name, done: progress(f"indicator {name}", 0.7 + 0.2 * done / len(every)),
        )
        measured = TwoMakers(
            steps,
            other,
            turn,
            lambda indicator, maker: inequality_step(indicator, maker, by_indicator, at),
        ).made(every)
        ordered = [
            _ordered(priority, by_indicator, shared.coverages, territory, words, steps)
            for priority in words.priorities.values()
        ]
        alike = [
            _alike(chosen, by_indicator, territory, steps) for chosen in words.neighbours.values()
        ]
        progress("tiles", 0.95)
        drawn = tiles.result()
    made = {
        "area": [territory],
        "area_membership": [territory],
        "figure": list(dict.fromkeys(by_variable.values())),
        "reconciliation": list(dict.fromkeys(by_variable.values())),
        "coverage": list(shared.coverages.values()),
        "tile": [drawn],
    }
    made["neighbour_score"] = [step for step in alike if "neighbour_score" in step.tables]
    made |= {table: stock.steps_with(table) for table in AS_STAGED}
    made |= {
        table: [x for x in (*by_indicator.values(), *measured.values()) if table in x.tables]
        for table in OBSERVED
    }
    made |= {
        table: [step for step in (shared.chain, *ordered) if table in step.tables]
        for table in ("care_chain", "broken_link", "priority", "priority_part")
    }
    return Built(made, shared.travel, tuple(issues))


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


def _alike(
    chosen: NeighbourSet, by_indicator: Mapping[str, Step], territory: Step, steps: Steps
) -> Step:
    """What the areas are alike by, for one set of neighbours."""
    used = [by_indicator[name] for name, _weight in chosen.described_by if name in by_indicator]

    def make() -> Made:
        if not used:
            return {}, {}
        observed = pd.concat([step.frame("observation") for step in used], ignore_index=True)
        made = neighbour_scores(chosen, observed, territory.frame("area"))
        return ({"neighbour_score": made} if len(made) else {}), {}

    keys = [repr(chosen), territory.key, *(step.key for step in used)]
    return steps.step(f"neighbours {chosen.id}", keys, make)
