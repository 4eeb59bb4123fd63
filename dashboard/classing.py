"""The classes of a map: how its values are cut, which side of the benchmark each is on, in bytes.

Pure: frames and arrays come in; what is asked of a release is asked in `dashboard.data`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isnan, nan

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.flags import marked
from geodata.catalogue.nouns import Indicator
from geodata.methods.classes import (
    Breaks,
    class_counts,
    class_index,
    diverging_breaks,
    equal_breaks,
    jenks_breaks,
    readable_breaks,
)
from geodata.model import OUTSIDE_CODE, STATUS_CODES, Direction, Flag, Status

#: One hue, light to dark in even steps of lightness: it survives any colour blindness and a
#: black-and-white printer.
SEQUENTIAL = ("#d6e5f4", "#a3c7e6", "#66a1d2", "#2f74b5", "#123f7c")
#: Two hues that no common colour blindness confuses, lighter towards zero: blue below, where
#: there is more than enough, orange above.
DIVERGING = ("#1d5a9e", "#77a9d6", "#d3e3f2", "#fbe3c8", "#f0a457", "#b35a06")
#: Surely lower, not different, surely higher; a value without an interval, which nobody tested.
TESTED = ("#3f7fbf", "#f4efe2", "#e08a2e")
UNTESTED = "#c3c8ce"
#: Exactly zero stands apart from the classes: pale yellow, none of their hues.
ZERO = "#fff3c4"
#: How many classes for how many values, from the most.
_CLASSES_FROM = ((10, 5), (6, 4), (3, 3), (2, 2))
_BREAKS: dict[str, Breaks] = {
    "quantile": readable_breaks,
    "jenks": jenks_breaks,
    "equal": equal_breaks,
    "fixed": readable_breaks,
}
#: How a value stands to the benchmark: not tested, lower, not different, higher.
UNKNOWN, LOWER, SIMILAR, HIGHER = range(4)
#: The class of what has none, and of exactly zero; the others count from 1.
NO_CLASS, ZERO_CLASS = 0, 7

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Classes:
    """How the values of a level are coloured, and how many areas have each colour.

    ``method`` is the one that was used, ``wanted`` the one that was asked for: tests need
    intervals and a benchmark. Under ``tested`` the classes are lower, not different, higher and,
    where some values have no interval, not tested; there are no breaks. ``index`` holds the class
    of each area in map order, -1 for none and for neighbours; zeros stand apart as
    `ZERO_CLASS`; it is empty where the classes are of something else than an indicator.
    ``verdicts`` stand to ``benchmark``, which is NaN where there is none.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    counts: tuple[int, ...]
    zero_colour: str | None
    zeros: int
    wanted: str = "quantile"
    method: str = "quantile"
    benchmark: float = nan
    index: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    verdicts: Codes = field(default_factory=lambda: np.empty(0, np.uint8))

    @property
    def is_doubted(self) -> bool:
        """Whether the map could be hatched where a value is not surely off the benchmark."""
        return self.method != "tested" and bool((self.verdicts != UNKNOWN).any())


def classes(
    frame: pd.DataFrame,
    indicator: Indicator,
    wanted: str,
    benchmark: float = nan,
    series: npt.ArrayLike | None = None,
) -> Classes:
    """The classes of the values of a level; neighbours drawn for orientation have none.

    ``frame``: role, value, low, high, in map order. ``series`` are the values of every period of
    the level, which fixed classes are made from. Values and breaks are compared in single
    precision, as the file of values has them.
    """
    own = (frame["role"] != "edge").to_numpy()
    values = frame["value"].where(own).to_numpy(dtype="float32").astype("float64")
    verdicts = _verdicts(frame, own & ~np.isnan(values), benchmark)
    if wanted == "tested" and (verdicts != UNKNOWN).any():
        return _tested(values, verdicts, indicator, benchmark)
    method = "quantile" if wanted == "tested" else wanted
    pooled = values if method != "fixed" or series is None else np.float32(np.asarray(series))
    breaks = np.float32(_breaks(method, np.asarray(pooled, "float64"), indicator)).astype("float64")
    is_zero = (values == 0) & (not indicator.is_signed)
    index = np.where(is_zero, ZERO_CLASS, class_index(values, breaks))
    palette = DIVERGING if indicator.is_signed else SEQUENTIAL
    return Classes(
        wanted=wanted,
        method=method,
        breaks=tuple(float(str(np.float32(limit))) for limit in breaks),
        colours=_turned(_spread(palette, len(breaks) + 1), indicator),
        counts=tuple(int(count) for count in class_counts(values[~is_zero], breaks)),
        zero_colour=ZERO if is_zero.any() else None,
        zeros=int(is_zero.sum()),
        benchmark=benchmark,
        index=index,
        verdicts=verdicts,
    )


