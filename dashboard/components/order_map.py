"""The map of a priority order: areas coloured by the fifth of the ranks they are in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.classing import SEQUENTIAL, Classes
from dashboard.components import AreaMap
from dashboard.components.choropleth import area_map, map_properties
from dashboard.ordering import Ordering
from dashboard.pages import View
from dashboard.ranks import ranks_url
from geodata.model import Status


def rank_classes(made: Ordering) -> Classes:
    """Fifths of the ranks, the first the darkest; fewer where there are fewer areas."""
    edges = np.unique(np.ceil(made.ranked * np.arange(1, 5) / 5)).astype(int)
    breaks = tuple(float(edge) + 0.5 for edge in edges if edge < made.ranked)
    ranks = made.areas["rank"].dropna()
    limits = (0.0, *breaks, float(made.ranked) + 1)
    counts = tuple(int(((ranks > low) & (ranks < high)).sum()) for low, high in pairwise(limits))
    colours = tuple(reversed(SEQUENTIAL))[: len(counts)]
    return Classes(breaks, colours, counts, None, 0)


def order_map(view: View, component_id: str, made: Ordering | None) -> AreaMap:
    """The map, drawn."""
    shown = _like_an_indicator(view)
    drawn: AreaMap = area_map(shown, component_id, _frame(view, made), _classes(made))
    for name, value in _own(view, made).items():
        setattr(drawn, name, value)
    return drawn


def order_map_properties(view: View, made: Ordering | None) -> dict[str, Any]:
    """The properties of the map that change with the selection."""
    properties = map_properties(_like_an_indicator(view), _frame(view, made), _classes(made))
    return properties | _own(view, made)


def rank_legend(view: View, made: Ordering) -> list[Component]:
    """Which colours are which ranks, and how many areas have each."""
    words, classes = view.words, _classes(made)
    firsts = [1, *(int(edge + 0.5) for edge in classes.breaks)]
    lasts = [*(int(edge - 0.5) for edge in classes.breaks), made.ranked]
    rows = [
        html.Li(
            [
                html.Span(className="swatch", style={"backgroundColor": colour}),
                html.Span(
                    words(
                        "priorities.ranks_one" if first == last else "priorities.ranks",
                        low=words.number(first),
                        high=words.number(last),
                    ),
                    className="legend-label",
                ),
                html.Span(words.number(count), className="legend-count"),
            ]
        )
        for first, last, colour, count in zip(
            firsts, lasts, classes.colours, classes.counts, strict=True
        )
    ]
    silent = int(made.areas["rank"].isna().sum())
    if silent:
        rows.append(
            html.Li(
                [
                    html.Span(className="swatch swatch-missing"),
                    html.Span(words("priorities.no_rank"), className="legend-label"),
                    html.Span(words.number(silent), className="legend-count"),
                ]
            )
        )
    level = words.of(view.catalogue.territory.level(view.selection.level).name)
    return [
        html.H2(words("priorities.map_legend"), className="legend-title"),
        html.P(words("legend.counts", level=level), className="quiet"),
        html.Ul(rows, className="legend-rows"),
    ]


def _classes(made: Ordering | None) -> Classes:
    return rank_classes(made) if made is not None else Classes((), SEQUENTIAL[:1], (0,), None, 0)


def _like_an_indicator(view: View) -> View:
    """The view that the map of an indicator is drawn from; its values and words are ours."""
    any_indicator = view.selection.indicator or next(iter(view.offer.indicators))
    return replace(view, selection=replace(view.selection, indicator=any_indicator))


def _frame(view: View, made: Ordering | None) -> pd.DataFrame:
    """The areas of the level as the map knows them; nothing is flagged."""
    areas = data.areas(view.principal, view.release, view.selection.level)
    ranks = made.areas.set_index("area_id")["rank"] if made is not None else pd.Series(dtype=float)
    return areas.assign(
        value=areas["area_id"].map(ranks).astype("float64"), status=Status.MISSING.value, flags=0
    )


def _own(view: View, made: Ordering | None) -> dict[str, Any]:
    words = view.words
    properties = map_properties(_like_an_indicator(view), _frame(view, made), _classes(made))
    ranked = words.number(made.ranked) if made is not None else "0"
    return {
        "valuesUrl": ranks_url(view.release, view.selection),
        "note": None,
        "hoverTexts": {
            **properties["hoverTexts"],
            "unit": words("priorities.map_unit", ranked=ranked),
            "decimals": 0,
            "statuses": {},
            "noValue": words("priorities.no_rank"),
        },
    }
