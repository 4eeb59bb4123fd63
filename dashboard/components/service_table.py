"""What an area has of every service: minutes, places, need, what is missing and how surely."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.certainty import interval_words, verdict, verdict_words
from dashboard.components.record_table import Head, record_table
from dashboard.findings import latest_coverages
from dashboard.pages import View
from geodata.model import AreaKey

_NUMBERS = ("nearest_minutes", "supply", "effective", "need", "gap")


@dataclass(frozen=True, slots=True)
class Judged:
    """What an area has of a service, in words, in the order of the table."""

    name: str
    unit: str
    near: str
    places: tuple[str, str, str]
    gap: str
    interval: str
    verdict: str
    sure: str


def judged_services(view: View, key: AreaKey) -> tuple[list[Judged], list[str]]:
    """The services that the engine judged for an area, the surest shortage first.

    And a sentence for those of which nothing is known here, by reason.
    """
    words, rows = view.words, latest_coverages(view, key)
    known = [row for row in rows if not math.isnan(row["effective"])]
    known.sort(key=lambda row: (-_or(row["p_gap"], -1.0), -_or(row["gap"], 0.0)))
    silent: dict[str, list[str]] = {}
    for row in rows:
        if math.isnan(row["effective"]):
            name = words.of(view.catalogue.services[row["service"]].name)
            silent.setdefault(str(row["status"]), []).append(name)
    said = [
        words(f"profile.services_{status}", names=", ".join(names))
        for status, names in silent.items()
    ]
    return [_judged(view, row) for row in known], said


def service_heads(view: View) -> tuple[str, ...]:
    """The headings of the table."""
    named = ("service", *_NUMBERS, "sure")
    return tuple(view.words(f"profile.{name}") for name in named)


def service_table(view: View, key: AreaKey) -> list[Component]:
    """A row a service that the engine judged for this area, the surest shortage first.

    Services of which nothing is known here are named below, with the reason.
    """
    words, (known, silent) = view.words, judged_services(view, key)
    made: list[Component] = []
    if known:
        first, *numbers, last = service_heads(view)
        heads = [Head(first), *(Head(one, is_number=True) for one in numbers), Head(last)]
        caption = words("profile.services_caption")
        made.append(record_table(caption, heads, [_cells(one) for one in known], "services"))
    made += [html.P(why, className="quiet") for why in silent]
    return made or [html.P(words("profile.no_services"))]


def _judged(view: View, row: dict[Any, Any]) -> Judged:
    words, service = view.words, view.catalogue.services[row["service"]]
    minutes = row["nearest_minutes"]
    near = words("profile.none")
    if not math.isnan(minutes):
        near = words("profile.minutes", minutes=words.number(minutes))
    supply, effective, need = (
        words.value(row[name], row["status"], 1) for name in ("supply", "effective", "need")
    )
    gap = words.signed(row["gap"], 1) if not math.isnan(row["gap"]) else words("profile.none")
    return Judged(
        name=words.of(service.name),
        unit=f"{words.of(service.capacity_unit)}, {row['period']}",
        near=near,
        places=(supply, effective, need),
        gap=gap,
        interval=interval_words(words, row["gap_low"], row["gap_high"], row["status"]),
        verdict=verdict(row["gap"], row["p_gap"], row["status"]),
        sure=verdict_words(words, row["gap"], row["p_gap"], row["status"]),
    )


def _cells(one: Judged) -> list[Any]:
    return [
        [one.name, html.Span(one.unit, className="unit")],
        one.near,
        *one.places,
        [one.gap, html.Span(one.interval, className="unit")],
        html.Span(one.sure, className=f"sure-{one.verdict}"),
    ]


def _or(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
