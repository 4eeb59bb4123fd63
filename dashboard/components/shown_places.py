"""The places of a category of service over the map: which, how they read, and their table."""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data, maps
from dashboard.components.record_table import Head, record_table
from dashboard.pages import View
from dashboard.placing import degrees, sizes
from dashboard.wording import Words
from geodata.catalogue.nouns import ServiceCategory
from geodata.methods.decay import StepWeights
from geodata.model import ServiceMethod, ServiceMode

#: The most rows of the table of places.
LISTED = 500


def shown_service(view: View) -> ServiceCategory | None:
    """The category whose places the map may show: the indicator's own, else the selected one."""
    coverage = view.catalogue.indicators[view.selection.indicator].coverage
    name = coverage.service if coverage is not None else view.selection.service
    return view.catalogue.services[name] if name in view.offer.places else None


def place_properties(view: View) -> dict[str, Any]:
    """The properties of a map that its places depend on."""
    service = shown_service(view)
    if service is None or "services" not in view.selection.layers:
        return {"placesUrl": None, "placeTexts": None, "reachUrl": None}
    words = view.words
    frame = data.service_places(view.principal, view.release, service.id)
    is_near = data.is_reach_known(view.principal, view.release, service.id)
    return {
        "placesUrl": maps.places_url(view.release, service.id),
        "placeTexts": {
            "unit": _unit(view, service, frame),
            "unknown": words("places.unknown"),
            "seat": words("places.seat"),
            "more": words("places.more"),
            "apart": words("format.apart"),
            "source": _source(view, service, frame),
            "reach": reach_words(view, service),
            "reached": _reached_words(view),
            "reachFailed": words("places.reach_failed"),
            "locale": words.locale,
        },
        "reachUrl": maps.reach_url(view.release, service.id) if is_near else None,
    }


def place_rows(view: View) -> list[Component]:
    """The rows of the legend that tell the circles of the map: what a circle and a ring are."""
    service = shown_service(view)
    if service is None or "services" not in view.selection.layers:
        return []
    words = view.words
    frame = data.service_places(view.principal, view.release, service.id)
    known = int(frame["capacity"].notna().sum())
    marks = [
        ("places.circle", "swatch-place", known),
        ("places.ring", "swatch-ring", len(frame) - known),
    ]
    name, unit = words.of(service.name), _unit(view, service, frame)
    rows: list[Component] = [
        html.Li(
            [
                html.Span(className=f"swatch {mark}"),
                html.Span(
                    [
                        words(key, name=name, unit=unit),
                        *(_size_marks(words, frame) if mark == "swatch-place" else ()),
                        html.Small(_source(view, service, frame)),
                    ],
                    className="legend-label",
                ),
                html.Span(words.number(count), className="legend-count"),
            ]
        )
        for key, mark, count in marks
        if count
    ]
    if rows and data.is_reach_known(view.principal, view.release, service.id):
        hint = html.Small(words("places.veil_off"), className="screen-only")
        veil = [
            html.Span(className="swatch swatch-veil"),
            html.Span([words("places.veil"), hint], className="legend-label"),
        ]
        rows.append(html.Li(veil, className="veil-row"))
    return rows


def _size_marks(words: Words, frame: pd.DataFrame) -> list[Component]:
    """Circles as large as on the map, each with the capacity that it stands for."""
    marks = [
        html.Span(
            [
                html.Span(className="place-size", style={"--share": f"{share:.3f}"}),
                words.count(capacity),
            ]
        )
        for capacity, share in sizes(frame)
    ]
    return [html.Span(marks, className="place-sizes")] if marks else []


def place_table(view: View) -> list[Component]:
    """The same places as a table, closed; with how far each counts, the source and the date."""
    service = shown_service(view)
    if service is None or "services" not in view.selection.layers:
        return []
    words = view.words
    frame = data.service_places(view.principal, view.release, service.id)
    title = words("places.title", name=words.of(service.name), count=words.number(len(frame)))
    heads = [
        Head(words("places.name")),
        Head(words("places.area")),
        Head(words("places.capacity", unit=_unit(view, service, frame)), is_number=True),
    ]
    ordered = frame.sort_values(["capacity", "name"], ascending=[False, True], na_position="last")
    listed = ordered.head(LISTED)
    reached = _reached(view, service, listed)
    if reached is not None:
        minutes = words.number(service.threshold_minutes or 0.0)
        level = _finest_name(view)
        heads.append(Head(words("places.reach_count", level=level, minutes=minutes), True))
        heads.append(Head(words("places.reach_column"), is_screen_only=True))
    rows = [
        [
            str(row["name"]),
            str(row["area_name"]) if isinstance(row["area_name"], str) else words("places.unknown"),
            words("places.unknown") if pd.isna(row["capacity"]) else words.count(row["capacity"]),
            *_reach_count(view, row, reached),
            *_reach_button(view, service, row, reached),
        ]
        for row in listed.to_dict("records")
    ]
    told = [reach_words(view, service), _source(view, service, frame)]
    if len(frame) > LISTED:
        told.append(words("places.cut", listed=LISTED, count=words.number(len(frame))))
    silent = int(frame["longitude"].isna().sum())
    if silent:
        told.append(words("places.nowhere", count=silent))
    return [
        html.Details(
            [
                html.Summary(title),
                *(html.P(text, className="quiet") for text in told if text),
                record_table(title, heads, rows, "places"),
            ],
            id="places-list",
            className="places-block kept",
        )
    ]


