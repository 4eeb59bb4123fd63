"""The trend of an area beside its territory and the country."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

_HEIGHT = 216
#: role -> (colour, width, dash, marker size); the area on top of what it is compared with.
_STYLES = {
    "country": ("#8a929c", 1.5, "dot", 0),
    "territory": ("#4b5563", 1.5, "solid", 0),
    "area": ("#1f4e8c", 2.5, "solid", 6),
}
#: The mark of a break of the series: it tells, and is not a line of the figure.
_BREAK = {"color": "#6b7480", "width": 1, "dash": "dash"}


def trend_figure(frame: pd.DataFrame, separators: str, breaks: Sequence[str] = ()) -> go.Figure:
    """Lines over the periods, broken where a period has no value, hollow where it is estimated.

    Where the series itself breaks, no line crosses and a thin upright mark stands.

    Args:
        frame: series (name), role (area, territory, country), period (a year, as text), value
            (NaN where there is none), is_firm (observed, not estimated or imputed), text (what
            the pointer reads).
        separators: decimal mark then thousands mark, as plotly takes them.
        breaks: periods (years, as text) from which the series means something else.
    """
    figure = go.Figure()
    years = frame["period"].astype(int)
    # Half a year before the period that means something else: between the two that differ.
    marks = [int(one) - 0.5 for one in breaks if years.min() < int(one) <= years.max()]
    for role, style in _STYLES.items():
        for name, series in frame[frame["role"] == role].groupby("series", sort=False):
            figure.add_trace(_line(str(name), series, style, marks))
    for mark in marks:
        figure.add_vline(x=mark, line=_BREAK)
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#3d4650"},
        separators=separators,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "traceorder": "reversed",
        },
        hovermode="x unified",
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": "#cfd6de", "font": {"color": "#1b2430"}},
        dragmode=False,
        xaxis={
            "fixedrange": True,
            "showgrid": False,
            "linecolor": "#cfd6de",
            "tickformat": "d",
            "dtick": _step(int(years.max() - years.min())),
            "automargin": True,
        },
        yaxis={
            "fixedrange": True,
            "gridcolor": "#e7ebf0",
            "zeroline": False,
            "nticks": 5,
            "automargin": True,
            "rangemode": "tozero" if frame["value"].min() >= 0 else "normal",
        },
    )
    return figure


def _line(
    name: str,
    series: pd.DataFrame,
    style: tuple[str, float, str, int],
    marks: Sequence[float],
) -> go.Scatter:
    colour, width, dash, size = style
    by_year = series.assign(year=series["period"].astype(int)).set_index("year").sort_index()
    first, last = int(by_year.index.min()), int(by_year.index.max())
    cuts = [mark for mark in marks if first < mark < last]
    every = by_year.reindex(sorted([*range(first, last + 1), *cuts]))
    fill = [colour if firm is True else "#ffffff" for firm in every["is_firm"]]
    return go.Scatter(
        x=every.index.tolist(),
        y=[None if pd.isna(value) else float(value) for value in every["value"]],
        customdata=every["text"].fillna("").tolist(),
        name=name,
        mode="lines+markers" if size else "lines",
        connectgaps=False,
        line={"color": colour, "width": width, "dash": dash},
        marker={"size": size or 4, "color": fill, "line": {"color": colour, "width": 1.5}},
        hovertemplate="%{customdata}<extra></extra>",
    )


def _step(years: int) -> int:
    """Years between two ticks: about five ticks on the axis."""
    return next(step for step in (1, 2, 5, 10, 25, 1000) if years / step <= 6)
