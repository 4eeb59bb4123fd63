"""Succession: which areas became which, between any two dates.

The method is that of the statistical offices' tables of passage (INSEE, "table de passage"): the
events of `geodata.methods.area_events` are applied one after the other, so that a code which ended
and was created again is another area. What was merged and later restored under its own code is
taken to be what it was: between dates on either side, it is followed exactly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from geodata.methods.area_events import LAST, Edges, checked, is_in_force, walk

COLUMNS: Final = ("before_id", "after_id", "share", "is_estimate")

Trail = tuple[str, ...]
"""The areas something belonged to, one inside the other, before the one it now belongs to."""
Piece = tuple[str, Trail]
"""Something that belonged to an area when the path began, and its trail since."""


def passage(
    events: pd.DataFrame,
    from_on: str,
    to_on: str,
    areas: Iterable[str] | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what becomes, on `to_on`, of the areas in force on `from_on`.

    Forward, an area that was merged, renamed or recoded goes whole into its heir: share 1, exact.
    One that was divided goes into each part in proportion to the part's weight. Backward it is
    the mergers that divide, and a divided area that is put together again is exact. A share under
    1 is an estimate: the events do not say how its people were divided.

    Going through a date in between gives the same, unless a merger made before it is undone after
    it: then only the direct passage knows which part is which.

    Args:
        events: the event table.
        from_on, to_on: ISO dates, in either order.
        areas: the areas wanted. By default every area the table names that is in force on
            `from_on`; those it never names keep their code.
        weights: by area in force on `to_on`, such as its population. Where the weight of a part
            is not known, or all are 0, the parts are taken as equal. The weights of areas that
            existed only in between are the sums of those they became.

    Returns:
        Columns `before_id`, `after_id`, `share` (of `before_id`; they sum to 1) and
        `is_estimate`, sorted. An area that was not in force on `from_on` has no row; what was
        lost has an empty `after_id`.

    Raises:
        ValueError: if the events contradict one another.

    In 2015 the villages B and C merge into B; in 2018 B changes its code to X:

    >>> events = pd.DataFrame(
    ...     [
    ...         ("2015-01-01", "B", "B", "merge"),
    ...         ("2015-01-01", "C", "B", "merge"),
    ...         ("2018-01-01", "B", "X", "recode"),
    ...     ],
    ...     columns=["on", "before_id", "after_id", "kind"],
    ... )
    >>> passage(events, "2014-01-01", "2020-01-01")
      before_id after_id  share  is_estimate
    0         B        X    1.0        False
    1         C        X    1.0        False
    >>> passage(events, "2020-01-01", "2014-01-01", weights={"B": 300, "C": 100})
      before_id after_id  share  is_estimate
    0         X        B   0.75         True
    1         X        C   0.25         True
    """
    told, named = checked(events)
    past = walk(told, "" if from_on <= to_on else LAST, from_on)
    found = _carried(walk(told, from_on, to_on), _inside(past), weights or {})
    rows = []
    for area in named if areas is None else dict.fromkeys(areas):
        if area not in named or is_in_force(named[area], from_on):
            rows += _rows(area, found.get(area, {area: 1.0}))
    return pd.DataFrame(sorted(rows), columns=list(COLUMNS)).astype({"share": "float64"})


def destinations(events: pd.DataFrame, to_on: str = LAST) -> pd.DataFrame:
    """Return every area the table names, at every time up to `to_on`, with what it may be then.

    It answers for all dates at once: a code has one span of dates for each area it stood for, and
    a new one when it is divided. Where `passage` follows a part that was merged and restored, this
    gives every part; one heir only is certain.

    Args:
        events: the event table.
        to_on: ISO date.

    Returns:
        Columns `area_id`, `from_on` (empty: from before the table), `until_on` (the first day it
        no longer held; empty: on `to_on` it still did) and `after_id`, sorted.

    Raises:
        ValueError: if the events contradict one another.

    >>> events = pd.DataFrame(
    ...     [("2015-01-01", "C", "B", "merge"), ("2015-01-01", "B", "B", "merge")],
    ...     columns=["on", "before_id", "after_id", "kind"],
    ... )
    >>> destinations(events)
      area_id from_on    until_on after_id
    0       B                            B
    1       C          2015-01-01        B
    """
    told, named = checked(events)
    reach: dict[str, dict[str, None]] = {}
    until: dict[str, str] = {}
    rows: list[tuple[str, str, str, str]] = []

    def close(area: str, on: str) -> None:
        end = until.get(area, "")
        if not end or end != on:  # what lived for less than a day has no span
            rows.extend((area, on, end, heir) for heir in reach.get(area, {area: None}))

    for on, edges in reversed([step for step in told if step[0] <= to_on]):
        heirs = _heirs(edges)
        reached = {
            area: {heir: None for part in parts for heir in reach.get(part, {part: None})}
            for area, parts in heirs.items()
        }
        afters = {edge.after for edge in edges if edge.after}
        for area in afters:
            if heirs.get(area) != [area]:
                close(area, on)
                reach.pop(area, None)
                until.pop(area, None)
        until |= {area: on for area, parts in heirs.items() if parts != [area]}
        reach |= reached
    for area, found in named.items():
        if found[0].was:
            close(area, "")
    return pd.DataFrame(sorted(rows), columns=["area_id", "from_on", "until_on", "after_id"])


