"""WeightSliders: the weights of a priority. The Python half; weight_sliders.js draws them."""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names


class WeightSliders(Component):  # type: ignore[misc]
    """A slider from 0 to 10 for each component of an order; only the shares matter.

    - id: id of the <fieldset>; the sliders have it, a hyphen and their place from 0.
    - legend, note: the words above. locale: how numbers are written (BCP 47).
    - items: {id, label, declared}: declared is the weight as it was declared, in words.
    - declared: the declared positions. resetLabel: of the button that goes back to them.
    - shareLabel: "{share} % of the weight", {share} being filled in. emptyLabel: said at all zero.
    - value: the positions as in the address, "10,8,6"; empty for the declared. The address follows
      a moment after a slider was moved.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "WeightSliders"

    def __init__(
        self,
        id: str | dict[str, Any],
        *,
        legend: str,
        note: str,
        items: Sequence[Mapping[str, str]],
        declared: Sequence[float],
        resetLabel: str,
        shareLabel: str,
        emptyLabel: str,
        locale: str,
        value: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
