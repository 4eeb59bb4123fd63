"""A map for paper, as SVG of our own: areas, hatches, outline, names and a scale. Pure.

Everything comes in as frames and texts; nothing here knows what an indicator is. Colours and
hatches are those of the screen (`dashboard.classing`, `components/hatches.js`, `components.css`).
Its parts have classes (map-ground, map-outline, map-names, map-bar), by which the meeting view
gives them the colours of its theme.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from textwrap import wrap
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

#: What a reader's machine writes with; within a PDF, the one that the typesetter carries.
FONTS = "Libertinus Serif, Source Serif 4, Noto Serif, Georgia, serif"
INK, QUIET, OUTLINE = "#1b2430", "#54606e", "#1b2430"
_BETWEEN = "#ffffff"
#: Names are drawn at this size, in lines of at most so many letters; a letter is so wide.
_LABEL_SIZE, _LABEL_LETTERS, _LETTER = 12.5, 18, 0.5
_EDGE = 8.0
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_HATCHES = f"""
<pattern id="suppressed" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="#f6f6f6"/>
<path d="M-1 7L7 -1M-7 7L1 -1M5 7L13 -1" stroke="#868e96" stroke-width="1.3"/></pattern>
<pattern id="missing" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="#f6f6f6"/><circle cx="3" cy="3" r="0.9" fill="#868e96"/></pattern>
<pattern id="not_applicable" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="#f6f6f6"/><path d="M0 3H6" stroke="#b4bac1" stroke-width="0.9"/>
</pattern>
<pattern id="doubt" width="10" height="10" patternUnits="userSpaceOnUse">
<path d="M-1 -1L11 11M-11 -1L1 11M9 -1L21 11" stroke="#ffffff" stroke-opacity="0.45"
 stroke-width="1.8"/><path d="M-1 -1L11 11M-11 -1L1 11M9 -1L21 11" stroke="{INK}"
 stroke-opacity="0.55" stroke-width="0.8"/></pattern>
<pattern id="mark-fragile" width="16" height="16" patternUnits="userSpaceOnUse">
<circle cx="3.5" cy="3.5" r="2.1" fill="#ffffff"/><circle cx="11.5" cy="11.5" r="2.1"
 fill="#ffffff"/><circle cx="3.5" cy="3.5" r="1.6" fill="{INK}"/>
