"""What is invented, for a trial: told wherever it shows, so that nobody takes it for real."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.ages import ages_of
from dashboard.components.shown_places import shown_service
from dashboard.components.told import source_name
from dashboard.findings import Finding
from dashboard.level_values import beside_of, heat_indicators
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator, Priority, ServiceCategory


def invented_line(view: View) -> list[Component]:
    """A line that says that what the page shows is invented, or part of it; else nothing."""
    mark = html.Strong(view.words("data.invented"))
    told = invented_told(view, view.selection.page)
    return [html.P([mark, " ", told], className="remark")] if told else []


def chain_line(view: View) -> list[Component]:
    """The same of a care chain alone, wherever one is shown."""
    return _line(view, _told(view, _of_chain(view)))


def chain_told(view: View) -> str:
    """What is said of the invented data of a care chain on paper; an empty text without any."""
    told = _told(view, _of_chain(view))
    return f"{view.words('data.invented')} {told}" if told else ""


def priority_line(view: View, priority: Priority) -> list[Component]:
    """The same of the place of an area in one order."""
    return _line(view, _told(view, _of_indicators(view, _components(view, priority))))


def invented_told(view: View, page: str) -> str:
    """What is said of the invented data of a whole page; an empty text where it has none."""
    return _told(view, _shown(view, page))


def _line(view: View, told: str) -> list[Component]:
    return [html.P([_mark(view), " ", told], className="quiet")] if told else []


def _mark(view: View) -> Component:
    return html.Strong(view.words("data.invented"), className="invented-mark")


def _told(view: View, shown: Sequence[set[str]]) -> str:
    """Whether things are drawn from invented sources, all of them or some."""
    words, invented = view.words, invented_sources(view)
    drawn = [sources & invented for sources in shown if sources] if invented else []
    if not any(drawn):
        return ""
    if all(drawn):
        return words("data.invented_shown")
    names = sorted(source_name(words, view.catalogue, one) for one in set().union(*drawn))
    return words("data.invented_partly", names=words("chart.list").join(names))


def _shown(view: View, page: str) -> list[set[str]]:
    """The sources of each thing that a page shows: an indicator, the places of a service."""
    known, chosen = view.catalogue.indicators, view.selection
    if page == "map":
        named = [known[name] for name in (chosen.indicator, chosen.beside) if name]
        service = shown_service(view) if "services" in chosen.layers else None
        places = [_of_places(view, service)] if service else []
        return [*_of_indicators(view, named), *places]
    if page == "compare":
        return _of_indicators(view, _compared(view))
    if page == "gaps":
        covers = (x for x in known.values() if x.coverage and x.coverage.service == chosen.service)
        return _of_indicators(view, covers)
    if page == "priorities" and chosen.priority:
        priority = view.catalogue.priorities[chosen.priority]
        return _of_indicators(view, _components(view, priority))
    if page == "profile":
        named = [known[name] for name in view.offer.indicators]
        return [*_of_indicators(view, named), *_of_chain(view), _of_ages(view)]
    return _of_chain(view) if page == "chain" else []


def _compared(view: View) -> list[Indicator]:
    """The indicators that the form of the compare page draws."""
    chosen = view.selection
    if chosen.form == "heat":
        return heat_indicators(view)
    beside = beside_of(view) if chosen.form == "scatter" else None
    return [view.catalogue.indicators[chosen.indicator], *([beside] if beside else [])]


def _components(view: View, priority: Priority) -> list[Indicator]:
    return [view.catalogue.indicators[component.id] for component in priority.recipe.components]


def _of_indicators(view: View, indicators: Iterable[Indicator]) -> list[set[str]]:
    return [set(view.catalogue.sources_of(one)) for one in indicators]


def _of_chain(view: View) -> list[set[str]]:
    """The sources of the links of a chain."""
    return _of_services(view, view.catalogue.services.values())


def _of_services(view: View, services: Iterable[ServiceCategory]) -> list[set[str]]:
    """The sources of each service: those of its places, and of who they are for."""
    return [
        _of_places(view, one) | set(view.catalogue.sources_of_variables(one.people))
        for one in services
    ]


def _of_ages(view: View) -> set[str]:
    """The sources of the ages of the area of a profile, which may be in no indicator."""
    ages = ages_of(view, view.selection.area or view.catalogue.territory.area)
    return set(view.catalogue.sources_of_variables(ages.variables)) if ages else set()


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
    return [_mark(view)]


def is_finding_invented(view: View, finding: Finding) -> bool:
    """Whether a finding is drawn from invented data: of its indicator, or of its services."""
    known = view.catalogue.indicators
    named = [known[finding.indicator]] if finding.indicator else []
    drawn = [*_of_indicators(view, named), *_of_services(view, finding.services)]
    return not invented_sources(view).isdisjoint(set().union(*drawn))


def finding_mark(view: View, finding: Finding) -> list[Component]:
    """The mark of a finding among others; see :func:`is_finding_invented`."""
    return [_mark(view)] if is_finding_invented(view, finding) else []


def invented_words(view: View, indicators: Iterable[Indicator]) -> str:
    """A line that says that what is shown is invented; an empty text where it is not."""
    drawn = {name for sources in _of_indicators(view, indicators) for name in sources}
    if not drawn & invented_sources(view):
        return ""
    return f"{view.words('data.invented')} {view.words('data.invented_shown')}"


def invented_sources(view: View) -> frozenset[str]:
    """The sources of the release whose data are invented."""
    return data.invented_sources(view.principal, view.release)
