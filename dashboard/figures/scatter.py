"""The scatter: two figures of the same areas, each as large as its people; no line is fitted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.ground import REST, SELECTED, layout

_HEIGHT, _LARGEST, _SMALLEST = 500, 42.0, 5.0


def scatter_figure(areas: pd.DataFrame, words: Mapping[str, str], separators: str) -> go.Figure:
    """A disc an area, its surface as its people; large ones lie below small ones.

    Args:
        areas: x, y (NaN-free), people (NaN where unknown: the smallest disc), text (what the
            pointer reads), is_selected.
        words: of x and y (titles of the axes), areas and selected.
        separators: decimal mark then thousands mark, as plotly takes them.
    """
    drawn = areas.sort_values("people", ascending=False, na_position="first")
    figure = go.Figure()
    for is_selected, name in ((False, words["areas"]), (True, words["selected"])):
        rows = drawn[drawn["is_selected"] == is_selected]
        if rows.empty:
            continue
        figure.add_trace(
            go.Scatter(
                x=rows["x"].tolist(),
                y=rows["y"].tolist(),
                customdata=rows["text"].tolist(),
                mode="markers",
                name=name,
                marker={
                    "size": _sizes(rows["people"], drawn["people"].max()),
                    "color": SELECTED if is_selected else REST,
                    "opacity": 0.95 if is_selected else 0.6,
                    "symbol": "diamond" if is_selected else "circle",
                    "line": {"color": "#ffffff", "width": 1},
                },
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    made = layout(_HEIGHT, separators, words["x"], words["y"])
    made["legend"]["itemsizing"] = "constant"
    return figure.update_layout(made)


def _sizes(people: pd.Series, most: float) -> list[float]:
    """Diameters in pixels whose surfaces are as the people, the smallest still to be seen."""
    share = np.sqrt(people.fillna(0.0).to_numpy(dtype="float64") / (most or 1.0))
    return [float(size) for size in np.maximum(_LARGEST * np.nan_to_num(share), _SMALLEST)]