<circle cx="11.5" cy="11.5" r="1.6" fill="{INK}"/></pattern>
<pattern id="mark-made" width="16" height="16" patternUnits="userSpaceOnUse">
<path d="M9 6L14 1M1 14L6 9" stroke="#ffffff" stroke-width="2.4"/>
<path d="M9 6L14 1M1 14L6 9" stroke="{INK}" stroke-width="1.4"/></pattern>
<pattern id="mark-apart" width="16" height="16" patternUnits="userSpaceOnUse">
<path d="M5.5 8H10.5M8 5.5V10.5" stroke="#ffffff" stroke-width="2.4"/>
<path d="M5.5 8H10.5M8 5.5V10.5" stroke="{INK}" stroke-width="1.4"/></pattern>
"""
#: The hatches that a fill or an overlay may name.
HATCHES = tuple(re.findall(r'pattern id="([^"]+)"', _HATCHES))

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where metres of the ground fall on the paper: x right, y down, in units of the drawing."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def placed(self, points: Numbers) -> Numbers:
        """Points of the ground (n, 2) in metres as points of the paper."""
        moved = (points - (self.west, self.north)) * (self.scale, -self.scale) + _EDGE
        return np.asarray(moved, dtype="float64")


def frame_of(bounds: Sequence[float], width: float, tallest: float) -> Frame:
    """The frame that shows ``bounds`` (west, south, east, north, metres) as large as it can.

    As wide as ``width`` and no taller than ``tallest``; a narrow ground has a narrow paper.
    """
    west, south, east, north = bounds
    wide, tall = max(east - west, 1e-9), max(north - south, 1e-9)
    scale = min((width - 2 * _EDGE) / wide, (tallest - 2 * _EDGE) / tall)
    return Frame(west, north, scale, wide * scale + 2 * _EDGE, tall * scale + 2 * _EDGE)


@dataclass(frozen=True, slots=True)
class Ground:
    """What is drawn of a map: its areas, how large, how many names, which box of the ground.

    ``box`` is west, south, east, north in metres; None for all of the areas. ``outlines`` are those
    of larger areas, drawn over the smaller ones.
    """

    areas: pd.DataFrame
    width: float
    tallest: float
    names: int = 14
    box: Sequence[float] | None = None
    outlines: Sequence[shapely.Geometry] = ()


def map_svg(ground: Ground, words: str, *, with_bar: bool = True) -> str:
    """The map alone, as a whole SVG; ``words`` say what it is to who cannot see it."""
    drawn, frame = map_group(ground)
    bar = [scale_bar(frame, 10, frame.height - 8)] if with_bar else []
    return document(frame.width, frame.height, [drawn, *bar], words)


def map_group(ground: Ground) -> tuple[str, Frame]:
    """The map as the inside of an SVG as large as its frame, and its frame.

    ``areas``: area_id, name, weight (the heaviest are named first; NaN is not named), geometry
    (shapely, metres, y northwards), fill (a colour, or the name of a hatch), over (names of
    hatches drawn over the colour), is_chosen (drawn with a strong outline, and always named).
    """
    areas = ground.areas
    contours = np.asarray(areas["geometry"], dtype=object)
    box = shapely.total_bounds(contours) if ground.box is None else ground.box
    frame = frame_of(box, ground.width, ground.tallest)
    paths = [_path(one, frame) for one in contours]
    rows = list(zip(paths, areas["fill"], areas["over"], strict=True))
    fills = [f'<path d="{path}" fill="{_paint(fill)}"/>' for path, fill, _over in rows]
    overs = [
        f'<path d="{path}" fill="{_paint(name)}" stroke="none"/>'
        for path, _fill, over in rows
        for name in over
    ]
    whole = _path(shapely.unary_union(contours), frame)
    larger = "".join(_path(one, frame) for one in ground.outlines)
    chosen = [path for path, is_chosen in zip(paths, areas["is_chosen"], strict=True) if is_chosen]
    between = 0.7 if len(areas) < 400 else 0.25
    parts = [
        f'<g fill-rule="evenodd" stroke="{_BETWEEN}" stroke-width="{between}"'
        f' stroke-linejoin="round">{"".join(fills)}{"".join(overs)}</g>',
        f'<path d="{larger}" fill="none" stroke="{OUTLINE}" stroke-opacity="0.55"'
        ' stroke-width="0.8" stroke-linejoin="round"/>',
        f'<path class="map-outline" d="{whole}" fill="none" stroke="{OUTLINE}"'
        ' stroke-width="1.2" stroke-linejoin="round"/>',
        *(
            f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="2.6"'
            ' stroke-linejoin="round"/>'
            for path in chosen
        ),
        f'<g class="map-names">{"".join(_labels(areas, contours, frame, ground.names))}</g>',
    ]
    return "".join(parts), frame


def document(width: float, height: float, parts: Sequence[str], words: str) -> str:
    """A whole SVG of these parts on white, with the hatches that they may name."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}"'
        f' width="{width:.1f}" height="{height:.1f}" role="img" font-family="{FONTS}">'
        f"<title>{plain(words)}</title><defs>{_HATCHES}</defs>"
        '<rect class="map-ground" width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )


def swatch_svg(mark: str) -> str:
    """The swatch of a legend as a small SVG: a colour, or a hatch (over a colour where it is)."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 14" width="24" height="14">'
        f"<defs>{_HATCHES}</defs>{swatch(mark, 0, 0)}</svg>"
    )


def swatch(mark: str, x: float, y: float) -> str:
    """The swatch of a legend at a place: 24 by 14."""
    box = f'x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="23" height="13"'
    ground = "#d6e5f4" if mark == "doubt" or mark.startswith("mark-") else "#ffffff"
    return (
        f'<rect {box} fill="{ground}"/>'
        f'<rect {box} fill="{_paint(mark)}" stroke="#9aa5b1" stroke-width="0.6"/>'
    )


def text(
    words: str, x: float, y: float, size: float, *, colour: str = INK, weight: int = 400
) -> str:
    """A line of text whose base begins at x, y."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"'
        f' font-weight="{weight}">{plain(words)}</text>'
    )


