"""The compare page: all areas of a level in one figure at a time, each with its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from dashboard.components import NativeSelect
from dashboard.components.compare_figures import beeswarm_part, funnel_part, scatter_part
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.heat_table import heat_part
from dashboard.components.lineage import lineage
from dashboard.level_values import beside_of, besides, indicator_of
from dashboard.offer import FORMS
from dashboard.pages import Page, View, choice_id
from geodata.model import Chance

_ID = "compare"
_CHOICES = ("form", "indicator", "level", "period", "beside")
_REGIONS = ("heading", "definition", "file", "figure")
_PARTS: dict[str, Callable[[View], list[Component]]] = {
    "funnel": funnel_part,
    "beeswarm": beeswarm_part,
    "scatter": scatter_part,
    "heat": heat_part,
}


def title(view: View) -> str:
    """What the window and the history call the page."""
    return f"{view.words('compare.title')}, {view.words.of(indicator_of(view).short)}"


def layout(view: View) -> Component:
    """The page, drawn: its title, the choices, then the figure with its words and its table."""
    words, regions = view.words, _regions(view)
    return html.Main(
        [
            html.Div(
                [
                    html.Div(regions["heading"], id="compare-heading", **{"aria-live": "polite"}),
                    download_menu(view, regions["file"]),
                ],
                className="compare-head",
            ),
            html.Section(
                [
                    html.Div(_selects(view), className="choices screen-only"),
                    html.Div(regions["definition"], id="compare-definition"),
                ],
                className="controls",
                **{"aria-label": words("compare.controls")},
            ),
            html.Section(regions["figure"], id="compare-figure", className="card compare-card"),
        ],
        id="main",
        className="page compare-page",
    )


def update(view: View) -> tuple[object, ...]:
    """A value for each output, after a change of the selection."""
    regions, choices = _regions(view), _choices(view)
    return (
        *(choices[name][part] for name in _CHOICES for part in ("options", "value")),
        choices["beside"]["className"],
        *(regions[name] for name in _REGIONS),
    )


PAGE = Page(
    id=_ID,
    title=title,
    layout=layout,
    outputs=(
        *(Output(choice_id(_ID, name), part) for name in _CHOICES for part in ("options", "value")),
        Output(choice_id(_ID, "beside"), "className"),
        *(Output(f"compare-{name}", "children") for name in _REGIONS),
    ),
    update=update,
)


def _regions(view: View) -> dict[str, Any]:
    words, chosen, indicator = view.words, view.selection, indicator_of(view)
    level = words.of(view.catalogue.territory.level(chosen.level).name)
    period = words.period(view.catalogue.period_kind(indicator), chosen.period)
    unit = words.of(indicator.unit)
    return {
        "heading": [
            html.H1(words.of(indicator.name)),
            html.P(f"{unit} · {level} · {period}", className="subtitle"),
        ],
        "definition": [
            html.P(words(f"compare.{chosen.form}_means"), className="definition"),
            html.P(words.of(indicator.definition), className="definition"),
        ],
        "file": download_links(view, "compare"),
        "figure": [*_PARTS[chosen.form](view), *_lineages(view)],
    }


def _lineages(view: View) -> list[Component]:
    """Where the figures come from: of both indicators in the scatter, of none alone in a table."""
    if view.selection.form == "heat":
        return []
    other = beside_of(view) if view.selection.form == "scatter" else None
    shown = [one for one in (indicator_of(view), other) if one is not None]
    return [lineage(view, one, is_named=len(shown) > 1) for one in shown]


def _selects(view: View) -> list[Component]:
    return [
        NativeSelect(
            choice_id(_ID, name),
            part=name,
            label=view.words(f"compare.{name}"),
            options=choice["options"],
            value=choice["value"],
            className=choice.get("className"),
        )
        for name, choice in _choices(view).items()
    ]


def _choices(view: View) -> dict[str, dict[str, Any]]:
    words, chosen, known = view.words, view.selection, view.catalogue
    levels = view.offer.indicators[chosen.indicator]
    indicators = [
        {
            "value": indicator.id,
            "label": words.of(indicator.short),
            "group": words.of(theme.name),
        }
        for theme in known.themes.values()
        for indicator in known.indicators.values()
        if indicator.theme == theme.id and indicator.id in view.offer.indicators
    ]
    kind = known.period_kind(indicator_of(view))
    periods = reversed(levels[chosen.level])
    return {
        "form": {"options": _forms(view), "value": chosen.parts()["form"]},
        "indicator": {"options": indicators, "value": chosen.indicator},
        "level": {
            "options": [
                {"value": level, "label": words.of(known.territory.level(level).name)}
                for level in levels
            ],
            "value": chosen.level,
        },
        "period": {
            "options": [{"value": one, "label": words.period(kind, one)} for one in periods],
            "value": chosen.period,
        },
        "beside": _beside(view),
    }


def _forms(view: View) -> list[dict[str, str]]:
    """The figures; the first is what an address without one shows, and is written as nothing."""
    has_counts = indicator_of(view).chance is not Chance.NONE
    made = []
    for form in FORMS:
        key = f"compare.form_{form}"
        if form == "funnel" and not has_counts:
            key = "compare.form_no_funnel"
        made.append({"value": "" if form == FORMS[0] else form, "label": view.words(key)})
    return made


def _beside(view: View) -> dict[str, Any]:
    """The second indicator; the one shown where the address has none is written as nothing."""
    words, chosen, known = view.words, view.selection, view.catalogue
    shown = beside_of(view)
    asked = shown is not None and shown.id == chosen.beside
    options = [
        {
            "value": "" if one == shown and not asked else one.id,
            "label": words.of(one.short),
            "group": words.of(known.themes[one.theme].name),
        }
        for one in besides(view)
    ]
    return {
        "options": options,
        "value": chosen.beside if asked else "",
        "className": "" if chosen.form == "scatter" else "unused",
    }
