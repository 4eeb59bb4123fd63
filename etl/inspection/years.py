"""Which year the name of a column tells of: ``NBMEN19``, ``P22_POP``, ``births_2023``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_WHOLE = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_PREFIX = re.compile(r"[A-Za-z]{1,2}([0-9]{2})_")
_SUFFIX = re.compile(r".*[A-Za-z_0-9]([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Dated:
    """A year, the name with the year's place marked, and whether two digits were taken for it."""

    year: str
    pattern: str
    is_guess: bool = False


def file_year(file: str) -> str:
    """The last year that a file's name holds, or nothing."""
    return next(iter(_WHOLE.findall(file)[::-1]), "")


def dated_names(names: Sequence[str], file: str) -> dict[str, Dated]:
    """The names that hold a year.

    Two digits count as a year in a place where others of the file, or its name, bear them out;
    a suffix that stands alone is a guess.
    """
    this_year = datetime.now(UTC).year
    prefixes = Counter(m.group(1) for name in names if (m := _PREFIX.match(name)))
    suffixes = Counter(m.group(1) for name in names if (m := _SUFFIX.fullmatch(name)))
    told = {year[2:] for year in _WHOLE.findall(file)}
    found: dict[str, Dated] = {}
    for name in names:
        whole = _WHOLE.search(name)
        if whole:
            if int(whole.group(1)) <= this_year + 1:
                found[name] = Dated(whole.group(1), _marked(name, whole, "{yyyy}"))
            continue
        before = _PREFIX.match(name)
        if before and (prefixes[before.group(1)] > 1 or before.group(1) in told):
            found[name] = Dated(f"20{before.group(1)}", _marked(name, before, "{yy}"))
            continue
        after = _SUFFIX.fullmatch(name)
        if after and 2000 + int(after.group(1)) <= this_year:
            sure = after.group(1) in told or (not told and suffixes[after.group(1)] > 2)
            if sure or (prefixes and int(after.group(1)) > 9):
                found[name] = Dated(
                    f"20{after.group(1)}", _marked(name, after, "{yy}"), is_guess=not sure
                )
    return found


def _marked(name: str, found: re.Match[str], sign: str) -> str:
    return name[: found.start(1)] + sign + name[found.end(1) :]
