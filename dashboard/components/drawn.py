"""Drawn: plain HTML as one component. The Python half; drawn.js draws it.

Dash follows each of its components at every change of the page: a few thousand cells cost it
seconds. What only has to be read is handed over as one.
"""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names

_HTML = "dash_html_components"


class Drawn(Component):  # type: ignore[misc]
    """Parts of a page that hold no control of Dash.

    - id, className: of the element around them. tag: its name, div unless told.
    - content: what :func:`drawing` gives.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "Drawn"

    def __init__(
        self,
        id: str | dict[str, Any] | None = None,
        *,
        content: list[Any] | None = None,
        tag: str | None = None,
        className: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []


class Element(list[Any]):
    """An element that is drawn already: [tag, properties, children]."""


def element(tag: str, *children: Any, **properties: Any) -> Element:
    """An element of texts and of other such elements, for what there are thousands of."""
    told = {name: value for name, value in properties.items() if value is not None}
    return Element((tag, told, [child for child in children if child is not None]))


def drawing(parts: Sequence[Any]) -> list[Any]:
    """HTML components as lists: texts as they are, elements as [tag, properties, children].

    Raises
    ------
    TypeError
        When a part is a control of Dash: it would be dead.
    """
    made: list[Any] = []
    for part in parts:
        if part is None:
            continue
        if isinstance(part, Element):
            made.append(part)
        elif isinstance(part, (list, tuple)):
            made += drawing(part)
        elif isinstance(part, Component):
            made.append(_element(part))
        else:
            made.append(str(part))
    return made


def _element(part: Component) -> list[Any]:
    told = part.to_plotly_json()
    if told["namespace"] != _HTML:
        raise TypeError(f"{told['type']} is no plain HTML")
    properties = dict(told["props"])
    children = properties.pop("children", None)
    inside = [] if children is None else drawing([children])
    return [told["type"].lower(), properties, inside]
