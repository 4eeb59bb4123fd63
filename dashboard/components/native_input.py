"""NativeInput: a labelled <input> of the browser. The Python half; native_input.js draws it."""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names


class NativeInput(Component):  # type: ignore[misc]
    """A labelled field to write a text or a date in.

    - id: id of the <input>, to which the label belongs.
    - label: the words above it. type: text or date.
    - value: what is written at first; changes with every key.
    - maxLength, required, autoComplete: as the <input> has them.
    - remember: a name under which this browser, and nothing else, remembers the value.
    - settles: the value changes when the field is left or Enter pressed, not with every key.
    - part: the part of the address that a number written in a field that settles becomes.
    - inputMode: which keyboard a phone shows. max: the latest date.
    - describedBy: id of the element that explains the field.
    - className: added to the root element's.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "NativeInput"

    def __init__(
        self,
        id: str | dict[str, Any],
        *,
        label: str,
        type: str | None = None,
        value: str | None = None,
        maxLength: int | None = None,
        required: bool | None = None,
        autoComplete: str | None = None,
        remember: str | None = None,
        max: str | None = None,
        describedBy: str | None = None,
        settles: bool | None = None,
        part: str | None = None,
        inputMode: str | None = None,
        className: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
