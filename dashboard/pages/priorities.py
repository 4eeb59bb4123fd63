"""The priorities page: which areas come first, how surely, and under whose weights."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from dashboard import ordering
from dashboard.components import NativeSelect, WeightSliders
from dashboard.components.area_filter import (
    filter_controls,
    filter_outputs,
    filter_properties,
    kept_lines,
    kept_order,
)
from dashboard.components.choropleth import MAP_PROPERTIES
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.lineage import lineage
from dashboard.components.order_map import order_map, order_map_properties, rank_legend
from dashboard.components.order_words import method_notes, order_facts, why_no_order
from dashboard.components.priority_table import (
    component_names,
    order_table,
    part_legend,
    point_table,
)
from dashboard.ordering import Ordering
from dashboard.pages import Page, View, choice_id
from dashboard.standing import per_cent
from geodata.catalogue.nouns import Priority

_ID = "priorities"
_CHOICES = ("priority", "level")
_REGIONS = ("heading", "file", "facts", "kept", "legend", "table", "method")
_WEIGHTS = f"{_ID}-weights"
_WEIGHT_PARTS = ("items", "declared", "value")


def title(view: View) -> str:
    """What the window and the history call the page."""
    level = view.words.of(view.catalogue.territory.level(view.selection.level).name)
    return f"{view.words('priorities.title')}, {level}"


def layout(view: View) -> Component:
    """The page, drawn: choices, weights and filters; then the order, in words, map and table."""
    words, made = view.words, _made(view)
    regions = _regions(view, made)
    return html.Div(
        [
            html.Section(
                [
                    html.Div(_selects(view), className="choices screen-only"),
                    _sliders(view),
                    filter_controls(view),
                ],
                className="controls",
                **{"aria-label": words("priorities.controls")},
            ),
            html.Main(
                [
                    html.Div(
                        [
                            _region(regions, "heading", **{"aria-live": "polite"}),
                            download_menu(view, regions["file"]),
                        ],
                        className="heading-row",
                    ),
                    html.Div(
                        [
                            html.Div(
                                order_map(view, "priorities-map", made), className="card map-card"
                            ),
                            html.Div(
                                [_region(regions, "facts"), _region(regions, "legend")],
                                className="card words-card order-side",
                            ),
                        ],
                        className="map-and-triad",
                    ),
                    _region(regions, "kept", role="status"),
                    _region(regions, "table", className="card table-card"),
                    _region(regions, "method", className="card words-card"),
                ],
                id="main",
                className="centre",
            ),
        ],
        className="page wide planner-page",
    )


def update(view: View) -> tuple[object, ...]:
    """A value for each output, after a change of the selection."""
    made = _made(view)
    regions, choices, weights = _regions(view, made), _choices(view), _weights(view)
    properties = order_map_properties(view, made)
    return (
        *(choices[name][part] for name in _CHOICES for part in ("options", "value")),
        *(regions[name] for name in _REGIONS),
        *(properties[name] for name in MAP_PROPERTIES),
        *(weights[name] for name in _WEIGHT_PARTS),
        *filter_properties(view),
    )


PAGE = Page(
    id=_ID,
    title=title,
    layout=layout,
    outputs=(
        *(Output(choice_id(_ID, name), part) for name in _CHOICES for part in ("options", "value")),
        *(Output(f"{_ID}-{name}", "children") for name in _REGIONS),
        *(Output(f"{_ID}-map", name) for name in MAP_PROPERTIES),
        *(Output(_WEIGHTS, name) for name in _WEIGHT_PARTS),
        *filter_outputs(_ID),
    ),
    update=update,
)


def _made(view: View) -> Ordering | None:
    return ordering.ordering(view.principal, view.release, view.selection)


def _region(regions: dict[str, Any], name: str, **properties: Any) -> Component:
    return html.Div(regions[name], id=f"{_ID}-{name}", **properties)


def _regions(view: View, made: Ordering | None) -> dict[str, Any]:
    """What the page says, by region."""
    words = view.words
    level = words.of(view.catalogue.territory.level(view.selection.level).name)
    territory = words.of(view.catalogue.territory.name)
    heading = [html.H1(words("priorities.heading", territory=territory))]
    if made is None:
        silent: dict[str, Any] = {name: [] for name in _REGIONS}
        return silent | {"heading": [*heading, *why_no_order(view)], "method": method_notes(view)}
    priority = view.catalogue.priorities[view.selection.priority]
    found = kept_order(view, made)
    caption = words("priorities.caption", level=level, ranked=words.number(made.ranked))
    table = [
        html.H2(caption),
        part_legend(view, made),
        order_table(view, made, found.rows, caption),
        html.P(words("priorities.table_note"), className="quiet"),
        *point_table(view, made, found.rows),
    ]
    return {
        "heading": [
            *heading,
            html.P(f"{words.of(priority.name)} · {level}", className="subtitle"),
        ],
        "file": download_links(view, "priorities"),
        "facts": order_facts(view, made),
        "kept": kept_lines(view, found),
        "legend": rank_legend(view, made),
        "table": table if len(found.rows) else [],
        "method": [*method_notes(view), *_lineages(view, priority)],
    }


def _lineages(view: View, priority: Priority) -> list[Component]:
    """Where each of the figures that make the order comes from."""
    known = view.catalogue.indicators
    return [lineage(view, known[one.id], is_named=True) for one in priority.recipe.components]


def _selects(view: View) -> list[Component]:
    return [
        NativeSelect(
            choice_id(_ID, name),
            part=name,
            label=view.words(f"priorities.{name}"),
            options=choice["options"],
            value=choice["value"],
        )
        for name, choice in _choices(view).items()
    ]


def _choices(view: View) -> dict[str, dict[str, Any]]:
    """The orders on offer, and the levels that the chosen one is known for."""
    words, chosen, known = view.words, view.selection, view.catalogue
    return {
        "priority": {
            "options": [
                {"value": name, "label": words.of(known.priorities[name].name)}
                for name in view.offer.priorities
            ],
            "value": chosen.priority,
        },
        "level": {
            "options": [
                {"value": level, "label": words.of(known.territory.level(level).name)}
                for level in view.offer.priorities.get(chosen.priority, ())
            ],
            "value": chosen.level,
        },
    }


def _sliders(view: View) -> Component:
    words, weights = view.words, _weights(view)
    return WeightSliders(
        _WEIGHTS,
        legend=words("priorities.weights"),
        note=words("priorities.weights_note"),
        resetLabel=words("priorities.weights_reset"),
        shareLabel=words("priorities.weights_share"),
        emptyLabel=words("priorities.weights_empty"),
        locale=words.locale,
        **weights,
    )


def _weights(view: View) -> dict[str, Any]:
    """What of the sliders changes with the selection."""
    if not view.selection.priority:
        return {"items": [], "declared": [], "value": ""}
    words, priority = view.words, view.catalogue.priorities[view.selection.priority]
    names = component_names(view)
    shares = priority.recipe.weights
    return {
        "items": [
            {
                "id": indicator,
                "label": name,
                "declared": words("priorities.declared", share=per_cent(words, share)),
            }
            for (indicator, name), share in zip(names.items(), shares, strict=True)
        ],
        "declared": list(ordering.positions(priority)),
        "value": view.selection.parts()["weights"],
    }