def _reach_count(
    view: View, row: dict[Hashable, Any], reached: dict[Hashable, int] | None
) -> list[str]:
    """From how many areas a place is reached; one whose place is not known is not at zero."""
    if reached is None:
        return []
    count = reached.get(row["area_id"])
    return [view.words("places.unknown") if count is None else view.words.number(count)]


def _reach_button(
    view: View,
    service: ServiceCategory,
    row: dict[Hashable, Any],
    reached: dict[Hashable, int] | None,
) -> list[Component | str]:
    """A button that shows on the map from where a place is reached: area_reach.js answers it."""
    if reached is None:
        return []
    if row["area_id"] not in reached:
        return [""]
    name = str(row["name"])
    told = {
        "aria-label": view.words("places.reach_show_of", name=name),
        "aria-pressed": "false",
        "data-reach": maps.reach_of_url(view.release, service.id, str(row["area_id"])),
        "data-name": name,
    }
    if not pd.isna(row["longitude"]):
        told["data-at"] = json.dumps(degrees(row["longitude"], row["latitude"]))
    shown = view.words("places.reach_show")
    return [html.Button(shown, type="button", className="reach-button", **told)]


def _reached(
    view: View, service: ServiceCategory, places: pd.DataFrame
) -> dict[Hashable, int] | None:
    """From how many finest areas those that places stand in can be reached, where it is known."""
    standing = tuple(sorted(places["area_id"].dropna().astype(str).unique()))
    found = data.reach(view.principal, view.release, service.id, standing)
    return None if found is None else found["place"].value_counts().to_dict()


def _reached_words(view: View) -> str:
    """What is said of from where a place is reached, the number left open as {count}."""
    how = data.travelled(view.principal, view.release)
    error = view.words.number(100 * how.error_share) if how else ""
    return view.words("places.reached", level=_finest_name(view), error=error, count="{count}")


def _finest_name(view: View) -> str:
    territory = view.catalogue.territory
    return view.words.of(territory.level(territory.finest_level).name)


def reach_words(view: View, service: ServiceCategory) -> str:
    """How far a place counts, in words: no circle would be true in the mountains."""
    words = view.words
    if service.mode is ServiceMode.CATCHMENT and service.service_area is not None:
        one = words.of(view.catalogue.territory.level(service.service_area).one)
        return words("places.reach_area", area=one)
    if service.mode is ServiceMode.REMOTE:
        return words("places.reach_everyone")
    if service.method is ServiceMethod.NONE:
        return words("places.reach_none")
    if service.threshold_minutes is not None:
        decay = service.decay
        is_even = isinstance(decay, StepWeights) and len(decay.weights) == 1
        key = "places.reach_even" if is_even else "places.reach"
        return words(key, minutes=words.number(service.threshold_minutes))
    return ""


def _unit(view: View, service: ServiceCategory, frame: pd.DataFrame) -> str:
    told = frame["capacity_unit"].dropna().unique()
    if len(told) == 1:
        return view.words.known(f"capacity_unit.{told[0]}", str(told[0]))
    return view.words.of(service.capacity_unit)


def _source(view: View, service: ServiceCategory, frame: pd.DataFrame) -> str:
    """Who made it, of when, and when it was read."""
    words, known = view.words, data.sources(view.principal, view.release).set_index("source_id")
    told = [str(name) for name in frame["source_id"].dropna().unique()]
    if not told:
        one = _indicator_like(view, service)
        told = [name for name in one if name in known.index]
    told = [name for name in dict.fromkeys(told) if name in known.index]
    is_invented = data.invented_sources(view.principal, view.release) & set(told)
    mark = f"{words('data.invented')} – " if is_invented else ""
    period = "" if frame.empty else str(frame["period"].max())
    credit = words.apart(str(known.at[name, "producer"]) for name in told)
    days = sorted(str(known.at[name, "retrieved_on"]) for name in told)
    if not credit:
        return mark + words("places.period", period=period)
    return mark + words("places.source", credit=credit, period=period, day=words.day(days[-1]))


def _indicator_like(view: View, service: ServiceCategory) -> list[str]:
    """The sources of the figures that the places of a category are added up from."""
    return list(view.catalogue.sources_of_variables(service.supply))
