"""The gap page: need against the places within reach, ranked, mapped, explained and downloaded."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import Output, html
from dash.development.base_component import Component

from dashboard.components import NativeSelect
from dashboard.components.area_filter import (
    filter_controls,
    filter_outputs,
    filter_properties,
    kept_gaps,
    kept_lines,
)
from dashboard.components.choropleth import (
    MAP_PROPERTIES,
    area_map,
    map_classes,
    map_properties,
)
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.engine import drawn_words, nearest_words
from dashboard.components.gap_notes import method_note
from dashboard.components.gap_table import (
    gap_order,
    gap_orders,
    gap_table,
    order_title,
)
from dashboard.components.gap_words import (
    certainty_words,
    chosen_standard,
    standard_name,
    told_row,
    unmet_indicator,
    unmet_view,
    whole_row,
)
from dashboard.components.legend import legend
from dashboard.components.lineage import lineage
from dashboard.components.side_by_side import side_by_side
from dashboard.components.triad import key_figures, triad
from dashboard.exports.paper import gap_links
from dashboard.pages import Page, View, choice_id
from geodata.model import Status

_ID = "gaps"
_CHOICES = ("standard", "level", "period", "sort")
_REGIONS = (
    "heading",
    "file",
    "paper",
    "kept",
    "figures",
    "triad",
    "legend",
    "table",
    "three",
    "method",
)


def title(view: View) -> str:
    """What the window and the history call the page."""
    level = view.catalogue.territory.level(view.selection.level)
    return f"{view.words('gaps.title')}, {view.words.of(level.name)}, {view.selection.period}"


def layout(view: View) -> Component:
    """The page, drawn: controls and legend; figures, map, triad, table and explanations."""
    words, regions = view.words, _regions(view)
    mapped, values = unmet_view(view)
    return html.Div(
        [
            html.Section(
                [
                    html.Div(_selects(view), className="choices screen-only"),
                    filter_controls(view),
                    _region(regions, "legend", className="legend"),
                ],
                className="controls",
                **{"aria-label": words("gaps.controls")},
            ),
            html.Main(
                [
                    html.Div(
                        [
                            _region(regions, "heading", **{"aria-live": "polite"}),
                            download_menu(view, regions["file"]),
                            _region(regions, "paper", className="screen-only"),
                        ],
                        className="heading-row",
                    ),
                    _region(regions, "kept", role="status"),
                    _region(regions, "figures", className="figures"),
                    html.Div(
                        [
                            html.Div(
                                area_map(mapped, "gaps-map", values, map_classes(mapped)),
                                className="card map-card",
                            ),
                            _region(regions, "triad", className="card words-card triad-card"),
                        ],
                        className="map-and-triad",
                    ),
                    _region(regions, "table", className="card table-card"),
                    _region(regions, "three", className="card words-card"),
                    _region(regions, "method", className="card words-card"),
                ],
                id="main",
                className="centre",
            ),
        ],
        className="page wide",
    )


def update(view: View) -> tuple[object, ...]:
    """A value for each output, after a change of the selection."""
    regions, choices = _regions(view), _choices(view)
    mapped, values = unmet_view(view)
    properties = map_properties(mapped, values, map_classes(mapped))
    return (
        *(choices[name][part] for name in _CHOICES for part in ("options", "value")),
        *(regions[name] for name in _REGIONS),
        *(properties[name] for name in MAP_PROPERTIES),
        *filter_properties(view),
    )


PAGE = Page(
    id=_ID,
    title=title,
    layout=layout,
    outputs=(
        *(Output(choice_id(_ID, name), part) for name in _CHOICES for part in ("options", "value")),
        *(Output(f"gaps-{name}", "children") for name in _REGIONS),
        *(Output("gaps-map", name) for name in MAP_PROPERTIES),
        *filter_outputs(_ID),
    ),
    update=update,
)


def _region(regions: dict[str, Any], name: str, **properties: Any) -> Component:
    return html.Div(regions[name], id=f"gaps-{name}", **properties)


def _regions(view: View) -> dict[str, Any]:
    """What the page says around the map, by region."""
    words, found, whole = view.words, kept_gaps(view), whole_row(view)
    told, summed = told_row(view, found, whole)
    period = words.period(view.catalogue.period_kind(unmet_indicator(view)), view.selection.period)
    level = words.of(view.catalogue.territory.level(view.selection.level).name)
    mapped, values = unmet_view(view)
    return {
        "heading": [
            html.H1(words("gaps.heading", territory=words.of(view.catalogue.territory.name))),
            html.P(
                f"{standard_name(view, chosen_standard(view))} · {level} · {period}",
                className="subtitle",
            ),
        ],
        "file": download_links(view, "gaps"),
        "paper": gap_links(view),
        "kept": kept_lines(view, found),
        "figures": key_figures(view, told, period),
        "triad": triad(view, whole, found.rows, summed),
        "legend": legend(mapped, values, map_classes(mapped), period),
        "table": _table(view, found.rows, level, period),
        "three": side_by_side(view),
        "method": [
            *method_note(view, whole, unmet_indicator(view)),
            lineage(view, unmet_indicator(view)),
        ],
    }


def _table(view: View, rows: pd.DataFrame, level: str, period: str) -> list[Component]:
    if rows.empty:
        return []
    words, order = view.words, gap_order(view)
    way = words("gaps.descending" if order.descending else "gaps.ascending")
    column = order_title(words, order.name)
    column = column[:1].lower() + column[1:]
    caption = words("gaps.caption", level=level, column=column, way=way, period=period)
    nobody = int((rows["status"] == Status.NOT_APPLICABLE).sum())
    notes = [words("gaps.estimated", none=nobody)]
    if view.selection.level == view.catalogue.territory.finest_level:
        notes.append(nearest_words(view))
    return [
        html.H2(caption),
        html.P(certainty_words(view, rows)),
        gap_table(view, rows, caption),
        html.P(drawn_words(view), className="quiet"),
        html.P(" ".join(notes), className="quiet"),
    ]


def _selects(view: View) -> list[Component]:
    return [
        NativeSelect(
            choice_id(_ID, name),
            part=name,
            label=view.words(f"gaps.{name}"),
            options=choice["options"],
            value=choice["value"],
        )
        for name, choice in _choices(view).items()
    ]


def _choices(view: View) -> dict[str, dict[str, Any]]:
    """The options and the value of each control: what the service itself offers."""
    words, chosen, known = view.words, view.selection, view.catalogue
    service = known.services[chosen.service]
    levels = view.offer.services[chosen.service]
    kind = known.period_kind(unmet_indicator(view))
    return {
        "standard": {
            "options": [
                {"value": standard.id, "label": standard_name(view, standard)}
                for standard in service.standards
            ],
            "value": chosen.standard,
        },
        "level": {
            "options": [
                {"value": level, "label": words.of(known.territory.level(level).name)}
                for level in levels
            ],
            "value": chosen.level,
        },
        "period": {
            "options": [
                {"value": period, "label": words.period(kind, period)}
                for period in reversed(levels[chosen.level])
            ],
            "value": chosen.period,
        },
        "sort": {
            "options": [
                {
                    "value": order.sort,
                    "label": order_title(words, order.name),
                    "group": words("gaps.descending" if order.descending else "gaps.ascending"),
                }
                for order in gap_orders(view)
            ],
            "value": gap_order(view).sort,
        },
    }
