"""What the figures that compare areas share: paper, type, axes, marks and their colours."""

from __future__ import annotations

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


def layout(height: int, separators: str, x_title: str, y_title: str = "") -> dict[str, Any]:
    """The layout of a figure on light paper; axes are titled with their units."""
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
