"""The map of a selection on paper: the colours, counts and words of the screen, as SVG and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import pandas as pd
import shapely

from dashboard import data
from dashboard.classing import SIMILAR, ZERO_CLASS, Classes
from dashboard.components.choropleth import is_doubt_drawn, map_classes, within
from dashboard.components.legend import (
    Entry,
    everywhere,
    legend_entries,
    legend_title,
    method_lines,
)
from dashboard.components.provenance import release_words
from dashboard.figures import paper_map
from dashboard.figures.paper_map import QUIET, Ground, text
from dashboard.flags import MARKS, Marked, flags_of, marked
from dashboard.pages import View
from geodata.model import Status

#: The plate of a file: its width, that of its map and of the column of words, its margins.
_WIDE, _MAP, _WORDS, _MARGIN = 1200.0, 800.0, 320.0, 32.0
_TALLEST = 820.0
#: Letters that a line of the column of words, and of the foot, holds at their sizes.
_COLUMN_LETTERS, _FOOT_LETTERS = 52, 190


@dataclass(frozen=True, slots=True)
class Plate:
    """A map ready for paper: what is drawn, and all that is said beside it, in order."""

    ground: Ground
    title: str
    subtitle: str
    unit: str
    counted: str
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    release: str

    @property
    def words(self) -> str:
        """What the map is, to who cannot see it."""
        told = "; ".join(
            f"{entry.text}: {entry.count}" for entry in self.entries if entry.count is not None
        )
        return f"{self.title}. {self.subtitle}. {self.unit}. {told}"

    def drawing(self) -> str:
        """The map alone, as SVG."""
        return paper_map.map_svg(self.ground, self.words)

    def sheet(self) -> str:
        """The whole plate as SVG: title, map, legend, notes and where it comes from."""
        return _sheet(self)


def plate(view: View, width: float = _MAP, tallest: float = _TALLEST, names: int = 14) -> Plate:
    """The map that the selection shows: its indicator, level, period, classes and layers."""
    words, chosen, known = view.words, view.selection, view.catalogue
    indicator = known.indicators[chosen.indicator]
    made = map_classes(view)
    frame = data.area_values(
        view.principal, view.release, chosen.indicator, chosen.level, chosen.period
    )
    areas = _areas(view, frame, made)
    inside = _in_frame(view, areas)
    level = words.of(known.territory.level(chosen.level).name)
    period = words.period(known.period_kind(indicator), chosen.period)
    entries = [entry for entry in legend_entries(view, frame, made) if entry.mark != "outside"]
    notes = [*method_lines(view, made)]
    notes += [
        f"{words('legend.everywhere')} {name}. {why}" for name, why in everywhere(view, frame)
    ]
    hidden = areas.loc[~inside, "name"].tolist()
    if hidden:
        notes.append(words("paper.outside_frame", count=len(hidden), names=", ".join(hidden)))
    return Plate(
        ground=Ground(
            areas[inside], width, tallest, names, _box(view), _outlines(view, areas[inside])
        ),
        title=words.of(indicator.name),
        subtitle=f"{words.of(known.territory.name)} · {level} · {period}",
        unit=legend_title(view),
        counted=words("legend.counts", level=level),
        entries=tuple(entries),
        notes=tuple(notes),
        release=release_words(view),
    )


def _areas(view: View, frame: pd.DataFrame, made: Classes) -> pd.DataFrame:
    """The areas that are drawn, with their fill and what lies over it."""
    words_of_level = data.areas(view.principal, view.release, view.selection.level)
    people = words_of_level.set_index("area_id")["legal_population"]
    overs = _overs(frame, made, marked(frame), is_doubt_drawn(view, made))
    rows = frame.assign(
        fill=_fills(frame, made),
        over=pd.Series(overs, index=frame.index, dtype=object),
        weight=frame["area_id"].map(people).astype("float64"),
        is_chosen=frame["area_id"].isin(_chosen(view)),
    )
    rows = rows[rows["role"] != "edge"]
    contours = data.paper_contours(view.principal, view.release, view.selection.level)
    columns = ["area_id", "name", "weight", "fill", "over", "is_chosen"]
    return rows[columns].merge(contours, on="area_id", how="inner")


def _chosen(view: View) -> frozenset[str]:
    """The areas that the selection names: they stand out."""
    area = view.selection.area
    return frozenset(view.selection.compared) | ({area.area_id} if area else frozenset())


def _fills(frame: pd.DataFrame, made: Classes) -> list[str]:
    """The colour of each area's class, or the hatch of its silence."""
    fills = []
    for place, status in zip(made.index, frame["status"], strict=True):
        if place == ZERO_CLASS and made.zero_colour:
            fills.append(made.zero_colour)
        elif place >= 0:
            fills.append(made.colours[place])
        else:
            silent = str(status) if not Status(status).has_value else Status.MISSING.value
            fills.append(silent)
    return fills


