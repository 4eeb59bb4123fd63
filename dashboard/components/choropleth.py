"""The classes of a map, its colours, and the map itself for a selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard import data, maps
from dashboard.components import AreaMap
from dashboard.flags import flag_word, marked
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.methods.classes import class_counts, diverging_breaks, readable_breaks
from geodata.model import OUTSIDE_CODE, STATUS_CODES, Direction, Flag, Status

#: One hue, light to dark in even steps of lightness: it survives any colour blindness and a
#: black-and-white printer.
SEQUENTIAL = ("#d6e5f4", "#a3c7e6", "#66a1d2", "#2f74b5", "#123f7c")
#: Two hues that no common colour blindness confuses, lighter towards zero: blue below, where
#: there is more than enough, orange above.
DIVERGING = ("#1d5a9e", "#77a9d6", "#d3e3f2", "#fbe3c8", "#f0a457", "#b35a06")
#: Exactly zero stands apart from the classes: pale yellow, none of their hues.
ZERO = "#fff3c4"
#: So many credit lines are given whole; of more, only who made them.
_FEW = 2
#: How many classes for how many values, from the most.
_CLASSES_FROM = ((10, 5), (6, 4), (3, 3), (2, 2))


@dataclass(frozen=True)
class Classes:
    """Where colours change, the colours, and how many areas have each; zeros stand apart."""

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    counts: tuple[int, ...]
    zero_colour: str | None
    zeros: int


def classes(frame: pd.DataFrame, indicator: Indicator) -> Classes:
    """The classes of the values of a level; neighbours drawn for orientation do not count.

    Values and breaks are compared in single precision, as the map does.
    """
    counted = frame.loc[frame["role"] != "edge", "value"].dropna().to_numpy()
    values = counted.astype("float32").astype("float64")
    if indicator.is_signed:
        breaks = np.float32(diverging_breaks(values, len(DIVERGING))).astype("float64")
        colours = _spread(DIVERGING, len(breaks) + 1)
        if indicator.direction is Direction.BETTER:
            colours = colours[::-1]
        zeros, others = 0, values
    else:
        others = values[values != 0]
        zeros = len(values) - len(others)
        distinct = len(np.unique(others))
        wanted = next((k for least, k in _CLASSES_FROM if distinct >= least), 1)
        breaks = np.float32(readable_breaks(others, wanted)).astype("float64")
        colours = _spread(SEQUENTIAL, len(breaks) + 1)
    return Classes(
        breaks=tuple(float(str(np.float32(limit))) for limit in breaks),
        colours=colours,
        counts=tuple(int(count) for count in class_counts(others, breaks)),
        zero_colour=ZERO if zeros else None,
        zeros=zeros,
    )


def area_map(view: View, component_id: str, frame: pd.DataFrame, made: Classes) -> AreaMap:
    """The map of an indicator: levels, bounds, words and colours for the selection."""
    words, territory = view.words, view.catalogue.territory
    levels = [level.id for level in territory.levels if level.id != territory.country.level]
    return AreaMap(
        component_id,
        tilesUrl=maps.tiles_url(view.release),
        tileZooms=list(territory.tile_zooms),
        levels=levels,
        outlineLevels=[
            level.id for level in territory.levels if level.is_outline and level.id in levels
        ],
        borderCode=territory.area.area_id,
        groundLevel=territory.area.level,
        label=words("map.label"),
        labels={
            name: words(f"map.control_{name}")
            for name in ("zoomIn", "zoomOut", "reset", "attribution", "twoFingers")
        },
        attribution=_boundaries(view),
        noWebglText=words("map.no_webgl"),
        failureText=words("map.failure"),
        className="map-canvas",
        **map_properties(view, frame, made),
    )


def map_properties(view: View, frame: pd.DataFrame, made: Classes) -> dict[str, Any]:
    """The properties of the map that change with the selection, by name, always all of them."""
    selection, words, territory = view.selection, view.words, view.catalogue.territory
    indicator = view.catalogue.indicators[selection.indicator]
    is_wide = selection.level == territory.area.level
    fids = frame.set_index("area_id")["fid"]
    selected = selection.area.area_id if selection.area else ""
    held = marked(frame)
    everywhere = ", ".join(flag_word(words, flag) for flag in held.everywhere)
    return {
        "level": selection.level,
        "valuesUrl": maps.values_url(
            view.release, selection.indicator, selection.level, selection.period
        ),
        "breaks": list(made.breaks),
        "colours": list(made.colours),
        "zeroColour": made.zero_colour,
        "selectedFid": int(fids[selected]) if selected in fids.index else None,
        "bounds": list(territory.comparison_bounds if is_wide else territory.bounds),
        "markedFlags": held.drawn,
        "note": words("map.everywhere", flags=everywhere) if everywhere else None,
        "hoverTexts": {
            "unit": words.of(indicator.unit),
            "locale": words.locale,
            "decimals": indicator.decimals,
            "statuses": _hover_statuses(view),
            # A status says the flag of its own name already.
            "flags": {
                str(flag.value): flag_word(words, flag)
                for flag in Flag
                if flag not in (Flag.ESTIMATED, Flag.IMPUTED)
            },
            "noValue": words.status("missing"),
            "outside": words("map.outside"),
        },
    }


#: What :func:`map_properties` gives, in order: the outputs of a page that holds a map.
MAP_PROPERTIES = (
    "level",
    "valuesUrl",
    "breaks",
    "colours",
    "zeroColour",
    "selectedFid",
    "bounds",
    "markedFlags",
    "note",
    "hoverTexts",
)


def _hover_statuses(view: View) -> dict[str, str]:
    codes = {status: code for status, code in STATUS_CODES.items() if code != OUTSIDE_CODE}
    return {
        str(code): view.words.status(status)
        for status, code in codes.items()
        if status is not Status.OBSERVED
    }


def _spread(palette: tuple[str, ...], count: int) -> tuple[str, ...]:
    """So many colours of a palette, its ends included where there are two or more."""
    if count == 1:
        return (palette[len(palette) // 2],)
    steps = np.linspace(0, len(palette) - 1, count).round().astype(int)
    return tuple(palette[step] for step in steps)


def _boundaries(view: View) -> str:
    """The credit line of the contours: who made the sources that say what the areas are."""
    frame = data.sources(view.principal, view.release)
    known = view.catalogue.sources
    is_ours = [name in known and known[name].is_territory for name in frame["source_id"]]
    ours = frame[is_ours]
    if len(ours) <= _FEW:
        return " ; ".join(dict.fromkeys(ours["attribution"]))
    return " ; ".join(dict.fromkeys(ours["producer"]))
