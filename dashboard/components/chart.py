"""Chart: a figure of plotly, drawn once it is about to be seen. The Python half; chart.js draws.

Plotly weighs 1.4 MB and a second of a browser's time: a page that is not scrolled down to its
figures does not fetch it, and a map is never kept waiting for it.
"""

# ruff: noqa: A002, N803, N806 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import plotly.graph_objects as go
from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names
from dashboard.components.vendor import plotly_url


class Chart(Component):  # type: ignore[misc]
    """A picture for who sees it, a sentence for who does not.

    - label: what the picture shows, in words. className: added to the element of the picture.
    - figure: data and layout as plotly has them; its layout tells its height in pixels.
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
        scriptUrl: str | None = None,
    ) -> None:
        scriptUrl = scriptUrl or plotly_url()
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []


def chart(figure: go.Figure, label: str, className: str) -> Chart:
    """The chart of a figure."""
    return Chart(figure=json.loads(figure.to_json()), label=label, className=className)
