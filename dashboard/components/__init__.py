"""Dash components of our own: plain JavaScript on Dash's React, no build step."""

from __future__ import annotations

from dashboard.components.area_filters import AreaFilters
from dashboard.components.area_map import AreaMap
from dashboard.components.area_search import AreaSearch
from dashboard.components.chart import Chart
from dashboard.components.drawn import Drawn
from dashboard.components.native_checks import NativeChecks
from dashboard.components.native_input import NativeInput
from dashboard.components.native_select import NativeSelect
from dashboard.components.weight_sliders import WeightSliders

__all__ = [
    "SCRIPTS",
    "STYLES",
    "AreaFilters",
    "AreaMap",
    "AreaSearch",
    "Chart",
    "Drawn",
    "NativeChecks",
    "NativeInput",
    "NativeSelect",
    "WeightSliders",
]

#: Our scripts, in the order in which they build on one another; `dashboard.bundle` serves them.
SCRIPTS = (
    *("address.js", "hatches.js", "area_values.js", "area_layers.js", "area_names.js"),
    *("area_places.js", "area_reach.js", "area_keys.js", "area_ahead.js", "area_paint.js"),
    *("linked_maps.js", "area_map.js", "area_search.js", "chart.js", "drawn.js"),
    *("native_checks.js", "native_input.js", "native_select.js", "area_filters.js"),
    "weight_sliders.js",
)
STYLES = ("components.css",)
