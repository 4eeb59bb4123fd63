"""NativeChecks: a group of check boxes of the browser. The Python half; native_checks.js draws."""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names


class NativeChecks(Component):  # type: ignore[misc]
    """Boxes of which any may be checked.

    - id: id of the group. label: the words above it.
    - options: {value, label}, a box each.
    - value: the values of the checked boxes, joined by commas in the order of the options;
      ``noneValue`` where none is, and empty where they are ``usualValue``, the ones checked
      unless told, so that it is what an address says. Changes with a choice.
    - part: the part of the address that is chosen; without it only ``value`` changes.
    - className: added to the root element's.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "NativeChecks"

    def __init__(
        self,
        id: str | dict[str, Any],
        *,
        label: str,
        options: Sequence[Mapping[str, str]],
        value: str = "",
        usualValue: str = "",
        noneValue: str = "none",
        part: str | None = None,
        className: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
