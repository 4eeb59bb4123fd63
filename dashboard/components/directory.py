"""The services that directories know in an area: shown, and judged by nothing."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.chain_panel import registered
from dashboard.pages import View
from geodata.model import AreaKey, ServiceMethod, ServiceMode


def directory(view: View, key: AreaKey) -> list[Component]:
    """What lies in an area of each category that is told of and not computed.

    Nothing where the release holds no directory; a sentence where it knows nothing of this area.
    """
    words, known = view.words, view.catalogue.services
    told = tuple(
        name
        for name in view.offer.places
        if known[name].method is ServiceMethod.NONE and known[name].mode is ServiceMode.PLACE
    )
    if not told:
        return []
    head = html.H3(words("profile.directory"))
    places = data.places(view.principal, view.release, told, key)
    if places.empty:
        return [head, html.P(words("profile.directory_none"), className="quiet")]
    made: list[Component] = [head, html.P(words("profile.directory_note"), className="quiet")]
    for name, found in places.groupby("category", sort=False):
        title = html.Summary(f"{words.of(known[str(name)].name)} ({words.number(len(found))})")
        made.append(html.Details([title, *registered(view, found)]))
    return made