def plain(words: str) -> str:
    """A text as XML has it: no markup, no control characters."""
    return escape(_CONTROL.sub(" ", words), {'"': "&quot;"})


def scale_bar(frame: Frame, x: float, y: float) -> str:
    """A bar of a round number of kilometres, at most a quarter of the map wide."""
    longest = frame.width / 4 / frame.scale
    if longest <= 0:
        return ""
    power = 10 ** floor(log10(longest))
    metres = next(k * power for k in (5, 2, 1) if k * power <= longest)
    wide = metres * frame.scale
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return (
        f'<g class="map-bar"><path d="M{x:.1f} {y - 4:.1f}V{y:.1f}H{x + wide:.1f}V{y - 4:.1f}"'
        f' fill="none" stroke="{QUIET}" stroke-width="1"/>'
        f"{text(said, x + wide + 5, y, 11, colour=QUIET)}</g>"
    )


def _paint(fill: str) -> str:
    if fill in HATCHES:
        return f"url(#{fill})"
    if re.fullmatch("#[0-9a-fA-F]{6}", fill) is None:
        raise ValueError(f"neither a colour nor a hatch: {fill!r}")
    return fill


def _path(contour: shapely.Geometry, frame: Frame) -> str:
    """The rings of a polygon, or of several, as the data of one path."""
    parts = shapely.get_parts(contour)
    rings = [ring for part in parts for ring in shapely.get_rings(part)]
    return "".join(_ring(frame.placed(shapely.get_coordinates(ring))) for ring in rings)


def _ring(points: Numbers) -> str:
    rounded = np.round(points, 1)
    kept = np.ones(len(rounded), dtype=bool)
    kept[1:] = (np.diff(rounded, axis=0) != 0).any(axis=1)
    kept[-1] = False  # a ring ends where it begins, and is closed by its letter
    told = rounded[kept]
    if len(told) < 3:
        return ""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in told) + "Z"


def _labels(
    areas: pd.DataFrame, contours: npt.NDArray[np.object_], frame: Frame, names: int
) -> list[str]:
    """The names of the heaviest areas, each where none is yet, within the paper."""
    points = frame.placed(shapely.get_coordinates(shapely.point_on_surface(contours)))
    is_inside = ((points > 0) & (points < (frame.width, frame.height))).all(axis=1)
    placed = areas.assign(place=range(len(areas))).iloc[np.flatnonzero(is_inside)]
    order = placed.sort_values(["is_chosen", "weight", "area_id"], ascending=[False, False, True])
    order = order[order["weight"].notna() | order["is_chosen"]].head(names)
    taken: list[tuple[float, float, float, float]] = []
    made = []
    for name, place in zip(order["name"], order["place"], strict=True):
        lines = wrap(str(name), _LABEL_LETTERS, break_long_words=False) or [""]
        wide = max(map(len, lines)) * _LETTER * _LABEL_SIZE
        tall = len(lines) * _LABEL_SIZE
        x = float(np.clip(points[place, 0], wide / 2, max(frame.width - wide / 2, wide / 2)))
        y = float(points[place, 1])
        box = (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
        if any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        made.append(_label(lines, x, y - tall / 2 + 0.8 * _LABEL_SIZE))
    return made


def _label(lines: Sequence[str], x: float, y: float) -> str:
    told = "".join(
        f'<tspan x="{x:.1f}" y="{y + place * _LABEL_SIZE:.1f}">{plain(line)}</tspan>'
        for place, line in enumerate(lines)
    )
    common = f'font-size="{_LABEL_SIZE}" text-anchor="middle"'
    halo = 'fill="none" stroke="#ffffff" stroke-width="3.4" stroke-linejoin="round"'
    # Two texts: under `paint-order`, some readers draw the halo of a letter over the one before.
    return (
        f'<text {common} {halo} aria-hidden="true">{told}</text>'
        f'<text {common} fill="{INK}">{told}</text>'
    )


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
