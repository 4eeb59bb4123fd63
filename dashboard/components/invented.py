"""What is invented, for a trial: told wherever it shows, so that nobody takes it for real."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.shown_places import shown_service
from dashboard.components.told import source_name
from dashboard.level_values import beside_of, heat_indicators
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator, ServiceCategory


def invented_line(view: View) -> list[Component]:
    """A line that says that what the page shows is invented, or part of it; else nothing."""
    words, invented = view.words, invented_sources(view)
    drawn = [sources & invented for sources in _shown(view)] if invented else []
    if not any(drawn):
        return []
    said = words("data.invented_shown")
    if not all(drawn):
        names = sorted(source_name(words, view.catalogue, one) for one in set().union(*drawn))
        said = words("data.invented_partly", names=words("chart.list").join(names))
    return [html.P([html.Strong(words("data.invented")), " ", said], className="remark")]


def _shown(view: View) -> list[set[str]]:
    """The sources of each thing that a page shows: an indicator, the places of a service."""
    known, chosen = view.catalogue.indicators, view.selection
    indicators: list[Indicator] = []
    places: list[set[str]] = []
    if chosen.page == "map":
        indicators = [known[name] for name in (chosen.indicator, chosen.beside) if name]
        service = shown_service(view) if "services" in chosen.layers else None
        places = [_of_places(view, service)] if service else []
    elif chosen.page == "compare":
        indicators = [known[chosen.indicator]]
        if chosen.form == "heat":
            indicators = heat_indicators(view)
        elif chosen.form == "scatter":
            indicators += [one for one in (beside_of(view),) if one]
    elif chosen.page == "gaps":
        indicators = [
            x for x in known.values() if x.coverage and x.coverage.service == chosen.service
        ]
    elif chosen.page == "priorities" and chosen.priority:
        recipe = view.catalogue.priorities[chosen.priority].recipe
        indicators = [known[component.id] for component in recipe.components]
    elif chosen.page == "profile":
        indicators = [known[name] for name in view.offer.indicators]
    if chosen.page in ("profile", "chain"):
        places = [
            _of_places(view, one) | set(view.catalogue.sources_of_variables(one.people))
            for one in view.catalogue.services.values()
        ]
    found = [set(view.catalogue.sources_of(one)) for one in indicators]
    return [*found, *places]


def _of_places(view: View, service: ServiceCategory) -> set[str]:
    """The sources of the places of a service: counted in areas, or registered one by one."""
    found = set(view.catalogue.sources_of_variables(service.supply))
    if service.id in view.offer.places:
        places = data.service_places(view.principal, view.release, service.id)
        found |= set(places["source_id"].dropna())
    return found


def invented_mark(view: View, indicator_id: str | None) -> list[Component]:
    """The mark of a figure among others whose data are invented; nothing beside real ones."""
    known = view.catalogue.indicators
    if indicator_id is None or not invented_words(view, [known[indicator_id]]):
        return []
    return [html.Strong(view.words("data.invented"), className="invented-mark")]


def invented_words(view: View, indicators: Iterable[Indicator]) -> str:
    """A line that says that what is shown is invented; an empty text where it is not."""
    drawn = {name for one in indicators for name in view.catalogue.sources_of(one)}
    if not drawn & invented_sources(view):
        return ""
    return f"{view.words('data.invented')} {view.words('data.invented_shown')}"


def invented_sources(view: View) -> frozenset[str]:
    """The sources of the release whose data are invented."""
    return data.invented_sources(view.principal, view.release)
