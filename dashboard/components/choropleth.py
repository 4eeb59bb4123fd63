"""The map itself for a selection: its colours, its layers and its words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard import data, maps
from dashboard.classing import SEQUENTIAL, Classes
from dashboard.components import AreaMap
from dashboard.components.shown_places import place_properties
from dashboard.flags import flag_word, marked
from dashboard.pages import View
from geodata.model import OUTSIDE_CODE, STATUS_CODES, AreaKey, Flag, Status

__all__ = [
    "MAP_PROPERTIES",
    "SEQUENTIAL",
    "Classes",
    "area_map",
    "is_doubt_drawn",
    "map_classes",
    "map_properties",
    "within",
]
#: So many credit lines are given whole; of more, only who made them.
_FEW = 2


def map_classes(view: View) -> Classes:
    """The classes of what the selection maps."""
    chosen = view.selection
    return data.map_classes(
        view.principal,
        view.release,
        chosen.indicator,
        chosen.level,
        chosen.period,
        chosen.classing,
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
            for name in (
                *("zoomIn", "zoomOut", "reset", "attribution", "twoFingers"),
                *("fullscreen", "leaveFullscreen", "centre"),
            )
        },
        attribution=_boundaries(view),
        noWebglText=words("map.no_webgl"),
        failureText=words("map.failure"),
        linkGroup=component_id.split("-")[0],
        part="area",
        className="map-canvas",
        **map_properties(view, frame, made),
    )


def map_properties(view: View, frame: pd.DataFrame, made: Classes) -> dict[str, Any]:
    """The properties of the map that change with the selection, by name, always all of them."""
    selection, words = view.selection, view.words
    indicator = view.catalogue.indicators[selection.indicator]
    fids = frame.set_index("area_id")["fid"]
    selected = selection.area.area_id if selection.area else ""
    held = marked(frame)
    everywhere = ", ".join(flag_word(words, flag) for flag in held.everywhere)
    return {
        "level": selection.level,
        "valuesUrl": maps.values_url(
            view.release, selection.indicator, selection.level, selection.period
        ),
        "classesUrl": _classes_url(view) if made.index.size else None,
        "breaks": list(made.breaks) if made.method != "tested" else [],
        "colours": list(made.colours),
        "zeroColour": made.zero_colour,
        "selectedFid": int(fids[selected]) if selected in fids.index else None,
        "bounds": _bounds(view),
        "markedFlags": held.drawn,
        "presentStatuses": sorted(
            STATUS_CODES[Status(one)]
            for one in frame.loc[frame["role"] != "edge", "status"].unique()
        ),
        "note": words("map.everywhere", flags=everywhere) if everywhere else None,
        "isDoubtDrawn": "doubt" in selection.layers,
        "ahead": maps.ahead(view.release) if selection.page == "map" else None,
        "namesUrl": maps.names_url(view.release, selection.level)
        if "names" in selection.layers
        else None,
        **place_properties(view),
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
            "doubt": words("map.doubt_hover") if is_doubt_drawn(view, made) else "",
        },
    }


#: What :func:`map_properties` gives, in order: the outputs of a page that holds a map.
MAP_PROPERTIES = (
    "level",
    "valuesUrl",
    "classesUrl",
    "breaks",
    "colours",
    "zeroColour",
    "selectedFid",
    "bounds",
    "markedFlags",
    "presentStatuses",
    "note",
    "isDoubtDrawn",
    "ahead",
    "namesUrl",
    "placesUrl",
    "placeTexts",
    "reachUrl",
    "hoverTexts",
)


def is_doubt_drawn(view: View, made: Classes) -> bool:
    """Whether values that are not surely off the benchmark are hatched."""
    return "doubt" in view.selection.layers and made.is_doubted


def within(view: View) -> AreaKey | None:
    """The larger area that the map is kept to, if any."""
    for token in view.selection.only:
        name, _, argument = token.partition(":")
        if name == "within":
            return AreaKey(*argument.split("/", 1))
    return None


def _classes_url(view: View) -> str:
    chosen = view.selection
    parts = (chosen.indicator, chosen.level, chosen.period, chosen.classing)
    return maps.classes_url(view.release, *parts)


def _bounds(view: View) -> list[float]:
    """What the map fits: the area it is kept to, the whole, or all that is compared."""
    territory, kept = view.catalogue.territory, within(view)
    if kept is not None and kept.level != view.selection.level:
        areas = data.areas(view.principal, view.release, kept.level)
        box = areas.loc[areas["area_id"] == kept.area_id, ["west", "south", "east", "north"]]
        if box.notna().to_numpy().all():
            return box.to_numpy(dtype="float64")[0].tolist()  # type: ignore[no-any-return]
    is_wide = view.selection.level == territory.area.level
    return list(territory.comparison_bounds if is_wide else territory.bounds)


def _hover_statuses(view: View) -> dict[str, str]:
    codes = {status: code for status, code in STATUS_CODES.items() if code != OUTSIDE_CODE}
    return {
        str(code): view.words.status(status)
        for status, code in codes.items()
        if status is not Status.OBSERVED
    }


def _boundaries(view: View) -> str:
    """The credit line of the contours: who made the sources that say what the areas are."""
    frame = data.sources(view.principal, view.release)
    known = view.catalogue.sources
    is_ours = [name in known and known[name].is_territory for name in frame["source_id"]]
    ours = frame[is_ours]
    return view.words.apart(ours["attribution" if len(ours) <= _FEW else "producer"])
