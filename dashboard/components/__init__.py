"""Dash components of our own: plain JavaScript on Dash's React, no build step.

Importing the package is what makes Dash serve its scripts and style sheet; import it before the
first page is answered.
"""

from __future__ import annotations

from dash.development.base_component import ComponentRegistry

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

#: Read by Dash: it goes into the address of each file, next to the file's date.
__version__ = "0.1.0"

_NAMESPACE = __name__
_SCRIPTS = (
    *("address.js", "hatches.js", "area_values.js", "area_layers.js", "area_names.js"),
    *("area_places.js", "area_keys.js", "area_ahead.js", "area_paint.js", "linked_maps.js"),
    *(
        "area_map.js",
        "area_search.js",
        "chart.js",
        "drawn.js",
        "native_checks.js",
        "native_input.js",
    ),
    *("native_select.js", "area_filters.js", "weight_sliders.js"),
)
_js_dist = [{"relative_package_path": name, "namespace": _NAMESPACE} for name in _SCRIPTS]
_css_dist = [{"relative_package_path": "components.css", "namespace": _NAMESPACE}]

# Dash registers the root package of a component (`dashboard`); the files are declared here.
ComponentRegistry.registry.add(_NAMESPACE)