def _inside(past: Iterable[Edges]) -> dict[str, set[str]]:
    """At the end of a path, the areas it came by that each area may hold, whole or in part."""
    inside: dict[str, set[str]] = {}
    for edges in past:
        taken = {area: inside.pop(area, set()) | {area} for area in _heirs(edges)}
        for before, after, _kind in edges:
            if before:
                inside.setdefault(after, set()).update(taken[before])
    return inside


def _heirs(edges: Edges) -> dict[str, list[str]]:
    """What each area becomes, at once."""
    heirs: dict[str, list[str]] = {}
    for before, after, _kind in edges:
        if before:
            heirs.setdefault(before, []).append(after)
    return heirs


def _carried(
    path: Sequence[Edges], inside: Mapping[str, set[str]], weights: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """What becomes of every area that the path touches: its shares, by area at the end.

    ``inside``: the areas that each one may hold when the path begins.
    """
    held: dict[str, dict[Piece, float]] = {}  # by area of the moment
    for edges, weight in zip(path, _part_weights(path, weights), strict=True):
        heirs = _heirs(edges)
        restored = {(edge.before, edge.after) for edge in edges if edge.kind == "split"}
        merged = {(edge.before, edge.after) for edge in edges if edge.kind == "merge"}
        taken = {area: held.pop(area, {(area, ()): 1.0}) for area in heirs}
        for area, parts in heirs.items():
            if len(parts) > 1:
                back = [part for part in parts if (area, part) in restored]
                ways = _ways(taken[area], parts, back, inside)
            else:
                tag = (area,) if (area, parts[0]) in merged else ()
                ways = {piece: ((*piece[1], *tag), parts) for piece in taken[area]}
            for piece, amount in taken[area].items():
                trail, into = ways[piece]
                for part, share in zip(into, _shares(into, weight), strict=True):
                    bag = held.setdefault(part, {})
                    key = (piece[0], trail)
                    bag[key] = bag.get(key, 0.0) + amount * share
        for edge in edges:
            if not edge.before:
                held.setdefault(edge.after, {})
    carried: dict[str, dict[str, float]] = {}
    for last, amounts in held.items():
        for (first, _trail), amount in amounts.items():
            shares = carried.setdefault(first, {})
            shares[last] = shares.get(last, 0.0) + amount
    return carried


def _ways(
    pieces: Iterable[Piece],
    parts: Sequence[str],
    restored: Sequence[str],
    inside: Mapping[str, set[str]],
) -> dict[Piece, tuple[Trail, list[str]]]:
    """To which parts of a divided area each of its pieces goes, and what is left of its trail.

    A piece that came in from an area now restored goes back to it; the others go with the rest.
    A restored area from which no piece came was merged before the trails begin: it is taken from
    the pieces that may hold it, or from the others together where none is known to.
    """
    place = {
        piece: max((i for i, area in enumerate(piece[1]) if area in restored), default=-1)
        for piece in pieces
    }
    claimed = {piece[1][i] for piece, i in place.items() if i >= 0}
    free = [part for part in restored if part not in claimed]
    rest = [part for part in parts if part not in restored] or free or list(parts)
    others = [piece for piece, i in place.items() if i < 0] or list(place)
    extra: dict[Piece, list[str]] = {piece: [] for piece in place}
    for part in free:
        for piece in [p for p in place if part in inside.get(p[0], ())] or others:
            extra[piece].append(part)
    return {
        piece: (
            piece[1] if i < 0 else piece[1][:i],
            list(dict.fromkeys([*(rest if i < 0 else [piece[1][i]]), *extra[piece]])),
        )
        for piece, i in place.items()
    }


def _shares(parts: Sequence[str], weight: Mapping[str, float]) -> list[float]:
    known = [weight.get(part, float("nan")) for part in parts]
    total = sum(known)
    if not total > 0:  # nothing known, or nobody
        return [1 / len(parts)] * len(parts)
    return [amount / total for amount in known]


def _part_weights(path: Sequence[Edges], weights: Mapping[str, float]) -> list[dict[str, float]]:
    """For each step of a path, what each area it leads to weighs for one of its origins.

    Weights are known at the end of the path. Going back, an area weighs what it became, and one
    made of several is taken as made of equal parts.
    """
    now = dict(weights)
    found: list[dict[str, float]] = []
    for edges in reversed(path):
        origins = Counter(edge.after for edge in edges if edge.before)
        each = {area: now.get(area, float("nan")) / count for area, count in origins.items()}
        found.append(each)
        before_it: dict[str, float] = defaultdict(float)
        for before, after, _kind in edges:
            if before:
                before_it[before] += each[after]
        for edge in edges:
            now.pop(edge.after, None)
        now |= before_it
    return found[::-1]


def _rows(area: str, shares: Mapping[str, float]) -> list[tuple[str, str, float, bool]]:
    """One row for each area it became; what went whole into one is exact."""
    if len(shares) == 1:
        return [(area, next(iter(shares)), 1.0, False)]
    return [(area, after, share, True) for after, share in shares.items()]