def class_bytes(frame: pd.DataFrame, made: Classes) -> bytes:
    """What a map is painted from: a heading, then in map order n packed bytes, n sums of flags.

    The heading is its own length in bytes (a little-endian uint32), then the JSON of ``colours``,
    one a class, and ``zero``, the colour of exactly zero or null. The flags are those drawn. A
    packed byte holds the class in its three lowest bits (`NO_CLASS`, 1 and up, `ZERO_CLASS`),
    then the status code in three, then one that is set where the value is not surely off the
    benchmark, unless the classes say so already; the highest is the flag ``FRAGILE``, which many
    areas have, so that what is left of the flags is next to nothing once compressed.
    """
    is_edge = (frame["role"] == "edge").to_numpy()
    statuses = status_codes(frame["status"], is_edge)
    ranks = np.where(made.index == ZERO_CLASS, ZERO_CLASS, made.index + 1)
    is_doubtful = (made.verdicts == SIMILAR) & made.is_doubted
    flags = frame["flags"].mask(is_edge, 0).to_numpy(dtype="uint8")
    drawn = flags & np.uint8(marked(frame).drawn)
    is_fragile = (drawn & Flag.FRAGILE) != 0
    packed = ranks | statuses << 3 | is_doubtful.astype(np.int64) << 6 | is_fragile << 7
    packed, drawn = packed.astype("uint8"), drawn & ~np.uint8(Flag.FRAGILE)
    said = {"colours": made.colours, "zero": made.zero_colour}
    heading = json.dumps(said, separators=(",", ":")).encode("ascii")
    return b"".join(
        [len(heading).to_bytes(4, "little"), heading, packed.tobytes(), drawn.tobytes()]
    )


def status_codes(statuses: pd.Series, is_edge: npt.NDArray[np.bool_]) -> Codes:
    """The code of each status as the map reads it; `OUTSIDE_CODE` for neighbours."""
    index, names = pd.factorize(statuses)
    codes = np.array([STATUS_CODES[Status(name)] for name in names], dtype="uint8")
    return np.where(is_edge, np.uint8(OUTSIDE_CODE), codes[index])


def _tested(
    values: npt.NDArray[np.float64], verdicts: Codes, indicator: Indicator, benchmark: float
) -> Classes:
    is_known = ~np.isnan(values)
    untested = int((is_known & (verdicts == UNKNOWN)).sum())
    ranks = np.where(verdicts == UNKNOWN, len(TESTED), verdicts.astype(np.int64) - 1)
    counts = [int((verdicts == one).sum()) for one in (LOWER, SIMILAR, HIGHER)]
    return Classes(
        wanted="tested",
        method="tested",
        breaks=(),
        colours=_turned(TESTED, indicator) + ((UNTESTED,) if untested else ()),
        counts=(*counts, *((untested,) if untested else ())),
        zero_colour=None,
        zeros=0,
        benchmark=benchmark,
        index=np.where(is_known, ranks, -1),
        verdicts=verdicts,
    )


def _verdicts(frame: pd.DataFrame, is_shown: npt.NDArray[np.bool_], benchmark: float) -> Codes:
    """As `geodata.methods.benchmarks.verdict` for each area: both limits belong to the interval."""
    low, high = (frame[name].to_numpy(dtype="float64") for name in ("low", "high"))
    is_tested = is_shown & ~np.isnan(low) & ~np.isnan(high) & (not isnan(benchmark))
    off = np.where(benchmark < low, HIGHER, np.where(benchmark > high, LOWER, SIMILAR))
    return np.where(is_tested, off, UNKNOWN).astype("uint8")


def _breaks(
    method: str, values: npt.NDArray[np.float64], indicator: Indicator
) -> npt.NDArray[np.float64]:
    if indicator.is_signed:
        return diverging_breaks(values, len(DIVERGING), _BREAKS[method])
    others = values[~np.isnan(values) & (values != 0)]
    distinct = len(np.unique(others))
    wanted = next((k for least, k in _CLASSES_FROM if distinct >= least), 1)
    return _BREAKS[method](others, wanted)


def _turned(colours: tuple[str, ...], indicator: Indicator) -> tuple[str, ...]:
    """Colours of two hues the other way round where more is better."""
    is_turned = indicator.direction is Direction.BETTER and colours[0] in (*DIVERGING, *TESTED)
    return colours[::-1] if is_turned else colours


def _spread(palette: tuple[str, ...], count: int) -> tuple[str, ...]:
    """So many colours of a palette, its ends included where there are two or more."""
    if count == 1:
        return (palette[len(palette) // 2],)
    steps = np.linspace(0, len(palette) - 1, count).round().astype(int)
    return tuple(palette[step] for step in steps)
