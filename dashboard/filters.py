"""Filters: which areas of a ranking are kept, in words and in numbers. Pure: frames in, frames out.

A filter never changes a rank: an area keeps the place it has among all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.certainty import verdict
from dashboard.wording import Words
from geodata.model import Flag

#: What each filter is told from; one whose columns are all silent cannot be told.
_TOLD_FROM: Mapping[str, tuple[str, ...]] = {
    "shortage": ("gap",),
    "nothing_near": ("out_of_reach",),
    "solid": ("flags",),
    "people": ("demand",),
    "minutes": ("nearest_minutes",),
    "within": ("area_id",),
}


@dataclass(frozen=True, eq=False)
class Kept:
    """The rows that pass every filter, in their order, and those that do not.

    ``untold`` are the filters that nothing here can answer: they are not applied. ``unknown`` is
    how many of the rows left out lack a figure that a filter asks for. ``without`` says how many
    rows would be kept without each filter.
    """

    rows: pd.DataFrame
    left_out: pd.DataFrame
    applied: tuple[str, ...]
    untold: tuple[str, ...]
    unknown: int
    without: Mapping[str, int]

    @property
    def is_filtered(self) -> bool:
        """Whether any filter was applied."""
        return bool(self.applied)


def kept(rows: pd.DataFrame, only: Sequence[str], members: Collection[str] = ()) -> Kept:
    """The rows that pass every filter of ``only`` ("name" or "name:argument").

    ``rows``: area_id, gap, p_gap, status, out_of_reach, demand, nearest_minutes, flags.
    ``members`` are the ids of the areas that are within the area of the filter ``within``.
    """
    named = {token.partition(":")[0]: token for token in only}
    untold = tuple(token for name, token in named.items() if not _is_told(rows, name))
    applied = tuple(token for token in named.values() if token not in untold)
    answers = {token: _answer(rows, token, frozenset(members)) for token in applied}
    passes = _all([answer.eq(1) for answer in answers.values()], rows.index)
    lacking = _all([answer.ne(0) for answer in answers.values()], rows.index) & ~passes
    without = {
        token: int(_all([a.eq(1) for t, a in answers.items() if t != token], rows.index).sum())
        for token in applied
    }
    return Kept(
        rows=rows[passes].reset_index(drop=True),
        left_out=rows[~passes].reset_index(drop=True),
        applied=applied,
        untold=untold,
        unknown=int(lacking.sum()),
        without=without,
    )


def filter_words(words: Words, token: str, name_of: Mapping[str, str]) -> str:
    """A filter as people say it; ``name_of`` gives the name of the area "level/id"."""
    name, _, argument = token.partition(":")
    if name in ("people", "minutes"):
        return words(f"filter.said_{name}", count=words.plain(float(argument)))
    if name == "within":
        return words("filter.said_within", area=name_of.get(argument, argument))
    return words(f"filter.said_{name}")


def kept_words(words: Words, found: Kept, level: str, name_of: Mapping[str, str]) -> list[str]:
    """A sentence each: what is kept, which filter to loosen where nothing is, what is not told."""
    said = []
    count, total = len(found.rows), len(found.rows) + len(found.left_out)
    if found.is_filtered:
        named = ", ".join(filter_words(words, token, name_of) for token in found.applied)
        said.append(
            words(
                "filter.kept" if count else "filter.none",
                count=words.number(count),
                total=words.number(total),
                level=level,
                filters=named,
            )
        )
    if found.is_filtered and not count:
        said.append(_loosen(words, found, name_of))
    if found.unknown:
        said.append(words("filter.unknown", count=words.number(found.unknown)))
    if found.untold:
        named = ", ".join(filter_words(words, token, name_of) for token in found.untold)
        said.append(words("filter.untold", filters=named))
    return said


def _loosen(words: Words, found: Kept, name_of: Mapping[str, str]) -> str:
    """Which filter to take away, alone, to see most areas; or that one is not enough."""
    token, count = max(found.without.items(), key=lambda pair: pair[1])
    if not count or len(found.applied) == 1:
        return words("filter.loosen_all")
    named = filter_words(words, token, name_of)
    return words("filter.loosen", filter=named, count=words.number(count))


def _is_told(rows: pd.DataFrame, name: str) -> bool:
    return all(rows[column].notna().any() for column in _TOLD_FROM[name])


def _answer(rows: pd.DataFrame, token: str, members: frozenset[str]) -> pd.Series[float]:
    """1 for a row that passes, 0 for one that does not, NaN where nobody can tell."""
    name, _, argument = token.partition(":")
    if name == "within":
        return rows["area_id"].isin(members).astype("float64")
    if name == "solid":
        flags = rows["flags"].fillna(0).astype("int64")
        passes = (flags & Flag.FRAGILE.value).eq(0)
    elif name == "shortage":
        told = zip(rows["gap"], rows["p_gap"], rows["status"], strict=True)
        passes = pd.Series([verdict(*row) == "shortage" for row in told], index=rows.index)
    elif name == "nothing_near":
        passes = rows["out_of_reach"] > 0
    else:
        passes = rows[_TOLD_FROM[name][0]] >= float(argument)
    is_known = rows[list(_TOLD_FROM[name])].notna().all(axis=1)
    return passes.astype("float64").where(is_known)


def _all(answers: Sequence[pd.Series[bool]], index: pd.Index) -> pd.Series[bool]:
    made = pd.Series(True, index=index)
    for answer in answers:
        made &= answer
    return made
