"""AreaMap: a choropleth of areas on vector tiles. The Python half; area_map.js is the other."""

# ruff: noqa: A002, N803, N806 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names
from dashboard.components.vendor import maplibre_url


class AreaMap(Component):  # type: ignore[misc]
    """A map that colours the areas of one level by their values.

    Tiles are fetched once; a new `valuesUrl` fetches the values only and recolours. Everything
    may change by callback except `label`, `labels`, `attribution`, the zooms, `scriptUrl` and
    `styleUrl`, which are read when the map is made.

    What is drawn:

    - id: id of the root element. On it, `data-level` and `data-painted` (the `classesUrl` or else
      the `valuesUrl` that the screen shows, absent while it is being painted) tell tests what is
      there.
    - tilesUrl: template of the vector tiles, one layer per level, with {z}, {x} and {y}.
    - levels: every level of the tiles, fine to coarse. level: the one that is coloured.
    - valuesUrl: n little-endian float32, n uint8 status codes, n uint8 flags, in fid order.
    - classesUrl: n packed bytes, then n uint8 sums of drawn flags (`dashboard.classing`). Where it
      is given the areas are painted from it, and the values are fetched when one is pointed at.
    - ahead: addresses from which a choice colours the areas before the server has answered it
      (offerUrl, what may be chosen; classesUrl, a template; classing, the usual one). Without it
      the map waits.
    - breaks: limits of the classes; class k holds breaks[k-1] <= value < breaks[k].
    - colours: one per class, hence one more than breaks. zeroColour: for exactly zero, if any.
      All three are needed without classesUrl only.
    - outlineLevels: coarser levels whose outlines are drawn over the areas. Within the
      coarsest of them, or of the areas at the coarsest level, the area `borderCode`, or else
      every area of its own, has a stronger border.
    - groundLevel: a level drawn in flat grey under the areas, so that the map does not end at
      the territory's edge.
    - selectedFid: fid of the area drawn as selected, or None.
    - isDoubtDrawn: whether areas whose value is not surely off the benchmark are hatched.
    - namesUrl: names of areas, [[longitude, latitude, name], ...], the first of them first; None
      for none. Those that fit are written.
    - placesUrl: points of services (`dashboard.placing`), None for none; placeTexts: their words
      (unit, unknown, seat, more, apart, source, reach, reached, reachFailed, locale).
    - reachUrl: template of the finest areas that can reach the places of an area, {place}, as
      [[fid, name], ...]; None where they are not known. A click on a place, or on an element with
      the area's id as `data-reach`, shows them: the rest is veiled.
      On the root element, `data-reached` is how many they are.
    - linkGroup: maps of one group on a page move together.
    - markedFlags: sum of the flags whose areas have a mark (0: none). On the root element,
      `data-marked` is the sum of those that some area has.
    - presentStatuses: status codes that the areas have: their hatches are there from the start.
    - bounds: [west, south, east, north] in degrees; the map flies there when they change.
    - minZoom, maxZoom: how far one may zoom (3, 13). tileZooms: first and last zoom of the tiles
      (3, 11).

    What is said:

    - label: name of the map for screen readers (the map takes the keyboard: arrows, + and -).
    - labels: words of the controls: zoomIn, zoomOut, reset, attribution, fullscreen and
      leaveFullscreen (no such button without them), centre ({area}: what Enter opens), and
      twoFingers, which, where given, leaves one-finger scrolling of a touch screen to the page.
    - hoverTexts: unit, locale (BCP 47), decimals, statuses ({status code as text: words}; a code
      without words adds none), flags ({flag as text: words}), noValue, outside, doubt.
    - note: what holds for every area of the map, written in its corner; None for nothing.
    - attribution: the credit line. noWebglText: shown where the map cannot be drawn at all.
      failureText: shown where the values did not come.

    What comes back: the code of a clicked area whose status is not "outside", as the part of the
    address named ``part``, or without it as click ({code, fid, timestamp});
    ready (True once the first values are on the screen).
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "AreaMap"

    def __init__(
        self,
        id: str | dict[str, Any],
        *,
        tilesUrl: str,
        levels: Sequence[str],
        level: str,
        bounds: Sequence[float],
        valuesUrl: str | None = None,
        classesUrl: str | None = None,
        ahead: Mapping[str, str] | None = None,
        breaks: Sequence[float] = (),
        colours: Sequence[str] = ("#868e96",),
        zeroColour: str | None = None,
        outlineLevels: Sequence[str] = (),
        borderCode: str | None = None,
        groundLevel: str | None = None,
        selectedFid: int | None = None,
        markedFlags: int = 0,
        presentStatuses: Sequence[int] = (),
        isDoubtDrawn: bool = False,
        namesUrl: str | None = None,
        placesUrl: str | None = None,
        placeTexts: Mapping[str, str] | None = None,
        reachUrl: str | None = None,
        linkGroup: str | None = None,
        note: str | None = None,
        minZoom: float | None = None,
        maxZoom: float | None = None,
        tileZooms: Sequence[int] | None = None,
        label: str | None = None,
        labels: Mapping[str, str] | None = None,
        hoverTexts: Mapping[str, Any] | None = None,
        attribution: str | None = None,
        noWebglText: str | None = None,
        failureText: str | None = None,
        scriptUrl: str | None = None,
        styleUrl: str | None = None,
        className: str | None = None,
        style: Mapping[str, Any] | None = None,
        part: str | None = None,
        click: Mapping[str, Any] | None = None,
        ready: bool | None = None,
    ) -> None:
        if classesUrl is None and len(colours) != len(breaks) + 1:
            raise ValueError(
                f"AreaMap {id!r}: {len(breaks)} breaks make {len(breaks) + 1} classes, "
                f"but {len(colours)} colours were given."
            )
        scriptUrl = scriptUrl or maplibre_url(".js")
        styleUrl = styleUrl or maplibre_url(".css")
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
