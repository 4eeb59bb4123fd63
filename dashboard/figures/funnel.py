"""The funnel: the value of each area against its size, within what chance and spread explain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.ground import INK, LINE, MARKS, SELECTED, layout

_HEIGHT = 480
#: A mark within this share of the scale from an end has its name towards the middle.
_NEAR_END = 0.25


def funnel_figure(
    areas: pd.DataFrame,
    limits: pd.DataFrame,
    benchmark: float,
    words: Mapping[str, str],
    separators: str,
) -> go.Figure:
    """Areas as marks, the limits as lines around the benchmark; sizes on a logarithmic scale.

    Args:
        areas: people (size, above 0), value, standing (of `geodata.model.Standing`, or "none"),
            text (what the pointer reads), label (the name of those that are named, else empty),
            is_selected.
        limits: people ascending, far_low, low, high, far_high.
        benchmark: the value they surround.
        words: of benchmark, inner, outer, selected, people and value (titles of the axes), and of
            each standing.
        separators: decimal mark then thousands mark, as plotly takes them.
    """
    figure = go.Figure(_lines(limits, words))
    figure.add_hline(y=benchmark, line={"color": INK, "width": 1.5})
    for standing, rows in areas.groupby("standing", sort=False):
        figure.add_trace(
            _marks(str(standing), rows, _sides(rows["people"], areas["people"]), words)
        )
    chosen = areas[areas["is_selected"]]
    if len(chosen):
        figure.add_trace(_ring(chosen, words["selected"]))
    made = layout(_HEIGHT, separators, words["people"], words["value"])
    made["xaxis"] |= {"type": "log", "dtick": 1, "tickformat": ",d"}
    return figure.update_layout(made)


def _lines(limits: pd.DataFrame, words: Mapping[str, str]) -> list[go.Scatter]:
    """The four limits, each pair with one entry of the legend."""
    styles = {"outer": ("dot", "far_low", "far_high"), "inner": ("dash", "low", "high")}
    return [
        go.Scatter(
            x=limits["people"].tolist(),
            y=limits[column].tolist(),
            mode="lines",
            line={"color": LINE, "width": 1.25, "dash": dash},
            name=words[name],
            showlegend=place == 0,
            hoverinfo="skip",
        )
        for name, (dash, *columns) in styles.items()
        for place, column in enumerate(columns)
    ]


def _sides(people: pd.Series, everybody: pd.Series) -> list[str]:
    """Where the name of each mark stands: away from the end of the scale that it is near to."""
    ends = np.log([everybody.min(), everybody.max()])
    along = (np.log(people) - ends[0]) / ((ends[1] - ends[0]) or 1.0)
    return [
        "top right" if share < _NEAR_END else "top left" if share > 1 - _NEAR_END else "top center"
        for share in along
    ]


def _marks(
    standing: str, rows: pd.DataFrame, sides: list[str], words: Mapping[str, str]
) -> go.Scatter:
    colour, symbol, size = MARKS[standing]
    return go.Scatter(
        x=rows["people"].tolist(),
        y=rows["value"].tolist(),
        text=rows["label"].tolist(),
        customdata=rows["text"].tolist(),
        mode="markers+text",
        textposition=sides,
        textfont={"size": 11, "color": INK},
        cliponaxis=False,
        name=words[standing],
        marker={
            "color": colour,
            "symbol": symbol,
            "size": size,
            "line": {"color": "#ffffff", "width": 1},
        },
        hovertemplate="%{customdata}<extra></extra>",
    )


def _ring(rows: pd.DataFrame, name: str) -> go.Scatter:
    """A ring around the selected area."""
    return go.Scatter(
        x=rows["people"].tolist(),
        y=rows["value"].tolist(),
        mode="markers",
        name=name,
        marker={
            "symbol": "circle-open",
            "size": 22,
            "color": SELECTED,
            "line": {"color": SELECTED, "width": 2.5},
        },
        hoverinfo="skip",
    )
