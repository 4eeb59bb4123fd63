"""What the figures that compare areas share: paper, type, axes, marks and their colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Where an area stands -> (colour, symbol, size): told by shape and size as well as by colour.
MARKS: dict[str, tuple[str, str, int]] = {
    "none": ("#8a929c", "circle", 8),
    "within": ("#8a929c", "circle", 8),
    "lower": ("#1f4e8c", "triangle-down", 10),
    "higher": ("#b45309", "triangle-up", 10),
    "much_lower": ("#1f4e8c", "triangle-down", 14),
    "much_higher": ("#b45309", "triangle-up", 14),
}
#: The selected area, and those that are like it.
SELECTED, ALIKE, REST = "#111827", "#0f766e", "#7c93ad"
INK, LINE, GRID = "#3d4650", "#6b7480", "#e7ebf0"
#: What the colours of figures become on screen in the dark theme, where the paper is `--paper` of
#: dark.css: the same hues, as far from the ground as they are on white. What is far enough stays.
IN_THE_DARK: Mapping[str, str] = {
    "#ffffff": "#161e27",
    "#1b2430": "#e6ebf1",
    "#3d4650": "#c5cfda",
    "#4b5563": "#c5cfda",
    "#6b7480": "#93a0ae",
    "#cfd6de": "#5d6d7d",
    "#e7ebf0": "#2c3743",
    "#8a929c": "#98a4b1",
    "#7c93ad": "#8fa6c0",
    "#1f4e8c": "#6fa8ea",
    "#b45309": "#f0a04b",
    "#111827": "#f7fafc",
    "#0f766e": "#2fb5a6",
    "#7a2f05": "#c4602a",
}


def layout(height: int, separators: str, x_title: str, y_title: str = "") -> dict[str, Any]:
    """The layout of a figure; axes are titled with their units."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 16, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "separators": separators,
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": "#cfd6de",
            "font": {"color": "#1b2430"},
        },
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": axis(x_title),
        "yaxis": axis(y_title),
    }


def axis(title: str) -> dict[str, Any]:
    """An axis that stays where it is."""
    return {
        "title": {"text": title, "font": {"size": 12}},
        "fixedrange": True,
        "gridcolor": GRID,
        "linecolor": "#cfd6de",
        "zeroline": False,
        "automargin": True,
    }
