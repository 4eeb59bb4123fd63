"""The map page: one indicator over the areas of a level, and the panel of one area."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import Output, dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components import NativeSelect, comparing
from dashboard.components.choropleth import (
    MAP_PROPERTIES,
    area_map,
    map_classes,
    map_properties,
)
from dashboard.components.display import (
    DISPLAY_CHOICES,
    display,
    display_choices,
    display_words,
    indicator_options,
    service_choice,
)
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.drilling import framed
from dashboard.components.legend import legend
from dashboard.components.panel import panel
from dashboard.components.second_map import first_head, second_map
from dashboard.components.shown_places import place_table
from dashboard.components.tables import area_url, value_table
from dashboard.exports.naming import has_level_table
from dashboard.exports.paper import map_links
from dashboard.pages import Page, View, choice_id
from geodata.catalogue.nouns import Indicator
from geodata.model import Status

_ID = "map"
_CHOICES = ("indicator", "level", "period")
#: What is drawn with the map, and what follows it.
_REGIONS = (
    *("heading", "file", "framed", "definition", "display", "service-block", "legend"),
    *("first-head", "beside"),
)
_LATER = ("panel", "figures", "table", "places")
_ALL_CHOICES = (*_CHOICES, *DISPLAY_CHOICES)
_BESIDE_ID = "map-beside-areas"


def _indicator(view: View) -> Indicator:
    return view.catalogue.indicators[view.selection.indicator]


def _period(view: View) -> str:
    """The selected period in words."""
    kind = view.catalogue.period_kind(_indicator(view))
    return view.words.period(kind, view.selection.period)


def title(view: View) -> str:
    """What the window and the history call the page."""
    words = view.words
    level = view.catalogue.territory.level(view.selection.level)
    return f"{words.of(_indicator(view).short)}, {words.of(level.name)}, {view.selection.period}"


def layout(view: View) -> Component:
    """The page, drawn: controls and legend, map and table, panel."""
    frame = _values(view)
    made = map_classes(view)
    regions = _regions(view, frame) | _later_regions(view, frame)
    words = view.words
    return html.Div(
        [
            html.Section(
                [
                    html.Div(
                        [*_selects(view), display(view, _ID)], className="choices screen-only"
                    ),
                    _region(regions, "definition", className="definition-block"),
                    html.Div(regions["legend"], id="map-legend", className="legend"),
                ],
                className="controls",
                **{"aria-label": words("map.controls")},
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
                    _region(regions, "figures", className="figures"),
                    _region(regions, "framed"),
                    html.Div(
                        [
                            html.Div(
                                [
                                    _region(regions, "first-head"),
                                    html.Div(
                                        area_map(view, "map-areas", frame, made),
                                        className="card map-card",
                                    ),
                                    html.P(words("map.keyboard"), className="hidden"),
                                ],
                                className="first-map",
                            ),
                            _region(regions, "beside", className="second-map"),
                        ],
                        className="maps",
                    ),
                    _region(regions, "places"),
                    _region(regions, "table", className="card table-card"),
                ],
                id="main",
                className="centre",
            ),
            html.Aside(
                _region(regions, "panel", className="card panel", **{"aria-live": "polite"}),
                className="side",
                **{"aria-label": words("map.panel")},
            ),
        ],
        className="page mapped",
    )


def update(view: View) -> tuple[object, ...]:
    """A value for each output, after a change of the selection."""
    frame = _values(view)
    regions = _regions(view, frame)
    properties = map_properties(view, frame, map_classes(view))
    choices = _choices(view) | display_choices(view)
    return (
        *(choices[name][part] for name in _ALL_CHOICES for part in ("options", "value")),
        *(regions[name] for name in _REGIONS),
        *(properties[name] for name in MAP_PROPERTIES),
    )


def follow(view: View) -> tuple[object, ...]:
    """A value for each of the regions that may come after the map."""
    regions = _later_regions(view, _values(view))
    return tuple(regions[name] for name in _LATER)


PAGE = Page(
    id=_ID,
    title=title,
    layout=layout,
    outputs=(
        *(
            Output(choice_id(_ID, name), part)
            for name in _ALL_CHOICES
            for part in ("options", "value")
        ),
        *(Output(f"map-{name}", "children") for name in _REGIONS),
        *(Output("map-areas", name) for name in MAP_PROPERTIES),
    ),
    update=update,
    later=tuple(Output(f"map-{name}", "children") for name in _LATER),
    follow=follow,
    register=comparing.register,
)


def _values(view: View) -> pd.DataFrame:
    selection = view.selection
    return data.area_values(
        view.principal, view.release, selection.indicator, selection.level, selection.period
    )


def _region(regions: dict[str, Any], name: str, **properties: Any) -> Component:
    return html.Div(regions[name], id=f"map-{name}", **properties)


def _regions(view: View, frame: pd.DataFrame) -> dict[str, Any]:
    """What the page says of the map, by region."""
    words, period = view.words, _period(view)
    indicator = _indicator(view)
    level = words.of(view.catalogue.territory.level(view.selection.level).name)
    territory = words.of(view.catalogue.territory.name)
    name = words.of(indicator.name)
    return {
        "heading": [
            html.H1(name),
            html.P(f"{territory} · {level} · {period}", className="subtitle"),
        ],
        "definition": [
            html.P(words.of(indicator.definition), className="definition"),
        ],
        "file": download_links(view, "map", others=("level",) if has_level_table(view) else ()),
        "framed": framed(view),
        "display": display_words(view),
        "service-block": service_choice(view, _ID),
        "legend": legend(view, frame, map_classes(view), period),
        "first-head": first_head(view),
        "beside": second_map(view, _BESIDE_ID),
    }


def _later_regions(view: View, frame: pd.DataFrame) -> dict[str, Any]:
    """What may come after the map, by region: the panel, key figures, the tables."""
    words, period = view.words, _period(view)
    level = words.of(view.catalogue.territory.level(view.selection.level).name)
    name = words.of(_indicator(view).name)
    return {
        "places": place_table(view),
        "figures": _figures(view, frame),
        "panel": panel(view, frame, period),
        "table": [
            html.P(map_links(view), className="files screen-only"),
            *value_table(
                view, frame, words("table.caption", name=name, level=level, period=period)
            ),
        ],
    }


def _selects(view: View) -> list[Component]:
    return [
        NativeSelect(
            choice_id(_ID, name),
            part=name,
            label=view.words(f"map.{name}"),
            options=choice["options"],
            value=choice["value"],
        )
        for name, choice in _choices(view).items()
    ]


def _choices(view: View) -> dict[str, dict[str, Any]]:
    """The options and the value of each control: what the indicator itself offers."""
    words, selection, known = view.words, view.selection, view.catalogue
    levels = view.offer.indicators[selection.indicator]
    kind = known.period_kind(_indicator(view))
    return {
        "indicator": {"options": indicator_options(view), "value": selection.indicator},
        "level": {
            "options": [
                {"value": level, "label": words.of(known.territory.level(level).name)}
                for level in levels
            ],
            "value": selection.level,
        },
        "period": {
            "options": [
                {"value": period, "label": words.period(kind, period)}
                for period in reversed(levels[selection.level])
            ],
            "value": selection.period,
        },
    }


def _figures(view: View, frame: pd.DataFrame) -> list[Component]:
    """Key figures: the territory, the country, the highest and the lowest area of the level."""
    words, indicator = view.words, _indicator(view)
    territory, selection = view.catalogue.territory, view.selection
    keys = {territory.area: territory.name, territory.country: territory.country_name}
    series = data.area_series(view.principal, view.release, indicator.id, tuple(keys))
    now: dict[Any, dict[Any, Any]] = {
        (row["level"], row["area_id"]): row
        for row in series[series["period"] == selection.period].to_dict("records")
    }
    nothing: dict[Any, Any] = {"value": float("nan"), "status": Status.MISSING.value}
    cards = []
    for key, name in keys.items():
        row = now.get((key.level, key.area_id), nothing)
        written = words.value(row["value"], row["status"], indicator.decimals)
        where = words.status(row["status"]) if Status(row["status"]).has_value else None
        cards.append(_figure(words.of(name), written, where, is_silent=where is None))
    own = frame[frame["role"] == "territory"]
    known = own["value"].dropna()
    if len(known) > 1:
        for which, place in (("highest", known.argmax()), ("lowest", known.argmin())):
            row = own[own.index == known.index[int(place)]].to_dict("records")[0]
            cards.append(_extreme(view, which, row, own))
    return cards


def _extreme(view: View, which: str, row: dict[Any, Any], own: pd.DataFrame) -> Component:
    """The card of the highest or lowest value: the area that has it, or how many do."""
    words, selection = view.words, view.selection
    ties = int((own["value"] == row["value"]).sum())
    link = dcc.Link(row["name"], href=area_url(view, selection.level, row["area_id"]))
    where = words("map.ties", count=ties) if ties > 1 else link
    value = words.number(row["value"], _indicator(view).decimals)
    return _figure(words(f"map.{which}"), value, where)


def _figure(label: str, value: str, where: Any = None, *, is_silent: bool = False) -> Component:
    lines = [
        html.Span(label, className="figure-label"),
        html.Strong(value, className="figure-silence" if is_silent else "figure-value"),
    ]
    if where is not None:
        lines.append(html.Span(where, className="figure-where"))
    return html.Div(lines, className="card figure")
