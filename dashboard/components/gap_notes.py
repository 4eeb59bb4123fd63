"""How the gap was computed: what was declared beforehand, read from the catalogue."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.pages import View

_TAU_DECIMALS = 1


def method_note(view: View, whole: pd.Series) -> list[Component]:
    """The declared travel, thresholds, weights and standard. ``whole`` is the territory's row."""
    words = view.words
    return [
        html.H2(words("gaps.method_title")),
        html.Dl(
            [
                part
                for name, text in _entries(view, whole).items()
                for part in (html.Dt(words(f"gaps.method_{name}_title")), html.Dd(text))
            ],
            className="method",
        ),
    ]


def _entries(view: View, whole: pd.Series) -> dict[str, str]:
    words, known = view.words, view.catalogue
    service, travel = known.services[view.selection.service], known.territory.travel
    standard = service.standard(view.selection.standard)
    tau = words.number(100 * whole["tau"], _TAU_DECIMALS)
    origin = "gaps.method_tau_fixed" if standard.value is not None else "gaps.method_tau_reference"
    country = words.of(known.territory.country_name)
    return {
        "need": words(origin, tau=tau, period=standard.period, country=country),
        "travel": words(
            "gaps.method_travel",
            detour=words.number(travel.detour_factor, 1),
            speed=words.number(travel.speed_kmh),
            error=words.number(100 * travel.error_share),
            day=words.day(travel.declared_on.isoformat()),
        ),
        "sharing": words(
            "gaps.method_sharing",
            zones=_zones(view),
            threshold=words.number(service.threshold_minutes),
            day=words.day(service.declared_on.isoformat()),
        ),
        "edge": words("gaps.method_edge", count=words.number(_edge_count(view))),
        "triad": words("gaps.method_triad", threshold=words.number(service.threshold_minutes)),
        "children": words("gaps.method_children"),
    }


def _zones(view: View) -> str:
    """Each zone with its weight: "jusqu’à 5 min : 1 ; jusqu’à 10 min : 0,68"."""
    words = view.words
    service = view.catalogue.services[view.selection.service]
    zones = [
        words("gaps.method_zone", minutes=words.number(upper), weight=_plain(view, weight))
        for upper, weight in zip(service.upper_minutes, service.weights, strict=True)
    ]
    return ", ".join(zones)


def _plain(view: View, number: float) -> str:
    """A number with the decimals it has, up to two."""
    decimals = next(k for k in (0, 1, 2) if k == 2 or round(number, k) == number)
    return view.words.number(number, decimals)


def _edge_count(view: View) -> int:
    """How many areas beyond the border count in the engine without being ranked."""
    finest = view.catalogue.territory.finest_level
    areas = data.areas(view.principal, view.release, finest)
    return int((areas["role"] == "edge").sum())
