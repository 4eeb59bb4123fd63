"""Chain matrix: the links of many areas side by side, in order, counted and summed up in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.wording import Words, collation
from geodata.methods.care_chain import STEPS, LinkState
from geodata.model import CareStep, Sector

#: What the states of a column are counted as, from the best; together they are every area.
TALLIES: dict[str, tuple[LinkState, ...]] = {
    "sufficient": (LinkState.SUFFICIENT,),
    "there": (LinkState.PRESENT, LinkState.REACHABLE),
    "broken": (LinkState.SATURATED, LinkState.ABSENT),
    "unknown": (LinkState.UNKNOWN,),
    "not_applicable": (LinkState.NOT_APPLICABLE,),
}
#: The order of the verdicts on a chain: what is broken calls first.
_VERDICTS = ("broken", "unknown", "holds")


@dataclass(frozen=True, slots=True)
class Column:
    """A step in a sector; ``sector`` is None for a step that no service is described for."""

    step: CareStep
    sector: Sector | None

    @property
    def link(self) -> str:
        """How an address names it; empty for what is no link."""
        return f"{self.step}.{self.sector}" if self.sector else ""


@dataclass(frozen=True, slots=True)
class Line:
    """An area: its verdict, the first broken step, the first unknown before it, its states."""

    area_id: str
    name: str
    verdict: str
    broken: str | None
    unknown_before: str | None
    states: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Areas by links; ``tallies`` are the areas of each column by :data:`TALLIES`."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    tallies: tuple[Counter[str], ...]


def matrix_of(broken: pd.DataFrame, chains: pd.DataFrame, sector: str = "") -> Matrix:
    """The matrix of a level.

    Parameters
    ----------
    broken: as `data.broken_links` gives it. chains: as `data.chains` gives it; the areas that it
        has are the rows.
    sector: the only one that is shown; empty for all.
    """
    columns = _columns(chains, sector)
    states = {
        (row.area_id, row.care_step, row.sector): str(row.state)
        for row in chains.itertuples(index=False)
    }
    shown = broken[broken["area_id"].isin(set(chains["area_id"]))]
    lines = [_line(row, columns, states) for row in shown.to_dict("records")]
    lines.sort(key=_urgency)
    tallies = [
        Counter(_tally(line.states[place]) for line in lines if line.states[place])
        for place in range(len(columns))
    ]
    return Matrix(tuple(columns), tuple(lines), tuple(tallies))


def summary(words: Words, matrix: Matrix, areas: str) -> list[str]:
    """What the verdicts of the areas say together, the most frequent first; a sentence each.

    ``areas`` is what the areas are called, in the plural.
    """
    count = len(matrix.lines)
    total = words.number(count)
    made = []
    for verdict in _VERDICTS:
        found = [line for line in matrix.lines if line.verdict == verdict]
        if not found:
            continue
        steps = Counter(
            line.broken if verdict == "broken" else line.unknown_before or "" for line in found
        )
        named = [
            words("chain_page.step_count", step=_step(words, step), count=words.number(times))
            for step, times in steps.most_common()
            if step
        ]
        key = f"chain_page.told_{verdict}" + ("_one" if len(found) == 1 else "")
        steps_said = words("chain_page.list").join(named)
        made.append(
            words(key, count=words.number(len(found)), total=total, areas=areas, steps=steps_said)
        )
    return [*made, _known(words, matrix)]


def _known(words: Words, matrix: Matrix) -> str:
    """How many of the links anything is known of."""
    cells = sum(tally.total() for tally in matrix.tallies)
    unknown = sum(tally["unknown"] for tally in matrix.tallies)
    known = words.number(cells - unknown)
    return words("chain_page.known_links", known=known, cells=words.number(cells))


def _step(words: Words, step: str) -> str:
    name = words(f"care_step.{step}")
    return name[:1].lower() + name[1:]


def _columns(chains: pd.DataFrame, sector: str) -> list[Column]:
    """The links that are described, step by step; without a filter every step has one column."""
    described = set(zip(chains["care_step"], chains["sector"], strict=True))
    made = []
    for step in STEPS:
        sectors: Sequence[Sector | None] = [
            one for one in Sector if (step, one) in described and sector in ("", one)
        ]
        made += [Column(step, one) for one in sectors or ([] if sector else [None])]
    return made


def _line(
    row: dict[Any, Any], columns: Sequence[Column], states: dict[tuple[Any, Any, Any], str]
) -> Line:
    area_id = str(row["area_id"])
    return Line(
        area_id=area_id,
        name=str(row["name"]),
        verdict=str(row["verdict"]),
        broken=_text(row["care_step"]),
        unknown_before=_text(row["unknown_before"]),
        states=tuple(states.get((area_id, column.step, column.sector)) for column in columns),
    )


def _urgency(line: Line) -> tuple[int, int, bool, str]:
    """The first broken link, earliest first, sure before unsure; then what nobody knows."""
    step = line.broken or line.unknown_before
    place = STEPS.index(CareStep(step)) if step else len(STEPS)
    is_unsure = line.unknown_before is not None
    return _VERDICTS.index(line.verdict), place, is_unsure, collation(line.name)


def _tally(state: str | None) -> str:
    return next(
        name for name, states in TALLIES.items() if state in [known.code for known in states]
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
