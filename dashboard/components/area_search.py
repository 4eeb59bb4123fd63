"""AreaSearch: a field that proposes areas by name or code. The Python half of area_search.js."""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from typing import ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names


class AreaSearch(Component):  # type: ignore[misc]
    """A field to find an area with; choosing one opens it, all else that is selected kept.

    - id: id of the <input>, to which the label belongs. label: its words.
    - url: where areas are asked for, with ``?q=``: see `dashboard.search`.
    - path: the page that shows the area chosen.
    - none, failed: what is said when nothing is found, and when nobody answers.
    - className: added to the root element's.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "AreaSearch"

    def __init__(
        self,
        id: str,
        *,
        label: str,
        url: str,
        path: str,
        none: str,
        failed: str,
        className: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
