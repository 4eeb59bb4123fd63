"""NativeSelect: a labelled <select> of the browser. The Python half; native_select.js draws it."""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names


class NativeSelect(Component):  # type: ignore[misc]
    """A labelled list to choose one value from.

    - id: id of the <select>, to which the label belongs.
    - label: the words above it.
    - options: {value, label} and, if any, group: options of one group stand together under it.
    - value: the chosen option's value; shown empty where no option has it. Changes with a choice.
    - part: the part of the address that is chosen; without it only ``value`` changes.
    - disabled: nothing can be chosen. describedBy: id of the element that explains the choice.
    - className: added to the root element's.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "NativeSelect"

    def __init__(
        self,
        id: str | dict[str, Any],
        *,
        label: str,
        options: Sequence[Mapping[str, str]],
        value: str | None = None,
        part: str | None = None,
        className: str | None = None,
        disabled: bool | None = None,
        describedBy: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
