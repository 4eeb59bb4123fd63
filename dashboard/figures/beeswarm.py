"""The beeswarm: a dot an area along its value, none over another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.ground import ALIKE, INK, REST, SELECTED, layout
from geodata.methods.amounts import FloatArray
from geodata.methods.beeswarm import swarm

#: Pixels that the scale has at least; where there are more, dots are only farther apart.
WIDTH = 600
_DOTS, _TALLEST, _ROOM = (9.0, 7.0, 5.0, 4.0, 3.0), 380, 120
#: role -> (colour, symbol); the selected area on top of those that are like it.
_ROLES = {
    "rest": (REST, "circle"),
    "alike": (ALIKE, "diamond"),
    "selected": (SELECTED, "star"),
}


def beeswarm_figure(
    areas: pd.DataFrame,
    benchmark: float | None,
    words: Mapping[str, str],
    separators: str,
) -> go.Figure:
    """Dots along the scale; the interval of the selected area as a line through it.

    Args:
        areas: value (NaN-free), low and high (NaN where there is no interval), role (rest, alike,
            selected), text (what the pointer reads).
        benchmark: where an upright line stands, or None.
        words: of value (title of the scale), benchmark, rest, alike and selected.
        separators: decimal mark then thousands mark, as plotly takes them.
    """
    low, high = _ends(areas, benchmark)
    places = (areas["value"].to_numpy() - low) / (high - low) * WIDTH
    offsets, dot = _laid(places)
    placed = areas.assign(offset=offsets)
    half = max(float(placed["offset"].abs().max()), 2 * dot) + dot
    figure = go.Figure()
    for role, (colour, symbol) in _ROLES.items():
        rows = placed[placed["role"] == role]
        if len(rows):
            figure.add_trace(_dots(rows, words[role], (colour, symbol), dot, role == "selected"))
    if benchmark is not None:
        figure.add_vline(
            x=benchmark,
            line={"color": INK, "width": 1.5, "dash": "dash"},
            annotation={"text": words["benchmark"], "yanchor": "bottom", "font": {"size": 11}},
            annotation_position="top",
        )
    made = layout(round(2 * half) + _ROOM, separators, words["value"])
    made["xaxis"] |= {"range": [low, high]}
    made["yaxis"] |= {"range": [-half, half], "visible": False}
    made["margin"] |= {"t": 28}
    made["legend"] = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
    return figure.update_layout(made)


def _laid(places: FloatArray) -> tuple[FloatArray, float]:
    """The offsets and the diameter: the largest dots whose swarm is not too tall."""
    for dot in _DOTS:
        offsets = swarm(places, dot)
        if np.ptp(offsets) <= _TALLEST:
            break
    return offsets, dot


def _dots(
    rows: pd.DataFrame, name: str, style: tuple[str, str], dot: float, is_selected: bool
) -> go.Scatter:
    """Dots of one role; only the selected one is larger and has its interval drawn."""
    colour, symbol = style
    known = is_selected and rows["low"].notna().all()
    return go.Scatter(
        x=rows["value"].tolist(),
        y=rows["offset"].tolist(),
        customdata=rows["text"].tolist(),
        mode="markers",
        name=name,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - rows["value"]).tolist(),
            "arrayminus": (rows["value"] - rows["low"]).tolist(),
            "color": colour,
            "thickness": 2,
            "width": 6,
        }
        if known
        else None,
        marker={
            "color": colour,
            "symbol": symbol,
            "size": 15 if is_selected else dot,
            "line": {"color": "#ffffff", "width": 1},
        },
        hovertemplate="%{customdata}<extra></extra>",
    )


def _ends(areas: pd.DataFrame, benchmark: float | None) -> tuple[float, float]:
    """The ends of the scale: what it has to show, with a little room on both sides."""
    chosen = areas[areas["role"] == "selected"]
    shown = [*areas["value"], *chosen["low"].dropna(), *chosen["high"].dropna()]
    if benchmark is not None:
        shown.append(benchmark)
    low, high = min(shown), max(shown)
    room = 0.03 * (high - low) or max(abs(high), 1.0) * 0.1
    return low - room, high + room