def _overs(
    frame: pd.DataFrame, made: Classes, held: Marked, is_doubted: bool
) -> list[tuple[str, ...]]:
    """The hatches over each area's colour: doubt, then the marks of its drawn flags."""
    flags = frame["flags"].fillna(0).to_numpy(dtype="int64") & held.drawn
    has_class = made.index >= 0
    doubts = (made.verdicts == SIMILAR) & is_doubted & has_class
    return [
        (
            *(("doubt",) if doubt else ()),
            *dict.fromkeys(f"mark-{MARKS[flag]}" for flag in flags_of(int(flag_sum)) if known),
        )
        for doubt, flag_sum, known in zip(doubts, flags, has_class, strict=True)
    ]


def _in_frame(view: View, areas: pd.DataFrame) -> pd.Series[bool]:
    """Whether each area lies where the map of the screen opens: far islands do not."""
    territory = view.catalogue.territory
    is_wide = view.selection.level == territory.area.level
    west, south, east, north = territory.comparison_bounds if is_wide else territory.bounds
    boxes = data.areas(view.principal, view.release, view.selection.level).set_index("area_id")
    box = boxes.loc[areas["area_id"]].set_axis(areas.index)
    return (
        (box["west"] < east)
        & (box["east"] > west)
        & (box["south"] < north)
        & (box["north"] > south)
    )


def _box(view: View) -> Sequence[float] | None:
    """The ground that the map is kept to: that of the area that the filters name."""
    kept = within(view)
    if kept is None or kept.level == view.selection.level:
        return None
    contours = data.paper_contours(view.principal, view.release, kept.level)
    found = contours.loc[contours["area_id"] == kept.area_id, "geometry"]
    if found.empty:
        return None
    west, south, east, north = shapely.total_bounds(np.asarray(found, dtype=object))
    more = 0.03 * max(east - west, north - south)
    return (west - more, south - more, east + more, north + more)


def _outlines(view: View, areas: pd.DataFrame) -> list[shapely.Geometry]:
    """The outlines of larger areas that the screen draws, made of the very areas drawn."""
    level = view.selection.level
    wanted = {
        one.id for one in view.catalogue.territory.levels if one.is_outline and one.id != level
    }
    known = data.level_memberships(view.principal, view.release, level)
    parents = known[known["parent_level"].isin(wanted)]
    rows = parents.merge(areas[["area_id", "geometry"]], on="area_id")
    return [
        shapely.coverage_union_all(group["geometry"].to_numpy())
        for _key, group in rows.groupby(["parent_level", "parent_id"], sort=True)
    ]


def _sheet(made: Plate) -> str:
    drawn, frame = paper_map.map_group(made.ground)
    top = _MARGIN + 74
    words, lowest = _column(made, _MARGIN + _MAP + _MARGIN, top + 8)
    left = _MARGIN + (_MAP - frame.width) / 2
    height = max(top + frame.height + 24, lowest) + 40
    foot = [
        text(line, _MARGIN, height - 14, 12, colour=QUIET)
        for line in wrap(f"Vigie · {made.release}", _FOOT_LETTERS)[:1]
    ]
    parts = [
        text(made.title, _MARGIN, _MARGIN + 26, 27, weight=700),
        text(made.subtitle, _MARGIN, _MARGIN + 52, 16, colour=QUIET),
        f'<svg x="{left:.1f}" y="{top:.1f}" width="{frame.width:.1f}"'
        f' height="{frame.height:.1f}">{drawn}</svg>',
        paper_map.scale_bar(frame, _MARGIN, top + frame.height + 20),
        *words,
        f'<path d="M{_MARGIN} {height - 32:.1f}H{_WIDE - _MARGIN}" stroke="#e1e6ec"/>',
        *foot,
    ]
    return paper_map.document(_WIDE, height, parts, made.words)


def _column(made: Plate, x: float, y: float) -> tuple[list[str], float]:
    """The legend and the notes as lines of text, and where the last one is."""
    parts = []
    for line in wrap(made.unit, _COLUMN_LETTERS - 12):
        parts.append(text(line, x, y + 4, 15, weight=700))
        y += 19
    parts.append(text(made.counted, x, y + 4, 13, colour=QUIET))
    y += 28
    for entry in made.entries:
        count = "" if entry.count is None else str(entry.count)
        lines = wrap(entry.text, _COLUMN_LETTERS - 14) or [""]
        parts.append(paper_map.swatch(entry.mark, x, y - 11))
        parts += [text(line, x + 34, y + 17 * k, 14) for k, line in enumerate(lines)]
        parts.append(
            f'<text x="{x + _WORDS - 6:.1f}" y="{y:.1f}" font-size="14" text-anchor="end"'
            f' fill="{QUIET}">{count}</text>'
        )
        y += 17 * len(lines)
        whys = wrap(entry.why, _COLUMN_LETTERS - 3) if entry.why else []
        parts += [
            text(line, x + 34, y + 14 * k - 2, 11.5, colour=QUIET) for k, line in enumerate(whys)
        ]
        y += 14 * len(whys) + 6
    y += 8
    for note in made.notes:
        for line in wrap(note, _COLUMN_LETTERS + 3):
            parts.append(text(line, x, y, 12, colour=QUIET))
            y += 15.5
        y += 5
    return parts, y
