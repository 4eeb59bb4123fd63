"""Events of areas: the table that says how official codes end, merge, divide, change, come back.

It is the "liste des événements" of a statistical office (INSEE, code officiel géographique; ONS,
Code History Database; Eurostat, NUTS history) in neutral words. Columns: `on` (ISO date of
effect), `before_id`, `after_id`, `kind` (a word of `KINDS`) and, where several events of one day
follow one another, `step` (whole number; 0 for all when there is none).

All rows of a day and step happen at once. They say everything that becomes of the areas they
name: one that goes on under its own code, as the absorber of a merger or the rest of a division,
has a row in which `before_id` is `after_id`. An empty `before_id` is an area made out of nothing
known, an empty `after_id` one that is lost. "In force on D" means after the events of D.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

import pandas as pd

KINDS: Final = ("rename", "merge", "split", "recode", "create", "end", "part")
"""What an event is called. The rows decide what it does; `split` and `merge` undo one another."""

LAST: Final = "9999-12-31"
"""A date after every event: areas as the last event left them."""


class Edge(NamedTuple):
    """One area that becomes another, or part of it."""

    before: str
    after: str
    kind: str

    @property
    def turned(self) -> "Edge":
        """The same event, told backward."""
        undone = {"merge": "split", "split": "merge", "create": "end", "end": "create"}
        return Edge(self.after, self.before, undone.get(self.kind, self.kind))


Edges = tuple[Edge, ...]
Step = tuple[str, Edges]


class Mention(NamedTuple):
    """A date on which an area is named: whether it was there before, and after."""

    on: str
    was: bool
    is_then: bool


def contradictions(events: pd.DataFrame) -> pd.DataFrame:
    """Return the areas that the table ends while they are not there, or makes while they are.

    Columns `on` and `area_id`, sorted; no row where the table holds together.

    >>> events = pd.DataFrame(
    ...     [("2015-01-01", "C", "B", "merge"), ("2018-01-01", "C", "D", "recode")],
    ...     columns=["on", "before_id", "after_id", "kind"],
    ... )
    >>> contradictions(events)
               on area_id
    0  2018-01-01       C
    """
    return pd.DataFrame(_contradictions(mentions(steps(events))), columns=["on", "area_id"])


def areas_in_force(
    events: pd.DataFrame, areas: Iterable[str], known_on: str, on: str
) -> frozenset[str]:
    """Return the areas in force on a date, from those known to be on another.

    Of a part of a country, it is the areas that led or were to lead to it.

    Raises:
        ValueError: if the events contradict one another.

    >>> events = pd.DataFrame(
    ...     [("2015-01-01", "C", "B", "merge"), ("2015-01-01", "B", "B", "merge")],
    ...     columns=["on", "before_id", "after_id", "kind"],
    ... )
    >>> sorted(areas_in_force(events, ["A", "B"], "2020-01-01", "2014-01-01"))
    ['A', 'B', 'C']
    """
    alive = set(areas)
    told, _mentions = checked(events)
    for edges in walk(told, known_on, on):
        new = {edge.after for edge in edges if not edge.before or edge.before in alive}
        alive -= {edge.before for edge in edges}
        alive |= new - {""}
    return frozenset(alive)


def steps(events: pd.DataFrame) -> list[Step]:
    """Return the events of each day and step, in order; each pair of areas once.

    >>> events = pd.DataFrame(
    ...     [("2018-01-01", 1, "B", "C", "merge"), ("2018-01-01", 0, "A", "B", "recode")],
    ...     columns=["on", "step", "before_id", "after_id", "kind"],
    ... )
    >>> [(edge.before, edge.after) for _on, edges in steps(events) for edge in edges]
    [('A', 'B'), ('B', 'C')]
    """
    order = events["step"].to_list() if "step" in events.columns else [0] * len(events)
    names = ("before_id", "after_id", "kind")
    rows = sorted(
        zip(events["on"], order, *(events[name].to_list() for name in names), strict=True),
        key=lambda row: row[:2],
    )
    return [
        (str(on), tuple({row[2:4]: Edge(*row[2:]) for row in same}.values()))
        for (on, _step), same in groupby(rows, key=lambda row: row[:2])
    ]


def walk(told: Sequence[Step], from_on: str, to_on: str) -> list[Edges]:
    """Return what happens from one date to another, in order; backward, each event turned."""
    if from_on <= to_on:
        return [edges for on, edges in told if from_on < on <= to_on]
    back = [edges for on, edges in reversed(told) if to_on < on <= from_on]
    return [tuple(edge.turned for edge in edges) for edges in back]


def mentions(told: Sequence[Step]) -> dict[str, list[Mention]]:
    """Return when each area is named, in order."""
    found: dict[str, list[Mention]] = {}
    for on, edges in told:
        befores = dict.fromkeys(edge.before for edge in edges if edge.before)
        afters = dict.fromkeys(edge.after for edge in edges if edge.after)
        for area in befores | afters:
            found.setdefault(area, []).append(Mention(on, area in befores, area in afters))
    return found


def checked(events: pd.DataFrame) -> tuple[list[Step], dict[str, list[Mention]]]:
    """Return the steps of the table and its mentions, once found to hold together.

    Raises:
        ValueError: if the events contradict one another.
    """
    told = steps(events)
    named = mentions(told)
    wrong = _contradictions(named)
    if wrong:
        on, area = wrong[0]
        raise ValueError(
            f"the events contradict one another: on {on}, {area} ends without having begun, or "
            f"begins without having ended ({len(wrong)} in all); complete the event table"
        )
    return told, named


def is_in_force(named: Sequence[Mention], on: str) -> bool:
    """Whether an area with these mentions is in force on a date."""
    past = [mention.is_then for mention in named if mention.on <= on]
    return past[-1] if past else named[0].was


def _contradictions(named: Mapping[str, Sequence[Mention]]) -> list[tuple[str, str]]:
    return sorted(
        (later.on, area)
        for area, found in named.items()
        for earlier, later in pairwise(found)
        if earlier.is_then != later.was
    )
