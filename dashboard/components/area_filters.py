"""AreaFilters: the filters of a ranking. The Python half; area_filters.js draws them."""

# ruff: noqa: A002, N803 (the properties are named as JavaScript and Dash name them)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component

from dashboard.components.arguments import given, property_names


class AreaFilters(Component):  # type: ignore[misc]
    """Boxes, numbers and an area, of which each one filters; together they make one text.

    - id: id of the <fieldset>; the controls have it, a hyphen and their name.
    - legend, note: the words above. clearLabel: of the button that takes all filters away.
    - checks: {name, label}. numbers: {name, label, unit}.
    - area: {name, label, all, options: {value, label, group}}, or None.
    - value: the filters as in the address, "shortage,people:200,within:epci/1"; changes with each,
      and the address with it.
    """

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "vigie"
    _type = "AreaFilters"

    def __init__(
        self,
        id: str | dict[str, Any],
        *,
        legend: str,
        note: str,
        checks: Sequence[Mapping[str, str]],
        numbers: Sequence[Mapping[str, str]],
        clearLabel: str,
        area: Mapping[str, Any] | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(**given(locals(), self._prop_names))

    _prop_names: ClassVar[list[str]] = property_names(__init__)
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []
