"""The gap page: need against the places within reach, ranked, mapped, explained and downloaded."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
from dash import Output, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.certainty import verdict
from dashboard.components import NativeSelect
from dashboard.components.area_filter import (
    filter_controls,
    filter_outputs,
    filter_properties,
    kept_gaps,
    kept_lines,
    kept_sum,
)
from dashboard.components.choropleth import (
    MAP_PROPERTIES,
    area_map,
    map_classes,
    map_properties,
)
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.gap_notes import method_note
from dashboard.components.gap_table import (
    gap_order,
    gap_orders,
    gap_table,
    order_title,
)
from dashboard.components.legend import legend
from dashboard.components.lineage import lineage
from dashboard.components.side_by_side import side_by_side
from dashboard.components.triad import key_figures, triad
from dashboard.filters import Kept
from dashboard.pages import Page, View, choice_id
from geodata.catalogue.nouns import CoverageMeasure, Indicator, Standard
from geodata.model import Status

_ID = "gaps"
_CHOICES = ("standard", "level", "period", "sort")
_REGIONS = ("heading", "file", "kept", "figures", "triad", "legend", "table", "three", "method")


def title(view: View) -> str:
    """What the window and the history call the page."""
    level = view.catalogue.territory.level(view.selection.level)
    return f"{view.words('gaps.title')}, {view.words.of(level.name)}, {view.selection.period}"


def layout(view: View) -> Component:
    """The page, drawn: controls and legend; figures, map, triad, table and explanations."""
    words, regions = view.words, _regions(view)
    mapped, values = _mapped(view)
    return html.Div(
        [
            html.Section(
                [
                    html.Div(_selects(view), className="choices"),
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
    mapped, values = _mapped(view)
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
    choices=_CHOICES,
    map_id="gaps-map",
)


def _region(regions: dict[str, Any], name: str, **properties: Any) -> Component:
    return html.Div(regions[name], id=f"gaps-{name}", **properties)


def _unmet(view: View) -> Indicator:
    """The indicator that the map shows: the unmet rate under the selected standard."""
    chosen = CoverageMeasure(view.selection.service, view.selection.standard, "unmet_rate")
    return next(i for i in view.catalogue.indicators.values() if i.coverage == chosen)


def _mapped(view: View) -> tuple[View, pd.DataFrame]:
    """The view that draws the map of the unmet rate, and the values of its level."""
    indicator = _unmet(view)
    chosen = view.selection
    values = data.area_values(
        view.principal, view.release, indicator.id, chosen.level, chosen.period
    )
    return replace(view, selection=replace(chosen, indicator=indicator.id)), values


def _whole(view: View) -> pd.Series:
    """The row of the whole territory, as the table of its level has it."""
    chosen, area = view.selection, view.catalogue.territory.area
    frame = data.gaps(
        view.principal, view.release, chosen.service, chosen.standard, chosen.period, area.level
    )
    return frame[frame["area_id"] == area.area_id].iloc[0]


def _regions(view: View) -> dict[str, Any]:
    """What the page says around the map, by region."""
    words, found, whole = view.words, kept_gaps(view), _whole(view)
    told, summed = _told(view, found, whole)
    period = words.period(view.catalogue.period_kind(_unmet(view)), view.selection.period)
    level = words.of(view.catalogue.territory.level(view.selection.level).name)
    mapped, values = _mapped(view)
    return {
        "heading": [
            html.H1(words("gaps.heading", territory=words.of(view.catalogue.territory.name))),
            html.P(
                f"{_standard_name(view, _standard(view))} · {level} · {period}",
                className="subtitle",
            ),
        ],
        "file": download_links(view, "gaps"),
        "kept": kept_lines(view, found),
        "figures": key_figures(view, told, period),
        "triad": triad(view, whole, found.rows, summed),
        "legend": legend(mapped, values, map_classes(mapped), period),
        "table": _table(view, found.rows, level, period),
        "three": side_by_side(view),
        "method": [*method_note(view, whole, _unmet(view)), lineage(view, _unmet(view))],
    }


def _told(
    view: View, found: Kept, whole: pd.Series
) -> tuple[pd.Series, tuple[str, pd.Series] | None]:
    """The row that the key figures tell: the sum of what is kept, else the whole; and that sum."""
    if not found.is_filtered or found.rows.empty:
        return whole, None
    total = kept_sum(found)
    name = view.words("filter.sum", count=view.words.number(len(found.rows)))
    return total, (name, total)


def _table(view: View, rows: pd.DataFrame, level: str, period: str) -> list[Component]:
    if rows.empty:
        return []
    words, order = view.words, gap_order(view)
    way = words("gaps.descending" if order.descending else "gaps.ascending")
    column = order_title(words, order.name)
    column = column[:1].lower() + column[1:]
    caption = words("gaps.caption", level=level, column=column, way=way, period=period)
    error = words.number(100 * view.catalogue.territory.travel.error_share)
    nobody = int((rows["status"] == Status.NOT_APPLICABLE).sum())
    notes = [words("gaps.estimated", none=nobody)]
    if view.selection.level == view.catalogue.territory.finest_level:
        notes.append(words("gaps.nearest", error=error))
    capacity = words.number(100 * view.catalogue.services[view.selection.service].capacity_error)
    return [
        html.H2(caption),
        html.P(_certainty(view, rows)),
        gap_table(view, rows, caption),
        html.P(words("gaps.drawn", error=error, capacity=capacity), className="quiet"),
        html.P(" ".join(notes), className="quiet"),
    ]


def _certainty(view: View, rows: pd.DataFrame) -> str:
    """In how many areas places are missing for sure, in how many nobody can tell."""
    told = zip(rows["gap"], rows["p_gap"], rows["status"], strict=True)
    found = Counter(verdict(*row) for row in told)
    counts = {name: view.words.number(found[name]) for name in ("shortage", "unsure", "surplus")}
    return view.words("gaps.sure_counts", **counts)


def _standard(view: View) -> Standard:
    return view.catalogue.services[view.selection.service].standard(view.selection.standard)


def _standard_name(view: View, standard: Standard) -> str:
    """A standard with the places per 100 children it stands for."""
    words, chosen = view.words, view.selection
    if standard.value is not None:
        return words.of(standard.name)
    area = view.catalogue.territory.area
    frame = data.gaps(
        view.principal, view.release, chosen.service, standard.id, chosen.period, area.level
    )
    if frame.empty:
        return words.of(standard.name)
    tau = words.number(100 * frame["tau"].iloc[0], 1)
    return words("gaps.standard_with_tau", name=words.of(standard.name), tau=tau)


def _selects(view: View) -> list[Component]:
    return [
        NativeSelect(
            choice_id(_ID, name),
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
    kind = known.period_kind(_unmet(view))
    return {
        "standard": {
            "options": [
                {"value": standard.id, "label": _standard_name(view, standard)}
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
