"""What is behind one link of an area's care chain: who, where, how far, how full, or what lacks."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.certainty import interval_words, silence, verdict, verdict_words
from dashboard.chain import feeding, state_words, unread_source
from dashboard.findings import latest_coverages
from dashboard.pages import View
from dashboard.selection import moved
from geodata.catalogue.nouns import ServiceCategory
from geodata.methods.care_chain import LinkState
from geodata.model import AreaKey, ServiceMode

#: How many places, or areas with a count, are listed before the rest is counted.
LISTED = 12
_AMOUNTS = ("supply", "need", "served", "unmet")


def chain_panel(view: View, key: AreaKey, name: str, link: str) -> list[Component]:
    """The link, its state and its services; ``link`` is one of `offer.LINKS`."""
    words = view.words
    step, _, sector = link.partition(".")
    found = data.care_links(view.principal, view.release, key)
    rows = found[(found["care_step"] == step) & (found["sector"] == sector)]
    title = f"{words(f'care_step.{step}')} · {words(f'sector.{sector}')}"
    head = [html.P(name, className="eyebrow"), html.H2(title)]
    if rows.empty:
        return [*head, html.P(words("chain_page.no_link")), _close(view)]
    state = str(rows["state"].iloc[0])
    services = [
        service
        for service in view.catalogue.services.values()
        if (service.care_step, service.sector) == (step, sector)
    ]
    coverages = {row["service"]: row for row in latest_coverages(view, key)}
    told = [_service(view, key, service, coverages.get(service.id)) for service in services]
    return [
        *head,
        html.P(
            [_mark(state), html.Strong(state_words(view.reader, state))], className="chain-state"
        ),
        html.P(words(f"link_meaning.{state}"), className="quiet"),
        *_deciding(view, rows.iloc[0], len(services)),
        *_unknown(view, services, coverages),
        *told,
        html.P([_profile(view), " ", _close(view)], className="profile-links screen-only"),
    ]


def _mark(state: str) -> Component:
    name = state.replace("_", "-")
    return html.Span(className=f"link-mark link-{name}", **{"aria-hidden": "true"})


def _profile(view: View) -> Component:
    there = moved(view.selection, view.offer, page="profile").url()
    return html.A(view.words("profile.open"), href=there)


def _close(view: View) -> Component:
    href = view.selection.changed(link="").url()
    return html.A(view.words("chain_page.close"), href=href, className="in-page", id="chain-close")


def _deciding(view: View, row: pd.Series, services: int) -> list[Component]:
    """Which service the state of the link is that of, where it has several."""
    words = view.words
    if services < 2 or row["state"] == LinkState.UNKNOWN.code:
        return []
    service = view.catalogue.services.get(str(row["service"]))
    name = words.of(service.name) if service else str(row["service"])
    said = [words("chain_page.decided_by", service=name)]
    if row["worst_state"] != row["state"]:
        worst = view.catalogue.services.get(str(row["worst_service"]))
        worst_name = words.of(worst.name) if worst else str(row["worst_service"])
        state = state_words(view.reader, str(row["worst_state"]))
        said.append(words("chain_page.worst", service=worst_name, state=state))
    return [html.P(" ".join(said), className="quiet")]


def _unknown(
    view: View, services: list[ServiceCategory], coverages: dict[Any, dict[Any, Any]]
) -> list[Component]:
    """What would make known the services of which nothing is computed here, a file a line."""
    files: dict[str, list[str]] = {}
    for service in services:
        if coverages.get(service.id) is None and service.mode is not ServiceMode.REMOTE:
            source = unread_source(view.reader, service.id)
            files.setdefault(source, []).append(view.words.of(service.name))
    return [
        html.P(
            view.words("chain_page.to_know", names=", ".join(names))
            + " "
            + feeding(view.reader, source),
            className="note",
        )
        for source, names in files.items()
    ]


def _service(
    view: View, key: AreaKey, service: ServiceCategory, row: dict[Any, Any] | None
) -> Component:
    words = view.words
    facts = [
        *_who(view, key, service),
        *([] if row is None else _measures(view, service, row)),
    ]
    if not facts:
        remote = service.mode is ServiceMode.REMOTE
        facts = [html.P(words("chain_page.remote" if remote else "chain_page.nothing_known"))]
    return html.Section([html.H3(words.of(service.name)), *facts], className="chain-service")


def _who(view: View, key: AreaKey, service: ServiceCategory) -> list[Component]:
    """The places of a service in the area, as a register or a survey has them."""
    counted = [view.catalogue.variables[name].counted for name in service.supply]
    categories = {one.category for one in counted if one is not None and one.category}
    categories.add(service.id)
    wanted = tuple(sorted(categories))
    words = view.words
    places = data.places(view.principal, view.release, wanted, key)
    if len(places):
        return registered(view, places)
    found = data.counted(view.principal, view.release, wanted, key)
    if found.empty:
        return []
    unit = words.of(service.capacity_unit)
    items = [
        words("format.labelled", label=row["area"], value=words.number(row["count"]))
        for row in found.head(LISTED).to_dict("records")
    ]
    total = words.number(found["count"].sum())
    named = _sources(view, found)
    head = words("chain_page.counted", count=total, unit=unit, source=named)
    if len(found) == 1:
        return [html.P(head)]
    return [html.P(head), _list(view, items, len(found))]


def registered(view: View, places: pd.DataFrame) -> list[Component]:
    """How many places registers or directories have, of which sources, and the first of them.

    ``places`` is as `dashboard.data.places` gives it, with a row at least.
    """
    words, named = view.words, _sources(view, places)
    items = [_place(view, row) for row in places.head(LISTED).to_dict("records")]
    head = words("chain_page.places", count=words.number(len(places)), source=named)
    return [html.P(head), _list(view, items, len(places))]


def _place(view: View, row: dict[Any, Any]) -> str:
    words = view.words
    parts = [str(row["name"]), str(row["area"])]
    if pd.isna(row["capacity"]):
        parts.append(words("chain_page.no_capacity"))
    else:
        unit = words.known(f"capacity_unit.{row['capacity_unit']}", str(row["capacity_unit"]))
        parts.append(words.amount(row["capacity"], 0, unit))
    return ", ".join(parts)


def _list(view: View, items: list[str], count: int) -> Component:
    rest = count - len(items)
    more = [view.words("chain_page.more", count=view.words.number(rest))] if rest else []
    return html.Ul([html.Li(item) for item in [*items, *more]], className="chain-services")


def _sources(view: View, rows: pd.DataFrame) -> str:
    """Where rows come from, each source with the period it tells of."""
    words, known = view.words, view.catalogue.sources
    pairs = dict.fromkeys(zip(rows["source_id"], rows["period"], strict=True))
    named = []
    for source_id, period in pairs:
        name = words.of(known[source_id].name) if source_id in known else str(source_id)
        named.append(words("chain_page.source", name=name, period=period))
    return ", ".join(named)


def _measures(view: View, service: ServiceCategory, row: dict[Any, Any]) -> list[Component]:
    """How far and how full, under the first standard; a silence has its word."""
    words, status = view.words, str(row["status"])
    unit = words.of(service.capacity_unit)

    def written(name: str) -> str:
        if math.isnan(row[name]):
            return words.value(math.nan, silence(status), 1)
        return words.count(row[name])

    if all(math.isnan(row[name]) for name in ("nearest_minutes", *_AMOUNTS)):
        return [html.P(words(f"chain_page.no_measure_{silence(status)}"), className="quiet")]
    pairs: list[tuple[str, Any]] = []
    if not math.isnan(row["nearest_minutes"]):
        near = words("profile.minutes", minutes=words.number(row["nearest_minutes"]))
        pairs.append((words("chain_page.nearest"), near))
    pairs += [(words(f"chain_page.{name}", unit=unit), written(name)) for name in _AMOUNTS]
    if not math.isnan(row["gap"]):
        pairs.append((words("chain_page.gap"), _gap(view, row)))
    standard = words.of(service.standard(row["standard"]).name)
    told = words("chain_page.against", standard=standard, period=row["period"])
    lines = [html.Div([html.Dt(title), html.Dd(value)]) for title, value in pairs]
    return [html.Dl(lines, className="chain-measures"), html.P(told, className="quiet")]


def _gap(view: View, row: dict[Any, Any]) -> list[Any]:
    """The net gap, between what ends the draws put it, and whether that is sure."""
    words, status = view.words, str(row["status"])
    said = [words.signed(row["gap"], 1)]
    if not math.isnan(row["gap_low"]):
        said.append(f"({interval_words(words, row['gap_low'], row['gap_high'], status)})")
    kind = verdict(row["gap"], row["p_gap"], status)
    sure = verdict_words(words, row["gap"], row["p_gap"], status)
    return [" ".join(said), " ", html.Span(sure, className=f"sure-{kind}")]
