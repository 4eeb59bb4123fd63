"""One area beside the territory, the country and the neighbours."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.components.reading import Reading, chosen_indicator
from dashboard.pages import View


def comparison(view: View, here: Reading, readings: list[Reading]) -> list[Component]:
    """The area beside the territory, the country and the neighbours; always there."""
    words, indicator = view.words, chosen_indicator(view)
    known = [reading for reading in readings if not pd.isna(reading.value)]
    others = [r for r in readings if pd.isna(r.value) and r.key != here.key]
    unknown = [reading.name for reading in others if not reading.known]
    widest = max((abs(reading.value) for reading in known), default=0.0)
    has_bars = widest > 0 and all(reading.value >= 0 for reading in known)
    rows = [
        html.Tr(
            [
                html.Th(reading.name, scope="row"),
                html.Td(
                    html.Div(
                        className="bar", style={"width": f"{100 * reading.value / widest:.1f}%"}
                    )
                    if has_bars
                    else "",
                    className="bar-cell",
                    **{"aria-hidden": "true"},
                ),
                html.Td(words.number(reading.value, indicator.decimals), className="number"),
            ],
            className="here" if reading.key == here.key else None,
        )
        for reading in known
    ]
    made: list[Component] = [html.H3(words("panel.comparison"))]
    if rows:
        caption = html.Caption(words("panel.comparison_caption"), className="hidden")
        made.append(html.Table([caption, html.Tbody(rows)], className="comparison"))
    if unknown:
        why = "panel.silent" if indicator.coverage is None else "panel.silent_engine"
        made.append(html.P(words(why, names=", ".join(unknown)), className="quiet"))
    for reading in others:
        if reading.known:
            mark = words.value(reading.value, reading.status, indicator.decimals)
            text = words("format.labelled", label=reading.name, value=mark)
            made.append(html.P(text, className="quiet"))
    country = next(r for r in readings if r.key == view.catalogue.territory.country)
    if not pd.isna(country.value) and country.parts < country.parts_expected:
        parts = words("panel.parts", parts=int(country.parts), expected=int(country.parts_expected))
        made.append(html.P(parts, className="quiet"))
    return made
