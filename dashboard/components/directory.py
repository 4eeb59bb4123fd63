"""The services that directories know in an area: shown, and judged by nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.chain_panel import registered
from dashboard.components.told import source_name
from dashboard.pages import View
from geodata.model import AreaKey, ServiceMethod, ServiceMode


def directory(view: View, key: AreaKey) -> list[Component]:
    """What lies in an area of each category that is told of and not computed.

    Nothing where the release holds no directory; a sentence where it knows nothing of this area.
    """
    words, told = view.words, _told_of(view)
    if not told:
        return []
    head = html.H3(words("profile.directory"))
    places = data.places(view.principal, view.release, told, key)
    if places.empty:
        return [head, html.P(words("profile.directory_none"), className="quiet")]
    made: list[Component] = [head, html.P(words("profile.directory_note"), className="quiet")]
    for title, found in _by_category(view, places):
        made.append(html.Details([html.Summary(title), *registered(view, found)]))
    return made


def directory_words(view: View, key: AreaKey) -> list[str]:
    """The same in sentences, for paper: how many services of each category, and their sources."""
    words, told = view.words, _told_of(view)
    if not told:
        return []
    places = data.places(view.principal, view.release, told, key)
    if places.empty:
        return [words("profile.directory_none")]
    listed = words.apart(title for title, _ in _by_category(view, places))
    names = (source_name(words, view.catalogue, str(one)) for one in places["source_id"])
    head = words("profile.directory_listed", services=listed, sources=words.apart(names))
    return [f"{head} {words('profile.directory_note')}"]


def _told_of(view: View) -> tuple[str, ...]:
    """The categories of places that the release holds and that no method judges."""
    known = view.catalogue.services
    return tuple(
        name
        for name in view.offer.places
        if known[name].method is ServiceMethod.NONE and known[name].mode is ServiceMode.PLACE
    )


def _by_category(view: View, places: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The name of each category with its number of places, and these."""
    known = view.catalogue.services
    for name, found in places.groupby("category", sort=False):
        yield f"{view.words.of(known[str(name)].name)} ({view.words.number(len(found))})", found
