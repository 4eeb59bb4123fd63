"""Flags in words and in marks: what weakens a value, told the same on the map and beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dashboard.wording import Words
from geodata.model import FRAGILE_UNDER, Flag

#: The mark that stands for each flag, as `components/hatches.js` draws it: one for values that few
#: people shake, one for values that were made or rounded, one for values set apart from others.
MARKS: Mapping[Flag, str] = {
    Flag.FRAGILE: "fragile",
    Flag.ESTIMATED: "made",
    Flag.IMPUTED: "made",
    Flag.ROUNDED: "made",
    Flag.BOUNDARY_BREAK: "apart",
    Flag.STALE: "apart",
    Flag.SERIES_BREAK: "apart",
}


@dataclass(frozen=True, slots=True)
class Marked:
    """The flags of the values of a map: how many areas have each, and which hold for all of them.

    What holds for every value tells none from another: it is said once and not drawn.
    """

    counts: Mapping[Flag, int]
    everywhere: tuple[Flag, ...]

    @property
    def drawn(self) -> int:
        """The sum of the flags that are drawn, area by area."""
        return sum(flag.value for flag in self.counts if flag not in self.everywhere)


def marked(frame: pd.DataFrame) -> Marked:
    """The flags of the values of a level; neighbours drawn for orientation do not count.

    ``frame``: role, value, flags. Of a single value every flag is drawn.
    """
    known = frame.loc[(frame["role"] != "edge") & frame["value"].notna(), "flags"]
    counts = {flag: int((known & flag.value).astype(bool).sum()) for flag in Flag}
    held = {flag: count for flag, count in counts.items() if count}
    everywhere = [flag for flag, count in held.items() if count == len(known) > 1]
    return Marked(held, tuple(everywhere))


def flags_of(flags: int) -> list[Flag]:
    """The flags of one value, in their order."""
    return [flag for flag in Flag if flags & flag.value]


def flag_word(words: Words, flag: Flag) -> str:
    """The short name of a flag."""
    return words(f"flag.{_key(flag)}")


def flag_words(words: Words, flags: int) -> str:
    """The short names of the flags of one value, or an empty text."""
    return ", ".join(flag_word(words, flag) for flag in flags_of(flags))


def flag_why(words: Words, flag: Flag) -> str:
    """What a flag means, in a sentence."""
    return words(f"flag_why.{_key(flag)}", count=words.number(FRAGILE_UNDER))


def _key(flag: Flag) -> str:
    return str(flag.name).lower()
