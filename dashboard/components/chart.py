"""Chart: a figure of plotly, drawn once it is about to be seen. The Python half; chart.js draws.

It leaves as SVG or PNG from the browser that drew it, with its title, sources and release written
on it: what is saved is what is on screen.

Plotly weighs 1.4 MB and a second of a browser's time: a page that is not scrolled down to its
figures does not fetch it, and a map is never kept waiting for it.
"""

# ruff: noqa: A002, N803, N806 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import plotly.graph_objects as go
from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names
from dashboard.components.invented import invented_words
from dashboard.components.provenance import release_words, source_names
from dashboard.components.vendor import plotly_url
from dashboard.figures.ground import IN_THE_DARK
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator

#: What a figure leaves as.
FORMATS = ("svg", "png")


class Chart(Component):  # type: ignore[misc]
    """A picture for who sees it, a sentence for who does not.

    - label: what the picture shows, in words. className: added to the element of the picture.
    - figure: data and layout as plotly has them; its layout tells its height in pixels.
    - dark: what each colour of the figure becomes in the dark theme; files keep their white paper.
    - leaving: what is written on the figure where it leaves as a file (title, notes), the name of
      the file, and the buttons (format, text, name for screen readers). Without it there are none.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "Chart"

    def __init__(
        self,
        id: str | dict[str, Any] | None = None,
        *,
        figure: Mapping[str, Any],
        label: str,
        className: str | None = None,
        dark: Mapping[str, str] | None = None,
        leaving: Mapping[str, Any] | None = None,
        scriptUrl: str | None = None,
    ) -> None:
        scriptUrl = scriptUrl or plotly_url()
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []


def chart(
    view: View,
    figure: go.Figure,
    label: str,
    class_name: str,
    title: str,
    indicators: Iterable[Indicator],
    note: str,
) -> Chart:
    """The chart of a figure; its files carry ``title``, ``note`` and the sources of indicators."""
    shown = list(indicators)
    return Chart(
        figure=json.loads(figure.to_json()),
        label=label,
        className=class_name,
        dark=IN_THE_DARK,
        leaving=_leaving(view, title, note, shown),
    )


def _leaving(view: View, title: str, note: str, indicators: list[Indicator]) -> dict[str, Any]:
    words, release, chosen = view.words, view.release, view.selection
    sources = words("chart.sources", names=words("chart.list").join(source_names(view, indicators)))
    invented = invented_words(view, indicators)
    named = [one.id for one in indicators[:2]] + ([chosen.area.area_id] if chosen.area else [])
    of_page = [chosen.form] if chosen.page == "compare" else [chosen.period]
    parts = [
        "vigie",
        release.territory_id,
        chosen.page,
        *named,
        chosen.level,
        *of_page,
        release.release_id,
    ]
    return {
        "title": title,
        "notes": [one for one in (invented, note, sources, release_words(view)) if one],
        "name": "_".join(re.sub("[^A-Za-z0-9-]", "_", part) for part in parts if part),
        "save": words("chart.save"),
        "failed": words("chart.failed"),
        "buttons": [
            {
                "format": one,
                "text": words(f"chart.{one}"),
                "label": words(f"chart.{one}_label", title=title),
            }
            for one in FORMATS
        ],
    }
