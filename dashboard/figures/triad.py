"""The triad: of the need of each area, what is served, and what is not and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

#: Blue, light orange and dark brown differ in lightness too: safe for every colour blindness and
#: on a black-and-white printer. The last is hatched as well.
TRIAD_COLOURS = {"served": "#2f74b5", "within_reach": "#f0a457", "out_of_reach": "#7a2f05"}
_PATTERNS = {"served": "", "within_reach": "", "out_of_reach": "/"}
_BAR, _ROOM = 40, 44
_TICKS = (0, 25, 50, 75, 100)


def triad_figure(frame: pd.DataFrame, names: Mapping[str, str], separators: str) -> go.Figure:
    """One horizontal bar a row, stacked to 100 % of its need.

    Args:
        frame: name, served, within_reach, out_of_reach (places, NaN-free), text_served,
            text_within_reach, text_out_of_reach (what the pointer reads); the first row on top.
            A row without any need has no bar.
        names: what each part is called.
        separators: decimal mark then thousands mark, as plotly takes them.
    """
    parts = list(TRIAD_COLOURS)
    need = frame[parts].sum(axis=1)
    shares = frame[parts].div(need.where(need > 0), axis=0).mul(100).fillna(0.0)
    figure = go.Figure(
        [
            go.Bar(
                name=names[part],
                x=shares[part].tolist(),
                y=frame["name"].tolist(),
                customdata=frame[f"text_{part}"].tolist(),
                orientation="h",
                marker={
                    "color": TRIAD_COLOURS[part],
                    "line": {"color": "#ffffff", "width": 1},
                    "pattern": {"shape": _PATTERNS[part], "fgcolor": "#ffffff", "size": 6},
                },
                hovertemplate="%{customdata}<extra></extra>",
            )
            for part in parts
        ]
    )
    figure.update_layout(
        barmode="stack",
        bargap=0.3,
        height=_BAR * len(frame) + _ROOM,
        margin={"l": 4, "r": 24, "t": 4, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13, "color": "#3d4650"},
        separators=separators,
        showlegend=False,
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": "#cfd6de", "font": {"color": "#1b2430"}},
        dragmode=False,
        xaxis={
            "range": [0, 100],
            "fixedrange": True,
            "gridcolor": "#e7ebf0",
            "zeroline": False,
            "tickvals": list(_TICKS),
            "ticktext": [f"{tick}\u202f%" for tick in _TICKS],
        },
        yaxis={
            "autorange": "reversed",
            "fixedrange": True,
            "automargin": True,
            "ticklabelstandoff": 8,
        },
    )
    return figure
