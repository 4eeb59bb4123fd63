"""How the gap was computed: what was declared beforehand, as the release tells it."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.engine import Engine, engine_of, travel_words
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator

_TAU_DECIMALS = 1


def method_note(view: View, whole: pd.Series, indicator: Indicator) -> list[Component]:
    """The declared travel, thresholds, weights and standard of the release.

    ``whole`` is the territory's row; ``indicator`` one that the engine computed with them.
    """
    words = view.words
    return [
        html.H2(words("gaps.method_title")),
        html.Dl(
            [
                part
                for name, text in method_entries(view, whole, indicator).items()
                for part in (html.Dt(words(f"gaps.method_{name}_title")), html.Dd(text))
            ],
            className="method",
        ),
    ]


def method_entries(view: View, whole: pd.Series, indicator: Indicator) -> dict[str, str]:
    """What was declared, by the name of its heading: ``gaps.method_{name}_title``."""
    used = engine_of(view, indicator)
    words, known = view.words, view.catalogue
    standard = known.services[view.selection.service].standard(view.selection.standard)
    how = used.travelled
    travel = travel_words(view, f"gaps.method_travel_{how.kind}", how)
    if how.kind == "straight_line":  # an estimate is declared; a table or roads are what they are
        declared = words("gaps.method_declared", day=words.day(used.declared_on))
        travel = f"{travel} {declared}"
    tau = words.number(100 * whole["tau"], _TAU_DECIMALS)
    country = words.of(known.territory.country_name)
    return {
        "need": words(
            f"gaps.method_tau_{standard.kind}", tau=tau, period=standard.period, country=country
        ),
        "travel": travel,
        "sharing": words(
            "gaps.method_sharing",
            zones=_zones(view, used),
            threshold=words.number(used.threshold_minutes),
            day=words.day(used.declared_on),
        ),
        "edge": words("gaps.method_edge", count=words.number(_edge_count(view))),
        "triad": words("gaps.method_triad", threshold=words.number(used.threshold_minutes)),
        "children": words("gaps.method_children"),
    }


def _zones(view: View, used: Engine) -> str:
    """Each zone with its weight: "jusqu’à 5 min : 1 ; jusqu’à 10 min : 0,68"."""
    words = view.words
    zones = [
        words("gaps.method_zone", minutes=words.number(upper), weight=words.plain(weight))
        for upper, weight in zip(used.upper_minutes, used.weights, strict=True)
    ]
    return ", ".join(zones)


def _edge_count(view: View) -> int:
    """How many areas beyond the border count in the engine without being ranked."""
    finest = view.catalogue.territory.finest_level
    areas = data.areas(view.principal, view.release, finest)
    return int((areas["role"] == "edge").sum())
