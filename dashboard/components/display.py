"""What the map shows and how: the controls of its classes, layers, places and second map."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.native_checks import NativeChecks
from dashboard.components.native_select import NativeSelect
from dashboard.components.shown_places import shown_service
from dashboard.offer import CLASSINGS, LAYERS, SHOWN_LAYERS
from dashboard.pages import View, choice_id

#: The controls whose options and value follow the selection.
DISPLAY_CHOICES = ("classing", "layers", "beside")


def display(view: View, page: str) -> Component:
    """The controls, closed; their heading says what is on."""
    words, choices = view.words, display_choices(view)
    return html.Details(
        [
            html.Summary(display_words(view), id=f"{page}-display"),
            html.Div(
                [
                    NativeSelect(
                        choice_id(page, "classing"),
                        part="classing",
                        label=words("map.classing"),
                        **choices["classing"],
                    ),
                    NativeChecks(
                        choice_id(page, "layers"),
                        part="layers",
                        label=words("map.layers"),
                        usualValue=",".join(SHOWN_LAYERS),
                        **choices["layers"],
                    ),
                    html.Div(service_choice(view, page), id=f"{page}-service-block"),
                    NativeSelect(
                        choice_id(page, "beside"),
                        part="beside",
                        label=words("map.beside"),
                        **choices["beside"],
                    ),
                ],
                className="choices",
            ),
        ],
        className="display-block screen-only",
    )


def display_words(view: View) -> str:
    """What is on, in a line: the classes, the layers, a second map."""
    words, chosen = view.words, view.selection
    said = [words(f"map.short_{chosen.classing}")]
    said += [words(f"map.short_{layer}") for layer in chosen.layers]
    said += [words("map.beside_short")] if chosen.beside else []
    return words("map.display", said=", ".join(said))


def display_choices(view: View) -> dict[str, dict[str, Any]]:
    """The options and the value of each control; what needs no telling has an empty value."""
    words, parts = view.words, view.selection.parts()
    return {
        "classing": {
            "options": [
                {
                    "value": "" if name == CLASSINGS[0] else name,
                    "label": words(f"map.classing_{name}"),
                }
                for name in CLASSINGS
            ],
            "value": parts["classing"],
        },
        "layers": {
            "options": [{"value": name, "label": words(f"map.layer_{name}")} for name in LAYERS],
            "value": parts["layers"],
        },
        "beside": {
            "options": [
                {"value": "", "label": words("map.beside_none")},
                *(
                    option
                    for option in indicator_options(view)
                    if option["value"] != view.selection.indicator
                ),
            ],
            "value": view.selection.beside,
        },
    }


def indicator_options(view: View) -> list[dict[str, str]]:
    """Every indicator on offer, under its theme."""
    words, known = view.words, view.catalogue
    return [
        {"value": indicator.id, "label": words.of(indicator.short), "group": words.of(theme.name)}
        for theme in known.themes.values()
        for indicator in known.indicators.values()
        if indicator.theme == theme.id and indicator.id in view.offer.indicators
    ]


def service_choice(view: View, page: str) -> list[Component]:
    """Which places are shown: those of the indicator's own service, or a choice; none when off."""
    if "services" not in view.selection.layers:
        return []
    words, known = view.words, view.catalogue
    coverage = known.indicators[view.selection.indicator].coverage
    if coverage is not None:
        name = words.of(known.services[coverage.service].name)
        key = "map.service_own" if shown_service(view) else "map.service_none"
        return [html.P(words(key, name=name), className="quiet")]
    if not view.offer.places:
        return [html.P(words("map.service_none"), className="quiet")]
    options = [
        {"value": name, "label": words.of(known.services[name].name)} for name in view.offer.places
    ]
    options.sort(key=lambda option: option["label"])
    return [
        NativeSelect(
            choice_id(page, "service"),
            part="service",
            label=words("map.service"),
            options=options,
            value=view.selection.service,
        )
    ]
