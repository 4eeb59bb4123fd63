"""What is invented, for a trial: told wherever it shows, so that nobody takes it for real."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.told import source_name
from dashboard.offer import AREA_PAGES
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator


def invented_line(view: View) -> list[Component]:
    """A line that says that what the page shows is invented, or part of it; else nothing."""
    words, invented = view.words, invented_sources(view)
    is_mixed, shown = _shown(view)
    if shown is None:
        names = invented
    else:
        names = invented & {x for one in shown for x in view.catalogue.sources_of(one)}
    if not names:
        return []
    said = words("data.invented_shown")
    if is_mixed:
        told = sorted(source_name(words, view.catalogue, name) for name in names)
        said = words("data.invented_partly", names=words("chart.list").join(told))
    return [html.P([html.Strong(words("data.invented")), " ", said], className="remark")]


def _shown(view: View) -> tuple[bool, list[Indicator] | None]:
    """The indicators that a page shows, None for all there are; and whether they are of many."""
    known, chosen = view.catalogue.indicators, view.selection
    if chosen.page == "compare" and chosen.form == "heat":
        theme = known[chosen.indicator].theme
        return True, [one for one in known.values() if one.theme == theme]
    if chosen.page in ("map", "compare"):
        return False, [known[name] for name in (chosen.indicator, chosen.beside) if name]
    if chosen.page == "gaps":
        ours = [x for x in known.values() if x.coverage and x.coverage.service == chosen.service]
        return False, ours
    if chosen.page == "priorities" and chosen.priority:
        recipe = view.catalogue.priorities[chosen.priority].recipe
        return True, [known[component.id] for component in recipe.components]
    return (True, None) if chosen.page in AREA_PAGES else (False, [])


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
