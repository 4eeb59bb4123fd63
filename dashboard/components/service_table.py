"""What an area has of every service: minutes, places, need, what is missing and how surely."""

from __future__ import annotations

import math
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.certainty import interval_words, verdict, verdict_words
from dashboard.components.record_table import Head, record_table
from dashboard.findings import latest_coverages
from dashboard.pages import View
from geodata.model import AreaKey

_NUMBERS = ("nearest_minutes", "supply", "effective", "need", "gap")


def service_table(view: View, key: AreaKey) -> list[Component]:
    """A row a service that the engine judged for this area, the surest shortage first.

    Services of which nothing is known here are named below, with the reason.
    """
    words, rows = view.words, latest_coverages(view, key)
    known = [row for row in rows if not math.isnan(row["effective"])]
    made: list[Component] = []
    if known:
        known.sort(key=lambda row: (-_or(row["p_gap"], -1.0), -_or(row["gap"], 0.0)))
        heads = [
            Head(words("profile.service")),
            *(Head(words(f"profile.{name}"), is_number=True) for name in _NUMBERS),
            Head(words("profile.sure")),
        ]
        caption = words("profile.services_caption")
        made.append(record_table(caption, heads, [_cells(view, row) for row in known], "services"))
    silent: dict[str, list[str]] = {}
    for row in rows:
        if math.isnan(row["effective"]):
            name = words.of(view.catalogue.services[row["service"]].name)
            silent.setdefault(str(row["status"]), []).append(name)
    for status, names in silent.items():
        why = words(f"profile.services_{status}", names=", ".join(names))
        made.append(html.P(why, className="quiet"))
    return made or [html.P(words("profile.no_services"))]


def _cells(view: View, row: dict[Any, Any]) -> list[Any]:
    words, service = view.words, view.catalogue.services[row["service"]]
    unit, minutes = f"{words.of(service.capacity_unit)}, {row['period']}", row["nearest_minutes"]
    interval = interval_words(words, row["gap_low"], row["gap_high"], row["status"])
    found = verdict(row["gap"], row["p_gap"], row["status"])
    near = words("profile.none")
    if not math.isnan(minutes):
        near = words("profile.minutes", minutes=words.number(minutes))
    gap = words.signed(row["gap"], 1) if not math.isnan(row["gap"]) else words("profile.none")
    return [
        [words.of(service.name), html.Span(unit, className="unit")],
        near,
        *(words.value(row[name], row["status"], 1) for name in ("supply", "effective", "need")),
        [gap, html.Span(interval, className="unit")],
        html.Span(
            verdict_words(words, row["gap"], row["p_gap"], row["status"]),
            className=f"sure-{found}",
        ),
    ]


def _or(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
